//! Brings the records of earlier versions to today's hashes and lists, when a store is opened.

use super::replies::{put_contacts, put_lists, put_search_terms};
use super::subscribers::{find_subscriber, move_subscriber};
use crate::form::Definition;
use crate::hashes::Hashes;
use crate::model::{StoredReply, Subscriber, SubscriberMove};
use crate::secret_keys::{SecretKeys, random_hex};
use crate::store::{StoreResult, from_text, to_text};
use crate::submission::Contact;
use rusqlite::{OptionalExtension, Transaction, params};
use std::collections::BTreeMap;

/// The keys of a store. Without a key in it, no person was ever hashed with one.
fn keys(t: &Transaction<'_>) -> StoreResult<Option<SecretKeys>> {
    let sql = "SELECT value FROM secret WHERE name = 'person'";
    let secret: Option<String> = t.query_row(sql, [], |row| row.get(0)).optional()?;
    // Nothing is signed here.
    let token = format!("1:{}", random_hex(32));
    Ok(secret.and_then(|secret| SecretKeys::parse(&token, &secret).ok()))
}

/// Rehashes every reply, and puts it into its lists.
pub(super) fn rehash_replies(t: &Transaction<'_>) -> StoreResult<()> {
    let keys = keys(t)?;
    let mut definitions: BTreeMap<(String, String), Option<Definition>> = BTreeMap::new();
    for reply in readable::<StoredReply>(t, "SELECT body FROM reply")? {
        let digest = (reply.form.clone(), reply.definition.clone());
        let definition = match definitions.get(&digest) {
            Some(known) => known,
            None => {
                let sql = "SELECT body FROM definition WHERE form = ?1 AND digest = ?2";
                let body: Option<String> =
                    t.query_row(sql, [&digest.0, &digest.1], |row| row.get(0)).optional()?;
                let definition = body.and_then(|body| from_text(&body).ok());
                definitions.entry(digest).or_insert(definition)
            }
        };
        let form = definition.as_ref().map(|definition| &definition.form);
        let rehashed = match &keys {
            Some(keys) => reply.rehashed(keys, form),
            None => reply,
        };
        t.execute(
            "UPDATE reply SET person = ?3, body = ?4 WHERE form = ?1 AND id = ?2",
            params![rehashed.form, rehashed.id, rehashed.person, to_text(&rehashed)],
        )?;
        t.execute(
            "DELETE FROM contact WHERE form = ?1 AND reply = ?2",
            params![rehashed.form, rehashed.id],
        )?;
        put_contacts(t, &rehashed)?;
        put_lists(t, &rehashed)?;
        put_search_terms(t, &rehashed)?;
    }
    Ok(())
}

/// Rehashes every subscriber whose address is kept. Those whose address is gone stay under the hash that they have, and
/// are found by the spellings that it may be of.
pub(super) fn rehash_people(t: &Transaction<'_>) -> StoreResult<()> {
    let Some(keys) = keys(t)? else { return Ok(()) };
    for person in readable::<Subscriber>(t, "SELECT body FROM person ORDER BY form, since, hash")? {
        let Some(email) = &person.email else { continue };
        let hashes = Hashes::of(&keys, &person.form, &Contact::Email(email.clone()));
        for hash in std::iter::once(&person.hash).chain(&hashes.earlier) {
            // Another record of the same person may have been merged with this one already.
            let from = find_subscriber(t, &person.form, hash)?;
            let Some(from) = from.filter(|from| from.hash != hashes.person) else { continue };
            let there = find_subscriber(t, &person.form, &hashes.person)?;
            move_subscriber(t, &SubscriberMove::new(from, &hashes, there))?;
        }
        note_mailbox(t, &person.form, &hashes)?;
    }
    Ok(())
}

/// Records the mailbox of a person who was already stored under the right hash.
fn note_mailbox(t: &Transaction<'_>, form: &str, hashes: &Hashes) -> StoreResult<()> {
    let person = find_subscriber(t, form, &hashes.person)?;
    let Some(mut person) = person.filter(|person| person.email.is_some()) else { return Ok(()) };
    person.mailbox.clone_from(&hashes.mailbox);
    t.execute(
        "UPDATE person SET mailbox = ?3, body = ?4 WHERE form = ?1 AND hash = ?2",
        params![form, person.hash, person.mailbox, to_text(&person)],
    )?;
    Ok(())
}

/// The rows that can be read. One that cannot be read does not keep the store from opening: it fails when it is
/// requested.
fn readable<T: serde::de::DeserializeOwned>(t: &Transaction<'_>, sql: &str) -> StoreResult<Vec<T>> {
    let mut statement = t.prepare(sql)?;
    let bodies = statement.query_map([], |row| row.get::<_, String>(0))?;
    let bodies = bodies.collect::<Result<Vec<_>, _>>()?;
    Ok(bodies.iter().filter_map(|body| from_text(body).ok()).collect())
}
