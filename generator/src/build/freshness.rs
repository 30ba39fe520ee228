//! Says which outputs of the last build still hold. Pure; the stamps were read before.

use std::sync::OnceLock;

use crate::cache::{Cache, OutputDependencies, Record, Traces};
use crate::digest::Digest;
use crate::engine::Snapshot;
use crate::query::LocalizedQuery;
use hashbrown::HashMap;

/// What the last build left, held against the site as it is now.
pub(super) struct Freshness<'a> {
    snapshot: &'a Snapshot,
    taken: u64,
    by_path: HashMap<&'a str, usize>,
    records: &'a [Record],
    traces: Traces,
    /// For every query of the last build: whether its answer is the same. Found when first needed.
    fresh: Vec<OnceLock<bool>>,
}

impl<'a> Freshness<'a> {
    pub(super) fn new(cache: Option<&'a Cache>, snapshot: &'a Snapshot) -> Self {
        let traces = cache.map(Cache::traces).unwrap_or_default();
        let records = cache.map_or(&[][..], |cache| &cache.stamps.outputs);
        let known = if traces.outputs.len() == records.len() { records } else { &[] };
        Freshness {
            snapshot,
            taken: cache.map_or(0, |cache| cache.stamps.outputs_taken),
            by_path: known
                .iter()
                .enumerate()
                .map(|(at, record)| (record.path.as_str(), at))
                .collect(),
            records,
            fresh: traces.queries.iter().map(|_| OnceLock::new()).collect(),
            traces,
        }
    }

    /// What is known of the output at `path`.
    pub(super) fn before(&self, path: &str) -> Option<(&Record, &OutputDependencies)> {
        let at = *self.by_path.get(path)?;
        Some((&self.records[at], &self.traces.outputs[at]))
    }

    /// When the outputs of the last build were stamped.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// The queries of the last build, to which a trace's positions point, with their answers.
    pub(super) fn queries(&self) -> &[(LocalizedQuery, Digest)] {
        &self.traces.queries
    }

    /// Whether every one of these queries has the answer it had.
    pub(super) fn all_fresh(&self, asked: &[u32]) -> bool {
        asked.iter().all(|at| self.is_fresh(*at as usize))
    }

    fn is_fresh(&self, at: usize) -> bool {
        let (Some((query, digest)), Some(fresh)) =
            (self.traces.queries.get(at), self.fresh.get(at))
        else {
            return false;
        };
        *fresh.get_or_init(|| self.snapshot.answers.reevaluate(query).digest == *digest)
    }
}
