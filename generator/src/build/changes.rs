//! Reports the files changed since the last build. Reads the disk.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fs;
use std::path::Path;

use rayon::prelude::*;

use super::Request;
use super::amend::place;
use crate::cache::{Entry, Record, Stamps};
use crate::digest::Digest;
use crate::engine;
use crate::source::{File, Stamp, Tree};

/// A file as it is now.
#[derive(Clone, Copy)]
pub(super) struct Found {
    /// Its index among the known files.
    pub(super) at: usize,
    pub(super) stamp: Stamp,
    pub(super) digest: Digest,
    /// Whether its content changed.
    pub(super) is_changed: bool,
}

/// The changes on disk, if the set of files and folders is the same.
pub(super) struct Changes {
    /// The sources whose stamps do not prove that they are unchanged.
    pub(super) sources: Vec<Found>,
    /// The same for the outputs.
    pub(super) outputs: Vec<Found>,
    source_folders: Vec<(u32, Stamp)>,
    output_folders: Vec<(u32, Stamp)>,
}

impl Changes {
    /// Returns `None` if a file or folder was added or removed.
    pub(super) fn at(
        request: &Request,
        stamps: &Stamps,
        sources: &Tree,
        disk: &Tree,
    ) -> Option<Changes> {
        let source_folders = stamped(&stamps.source_folders, &sources.folders)?;
        let output_folders = stamped(&stamps.output_folders, &disk.folders)?;
        let taken = stamps.sources_taken;
        let sources =
            doubtful(&request.root, (&stamps.sources, Digest::blake3), &sources.files, taken)?;
        let outputs = (&stamps.outputs[..], Digest::xxh3 as DigestOf);
        let outputs = doubtful(&request.out, outputs, &disk.files, stamps.outputs_taken)?;
        Some(Changes { sources, outputs, source_folders, output_folders })
    }

    /// Returns the cache entry for the state of the disk, which was read from the moment `taken`
    /// on. What was touched since then must be read again.
    pub(super) fn entry(&self, taken: u64, now: i64) -> Entry {
        let proof =
            |stamp: Stamp| if stamp.is_clearly_before(taken) { stamp } else { Stamp::default() };
        let records = |found: &[Found]| {
            let found = found.iter();
            found.map(|found| (place(found.at), proof(found.stamp), found.digest)).collect()
        };
        let folders = |stamped: &[(u32, Stamp)]| {
            stamped.iter().map(|(at, stamp)| (*at, proof(*stamp))).collect()
        };
        Entry {
            sources_taken: taken,
            outputs_taken: taken,
            now,
            sources: records(&self.sources),
            source_folders: folders(&self.source_folders),
            outputs: records(&self.outputs),
            output_folders: folders(&self.output_folders),
            ..Entry::default()
        }
    }

    /// Whether no content changed.
    pub(super) fn is_empty(&self) -> bool {
        !self.sources.iter().chain(&self.outputs).any(|found| found.is_changed)
    }

    /// The number of files that had to be read and need not be read again, if it is recorded that
    /// they were checked at the moment `taken`.
    pub(super) fn proves(&self, taken: u64) -> usize {
        let found = self.sources.iter().chain(&self.outputs);
        found.filter(|found| found.stamp.is_clearly_before(taken)).count()
    }
}

/// Returns the folders whose stamps changed; `None` if the set of folders changed.
fn stamped(known: &[File], folders: &[File]) -> Option<Vec<(u32, Stamp)>> {
    if known.len() != folders.len() {
        return None;
    }
    let mut changed = Vec::new();
    for (at, (known, folder)) in known.iter().zip(folders).enumerate() {
        if known.path != folder.path {
            return None;
        }
        if known.stamp != folder.stamp {
            changed.push((place(at), folder.stamp));
        }
    }
    Some(changed)
}

/// Computes digests of one kind.
type DigestOf = fn(Vec<u8>) -> Digest;

/// Reads those of `files` whose stamps do not prove that they are unchanged, and compares digests
/// of one kind.
fn doubtful(
    folder: &Path,
    (records, digest_of): (&[Record], DigestOf),
    files: &[File],
    taken: u64,
) -> Option<Vec<Found>> {
    if records.len() != files.len() {
        return None;
    }
    let pairs = || records.iter().zip(files);
    if !pairs().all(|(record, file)| record.path == file.path) {
        return None;
    }
    let doubtful: Vec<usize> = pairs()
        .enumerate()
        .filter(|(_, (record, file))| !engine::is_unchanged(record, file, taken))
        .map(|(at, _)| at)
        .collect();
    let look = |at: usize| {
        let (record, file) = (&records[at], &files[at]);
        let bytes = fs::read(folder.join(&file.path)).ok()?;
        let digest = digest_of(bytes);
        let is_changed = digest != record.digest;
        Some(Found { at, stamp: file.stamp, digest, is_changed })
    };
    doubtful.into_par_iter().map(look).collect()
}
