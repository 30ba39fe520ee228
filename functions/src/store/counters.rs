//! Counters for rate limits.

use super::Stored;
use crate::clock::Millis;
use std::future::Future;

/// Counters for rate limits.
pub trait Counters: Send + Sync {
    /// Adds one to a counter that ends at `until`, and gives what it is then.
    fn count(&self, counter: &str, until: Millis) -> impl Future<Output = Stored<u64>> + Send;

    /// What counters have come to, together.
    fn counted(&self, counters: &[String]) -> impl Future<Output = Stored<u64>> + Send;
}
