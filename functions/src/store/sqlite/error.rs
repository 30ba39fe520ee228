//! Errors of the SQLite store.

use crate::store::StoreError;
use rusqlite::ErrorCode;

/// Why the SQLite store failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SqliteError {
    /// An error code of SQLite. Its message is left out, because it can quote values.
    #[error("{0:?}")]
    Code(ErrorCode),
    /// Any other error of the driver, or of opening the file.
    #[error("{0}")]
    Other(String),
    /// A later version of the program made the file.
    #[error("the file was made by a later version")]
    LaterVersion,
    /// The file is at the store's path in place of its own, and is of another site.
    #[error("another site's store is in the place of the file")]
    OtherSite,
    /// The file was deleted, renamed or replaced during the call.
    #[error("the file was deleted, renamed or replaced meanwhile")]
    Replaced,
    /// Another program has the file open.
    #[error("another program is using the file")]
    InUse,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The caller gave up, so nothing was done.
    #[error("the caller has given up")]
    Abandoned,
    /// The call panicked, and its transaction was rolled back.
    #[error("the call ended in a panic")]
    Panic,
}

impl SqliteError {
    /// Whether the same call may succeed a moment later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            SqliteError::Code(code) => {
                matches!(code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
            }
            SqliteError::Replaced | SqliteError::InUse => true,
            SqliteError::Other(_)
            | SqliteError::LaterVersion
            | SqliteError::OtherSite
            | SqliteError::Closed
            | SqliteError::Abandoned
            | SqliteError::Panic => false,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        StoreError::Sqlite(match error.sqlite_error_code() {
            Some(code) => SqliteError::Code(code),
            None => SqliteError::Other(error.to_string()),
        })
    }
}
