//! Why a command failed, which determines its exit code.

use super::init::AnswerError;
use crate::check::external::Offline;
use crate::diagnostic::Diagnostic;
use crate::{build, import, serve};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The content or the theme has errors.
    #[error("the content has errors")]
    Content(Vec<Diagnostic>),
    /// The store has nothing that matches the request.
    #[error("{0}")]
    NotFound(String),
    /// The arguments are wrong, or the system failed.
    #[error("{0}")]
    Machine(String),
    /// The site could not be built.
    #[error(transparent)]
    Build(build::Error),
    /// The site could not be served.
    #[error(transparent)]
    Serve(serve::Error),
    /// The site could not be imported.
    #[error(transparent)]
    Import(import::Error),
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
            Error::Content(_) | Error::NotFound(_) => 1,
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

impl From<import::Error> for Error {
    fn from(error: import::Error) -> Self {
        match error {
            import::Error::Content(found) => Error::Content(found),
            error => Error::Import(error),
        }
    }
}
