//! Finds and erases the records of a person by one of their contacts, and unsubscribes them.

use super::{Inbox, InboxError};
use crate::email_address::canonical_mailbox;
use crate::hashes::Hashes;
use crate::id;
use crate::model::{ConsentEvent, ConsentMethod, StoredReply, Subscriber};
use crate::optimistic::{MAX_ATTEMPTS, changed_too_often};
use crate::store::{Store, StoreError};
use crate::submission::Contact;
use crate::subscribers;
use crate::subscribers::subscription;
use std::collections::BTreeSet;

/// A contact that probably belongs to the same person, but has to be looked up and erased separately.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Related {
    /// An email address or a telephone number.
    pub contact: String,
    /// How it is related.
    pub relation: Relation,
}

/// How two contacts are related.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// Mail to both addresses reaches one mailbox: `rose@example.org`, `rose+news@example.org`.
    SameMailbox,
    /// Both were given in one reply.
    SameReply,
}

impl<S: Store> Inbox<S> {
    /// A person's replies to a form, oldest first, by any email address or telephone number that they gave.
    ///
    /// # Errors
    /// The store does not answer; there are no keys.
    pub async fn of_person(
        &self,
        form: &str,
        contact: &str,
    ) -> Result<Vec<StoredReply>, InboxError> {
        match self.hashes(form, contact)? {
            Some(hashes) => self.replies_of(form, &hashes).await,
            None => Ok(Vec::new()),
        }
    }

    async fn replies_of(
        &self,
        form: &str,
        hashes: &Hashes,
    ) -> Result<Vec<StoredReply>, InboxError> {
        let mut replies: Vec<StoredReply> = Vec::new();
        for hash in hashes.of_person() {
            let found = self.store.replies_of(form, &hash).await?;
            replies.extend(found.into_iter().filter(|reply| reply.is_from(&hash)));
        }
        replies.sort_by(|one, other| one.id.cmp(&other.id));
        replies.dedup_by(|one, other| one.id == other.id);
        Ok(replies)
    }

    /// A newsletter's subscriber and their consent events, oldest first.
    ///
    /// # Errors
    /// The store does not answer; there are no keys.
    pub async fn subscriber(
        &self,
        form: &str,
        contact: &str,
    ) -> Result<Option<(Subscriber, Vec<ConsentEvent>)>, InboxError> {
        let Some(hashes) = self.hashes(form, contact)? else { return Ok(None) };
        let known = subscribers::look_up(&self.store, form, &hashes, None).await?;
        let Some(person) = known.person else { return Ok(None) };
        let events = self.store.events(form, &person.hash).await?;
        Ok(Some((person, events)))
    }

    /// Other contacts in one form that probably belong to the same person.
    ///
    /// # Errors
    /// The store does not answer; there are no keys.
    pub async fn related(&self, form: &str, contact: &str) -> Result<Vec<Related>, InboxError> {
        let (Some(hashes), Some(asked)) = (self.hashes(form, contact)?, Contact::parse(contact))
        else {
            return Ok(Vec::new());
        };
        let mut found = BTreeSet::new();
        for reply in self.replies_of(form, &hashes).await? {
            for contact in self.contacts_of(&reply).await? {
                found.insert(Related { contact, relation: Relation::SameReply });
            }
        }
        if let Some(same) = asked.mailbox() {
            let mut addresses = Vec::new();
            for reply in self.store.replies_of(form, hashes.of_mailbox()).await? {
                addresses.extend(self.contacts_of(&reply).await?);
            }
            let people = subscribers::of_mailbox(&self.store, form, &hashes).await?;
            addresses.extend(people.into_iter().filter_map(|person| person.email));
            let reaches =
                |address: &String| address.contains('@') && canonical_mailbox(address) == same;
            for contact in addresses.into_iter().filter(reaches) {
                found.insert(Related { contact, relation: Relation::SameMailbox });
            }
        }
        let mut seen = BTreeSet::from([asked.identity()]);
        let is_new = |related: &Related| {
            Contact::parse(&related.contact).is_some_and(|contact| seen.insert(contact.identity()))
        };
        Ok(found.into_iter().filter(is_new).collect())
    }

    /// Every contact in a reply, as it was typed.
    async fn contacts_of(&self, reply: &StoredReply) -> Result<Vec<String>, InboxError> {
        let definition = self.store.definition(&reply.form, Some(&reply.definition)).await?;
        let contacts = definition.map(|definition| reply.submission.contacts(&definition.form));
        let words = |contact| match contact {
            Contact::Email(address) => address,
            Contact::Phone(digits) => digits,
        };
        Ok(contacts.unwrap_or_default().into_iter().map(words).collect())
    }

    /// Erases a person from a form: their replies, and their subscription except for its hash, so that no mail is sent
    /// again. Returns how many records there were.
    ///
    /// # Errors
    /// The store does not answer; no such form; there are no keys.
    pub async fn erase(&self, name: &str, contact: &str) -> Result<u32, InboxError> {
        self.clock.checked().map_err(StoreError::from)?;
        let form = self.form(name).await?;
        let Some(hashes) = self.hashes(name, contact)? else {
            return Ok(0);
        };
        let mut gone = self.store.erase_replies(name, &hashes.person).await?;
        for hash in &hashes.earlier {
            // The store keeps a list of erasures, which needs only people with records.
            if !self.store.replies_of(name, hash).await?.is_empty() {
                gone += self.store.erase_replies(name, hash).await?;
            }
        }
        for _ in 0..MAX_ATTEMPTS {
            let known = subscribers::look_up(&self.store, name, &hashes, None).await?;
            let step = self.step(&form, ConsentMethod::Team, None);
            let change = known.person.and_then(|known| subscription::erase(&step, &known));
            let Some(change) = change else {
                return Ok(gone);
            };
            if self.store.save_subscriber(&change).await? {
                return Ok(gone + 1);
            }
        }
        Err(changed_too_often().into())
    }

    /// Unsubscribes a person who asked the team for it, found by their email address or reference. Returns the subscriber,
    /// and whether anything changed: someone to whom nothing is sent anyway stays in their state. `None` if the form has
    /// no such subscriber.
    ///
    /// # Errors
    /// The store does not answer; no such form; there are no keys.
    pub async fn unsubscribe(
        &self,
        name: &str,
        who: &str,
    ) -> Result<Option<(Subscriber, bool)>, InboxError> {
        self.clock.checked().map_err(StoreError::from)?;
        let form = self.form(name).await?;
        for _ in 0..MAX_ATTEMPTS {
            let Some(person) = self.subscriber_named(name, who).await? else { return Ok(None) };
            let step = self.step(&form, ConsentMethod::Team, None);
            let Some(change) = subscription::unsubscribe(&step, &person) else {
                return Ok(Some((person, false)));
            };
            if self.store.save_subscriber(&change).await? {
                return Ok(Some((change.person, true)));
            }
        }
        Err(changed_too_often().into())
    }

    /// The subscriber with a reference or an address.
    async fn subscriber_named(
        &self,
        form: &str,
        who: &str,
    ) -> Result<Option<Subscriber>, InboxError> {
        if let Some(reference) = id::parse_reference(who)
            && let Some(person) = self.store.subscriber_by_reference(form, &reference).await?
        {
            return Ok(Some(person));
        }
        let Some(hashes) = self.hashes(form, who)? else { return Ok(None) };
        Ok(subscribers::look_up(&self.store, form, &hashes, None).await?.person)
    }

    /// A person's hashes: those of an address or number, or a hash as it is in the list of erasures.
    fn hashes(&self, form: &str, contact: &str) -> Result<Option<Hashes>, InboxError> {
        if contact.len() == 64 && contact.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Some(Hashes::only(contact.to_owned())));
        }
        let keys = self.keys.as_ref().ok_or(InboxError::NoKeys)?;
        Ok(Contact::parse(contact).map(|contact| Hashes::of(keys, form, &contact)))
    }
}
