//! Subscribers, the evidence of their consent, and mailboxes.

use super::{Page, StoreResult};
use crate::clock::Millis;
use crate::model::{
    ConsentEvent, Mailbox, Subscriber, SubscriberChange, SubscriberMove, SubscriptionState,
};
use std::future::Future;

/// Subscribers of newsletters, the evidence of their consent, and mailboxes.
pub trait Subscribers: Send + Sync {
    /// A subscriber, also by a hash from which they were moved.
    fn subscriber(
        &self,
        form: &str,
        hash: &str,
    ) -> impl Future<Output = StoreResult<Option<Subscriber>>> + Send;

    /// The subscribers under any of these hashes, each once, and the record of a mailbox.
    fn look_up(
        &self,
        form: &str,
        hashes: &[String],
        mailbox: Option<&str>,
    ) -> impl Future<Output = StoreResult<(Vec<Subscriber>, Option<Mailbox>)>> + Send;

    /// The subscribers whose addresses reach one mailbox, by its hash in this form.
    fn subscribers_of_mailbox(
        &self,
        form: &str,
        hash: &str,
    ) -> impl Future<Output = StoreResult<Vec<Subscriber>>> + Send;

    /// The subscriber with this reference.
    fn subscriber_by_reference(
        &self,
        form: &str,
        reference: &str,
    ) -> impl Future<Output = StoreResult<Option<Subscriber>>> + Send;

    /// Changes a subscriber. Returns false if their version or that of their mailbox has changed, or a new subscriber's
    /// reference is taken.
    fn save_subscriber(
        &self,
        change: &SubscriberChange,
    ) -> impl Future<Output = StoreResult<bool>> + Send;

    /// Moves a subscriber to another hash, with their consent events. Returns false if their version, or that of the
    /// subscriber there, has changed.
    fn move_subscriber(
        &self,
        change: &SubscriberMove,
    ) -> impl Future<Output = StoreResult<bool>> + Send;

    /// The record of a mailbox.
    fn mailbox(&self, hash: &str) -> impl Future<Output = StoreResult<Option<Mailbox>>> + Send;

    /// Stores the next version of a mailbox's record. Returns false if the stored version has changed.
    fn save_mailbox(&self, mailbox: &Mailbox) -> impl Future<Output = StoreResult<bool>> + Send;

    /// A form's subscribers in one state, ordered by the time of their last change.
    fn subscribers(
        &self,
        form: &str,
        state: SubscriptionState,
        after: Option<&str>,
        limit: u32,
    ) -> impl Future<Output = StoreResult<Page<Subscriber>>> + Send;

    /// A form's subscribers whose sign-up lapses by `now` ([`Subscriber::lapses_at`]), the oldest first.
    fn lapsing(
        &self,
        form: &str,
        now: Millis,
        limit: u32,
    ) -> impl Future<Output = StoreResult<Vec<Subscriber>>> + Send;

    /// A person's consent events, the oldest first.
    fn events(
        &self,
        form: &str,
        person: &str,
    ) -> impl Future<Output = StoreResult<Vec<ConsentEvent>>> + Send;
}
