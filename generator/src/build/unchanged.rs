//! Compares the files on disk with those of the last build. Reads the disk.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fs;
use std::path::Path;

use rayon::prelude::*;

use super::Request;
use crate::cache::{Record, Stamps};
use crate::digest::Digest;
use crate::engine;
use crate::source::{File, Tree};

/// Returns the number of files that were read only because their stamps are newer than the last
/// build, and would not be after a build that begins at the moment `begun`; `None` if a source or an
/// output is not as the last build left it.
pub(super) fn count_touched(
    request: &Request,
    stamps: &Stamps,
    begun: u64,
    sources: &Tree,
    outputs: &Tree,
) -> Option<usize> {
    let have_same_names = |known: &[File], folders: &[File]| {
        known.iter().map(|folder| &folder.path).eq(folders.iter().map(|folder| &folder.path))
    };
    if !have_same_names(&stamps.source_folders, &sources.folders)
        || !have_same_names(&stamps.output_folders, &outputs.folders)
    {
        return None;
    }
    let sources_read =
        read(&request.root, &stamps.sources, &sources.files, stamps.sources_taken, Digest::blake3)?;
    let outputs_read =
        read(&request.out, &stamps.outputs, &outputs.files, stamps.outputs_taken, Digest::xxh3)?;
    let touched = sources_read.iter().chain(&outputs_read);
    Some(touched.filter(|file| file.stamp.is_clearly_before(begun)).count())
}

/// Reads those of `files` whose stamps do not prove that they are unchanged since the moment
/// `taken`, and returns them; `None` if one has changed.
fn read<'a>(
    folder: &Path,
    records: &[Record],
    files: &'a [File],
    taken: u64,
    digest_of: fn(Vec<u8>) -> Digest,
) -> Option<Vec<&'a File>> {
    if !records.iter().map(|record| &record.path).eq(files.iter().map(|file| &file.path)) {
        return None;
    }
    let pairs = records.iter().zip(files);
    let doubtful: Vec<(&Record, &File)> =
        pairs.filter(|(record, file)| !engine::is_unchanged(record, file, taken)).collect();
    let is_same = |(record, file): &(&Record, &File)| {
        let bytes = fs::read(folder.join(&file.path));
        bytes.is_ok_and(|bytes| digest_of(bytes) == record.digest)
    };
    let is_unchanged = doubtful.par_iter().all(is_same);
    is_unchanged.then(|| doubtful.into_iter().map(|(_, file)| file).collect())
}
