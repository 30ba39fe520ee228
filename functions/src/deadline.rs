//! Limits how long a request waits for the store, and how often a failed call is repeated.

use crate::store::{StoreError, StoreResult};
use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// The longest time for all calls of one request, retries included.
const LIMIT: Duration = Duration::from_secs(3);
/// The latest time at which a failed call is repeated.
const RETRY_UNTIL: Duration = Duration::from_millis(1_500);
/// The longest wait for something that a reply can go without, such as a counter.
const OPTIONAL_LIMIT: Duration = Duration::from_millis(500);

/// The time that a request has, from the moment it was received.
pub(crate) struct Deadline {
    start: Instant,
    limit: Option<Duration>,
    retried: bool,
}

impl Deadline {
    /// A deadline for a visitor's request.
    pub(crate) fn new() -> Deadline {
        Deadline { start: Instant::now(), limit: Some(LIMIT), retried: false }
    }

    /// No deadline, for work that no visitor waits for.
    pub(crate) fn unlimited() -> Deadline {
        Deadline { limit: None, ..Deadline::new() }
    }

    /// No deadline and no retries, for a change that must not be made twice.
    pub(crate) fn without_retry() -> Deadline {
        Deadline { retried: true, ..Deadline::unlimited() }
    }

    /// The call's result, or an error if it does not return in time.
    pub(crate) fn call<T>(
        &self,
        call: impl Future<Output = StoreResult<T>> + Send,
    ) -> impl Future<Output = StoreResult<T>> + Send {
        // The futures of a store are large, and each layer around one would contain it: threads have 2 MB of stack.
        let call = Box::pin(call);
        let end = self.limit.map(|limit| self.start + limit);
        async move {
            match end {
                Some(end) => timeout_at(end, call).await.unwrap_or_else(|_| Err(late())),
                None => call.await,
            }
        }
    }

    /// [`Deadline::call`] for something that a reply can go without: it leaves time for the reply itself.
    pub(crate) fn call_optional<T>(
        &self,
        call: impl Future<Output = StoreResult<T>> + Send,
    ) -> impl Future<Output = StoreResult<T>> + Send {
        let call = self.call(call);
        async move { timeout(OPTIONAL_LIMIT, call).await.unwrap_or_else(|_| Err(late())) }
    }

    /// Whether a failed call may be repeated: once, only early enough, and only if it may succeed then.
    pub(crate) fn allow_retry(&mut self, error: &StoreError) -> bool {
        let allowed = error.is_transient() && !self.retried && self.start.elapsed() < RETRY_UNTIL;
        self.retried = true;
        allowed
    }
}

fn late() -> StoreError {
    StoreError::Timeout
}
