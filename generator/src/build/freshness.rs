//! Decides which outputs of the last build are still fresh.

use std::sync::OnceLock;

use crate::cache::{Cache, OutputDependencies, Record, Traces};
use crate::digest::Digest;
use crate::engine::Snapshot;
use crate::query::LocalizedQuery;
use hashbrown::HashMap;

/// Compares the last build with the current site.
pub(super) struct Freshness<'a> {
    snapshot: &'a Snapshot,
    taken: u64,
    by_path: HashMap<&'a str, usize>,
    records: &'a [Record],
    traces: Traces,
    /// For every query of the last build, whether its result is unchanged; computed on first use.
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

    /// Returns what is known of the output at `path`.
    pub(super) fn before(&self, path: &str) -> Option<(&Record, &OutputDependencies)> {
        let at = *self.by_path.get(path)?;
        Some((&self.records[at], &self.traces.outputs[at]))
    }

    /// When the stamps of the last build's outputs were taken.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// The queries of the last build with the digests of their results; dependencies refer to them
    /// by index.
    pub(super) fn queries(&self) -> &[(LocalizedQuery, Digest)] {
        &self.traces.queries
    }

    /// Whether the results of all these queries are unchanged.
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
