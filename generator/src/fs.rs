//! The names and permissions of the files that `daisy` itself writes.

pub(crate) mod private_files;

/// The file that marks an output folder as written by `daisy build`; a folder without it is never emptied.
pub(crate) const OUTPUT_MARKER: &str = ".daisychain";
