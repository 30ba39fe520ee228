//! Says what the last build wrote.

use hashbrown::HashMap;

use crate::cache::{Cache, Record};
use crate::query::Dependencies;

/// The outputs of the last build; empty if it is not known.
#[derive(Default)]
pub(super) struct PreviousOutputs<'a> {
    records: &'a [Record],
    dependencies: Vec<Dependencies>,
    by_path: HashMap<&'a str, usize>,
    /// When the records' stamps were taken, in nanoseconds since 1970.
    pub(super) taken: u64,
}

impl<'a> PreviousOutputs<'a> {
    pub(super) fn read(cache: &'a Cache) -> Self {
        let Some(dependencies) = cache.dependencies() else { return Self::default() };
        let records = &cache.stamps.outputs[..];
        let paths = records.iter().enumerate();
        let by_path = paths.map(|(at, record)| (record.path.as_str(), at)).collect();
        PreviousOutputs { records, dependencies, by_path, taken: cache.stamps.outputs_taken }
    }

    /// Iterates over all outputs, each with what it was made from.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Record, &Dependencies)> {
        self.records.iter().zip(&self.dependencies)
    }

    /// Returns the output at `path`, and what it was made from.
    pub(super) fn get(&self, path: &str) -> Option<(&Record, &Dependencies)> {
        let at = *self.by_path.get(path)?;
        Some((&self.records[at], &self.dependencies[at]))
    }
}
