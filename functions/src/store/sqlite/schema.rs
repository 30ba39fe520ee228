//! Brings a store's tables from any earlier version to this one. Touches the disk.

use super::{SqliteError, upgrade};
use crate::failpoint;
use crate::store::StoreResult;
use rusqlite::{Connection, TransactionBehavior};

/// Each step is run once, in order; `user_version` counts those that were. Never change one that
/// was released: add the next.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE secret (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE definition (
        form TEXT NOT NULL, digest TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (form, digest)) STRICT;
    CREATE TABLE current (form TEXT PRIMARY KEY, digest TEXT NOT NULL) STRICT;
    CREATE TABLE reply (
        form TEXT NOT NULL, id TEXT NOT NULL, reference TEXT NOT NULL, person TEXT,
        state TEXT NOT NULL, due INTEGER NOT NULL, expires INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (form, id), UNIQUE (form, reference)) STRICT;
    CREATE INDEX reply_queue ON reply (form, state, due, id);
    CREATE INDEX reply_person ON reply (form, person, id);
    CREATE INDEX reply_expires ON reply (expires);
    CREATE TABLE same (
        form TEXT NOT NULL, digest TEXT NOT NULL, reference TEXT NOT NULL, until INTEGER NOT NULL,
        PRIMARY KEY (form, digest)) STRICT;
    CREATE TABLE person (
        form TEXT NOT NULL, hash TEXT NOT NULL, reference TEXT NOT NULL, state TEXT NOT NULL,
        since INTEGER NOT NULL, expires INTEGER, body TEXT NOT NULL,
        PRIMARY KEY (form, hash), UNIQUE (form, reference)) STRICT;
    CREATE INDEX person_state ON person (form, state, since, hash);
    CREATE TABLE event (
        form TEXT NOT NULL, person TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (form, person, id)) STRICT;
    CREATE TABLE outbox (
        id TEXT PRIMARY KEY, due INTEGER NOT NULL, failed INTEGER NOT NULL,
        body TEXT NOT NULL) STRICT;
    CREATE INDEX outbox_due ON outbox (failed, due, id);
    CREATE TABLE counter (
        name TEXT PRIMARY KEY, value INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;
",
    // Notes for the store's own upkeep. `removed` exists from the deletion of personal data until the next
    // routine deletion has removed its remains; earlier versions had none.
    "
    CREATE TABLE upkeep (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
    INSERT INTO upkeep (name, value) VALUES ('removed', 1);
",
    // Whether the form is no longer on the site.
    "ALTER TABLE current ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0",
    // A reply is found by every contact of the person, and by the mailboxes that these reach; a subscriber
    // by their mailbox too, and by each hash from which they were moved.
    "
    CREATE TABLE contact (
        form TEXT NOT NULL, hash TEXT NOT NULL, reply TEXT NOT NULL, is_mailbox INTEGER NOT NULL,
        PRIMARY KEY (form, hash, reply)) STRICT, WITHOUT ROWID;
    CREATE INDEX contact_reply ON contact (form, reply);
    INSERT INTO contact SELECT form, person, id, 0 FROM reply WHERE person IS NOT NULL;
    CREATE TRIGGER reply_deleted AFTER DELETE ON reply BEGIN
        DELETE FROM contact WHERE form = old.form AND reply = old.id;
    END;
    DROP INDEX reply_person;
    ALTER TABLE person ADD COLUMN mailbox TEXT;
    CREATE INDEX person_mailbox ON person (form, mailbox);
    CREATE TABLE person_alias (
        form TEXT NOT NULL, hash TEXT NOT NULL, target TEXT NOT NULL, reference TEXT,
        PRIMARY KEY (form, hash)) STRICT;
    CREATE INDEX person_alias_reference ON person_alias (form, reference);
    CREATE TABLE mailbox (
        hash TEXT PRIMARY KEY, version INTEGER NOT NULL, expires INTEGER,
        body TEXT NOT NULL) STRICT;
",
    // The held replies that a summary lists.
    "
    CREATE TABLE held (
        summary TEXT NOT NULL, form TEXT NOT NULL, reply TEXT NOT NULL,
        PRIMARY KEY (summary, reply)) STRICT, WITHOUT ROWID;
    CREATE INDEX held_reply ON held (form, reply);
    CREATE TRIGGER held_reply_deleted AFTER DELETE ON reply BEGIN
        DELETE FROM held WHERE form = old.form AND reply = old.id;
    END;
",
    // The team's lists of replies, and the terms by which a search finds them.
    "
    CREATE TABLE reply_list (
        list TEXT NOT NULL, at INTEGER NOT NULL, form TEXT NOT NULL, reply TEXT NOT NULL,
        PRIMARY KEY (list, at, reply, form)) STRICT, WITHOUT ROWID;
    CREATE INDEX reply_list_reply ON reply_list (form, reply);
    CREATE TABLE search_term (
        term TEXT NOT NULL, form TEXT NOT NULL, reply TEXT NOT NULL,
        PRIMARY KEY (term, reply, form)) STRICT, WITHOUT ROWID;
    CREATE INDEX search_term_reply ON search_term (form, reply);
    CREATE TRIGGER listed_reply_deleted AFTER DELETE ON reply BEGIN
        DELETE FROM reply_list WHERE form = old.form AND reply = old.id;
        DELETE FROM search_term WHERE form = old.form AND reply = old.id;
    END;
",
];

/// The step since which people are known by the identities of their addresses.
const IDENTITIES: usize = 4;
/// The step since which replies are in lists and have search terms.
const REPLY_LISTS: usize = 6;

pub(super) fn migrate(connection: &mut Connection) -> StoreResult<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = done as usize;
    if done > MIGRATIONS.len() {
        return Err(SqliteError::LaterVersion.into());
    }
    for step in &MIGRATIONS[done..] {
        failpoint::pass("upgrade: run a step");
        transaction.execute_batch(step)?;
    }
    if (1..IDENTITIES).contains(&done) {
        failpoint::pass("upgrade: rehash people");
        upgrade::rehash_people(&transaction)?;
    }
    if (1..REPLY_LISTS).contains(&done) {
        failpoint::pass("upgrade: rehash replies");
        upgrade::rehash_replies(&transaction)?;
    }
    failpoint::pass("upgrade: note the version");
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as u32)?;
    failpoint::pass("upgrade: commit");
    transaction.commit()?;
    failpoint::pass("upgrade: done");
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn each_earlier_file_is_brought_to_this_version() {
        let columns = |connection: &Connection| {
            let sql = "SELECT m.name || '.' || c.name FROM sqlite_schema m,
                 pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1";
            let mut statement = connection.prepare(sql).unwrap();
            let names = statement.query_map([], |row| row.get(0)).unwrap();
            names.collect::<Result<Vec<String>, _>>().unwrap()
        };
        let mut new = Connection::open_in_memory().unwrap();
        migrate(&mut new).unwrap();
        for steps in 1..=MIGRATIONS.len() {
            let mut earlier = Connection::open_in_memory().unwrap();
            for step in &MIGRATIONS[..steps] {
                earlier.execute_batch(step).unwrap();
            }
            earlier.pragma_update(None, "user_version", u32::try_from(steps).unwrap()).unwrap();
            migrate(&mut earlier).unwrap();
            assert_eq!(columns(&earlier), columns(&new), "after {steps} steps");
        }
    }
}
