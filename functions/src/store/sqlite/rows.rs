//! Reads and writes rows within one transaction.

use super::{
    Entry, Millis, Owed, Page, Person, PersonChange, Recorded, Reply, Stored, from_text, to_text,
    upkeep,
};
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
    owe(t, &entry.owed)?;
    Ok(Recorded::New)
}

/// The reference of the reply that was recorded under a digest within the last day.
fn earlier(t: &Transaction<'_>, reply: &Reply, digest: &str) -> Stored<Option<String>> {
    let sql = "SELECT reference FROM same WHERE form = ?1 AND digest = ?2 AND until > ?3";
    let parameters = params![reply.form, digest, reply.received];
    Ok(t.query_row(sql, parameters, |row| row.get(0)).optional()?)
}

pub(super) fn save_person(t: &Transaction<'_>, change: &PersonChange) -> Stored<bool> {
    let (person, event) = (&change.person, &change.event);
    let before: Option<Person> = one(
        t,
        "SELECT body FROM person WHERE form = ?1 AND hash = ?2",
        params![person.form, person.hash],
    )?;
    if before.as_ref().map(|before| before.version) != change.expected {
        return Ok(false);
    }
    // Nothing where a new person's reference is somebody else's.
    let saved = t.execute(
        "INSERT INTO person (form, hash, reference, state, since, expires, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (form, hash) DO UPDATE SET state = excluded.state, since = excluded.since,
             expires = excluded.expires, body = excluded.body
         ON CONFLICT (form, reference) DO NOTHING",
        params![
            person.form,
            person.hash,
            person.reference,
            person.state.word(),
            person.since,
            person.expires,
            to_text(person)
        ],
    )?;
    if saved == 0 {
        return Ok(false);
    }
    t.execute(
        "INSERT INTO event (form, person, id, body) VALUES (?1, ?2, ?3, ?4)",
        params![event.form, event.person, event.id, to_text(event)],
    )?;
    owe(t, &change.owed)?;
    if before.is_some_and(|before| before.email.is_some() && before.email != person.email) {
        upkeep::note_removal(t)?;
    }
    Ok(true)
}

fn owe(t: &Transaction<'_>, owed: &[Owed]) -> Stored<()> {
    for owed in owed {
        t.execute(
            "INSERT INTO outbox (id, due, failed, body) VALUES (?1, ?2, ?3, ?4)",
            params![owed.id, owed.due, owed.failed, to_text(owed)],
        )?;
    }
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
