//! Subscribers, the evidence of their consent, and mailboxes.

use super::DynamoDb;
use super::error::DynamoDbError;
use super::item::{Item, body_of, rank, text, text_of};
use super::table::{FIRST_RANK, LAST_RANK};
use super::transaction::{Condition, Transaction};
use crate::clock::Millis;
use crate::failpoint;
use crate::model::{
    ConsentEvent, Mailbox, Subscriber, SubscriberChange, SubscriberMove, SubscriptionState,
};
use crate::store::{Page, StoreResult, Subscribers, from_text};

/// An attribute of the item under a former hash of a subscriber: their hash now.
const MOVED: &str = "moved";
/// How many events one transaction moves: each is two of its hundred items, and others move the subscriber.
const EVENTS_PER_TRANSACTION: usize = 45;

impl Subscribers for DynamoDb {
    async fn subscriber(&self, form: &str, hash: &str) -> StoreResult<Option<Subscriber>> {
        let mut item = self.item(&person_key(form, hash), "person").await?;
        if let Some(Ok(moved)) = item.as_ref().map(|item| text_of(item, MOVED)) {
            item = self.item(&person_key(form, moved), "person").await?;
        }
        item.as_ref().map(|item| from_text(body_of(item)?)).transpose()
    }

    /// One batch read, so that a sign-up waits for one call only.
    async fn look_up(
        &self,
        form: &str,
        hashes: &[String],
        mailbox: Option<&str>,
    ) -> StoreResult<(Vec<Subscriber>, Option<Mailbox>)> {
        let mut keys: Vec<(String, &str)> =
            hashes.iter().map(|hash| (person_key(form, hash), "person")).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.extend(mailbox.map(|hash| (mailbox_key(hash), "mailbox")));
        let (mut people, mut record) = (Vec::new(), None);
        for item in self.batch(&keys).await? {
            if text_of(&item, "sk")? == "mailbox" {
                record = Some(from_text(body_of(&item)?)?);
            } else if let Ok(moved) = text_of(&item, MOVED) {
                people.extend(self.subscriber(form, moved).await?);
            } else {
                people.push(from_text::<Subscriber>(body_of(&item)?)?);
            }
        }
        people.sort_by(|one, other| one.hash.cmp(&other.hash));
        people.dedup_by(|one, other| one.hash == other.hash);
        Ok((people, record))
    }

    async fn subscribers_of_mailbox(&self, form: &str, hash: &str) -> StoreResult<Vec<Subscriber>> {
        let mut hashes: Vec<String> =
            self.query_prefix(&person_key(form, hash), "mailbox#").await?;
        hashes.push(hash.to_owned());
        let mut people: Vec<Subscriber> = Vec::new();
        for found in hashes {
            let person = self.subscriber(form, &found).await?;
            let has_mailbox = |person: &Subscriber| {
                person.hash == hash || person.mailbox.as_deref() == Some(hash)
            };
            people.extend(person.filter(has_mailbox));
        }
        oldest_first(&mut people);
        people.dedup_by(|one, other| one.hash == other.hash);
        Ok(people)
    }

    async fn subscriber_by_reference(
        &self,
        form: &str,
        reference: &str,
    ) -> StoreResult<Option<Subscriber>> {
        match self.get::<String>(&reference_key(form, reference), "person").await? {
            Some(hash) => self.subscriber(form, &hash).await,
            None => Ok(None),
        }
    }

    async fn save_subscriber(&self, change: &SubscriberChange) -> StoreResult<bool> {
        let SubscriberChange { person, event, .. } = change;
        let mut transaction = Transaction::new(self);
        let reference = reference_item(person, &person.reference);
        transaction = match change.expected {
            None => transaction.put_new(person_item(person)).put_new(reference),
            // Put again, because it expires with the subscriber.
            Some(version) => {
                transaction.put_if(person_item(person), Condition::version(version)).put(reference)
            }
        };
        if let Some(mailbox) = &person.mailbox {
            transaction = transaction.put(mailbox_link(person, mailbox));
        } else if let Some(former) = &change.former_mailbox {
            let (key, sort) = mailbox_link_key(person, former);
            transaction = transaction.delete(&key, &sort);
        }
        if let Some(mailbox) = &change.mailbox {
            transaction = transaction.put_mailbox(mailbox);
        }
        let written = transaction.put_new(event_item(event)).enqueue(&change.mails).write().await?;
        Ok(written.is_all())
    }

    /// Moves the events in the same transaction. If these are too many, the oldest move first: should this end before the
    /// last transaction, the subscriber is still under the former hash, and is found and moved by the next attempt.
    async fn move_subscriber(&self, change: &SubscriberMove) -> StoreResult<bool> {
        let SubscriberMove { from, person, .. } = change;
        let events = self.events(&from.form, &from.hash).await?;
        let (oldest, latest) = events.split_at(events.len().saturating_sub(EVENTS_PER_TRANSACTION));
        self.move_events(oldest, &person.hash).await?;
        let written = self.moving(change).move_events(latest, &person.hash).write().await?;
        failpoint::pass("upgrade: a subscriber is moved");
        Ok(written.is_all())
    }

    async fn mailbox(&self, hash: &str) -> StoreResult<Option<Mailbox>> {
        self.get(&mailbox_key(hash), "mailbox").await
    }

    async fn save_mailbox(&self, mailbox: &Mailbox) -> StoreResult<bool> {
        Ok(Transaction::new(self).put_mailbox(mailbox).write().await?.is_all())
    }

    async fn subscribers(
        &self,
        form: &str,
        state: SubscriptionState,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Subscriber>> {
        // `BETWEEN` includes its ends: one more character excludes the last item.
        let after = after.map_or_else(|| FIRST_RANK.to_owned(), |after| format!("{after}~"));
        let list = list_name(form, state);
        let items: Vec<Subscriber> = self.list(&list, (&after, LAST_RANK), limit).await?;
        let full = items.len() >= limit as usize;
        let next = items.last().filter(|_| full).map(|last| rank(last.since, &last.hash));
        Ok(Page { items, next })
    }

    async fn lapsing(&self, form: &str, now: Millis, limit: u32) -> StoreResult<Vec<Subscriber>> {
        let list = list_name(form, SubscriptionState::Pending);
        let mut people = Vec::new();
        for item in self.due_items(&list, "person", now, limit).await? {
            if text_of(&item, MOVED).is_err() {
                people.push(from_text::<Subscriber>(body_of(&item)?)?);
            }
        }
        people.retain(|person| person.lapses_at().is_some_and(|at| at <= now));
        oldest_first(&mut people);
        Ok(people)
    }

    async fn events(&self, form: &str, person: &str) -> StoreResult<Vec<ConsentEvent>> {
        self.query_prefix(&person_key(form, person), "event#").await
    }
}

impl DynamoDb {
    /// The transaction that moves a subscriber from one hash to another.
    fn moving(&self, change: &SubscriberMove) -> Transaction<'_> {
        let SubscriberMove { from, person, expected } = change;
        let moved = Item::new(&person_key(&from.form, &from.hash), "person", &person.hash)
            .text(MOVED, &person.hash);
        let transaction = Transaction::new(self).put_if(moved, Condition::version(from.version));
        let mut transaction = match expected {
            None => transaction.put_new(person_item(person)),
            Some(version) => transaction.put_if(person_item(person), Condition::version(*version)),
        };
        transaction = transaction.put(reference_item(person, &person.reference));
        if from.reference != person.reference {
            transaction = transaction.put(reference_item(person, &from.reference));
        }
        if let Some(mailbox) = &from.mailbox {
            let (key, sort) = mailbox_link_key(from, mailbox);
            transaction = transaction.delete(&key, &sort);
        }
        if let Some(mailbox) = &person.mailbox {
            transaction = transaction.put(mailbox_link(person, mailbox));
        }
        transaction
    }

    /// Moves events to another hash.
    pub(super) async fn move_events(&self, events: &[ConsentEvent], to: &str) -> StoreResult<()> {
        for events in events.chunks(EVENTS_PER_TRANSACTION) {
            Transaction::new(self).move_events(events, to).write().await?.all_or("move")?;
            failpoint::pass("upgrade: events are moved");
        }
        Ok(())
    }

    /// The former hashes of a form's subscribers, each with their hash now. Scans the table.
    pub(super) async fn former_hashes(&self, form: &str) -> StoreResult<Vec<(String, String)>> {
        let prefix = person_key(form, "");
        let mut items = self
            .client
            .scan()
            .table_name(&self.table)
            .filter_expression("begins_with(pk, :prefix) AND attribute_exists(#moved)")
            .projection_expression("pk, #moved")
            .expression_attribute_names("#moved", MOVED)
            .expression_attribute_values(":prefix", text(&prefix))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut hashes = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(DynamoDbError::from)?;
            let former = text_of(&item, "pk")?.strip_prefix(&prefix).unwrap_or_default();
            hashes.push((former.to_owned(), text_of(&item, MOVED)?.to_owned()));
        }
        Ok(hashes)
    }

    /// Notes when a sign-up lapses, if an earlier version did not: the schedule finds it by that.
    pub(super) async fn note_lapse(&self, person: &Subscriber) -> StoreResult<bool> {
        if person.lapses_at().is_none() {
            return Ok(false);
        }
        let item = self.item(&person_key(&person.form, &person.hash), "person").await?;
        if item.is_none_or(|item| item.contains_key("due")) {
            return Ok(false);
        }
        let unchanged = Condition::version(person.version);
        let written = Transaction::new(self).put_if(person_item(person), unchanged).write().await?;
        Ok(written.is_all())
    }

    /// Notes the mailbox of a subscriber, if they have not changed since version `before`.
    pub(super) async fn note_mailbox(&self, person: &Subscriber, before: u64) -> StoreResult<bool> {
        let mut transaction =
            Transaction::new(self).put_if(person_item(person), Condition::version(before));
        if let Some(mailbox) = &person.mailbox {
            transaction = transaction.put(mailbox_link(person, mailbox));
        }
        Ok(transaction.write().await?.is_all())
    }
}

impl Transaction<'_> {
    fn move_events(self, events: &[ConsentEvent], to: &str) -> Self {
        events.iter().fold(self, |transaction, event| {
            let moved = ConsentEvent { person: to.to_owned(), ..event.clone() };
            let former = person_key(&event.form, &event.person);
            transaction.put(event_item(&moved)).delete(&former, &event_sort(event))
        })
    }

    /// Puts the record of a mailbox, if it is the next version of the stored one.
    fn put_mailbox(self, mailbox: &Mailbox) -> Self {
        let item = Item::new(&mailbox_key(&mailbox.hash), "mailbox", mailbox)
            .version(mailbox.version)
            .expires(mailbox.expires());
        match mailbox.version {
            0 | 1 => self.put_new(item),
            version => self.put_if(item, Condition::version(version - 1)),
        }
    }
}

fn oldest_first(people: &mut [Subscriber]) {
    people.sort_by(|one, other| (one.since, &one.hash).cmp(&(other.since, &other.hash)));
}

fn person_key(form: &str, hash: &str) -> String {
    format!("{form}#PERSON#{hash}")
}

fn reference_key(form: &str, reference: &str) -> String {
    format!("{form}#REF#{reference}")
}

fn mailbox_key(hash: &str) -> String {
    format!("MAILBOX#{hash}")
}

/// The list of a form's subscribers in one state, in the indexes.
fn list_name(form: &str, state: SubscriptionState) -> String {
    format!("{form}#PEOPLE#{}", state.as_str())
}

fn person_item(person: &Subscriber) -> Item {
    let list = list_name(&person.form, person.state);
    Item::new(&person_key(&person.form, &person.hash), "person", person)
        .version(person.version)
        .listed(&list, &rank(person.since, &person.hash))
        .due_in(&list, person.lapses_at())
        .expires(person.expires)
}

fn reference_item(person: &Subscriber, reference: &str) -> Item {
    Item::new(&reference_key(&person.form, reference), "person", &person.hash)
        .expires(person.expires)
}

fn event_item(event: &ConsentEvent) -> Item {
    Item::new(&person_key(&event.form, &event.person), &event_sort(event), event)
}

fn event_sort(event: &ConsentEvent) -> String {
    format!("event#{}", event.id)
}

/// The key of the link from a mailbox to a subscriber.
fn mailbox_link_key(person: &Subscriber, mailbox: &str) -> (String, String) {
    (person_key(&person.form, mailbox), format!("mailbox#{}", person.hash))
}

fn mailbox_link(person: &Subscriber, mailbox: &str) -> Item {
    let (key, sort) = mailbox_link_key(person, mailbox);
    Item::new(&key, &sort, &person.hash).expires(person.expires)
}
