//! Counters for rate limits.

use super::StoreResult;
use crate::clock::Millis;
use std::future::Future;

/// Counters for rate limits.
pub trait Counters: Send + Sync {
    /// Adds one to a counter that expires at `until`, and returns the new count.
    fn increment(
        &self,
        counter: &str,
        until: Millis,
    ) -> impl Future<Output = StoreResult<u64>> + Send;

    /// The sum of several counters.
    fn sum_counters(&self, counters: &[String]) -> impl Future<Output = StoreResult<u64>> + Send;
}
