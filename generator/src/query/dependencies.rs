//! Describes what an output was made from.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{LocalizedQuery, QueryEngine};
use crate::digest::Digest;

/// A query that an output made, with the digest of its result. Outputs with the same dependency
/// share it, so that it is compared with a site only once.
#[derive(Debug)]
pub struct Dependency {
    /// The query.
    pub question: LocalizedQuery,
    /// The digest of the result.
    pub digest: Digest,
    /// The last comparison: the number of the query engine, and in the lowest bit whether the
    /// result was the same; 0 before the first.
    compared: AtomicU64,
}

impl Dependency {
    /// Creates a dependency that has not been compared with a site yet.
    pub fn new(question: LocalizedQuery, digest: Digest) -> Dependency {
        Dependency { question, digest, compared: AtomicU64::new(0) }
    }

    /// Creates the dependency on a result of the query engine with this number.
    pub(super) fn on_result(question: LocalizedQuery, digest: Digest, engine: u64) -> Dependency {
        Dependency { question, digest, compared: AtomicU64::new(engine << 1 | 1) }
    }
}

/// What an output was made from. It is fresh as long as all of this is unchanged.
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    /// The digest of what it shows of itself: of its page, or of its bytes.
    pub page: Digest,
    /// The digest of the theme; zero if none was used.
    pub theme: Digest,
    /// The distinct queries it made.
    pub queries: Vec<Arc<Dependency>>,
}

impl QueryEngine {
    /// Whether a query has the same result on this site as when it was recorded.
    pub fn is_unchanged(&self, dependency: &Dependency) -> bool {
        let compared = dependency.compared.load(Ordering::Relaxed);
        if compared >> 1 == self.number {
            return compared & 1 == 1;
        }
        let is_same = self.reevaluate(&dependency.question).digest() == dependency.digest;
        dependency.compared.store(self.number << 1 | u64::from(is_same), Ordering::Relaxed);
        is_same
    }
}
