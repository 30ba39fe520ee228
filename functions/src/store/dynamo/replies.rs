//! Records, lists, moves and erases replies.

use super::item::{Item, rank, text_of};
use super::transaction::{Transaction, Written};
use super::{
    Dynamo, Entry, Move, Moved, Owed, Page, Recorded, Reply, StoreError, Stored, owed_item, to_text,
};
use crate::clock::{self, Clock, DAY, Millis};
use aws_sdk_dynamodb::types::AttributeValue;
use std::sync::PoisonError;

/// How often a change is tried anew when the same reply was changed meanwhile.
const TRIES: u32 = 5;

/// How long a summary can be sent: the team may have it tried again once it was given up.
const HELD_FOR: Millis = 40 * DAY;

impl Dynamo {
    /// Owes a summary, if it is not owed yet. Written before the reply, at most once a process: a summary too
    /// many tells nothing and is not sent, and one that every held reply wrote would hold them all up.
    pub(super) async fn owe_summary(&self, summary: &Owed) -> Stored<()> {
        let name = format!("{}#{}", summary.form, summary.id);
        if self.noted.lock().unwrap_or_else(PoisonError::into_inner).contains(&name) {
            return Ok(());
        }
        // Where it is owed, its condition fails.
        let _: Written = Transaction::new(self).put_new(owed_item(summary)).write().await?;
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
        Ok(())
    }

    pub(super) async fn record_once(&self, entry: &Entry) -> Stored<Recorded> {
        let corrects = self.corrected_by(entry).await?;
        let reply = &Reply { corrects, ..entry.reply.clone() };
        let (form, id) = (&reply.form, &reply.id);
        let known_by = |digest: &str| {
            Item::new(&same_key(form, digest), "same", &reply.reference)
                .number("until", entry.same_until)
                .expires(Some(entry.same_until))
        };
        let digests = Digests { same: Some(entry.same.clone()), alike: entry.alike.clone() };
        let reference = Item::new(&format!("{form}#REF#{}", reply.reference), "reference", id)
            .expires(Some(reply.expires));
        let mut transaction = Transaction::new(self)
            .put_if(
                known_by(&entry.same),
                "attribute_not_exists(pk) OR #it <= :it",
                "until",
                AttributeValue::N(reply.received.to_string()),
            )
            .put_new(reference)
            .put_new(digests.beside(reply_item(reply)));
        if let Some(alike) = &entry.alike {
            transaction = transaction.put(known_by(alike));
        }
        for hash in reply.found_by() {
            transaction = transaction.put_new(link(reply, hash));
        }
        if let Some(summary) = &entry.summary {
            let link = Item::new(&held_key(summary), &format!("reply#{id}"), id);
            transaction = transaction.put_new(link.expires(Some(summary.due + HELD_FOR)));
        }
        match transaction.put_owed(&entry.owed).write().await? {
            Written::All => Ok(Recorded::New),
            Written::Failed(failed) => match &failed[0] {
                Some(old) => Ok(Recorded::Same(super::from_text(text_of(old, "body")?)?)),
                None if failed[1].is_some() => Ok(Recorded::ReferenceTaken),
                None => Err(StoreError("dynamodb: an id was used before".to_owned())),
            },
        }
    }

    /// The reference of the reply that this one seems to correct. Two that come at the same moment
    /// may not know of each other; it is a hint for the team.
    async fn corrected_by(&self, entry: &Entry) -> Stored<Option<String>> {
        let Some(alike) = &entry.alike else { return Ok(None) };
        let Some(item) = self.item(&same_key(&entry.reply.form, alike), "same").await? else {
            return Ok(None);
        };
        let until: Option<i64> =
            item.get("until").and_then(|until| until.as_n().ok()?.parse().ok());
        match until.is_some_and(|until| until > entry.reply.received) {
            true => super::from_text(text_of(&item, "body")?).map(Some),
            false => Ok(None),
        }
    }

    pub(super) async fn queue_by_month(
        &self,
        form: &str,
        state: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Stored<Page<Reply>> {
        let months: Vec<String> =
            self.under(&format!("{form}#MONTHS"), &format!("{state}#")).await?;
        let first = after
            .and_then(|after| after.split('#').next()?.parse().ok())
            .map_or_else(String::new, clock::month);
        let begin = after.map_or_else(|| super::FIRST.to_owned(), |after| format!("{after}~"));
        let mut items: Vec<Reply> = Vec::new();
        for month in months.iter().filter(|month| **month >= first) {
            let wanted = limit - u32::try_from(items.len()).unwrap_or(limit);
            let list = list_name(form, state, month);
            items.extend(self.list::<Reply>(&list, (&begin, "~"), wanted).await?);
            if items.len() >= limit as usize {
                break;
            }
        }
        let full = items.len() >= limit as usize;
        let next = items.last().filter(|_| full).map(|last| rank(last.due, &last.id));
        Ok(Page { items, next })
    }

    pub(super) async fn move_once(&self, before: &Reply, step: &Move) -> Stored<Moved> {
        let (form, id) = (&before.form, &before.id);
        for _ in 0..TRIES {
            let Some(stored) = self.find_reply(form, id).await? else {
                return Ok(Moved::Missing);
            };
            if !stored.is_unmoved_since(before) {
                return Ok(Moved::Other(stored));
            }
            let reply = stored.clone().after(step.clone());
            self.note_month(form, &reply.state, reply.due).await?;
            let item = self.digests_of(form, id).await?.beside(reply_item(&reply));
            // The body is the whole reply, so another move in the meantime is seen here.
            let unchanged = AttributeValue::S(to_text(&stored));
            let transaction = Transaction::new(self).put_if(item, "#it = :it", "body", unchanged);
            if matches!(transaction.write().await?, Written::All) {
                return Ok(Moved::Done(reply));
            }
        }
        Err(StoreError("dynamodb: a reply changed at each of several tries".to_owned()))
    }

    /// Notes whom a form is to forget, longer than a table can be restored to. A table that is restored
    /// to a moment before has them again, and whoever restores it goes through these notes.
    pub(super) async fn note_erasure(&self, form: &str, person: &str) -> Stored<()> {
        let now = Clock::system().now();
        let note = Item::new(&format!("{form}#ERASED"), person, &now);
        Transaction::new(self)
            .put(note.expires(Some(now + 40 * DAY)))
            .write()
            .await?
            .all_or("erase")
    }

    pub(super) async fn erase_each(&self, form: &str, person: &str) -> Stored<u32> {
        let key = format!("{form}#PERSON#{person}");
        let ids: Vec<String> = self.under(&key, "reply#").await?;
        let mut gone = 0;
        for id in ids {
            let reply = self.find_reply(form, &id).await?;
            if reply.as_ref().is_some_and(|reply| !reply.is_from(person)) {
                continue;
            }
            let sort = format!("reply#{id}");
            let mut transaction = Transaction::new(self).delete(&key, &sort);
            if let Some(reply) = reply {
                for other in reply.found_by().into_iter().filter(|hash| *hash != person) {
                    transaction = transaction.delete(&format!("{form}#PERSON#{other}"), &sort);
                }
                transaction = transaction
                    .delete(&format!("{form}#SUB#{id}"), "reply")
                    .delete(&format!("{form}#REF#{}", reply.reference), "reference");
                let Digests { same, alike } = self.digests_of(form, &id).await?;
                for digest in [same, alike].into_iter().flatten() {
                    transaction = transaction.delete(&same_key(form, &digest), "same");
                }
                gone += 1;
            }
            transaction.write().await?.all_or("erase")?;
        }
        Ok(gone)
    }

    async fn digests_of(&self, form: &str, id: &str) -> Stored<Digests> {
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(format!("{form}#SUB#{id}")))
            .key("sk", AttributeValue::S("reply".to_owned()))
            .projection_expression("#same, #alike")
            .expression_attribute_names("#same", "same")
            .expression_attribute_names("#alike", "alike")
            .consistent_read(true)
            .send()
            .await
            .map_err(super::failure)?;
        let text =
            |name| output.item.as_ref().and_then(|item| item.get(name)?.as_s().ok().cloned());
        Ok(Digests { same: text("same"), alike: text("alike") })
    }
}

/// The digests under which a reply's repetition and its correction are known.
struct Digests {
    same: Option<String>,
    alike: Option<String>,
}

impl Digests {
    /// Written beside the reply, so that they can be found when it is erased.
    fn beside(self, mut item: Item) -> Item {
        for (name, digest) in [("same", self.same), ("alike", self.alike)] {
            if let Some(digest) = digest {
                item = item.text(name, &digest);
            }
        }
        item
    }
}

/// Puts a reply with other hashes, and what leads to it by them, if it is as it was read.
pub(super) async fn relinked(store: &Dynamo, before: &Reply, reply: &Reply) -> Stored<bool> {
    let item = store.digests_of(&reply.form, &reply.id).await?.beside(reply_item(reply));
    let unchanged = AttributeValue::S(to_text(before));
    let mut transaction = Transaction::new(store).put_if(item, "#it = :it", "body", unchanged);
    let found_by = reply.found_by();
    for hash in &found_by {
        transaction = transaction.put(link(reply, hash));
    }
    for hash in before.found_by().difference(&found_by) {
        let key = format!("{}#PERSON#{hash}", reply.form);
        transaction = transaction.delete(&key, &format!("reply#{}", reply.id));
    }
    Ok(matches!(transaction.write().await?, Written::All))
}

/// What leads from a hash to a reply.
fn link(reply: &Reply, hash: &str) -> Item {
    let (form, id) = (&reply.form, &reply.id);
    let key = format!("{form}#PERSON#{hash}");
    Item::new(&key, &format!("reply#{id}"), id).expires(Some(reply.expires))
}

/// Under what a summary finds its replies.
pub(super) fn held_key(summary: &Owed) -> String {
    format!("{}#HELD#{}", summary.form, summary.id)
}

fn same_key(form: &str, digest: &str) -> String {
    format!("{form}#SAME#{digest}")
}

fn reply_item(reply: &Reply) -> Item {
    let month = clock::month(reply.due);
    Item::new(&format!("{}#SUB#{}", reply.form, reply.id), "reply", reply)
        .text("state", &reply.state)
        .listed(&list_name(&reply.form, &reply.state, &month), &rank(reply.due, &reply.id))
        .expires(Some(reply.expires))
}

/// A queue's list in the index. The last part counts shards, of which a campaign needs one.
fn list_name(form: &str, state: &str, month: &str) -> String {
    format!("{form}#{state}#{month}#0")
}
