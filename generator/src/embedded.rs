//! The files compiled into `daisy`: the theme `daisy`, the default components and the starter site.

/// The theme `daisy`.
#[derive(rust_embed::Embed)]
#[folder = "../themes/daisy"]
struct Daisy;

/// The content components that themes have by default, with their texts.
#[derive(rust_embed::Embed)]
#[folder = "components"]
struct Components;

/// The prefix of paths of built-in theme files in diagnostics: the site has no such files.
const THEME: &str = "the built-in theme `daisy`: ";

/// The prefix of paths of default components in diagnostics.
const DEFAULTS: &str = "the built-in components: ";

/// How to change a file of the built-in theme.
const COPY: &str = "this theme is built into `daisy`; to change it, run `daisy init ../copy \
                    --theme` and move `../copy/themes/daisy` into the folder `themes`";

/// How to change a default component.
const DEFINE: &str = "this component is built into `daisy`; to change it, define a component with \
                      the same name in the theme";

/// Whether the path of a diagnostic names a built-in file.
pub(crate) fn is_built_in(path: &str) -> bool {
    path.starts_with(THEME) || path.starts_with(DEFAULTS)
}

/// Whether the path of a diagnostic names a file of the default components.
pub(crate) fn is_default(path: &str) -> bool {
    path.starts_with(DEFAULTS)
}

/// The text of a built-in file, by its path in diagnostics.
pub(crate) fn source(path: &str) -> Option<String> {
    let file = match path.strip_prefix(DEFAULTS) {
        Some(name) => Components::get(name).or_else(|| Daisy::get(name))?,
        None => Daisy::get(path.strip_prefix(THEME)?)?,
    };
    String::from_utf8(file.data.into_owned()).ok()
}

/// How to change the built-in file that the path of a diagnostic names.
pub(crate) fn advice(path: &str) -> Option<&'static str> {
    if is_default(path) { Some(DEFINE) } else { is_built_in(path).then_some(COPY) }
}

/// A file of a theme.
pub(crate) struct EmbeddedFile {
    /// Its path below the theme's folder.
    pub(crate) path: String,
    /// Its path in diagnostics.
    pub(crate) origin: String,
    pub(crate) bytes: Vec<u8>,
}

/// The default components in plain HTML, with their texts.
pub(crate) fn plain_components() -> impl Iterator<Item = EmbeddedFile> {
    Components::iter().filter_map(|name| {
        let bytes = Components::get(&name)?.data.into_owned();
        let is_template = name.ends_with(".html");
        let path = if is_template { format!("templates/{name}") } else { name.to_string() };
        Some(EmbeddedFile { path, origin: format!("{DEFAULTS}{name}"), bytes })
    })
}

/// The components of the theme `daisy` that need nothing else of it.
pub(crate) fn shared_components() -> impl Iterator<Item = EmbeddedFile> {
    SHARED.into_iter().filter_map(|name| {
        let path = format!("templates/components/{name}");
        let bytes = Daisy::get(&path)?.data.into_owned();
        Some(EmbeddedFile { origin: format!("{DEFAULTS}{path}"), path, bytes })
    })
}

/// The files of the theme `daisy` with components that any theme can use.
const SHARED: [&str; 5] = ["bands.html", "boxes.html", "email.mjml", "pictures.html", "ways.html"];

/// The files of the theme `daisy`.
pub(crate) fn theme() -> impl Iterator<Item = EmbeddedFile> {
    Daisy::iter().filter_map(|path| {
        let bytes = Daisy::get(&path)?.data.into_owned();
        Some(EmbeddedFile { origin: format!("{THEME}{path}"), path: path.into_owned(), bytes })
    })
}

/// The site that `daisy init` creates.
#[derive(rust_embed::Embed)]
#[folder = "starter"]
struct Starter;

/// The files of the starter site by path below the site's folder. `%title%`, `%language%`, `%email%` and `%date%` are
/// placeholders.
pub(crate) fn starter() -> Vec<(String, String)> {
    Starter::iter()
        .filter_map(|path| {
            let bytes = Starter::get(&path)?.data.into_owned();
            Some((path.into_owned(), String::from_utf8(bytes).ok()?))
        })
        .collect()
}

/// The guides for editors that `daisy init` adds to the site: those that messages and the starter's files name, and
/// those that these link to.
pub(crate) const GUIDES: [(&str, &str); 5] = [
    ("docs/consent.md", include_str!("../../docs/consent.md")),
    ("docs/editors.md", include_str!("../../docs/editors.md")),
    ("docs/forms.md", include_str!("../../docs/forms.md")),
    ("docs/languages.md", include_str!("../../docs/languages.md")),
    ("docs/replies.md", include_str!("../../docs/replies.md")),
];
