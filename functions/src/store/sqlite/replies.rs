//! Replies.

use super::mail_queue::{enqueue, enqueue_summary};
use super::rows::{cursor, many, one, page};
use super::{Sqlite, upkeep};
use crate::clock::Millis;
use crate::model::{
    NewReply, QueuedMail, Recorded, ReplyList, ReplyState, StateChange, StateChangeOutcome,
    StoredReply,
};
use crate::store::{Page, Replies, StoreResult, from_text, to_text};
use rusqlite::{OptionalExtension, Transaction, params};

impl Replies for Sqlite {
    async fn record(&self, entry: &NewReply) -> StoreResult<Recorded> {
        let entry = entry.clone();
        self.run(move |t| record(t, &entry)).await
    }

    async fn reply(&self, form: &str, id: &str) -> StoreResult<Option<StoredReply>> {
        let (form, id) = (form.to_owned(), id.to_owned());
        self.run(move |t| find_reply(t, &form, &id)).await
    }

    async fn by_reference(&self, form: &str, reference: &str) -> StoreResult<Option<StoredReply>> {
        let (form, reference) = (form.to_owned(), reference.to_owned());
        self.run(move |t| {
            let sql = "SELECT body FROM reply WHERE form = ?1 AND reference = ?2";
            one(t, sql, params![form, reference])
        })
        .await
    }

    async fn queue(
        &self,
        form: &str,
        state: ReplyState,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<StoredReply>> {
        let (form, state, after) = (form.to_owned(), state.as_str(), cursor(after));
        self.run(move |t| {
            let replies: Vec<StoredReply> = many(
                t,
                "SELECT body FROM reply WHERE form = ?1 AND state = ?2 AND (due, id) > (?3, ?4)
                 ORDER BY due, id LIMIT ?5",
                params![form, state, after.0, after.1, limit],
            )?;
            Ok(page(replies, limit, |reply| (reply.due, &reply.id)))
        })
        .await
    }

    async fn listed(
        &self,
        list: &ReplyList,
        form: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<StoredReply>> {
        let newest_first = list.is_newest_first();
        let (name, form) = (list.name(), form.map(str::to_owned));
        let after = match after {
            None if newest_first => (Millis::MAX, String::new()),
            after => cursor(after),
        };
        self.run(move |t| {
            let (follows, order) = if newest_first { ("<", "DESC") } else { (">", "ASC") };
            let sql = format!(
                "SELECT r.body, l.at FROM reply_list l
                 JOIN reply r ON r.form = l.form AND r.id = l.reply
                 WHERE l.list = ?1 AND (l.at, l.reply) {follows} (?2, ?3)
                 AND (?4 IS NULL OR l.form = ?4)
                 ORDER BY l.at {order}, l.reply {order} LIMIT ?5"
            );
            let mut statement = t.prepare(&sql)?;
            let rows = statement
                .query_map(params![name, after.0, after.1, form, limit], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, Millis>(1)?))
                })?;
            let mut items = Vec::new();
            let mut last = None;
            for row in rows {
                let (body, at) = row?;
                let reply: StoredReply = from_text(&body)?;
                last = Some(format!("{at}|{}", reply.id));
                items.push(reply);
            }
            let is_full = items.len() >= limit as usize;
            Ok(Page { items, next: last.filter(|_| is_full) })
        })
        .await
    }

    async fn search(&self, term: &str, limit: u32) -> StoreResult<Vec<StoredReply>> {
        let term = term.to_owned();
        self.run(move |t| {
            let sql = "SELECT r.body FROM search_term s
                       JOIN reply r ON r.form = s.form AND r.id = s.reply
                       WHERE s.term = ?1 ORDER BY s.reply DESC LIMIT ?2";
            many(t, sql, params![term, limit])
        })
        .await
    }

    async fn move_reply(
        &self,
        before: &StoredReply,
        step: &StateChange,
        mails: &[QueuedMail],
    ) -> StoreResult<StateChangeOutcome> {
        let (before, step, mails) = (before.clone(), step.clone(), mails.to_vec());
        self.run(move |t| {
            let Some(reply) = find_reply(t, &before.form, &before.id)? else {
                return Ok(StateChangeOutcome::Missing);
            };
            if !reply.is_unchanged_since(&before) {
                return Ok(StateChangeOutcome::Conflict(reply));
            }
            let reply = reply.after(step);
            t.execute(
                "UPDATE reply SET state = ?3, body = ?4 WHERE form = ?1 AND id = ?2",
                params![reply.form, reply.id, reply.state.as_str(), to_text(&reply)],
            )?;
            put_lists(t, &reply)?;
            enqueue(t, &mails)?;
            Ok(StateChangeOutcome::Changed(reply))
        })
        .await
    }

    async fn replies_of(&self, form: &str, person: &str) -> StoreResult<Vec<StoredReply>> {
        let (form, person) = (form.to_owned(), person.to_owned());
        self.run(move |t| found_by(t, &form, &person)).await
    }

    async fn held(&self, summary: &QueuedMail) -> StoreResult<Vec<String>> {
        let summary = summary.id.clone();
        self.run(move |t| {
            let mut statement =
                t.prepare("SELECT reply FROM held WHERE summary = ?1 ORDER BY reply")?;
            let ids = statement.query_map([summary], |row| row.get(0))?;
            Ok(ids.collect::<Result<Vec<String>, _>>()?)
        })
        .await
    }

    async fn erase_replies(&self, form: &str, person: &str) -> StoreResult<u32> {
        let (form, person) = (form.to_owned(), person.to_owned());
        let gone = self.run(move |t| {
            let theirs =
                "SELECT reply FROM contact WHERE form = ?1 AND hash = ?2 AND NOT is_mailbox";
            t.execute(
                &format!(
                    "DELETE FROM same WHERE form = ?1 AND reference IN
                     (SELECT reference FROM reply WHERE form = ?1 AND id IN ({theirs}))"
                ),
                params![form, person],
            )?;
            let gone = t.execute(
                &format!("DELETE FROM reply WHERE form = ?1 AND id IN ({theirs})"),
                params![form, person],
            )?;
            if gone > 0 {
                upkeep::note_removal(t)?;
            }
            Ok(u32::try_from(gone).unwrap_or(u32::MAX))
        });
        let gone = gone.await?;
        self.rewrite().await?;
        Ok(gone)
    }
}

fn record(t: &Transaction<'_>, entry: &NewReply) -> StoreResult<Recorded> {
    let mut reply = entry.reply.clone();
    if let Some(reference) = earlier(t, &reply, &entry.dedup_hash)? {
        return Ok(Recorded::Same(reference));
    }
    if let Some(alike) = &entry.correction_hash {
        reply.corrects = earlier(t, &reply, alike)?;
    }
    let inserted = t.execute(
        "INSERT INTO reply (form, id, reference, person, state, due, expires, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (form, reference) DO NOTHING",
        params![
            reply.form,
            reply.id,
            reply.reference,
            reply.person,
            reply.state.as_str(),
            reply.due,
            reply.expires,
            to_text(&reply)
        ],
    )?;
    if inserted == 0 {
        return Ok(Recorded::ReferenceTaken);
    }
    for digest in [Some(&entry.dedup_hash), entry.correction_hash.as_ref()].into_iter().flatten() {
        t.execute(
            "INSERT OR REPLACE INTO same (form, digest, reference, until) VALUES (?1, ?2, ?3, ?4)",
            params![reply.form, digest, reply.reference, entry.dedup_until],
        )?;
    }
    put_contacts(t, &reply)?;
    put_lists(t, &reply)?;
    put_search_terms(t, &reply)?;
    enqueue(t, &entry.mails)?;
    if let Some(summary) = &entry.summary {
        enqueue_summary(t, summary, &reply)?;
    }
    Ok(Recorded::New)
}

/// Notes every hash by which a reply is found.
pub(super) fn put_contacts(t: &Transaction<'_>, reply: &StoredReply) -> StoreResult<()> {
    for hash in reply.found_by() {
        t.execute(
            "INSERT INTO contact (form, hash, reply, is_mailbox) VALUES (?1, ?2, ?3, ?4)",
            params![reply.form, hash, reply.id, !reply.is_from(hash)],
        )?;
    }
    Ok(())
}

/// Puts a reply into the lists that it is in now, and no others.
pub(super) fn put_lists(t: &Transaction<'_>, reply: &StoredReply) -> StoreResult<()> {
    let sql = "DELETE FROM reply_list WHERE form = ?1 AND reply = ?2";
    t.execute(sql, params![reply.form, reply.id])?;
    for (list, at) in reply.lists() {
        let sql = "INSERT INTO reply_list (list, at, form, reply) VALUES (?1, ?2, ?3, ?4)";
        t.execute(sql, params![list, at, reply.form, reply.id])?;
    }
    Ok(())
}

/// Notes every term by which a search finds a reply.
pub(super) fn put_search_terms(t: &Transaction<'_>, reply: &StoredReply) -> StoreResult<()> {
    for term in &reply.search {
        t.execute(
            "INSERT OR IGNORE INTO search_term (term, form, reply) VALUES (?1, ?2, ?3)",
            params![term, reply.form, reply.id],
        )?;
    }
    Ok(())
}

/// The replies that are found by a hash, the oldest first.
pub(super) fn found_by(
    t: &Transaction<'_>,
    form: &str,
    hash: &str,
) -> StoreResult<Vec<StoredReply>> {
    let sql = "SELECT body FROM reply WHERE form = ?1 AND id IN
               (SELECT reply FROM contact WHERE form = ?1 AND hash = ?2) ORDER BY id";
    many(t, sql, params![form, hash])
}

/// The reference of the reply that was recorded under a digest within the last day.
fn earlier(t: &Transaction<'_>, reply: &StoredReply, digest: &str) -> StoreResult<Option<String>> {
    let sql = "SELECT reference FROM same WHERE form = ?1 AND digest = ?2 AND until > ?3";
    let parameters = params![reply.form, digest, reply.received];
    Ok(t.query_row(sql, parameters, |row| row.get(0)).optional()?)
}

pub(super) fn find_reply(
    t: &Transaction<'_>,
    form: &str,
    id: &str,
) -> StoreResult<Option<StoredReply>> {
    one(t, "SELECT body FROM reply WHERE form = ?1 AND id = ?2", params![form, id])
}
