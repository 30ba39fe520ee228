//! A build killed at any moment leaves a whole site: every file entirely old or entirely new, and
//! every link that a visitor can follow from the home page leads somewhere.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and makes its own files"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::time::Duration;

use support::Site;

const STORIES: usize = 80;
const KILLS: u64 = 24;

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

#[test]
fn a_build_killed_at_any_moment_leaves_a_whole_site() {
    let site = Site::new();
    write(&site, 0);
    site.must_build();
    let mut old = site.dist();
    let mut killed = 0;
    for round in 1..=KILLS {
        write(&site, usize::try_from(round).unwrap());
        let new = site.cold().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_daisy"))
            .args(["build", "--quiet", "--now", "2020-05-20T18:40Z", "--root"])
            .arg(site.root())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        // A build of this site takes some tens of milliseconds; spread the kills over all of it.
        std::thread::sleep(Duration::from_millis(round * 7 % 120));
        killed += usize::from(child.try_wait().unwrap().is_none());
        let _ = child.kill();
        child.wait().unwrap();

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
    assert!(killed > 3, "only {killed} builds were killed while they ran");
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
