//! Makes files and folders that are for the person who runs this alone, as what residents wrote and the
//! secrets are. Writes the disk.
//!
//! On Windows a home folder is its owner's already, and what is made in it takes that on.

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it touches the disk")]

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a folder, and those above it; one that is there stays as it is.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Opens a file by these options, which say how it is made where there is none.
pub(crate) fn file(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}
