//! Makes sure that deleted records leave no bytes in the file. Accesses the disk.
//!
//! `secure_delete` overwrites deleted records, but neither the copies that SQLite leaves when it splits a page nor the
//! write-ahead log. So the file is rewritten, and the log is emptied.

use super::SqliteError;
use crate::store::StoreResult;
use rusqlite::{Connection, OptionalExtension, Transaction};

/// A file up to this size is rewritten in well under a second. A larger one is rewritten only when a person is erased,
/// because no reply can be stored meanwhile.
const MAX_ROUTINE_REWRITE_BYTES: i64 = 64 * 1024 * 1024;

/// Records, in the transaction that deletes personal data, that it did.
pub(super) fn note_removal(t: &Transaction<'_>) -> StoreResult<()> {
    t.execute("INSERT OR REPLACE INTO upkeep (name, value) VALUES ('removed', 1)", [])?;
    Ok(())
}

/// Rewrites the file if personal data was deleted since the last routine deletion.
pub(super) fn rewrite(connection: &Connection) -> StoreResult<()> {
    if has_removals(connection)? {
        connection.execute_batch("VACUUM")?;
    }
    empty_log(connection)
}

/// Ends a routine deletion. Returns whether personal data was deleted since the one before.
pub(super) fn after_deletion(connection: &Connection) -> StoreResult<bool> {
    let removed = has_removals(connection)?;
    if removed {
        if size(connection)? <= MAX_ROUTINE_REWRITE_BYTES {
            connection.execute_batch("VACUUM")?;
        }
        connection.execute("DELETE FROM upkeep WHERE name = 'removed'", [])?;
    }
    empty_log(connection)?;
    Ok(removed)
}

fn has_removals(connection: &Connection) -> StoreResult<bool> {
    let sql = "SELECT 1 FROM upkeep WHERE name = 'removed'";
    Ok(connection.query_row(sql, [], |_| Ok(())).optional()?.is_some())
}

fn size(connection: &Connection) -> StoreResult<i64> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok(number("page_count")?.saturating_mul(number("page_size")?))
}

/// Moves the contents of the write-ahead log into the file, and truncates the log.
pub(super) fn empty_log(connection: &Connection) -> StoreResult<()> {
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get("busy"))?;
    match busy {
        0 => Ok(()),
        _ => Err(SqliteError::InUse.into()),
    }
}
