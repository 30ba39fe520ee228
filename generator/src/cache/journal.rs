//! What a build adds to a cache of which it changed little: so it need not be written anew, however large
//! it is. Reads and writes the end of the cache's file.
//!
//! Entries follow the parts, each with its length and its digest. One that was not written to its end, or
//! is damaged, is not there, and none after it: then the cache says what was true before, and a build
//! finds by stamps and digests what has changed since.

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it touches the disk")]

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

/// What is another one since the cache was written. What it numbers are places in the cache's lists.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// As in [`Stamps::sources_taken`].
    pub sources_taken: u64,
    /// As in [`Stamps::outputs_taken`].
    pub outputs_taken: u64,
    /// As in [`Stamps::now`].
    pub now: i64,
    /// Sources with another stamp or another content.
    pub sources: Vec<(u32, Stamp, Digest)>,
    /// Folders of the sources with another stamp.
    pub source_folders: Vec<(u32, Stamp)>,
    /// Outputs with another stamp or another content.
    pub outputs: Vec<(u32, Stamp, Digest)>,
    /// Folders of the outputs with another stamp.
    pub output_folders: Vec<(u32, Stamp)>,
    /// Cards that were parsed again.
    pub cards: Vec<(u32, KnownCard)>,
    /// The views of their pages.
    pub views: Vec<(PageId, Digest)>,
    /// What outputs asked that were made again. They are numbered from where those before end.
    pub queries: Vec<Asked>,
    /// Of what outputs were made that were made again.
    pub traces: Vec<(u32, OutputDependencies)>,
}

/// A question with what is to be known of its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// What was asked.
    pub question: LocalizedQuery,
    /// The digest of the answer.
    pub digest: Digest,
    /// The pages that the answer shows.
    pub shown: Vec<PageId>,
    /// Whether it publishes a picture or another file.
    pub publishes: bool,
}

impl Entry {
    /// Notes in `stamps` what has changed; `None` where this is no entry of theirs.
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

/// The entries from `start` on, and where the last good one ends.
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

/// Adds an entry to the file at `path`, whose last good one ends at `end`.
///
/// # Errors
/// The disk's.
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
