//! The open file of a store, and whether it is still the one at its path. Accesses the disk.
//!
//! A file that was deleted, renamed or replaced can still be written to, but what is written there is lost. So each
//! call checks that the path still leads to the open files.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

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
    /// Its path and files; `None` for a store in memory.
    location: Option<Location>,
}

/// A path, and the files that were at it and beside it when the database was opened.
struct Location {
    path: PathBuf,
    /// The database, its write-ahead log, and the index of that.
    names: [PathBuf; 3],
    /// The files with these names when the database was opened.
    files: [Option<Identity>; 3],
}

/// Device and inode, which distinguish a file from others of the same name. On Windows an open file can be
/// neither deleted nor renamed.
type Identity = (u64, u64);

impl Location {
    fn of(path: &Path) -> Location {
        // SQLite puts the log next to the target of a symbolic link.
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let with_suffix = |suffix: &str| {
            let mut name = real.clone().into_os_string();
            name.push(suffix);
            PathBuf::from(name)
        };
        let names = [path.to_owned(), with_suffix("-wal"), with_suffix("-shm")];
        let files = names.each_ref().map(|name| identity(name));
        Location { path: path.to_owned(), names, files }
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
    /// Opens the file at a path, or creates it, readable only by its owner.
    pub(super) fn at(path: &Path) -> StoreResult<Open> {
        create(path).map_err(|error| SqliteError::Other(error.to_string()))?;
        let connection = configure(Connection::open(path)?)?;
        Ok(Open { connection, location: Some(Location::of(path)) })
    }

    /// Opens a store that ends with the process.
    pub(super) fn in_memory() -> StoreResult<Open> {
        Ok(Open { connection: configure(Connection::open_in_memory()?)?, location: None })
    }

    /// Whether its path now leads to other files, or to none.
    pub(super) fn is_lost(&self) -> bool {
        self.location.as_ref().is_some_and(Location::is_lost)
    }

    /// Moves everything from the write-ahead log into the file, and closes it.
    pub(super) fn close(self) -> StoreResult<()> {
        let emptied = upkeep::empty_log(&self.connection);
        if self.location.as_ref().is_some_and(|location| !location.has_its_log()) {
            // When it closes, SQLite removes the log by its name, which may belong to another store now.
            self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        }
        self.connection.close().map_err(|(_, error)| error)?;
        emptied
    }
}

/// The state of a store's file.
pub(super) enum State {
    /// It is open.
    Open(Open),
    /// The file is gone, and no other could be opened yet.
    Lost(Carried),
    /// It was closed.
    Closed,
}

impl State {
    /// The open file. Calls `replaced` if it had to open another one.
    pub(super) fn current(&mut self, replaced: impl FnOnce()) -> StoreResult<&mut Open> {
        if let State::Open(open) = self
            && open.is_lost()
        {
            let carried = open.carried()?;
            if let State::Open(open) = std::mem::replace(self, State::Lost(carried)) {
                // Earlier replies stay in the old file.
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

/// What a store carries over to another file: the site's secrets, and the forms of pages that visitors have open.
/// No replies, because the file may have been deleted on purpose.
pub(super) struct Carried {
    path: PathBuf,
    secrets: Vec<(String, String)>,
    definitions: Vec<(String, String, String)>,
    current: Vec<(String, String, i64)>,
}

impl Open {
    /// Reads this from the open file, even if it was deleted.
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
            path: self.location.as_ref().map(|location| location.path.clone()).unwrap_or_default(),
            secrets: pairs("SELECT name, value FROM secret")?,
            current: current.collect::<Result<_, _>>()?,
            definitions: rows.collect::<Result<_, _>>()?,
        })
    }
}

impl Carried {
    /// Opens the file that is at the path now, or creates one, and writes the carried records into it.
    fn reopen(&self) -> StoreResult<Open> {
        let mut open = Open::at(&self.path)?;
        let t = open.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (name, value) in &self.secrets {
            t.execute("INSERT OR IGNORE INTO secret (name, value) VALUES (?1, ?2)", [name, value])?;
            let sql = "SELECT value FROM secret WHERE name = ?1";
            let stored: String = t.query_row(sql, [name], |row| row.get(0))?;
            if stored != *value {
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

fn configure(mut connection: Connection) -> StoreResult<Connection> {
    // Shorter than a request may take, so that the resident gets an answer.
    connection.busy_timeout(std::time::Duration::from_secs(2))?;
    // FULL: what was acknowledged survives a loss of power.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", "ON")?;
    // Personal data must not be written to temporary files.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    schema::migrate(&mut connection)?;
    Ok(connection)
}

/// Creates the file and its folder if they are missing, but no folder above: a site that was moved or deleted must
/// not reappear.
fn create(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
        && !folder.exists()
    {
        fs::create_dir(folder)?;
    }
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // An existing file is not opened here, because closing it would release SQLite's locks on it (POSIX).
    match options.write(true).create_new(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
