//! Caches the results of links to other sites for a day. Reads and writes one file under `.daisy/`.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Verdict;

const DAY: i64 = 24 * 60 * 60;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    /// Unix seconds.
    at: i64,
    verdict: Verdict,
}

/// The cached results and the current time.
pub(super) struct Cache {
    now: i64,
    entries: BTreeMap<String, Entry>,
}

impl Cache {
    /// Reads the results valid at `now`. An unreadable cache counts as empty.
    pub(super) fn read(root: &Path, now: i64) -> Cache {
        let text = fs::read(path(root)).unwrap_or_default();
        let mut entries: BTreeMap<String, Entry> =
            serde_json::from_slice(&text).unwrap_or_default();
        entries.retain(|_, entry| (0..DAY).contains(&(now - entry.at)));
        Cache { now, entries }
    }

    pub(super) fn get(&self, address: &str) -> Option<&Verdict> {
        self.entries.get(address).map(|entry| &entry.verdict)
    }

    /// Stores results that are not expected to change within a day. Errors are not cached: someone may
    /// be about to fix them.
    pub(super) fn put(&mut self, address: &str, verdict: &Verdict) {
        if matches!(verdict, Verdict::Fine | Verdict::Moved(_) | Verdict::Blocked(_)) {
            let entry = Entry { at: self.now, verdict: verdict.clone() };
            self.entries.insert(address.to_owned(), entry);
        }
    }

    /// Writes the file atomically: a partially written one would be lost.
    pub(super) fn write(&self, root: &Path) -> io::Result<()> {
        let path = path(root);
        let beside = path.with_extension("new");
        fs::create_dir_all(root.join(".daisy"))?;
        fs::write(&beside, serde_json::to_vec_pretty(&self.entries)?)?;
        fs::rename(&beside, &path)
    }
}

fn path(root: &Path) -> PathBuf {
    root.join(".daisy/links.json")
}
