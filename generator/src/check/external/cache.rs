//! What other sites said within the last day. Reads and writes one file under `.daisy/`.

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it touches the disk")]

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Verdict;

const DAY: i64 = 24 * 60 * 60;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    /// Seconds since 1970.
    at: i64,
    verdict: Verdict,
}

/// What is known, and when it is.
pub(super) struct Cache {
    now: i64,
    entries: BTreeMap<String, Entry>,
}

impl Cache {
    /// What is known at `now`. A file that cannot be read is as good as none.
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

    /// Keeps what is not expected to change within a day. What is wrong is asked again: somebody is
    /// about to mend it.
    pub(super) fn put(&mut self, address: &str, verdict: &Verdict) {
        if matches!(verdict, Verdict::Fine | Verdict::Moved(_) | Verdict::Walled(_)) {
            let entry = Entry { at: self.now, verdict: verdict.clone() };
            self.entries.insert(address.to_owned(), entry);
        }
    }

    /// Writes it whole: a file that is half written would be lost.
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
