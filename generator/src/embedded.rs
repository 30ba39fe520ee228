//! The theme and the starter site that every `daisy` carries.

use crate::diagnostic::Diagnostic;
use crate::theme::{ThemeFile, ThemeFiles};

/// The theme `daisy`.
#[derive(rust_embed::Embed)]
#[folder = "../themes/daisy"]
struct Daisy;

/// What begins the path of a diagnostic about a file of the built-in theme: the site has no such file.
const ORIGIN: &str = "the built-in theme `daisy`: ";

/// How to change a file of the built-in theme.
const COPY: &str = "the site has no copy of this theme; to change it, run `daisy init ../copy --theme` and \
    move `../copy/themes/daisy` into the folder `themes`";

/// Whether the path of a diagnostic is that of a file of the built-in theme.
pub(crate) fn is_built_in(path: &str) -> bool {
    path.starts_with(ORIGIN)
}

/// The text of a file of the built-in theme, by the path that diagnostics give for it.
pub(crate) fn source(path: &str) -> Option<String> {
    let file = Daisy::get(path.strip_prefix(ORIGIN)?)?;
    String::from_utf8(file.data.into_owned()).ok()
}

/// A diagnostic with advice that an editor can follow, if it is about a file of the built-in theme.
pub(crate) fn advise(mut diagnostic: Diagnostic) -> Diagnostic {
    if is_built_in(&diagnostic.path) {
        let help = match diagnostic.help.take() {
            Some(help) => format!("{help}\n{COPY}"),
            None => COPY.to_owned(),
        };
        diagnostic.help = Some(help.into());
    }
    diagnostic
}

/// The files of the theme `daisy`.
pub fn theme() -> ThemeFiles {
    Daisy::iter()
        .filter_map(|path| {
            let bytes = Daisy::get(&path)?.data.into_owned();
            let origin = format!("{ORIGIN}{path}");
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
