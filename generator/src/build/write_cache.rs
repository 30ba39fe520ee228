//! Writes the cache for the next build. Reads the output folder; writes the cache.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use super::make::{Asked, RenderedOutput};
use super::{Lock, Request, cannot_write};
use crate::cache::{self, OutputDependencies, Part, Record, Sealed, Stamps, Traces};
use crate::digest::Digest;
use crate::engine::{Output, Snapshot};
use crate::failure::Failure;
use crate::query::{Answer, LocalizedQuery, QueryEngine};
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
    pub(super) fn write(
        &self,
        before: &[(LocalizedQuery, Digest)],
        made: &[RenderedOutput],
        mut stamps: Stamps,
    ) -> Result<(), Failure> {
        let cache_path = cache::path(&self.request.root, &self.request.out);
        let cannot = |error: io::Error| cannot_write(&cache_path, &error);
        let (traces, pages) = rayon::join(
            || cache::seal_traces(&traces(before, made, &self.snapshot.answers)),
            || self.pages(),
        );
        let (traces, (cards, site)) = (traces.map_err(cannot)?, pages.map_err(cannot)?);
        let sealed = Sealed { cards, site, traces };
        // The later this is, the more of the last-written files are clearly older.
        stamps.outputs_taken = self.lock.moment()?;
        stamps.output_folders = self.folders().map_err(cannot)?;
        stamps.outputs = self.records(made).map_err(cannot)?;
        cache::write(&cache_path, &stamps, &sealed).map_err(cannot)
    }

    /// Serializes the page metadata and the relations between pages.
    fn pages(&self) -> io::Result<(Part, Part)> {
        let cards = &self.snapshot.cards;
        let paths: Vec<&str> = cards.iter().map(|known| known.card.path.as_str()).collect();
        let site = self.snapshot.site().kept(&paths);
        Ok((cache::seal_cards(cards)?, cache::seal_site(&site)?))
    }

    /// Returns the outputs with their stamps. Files changed by another program since they were
    /// staged have no stamp, so the next build reads them.
    fn records(&self, made: &[RenderedOutput]) -> io::Result<Vec<Record>> {
        let all = || self.outputs.iter().zip(made);
        let staged: Vec<&str> = all()
            .filter(|(_, made)| made.stamp.is_none())
            .map(|(output, _)| output.path.as_str())
            .collect();
        let mut staged = source::stamps(&self.request.out, &staged)?.into_iter();
        let mut stamp = |made: &RenderedOutput| match made.stamp {
            Some(stamp) => stamp,
            None => {
                let stamp = staged.next().unwrap_or_default();
                if stamp.was_written_by(self.committed) { stamp } else { Stamp::default() }
            }
        };
        let record = |(output, made): (&Output, &RenderedOutput)| {
            let Output { path, .. } = output;
            Record { path: path.clone(), stamp: stamp(made), digest: made.digest }
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

/// Collects the dependencies of every output, with each query once.
fn traces(
    before: &[(LocalizedQuery, Digest)],
    made: &[RenderedOutput],
    answers: &QueryEngine,
) -> Traces {
    let mut traces = Traces::default();
    // The new number of each query of this build, and of each query of the last one that is still
    // fresh.
    let mut now: Vec<Option<u32>> = vec![None; answers.count()];
    let mut then: Vec<Option<u32>> = vec![None; before.len()];
    let mut number = |answer: &Arc<Answer>| {
        *now[answer.number as usize].get_or_insert_with(|| {
            let number = u32::try_from(traces.queries.len()).expect("fewer than 4 billion queries");
            traces.queries.push((answer.question.clone(), answer.digest));
            traces.shown.push(answers.shown(answer));
            if answers.publishes(&answer.question) {
                traces.files.push(number);
            }
            number
        })
    };
    for made in made {
        let mut asked: Vec<u32> = match &made.answers {
            Asked::Now(asked) => asked.answers().map(&mut number).collect(),
            // A fresh query has the same result as before.
            Asked::Before(asked) => asked
                .iter()
                .filter_map(|at| {
                    let (question, _) = before.get(*at as usize)?;
                    let known = &mut then[*at as usize];
                    Some(*known.get_or_insert_with(|| number(&answers.reevaluate(question))))
                })
                .collect(),
        };
        asked.sort_unstable();
        asked.dedup();
        traces.outputs.push(OutputDependencies { view: made.view, theme: made.theme, asked });
    }
    traces
}
