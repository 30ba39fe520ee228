//! Takes the site's folder, gives when each of its files was last changed by a commit. Runs `git`.
//!
//! One call says which commit is the newest; only where that is another one than before does a
//! second call go through the history, once for all files.

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it runs a program")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::nfc::nfc;

/// What is known of the history of `content/`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The newest commit; empty where there is none, or no repository, or no `git`.
    pub head: String,
    /// Whether older commits are missing: then nobody knows when a file was last changed.
    pub shallow: bool,
    /// The last commit of each file: its path below `content/`, and seconds since 1970.
    pub last_commits: BTreeMap<String, i64>,
}

impl History {
    /// The history of the site at `root` as it is now; `known` is given back where it still holds.
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
        // The newest first, so the first commit that names a file is its last. What a merge brings
        // was committed before it.
        let log = ["log", "--format=%x01%ct", "--name-only", "--no-renames", "-z", "--relative"];
        let log = git(&root.join("content"), &[&log[..], &["HEAD", "--", "."]].concat());
        let last_commits = log.map_or_else(BTreeMap::new, |log| last_commits(&log));
        History { head, shallow, last_commits }
    }
}

/// What `git` says, where it is there and all is well.
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

/// Reads what `git log` wrote: for each commit its second behind a byte 1, then the names of its
/// files, each behind a byte 0 and perhaps the end of a line.
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
