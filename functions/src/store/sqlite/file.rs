//! The open file of a store, and whether it is still the one at its path. Touches the disk.
//!
//! A file that was deleted, renamed or replaced can still be written to, and nobody would ever find what
//! is written there. So each call looks whether the path still leads to the open files.

#![allow(
    clippy::disallowed_methods,
    reason = "it looks which file a path leads to, and makes a store's file"
)]

use super::{SqliteError, schema, upkeep};
use crate::store::StoreResult;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// A connection, and the files that it has open.
pub(super) struct Open {
    pub(super) connection: Connection,
    /// Where it is; `None` for a store in memory.
    place: Option<Place>,
}

struct Place {
    path: PathBuf,
    /// The database, its write-ahead log, and the index of that.
    names: [PathBuf; 3],
    /// What was under these names when the database was opened.
    files: [Option<Identity>; 3],
}

/// Device and inode: what tells a file from others of the same name. On Windows an open file can be
/// neither deleted nor renamed.
type Identity = (u64, u64);

impl Place {
    fn of(path: &Path) -> Place {
        // SQLite puts the log beside what a link leads to.
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let beside = |end: &str| {
            let mut name = real.clone().into_os_string();
            name.push(end);
            PathBuf::from(name)
        };
        let names = [path.to_owned(), beside("-wal"), beside("-shm")];
        let files = names.each_ref().map(|name| identity(name));
        Place { path: path.to_owned(), names, files }
    }

    fn is_lost(&self) -> bool {
        self.names.each_ref().map(|name| identity(name)) != self.files
    }

    fn has_its_log(&self) -> bool {
        identity(&self.names[1]) == self.files[1]
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_path: &Path) -> Option<Identity> {
    None
}

impl Open {
    /// Opens the file at a path, or makes it, for its owner alone.
    pub(super) fn at(path: &Path) -> StoreResult<Open> {
        make(path).map_err(|error| SqliteError::Other(error.to_string()))?;
        let connection = prepared(Connection::open(path)?)?;
        Ok(Open { connection, place: Some(Place::of(path)) })
    }

    /// Opens a store that ends with the process.
    pub(super) fn in_memory() -> StoreResult<Open> {
        Ok(Open { connection: prepared(Connection::open_in_memory()?)?, place: None })
    }

    /// Whether its path leads to other files by now, or to none.
    pub(super) fn is_lost(&self) -> bool {
        self.place.as_ref().is_some_and(Place::is_lost)
    }

    /// Moves everything from the write-ahead log into the file, and closes it.
    pub(super) fn close(self) -> StoreResult<()> {
        let emptied = upkeep::empty_log(&self.connection);
        if self.place.as_ref().is_some_and(|place| !place.has_its_log()) {
            // At its end SQLite removes the log by its name, which may be another store's by now.
            self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        }
        self.connection.close().map_err(|(_, error)| error)?;
        emptied
    }
}

/// What a store has open.
pub(super) enum State {
    /// Its file.
    Open(Open),
    /// Nothing: its file is gone, and there was no other yet that it could go on in.
    Lost(Carried),
    /// Nothing any more.
    Closed,
}

impl State {
    /// The open file, if need be another one, of which it tells by `replaced`.
    pub(super) fn current(&mut self, replaced: impl FnOnce()) -> StoreResult<&mut Open> {
        if let State::Open(open) = self
            && open.is_lost()
        {
            let carried = open.carried()?;
            if let State::Open(open) = std::mem::replace(self, State::Lost(carried)) {
                // What came in before stays with the file, wherever that is.
                let _ = open.close();
            }
        }
        if let State::Lost(carried) = self {
            *self = State::Open(carried.reopen()?);
            replaced();
        }
        match self {
            State::Open(open) => Ok(open),
            _ => Err(SqliteError::Closed.into()),
        }
    }
}

/// What a store must have to go on in another file: the site's secrets, and the forms of pages that are
/// open somewhere. No reply: whoever deleted the file may have meant to.
pub(super) struct Carried {
    path: PathBuf,
    secrets: Vec<(String, String)>,
    definitions: Vec<(String, String, String)>,
    current: Vec<(String, String, i64)>,
}

impl Open {
    /// What the open file has of it, also where it was deleted.
    fn carried(&self) -> StoreResult<Carried> {
        let pairs = |sql: &str| -> StoreResult<Vec<(String, String)>> {
            let mut statement = self.connection.prepare(sql)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        let mut current = self.connection.prepare("SELECT form, digest, withdrawn FROM current")?;
        let current = current.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let mut statement = self.connection.prepare("SELECT form, digest, body FROM definition")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(Carried {
            path: self.place.as_ref().map(|place| place.path.clone()).unwrap_or_default(),
            secrets: pairs("SELECT name, value FROM secret")?,
            current: current.collect::<Result<_, _>>()?,
            definitions: rows.collect::<Result<_, _>>()?,
        })
    }
}

impl Carried {
    /// Opens what is at the path now, or makes it, and puts into it what is carried.
    fn reopen(&self) -> StoreResult<Open> {
        let mut open = Open::at(&self.path)?;
        let t = open.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (name, value) in &self.secrets {
            t.execute("INSERT OR IGNORE INTO secret (name, value) VALUES (?1, ?2)", [name, value])?;
            let sql = "SELECT value FROM secret WHERE name = ?1";
            let there: String = t.query_row(sql, [name], |row| row.get(0))?;
            if there != *value {
                return Err(SqliteError::OtherSite.into());
            }
        }
        for (form, digest, body) in &self.definitions {
            t.execute(
                "INSERT OR REPLACE INTO definition (form, digest, body) VALUES (?1, ?2, ?3)",
                [form, digest, body],
            )?;
        }
        for (form, digest, withdrawn) in &self.current {
            let sql =
                "INSERT OR REPLACE INTO current (form, digest, withdrawn) VALUES (?1, ?2, ?3)";
            t.execute(sql, (form, digest, withdrawn))?;
        }
        t.commit()?;
        Ok(open)
    }
}

fn prepared(mut connection: Connection) -> StoreResult<Connection> {
    // Less than a resident waits, so that they are told what became of their reply.
    connection.busy_timeout(std::time::Duration::from_secs(2))?;
    // FULL: what was acknowledged survives a loss of power.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", "ON")?;
    // What people wrote is in this file, and in no other that SQLite makes beside it.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    schema::migrate(&mut connection)?;
    Ok(connection)
}

/// Makes the file, and its folder, where they are missing. Nothing above the folder: a site that was
/// moved or deleted is not to come back.
fn make(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
        && !folder.exists()
    {
        fs::create_dir(folder)?;
    }
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // A file that is there is not opened here: closing it would end the locks that SQLite has on it.
    match options.write(true).create_new(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
