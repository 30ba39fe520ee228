//! Upgrades what version 0.1 stored: today's hashes, and the index `due`. Each step can be repeated, so an upgrade
//! that was interrupted is run again.

use super::DynamoDb;
use crate::form::{Definition, Purpose};
use crate::hashes::Hashes;
use crate::model::workflow::states;
use crate::model::{StoredReply, Subscriber, SubscriberMove, SubscriptionState};
use crate::secret_keys::SecretKeys;
use crate::store::{Definitions as _, Replies as _, StoreResult, Subscribers as _};
use crate::submission::Contact;
use std::collections::{BTreeMap, BTreeSet};

/// How many records are read at once.
const PAGE_SIZE: u32 = 200;

/// What an upgrade changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Upgraded {
    /// Replies.
    pub replies: u32,
    /// Subscribers.
    pub subscribers: u32,
}

impl DynamoDb {
    /// Upgrades what a form has. It may run while replies come in, and changes nothing the second time.
    ///
    /// # Errors
    /// The table does not answer; then it may be run again.
    pub async fn upgrade(&self, keys: &SecretKeys, form: &str) -> StoreResult<Upgraded> {
        let mut upgraded = Upgraded::default();
        let mut definitions = BTreeMap::new();
        // The purpose of a form may have been another when a reply came.
        let purposes =
            [Purpose::Newsletter, Purpose::Volunteer, Purpose::Chat, Purpose::Enquiry].map(states);
        for state in purposes.into_iter().flatten().collect::<BTreeSet<_>>() {
            let mut after = None;
            loop {
                let page = self.queue(form, state, after.as_deref(), PAGE_SIZE).await?;
                for reply in page.items.iter().filter(|reply| reply.contacts.is_empty()) {
                    let found = self.upgrade_reply(keys, reply, &mut definitions).await?;
                    upgraded.replies += u32::from(found);
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        upgraded.subscribers = self.upgrade_people(keys, form).await?;
        Ok(upgraded)
    }

    async fn upgrade_reply(
        &self,
        keys: &SecretKeys,
        reply: &StoredReply,
        definitions: &mut BTreeMap<String, Option<Definition>>,
    ) -> StoreResult<bool> {
        let digest = &reply.definition;
        if !definitions.contains_key(digest) {
            let definition = self.definition(&reply.form, Some(digest)).await?;
            definitions.insert(digest.clone(), definition);
        }
        let Some(definition) = &definitions[digest] else { return Ok(false) };
        let rehashed = reply.rehashed(keys, &definition.form);
        if rehashed == *reply {
            return Ok(false);
        }
        self.relink(reply, &rehashed).await
    }

    async fn upgrade_people(&self, keys: &SecretKeys, form: &str) -> StoreResult<u32> {
        let mut upgraded = 0;
        for state in SubscriptionState::ALL {
            let mut after = None;
            loop {
                let page = self.subscribers(form, state, after.as_deref(), PAGE_SIZE).await?;
                for person in &page.items {
                    let noted = self.note_lapse(person).await?;
                    upgraded += u32::from(self.upgrade_person(keys, person).await? || noted);
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(upgraded)
    }

    async fn upgrade_person(&self, keys: &SecretKeys, person: &Subscriber) -> StoreResult<bool> {
        let Some(email) = &person.email else { return Ok(false) };
        let hashes = Hashes::of(keys, &person.form, &Contact::Email(email.clone()));
        let mut changed = false;
        for hash in std::iter::once(&person.hash).chain(&hashes.earlier) {
            let from = self.subscriber(&person.form, hash).await?;
            let Some(from) = from.filter(|from| from.hash != hashes.person) else { continue };
            let there = self.subscriber(&person.form, &hashes.person).await?;
            changed |= self.move_subscriber(&SubscriberMove::new(from, &hashes, there)).await?;
        }
        let there = self.subscriber(&person.form, &hashes.person).await?;
        if let Some(mut there) = there
            && there.email.is_some()
            && there.mailbox != hashes.mailbox
        {
            let before = there.version;
            there.version += 1;
            there.mailbox.clone_from(&hashes.mailbox);
            changed |= self.note_mailbox(&there, before).await?;
        }
        Ok(changed)
    }
}
