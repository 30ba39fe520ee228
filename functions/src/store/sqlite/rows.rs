//! Reads and writes rows within one transaction.

use super::{Entry, Millis, Owed, Page, Recorded, Reply, Stored, from_text, to_text};
use rusqlite::{OptionalExtension, Row, Transaction, params};

pub(super) fn record(t: &Transaction<'_>, entry: &Entry) -> Stored<Recorded> {
    let mut reply = entry.reply.clone();
    if let Some(reference) = earlier(t, &reply, &entry.same)? {
        return Ok(Recorded::Same(reference));
    }
    if let Some(alike) = &entry.alike {
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
    for digest in [Some(&entry.same), entry.alike.as_ref()].into_iter().flatten() {
        t.execute(
            "INSERT OR REPLACE INTO same (form, digest, reference, until) VALUES (?1, ?2, ?3, ?4)",
            params![reply.form, digest, reply.reference, entry.same_until],
        )?;
    }
    put_contacts(t, &reply)?;
    owe(t, &entry.owed)?;
    if let Some(summary) = &entry.summary {
        owe_summary(t, summary, &reply)?;
    }
    Ok(Recorded::New)
}

/// Notes every hash by which a reply is found.
pub(super) fn put_contacts(t: &Transaction<'_>, reply: &Reply) -> Stored<()> {
    for hash in reply.found_by() {
        t.execute(
            "INSERT INTO contact (form, hash, reply, is_mailbox) VALUES (?1, ?2, ?3, ?4)",
            params![reply.form, hash, reply.id, !reply.is_from(hash)],
        )?;
    }
    Ok(())
}

/// The replies that are found by a hash, the oldest first.
pub(super) fn found_by(t: &Transaction<'_>, form: &str, hash: &str) -> Stored<Vec<Reply>> {
    let sql = "SELECT body FROM reply WHERE form = ?1 AND id IN
               (SELECT reply FROM contact WHERE form = ?1 AND hash = ?2) ORDER BY id";
    many(t, sql, params![form, hash])
}

/// The reference of the reply that was recorded under a digest within the last day.
fn earlier(t: &Transaction<'_>, reply: &Reply, digest: &str) -> Stored<Option<String>> {
    let sql = "SELECT reference FROM same WHERE form = ?1 AND digest = ?2 AND until > ?3";
    let parameters = params![reply.form, digest, reply.received];
    Ok(t.query_row(sql, parameters, |row| row.get(0)).optional()?)
}

pub(super) fn owe(t: &Transaction<'_>, owed: &[Owed]) -> Stored<()> {
    for owed in owed {
        t.execute(
            "INSERT INTO outbox (id, due, failed, body) VALUES (?1, ?2, ?3, ?4)",
            params![owed.id, owed.due, owed.failed, to_text(owed)],
        )?;
    }
    Ok(())
}

/// Owes a summary, if it is not owed yet, that tells of this reply too.
fn owe_summary(t: &Transaction<'_>, summary: &Owed, reply: &Reply) -> Stored<()> {
    t.execute(
        "INSERT INTO outbox (id, due, failed, body) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO NOTHING",
        params![summary.id, summary.due, summary.failed, to_text(summary)],
    )?;
    t.execute(
        "INSERT INTO held (summary, form, reply) VALUES (?1, ?2, ?3)",
        params![summary.id, reply.form, reply.id],
    )?;
    Ok(())
}

pub(super) fn find_reply(t: &Transaction<'_>, form: &str, id: &str) -> Stored<Option<Reply>> {
    one(t, "SELECT body FROM reply WHERE form = ?1 AND id = ?2", params![form, id])
}

pub(super) fn one<T: for<'a> serde::Deserialize<'a>>(
    t: &Transaction<'_>,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Stored<Option<T>> {
    let body: Option<String> = t.query_row(sql, parameters, body).optional()?;
    body.as_deref().map(from_text).transpose()
}

pub(super) fn many<T: for<'a> serde::Deserialize<'a>>(
    t: &Transaction<'_>,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Stored<Vec<T>> {
    let mut statement = t.prepare(sql)?;
    let bodies = statement.query_map(parameters, body)?.collect::<Result<Vec<_>, _>>()?;
    bodies.iter().map(|body| from_text(body)).collect()
}

fn body(row: &Row<'_>) -> rusqlite::Result<String> {
    row.get(0)
}

/// A cursor is the sort key of the last item: a time and an id.
pub(super) fn cursor(after: Option<&str>) -> (Millis, String) {
    let parts = after.and_then(|after| after.split_once('|'));
    match parts.and_then(|(time, id)| Some((time.parse().ok()?, id.to_owned()))) {
        Some(cursor) => cursor,
        None => (Millis::MIN, String::new()),
    }
}

pub(super) fn page<T>(items: Vec<T>, limit: u32, key: impl Fn(&T) -> (Millis, &String)) -> Page<T> {
    let full = items.len() >= limit as usize;
    let next = items.last().filter(|_| full).map(|last| {
        let (time, id) = key(last);
        format!("{time}|{id}")
    });
    Page { items, next }
}
