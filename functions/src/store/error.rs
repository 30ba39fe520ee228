//! The errors of stores.

#[cfg(feature = "dynamodb")]
use super::dynamodb::DynamoDbError;
#[cfg(feature = "sqlite")]
use super::sqlite::SqliteError;
use crate::clock::WrongClock;

/// A call to the store failed. Messages contain no personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The call took too long. It may have been done.
    #[error("the store did not answer in time")]
    Timeout,
    /// Another process changed the same record each time.
    #[error("a record changed during each of several attempts")]
    Conflict,
    /// The clock is wrong, so nothing is stored or deleted.
    #[error(transparent)]
    WrongClock(#[from] WrongClock),
    /// A stored record is damaged, or from a later version. The text says how, without quoting it.
    #[error("a stored record cannot be read ({0})")]
    Unreadable(String),
    /// The records of a person are deleted, but the file still contains their bytes.
    #[error(
        "the records are erased, but the file may still contain their text ({0}): run it again"
    )]
    NotRewritten(Box<StoreError>),
    /// The folder of mails cannot be read.
    #[error("the outbox cannot be read: {0}")]
    Outbox(std::io::ErrorKind),
    /// SQLite failed.
    #[cfg(feature = "sqlite")]
    #[error("sqlite: {0}")]
    Sqlite(#[from] SqliteError),
    /// DynamoDB failed.
    #[cfg(feature = "dynamodb")]
    #[error("dynamodb: {0}")]
    DynamoDb(#[from] DynamoDbError),
}

impl StoreError {
    /// Whether the same call may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        match self {
            StoreError::Timeout | StoreError::Conflict => true,
            StoreError::WrongClock(_) | StoreError::Unreadable(_) | StoreError::Outbox(_) => false,
            StoreError::NotRewritten(cause) => cause.is_transient(),
            #[cfg(feature = "sqlite")]
            StoreError::Sqlite(error) => error.is_transient(),
            #[cfg(feature = "dynamodb")]
            StoreError::DynamoDb(error) => error.is_transient(),
        }
    }
}

/// The result of a call to a store.
pub type StoreResult<T> = Result<T, StoreError>;
