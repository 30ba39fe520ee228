//! Creates files and folders readable only by the current user (0600/0700), for personal data and secrets. Writes the
//! file system.
//!
//! On Windows a home folder is private already, and its files inherit that.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Creates a folder and its parents; an existing one is left unchanged.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Opens a file with these options; if they create it, it is private.
pub(crate) fn file(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}
