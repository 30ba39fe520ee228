//! Replies to forms.

use super::{Page, StoreResult};
use crate::model::{NewReply, QueuedMail, Recorded, StateChange, StateChangeOutcome, StoredReply};
use std::future::Future;

/// Replies to forms.
pub trait Replies: Send + Sync {
    /// Records a reply once, and notes in it which earlier one it seems to correct.
    fn record(&self, entry: &NewReply) -> impl Future<Output = StoreResult<Recorded>> + Send;

    /// The reply with this id.
    fn reply(
        &self,
        form: &str,
        id: &str,
    ) -> impl Future<Output = StoreResult<Option<StoredReply>>> + Send;

    /// The reply with this reference.
    fn by_reference(
        &self,
        form: &str,
        reference: &str,
    ) -> impl Future<Output = StoreResult<Option<StoredReply>>> + Send;

    /// A form's replies in one state, the oldest due first. `after` is the [`Page::next`] of the
    /// part before.
    fn queue(
        &self,
        form: &str,
        state: &str,
        after: Option<&str>,
        limit: u32,
    ) -> impl Future<Output = StoreResult<Page<StoredReply>>> + Send;

    /// Moves a reply if its state and its history are still as in `before`: two people who decide by
    /// the same history, such as that nobody has the reply, cannot both move it.
    fn move_reply(
        &self,
        before: &StoredReply,
        step: &StateChange,
    ) -> impl Future<Output = StoreResult<StateChangeOutcome>> + Send;

    /// The replies that are found by a hash, of a way to reach the person or of their mailbox, the
    /// oldest first. [`StoredReply::is_from`] tells the two apart.
    fn replies_of(
        &self,
        form: &str,
        person: &str,
    ) -> impl Future<Output = StoreResult<Vec<StoredReply>>> + Send;

    /// The ids of the replies that were recorded with this summary, the oldest first. Some may be erased
    /// since.
    fn held(&self, summary: &QueuedMail) -> impl Future<Output = StoreResult<Vec<String>>> + Send;

    /// Removes the replies that are [from](Reply::is_from) a person, and what points to them. Gives
    /// how many there were.
    fn erase_replies(
        &self,
        form: &str,
        person: &str,
    ) -> impl Future<Output = StoreResult<u32>> + Send;
}
