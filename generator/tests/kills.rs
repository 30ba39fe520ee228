//! A build killed at any moment leaves a whole site: every file entirely old or entirely new, and
//! every link that a visitor can follow from the home page leads somewhere.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and makes its own files"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use support::Site;

const STORIES: usize = 80;
const KILLS: usize = 12;

/// Edition `edition` of the site: every page changes, a tenth of them come or go, the style changes.
fn write(site: &Site, edition: usize) {
    let _ = std::fs::remove_dir_all(site.root().join("content/stories"));
    site.write("content/stories/_index.md", "---\ntitle: Stories\n---\n");
    for number in (0..STORIES).filter(|number| number % 10 != edition % 2) {
        let next = (number + 1..STORIES).find(|next| next % 10 != edition % 2).unwrap_or(number);
        let body = format!("Edition {edition}. ").repeat(200);
        site.write(
            &format!("content/stories/story-{number}.md"),
            &format!("---\ntitle: Story {number}\n---\n{body} [next](story-{next}.md)\n"),
        );
    }
    site.write("themes/daisy/styles/main.css", &format!("body {{ margin: {edition}px }}\n"));
}

/// What a visitor reaches from the home page, and every address on the way that leads nowhere.
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

/// Starts a build.
fn begin(site: &Site) -> Child {
    Command::new(env!("CARGO_BIN_EXE_daisy"))
        .args(["build", "--quiet", "--now", "2020-05-20T18:40Z", "--root"])
        .arg(site.root())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

#[test]
fn a_build_killed_at_any_moment_leaves_a_whole_site() {
    let site = Site::new();
    write(&site, 0);
    site.must_build();
    write(&site, 1);
    let begun = Instant::now();
    assert!(begin(&site).wait().unwrap().success());
    let mut work = begun.elapsed();
    let mut old = site.dist();
    let mut killed = 0;
    let mut round = 1;
    while killed < KILLS {
        round += 1;
        write(&site, round);
        let new = site.cold().unwrap();
        let mut child = begin(&site);
        // Steps of the golden ratio are spread evenly over a build, however many there are.
        std::thread::sleep(work.mul_f64((round as f64 * 0.618_034).fract()));
        let at_work = child.try_wait().unwrap().is_none();
        let _ = child.kill();
        child.wait().unwrap();
        killed += usize::from(at_work);
        if !at_work {
            // This build was quicker than the one that was measured. In the end, each is killed at work.
            work = work.mul_f64(0.8);
        }

        let dist = site.dist();
        for (path, bytes) in &dist {
            assert!(
                old.get(path) == Some(bytes) || new.get(path) == Some(bytes),
                "round {round}: {path} is neither old nor new"
            );
        }
        assert_eq!(dead_ends(&dist), BTreeSet::new(), "round {round}");
        site.must_build();
        assert_eq!(site.dist(), new, "round {round}: the next build finishes it");
        assert!(!site.root().join(".dist.stage").exists());
        old = new;
    }
}

#[test]
fn a_second_build_is_kept_out_and_says_so() {
    let site = Site::new();
    site.must_build();
    let lock = std::fs::File::create(site.root().join(".daisy/lock")).unwrap();
    lock.lock().unwrap();
    let failure = site.build().unwrap_err();
    assert_eq!(
        support::faults(&failure),
        ["another build of this site is running; wait until it has ended"]
    );
    drop(lock);
    site.must_build();
}
