//! A store in one SQLite file. Accesses the disk.

mod clock;
mod clock_trust;
mod counters;
mod definitions;
mod error;
mod file;
mod mail_queue;
mod replies;
mod rows;
mod schema;
mod subscribers;
mod upgrade;
mod upkeep;

use super::{Store, StoreError, StoreResult};
use crate::clock::Millis;
use crate::log;
use crate::secret_keys::{SecretKeys, random_hex};
pub use error::SqliteError;
use file::{Open, State};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// One file, written by one connection at a time. If the file is deleted, renamed or replaced while it is
/// open, the next call goes on in the one at its path, with the site's secrets and definitions.
#[derive(Clone)]
pub struct Sqlite {
    state: Arc<Mutex<State>>,
    /// Whether the open file was replaced by another since [`Sqlite::was_replaced`] was last called.
    replaced: Arc<AtomicBool>,
    /// The first reading of the clock in this process.
    started: Arc<OnceLock<Millis>>,
}

/// Opens the store in a file, and creates or migrates its tables.
///
/// # Errors
/// The file cannot be opened, is no SQLite file, or was made by a later version.
pub fn open(path: &Path) -> StoreResult<Sqlite> {
    Ok(Sqlite::new(Open::at(path)?))
}

/// A store that ends with the process.
///
/// # Errors
/// No memory.
pub fn in_memory() -> StoreResult<Sqlite> {
    Ok(Sqlite::new(Open::in_memory()?))
}

impl Sqlite {
    fn new(open: Open) -> Sqlite {
        let state = Arc::new(Mutex::new(State::Open(open)));
        Sqlite { state, replaced: Arc::default(), started: Arc::default() }
    }

    /// Whether the open file was replaced by another since the last call.
    pub fn was_replaced(&self) -> bool {
        self.replaced.swap(false, Ordering::Relaxed)
    }

    /// Moves the contents of the write-ahead log into the file, and closes it, so that a copy of the file is complete.
    /// Waits for the current call. Every later call fails, through all clones of the store. Closing it again does
    /// nothing.
    ///
    /// # Errors
    /// Another program uses the file, or the disk is full, so the log still has contents.
    pub fn close(&self) -> StoreResult<()> {
        match std::mem::replace(&mut *self.lock(), State::Closed) {
            State::Open(open) => open.close(),
            State::Lost(_) | State::Closed => Ok(()),
        }
    }

    /// The secret keys of this store, created at the first call. They are stored with the data that they protect, which
    /// is sufficient on one computer. Lambda functions get theirs from the environment.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keys(&self) -> StoreResult<SecretKeys> {
        let secrets = self.transact(
            |t| {
                let secret = |name: &str| -> StoreResult<String> {
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
        SecretKeys::parse(&format!("1:{}", secrets[0]), &secrets[1])
            .map_err(|error| SqliteError::Other(error.to_string()).into())
    }

    /// Copies the store into a new file, while it is in use.
    ///
    /// # Errors
    /// The file exists, or cannot be written.
    pub fn backup(&self, path: &Path) -> StoreResult<()> {
        self.connected(|connection| {
            connection.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
            Ok(())
        })
    }

    /// Rewrites the file without the remains of erased records.
    async fn rewrite(&self) -> StoreResult<()> {
        let rewritten = self
            .blocking(|store, _| store.connected(|connection| upkeep::rewrite(connection)))
            .await;
        rewritten.map_err(|cause| StoreError::NotRewritten(Box::new(cause)))
    }

    /// Uses the open file, and fails if it was no longer the one at its path.
    fn connected<T>(&self, work: impl FnOnce(&mut Connection) -> StoreResult<T>) -> StoreResult<T> {
        let mut state = self.lock();
        let open = state.current(|| {
            log::event("store_replaced", &[]);
            self.replaced.store(true, Ordering::Relaxed);
        })?;
        let done = work(&mut open.connection)?;
        if open.is_lost() {
            return Err(SqliteError::Replaced.into());
        }
        Ok(done)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // A panic in another call rolled its transaction back, so the connection is usable.
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Runs one transaction on a thread that may block. If the caller gives up, it is rolled back: the caller has
    /// reported that nothing was stored.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.blocking(move |store, given_up| store.transact(work, given_up)).await
    }

    /// Runs `work` on a thread that may block. Its second argument returns whether the caller has given up.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Sqlite, &dyn Fn() -> bool) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let store = self.clone();
        let (answer, asked) = tokio::sync::oneshot::channel();
        tokio::task::spawn_blocking(move || {
            let done = work(&store, &|| answer.is_closed());
            // The caller may close the store as soon as it has the result.
            drop(store);
            // Fails if the caller has given up.
            drop(answer.send(done));
        });
        asked.await.map_err(|_| SqliteError::Panic)?
    }

    fn transact<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> StoreResult<T>,
        given_up: &dyn Fn() -> bool,
    ) -> StoreResult<T> {
        let abandoned = || Err(SqliteError::Abandoned.into());
        self.connected(|connection| {
            if given_up() {
                return abandoned();
            }
            let behavior = TransactionBehavior::Immediate;
            let transaction = connection.transaction_with_behavior(behavior)?;
            let value = work(&transaction)?;
            if given_up() {
                return abandoned();
            }
            transaction.commit()?;
            Ok(value)
        })
    }
}

impl Store for Sqlite {
    async fn trusted_time(&self, now: Millis) -> StoreResult<Millis> {
        let started = *self.started.get_or_init(|| now);
        self.run(move |t| clock::trusted_time(t, now, started)).await
    }

    async fn delete_expired(&self, now: Millis) -> StoreResult<bool> {
        self.blocking(move |store, given_up| {
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
            store.connected(|connection| upkeep::after_deletion(connection))
        })
        .await
    }
}
