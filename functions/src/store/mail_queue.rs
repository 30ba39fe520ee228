//! Mail that waits to be sent.

use super::StoreResult;
use crate::clock::Millis;
use crate::model::{QueuedMail, SendOutcome};
use std::future::Future;

/// The queue of mails. They are queued by the change that causes them, in one transaction.
pub trait MailQueue: Send + Sync {
    /// Mails that are due, the oldest first.
    fn due(
        &self,
        now: Millis,
        limit: u32,
    ) -> impl Future<Output = StoreResult<Vec<QueuedMail>>> + Send;

    /// Mails that were given up.
    fn failed(&self, limit: u32) -> impl Future<Output = StoreResult<Vec<QueuedMail>>> + Send;

    /// Leases a mail until a time, and counts the attempt that begins, so that a process that dies in it has used one
    /// up. Returns the mail as it is now; `None` if another process has leased it, or it is gone.
    fn lease(
        &self,
        queued: &QueuedMail,
        until: Millis,
    ) -> impl Future<Output = StoreResult<Option<QueuedMail>>> + Send;

    /// Records the outcome of an attempt.
    fn record_outcome(
        &self,
        queued: &QueuedMail,
        outcome: SendOutcome,
    ) -> impl Future<Output = StoreResult<()>> + Send;
}
