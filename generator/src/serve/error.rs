//! Why a site cannot be served.

use std::io;
use std::net::IpAddr;

use crate::diagnostic::Diagnostic;

/// Why a site cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no site in the folder.
    #[error("the content has errors")]
    Content(Vec<Diagnostic>),
    /// The runtime, the signal handlers or the server failed.
    #[error("cannot serve: {0}")]
    Io(#[from] io::Error),
    /// This computer does not have the address.
    #[error(
        "cannot serve at {0}, which is not an address of this computer; to serve at all its addresses, use \
         `--host 0.0.0.0`"
    )]
    NoSuchAddress(IpAddr),
    /// The port cannot be used.
    #[error("cannot serve at port {port}: {source}; set another port with `--port`")]
    Port {
        /// The port.
        port: u16,
        /// The system's error.
        source: io::Error,
    },
    /// Too many folders are watched on this computer.
    #[error(
        "cannot watch so many folders; raise `fs.inotify.max_user_watches` and \
         `fs.inotify.max_user_instances`"
    )]
    TooManyWatches,
    /// Changes of the site's folder cannot be noticed.
    #[error("cannot watch the site's folder: {0}")]
    Watch(#[source] notify::Error),
}

impl From<notify::Error> for Error {
    fn from(error: notify::Error) -> Self {
        match error.kind {
            notify::ErrorKind::MaxFilesWatch => Error::TooManyWatches,
            _ => Error::Watch(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::ErrorKind;

    #[test]
    fn failures_to_watch_are_reported_with_help() {
        let message = |kind| Error::from(notify::Error::new(kind)).to_string();
        assert_eq!(
            message(ErrorKind::MaxFilesWatch),
            "cannot watch so many folders; raise `fs.inotify.max_user_watches` and \
             `fs.inotify.max_user_instances`"
        );
        assert_eq!(
            message(ErrorKind::PathNotFound),
            "cannot watch the site's folder: No path was found."
        );
    }
}
