//! A build killed at any point leaves a consistent site: every file is entirely old or entirely new, and
//! every link that a visitor can follow from the home page works. An interrupted upgrade of a store
//! starts again.

#![cfg(feature = "failpoints")]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use support::{Site, pictures};

const STORIES: usize = 6;

/// Version `edition` of the site: every page changes, some are added or removed, and so are the style
/// and an image.
fn write(site: &Site, edition: usize) {
    let _ = std::fs::remove_dir_all(site.root().join("content/stories"));
    site.write("content/stories/_index.md", "---\ntitle: Stories\n---\n");
    for number in (0..STORIES).filter(|number| number % 3 != edition % 2 + 1) {
        let next = (number + 1..STORIES).find(|next| next % 3 != edition % 2 + 1).unwrap_or(number);
        let body = format!("Edition {edition}. ").repeat(200);
        site.write(
            &format!("content/stories/story-{number}.md"),
            &format!("---\ntitle: Story {number}\n---\n{body} [next](story-{next}.md)\n\n![A hall](hall.png)\n"),
        );
    }
    let shade = u8::try_from(edition % 100).unwrap();
    site.write_bytes("content/stories/hall.png", &pictures::png(40, 30, shade, false));
    site.write("themes/daisy/styles/main.css", &format!("body {{ margin: {edition}px }}\n"));
}

/// Follows links from the home page, and returns every address that does not exist.
fn dead_ends(dist: &BTreeMap<String, Vec<u8>>) -> BTreeSet<String> {
    let mut dead = BTreeSet::new();
    let mut seen = BTreeSet::from(["index.html".to_owned()]);
    let mut queue: Vec<String> = seen.iter().cloned().collect();
    while let Some(path) = queue.pop() {
        let html = String::from_utf8_lossy(&dist[&path]);
        for link in html.split("href=\"").skip(1) {
            let address = link.split('"').next().unwrap_or_default();
            let mut file = address.trim_start_matches('/').to_owned();
            if file.is_empty() || file.ends_with('/') {
                file.push_str("index.html");
            }
            if !dist.contains_key(&file) {
                dead.insert(format!("{path} -> {address}"));
            } else if file.ends_with(".html") && seen.insert(file.clone()) {
                queue.push(file);
            }
        }
    }
    dead
}

/// Runs `daisy` until it reaches the kill point with this number. Returns the point's name, or `None` if
/// it finished before.
fn run_to(number: usize, prefix: &str, root: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daisy"));
    command
        .args(arguments)
        .current_dir(root)
        .env("DAISYCHAIN_FAILPOINT", format!("{prefix}:{number}"));
    let output = command.output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    match output.status.code() {
        None => Some(error.lines().last().unwrap().to_owned()),
        Some(code) => {
            assert_eq!(code, 0, "{error}");
            None
        }
    }
}

/// Kills a build at each of its kill points in turn, each time after an edit. Returns their names.
fn kill_at_each_point(site: &Site, edit: impl Fn(&Site, usize)) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut old = site.dist();
    for number in 1.. {
        edit(site, number);
        let build = ["build", "--quiet", "--now", "2020-05-20T18:40Z"];
        let killed = run_to(number, "build", site.root(), &build);
        let at = killed.as_deref().unwrap_or("the end");
        let dist = site.dist();
        // After the kill, because the cold build uses the same image cache.
        let new = site.cold().unwrap();
        for (path, bytes) in &dist {
            assert!(
                old.get(path) == Some(bytes) || new.get(path) == Some(bytes),
                "killed at point {number} ({at}): {path} is neither old nor new"
            );
        }
        assert_eq!(dead_ends(&dist), BTreeSet::new(), "killed at point {number} ({at})");
        site.must_build();
        assert_eq!(site.dist(), new, "point {number} ({at}): the next build finishes it");
        assert!(!site.root().join(".dist.stage").exists());
        old = new;
        match killed {
            Some(name) => names.insert(name),
            None => break,
        };
    }
    names
}

fn assert_reached(reached: &BTreeSet<String>, points: &[&str]) {
    let missing: Vec<_> = points.iter().filter(|point| !reached.contains(**point)).collect();
    assert!(missing.is_empty(), "{missing:?} are not among {reached:?}");
}

#[test]
fn a_build_killed_at_any_point_leaves_a_consistent_site() {
    let site = Site::in_memory();
    write(&site, 0);
    site.must_build();
    let reached = kill_at_each_point(&site, write);
    assert_reached(
        &reached,
        &[
            "build: keep an image",
            "build: name a kept image",
            "build: stage an output",
            "build: write a staged output",
            "build: begin to install",
            "build: install an output",
            "build: remove an output",
            "build: sync",
            "build: write the cache",
            "build: finish the cache",
            "build: replace the cache",
            "build: done",
        ],
    );
}

#[test]
fn a_store_upgrade_killed_at_any_point_starts_again() {
    let kept =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/tests/fixtures/store-1.sqlite");
    let folder = |killed_at: Option<usize>| {
        let site = Site::in_memory();
        site.write_bytes(".daisy/replies.sqlite", &std::fs::read(&kept).unwrap());
        let name = killed_at.map(|number| run_to(number, "upgrade", site.root(), &LIST));
        let mut command = Command::new(env!("CARGO_BIN_EXE_daisy"));
        let output = command.args(LIST).current_dir(site.root()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (name.flatten(), String::from_utf8(output.stdout).unwrap())
    };
    let (_, whole) = folder(None);
    assert!(whole.lines().count() == 5, "{whole}");
    let mut reached = BTreeSet::new();
    for number in 1.. {
        let (killed, listed) = folder(Some(number));
        assert_eq!(listed, whole, "killed at point {number} ({killed:?})");
        match killed {
            Some(name) => reached.insert(name),
            None => break,
        };
    }
    assert_reached(
        &reached,
        &[
            "upgrade: run a step",
            "upgrade: rehash people",
            "upgrade: note the version",
            "upgrade: commit",
            "upgrade: done",
        ],
    );
}

const LIST: [&str; 3] = ["inbox", "export", "chat"];

#[test]
fn a_concurrent_build_is_rejected() {
    let site = Site::new();
    site.must_build();
    let lock = std::fs::File::create(site.root().join(".daisy/lock")).unwrap();
    lock.lock().unwrap();
    let failure = site.build().unwrap_err();
    assert_eq!(
        support::faults(&failure),
        ["another build of this site is running; wait until it has finished"]
    );
    drop(lock);
    site.must_build();
}
