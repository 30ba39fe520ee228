//! Reads files, and notes of which bytes. Reads the disk.
//!
//! What is remembered of a file must be the digest of the very bytes that the site was made of, though somebody
//! saves the file meanwhile.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::source::{self, File};

/// Files below a root, and what of them was read.
pub(super) struct TrackedReader<'a> {
    pub(super) root: &'a Path,
    pub(super) files: &'a [File],
    read: Mutex<BTreeMap<String, Digest>>,
}

impl<'a> TrackedReader<'a> {
    /// Nothing is read yet.
    pub(super) fn new(root: &'a Path, files: &'a [File]) -> Self {
        TrackedReader { root, files, read: Mutex::default() }
    }

    /// As [`load::text`].
    pub(super) fn text(&self, path: &str) -> Result<String, Diagnostic> {
        let (text, digest) = source::text_and_digest(self.root, path)?;
        self.note(path, digest);
        Ok(text)
    }

    /// As [`load::bytes`].
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

/// What is said where a file is not what it was a moment ago.
pub(crate) fn changed(path: &str) -> Diagnostic {
    Diagnostic::error(path, "this file was changed while the site was made").help("build again")
}
