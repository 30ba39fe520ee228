//! Writes the cache for the next build. Reads the output folder; writes the cache.

use std::collections::HashSet;
use std::io;

use super::error::cannot_write;
use super::outputs::BuiltOutput;
use super::{Error, Lock, Request};
use crate::cache::{self, Record, Sealed, Stamps};
use crate::engine::{Output, Snapshot};
use crate::source::{self, Stamp};

/// What was built, and when.
pub(super) struct CacheWriter<'a> {
    pub(super) request: &'a Request,
    pub(super) lock: &'a Lock,
    pub(super) snapshot: &'a Snapshot,
    pub(super) outputs: &'a [Output],
    /// When the build began to look at the disk, in nanoseconds since 1970.
    pub(super) begun: u64,
    /// When it began to install outputs. Until then no other program had access to those it staged.
    pub(super) committed: u64,
    /// The folders of the output that existed when the build began.
    pub(super) folders_before: HashSet<&'a str>,
}

impl CacheWriter<'_> {
    /// Writes the cache, with the current stamps of the outputs.
    pub(super) fn write(&self, built: &[BuiltOutput], mut stamps: Stamps) -> Result<(), Error> {
        let cache_path = cache::path(&self.request.root, &self.request.out);
        let cannot = |error: io::Error| cannot_write(&cache_path, error);
        let (dependencies, metadata) = rayon::join(
            || cache::seal_dependencies(built.iter().map(|built| &*built.dependencies)),
            || cache::seal_pages(self.snapshot.taken_pages()),
        );
        let (dependencies, metadata) = (dependencies.map_err(cannot)?, metadata.map_err(cannot)?);
        // The later this is, the more of the last-written files are clearly older.
        stamps.outputs_taken = self.lock.moment()?;
        stamps.output_folders = self.folders().map_err(cannot)?;
        stamps.outputs = self.records(built).map_err(cannot)?;
        cache::write(&cache_path, &stamps, &Sealed { metadata, dependencies }).map_err(cannot)
    }

    /// Returns the outputs with their stamps. A file that another program may have changed since it
    /// was looked at or staged has no stamp, so the next build reads it.
    fn records(&self, built: &[BuiltOutput]) -> io::Result<Vec<Record>> {
        let all = || self.outputs.iter().zip(built);
        let staged: Vec<&str> = all()
            .filter(|(_, built)| built.stamp.is_none())
            .map(|(output, _)| output.path.as_str())
            .collect();
        let mut staged = source::stamps(&self.request.out, &staged)?.into_iter();
        let mut stamp = |built: &BuiltOutput| {
            let (stamp, is_proven) = match built.stamp {
                Some(stamp) => (stamp, stamp.is_clearly_before(self.begun)),
                None => {
                    let stamp = staged.next().unwrap_or_default();
                    (stamp, stamp.was_written_by(self.committed))
                }
            };
            if is_proven { stamp } else { Stamp::default() }
        };
        let record = |(output, built): (&Output, &BuiltOutput)| {
            let Output { path, .. } = output;
            Record { path: path.clone(), stamp: stamp(built), digest: built.digest }
        };
        Ok(all().map(record).collect())
    }

    /// Returns the folders of the outputs. A folder that no other program can have touched since it
    /// was listed or staged has known contents; the others are listed.
    fn folders(&self) -> io::Result<Vec<source::File>> {
        let mut folders = vec![""];
        for output in self.outputs {
            let ends = output.path.match_indices('/').map(|(end, _)| &output.path[..end]);
            folders.extend(ends);
        }
        folders.sort_unstable();
        folders.dedup();
        let files = self.outputs.iter().map(|output| output.path.as_str()).collect();
        source::settled(&self.request.out, files, &folders, |folder| {
            let was_there = self.folders_before.contains(folder.path.as_str());
            folder.stamp.was_written_before(if was_there { self.begun } else { self.committed })
        })
    }
}
