//! The contract over one SQLite file. Touches the disk.

mod clock;
mod file;
mod people;
mod rows;
mod schema;
mod upgrade;
mod upkeep;

use super::{
    CONFIRM_WITHIN, ConsentEvent, Entry, KnownForm, Mailbox, Move, Moved, Owed, Page, Person,
    PersonChange, PersonMove, Published, Recorded, Reply, Settled, Store, StoreError, Stored,
    Subscription, from_text, to_text,
};
use crate::clock::{DAY, Millis};
use crate::form::Definition;
use crate::log;
use crate::secret_keys::{Keys, random_hex};
use file::{Open, State};
use people::{find_mailbox, find_person, move_person, save_mailbox, save_person};
use rows::{cursor, find_reply, found_by, many, one, page, record};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// One file, written by one connection at a time. If the file is deleted, renamed or replaced while it is
/// open, the next call goes on in the one at its path, with the site's secrets and definitions.
#[derive(Clone)]
pub struct Sqlite {
    state: Arc<Mutex<State>>,
    /// Whether another file has taken the place of the one that was open, and nobody has asked yet.
    replaced: Arc<AtomicBool>,
    /// What the clock said when this process first asked.
    started: Arc<OnceLock<Millis>>,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        // Never the statement's values: they are people's words.
        StoreError(match error.sqlite_error_code() {
            Some(code) => format!("sqlite: {code:?}"),
            None => format!("sqlite: {error}"),
        })
    }
}

/// Opens the store in a file, and makes or mends its tables.
///
/// # Errors
/// The file cannot be opened, is no SQLite file, or was made by a later version.
pub fn open(path: &Path) -> Stored<Sqlite> {
    Ok(Sqlite::new(Open::at(path)?))
}

/// A store that ends with the process.
///
/// # Errors
/// No memory.
pub fn in_memory() -> Stored<Sqlite> {
    Ok(Sqlite::new(Open::in_memory()?))
}

impl Sqlite {
    fn new(open: Open) -> Sqlite {
        let state = Arc::new(Mutex::new(State::Open(open)));
        Sqlite { state, replaced: Arc::default(), started: Arc::default() }
    }

    /// Whether another file has taken the place of the one that was open, since this was last asked.
    pub fn was_replaced(&self) -> bool {
        self.replaced.swap(false, Ordering::Relaxed)
    }

    /// Moves everything from the write-ahead log into the one file, and closes it: whoever copies the
    /// file then has all that was stored. It waits for the call that is being made; every later one
    /// fails, through all clones of the store. Closing it again does nothing.
    ///
    /// # Errors
    /// Another program is using the file, or the disk is full: then something is still in the log.
    pub fn close(&self) -> Stored<()> {
        match std::mem::replace(&mut *self.lock(), State::Closed) {
            State::Open(open) => open.close(),
            State::Lost(_) | State::Closed => Ok(()),
        }
    }

    /// The secrets of this store, made when first asked for. They lie beside what they protect,
    /// which is right for one computer; the Lambdas are given theirs by their environment.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keys(&self) -> Stored<Keys> {
        let secrets = self.transact(
            |t| {
                let secret = |name: &str| -> Stored<String> {
                    t.execute(
                        "INSERT OR IGNORE INTO secret (name, value) VALUES (?1, ?2)",
                        params![name, random_hex(32)],
                    )?;
                    let sql = "SELECT value FROM secret WHERE name = ?1";
                    Ok(t.query_row(sql, [name], |row| row.get(0))?)
                };
                Ok([secret("token")?, secret("person")?])
            },
            &|| false,
        )?;
        Keys::parse(&format!("1:{}", secrets[0]), &secrets[1])
            .map_err(|error| StoreError(error.to_string()))
    }

    /// Writes a copy of the whole store into a new file, while it is in use.
    ///
    /// # Errors
    /// The file exists, or cannot be written.
    pub fn backup(&self, path: &Path) -> Stored<()> {
        self.connected(|connection| {
            connection.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
            Ok(())
        })
    }

    /// Rewrites the file without what is left in it of somebody who was erased.
    async fn rewrite(&self) -> Stored<()> {
        let rewritten =
            self.beside(|store, _| store.connected(|connection| upkeep::rewrite(connection))).await;
        rewritten.map_err(|StoreError(why)| {
            let left = "the records are erased, but the file may still hold their words";
            StoreError(format!("{left} ({why}): do it again"))
        })
    }

    /// Does something with the open file, and makes sure that it was still the one at its path.
    fn connected<T>(&self, work: impl FnOnce(&mut Connection) -> Stored<T>) -> Stored<T> {
        let mut state = self.lock();
        let open = state.current(|| {
            log::event("store_replaced", &[]);
            self.replaced.store(true, Ordering::Relaxed);
        })?;
        let done = work(&mut open.connection)?;
        if open.is_lost() {
            let why = "sqlite: the file was deleted, renamed or replaced meanwhile";
            return Err(StoreError(why.to_owned()));
        }
        Ok(done)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // A panic in another call has rolled its transaction back: the connection is whole.
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Runs one transaction where it may wait for the disk. Whoever asked and does not wait any more
    /// has been told that nothing was done, and so nothing is.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        self.beside(move |store, given_up| store.transact(work, given_up)).await
    }

    /// Does what may wait for the disk, where that holds up nobody else. `work` is told whether who
    /// asked has given up.
    async fn beside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Sqlite, &dyn Fn() -> bool) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        let store = self.clone();
        let (answer, asked) = tokio::sync::oneshot::channel();
        tokio::task::spawn_blocking(move || {
            let done = work(&store, &|| answer.is_closed());
            // Who is told may close the store, and then it must be closed.
            drop(store);
            // Nobody may be there to be told.
            drop(answer.send(done));
        });
        asked.await.map_err(|_| StoreError("sqlite: the call ended in a panic".to_owned()))?
    }

    fn transact<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Stored<T>,
        given_up: &dyn Fn() -> bool,
    ) -> Stored<T> {
        let nobody_waits = || Err(StoreError("sqlite: nobody waits any more".to_owned()));
        self.connected(|connection| {
            if given_up() {
                return nobody_waits();
            }
            let behavior = TransactionBehavior::Immediate;
            let transaction = connection.transaction_with_behavior(behavior)?;
            let value = work(&transaction)?;
            if given_up() {
                return nobody_waits();
            }
            transaction.commit()?;
            Ok(value)
        })
    }
}

impl Store for Sqlite {
    async fn publish(&self, definition: &Definition) -> Stored<()> {
        let (form, digest) = (definition.form.name().to_owned(), definition.form.digest());
        let body = to_text(definition);
        self.run(move |t| {
            t.execute(
                "INSERT INTO definition (form, digest, body) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET body = excluded.body",
                params![form, digest, body],
            )?;
            t.execute(
                "INSERT OR REPLACE INTO current (form, digest, withdrawn) VALUES (?1, ?2, 0)",
                [form, digest],
            )?;
            Ok(())
        })
        .await
    }

    async fn withdraw(&self, form: &str) -> Stored<()> {
        let form = form.to_owned();
        self.run(move |t| {
            t.execute("UPDATE current SET withdrawn = 1 WHERE form = ?1", [form])?;
            Ok(())
        })
        .await
    }

    async fn forms(&self) -> Stored<Vec<KnownForm>> {
        self.run(move |t| {
            let mut statement = t.prepare("SELECT form, withdrawn FROM current ORDER BY form")?;
            let forms = statement
                .query_map([], |row| Ok(KnownForm { name: row.get(0)?, withdrawn: row.get(1)? }))?;
            Ok(forms.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn current(&self, form: &str) -> Stored<Option<Published>> {
        let form = form.to_owned();
        self.run(move |t| {
            let sql = "SELECT body, withdrawn FROM definition JOIN current USING (form, digest)
                 WHERE form = ?1";
            let row = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get(1)?));
            let Some((body, withdrawn)) = t.query_row(sql, [form], row).optional()? else {
                return Ok(None);
            };
            Ok(Some(Published { definition: from_text(&body)?, withdrawn }))
        })
        .await
    }

    async fn definition(&self, form: &str, digest: Option<&str>) -> Stored<Option<Definition>> {
        let (form, digest) = (form.to_owned(), digest.map(str::to_owned));
        self.run(move |t| {
            one(
                t,
                "SELECT body FROM definition WHERE form = ?1 AND digest =
                 coalesce(?2, (SELECT digest FROM current WHERE form = ?1))",
                params![form, digest],
            )
        })
        .await
    }

    async fn record(&self, entry: &Entry) -> Stored<Recorded> {
        let entry = entry.clone();
        self.run(move |t| record(t, &entry)).await
    }

    async fn reply(&self, form: &str, id: &str) -> Stored<Option<Reply>> {
        let (form, id) = (form.to_owned(), id.to_owned());
        self.run(move |t| find_reply(t, &form, &id)).await
    }

    async fn by_reference(&self, form: &str, reference: &str) -> Stored<Option<Reply>> {
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
    ) -> Stored<Page<Reply>> {
        let (form, state, after) = (form.to_owned(), state.to_owned(), cursor(after));
        self.run(move |t| {
            let replies: Vec<Reply> = many(
                t,
                "SELECT body FROM reply WHERE form = ?1 AND state = ?2 AND (due, id) > (?3, ?4)
                 ORDER BY due, id LIMIT ?5",
                params![form, state, after.0, after.1, limit],
            )?;
            Ok(page(replies, limit, |reply| (reply.due, &reply.id)))
        })
        .await
    }

    async fn move_reply(&self, before: &Reply, step: &Move) -> Stored<Moved> {
        let (before, step) = (before.clone(), step.clone());
        self.run(move |t| {
            let Some(reply) = find_reply(t, &before.form, &before.id)? else {
                return Ok(Moved::Missing);
            };
            if !reply.is_unmoved_since(&before) {
                return Ok(Moved::Other(reply));
            }
            let reply = reply.after(step);
            t.execute(
                "UPDATE reply SET state = ?3, body = ?4 WHERE form = ?1 AND id = ?2",
                params![reply.form, reply.id, reply.state, to_text(&reply)],
            )?;
            Ok(Moved::Done(reply))
        })
        .await
    }

    async fn replies_of(&self, form: &str, person: &str) -> Stored<Vec<Reply>> {
        let (form, person) = (form.to_owned(), person.to_owned());
        self.run(move |t| found_by(t, &form, &person)).await
    }

    async fn erase_replies(&self, form: &str, person: &str) -> Stored<u32> {
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

    async fn person(&self, form: &str, hash: &str) -> Stored<Option<Person>> {
        let (form, hash) = (form.to_owned(), hash.to_owned());
        self.run(move |t| find_person(t, &form, &hash)).await
    }

    async fn look_up(
        &self,
        form: &str,
        hashes: &[String],
        mailbox: Option<&str>,
    ) -> Stored<(Vec<Person>, Option<Mailbox>)> {
        let (form, hashes) = (form.to_owned(), hashes.to_vec());
        let mailbox = mailbox.map(str::to_owned);
        self.run(move |t| {
            let mut people: Vec<Person> = Vec::new();
            for hash in hashes {
                let person = find_person(t, &form, &hash)?;
                let new = |person: &Person| people.iter().all(|known| known.hash != person.hash);
                people.extend(person.filter(new));
            }
            let mailbox = mailbox.map(|hash| find_mailbox(t, &hash)).transpose()?.flatten();
            Ok((people, mailbox))
        })
        .await
    }

    async fn people_of_mailbox(&self, form: &str, hash: &str) -> Stored<Vec<Person>> {
        let (form, hash) = (form.to_owned(), hash.to_owned());
        self.run(move |t| {
            let sql = "SELECT body FROM person WHERE form = ?1 AND (hash = ?2 OR mailbox = ?2)
                       ORDER BY since, hash";
            many(t, sql, params![form, hash])
        })
        .await
    }

    async fn person_by_reference(&self, form: &str, reference: &str) -> Stored<Option<Person>> {
        let (form, reference) = (form.to_owned(), reference.to_owned());
        self.run(move |t| {
            let sql = "SELECT body FROM person WHERE form = ?1 AND (reference = ?2 OR hash =
                       (SELECT target FROM person_alias WHERE form = ?1 AND reference = ?2))";
            one(t, sql, params![form, reference])
        })
        .await
    }

    async fn save_person(&self, change: &PersonChange) -> Stored<bool> {
        let change = change.clone();
        let is_erasure = change.person.state == Subscription::Erased;
        let saved = self.run(move |t| save_person(t, &change)).await?;
        if saved && is_erasure {
            self.rewrite().await?;
        }
        Ok(saved)
    }

    async fn move_person(&self, change: &PersonMove) -> Stored<bool> {
        let change = change.clone();
        self.run(move |t| move_person(t, &change)).await
    }

    async fn mailbox(&self, hash: &str) -> Stored<Option<Mailbox>> {
        let hash = hash.to_owned();
        self.run(move |t| find_mailbox(t, &hash)).await
    }

    async fn save_mailbox(&self, mailbox: &Mailbox) -> Stored<bool> {
        let mailbox = mailbox.clone();
        self.run(move |t| save_mailbox(t, &mailbox)).await
    }

    async fn people(
        &self,
        form: &str,
        state: Subscription,
        after: Option<&str>,
        limit: u32,
    ) -> Stored<Page<Person>> {
        let (form, after) = (form.to_owned(), cursor(after));
        self.run(move |t| {
            let people: Vec<Person> = many(
                t,
                "SELECT body FROM person WHERE form = ?1 AND state = ?2 AND (since, hash) > (?3, ?4)
                 ORDER BY since, hash LIMIT ?5",
                params![form, state.word(), after.0, after.1, limit],
            )?;
            Ok(page(people, limit, |person| (person.since, &person.hash)))
        })
        .await
    }

    async fn lapsing(&self, form: &str, now: Millis, limit: u32) -> Stored<Vec<Person>> {
        let form = form.to_owned();
        self.run(move |t| {
            let pending: Vec<Person> = many(
                t,
                "SELECT body FROM person WHERE form = ?1 AND state = ?2 AND since <= ?3
                 ORDER BY since, hash",
                params![form, Subscription::Pending.word(), now - CONFIRM_WITHIN],
            )?;
            let lapses = |person: &Person| person.lapses_at().is_some_and(|at| at <= now);
            Ok(pending.into_iter().filter(lapses).take(limit as usize).collect())
        })
        .await
    }

    async fn events(&self, form: &str, person: &str) -> Stored<Vec<ConsentEvent>> {
        let (form, person) = (form.to_owned(), person.to_owned());
        self.run(move |t| {
            let sql = "SELECT body FROM event WHERE form = ?1 AND person = ?2 ORDER BY id";
            many(t, sql, params![form, person])
        })
        .await
    }

    async fn held(&self, summary: &Owed) -> Stored<Vec<String>> {
        let summary = summary.id.clone();
        self.run(move |t| {
            let mut statement =
                t.prepare("SELECT reply FROM held WHERE summary = ?1 ORDER BY reply")?;
            let ids = statement.query_map([summary], |row| row.get(0))?;
            Ok(ids.collect::<Result<Vec<String>, _>>()?)
        })
        .await
    }

    async fn due(&self, now: Millis, limit: u32) -> Stored<Vec<Owed>> {
        self.run(move |t| {
            // No mail waits for a day: whatever is due later was put off while the clock was ahead.
            many(
                t,
                "SELECT body FROM outbox WHERE NOT failed AND (due <= ?1 OR due > ?2)
                 ORDER BY due, id LIMIT ?3",
                params![now, now.saturating_add(DAY), limit],
            )
        })
        .await
    }

    async fn failed(&self, limit: u32) -> Stored<Vec<Owed>> {
        self.run(move |t| {
            many(t, "SELECT body FROM outbox WHERE failed ORDER BY id LIMIT ?1", params![limit])
        })
        .await
    }

    async fn lease(&self, owed: &Owed, until: Millis) -> Stored<Option<Owed>> {
        let before = owed.due;
        let owed = Owed { due: until, tries: owed.tries + 1, ..owed.clone() };
        self.run(move |t| {
            let changed = t.execute(
                "UPDATE outbox SET due = ?3, body = ?4 WHERE id = ?1 AND due = ?2 AND NOT failed",
                params![owed.id, before, until, to_text(&owed)],
            )?;
            Ok((changed == 1).then_some(owed))
        })
        .await
    }

    async fn settle(&self, owed: &Owed, settled: Settled) -> Stored<()> {
        let mut owed = owed.clone();
        self.run(move |t| {
            match settled {
                Settled::Sent => {
                    t.execute("DELETE FROM outbox WHERE id = ?1", [owed.id])?;
                    return Ok(());
                }
                Settled::Again(at) => owed.due = at,
                Settled::Waiting(at) => owed = owed.waiting(at),
                Settled::Failed => owed.failed = true,
            }
            t.execute(
                "UPDATE outbox SET due = ?2, failed = ?3, body = ?4 WHERE id = ?1",
                params![owed.id, owed.due, owed.failed, to_text(&owed)],
            )?;
            Ok(())
        })
        .await
    }

    async fn count(&self, counter: &str, until: Millis) -> Stored<u64> {
        let counter = counter.to_owned();
        self.run(move |t| {
            let value: i64 = t.query_row(
                "INSERT INTO counter (name, value, until) VALUES (?1, 1, ?2)
                 ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value",
                params![counter, until],
                |row| row.get(0),
            )?;
            Ok(u64::try_from(value).unwrap_or_default())
        })
        .await
    }

    async fn counted(&self, counters: &[String]) -> Stored<u64> {
        let counters = counters.to_vec();
        self.run(move |t| {
            let mut sum = 0;
            for counter in counters {
                let value: Option<i64> = t
                    .query_row("SELECT value FROM counter WHERE name = ?1", [counter], |row| {
                        row.get(0)
                    })
                    .optional()?;
                sum += value.unwrap_or_default();
            }
            Ok(u64::try_from(sum).unwrap_or_default())
        })
        .await
    }

    async fn believed(&self, now: Millis) -> Stored<Millis> {
        let started = *self.started.get_or_init(|| now);
        self.run(move |t| clock::believed(t, now, started)).await
    }

    async fn sweep(&self, now: Millis) -> Stored<bool> {
        self.beside(move |store, given_up| {
            store.transact(
                |t| {
                    for sql in [
                        "DELETE FROM same WHERE until <= ?1",
                        "DELETE FROM counter WHERE until <= ?1",
                        "DELETE FROM mailbox WHERE expires <= ?1",
                        "DELETE FROM event WHERE (form, person) IN
                         (SELECT form, hash FROM person WHERE expires <= ?1)",
                    ] {
                        t.execute(sql, [now])?;
                    }
                    let replies = t.execute("DELETE FROM reply WHERE expires <= ?1", [now])?;
                    let people = t.execute("DELETE FROM person WHERE expires <= ?1", [now])?;
                    if replies + people > 0 {
                        upkeep::note_removal(t)?;
                        let sql = "DELETE FROM person_alias WHERE (form, target) NOT IN
                                   (SELECT form, hash FROM person)";
                        t.execute(sql, [])?;
                    }
                    Ok(())
                },
                given_up,
            )?;
            store.connected(|connection| upkeep::after_sweep(connection))
        })
        .await
    }
}
