//! Sees to it that what was removed is nowhere in the file. Touches the disk.
//!
//! `secure_delete` overwrites what is deleted, but not the copies of it that SQLite leaves where a page
//! was divided, and not the write-ahead log. So the file is rewritten, and the log is emptied.

use super::SqliteError;
use crate::store::StoreResult;
use rusqlite::{Connection, OptionalExtension, Transaction};

/// A file up to this size is rewritten in well under a second. A larger one is rewritten only when a
/// person is erased, since nobody's reply can be stored meanwhile.
const MOST_BYTES_AT_A_SWEEP: i64 = 64 * 1024 * 1024;

/// Notes in the transaction that removes something of a person that it did.
pub(super) fn note_removal(t: &Transaction<'_>) -> StoreResult<()> {
    t.execute("INSERT OR REPLACE INTO upkeep (name, value) VALUES ('removed', 1)", [])?;
    Ok(())
}

/// Rewrites the file if something of a person was removed since the last sweep.
pub(super) fn rewrite(connection: &Connection) -> StoreResult<()> {
    if something_was_removed(connection)? {
        connection.execute_batch("VACUUM")?;
    }
    empty_log(connection)
}

/// The end of a sweep; gives whether something of a person was removed since the one before.
pub(super) fn after_deletion(connection: &Connection) -> StoreResult<bool> {
    let removed = something_was_removed(connection)?;
    if removed {
        if size(connection)? <= MOST_BYTES_AT_A_SWEEP {
            connection.execute_batch("VACUUM")?;
        }
        connection.execute("DELETE FROM upkeep WHERE name = 'removed'", [])?;
    }
    empty_log(connection)?;
    Ok(removed)
}

fn something_was_removed(connection: &Connection) -> StoreResult<bool> {
    let sql = "SELECT 1 FROM upkeep WHERE name = 'removed'";
    Ok(connection.query_row(sql, [], |_| Ok(())).optional()?.is_some())
}

fn size(connection: &Connection) -> StoreResult<i64> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok(number("page_count")?.saturating_mul(number("page_size")?))
}

/// Moves everything from the write-ahead log into the file, and makes the log empty.
pub(super) fn empty_log(connection: &Connection) -> StoreResult<()> {
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get("busy"))?;
    match busy {
        0 => Ok(()),
        _ => Err(SqliteError::InUse.into()),
    }
}
