//! Renders every output that is not fresh, and stages those that changed. Writes the stage.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fs;
use std::sync::Arc;

use hashbrown::HashMap;
use rayon::prelude::*;

use super::freshness::Freshness;
use super::linked::{self, Linked};
use super::{Request, cannot_write};
use crate::cache::Record;
use crate::config::LanguageId;
use crate::diagnostic::{Diagnostic, dedup};
use crate::digest::Digest;
use crate::engine::{self, Output, Snapshot, Source};
use crate::failure::Failure;
use crate::install::{Stage, publish_order};
use crate::query::RecordedQueries;
use crate::render::{self, SyntheticPage};
use crate::site::ListPage;
use crate::source::{self, Stamp};

/// The result for one output.
pub(super) struct RenderedOutput {
    pub(super) digest: Digest,
    pub(super) view: Digest,
    pub(super) theme: Digest,
    pub(super) answers: Asked,
    pub(super) staged: bool,
    /// Its stamp, if the file on disk is unchanged.
    pub(super) stamp: Option<Stamp>,
}

/// An output's bytes, shared with the snapshot if they are part of it.
pub(super) type Bytes = Arc<Vec<u8>>;

/// The queries of an output: made now, or when it was last rendered.
pub(super) enum Asked {
    Now(RecordedQueries),
    Before(Vec<u32>),
}

pub(super) struct OutputRenderer<'a> {
    pub(super) request: &'a Request,
    pub(super) snapshot: &'a Snapshot,
    pub(super) freshness: &'a Freshness<'a>,
    pub(super) disk: &'a HashMap<&'a str, Stamp>,
    pub(super) stage: &'a Stage,
}

impl OutputRenderer<'_> {
    /// Returns every output, rendered or fresh, ordered by path. Outputs of templates come first;
    /// they determine which images and linked files are published.
    pub(super) fn all(&self) -> Result<(Arc<Vec<Output>>, Vec<RenderedOutput>), Failure> {
        let outputs = &self.snapshot.outputs;
        let each = outputs.par_iter().with_max_len(engine::PAGES_PER_TASK);
        let made = all(each.map(|output| self.make(output)).collect())?;
        let Linked { pictures, attachments } =
            linked::find(self.snapshot, self.freshness.queries(), &made);
        if pictures.is_empty() && attachments.is_empty() {
            return Ok((Arc::clone(outputs), made));
        }
        linked::prepare(self, &pictures)?;
        let files: Vec<Output> = pictures.into_iter().chain(attachments).collect();
        let more = all(files.par_iter().map(|output| self.make(output)).collect())?;
        let both = outputs.iter().cloned().zip(made);
        let mut both: Vec<(Output, RenderedOutput)> =
            both.chain(files.into_iter().zip(more)).collect();
        both.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
        let (outputs, made): (Vec<Output>, Vec<RenderedOutput>) = both.into_iter().unzip();
        Ok((Arc::new(outputs), made))
    }

    pub(super) fn make(&self, output: &Output) -> Result<RenderedOutput, Failure> {
        let (view, theme) = self.snapshot.digests(output);
        let before = self.freshness.before(&output.path);
        let intact = before.is_some_and(|(record, _)| self.is_intact(record));
        if let Some((record, trace)) = before
            && intact
            && trace.view == view
            && trace.theme == theme
            && self.freshness.all_fresh(&trace.asked)
        {
            let answers = Asked::Before(trace.asked.clone());
            let stamp = self.disk.get(output.path.as_str()).copied();
            return Ok(RenderedOutput {
                digest: record.digest,
                view,
                theme,
                answers,
                staged: false,
                stamp,
            });
        }
        let (bytes, asked) = self.bytes(output)?;
        let digest = Digest::xxh3(bytes.as_slice());
        let stays = match before {
            Some((record, _)) if intact => record.digest == digest,
            _ => self.digest_on_disk(&output.path) == Some(digest),
        };
        if !stays {
            self.stage
                .write(&output.path, &bytes)
                .map_err(|error| cannot_write(&self.request.out.join(&output.path), &error))?;
        }
        let stamp = self.disk.get(output.path.as_str()).copied().filter(|_| stays);
        Ok(RenderedOutput {
            digest,
            view,
            theme,
            answers: Asked::Now(asked),
            staged: !stays,
            stamp,
        })
    }

    pub(super) fn bytes(&self, output: &Output) -> Result<(Bytes, RecordedQueries), Failure> {
        match &output.source {
            Source::Bytes(bytes, _) => Ok((Arc::clone(bytes), RecordedQueries::default())),
            Source::Copy(path, digest) => {
                let bytes = source::bytes(&self.request.root, path).map_err(|fault| vec![fault])?;
                if Digest::blake3(&bytes) != *digest {
                    return Err(vec![engine::changed(path)].into());
                }
                Ok((Arc::new(bytes), RecordedQueries::default()))
            }
            Source::Image(variant) => {
                let bytes = self.snapshot.workshop.bytes(variant).map_err(|fault| vec![fault])?;
                Ok((Arc::new(bytes), RecordedQueries::default()))
            }
            Source::Page(_) | Source::List(_) | Source::NotFound => {
                let rendered = self.snapshot.render(output)?;
                Ok((Arc::new(rendered.html), rendered.asked))
            }
        }
    }

    /// Whether the file on disk is the one daisy wrote, judging by its stamp or else by its
    /// content.
    pub(super) fn is_intact(&self, record: &Record) -> bool {
        let Some(stamp) = self.disk.get(record.path.as_str()) else { return false };
        let trusted = *stamp == record.stamp && stamp.is_clearly_before(self.freshness.taken());
        trusted || self.digest_on_disk(&record.path) == Some(record.digest)
    }

    pub(super) fn digest_on_disk(&self, path: &str) -> Option<Digest> {
        self.disk.get(path).filter(|stamp| **stamp != Stamp::default())?;
        fs::read(self.request.out.join(path)).ok().map(Digest::xxh3)
    }
}

/// The 404 page. Hosts support only one, so it is in the first language.
const NOT_FOUND: SyntheticPage<'_> = SyntheticPage {
    template: "not_found.html",
    kind: "not_found",
    language: LanguageId::FIRST,
    title: "",
    content: "",
};

impl Snapshot {
    /// Renders an output of a template.
    ///
    /// # Errors
    /// An error of the template, or of a source that has changed since the snapshot.
    pub fn render(&self, output: &Output) -> Result<render::Rendered, Vec<Diagnostic>> {
        let rendered = match &output.source {
            Source::Page(id) => render::page(&self.renderer, (*id, 1), &self.body(*id)?),
            Source::List(ListPage::Part { page, number }) => {
                render::page(&self.renderer, (*page, *number), &self.body(*page)?)
            }
            Source::List(ListPage::Taxonomy(index)) => render::taxonomy(&self.renderer, *index),
            Source::List(ListPage::Term { taxonomy, term, number }) => {
                render::term(&self.renderer, (*taxonomy, *term), *number)
            }
            _ => render::synthetic_page(&self.renderer, &NOT_FOUND),
        };
        rendered.map_err(|fault| vec![fault])
    }

    /// The digests of what an output shows of itself and of its theme.
    pub(crate) fn digests(&self, output: &Output) -> (Digest, Digest) {
        match &output.source {
            Source::Page(id) => (self.site().page(*id).page_digest, self.templates.theme.digest),
            Source::List(page) => (self.site().list_view(*page), self.templates.theme.digest),
            Source::NotFound => {
                (self.site().bare_view(NOT_FOUND.language), self.templates.theme.digest)
            }
            Source::Copy(_, digest) | Source::Bytes(_, digest) => (*digest, Digest::default()),
            Source::Image(variant) => (variant.digest, Digest::default()),
        }
    }
}

/// Returns everything rendered, or every error found.
pub(super) fn all(
    made: Vec<Result<RenderedOutput, Failure>>,
) -> Result<Vec<RenderedOutput>, Failure> {
    let mut good = Vec::with_capacity(made.len());
    let mut faults = Vec::new();
    for one in made {
        match one {
            Ok(one) => good.push(one),
            Err(Failure::Content(found)) => faults.extend(found),
            Err(machine) => return Err(machine),
        }
    }
    if faults.is_empty() { Ok(good) } else { Err(Failure::Content(dedup(faults))) }
}

/// Returns the staged outputs in the order in which they are installed ([`publish_order`]).
pub(super) fn in_order<'a>(
    outputs: &'a [Output],
    made: &[RenderedOutput],
    disk: &HashMap<&str, Stamp>,
) -> Vec<&'a str> {
    let mut staged: Vec<&str> = outputs
        .iter()
        .zip(made)
        .filter(|(_, made)| made.staged)
        .map(|(output, _)| output.path.as_str())
        .collect();
    staged.sort_by_key(|path| publish_order(path, disk.contains_key(*path)));
    staged
}
