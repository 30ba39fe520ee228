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

/// The site that `daisy init` begins with.
#[derive(rust_embed::Embed)]
#[folder = "starter"]
struct Starter;

/// The files of the starter site by path below the site's folder. `%title%`, `%language%`,
/// `%email%` and `%date%` are placeholders.
pub fn starter() -> Vec<(String, String)> {
    Starter::iter()
        .filter_map(|path| {
            let bytes = Starter::get(&path)?.data.into_owned();
            Some((path.into_owned(), String::from_utf8(bytes).ok()?))
        })
        .collect()
}

/// The guides for editors that `daisy init` puts into the site: those that messages and the starter's files
/// name, and those that these lead to.
pub const GUIDES: [(&str, &str); 4] = [
    ("docs/editors.md", include_str!("../../docs/editors.md")),
    ("docs/forms.md", include_str!("../../docs/forms.md")),
    ("docs/languages.md", include_str!("../../docs/languages.md")),
    ("docs/replies.md", include_str!("../../docs/replies.md")),
];
