//! Why a build failed.

use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::install::OutputRefusal;

/// Why a build, or an explanation of one, failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The content or the theme has errors.
    #[error("the content has errors")]
    Content(Vec<Diagnostic>),
    /// The output folder would overwrite sources.
    #[error("cannot write the site to {}: {reason}; choose another folder with `--out`", out.display())]
    UnsuitableOutput {
        /// The output folder.
        out: PathBuf,
        /// What is in the way.
        reason: &'static str,
    },
    /// The output folder was not made by daisy, or no stage can be made beside it.
    #[error(transparent)]
    Refused(#[from] OutputRefusal),
    /// Another process holds the lock.
    #[error("another build of this site is running; wait until it has finished")]
    Locked,
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A file or folder cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// There is no cache to explain anything from.
    #[error("there is no build yet; run `daisy build` first")]
    NothingBuilt,
    /// The cache is damaged, or another build of daisy wrote it.
    #[error("{0}; run `daisy build` first")]
    CacheDropped(&'static str),
    /// The last build has no such output.
    #[error("the last build did not write `{path}`{}", suggestion(near.as_deref()))]
    NoSuchOutput {
        /// The path below the output folder.
        path: String,
        /// The most similar path of an output.
        near: Option<String>,
    },
    /// No page of the last build used this file.
    #[error("the last build did not write `{path}`: no page uses {what}")]
    Unused {
        /// The path below the output folder.
        path: String,
        /// What it is made from, such as `content/leaflet.pdf`.
        what: String,
    },
}

fn suggestion(near: Option<&str>) -> String {
    near.map_or(String::new(), |near| format!("; did you mean `{near}`?"))
}

pub(super) fn cannot_write(path: &Path, source: io::Error) -> Error {
    Error::Write { path: path.to_owned(), source }
}

impl From<Vec<Diagnostic>> for Error {
    fn from(found: Vec<Diagnostic>) -> Self {
        Error::Content(found)
    }
}
