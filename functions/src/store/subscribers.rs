//! Subscribers, the evidence of their consent, and mailboxes.

use super::{Page, Stored};
use crate::clock::Millis;
use crate::model::{ConsentEvent, Mailbox, Person, PersonChange, PersonMove, Subscription};
use std::future::Future;

/// Subscribers of newsletters, the evidence of their consent, and mailboxes.
pub trait Subscribers: Send + Sync {
    /// A subscriber, also by a hash from which they were moved.
    fn person(&self, form: &str, hash: &str)
    -> impl Future<Output = Stored<Option<Person>>> + Send;

    /// The subscribers under any of these hashes, each once, and the record of a mailbox.
    fn look_up(
        &self,
        form: &str,
        hashes: &[String],
        mailbox: Option<&str>,
    ) -> impl Future<Output = Stored<(Vec<Person>, Option<Mailbox>)>> + Send;

    /// The subscribers whose addresses reach one mailbox, by its hash in this form.
    fn people_of_mailbox(
        &self,
        form: &str,
        hash: &str,
    ) -> impl Future<Output = Stored<Vec<Person>>> + Send;

    /// The subscriber with this reference.
    fn person_by_reference(
        &self,
        form: &str,
        reference: &str,
    ) -> impl Future<Output = Stored<Option<Person>>> + Send;

    /// Changes a subscriber; false if their version, or that of their mailbox, is another by now, or
    /// a new one's reference belongs to someone else.
    fn save_person(&self, change: &PersonChange) -> impl Future<Output = Stored<bool>> + Send;

    /// Stores a subscriber under another hash, with their consent events; false if their version, or
    /// that of who is there, is another by now.
    fn move_person(&self, change: &PersonMove) -> impl Future<Output = Stored<bool>> + Send;

    /// The record of a mailbox.
    fn mailbox(&self, hash: &str) -> impl Future<Output = Stored<Option<Mailbox>>> + Send;

    /// Stores the record of a mailbox, one version on; false if its version is another by now.
    fn save_mailbox(&self, mailbox: &Mailbox) -> impl Future<Output = Stored<bool>> + Send;

    /// A form's subscribers in one state, the longest there first.
    fn people(
        &self,
        form: &str,
        state: Subscription,
        after: Option<&str>,
        limit: u32,
    ) -> impl Future<Output = Stored<Page<Person>>> + Send;

    /// A form's subscribers whose sign-up lapses by `now` ([`Person::lapses_at`]), the oldest first.
    fn lapsing(
        &self,
        form: &str,
        now: Millis,
        limit: u32,
    ) -> impl Future<Output = Stored<Vec<Person>>> + Send;

    /// A person's consent events, the oldest first.
    fn events(
        &self,
        form: &str,
        person: &str,
    ) -> impl Future<Output = Stored<Vec<ConsentEvent>>> + Send;
}
