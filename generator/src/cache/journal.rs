//! Appends small changes to a cache, so that it need not be rewritten, whatever its size. Reads and
//! writes the end of the cache file.
//!
//! Entries follow the parts, each with its length and its digest. An incomplete or damaged entry is
//! ignored, with all that follow it. The cache then describes an earlier state, and a build detects
//! by stamps and digests what has changed since.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fs;
use std::io::{self, Read as _, Seek, SeekFrom, Write as _};
use std::path::Path;
use std::sync::Arc;

use daisychain_functions::failpoint;
use serde::{Deserialize, Serialize};

use super::{KnownCard, OutputDependencies, Stamps, open, seal};
use crate::digest::Digest;
use crate::query::LocalizedQuery;
use crate::site::PageId;
use crate::source::{File, Stamp};

/// What changed since the cache was written. Numbers are indices in the cache's lists.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// As in [`Stamps::sources_taken`].
    pub sources_taken: u64,
    /// As in [`Stamps::outputs_taken`].
    pub outputs_taken: u64,
    /// As in [`Stamps::now`].
    pub now: i64,
    /// Sources whose stamp or content changed.
    pub sources: Vec<(u32, Stamp, Digest)>,
    /// Folders of the sources whose stamp changed.
    pub source_folders: Vec<(u32, Stamp)>,
    /// Outputs whose stamp or content changed.
    pub outputs: Vec<(u32, Stamp, Digest)>,
    /// Folders of the outputs whose stamp changed.
    pub output_folders: Vec<(u32, Stamp)>,
    /// Page metadata that was parsed again.
    pub cards: Vec<(u32, KnownCard)>,
    /// The digests of their pages.
    pub views: Vec<(PageId, Digest)>,
    /// The queries of outputs that were rendered again, numbered after the existing ones.
    pub queries: Vec<Asked>,
    /// The dependencies of outputs that were rendered again.
    pub traces: Vec<(u32, OutputDependencies)>,
}

/// A query with what is recorded of its result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The query.
    pub question: LocalizedQuery,
    /// The digest of the result.
    pub digest: Digest,
    /// The pages that the result shows.
    pub shown: Vec<PageId>,
    /// Whether it publishes an image or another file.
    pub publishes: bool,
}

impl Entry {
    /// Applies the changes to `stamps`; `None` if the entry does not fit them.
    pub(super) fn apply(&self, stamps: &mut Stamps) -> Option<()> {
        stamps.sources_taken = self.sources_taken;
        stamps.outputs_taken = self.outputs_taken;
        stamps.now = self.now;
        let sources = Arc::make_mut(&mut stamps.sources);
        let records = [(&self.sources, sources), (&self.outputs, &mut stamps.outputs)];
        for (changed, records) in records {
            for (at, stamp, digest) in changed {
                let record = records.get_mut(*at as usize)?;
                (record.stamp, record.digest) = (*stamp, *digest);
            }
        }
        let folders = [
            (&self.source_folders, &mut stamps.source_folders),
            (&self.output_folders, &mut stamps.output_folders),
        ];
        for (changed, folders) in folders {
            for (at, stamp) in changed {
                let folder: &mut File = folders.get_mut(*at as usize)?;
                folder.stamp = *stamp;
            }
        }
        Some(())
    }
}

/// Reads the entries from `start` on, and returns them with the end of the last valid one.
pub(super) fn read(mut file: &fs::File, start: u64) -> io::Result<(Vec<Entry>, u64)> {
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let (mut entries, mut rest, mut end) = (Vec::new(), bytes.as_slice(), start);
    while let Some((length, after)) = rest.split_first_chunk::<8>()
        && let Ok(length) = usize::try_from(u64::from_le_bytes(*length))
        && let Some((entry, after)) = after.split_at_checked(length)
        && let Some(entry) = open(entry)
    {
        entries.push(entry);
        end += 8 + length as u64;
        rest = after;
    }
    Ok((entries, end))
}

/// Appends an entry to the file at `path`, whose last valid one ends at `end`.
///
/// # Errors
/// An I/O error.
pub(super) fn append(path: &Path, end: u64, entry: &Entry) -> io::Result<()> {
    let sealed = seal(entry)?;
    let mut bytes = (sealed.len() as u64).to_le_bytes().to_vec();
    bytes.extend(sealed);
    failpoint::pass("build: add to the cache");
    let mut file = fs::File::options().write(true).open(path)?;
    file.set_len(end)?;
    failpoint::pass("build: write what is added");
    file.seek(SeekFrom::Start(end))?;
    file.write_all(&bytes)
}
