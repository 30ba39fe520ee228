//! Upgrades the records of version 0.1 to current hashes and the index `due`. Every step can be repeated, so an
//! interrupted upgrade is run again.

use super::DynamoDb;
use crate::failpoint;
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
    /// Upgrades the records of a form. Replies can be stored meanwhile. A second upgrade changes nothing.
    ///
    /// # Errors
    /// The table does not answer; the upgrade can be run again.
    pub async fn upgrade(&self, keys: &SecretKeys, form: &str) -> StoreResult<Upgraded> {
        let mut upgraded = Upgraded::default();
        let mut definitions = BTreeMap::new();
        // The form may have had another purpose when a reply was sent.
        let purposes =
            [Purpose::Newsletter, Purpose::Volunteer, Purpose::Chat, Purpose::Enquiry].map(states);
        for state in purposes.into_iter().flatten().collect::<BTreeSet<_>>() {
            let mut after = None;
            loop {
                let page = self.queue(form, *state, after.as_deref(), PAGE_SIZE).await?;
                for reply in page.items.iter().filter(|reply| reply.search.is_empty()) {
                    let found = self.upgrade_reply(keys, reply, &mut definitions).await?;
                    upgraded.replies += u32::from(found);
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        upgraded.subscribers =
            self.upgrade_subscribers(keys, form).await? + self.move_remaining_events(form).await?;
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
        let form = definitions[digest].as_ref().map(|definition| &definition.form);
        let changed = self.relink(reply, &reply.rehashed(keys, form)).await?;
        failpoint::pass("upgrade: a reply is rehashed");
        Ok(changed)
    }

    async fn upgrade_subscribers(&self, keys: &SecretKeys, form: &str) -> StoreResult<u32> {
        let mut upgraded = 0;
        for state in SubscriptionState::ALL {
            let mut after = None;
            loop {
                let page = self.subscribers(form, state, after.as_deref(), PAGE_SIZE).await?;
                for subscriber in &page.items {
                    let noted = self.note_lapse(subscriber).await?;
                    let changed = self.upgrade_subscriber(keys, subscriber).await?;
                    upgraded += u32::from(changed || noted);
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(upgraded)
    }

    async fn upgrade_subscriber(
        &self,
        keys: &SecretKeys,
        subscriber: &Subscriber,
    ) -> StoreResult<bool> {
        let Some(email) = &subscriber.email else { return Ok(false) };
        let form = &subscriber.form;
        let hashes = Hashes::of(keys, form, &Contact::Email(email.clone()));
        let mut changed = false;
        for hash in std::iter::once(&subscriber.hash).chain(&hashes.earlier) {
            let from = self.subscriber(form, hash).await?;
            let Some(from) = from.filter(|from| from.hash != hashes.person) else { continue };
            let there = self.subscriber(form, &hashes.person).await?;
            changed |= self.move_subscriber(&SubscriberMove::new(from, &hashes, there)).await?;
        }
        let there = self.subscriber(form, &hashes.person).await?;
        if let Some(mut there) = there
            && there.email.is_some()
            && there.mailbox != hashes.mailbox
        {
            let before = there.version;
            there.version += 1;
            there.mailbox.clone_from(&hashes.mailbox);
            changed |= self.note_mailbox(&there, before).await?;
            failpoint::pass("upgrade: a mailbox is noted");
        }
        Ok(changed)
    }

    /// Moves the events that an interrupted move of an earlier version left under a former hash: it deleted them only
    /// after it had moved the subscriber. Returns the number of former hashes that had any.
    async fn move_remaining_events(&self, form: &str) -> StoreResult<u32> {
        let mut moved = 0;
        for (former, current) in self.former_hashes(form).await? {
            let events = self.events(form, &former).await?;
            self.move_events(&events, &current).await?;
            moved += u32::from(!events.is_empty());
        }
        Ok(moved)
    }
}
