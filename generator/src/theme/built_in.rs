//! The theme and the components compiled into `daisy`, as theme files.

use super::{ThemeFile, ThemeFiles};
use crate::embedded::{self, EmbeddedFile};

/// The name of the built-in theme.
pub const BUILT_IN: &str = "daisy";

/// The files of the built-in theme.
pub fn built_in() -> ThemeFiles {
    theme_files(embedded::theme())
}

/// The default components of every theme: those in plain HTML first, then those of the built-in theme that need nothing
/// else of it.
pub fn default_components() -> Vec<ThemeFiles> {
    vec![theme_files(embedded::plain_components()), theme_files(embedded::shared_components())]
}

fn theme_files(files: impl Iterator<Item = EmbeddedFile>) -> ThemeFiles {
    files.map(|EmbeddedFile { path, origin, bytes }| (path, ThemeFile { origin, bytes })).collect()
}
