//! Counters for rate limits.

use super::StoreResult;
use crate::clock::Millis;
use std::future::Future;

/// Counters for rate limits.
pub trait Counters: Send + Sync {
    /// Adds one to a counter that ends at `until`, and gives what it is then.
    fn increment(
        &self,
        counter: &str,
        until: Millis,
    ) -> impl Future<Output = StoreResult<u64>> + Send;

    /// What counters have come to, together.
    fn sum_counters(&self, counters: &[String]) -> impl Future<Output = StoreResult<u64>> + Send;
}
