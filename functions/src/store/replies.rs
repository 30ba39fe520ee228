//! Replies to forms.

use super::{Page, StoreResult};
use crate::model::{
    NewReply, QueuedMail, Recorded, ReplyList, ReplyState, StateChange, StateChangeOutcome,
    StoredReply,
};
use std::future::Future;

/// Replies to forms.
pub trait Replies: Send + Sync {
    /// Records a reply once, with a reference to the earlier reply that it seems to correct.
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
    /// page before.
    fn queue(
        &self,
        form: &str,
        state: ReplyState,
        after: Option<&str>,
        limit: u32,
    ) -> impl Future<Output = StoreResult<Page<StoredReply>>> + Send;

    /// A list of the team, of the replies to all forms or to one. `after` is the [`Page::next`] of the page before.
    fn listed(
        &self,
        list: &ReplyList,
        form: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> impl Future<Output = StoreResult<Page<StoredReply>>> + Send;

    /// The replies to any form that have this search term, the newest first: at most `limit`.
    fn search(
        &self,
        term: &str,
        limit: u32,
    ) -> impl Future<Output = StoreResult<Vec<StoredReply>>> + Send;

    /// Changes a reply's state if its state and history are still as in `before`. So two people who see the same history,
    /// such as a reply without a claim, cannot both change it. Queues mails in the same transaction.
    fn move_reply(
        &self,
        before: &StoredReply,
        step: &StateChange,
        mails: &[QueuedMail],
    ) -> impl Future<Output = StoreResult<StateChangeOutcome>> + Send;

    /// The replies that are found by the hash of a contact or of a mailbox, oldest first. [`StoredReply::is_from`]
    /// distinguishes the two.
    fn replies_of(
        &self,
        form: &str,
        person: &str,
    ) -> impl Future<Output = StoreResult<Vec<StoredReply>>> + Send;

    /// The ids of the replies that were recorded with this summary, the oldest first. Some may be erased
    /// since.
    fn held(&self, summary: &QueuedMail) -> impl Future<Output = StoreResult<Vec<String>>> + Send;

    /// Deletes the replies that are [from](StoredReply::is_from) a person, and all references to them. Returns how many
    /// there were.
    fn erase_replies(
        &self,
        form: &str,
        person: &str,
    ) -> impl Future<Output = StoreResult<u32>> + Send;
}
