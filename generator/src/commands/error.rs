//! Why a command failed, which determines its exit code.

use std::io;
use std::path::PathBuf;

use super::inbox::InboxFailure;
use super::init::{AnswerError, SiteError};
use super::new::NewError;
use super::newsletter::SenderError;
#[cfg(feature = "publish")]
use super::publish::PublishFailure;
use crate::check::external::Offline;
use crate::diagnostic::Diagnostic;
use crate::{build, import, newsletter, serve, withdraw};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The content or the theme has errors.
    #[error("the content has errors")]
    Content(Vec<Diagnostic>),
    /// The async runtime did not start.
    #[error("cannot start the command: {0}")]
    Runtime(#[source] io::Error),
    /// `SOURCE_DATE_EPOCH` is not a number of seconds.
    #[error("SOURCE_DATE_EPOCH is `{0}`, but must be a number of seconds since 1970")]
    InvalidEpoch(String),
    /// A full build gives different files, by path.
    #[error(
        "a full build gives different files:\n  {}\nrun `daisy build --force`, and please report \
         this bug",
        .0.join("\n  ")
    )]
    DifferentBuild(Vec<String>),
    /// A folder cannot be written to.
    #[error("cannot write into {}: {source}", folder.display())]
    Unwritable {
        /// The folder.
        folder: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// A file of an imported site cannot be copied.
    #[error("cannot copy {} to {}: {source}", from.display(), to.display())]
    NotCopied {
        /// The file.
        from: PathBuf,
        /// Its path in the new site.
        to: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The site could not be created.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The page could not be created.
    #[error(transparent)]
    New(#[from] NewError),
    /// A newsletter could not be made.
    #[error(transparent)]
    Newsletter(newsletter::Error),
    /// The sender of newsletters was not checked, or is not ready.
    #[error(transparent)]
    Sender(#[from] SenderError),
    /// A task for a store failed.
    #[error(transparent)]
    Inbox(#[from] InboxFailure),
    /// The release was not published.
    #[cfg(feature = "publish")]
    #[error(transparent)]
    NotPublished(#[from] PublishFailure),
    /// This `daisy` cannot publish.
    #[cfg(not(feature = "publish"))]
    #[error("this `daisy` was built without `publish`; build it with `--features publish`")]
    WithoutPublish,
    /// The site could not be built.
    #[error(transparent)]
    Build(build::Error),
    /// The site could not be served.
    #[error(transparent)]
    Serve(serve::Error),
    /// The site could not be imported.
    #[error(transparent)]
    Import(import::Error),
    /// The story could not be withdrawn.
    #[error(transparent)]
    NotWithdrawn(withdraw::Error),
    /// The site could not be published.
    #[cfg(feature = "publish")]
    #[error(transparent)]
    Publish(#[from] crate::publish::Error),
    /// The environment lacks something that calls to AWS need.
    #[cfg(feature = "dynamodb")]
    #[error(transparent)]
    Aws(#[from] daisychain_functions::aws::MissingSetting),
    /// Links to other sites could not be checked.
    #[error(transparent)]
    Offline(#[from] Offline),
    /// An answer for a new site cannot be used.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

impl Error {
    /// 1 if the content has errors or nothing was found; 2 if the arguments are wrong or the system failed.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Error::Content(_) | Error::Newsletter(_) | Error::Sender(SenderError::NotReady) => 1,
            Error::Inbox(failure) if failure.is_empty_result() => 1,
            _ => 2,
        }
    }
}

impl From<Vec<Diagnostic>> for Error {
    fn from(found: Vec<Diagnostic>) -> Self {
        Error::Content(found)
    }
}

impl From<build::Error> for Error {
    fn from(error: build::Error) -> Self {
        match error {
            build::Error::Content(found) => Error::Content(found),
            error => Error::Build(error),
        }
    }
}

impl From<serve::Error> for Error {
    fn from(error: serve::Error) -> Self {
        match error {
            serve::Error::Content(found) => Error::Content(found),
            error => Error::Serve(error),
        }
    }
}

impl From<withdraw::Error> for Error {
    fn from(error: withdraw::Error) -> Self {
        match error {
            withdraw::Error::Content(found) => Error::Content(found),
            error => Error::NotWithdrawn(error),
        }
    }
}

impl From<newsletter::Error> for Error {
    fn from(error: newsletter::Error) -> Self {
        match error {
            newsletter::Error::Content(found) => Error::Content(found),
            error @ newsletter::Error::NotFound { .. } => Error::Newsletter(error),
        }
    }
}

impl From<import::Error> for Error {
    fn from(error: import::Error) -> Self {
        match error {
            import::Error::Content(found) => Error::Content(found),
            error => Error::Import(error),
        }
    }
}
