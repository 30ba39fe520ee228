//! Why a task for a store failed.

use std::io;
use std::path::PathBuf;

use daisychain_functions::inbox::InboxError;
#[cfg(feature = "dynamodb")]
use daisychain_functions::secret_keys::KeyError;
use daisychain_functions::store::StoreError;

/// Why a task for a store failed.
#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum InboxFailure {
    /// The name of the store has another form.
    #[error("`--store` must be `sqlite:PATH` or `dynamodb:TABLE`")]
    InvalidStore,
    /// There is no file at this path.
    #[error("there is no store at {}; name another with `--store`", .0.display())]
    NoStore(PathBuf),
    /// The store cannot be opened.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// The file of the backup cannot be created.
    #[error("cannot write the backup to {}: {source}", path.display())]
    NoBackup {
        /// Its path.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The store cannot be copied.
    #[error("cannot write the backup to {}: {source}", path.display())]
    BackupFailed {
        /// The path of the backup.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// DynamoDB has backups of its own.
    #[error("`backup` works with SQLite only; for DynamoDB, use point-in-time recovery")]
    BackupOfTable,
    /// The keys in the environment cannot be used.
    #[cfg(feature = "dynamodb")]
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// This `daisy` has no DynamoDB.
    #[cfg(not(feature = "dynamodb"))]
    #[error("this `daisy` was built without DynamoDB support; build it with `--features dynamodb`")]
    WithoutDynamoDb,
    /// The state of a subscriber is not the team's to change.
    #[error(
        "this is a newsletter subscriber, not a reply; to unsubscribe them, use `daisy inbox \
         unsubscribe`"
    )]
    Subscriber,
    /// The reply is assigned to another person.
    #[error("{0}; to move it anyway, add `--take-over`")]
    Claimed(#[source] InboxError),
    /// It is not known who moves it.
    #[error("{0}; add `--by NAME`")]
    NoName(#[source] InboxError),
    /// It is not known whose replies to list.
    #[error("your name is not known; add `--by NAME`")]
    NoOwnName,
    /// A note has no text.
    #[error("the note has no text")]
    EmptyNote,
    /// Some of several replies could not be changed; each was reported.
    #[error("{failed} of {all} replies could not be changed")]
    SomeFailed {
        /// How many.
        failed: usize,
        /// Of how many.
        all: usize,
    },
    /// Standard input cannot be read.
    #[error("cannot read standard input: {0}")]
    Input(#[source] io::Error),
    /// A search found nothing.
    #[error("nothing found")]
    NothingFound,
    /// The id of no email.
    #[error("no failed email has the id `{0}`")]
    UnknownEmail(String),
    /// Emails about an erased person are left.
    #[error("the records are erased, but emails about them are still in {}: {source}", folder.display())]
    EmailsLeft {
        /// Their folder.
        folder: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// No form has data about a person.
    #[error("no form has any data about this person")]
    UnknownPerson,
    /// This form has no data about a person.
    #[error("`{0}` has no data about this person")]
    UnknownPersonOf(String),
    /// There is no one to confirm an erasure.
    #[error("not a terminal, so cannot ask for confirmation; to erase without it, add `--yes`")]
    NoTerminal,
    /// The confirmation could not be asked for.
    #[error("cannot ask: {0}")]
    CannotAsk(#[source] io::Error),
    /// The contact was not repeated.
    #[error("nothing was erased")]
    NotConfirmed,
    /// The task itself failed.
    #[error(transparent)]
    Task(#[from] InboxError),
}

impl InboxFailure {
    /// Whether the task was done and found nothing.
    pub(in crate::commands) fn is_empty_result(&self) -> bool {
        matches!(
            self,
            InboxFailure::NothingFound
                | InboxFailure::UnknownPerson
                | InboxFailure::UnknownPersonOf(_)
        )
    }
}
