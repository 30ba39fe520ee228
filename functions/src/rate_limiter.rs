//! Counts events in windows of time, in the store, so that their number can be limited.

use crate::clock::Millis;
use crate::secret_keys::fill;
use crate::store::{Store, StoreResult};

/// A limit of how often something happens in one window of time, such as an hour. Windows begin at multiples of their
/// length.
pub(crate) struct RateLimiter {
    /// The beginning of its counters' names.
    pub(crate) name: String,
    /// The length of a window.
    pub(crate) window: Millis,
    /// How long a counter is kept after its last event.
    pub(crate) retention: Millis,
    /// Over how many counters the events are spread, because one item of a table takes only so many writes a second.
    /// With one, the counter's name has no number of the shard.
    pub(crate) shards: u64,
}

impl RateLimiter {
    fn counters(&self, now: Millis) -> Vec<String> {
        let window = format!("{}#{}", self.name, now / self.window);
        match self.shards {
            1 => vec![window],
            shards => (0..shards).map(|shard| format!("{window}#{shard}")).collect(),
        }
    }

    /// Counts an event. Returns how many there were in this window, by the counter that it was added to.
    pub(crate) async fn count(&self, store: &impl Store, now: Millis) -> StoreResult<u64> {
        let counters = self.counters(now);
        let mut byte = [0];
        if counters.len() > 1 {
            fill(&mut byte);
        }
        let counter = &counters[usize::from(byte[0]) % counters.len()];
        store.increment(counter, now + self.retention).await
    }

    /// How many events there were in this window.
    pub(crate) async fn total(&self, store: &impl Store, now: Millis) -> StoreResult<u64> {
        store.sum_counters(&self.counters(now)).await
    }

    /// Counts an event. Returns whether it is within the limit; true if the store cannot count, because a limit is no
    /// reason to lose an event.
    pub(crate) async fn allows(&self, store: &impl Store, limit: u64, now: Millis) -> bool {
        match self.count(store, now).await {
            // Below its part of the limit, a counter need not be added to the others, which saves reading them.
            Ok(count) if count > limit / self.shards => {
                self.total(store, now).await.unwrap_or(0) <= limit
            }
            _ => true,
        }
    }
}
