//! Reads and writes subscribers and mailboxes.

use super::item::{Item, body_of, failure, rank, text_of};
use super::transaction::{Transaction, Written};
use super::{
    ConsentEvent, Dynamo, Mailbox, Person, PersonChange, PersonMove, StoreError, Stored,
    Subscription, from_text,
};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use std::collections::HashMap;
use std::time::Duration;

/// The attribute of an item in a subscriber's former place: the hash under which they are now.
pub(super) const MOVED: &str = "moved";
/// How many items go into one transaction, which takes a hundred.
const PART: usize = 50;
/// How often a read that was answered in part is asked for the rest.
const READS: u32 = 4;

pub(super) type Attributes = HashMap<String, AttributeValue>;

impl Dynamo {
    pub(super) async fn find_person(&self, form: &str, hash: &str) -> Stored<Option<Person>> {
        let mut item = self.item(&person_key(form, hash), "person").await?;
        if let Some(Ok(moved)) = item.as_ref().map(|item| text_of(item, MOVED)) {
            item = self.item(&person_key(form, moved), "person").await?;
        }
        item.as_ref().map(|item| from_text(body_of(item)?)).transpose()
    }

    /// One read of several items, so that a sign-up waits for no more than one.
    pub(super) async fn look_up_at_once(
        &self,
        form: &str,
        hashes: &[String],
        mailbox: Option<&str>,
    ) -> Stored<(Vec<Person>, Option<Mailbox>)> {
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
                people.extend(self.find_person(form, moved).await?);
            } else {
                people.push(from_text::<Person>(body_of(&item)?)?);
            }
        }
        people.sort_by(|one, other| one.hash.cmp(&other.hash));
        people.dedup_by(|one, other| one.hash == other.hash);
        Ok((people, record))
    }

    /// The items of these keys that are there, in no order. It takes 1 to 100 keys, each but once.
    pub(super) async fn batch(&self, keys: &[(String, &str)]) -> Stored<Vec<Attributes>> {
        let keys = keys.iter().map(|(key, sort)| {
            let text = |text: &str| AttributeValue::S(text.to_owned());
            HashMap::from([("pk".to_owned(), text(key)), ("sk".to_owned(), text(sort))])
        });
        let mut wanted = KeysAndAttributes::builder().consistent_read(true);
        for key in keys {
            wanted = wanted.keys(key);
        }
        let mut wanted = Some(wanted.build().expect("keys are given"));
        let mut found = Vec::new();
        for read in 0..READS {
            let Some(keys) = wanted.take() else { return Ok(found) };
            let call = self.client.batch_get_item().request_items(&self.table, keys);
            let output = call.send().await.map_err(failure)?;
            let items = output.responses.and_then(|mut tables| tables.remove(&self.table));
            found.extend(items.unwrap_or_default());
            // What a busy table did not get to is asked for again.
            wanted = output.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table));
            if wanted.is_some() {
                tokio::time::sleep(Duration::from_millis(20 << read)).await;
            }
        }
        match wanted {
            None => Ok(found),
            Some(_) => Err(StoreError("dynamodb: a read was not finished".to_owned())),
        }
    }

    pub(super) async fn save_person_once(&self, change: &PersonChange) -> Stored<bool> {
        let PersonChange { person, event, .. } = change;
        let mut transaction = Transaction::new(self);
        let reference = reference_item(person, &person.reference);
        transaction = match change.expected {
            None => transaction.put_new(person_item(person)).put_new(reference),
            // Put again, because it is to stay as long as the person does.
            Some(version) => transaction.put_person_if(person, version).put(reference),
        };
        if let Some(mailbox) = &person.mailbox {
            transaction = transaction.put(mailbox_link(person, mailbox));
        } else if let Some(former) = &change.former_mailbox {
            let (key, sort) = link_key(person, former);
            transaction = transaction.delete(&key, &sort);
        }
        if let Some(mailbox) = &change.mailbox {
            transaction = transaction.put_mailbox(mailbox);
        }
        let transaction = transaction.put_new(event_item(event)).put_owed(&change.owed);
        Ok(matches!(transaction.write().await?, Written::All))
    }

    /// The evidence is copied before the subscriber moves and removed after, so that none is lost
    /// wherever this ends; it may be any number of events, and one transaction holds a hundred items.
    pub(super) async fn move_person_once(&self, change: &PersonMove) -> Stored<bool> {
        let PersonMove { from, person, expected } = change;
        let former = person_key(&from.form, &from.hash);
        let events: Vec<ConsentEvent> = self.under(&former, "event#").await?;
        for part in events.chunks(PART) {
            let copies = part.iter().fold(Transaction::new(self), |transaction, event| {
                let event = ConsentEvent { person: person.hash.clone(), ..event.clone() };
                transaction.put(event_item(&event))
            });
            copies.write().await?.all_or("move")?;
        }
        let moved = Item::new(&former, "person", &person.hash).text(MOVED, &person.hash);
        let version = AttributeValue::N(from.version.to_string());
        let mut transaction = Transaction::new(self).put_if(moved, "#it = :it", "version", version);
        transaction = match expected {
            None => transaction.put_new(person_item(person)),
            Some(version) => transaction.put_person_if(person, *version),
        };
        transaction = transaction.put(reference_item(person, &person.reference));
        if from.reference != person.reference {
            transaction = transaction.put(reference_item(person, &from.reference));
        }
        if let Some(mailbox) = &from.mailbox {
            let (key, sort) = link_key(from, mailbox);
            transaction = transaction.delete(&key, &sort);
        }
        if let Some(mailbox) = &person.mailbox {
            transaction = transaction.put(mailbox_link(person, mailbox));
        }
        if matches!(transaction.write().await?, Written::Failed(_)) {
            return Ok(false);
        }
        for part in events.chunks(PART) {
            let gone = part.iter().fold(Transaction::new(self), |transaction, event| {
                transaction.delete(&former, &format!("event#{}", event.id))
            });
            gone.write().await?.all_or("move")?;
        }
        Ok(true)
    }

    /// Notes when a sign-up lapses, where an earlier version did not: the schedule finds it by that.
    pub(super) async fn note_lapse(&self, person: &Person) -> Stored<bool> {
        if person.lapses_at().is_none() {
            return Ok(false);
        }
        let item = self.item(&person_key(&person.form, &person.hash), "person").await?;
        if item.is_none_or(|item| item.contains_key("due")) {
            return Ok(false);
        }
        let transaction = Transaction::new(self).put_person_if(person, person.version);
        Ok(matches!(transaction.write().await?, Written::All))
    }

    /// Notes the mailbox of a subscriber, if they are as they were read.
    pub(super) async fn note_mailbox(&self, person: &Person, before: u64) -> Stored<bool> {
        let mut transaction = Transaction::new(self).put_person_if(person, before);
        if let Some(mailbox) = &person.mailbox {
            transaction = transaction.put(mailbox_link(person, mailbox));
        }
        Ok(matches!(transaction.write().await?, Written::All))
    }
}

impl Transaction<'_> {
    fn put_person_if(self, person: &Person, version: u64) -> Self {
        let version = AttributeValue::N(version.to_string());
        self.put_if(person_item(person), "#it = :it", "version", version)
    }

    /// Puts the record of a mailbox, if it is the next version of what is stored.
    pub(super) fn put_mailbox(self, mailbox: &Mailbox) -> Self {
        let number = |version: u64| i64::try_from(version).unwrap_or(i64::MAX);
        let item = Item::new(&mailbox_key(&mailbox.hash), "mailbox", mailbox)
            .number("version", number(mailbox.version))
            .expires(mailbox.expires());
        match mailbox.version {
            0 | 1 => self.put_new(item),
            version => {
                let before = AttributeValue::N((version - 1).to_string());
                self.put_if(item, "#it = :it", "version", before)
            }
        }
    }
}

fn person_key(form: &str, hash: &str) -> String {
    format!("{form}#PERSON#{hash}")
}

pub(super) fn mailbox_key(hash: &str) -> String {
    format!("MAILBOX#{hash}")
}

/// A form's subscribers in one state.
pub(super) fn people_list(form: &str, state: Subscription) -> String {
    format!("{form}#PEOPLE#{}", state.word())
}

fn person_item(person: &Person) -> Item {
    let list = people_list(&person.form, person.state);
    Item::new(&person_key(&person.form, &person.hash), "person", person)
        .number("version", i64::try_from(person.version).unwrap_or(i64::MAX))
        .listed(&list, &rank(person.since, &person.hash))
        .due_in(&list, person.lapses_at())
        .expires(person.expires)
}

fn reference_item(person: &Person, reference: &str) -> Item {
    Item::new(&format!("{}#REF#{reference}", person.form), "person", &person.hash)
        .expires(person.expires)
}

fn event_item(event: &ConsentEvent) -> Item {
    let key = person_key(&event.form, &event.person);
    Item::new(&key, &format!("event#{}", event.id), event)
}

/// By what a subscriber is found under the hash of their mailbox.
fn link_key(person: &Person, mailbox: &str) -> (String, String) {
    (person_key(&person.form, mailbox), format!("mailbox#{}", person.hash))
}

fn mailbox_link(person: &Person, mailbox: &str) -> Item {
    let (key, sort) = link_key(person, mailbox);
    Item::new(&key, &sort, &person.hash).expires(person.expires)
}
