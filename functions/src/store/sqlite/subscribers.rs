//! Subscribers, the evidence of their consent, and mailboxes.

use super::mail_queue::enqueue;
use super::rows::{cursor, many, one, page};
use super::{Sqlite, upkeep};
use crate::clock::Millis;
use crate::model::{
    CONFIRM_WITHIN, ConsentEvent, Mailbox, Subscriber, SubscriberChange, SubscriberMove,
    SubscriptionState,
};
use crate::store::{Page, StoreResult, Subscribers, to_text};
use rusqlite::{OptionalExtension, Transaction, params};

impl Subscribers for Sqlite {
    async fn subscriber(&self, form: &str, hash: &str) -> StoreResult<Option<Subscriber>> {
        let (form, hash) = (form.to_owned(), hash.to_owned());
        self.run(move |t| find_subscriber(t, &form, &hash)).await
    }

    async fn look_up(
        &self,
        form: &str,
        hashes: &[String],
        mailbox: Option<&str>,
    ) -> StoreResult<(Vec<Subscriber>, Option<Mailbox>)> {
        let (form, hashes) = (form.to_owned(), hashes.to_vec());
        let mailbox = mailbox.map(str::to_owned);
        self.run(move |t| {
            let mut people: Vec<Subscriber> = Vec::new();
            for hash in hashes {
                let person = find_subscriber(t, &form, &hash)?;
                let new =
                    |person: &Subscriber| people.iter().all(|known| known.hash != person.hash);
                people.extend(person.filter(new));
            }
            let mailbox = mailbox.map(|hash| find_mailbox(t, &hash)).transpose()?.flatten();
            Ok((people, mailbox))
        })
        .await
    }

    async fn subscribers_of_mailbox(&self, form: &str, hash: &str) -> StoreResult<Vec<Subscriber>> {
        let (form, hash) = (form.to_owned(), hash.to_owned());
        self.run(move |t| {
            let sql = "SELECT body FROM person WHERE form = ?1 AND (hash = ?2 OR mailbox = ?2)
                       ORDER BY since, hash";
            many(t, sql, params![form, hash])
        })
        .await
    }

    async fn subscriber_by_reference(
        &self,
        form: &str,
        reference: &str,
    ) -> StoreResult<Option<Subscriber>> {
        let (form, reference) = (form.to_owned(), reference.to_owned());
        self.run(move |t| {
            let sql = "SELECT body FROM person WHERE form = ?1 AND (reference = ?2 OR hash =
                       (SELECT target FROM person_alias WHERE form = ?1 AND reference = ?2))";
            one(t, sql, params![form, reference])
        })
        .await
    }

    async fn save_subscriber(&self, change: &SubscriberChange) -> StoreResult<bool> {
        let change = change.clone();
        let is_erasure = change.person.state == SubscriptionState::Erased;
        let saved = self.run(move |t| save_subscriber(t, &change)).await?;
        if saved && is_erasure {
            self.rewrite().await?;
        }
        Ok(saved)
    }

    async fn move_subscriber(&self, change: &SubscriberMove) -> StoreResult<bool> {
        let change = change.clone();
        self.run(move |t| move_subscriber(t, &change)).await
    }

    async fn mailbox(&self, hash: &str) -> StoreResult<Option<Mailbox>> {
        let hash = hash.to_owned();
        self.run(move |t| find_mailbox(t, &hash)).await
    }

    async fn save_mailbox(&self, mailbox: &Mailbox) -> StoreResult<bool> {
        let mailbox = mailbox.clone();
        self.run(move |t| save_mailbox(t, &mailbox)).await
    }

    async fn subscribers(
        &self,
        form: &str,
        state: SubscriptionState,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Subscriber>> {
        let (form, after) = (form.to_owned(), cursor(after));
        self.run(move |t| {
            let people: Vec<Subscriber> = many(
                t,
                "SELECT body FROM person WHERE form = ?1 AND state = ?2 AND (since, hash) > (?3, ?4)
                 ORDER BY since, hash LIMIT ?5",
                params![form, state.as_str(), after.0, after.1, limit],
            )?;
            Ok(page(people, limit, |person| (person.since, &person.hash)))
        })
        .await
    }

    async fn lapsing(&self, form: &str, now: Millis, limit: u32) -> StoreResult<Vec<Subscriber>> {
        let form = form.to_owned();
        self.run(move |t| {
            let pending: Vec<Subscriber> = many(
                t,
                "SELECT body FROM person WHERE form = ?1 AND state = ?2 AND since <= ?3
                 ORDER BY since, hash",
                params![form, SubscriptionState::Pending.as_str(), now - CONFIRM_WITHIN],
            )?;
            let lapses = |person: &Subscriber| person.lapses_at().is_some_and(|at| at <= now);
            Ok(pending.into_iter().filter(lapses).take(limit as usize).collect())
        })
        .await
    }

    async fn events(&self, form: &str, person: &str) -> StoreResult<Vec<ConsentEvent>> {
        let (form, person) = (form.to_owned(), person.to_owned());
        self.run(move |t| {
            let sql = "SELECT body FROM event WHERE form = ?1 AND person = ?2 ORDER BY id";
            many(t, sql, params![form, person])
        })
        .await
    }
}

/// A subscriber by their hash, or by one from which they were moved.
pub(super) fn find_subscriber(
    t: &Transaction<'_>,
    form: &str,
    hash: &str,
) -> StoreResult<Option<Subscriber>> {
    one(
        t,
        "SELECT body FROM person WHERE form = ?1 AND hash = coalesce(
            (SELECT target FROM person_alias WHERE form = ?1 AND hash = ?2), ?2)",
        params![form, hash],
    )
}

pub(super) fn save_subscriber(t: &Transaction<'_>, change: &SubscriberChange) -> StoreResult<bool> {
    let (person, event) = (&change.person, &change.event);
    let before = stored(t, &person.form, &person.hash)?;
    if before.as_ref().map(|before| before.version) != change.expected {
        return Ok(false);
    }
    let mailbox_is_as_read =
        change.mailbox.as_ref().map_or(Ok(true), |mailbox| follows(t, mailbox));
    // Anything written before a condition fails would be kept.
    if !mailbox_is_as_read? || !put_person(t, person)? {
        return Ok(false);
    }
    if let Some(mailbox) = &change.mailbox {
        put_mailbox(t, mailbox)?;
    }
    put_event(t, event)?;
    enqueue(t, &change.mails)?;
    if before.is_some_and(|before| before.email.is_some() && before.email != person.email) {
        upkeep::note_removal(t)?;
    }
    Ok(true)
}

/// The subscriber under exactly this hash.
fn stored(t: &Transaction<'_>, form: &str, hash: &str) -> StoreResult<Option<Subscriber>> {
    one(t, "SELECT body FROM person WHERE form = ?1 AND hash = ?2", params![form, hash])
}

/// False if a new person's reference belongs to someone else.
fn put_person(t: &Transaction<'_>, person: &Subscriber) -> StoreResult<bool> {
    let saved = t.execute(
        "INSERT INTO person (form, hash, mailbox, reference, state, since, expires, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (form, hash) DO UPDATE SET mailbox = excluded.mailbox,
             state = excluded.state, since = excluded.since, expires = excluded.expires,
             body = excluded.body
         ON CONFLICT (form, reference) DO NOTHING",
        params![
            person.form,
            person.hash,
            person.mailbox,
            person.reference,
            person.state.as_str(),
            person.since,
            person.expires,
            to_text(person)
        ],
    )?;
    Ok(saved == 1)
}

fn put_event(t: &Transaction<'_>, event: &ConsentEvent) -> StoreResult<()> {
    t.execute(
        "INSERT INTO event (form, person, id, body) VALUES (?1, ?2, ?3, ?4)",
        params![event.form, event.person, event.id, to_text(event)],
    )?;
    Ok(())
}

pub(super) fn move_subscriber(t: &Transaction<'_>, change: &SubscriberMove) -> StoreResult<bool> {
    let SubscriberMove { from, person, expected } = change;
    let form = &person.form;
    let (left, there) = (stored(t, form, &from.hash)?, stored(t, form, &person.hash)?);
    let version = |stored: &Option<Subscriber>| stored.as_ref().map(|stored| stored.version);
    if version(&left) != Some(from.version) || version(&there) != *expected {
        return Ok(false);
    }
    if left.iter().chain(&there).any(|one| one.email.is_some() && one.email != person.email) {
        upkeep::note_removal(t)?;
    }
    t.execute("DELETE FROM person WHERE form = ?1 AND hash = ?2", params![form, from.hash])?;
    put_person(t, person)?;
    // After two records are merged, the person has two references, and may quote either.
    let reference = Some(&from.reference).filter(|reference| **reference != person.reference);
    t.execute(
        "INSERT INTO person_alias (form, hash, target, reference) VALUES (?1, ?2, ?3, ?4)",
        params![form, from.hash, person.hash, reference],
    )?;
    let sql = "SELECT body FROM event WHERE form = ?1 AND person = ?2";
    let events: Vec<ConsentEvent> = many(t, sql, params![form, from.hash])?;
    t.execute("DELETE FROM event WHERE form = ?1 AND person = ?2", params![form, from.hash])?;
    for event in events {
        put_event(t, &ConsentEvent { person: person.hash.clone(), ..event })?;
    }
    Ok(true)
}

pub(super) fn find_mailbox(t: &Transaction<'_>, hash: &str) -> StoreResult<Option<Mailbox>> {
    one(t, "SELECT body FROM mailbox WHERE hash = ?1", [hash])
}

pub(super) fn save_mailbox(t: &Transaction<'_>, mailbox: &Mailbox) -> StoreResult<bool> {
    if !follows(t, mailbox)? {
        return Ok(false);
    }
    put_mailbox(t, mailbox)?;
    Ok(true)
}

/// Whether a record is the next version of the one that is stored.
fn follows(t: &Transaction<'_>, mailbox: &Mailbox) -> StoreResult<bool> {
    let sql = "SELECT version FROM mailbox WHERE hash = ?1";
    let stored = t.query_row(sql, [&mailbox.hash], |row| row.get::<_, i64>(0)).optional()?;
    Ok(mailbox.follows(stored.and_then(|version| u64::try_from(version).ok())))
}

fn put_mailbox(t: &Transaction<'_>, mailbox: &Mailbox) -> StoreResult<()> {
    t.execute(
        "INSERT OR REPLACE INTO mailbox (hash, version, expires, body) VALUES (?1, ?2, ?3, ?4)",
        params![
            mailbox.hash,
            i64::try_from(mailbox.version).unwrap_or(i64::MAX),
            mailbox.expires(),
            to_text(mailbox)
        ],
    )?;
    Ok(())
}
