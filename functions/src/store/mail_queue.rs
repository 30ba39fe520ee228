//! Mail that waits to be sent.

use super::Stored;
use crate::clock::Millis;
use crate::model::{Owed, Settled};
use std::future::Future;

/// The queue of mails. They are queued by the change that causes them, in one transaction.
pub trait MailQueue: Send + Sync {
    /// Mails that are due, the oldest first.
    fn due(&self, now: Millis, limit: u32) -> impl Future<Output = Stored<Vec<Owed>>> + Send;

    /// Mails that were given up.
    fn failed(&self, limit: u32) -> impl Future<Output = Stored<Vec<Owed>>> + Send;

    /// Takes a mail for oneself until then, and counts the try that begins: who dies in it has
    /// tried. Gives the item as it is now; `None` if another process has it, or it is gone.
    fn lease(
        &self,
        owed: &Owed,
        until: Millis,
    ) -> impl Future<Output = Stored<Option<Owed>>> + Send;

    /// Notes what became of a mail.
    fn settle(&self, owed: &Owed, settled: Settled) -> impl Future<Output = Stored<()>> + Send;
}
