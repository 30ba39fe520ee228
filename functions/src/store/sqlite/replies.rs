//! Replies.

use super::mail_queue::{enqueue, enqueue_summary};
use super::rows::{cursor, many, one, page};
use super::{Sqlite, upkeep};
use crate::model::{NewReply, QueuedMail, Recorded, StateChange, StateChangeOutcome, StoredReply};
use crate::store::{Page, Replies, StoreResult, to_text};
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
        state: &str,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<StoredReply>> {
        let (form, state, after) = (form.to_owned(), state.to_owned(), cursor(after));
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

    async fn move_reply(
        &self,
        before: &StoredReply,
        step: &StateChange,
    ) -> StoreResult<StateChangeOutcome> {
        let (before, step) = (before.clone(), step.clone());
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
                params![reply.form, reply.id, reply.state, to_text(&reply)],
            )?;
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
            reply.state,
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
