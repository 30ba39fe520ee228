//! Why a store did not do what it was asked to.

#[cfg(feature = "dynamodb")]
use super::dynamodb::DynamoDbError;
#[cfg(feature = "sqlite")]
use super::sqlite::SqliteError;
use crate::clock::WrongClock;

/// The store did not do what it was asked to. No message contains anything personal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The call took too long. It may have been done.
    #[error("the store did not answer in time")]
    Timeout,
    /// Others changed the same record.
    #[error("a record changed during each of several attempts")]
    Conflict,
    /// Nothing is stored or deleted by a clock that is wrong.
    #[error(transparent)]
    WrongClock(#[from] WrongClock),
    /// A stored record is damaged, or from a later version. The text says how, without quoting it.
    #[error("what is stored cannot be read ({0})")]
    Unreadable(String),
    /// The records of a person are deleted, but the file still contains their bytes.
    #[error("the records are erased, but the file may still hold their words ({0}): do it again")]
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
