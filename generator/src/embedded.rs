//! The theme and the starter site that every `daisy` carries.

use crate::theme::{ThemeFile, ThemeFiles};

/// The theme `daisy`.
#[derive(rust_embed::Embed)]
#[folder = "../themes/daisy"]
struct Daisy;

/// The files of the theme `daisy`.
pub fn theme() -> ThemeFiles {
    Daisy::iter()
        .filter_map(|path| {
            let bytes = Daisy::get(&path)?.data.into_owned();
            let origin = format!("themes/daisy/{path}");
            Some((path.into_owned(), ThemeFile { origin, bytes }))
        })
        .collect()
}
