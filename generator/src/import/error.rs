//! Why a site cannot be imported.

use std::io;
use std::path::PathBuf;

use crate::diagnostic::Diagnostic;

/// Why a site cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its folder cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Its folder has the settings of none of the programs.
    #[error(
        "{} is not a site of Hugo, Zola, Jekyll or Eleventy; name the folder with its settings, such as \
         `hugo.toml`, `config.toml`, `_config.yml` or `eleventy.config.js`",
        .0.display()
    )]
    UnknownProgram(PathBuf),
    /// Its files cannot be listed.
    #[error("the content has errors")]
    Content(Vec<Diagnostic>),
}

impl From<Vec<Diagnostic>> for Error {
    fn from(found: Vec<Diagnostic>) -> Self {
        Error::Content(found)
    }
}
