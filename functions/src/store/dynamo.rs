//! The contract over one table in DynamoDB. Uses the network.
//!
//! Keys begin with the form, so that a function can be given its own form's items alone; every
//! change that must be whole is one transaction, and nothing ever scans. `docs/data.md` lists
//! every item and index.

mod connect;
mod forms;
mod item;
mod people;
mod replies;
mod schedule;
mod transaction;
mod upgrade;

use super::{
    ConsentEvent, Entry, KnownForm, Mailbox, Move, Moved, Owed, Page, Person, PersonChange,
    PersonMove, Published, Recorded, Reply, Settled, Store, StoreError, Stored, Subscription,
    from_text, to_text,
};
use crate::clock::Millis;
use crate::form::Definition;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
pub use connect::{connect, connect_for_commands, create_table};
use item::{Item, body_of, failure, rank};
use people::{mailbox_key, people_list};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use transaction::{Transaction, Written};
pub use upgrade::Upgraded;

/// The list of mails that wait, and of those that were given up.
const WAITING: &str = "OUTBOX#waiting";
const FAILED: &str = "OUTBOX#failed";
/// The partition that lists the forms.
const FORMS: &str = "FORMS";
/// Before every rank; an empty text is no key.
const FIRST: &str = "0";

/// One table.
#[derive(Clone)]
pub struct Dynamo {
    client: Client,
    table: String,
    /// What this process has noted and need not note again; see [`Dynamo::note_month`] and
    /// [`Dynamo::owe_summary`].
    noted: Arc<Mutex<BTreeSet<String>>>,
}

impl Dynamo {
    /// A store over a table, by a client of one's own.
    pub fn new(client: Client, table: impl Into<String>) -> Dynamo {
        Dynamo { client, table: table.into(), noted: Arc::default() }
    }

    async fn get<T: for<'a> serde::Deserialize<'a>>(
        &self,
        key: &str,
        sort: &str,
    ) -> Stored<Option<T>> {
        let item = self.item(key, sort).await?;
        item.as_ref().map(|item| from_text(body_of(item)?)).transpose()
    }

    async fn item(&self, key: &str, sort: &str) -> Stored<Option<HashMap<String, AttributeValue>>> {
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.to_owned()))
            .key("sk", AttributeValue::S(sort.to_owned()))
            .consistent_read(true)
            .send()
            .await
            .map_err(failure)?;
        Ok(output.item)
    }

    /// The items of one key whose sort key begins so, in order.
    async fn under<T: for<'a> serde::Deserialize<'a>>(
        &self,
        key: &str,
        begin: &str,
    ) -> Stored<Vec<T>> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", AttributeValue::S(key.to_owned()))
            .expression_attribute_values(":sk", AttributeValue::S(begin.to_owned()))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = pages.next().await {
            found.push(from_text(body_of(&item.map_err(failure)?)?)?);
        }
        Ok(found)
    }

    /// A part of a list of the index, after a rank and up to another.
    async fn list<T: for<'a> serde::Deserialize<'a>>(
        &self,
        list: &str,
        (after, until): (&str, &str),
        limit: u32,
    ) -> Stored<Vec<T>> {
        let mut found = Vec::new();
        let mut start = None;
        // A page ends at 1 MB, whatever the limit.
        loop {
            let wanted = i32::try_from(limit).unwrap_or(i32::MAX) - found.len() as i32;
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .index_name("lists")
                .key_condition_expression("#list = :list AND #rank BETWEEN :after AND :until")
                .expression_attribute_names("#list", "list")
                .expression_attribute_names("#rank", "rank")
                .expression_attribute_values(":list", AttributeValue::S(list.to_owned()))
                .expression_attribute_values(":after", AttributeValue::S(after.to_owned()))
                .expression_attribute_values(":until", AttributeValue::S(until.to_owned()))
                .limit(wanted)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(failure)?;
            for item in output.items() {
                found.push(from_text(body_of(item)?)?);
            }
            start = output.last_evaluated_key;
            if start.is_none() || found.len() >= limit as usize {
                return Ok(found);
            }
        }
    }

    /// Notes that a form has replies in this state due in this month, so that a queue asks only
    /// for months that are. Written before the reply, at most once a process: a note too many
    /// costs an empty query, a note too few would hide a reply.
    async fn note_month(&self, form: &str, state: &str, due: Millis) -> Stored<()> {
        let month = crate::clock::month(due);
        let name = format!("{form}#{state}#{month}");
        if self.noted.lock().unwrap_or_else(PoisonError::into_inner).contains(&name) {
            return Ok(());
        }
        let item = Item::new(&format!("{form}#MONTHS"), &format!("{state}#{month}"), &month);
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item.into_map()))
            .send()
            .await
            .map_err(failure)?;
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
        Ok(())
    }

    async fn find_reply(&self, form: &str, id: &str) -> Stored<Option<Reply>> {
        self.get(&format!("{form}#SUB#{id}"), "reply").await
    }
}

impl Store for Dynamo {
    async fn publish(&self, definition: &Definition) -> Stored<()> {
        let (form, digest) = (definition.form.name(), definition.form.digest());
        let kept = Item::new(&format!("{form}#FORM#{digest}"), "definition", definition);
        let current = forms::pointer(form, &digest, false);
        let listed = forms::listed(form, false);
        let written = Transaction::new(self).put(kept).put(current).put(listed).write().await?;
        written.all_or("publish")
    }

    async fn withdraw(&self, form: &str) -> Stored<()> {
        self.withdraw_form(form).await
    }

    async fn forms(&self) -> Stored<Vec<KnownForm>> {
        self.under(FORMS, forms::LISTED).await
    }

    async fn current(&self, form: &str) -> Stored<Option<Published>> {
        self.current_of(form).await
    }

    async fn definition(&self, form: &str, digest: Option<&str>) -> Stored<Option<Definition>> {
        let digest = match digest {
            Some(digest) => Some(digest.to_owned()),
            None => self.get(&format!("{form}#FORM#current"), "definition").await?,
        };
        match digest {
            Some(digest) => self.get(&format!("{form}#FORM#{digest}"), "definition").await,
            None => Ok(None),
        }
    }

    async fn record(&self, entry: &Entry) -> Stored<Recorded> {
        self.note_month(&entry.reply.form, &entry.reply.state, entry.reply.due).await?;
        if let Some(summary) = &entry.summary {
            self.owe_summary(summary).await?;
        }
        self.record_once(entry).await
    }

    async fn reply(&self, form: &str, id: &str) -> Stored<Option<Reply>> {
        self.find_reply(form, id).await
    }

    async fn by_reference(&self, form: &str, reference: &str) -> Stored<Option<Reply>> {
        let key = format!("{form}#REF#{reference}");
        match self.get::<String>(&key, "reference").await? {
            Some(id) => self.find_reply(form, &id).await,
            None => Ok(None),
        }
    }

    async fn queue(
        &self,
        form: &str,
        state: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Stored<Page<Reply>> {
        self.queue_by_month(form, state, after, limit).await
    }

    async fn move_reply(&self, before: &Reply, step: &Move) -> Stored<Moved> {
        self.move_once(before, step).await
    }

    async fn replies_of(&self, form: &str, person: &str) -> Stored<Vec<Reply>> {
        let ids: Vec<String> = self.under(&format!("{form}#PERSON#{person}"), "reply#").await?;
        let mut replies = Vec::new();
        for id in ids {
            replies.extend(self.find_reply(form, &id).await?);
        }
        Ok(replies)
    }

    async fn erase_replies(&self, form: &str, person: &str) -> Stored<u32> {
        self.note_erasure(form, person).await?;
        self.erase_each(form, person).await
    }

    async fn person(&self, form: &str, hash: &str) -> Stored<Option<Person>> {
        self.find_person(form, hash).await
    }

    async fn look_up(
        &self,
        form: &str,
        hashes: &[String],
        mailbox: Option<&str>,
    ) -> Stored<(Vec<Person>, Option<Mailbox>)> {
        self.look_up_at_once(form, hashes, mailbox).await
    }

    async fn people_of_mailbox(&self, form: &str, hash: &str) -> Stored<Vec<Person>> {
        let key = format!("{form}#PERSON#{hash}");
        let mut hashes: Vec<String> = self.under(&key, "mailbox#").await?;
        hashes.push(hash.to_owned());
        let mut people: Vec<Person> = Vec::new();
        for found in hashes {
            let person = self.find_person(form, &found).await?;
            people.extend(
                person.filter(|person| {
                    person.hash == hash || person.mailbox.as_deref() == Some(hash)
                }),
            );
        }
        people.sort_by(|one, other| (one.since, &one.hash).cmp(&(other.since, &other.hash)));
        people.dedup_by(|one, other| one.hash == other.hash);
        Ok(people)
    }

    async fn person_by_reference(&self, form: &str, reference: &str) -> Stored<Option<Person>> {
        let key = format!("{form}#REF#{reference}");
        match self.get::<String>(&key, "person").await? {
            Some(hash) => self.person(form, &hash).await,
            None => Ok(None),
        }
    }

    async fn save_person(&self, change: &PersonChange) -> Stored<bool> {
        self.save_person_once(change).await
    }

    async fn move_person(&self, change: &PersonMove) -> Stored<bool> {
        self.move_person_once(change).await
    }

    async fn mailbox(&self, hash: &str) -> Stored<Option<Mailbox>> {
        self.get(&mailbox_key(hash), "mailbox").await
    }

    async fn save_mailbox(&self, mailbox: &Mailbox) -> Stored<bool> {
        let written = Transaction::new(self).put_mailbox(mailbox).write().await?;
        Ok(matches!(written, Written::All))
    }

    async fn people(
        &self,
        form: &str,
        state: Subscription,
        after: Option<&str>,
        limit: u32,
    ) -> Stored<Page<Person>> {
        let list = people_list(form, state);
        // `BETWEEN` includes its ends: one character more begins after the last item.
        let after = after.map_or_else(|| FIRST.to_owned(), |after| format!("{after}~"));
        let items: Vec<Person> = self.list(&list, (&after, "~"), limit).await?;
        let full = items.len() >= limit as usize;
        let next = items.last().filter(|_| full).map(|last| rank(last.since, &last.hash));
        Ok(Page { items, next })
    }

    async fn events(&self, form: &str, person: &str) -> Stored<Vec<ConsentEvent>> {
        self.under(&format!("{form}#PERSON#{person}"), "event#").await
    }

    async fn lapsing(&self, form: &str, now: Millis, limit: u32) -> Stored<Vec<Person>> {
        self.lapsing_people(form, now, limit).await
    }

    async fn held(&self, summary: &Owed) -> Stored<Vec<String>> {
        self.under(&replies::held_key(summary), "reply#").await
    }

    async fn due(&self, now: Millis, limit: u32) -> Stored<Vec<Owed>> {
        self.due_mails(now, limit).await
    }

    async fn failed(&self, limit: u32) -> Stored<Vec<Owed>> {
        self.list(FAILED, (FIRST, "~"), limit).await
    }

    async fn lease(&self, owed: &Owed, until: Millis) -> Stored<Option<Owed>> {
        let leased = Owed { due: until, tries: owed.tries + 1, ..owed.clone() };
        let written = Transaction::new(self)
            .put_if(owed_item(&leased), "#it = :it", "due", AttributeValue::N(owed.due.to_string()))
            .write()
            .await?;
        Ok(matches!(written, Written::All).then_some(leased))
    }

    async fn settle(&self, owed: &Owed, settled: Settled) -> Stored<()> {
        let mut owed = owed.clone();
        match settled {
            Settled::Sent => {
                let key = format!("{}#OUT#{}", owed.form, owed.id);
                return Transaction::new(self).delete(&key, "mail").write().await?.all_or("settle");
            }
            Settled::Again(at) => owed.due = at,
            Settled::Waiting(at) => owed = owed.waiting(at),
            Settled::Failed => owed.failed = true,
        }
        // In the index `lists` too: the team looks for mails that were given up there, and the schedule of a
        // stack that was deployed before there was the index `due` looks for those that wait.
        let item = owed_item(&owed).text("rank", &rank(owed.due, &owed.id));
        // Where it is gone by now, somebody else has sent it.
        Transaction::new(self).put_over(item).write().await.map(|_| ())
    }

    async fn count(&self, counter: &str, until: Millis) -> Stored<u64> {
        let output = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(format!("COUNT#{counter}")))
            .key("sk", AttributeValue::S("count".to_owned()))
            .update_expression("ADD #value :one SET #expires = :until")
            .expression_attribute_names("#value", "value")
            .expression_attribute_names("#expires", "expires")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":until", AttributeValue::N((until / 1_000).to_string()))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(failure)?;
        let value = output.attributes().and_then(number_of);
        value.ok_or_else(|| StoreError("dynamodb: a counter without a value".to_owned()))
    }

    async fn counted(&self, counters: &[String]) -> Stored<u64> {
        let mut sum = 0;
        for counter in counters {
            let output = self
                .client
                .get_item()
                .table_name(&self.table)
                .key("pk", AttributeValue::S(format!("COUNT#{counter}")))
                .key("sk", AttributeValue::S("count".to_owned()))
                .send()
                .await
                .map_err(failure)?;
            sum += output.item.as_ref().and_then(number_of).unwrap_or_default();
        }
        Ok(sum)
    }

    async fn sweep(&self, _now: Millis) -> Stored<bool> {
        // The table's own time to live removes what has expired.
        Ok(false)
    }
}

/// What a counter has come to.
fn number_of(item: &HashMap<String, AttributeValue>) -> Option<u64> {
    item.get("value")?.as_n().ok()?.parse().ok()
}

/// A mail that is owed, in the list of those that wait or of those given up.
fn owed_item(owed: &Owed) -> Item {
    let list = if owed.failed { FAILED } else { WAITING };
    Item::new(&format!("{}#OUT#{}", owed.form, owed.id), "mail", owed).due_in(list, Some(owed.due))
}
