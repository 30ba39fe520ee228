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

    /// Takes a mail for oneself until then, and counts the try that begins: who dies in it has
    /// tried. Gives the item as it is now; `None` if another process has it, or it is gone.
    fn lease(
        &self,
        queued: &QueuedMail,
        until: Millis,
    ) -> impl Future<Output = StoreResult<Option<QueuedMail>>> + Send;

    /// Notes what became of a mail.
    fn record_outcome(
        &self,
        queued: &QueuedMail,
        outcome: SendOutcome,
    ) -> impl Future<Output = StoreResult<()>> + Send;
}
