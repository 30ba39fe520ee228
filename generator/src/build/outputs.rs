//! Makes the outputs of a build that are not fresh. Reads the sources and the output folder; writes
//! to the stage.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::borrow::Cow;
use std::fs;
use std::sync::Arc;

use hashbrown::HashMap;
use rayon::prelude::*;

use super::error::cannot_write;
use super::linked::{self, LinkedOutputs};
use super::previous::PreviousOutputs;
use super::{Error, Request};
use crate::cache::Record;
use crate::diagnostic::{Diagnostic, dedup};
use crate::digest::Digest;
use crate::engine::{self, Output, Snapshot};
use crate::install::{Stage, publish_order};
use crate::query::Dependencies;
use crate::source::Stamp;

/// An output of this build.
pub(super) struct BuiltOutput<'a> {
    /// The digest of its bytes.
    pub(super) digest: Digest,
    pub(super) dependencies: Cow<'a, Dependencies>,
    /// Whether it is staged because it differs from the file on disk.
    pub(super) is_staged: bool,
    /// The stamp of the file on disk, if it stays.
    pub(super) stamp: Option<Stamp>,
}

/// Makes outputs, or keeps those of the last build.
pub(super) struct OutputBuilder<'a, 'p> {
    pub(super) request: &'a Request,
    pub(super) snapshot: &'a Snapshot,
    pub(super) previous: &'p PreviousOutputs<'p>,
    /// The files in the output folder.
    pub(super) disk: &'a HashMap<&'a str, Stamp>,
    pub(super) stage: &'a Stage,
}

impl<'p> OutputBuilder<'_, 'p> {
    /// Builds every output, and returns them ordered by path. Those that are known from the site
    /// come first; their queries, and those of the page around the responses to forms, determine
    /// which images and linked files are published.
    pub(super) fn build_all(&self) -> Result<(Arc<Vec<Output>>, Vec<BuiltOutput<'p>>), Error> {
        let outputs = &self.snapshot.outputs;
        let each = outputs.par_iter().with_max_len(engine::PAGES_PER_TASK);
        let built = all(each.map(|output| self.build(output)).collect())?;
        let frames = self.snapshot.form_frames().map_err(|fault| Error::Content(vec![fault]))?;
        let dependencies = built.iter().map(|built| &*built.dependencies);
        let dependencies = dependencies.chain(frames.values().map(|frame| &frame.dependencies));
        let LinkedOutputs { images, files } = linked::find(self.snapshot, dependencies);
        if images.is_empty() && files.is_empty() {
            return Ok((Arc::clone(outputs), built));
        }
        linked::prepare(self, &images)?;
        let linked: Vec<Output> = images.into_iter().chain(files).collect();
        let more = all(linked.par_iter().map(|output| self.build(output)).collect())?;
        let both = outputs.iter().cloned().zip(built);
        let mut both: Vec<(Output, BuiltOutput)> =
            both.chain(linked.into_iter().zip(more)).collect();
        both.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
        let (outputs, built): (Vec<Output>, Vec<BuiltOutput>) = both.into_iter().unzip();
        Ok((Arc::new(outputs), built))
    }

    fn build(&self, output: &Output) -> Result<BuiltOutput<'p>, Error> {
        let previous = self.previous.get(&output.path);
        let intact = previous.filter(|(record, _)| self.is_intact(record));
        let stamp = || self.disk.get(output.path.as_str()).copied();
        if let Some((record, dependencies)) = intact
            && self.snapshot.is_fresh(output, dependencies)
        {
            let dependencies = Cow::Borrowed(dependencies);
            let (digest, is_staged) = (record.digest, false);
            return Ok(BuiltOutput { digest, dependencies, is_staged, stamp: stamp() });
        }
        let rendered = self.snapshot.render(output)?;
        let digest = Digest::xxh3(rendered.bytes.as_slice());
        let on_disk = match intact {
            Some((record, _)) => Some(record.digest),
            None => self.digest_on_disk(&output.path),
        };
        let is_staged = on_disk != Some(digest);
        if is_staged {
            self.stage
                .write(&output.path, &rendered.bytes)
                .map_err(|error| cannot_write(&self.request.out.join(&output.path), error))?;
        }
        let dependencies = Cow::Owned(rendered.dependencies);
        let stamp = stamp().filter(|_| !is_staged);
        Ok(BuiltOutput { digest, dependencies, is_staged, stamp })
    }

    /// Whether the file at the path of an output of the last build is still that output.
    pub(super) fn is_kept(&self, output: &Output) -> bool {
        self.previous.get(&output.path).is_some_and(|(record, _)| self.is_intact(record))
    }

    /// Whether the file on disk is the one daisy wrote, judging by its stamp or else by its
    /// content.
    fn is_intact(&self, record: &Record) -> bool {
        let Some(stamp) = self.disk.get(record.path.as_str()) else { return false };
        let is_proven = *stamp == record.stamp && stamp.is_clearly_before(self.previous.taken);
        is_proven || self.digest_on_disk(&record.path) == Some(record.digest)
    }

    fn digest_on_disk(&self, path: &str) -> Option<Digest> {
        self.disk.get(path).filter(|stamp| **stamp != Stamp::default())?;
        fs::read(self.request.out.join(path)).ok().map(Digest::xxh3)
    }
}

/// Returns everything built, or every error found.
fn all<T>(built: Vec<Result<T, Error>>) -> Result<Vec<T>, Error> {
    let mut good = Vec::with_capacity(built.len());
    let mut faults: Vec<Diagnostic> = Vec::new();
    for one in built {
        match one {
            Ok(one) => good.push(one),
            Err(Error::Content(found)) => faults.extend(found),
            Err(machine) => return Err(machine),
        }
    }
    if faults.is_empty() { Ok(good) } else { Err(Error::Content(dedup(faults))) }
}

/// Returns the staged outputs in the order in which they are installed ([`publish_order`]).
pub(super) fn in_install_order<'o>(
    outputs: &'o [Output],
    built: &[BuiltOutput],
    disk: &HashMap<&str, Stamp>,
) -> Vec<&'o str> {
    let staged = outputs.iter().zip(built).filter(|(_, built)| built.is_staged);
    let mut staged: Vec<&str> = staged.map(|(output, _)| output.path.as_str()).collect();
    staged.sort_by_key(|path| publish_order(path, disk.contains_key(*path)));
    staged
}
