//! Finds the date of the last commit of each file. Runs `git`.
//!
//! One call returns the newest commit; only if that has changed does a second call read the history, once for all
//! files.

#![allow(clippy::disallowed_methods, reason = "runs programs")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::nfc::nfc;

/// The history of `content/`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The newest commit; empty if there is none, or no repository, or no `git`.
    pub head: String,
    /// Whether older commits are missing, so that the dates of files are unknown.
    pub shallow: bool,
    /// The last commit of each file: its path below `content/`, and seconds since 1970.
    pub last_commits: BTreeMap<String, i64>,
}

impl History {
    /// Reads the history of the site at `root`; returns `known` if it is still current.
    pub fn read(root: &Path, known: &History) -> History {
        let Some(said) = git(root, &["rev-parse", "--is-shallow-repository", "HEAD"]) else {
            return History::default();
        };
        let mut lines = said.lines();
        let shallow = lines.next() == Some("true");
        let head = lines.next().unwrap_or_default().to_owned();
        if head == known.head && shallow == known.shallow {
            return known.clone();
        }
        if shallow || head.is_empty() {
            return History { head, shallow, last_commits: BTreeMap::new() };
        }
        // Newest first, so the first commit that names a file is its last. What a merge brings in was committed before
        // it.
        let log = ["log", "--format=%x01%ct", "--name-only", "--no-renames", "-z", "--relative"];
        let log = git(&root.join("content"), &[&log[..], &["HEAD", "--", "."]].concat());
        let last_commits = log.map_or_else(BTreeMap::new, |log| last_commits(&log));
        History { head, shallow, last_commits }
    }
}

/// Returns the abbreviated hashes of the commits that contain a version of the file at `path` (from the root), also
/// under former names, newest first; `None` without a repository.
pub fn commits_of(root: &Path, path: &str) -> Option<Vec<String>> {
    let log = git(root, &["log", "--all", "--follow", "--format=%h", "--", path])?;
    Some(log.lines().map(str::to_owned).collect())
}

/// The output of `git`, if it succeeds.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Parses the output of `git log`: for each commit a byte 1 and its time in seconds, then the names of its files, each
/// after a byte 0 and an optional line break.
fn last_commits(log: &str) -> BTreeMap<String, i64> {
    let mut last = BTreeMap::new();
    for commit in log.split('\u{1}') {
        let mut parts = commit.split('\0').map(|part| part.trim_start_matches('\n'));
        let Some(seconds) = parts.next().and_then(|first| first.trim().parse().ok()) else {
            continue;
        };
        for path in parts.filter(|path| !path.is_empty()) {
            last.entry(nfc(path).into_owned()).or_insert(seconds);
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_commit_that_names_a_file_is_its_last() {
        let log = "\u{1}300\0\nrose.md\0\u{1}200\0\na b.md\0rose.md\0\u{1}100\0";
        let last = last_commits(log);
        assert_eq!(last["rose.md"], 300);
        assert_eq!(last["a b.md"], 200);
        assert_eq!(last.len(), 2);
    }
}
