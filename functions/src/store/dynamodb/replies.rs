//! Replies.

use super::DynamoDb;
use super::error::DynamoDbError;
use super::item::{Attributes, Item, body_of, number, number_of, rank, text, text_of};
use super::table::{FIRST_RANK, LAST_RANK};
use super::transaction::{Condition, Transaction, WriteOutcome};
use crate::clock::{self, Clock, DAY, Millis};
use crate::model::{
    NewReply, QueuedMail, Recorded, ReplyList, ReplyState, StateChange, StateChangeOutcome,
    StoredReply,
};
use crate::store::{Page, Replies, StoreError, StoreResult, from_text, to_text};

/// How often a change is tried again when someone else changed the same reply meanwhile.
const MAX_TRIES: u32 = 5;

/// How long a summary can be sent: the team may retry it after it was given up.
const SUMMARY_LIFETIME: Millis = 40 * DAY;
/// How long an erasure is noted: longer than a table can be restored to.
const ERASURE_NOTE_LIFETIME: Millis = 40 * DAY;

impl Replies for DynamoDb {
    async fn record(&self, entry: &NewReply) -> StoreResult<Recorded> {
        self.note_month(&entry.reply.form, entry.reply.state, entry.reply.due).await?;
        if let Some(summary) = &entry.summary {
            self.enqueue_summary(summary).await?;
        }
        let corrects = self.corrected_by(entry).await?;
        let reply = &StoredReply { corrects, ..entry.reply.clone() };
        match self.recording(entry, reply).write().await? {
            WriteOutcome::All => Ok(Recorded::New),
            WriteOutcome::Failed(failed) => match &failed[0] {
                Some(old) => Ok(Recorded::Same(from_text(text_of(old, "body")?)?)),
                None if failed[1].is_some() => Ok(Recorded::ReferenceTaken),
                None => Err(DynamoDbError::IdTaken.into()),
            },
        }
    }

    async fn reply(&self, form: &str, id: &str) -> StoreResult<Option<StoredReply>> {
        self.get(&reply_key(form, id), "reply").await
    }

    async fn by_reference(&self, form: &str, reference: &str) -> StoreResult<Option<StoredReply>> {
        match self.get::<String>(&reference_key(form, reference), "reference").await? {
            Some(id) => self.reply(form, &id).await,
            None => Ok(None),
        }
    }

    async fn queue(
        &self,
        form: &str,
        state: ReplyState,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<StoredReply>> {
        let months: Vec<String> =
            self.query_prefix(&months_key(form), &format!("{state}#")).await?;
        let first = after
            .and_then(|after| after.split('#').next()?.parse().ok())
            .map_or_else(String::new, clock::month);
        let begin = after.map_or_else(|| FIRST_RANK.to_owned(), |after| format!("{after}~"));
        let mut items: Vec<StoredReply> = Vec::new();
        for month in months.iter().filter(|month| **month >= first) {
            let wanted = limit - u32::try_from(items.len()).unwrap_or(limit);
            let list = list_name(form, state, month);
            items.extend(self.list::<StoredReply>(&list, (&begin, LAST_RANK), wanted).await?);
            if items.len() >= limit as usize {
                break;
            }
        }
        let full = items.len() >= limit as usize;
        let next = items.last().filter(|_| full).map(|last| rank(last.due, &last.id));
        Ok(Page { items, next })
    }

    async fn listed(
        &self,
        list: &ReplyList,
        form: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<StoredReply>> {
        self.read_list(list, form, after, limit).await
    }

    async fn search(&self, term: &str, limit: u32) -> StoreResult<Vec<StoredReply>> {
        self.read_search_term(term, limit).await
    }

    async fn move_reply(
        &self,
        before: &StoredReply,
        step: &StateChange,
        mails: &[QueuedMail],
    ) -> StoreResult<StateChangeOutcome> {
        let (form, id) = (&before.form, &before.id);
        for _ in 0..MAX_TRIES {
            let Some(item) = self.item(&reply_key(form, id), "reply").await? else {
                return Ok(StateChangeOutcome::Missing);
            };
            let stored: StoredReply = from_text(body_of(&item)?)?;
            if !stored.is_unchanged_since(before) {
                return Ok(StateChangeOutcome::Conflict(stored));
            }
            let reply = stored.clone().after(step.clone());
            self.note_month(form, reply.state, reply.due).await?;
            let item = Digests::of(&item).add_to(reply_item(&reply));
            // The body is the whole reply, so this detects any other change.
            let unchanged = Condition::equal("body", text(&to_text(&stored)));
            let moved = Transaction::new(self)
                .put_if(item, unchanged)
                .list_anew(&stored, &reply)
                .enqueue(mails);
            if moved.write().await?.is_all() {
                return Ok(StateChangeOutcome::Changed(reply));
            }
        }
        Err(StoreError::Conflict)
    }

    async fn replies_of(&self, form: &str, person: &str) -> StoreResult<Vec<StoredReply>> {
        let ids: Vec<String> = self.query_prefix(&person_key(form, person), "reply#").await?;
        let mut replies = Vec::new();
        for id in ids {
            replies.extend(self.reply(form, &id).await?);
        }
        Ok(replies)
    }

    async fn held(&self, summary: &QueuedMail) -> StoreResult<Vec<String>> {
        self.query_prefix(&held_key(summary), "reply#").await
    }

    async fn erase_replies(&self, form: &str, person: &str) -> StoreResult<u32> {
        self.note_erasure(form, person).await?;
        let ids: Vec<String> = self.query_prefix(&person_key(form, person), "reply#").await?;
        let mut erased = 0;
        for id in ids {
            let item = self.item(&reply_key(form, &id), "reply").await?;
            let reply: Option<StoredReply> =
                item.as_ref().map(|item| from_text(body_of(item)?)).transpose()?;
            if reply.as_ref().is_some_and(|reply| !reply.is_from(person)) {
                continue;
            }
            let sort = format!("reply#{id}");
            let mut transaction = Transaction::new(self).delete(&person_key(form, person), &sort);
            if let (Some(item), Some(reply)) = (&item, &reply) {
                transaction = transaction.delete_reply(reply, &Digests::of(item), person);
                erased += 1;
            }
            transaction.write().await?.all_or("erase")?;
        }
        Ok(erased)
    }
}

impl DynamoDb {
    /// Notes that a form has replies in this state that are due in this month, so that a queue reads only such
    /// months. Written before the reply, at most once a process: a note too many costs an empty query, a note too
    /// few would hide a reply.
    async fn note_month(&self, form: &str, state: ReplyState, due: Millis) -> StoreResult<()> {
        let month = clock::month(due);
        let name = format!("{form}#{state}#{month}");
        if self.is_noted(&name) {
            return Ok(());
        }
        self.put(Item::new(&months_key(form), &format!("{state}#{month}"), &month)).await?;
        self.note(name);
        Ok(())
    }

    /// The transaction that records a reply. Its first two writes are conditional: repetition, then reference.
    fn recording(&self, entry: &NewReply, reply: &StoredReply) -> Transaction<'_> {
        let (form, id) = (&reply.form, &reply.id);
        let known_by = |digest: &str| {
            Item::new(&same_key(form, digest), "same", &reply.reference)
                .number("until", entry.dedup_until)
                .expires(Some(entry.dedup_until))
        };
        let is_over = "attribute_not_exists(pk) OR #it <= :it";
        let is_over = Condition::new(is_over, "until", number(reply.received));
        let reference = Item::new(&reference_key(form, &reply.reference), "reference", id)
            .expires(Some(reply.expires));
        let digests =
            Digests { same: Some(entry.dedup_hash.clone()), alike: entry.correction_hash.clone() };
        let mut transaction = Transaction::new(self)
            .put_if(known_by(&entry.dedup_hash), is_over)
            .put_new(reference)
            .put_new(digests.add_to(reply_item(reply)));
        if let Some(alike) = &entry.correction_hash {
            transaction = transaction.put(known_by(alike));
        }
        for hash in reply.found_by() {
            transaction = transaction.put_new(link(reply, hash));
        }
        transaction = transaction.list(reply).add_search_terms(reply);
        if let Some(summary) = &entry.summary {
            let link = Item::new(&held_key(summary), &format!("reply#{id}"), id);
            transaction = transaction.put_new(link.expires(Some(summary.due + SUMMARY_LIFETIME)));
        }
        transaction.enqueue(&entry.mails)
    }

    /// The reference of the reply that this one seems to correct. Two that are recorded at the same moment may miss
    /// each other; it is a hint for the team.
    async fn corrected_by(&self, entry: &NewReply) -> StoreResult<Option<String>> {
        let Some(alike) = &entry.correction_hash else { return Ok(None) };
        let Some(item) = self.item(&same_key(&entry.reply.form, alike), "same").await? else {
            return Ok(None);
        };
        match number_of::<Millis>(&item, "until").is_some_and(|until| until > entry.reply.received)
        {
            true => from_text(text_of(&item, "body")?).map(Some),
            false => Ok(None),
        }
    }

    /// Records who was erased. A table that is restored to an earlier time has them again; the operator
    /// repeats the erasures that these notes list.
    async fn note_erasure(&self, form: &str, person: &str) -> StoreResult<()> {
        let now = Clock::system().now();
        let note = Item::new(&format!("{form}#ERASED"), person, &now);
        let note = note.expires(Some(now + ERASURE_NOTE_LIFETIME));
        Transaction::new(self).put(note).write().await?.all_or("erase")
    }

    /// Stores a reply with other hashes, and the links from them, if it has not changed since `before`.
    pub(super) async fn relink(
        &self,
        before: &StoredReply,
        reply: &StoredReply,
    ) -> StoreResult<bool> {
        let (form, id) = (&reply.form, &reply.id);
        let Some(stored) = self.item(&reply_key(form, id), "reply").await? else {
            return Ok(false);
        };
        let item = Digests::of(&stored).add_to(reply_item(reply));
        let unchanged = Condition::equal("body", text(&to_text(before)));
        let mut transaction = Transaction::new(self).put_if(item, unchanged);
        let found_by = reply.found_by();
        for hash in &found_by {
            transaction = transaction.put(link(reply, hash));
        }
        for hash in before.found_by().difference(&found_by) {
            transaction = transaction.delete(&person_key(form, hash), &format!("reply#{id}"));
        }
        Ok(transaction.list(reply).add_search_terms(reply).write().await?.is_all())
    }
}

impl Transaction<'_> {
    /// Deletes a reply and what leads to it, but for the link from the hash of `person`.
    fn delete_reply(mut self, reply: &StoredReply, digests: &Digests, person: &str) -> Self {
        let (form, id) = (&reply.form, &reply.id);
        for other in reply.found_by().into_iter().filter(|hash| *hash != person) {
            self = self.delete(&person_key(form, other), &format!("reply#{id}"));
        }
        for digest in [&digests.same, &digests.alike].into_iter().flatten() {
            self = self.delete(&same_key(form, digest), "same");
        }
        self.unlist(reply)
            .delete(&reply_key(form, id), "reply")
            .delete(&reference_key(form, &reply.reference), "reference")
    }
}

/// The digests by which a repetition and a correction of a reply are recognised.
struct Digests {
    same: Option<String>,
    alike: Option<String>,
}

impl Digests {
    fn of(item: &Attributes) -> Digests {
        let digest = |name| text_of(item, name).ok().map(str::to_owned);
        Digests { same: digest("same"), alike: digest("alike") }
    }

    /// Stores them with the reply, so that they can be found when it is erased.
    fn add_to(self, mut item: Item) -> Item {
        for (name, digest) in [("same", self.same), ("alike", self.alike)] {
            if let Some(digest) = digest {
                item = item.text(name, &digest);
            }
        }
        item
    }
}

pub(super) fn reply_key(form: &str, id: &str) -> String {
    format!("{form}#SUB#{id}")
}

fn reference_key(form: &str, reference: &str) -> String {
    format!("{form}#REF#{reference}")
}

fn months_key(form: &str) -> String {
    format!("{form}#MONTHS")
}

fn person_key(form: &str, hash: &str) -> String {
    format!("{form}#PERSON#{hash}")
}

fn same_key(form: &str, digest: &str) -> String {
    format!("{form}#SAME#{digest}")
}

/// The partition that lists the replies of a summary.
fn held_key(summary: &QueuedMail) -> String {
    format!("{}#HELD#{}", summary.form, summary.id)
}

fn reply_item(reply: &StoredReply) -> Item {
    let month = clock::month(reply.due);
    Item::new(&reply_key(&reply.form, &reply.id), "reply", reply)
        .text("state", reply.state.as_str())
        .listed(&list_name(&reply.form, reply.state, &month), &rank(reply.due, &reply.id))
        .expires(Some(reply.expires))
}

/// The link from a hash to a reply.
fn link(reply: &StoredReply, hash: &str) -> Item {
    let key = person_key(&reply.form, hash);
    Item::new(&key, &format!("reply#{}", reply.id), &reply.id).expires(Some(reply.expires))
}

/// The list of a queue in the index. The last part numbers shards; one campaign needs only one.
fn list_name(form: &str, state: ReplyState, month: &str) -> String {
    format!("{form}#{state}#{month}#0")
}
