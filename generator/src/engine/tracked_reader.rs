//! Reads files and records their digests. Reads the disk.
//!
//! The digest recorded for a file must be that of the very bytes the site was made from, even if
//! the file is saved in the meantime.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::source::{self, File};

/// Files below a root, and the digests of those that were read.
pub(super) struct TrackedReader<'a> {
    pub(super) root: &'a Path,
    pub(super) files: &'a [File],
    read: Mutex<BTreeMap<String, Digest>>,
}

impl<'a> TrackedReader<'a> {
    /// Creates a reader that has read nothing yet.
    pub(super) fn new(root: &'a Path, files: &'a [File]) -> Self {
        TrackedReader { root, files, read: Mutex::default() }
    }

    /// Reads a file as [`source::text`] does.
    pub(super) fn text(&self, path: &str) -> Result<String, Diagnostic> {
        let (text, digest) = source::text_and_digest(self.root, path)?;
        self.note(path, digest);
        Ok(text)
    }

    /// Reads a file as [`source::bytes`] does.
    pub(super) fn bytes(&self, path: &str) -> Result<Vec<u8>, Diagnostic> {
        let bytes = source::bytes(self.root, path)?;
        self.note(path, Digest::blake3(&bytes));
        Ok(bytes)
    }

    fn note(&self, path: &str, digest: Digest) {
        let mut read = self.read.lock().expect("nothing panics while it holds this");
        read.insert(path.to_owned(), digest);
    }

    /// The digests of what was read, by path.
    pub(super) fn digests(self) -> BTreeMap<String, Digest> {
        self.read.into_inner().expect("nothing panics while it holds this")
    }
}

/// The error for a file that changed while it was being read.
pub(crate) fn changed(path: &str) -> Diagnostic {
    Diagnostic::error(path, "this file changed during the build").help("build again")
}
