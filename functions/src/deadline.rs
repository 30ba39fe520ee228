//! How long somebody who sends a form waits for the store, and how often it is asked anew.

use crate::store::{StoreError, Stored};
use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// All calls for one request, with every try of them, take so long at most.
const LONGEST: Duration = Duration::from_secs(3);
/// After so long, a call that failed is not made once more.
const LONG: Duration = Duration::from_millis(1_500);
/// What a reply could also go without, such as a count, is waited for so long.
const FOR_EXTRAS: Duration = Duration::from_millis(500);

/// The patience of one person, from the moment that their request came in.
pub(crate) struct Patience {
    from: Instant,
    used: bool,
}

impl Patience {
    pub(crate) fn new() -> Patience {
        Patience { from: Instant::now(), used: false }
    }

    /// What the store answers, or that it did not in time.
    pub(crate) fn call<T>(
        &self,
        call: impl Future<Output = Stored<T>> + Send,
    ) -> impl Future<Output = Stored<T>> + Send {
        // A store's call is large, and each layer around it would hold it whole: threads have 2 MB.
        let call = Box::pin(call);
        let until = self.from + LONGEST;
        async move { timeout_at(until, call).await.unwrap_or_else(|_| Err(late())) }
    }

    /// The same for what a reply could go without: a slow answer leaves time for the reply itself.
    pub(crate) fn call_for_extra<T>(
        &self,
        call: impl Future<Output = Stored<T>> + Send,
    ) -> impl Future<Output = Stored<T>> + Send {
        let call = self.call(call);
        async move { timeout(FOR_EXTRAS, call).await.unwrap_or_else(|_| Err(late())) }
    }

    /// Whether a call that failed may be made again: once, and not where it took long to fail.
    pub(crate) fn allows_once_more(&mut self) -> bool {
        let allowed = !self.used && self.from.elapsed() < LONG;
        self.used = true;
        allowed
    }
}

fn late() -> StoreError {
    StoreError("the store did not answer in time".to_owned())
}
