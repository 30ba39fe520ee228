//! The theme and the starter site that every `daisy` carries.

use crate::diagnostic::Diagnostic;
use crate::theme::{ThemeFile, ThemeFiles};

/// The theme `daisy`.
#[derive(rust_embed::Embed)]
#[folder = "../themes/daisy"]
struct Daisy;

/// The components of content that themes have by default, with their words.
#[derive(rust_embed::Embed)]
#[folder = "components"]
struct Components;

/// What begins the path of a diagnostic about a file of the built-in theme: the site has no such file.
const THEME: &str = "the built-in theme `daisy`: ";

/// What begins the path of a diagnostic about a component that themes have by default.
const DEFAULTS: &str = "the built-in components: ";

/// How to change a file of the built-in theme.
const COPY: &str = "the site has no copy of this theme; to change it, run `daisy init ../copy --theme` and \
    move `../copy/themes/daisy` into the folder `themes`";

/// How to change a component that themes have by default.
const DEFINE: &str = "the theme has this component from `daisy`; to change it, define one of the same name in the theme";

/// Whether the path of a diagnostic is that of a file in the program.
pub(crate) fn is_built_in(path: &str) -> bool {
    path.starts_with(THEME) || path.starts_with(DEFAULTS)
}

/// Whether the path of a diagnostic is that of a default component or of its words.
pub(crate) fn is_default(path: &str) -> bool {
    path.starts_with(DEFAULTS)
}

/// The text of a file in the program, by the path that diagnostics give for it.
pub(crate) fn source(path: &str) -> Option<String> {
    let file = match path.strip_prefix(DEFAULTS) {
        Some(name) => Components::get(name).or_else(|| Daisy::get(name))?,
        None => Daisy::get(path.strip_prefix(THEME)?)?,
    };
    String::from_utf8(file.data.into_owned()).ok()
}

/// How to change the file in the program that the path of a diagnostic names.
pub(crate) fn advice(path: &str) -> Option<&'static str> {
    if is_default(path) { Some(DEFINE) } else { is_built_in(path).then_some(COPY) }
}

/// A diagnostic with advice that an editor can follow, if it is about a file in the program.
pub(crate) fn advise(mut diagnostic: Diagnostic) -> Diagnostic {
    if let Some(advice) = advice(&diagnostic.path) {
        let help = match diagnostic.help.take() {
            Some(help) => format!("{help}\n{advice}"),
            None => advice.to_owned(),
        };
        diagnostic.help = Some(help.into());
    }
    diagnostic
}

/// The files of the components that a theme has by default, with their words. First those of plain HTML; then those of
/// the theme `daisy`, for the components that need nothing else of it.
pub fn components() -> Vec<ThemeFiles> {
    let file = |path: String, name: &str, bytes: Vec<u8>| {
        (path, ThemeFile { origin: format!("{DEFAULTS}{name}"), bytes })
    };
    let own = Components::iter().filter_map(|name| {
        let bytes = Components::get(&name)?.data.into_owned();
        let is_template = name.ends_with(".html");
        let path = if is_template { format!("templates/{name}") } else { name.to_string() };
        Some(file(path, &name, bytes))
    });
    let shared = SHARED.into_iter().filter_map(|name| {
        let path = format!("templates/components/{name}");
        let bytes = Daisy::get(&path)?.data.into_owned();
        Some(file(path.clone(), &path, bytes))
    });
    vec![own.collect(), shared.collect()]
}

/// The files of the theme `daisy` with components that any theme can use.
const SHARED: [&str; 4] = ["bands.html", "boxes.html", "pictures.html", "ways.html"];

/// The files of the theme `daisy`.
pub fn theme() -> ThemeFiles {
    Daisy::iter()
        .filter_map(|path| {
            let bytes = Daisy::get(&path)?.data.into_owned();
            let origin = format!("{THEME}{path}");
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
