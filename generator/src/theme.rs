//! Reads a theme's files: settings, texts, and the definitions of its templates. `render` compiles them.

mod built_in;
pub(crate) mod component;
pub mod contract;
pub(crate) mod definition;
mod inherit;
pub(crate) mod syntax;
mod tags;

use std::collections::BTreeMap;

use located_yaml::{Problem, keys};

use crate::diagnostic::{Diagnostic, Lines, nearest};
use crate::digest::{Digest, Digester};
use crate::embedded;
use crate::images;
use crate::key_tables;
use crate::parse::{ComponentShape, Ids};
use crate::policy;
use crate::translations::{self, Strings};

use definition::definitions;

pub use built_in::{BUILT_IN, built_in, default_components};
pub use inherit::combine;

/// One file of a theme.
#[derive(Clone, Debug, PartialEq)]
pub struct ThemeFile {
    /// Its path in diagnostics: `themes/mine/templates/base.html`.
    pub origin: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl ThemeFile {
    /// The text of a template or a style sheet; empty if the file is not text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_default()
    }
}

/// A theme's files by path below its folder, such as `templates/base.html`.
pub type ThemeFiles = BTreeMap<String, ThemeFile>;

/// A theme, without its compiled templates.
pub struct Theme {
    /// The digest of its templates and of `theme.yaml`; styles and texts are read by queries.
    pub digest: Digest,
    /// Its texts: those of `theme.yaml`, and of the files in `strings/`.
    pub strings: Vec<Strings>,
    /// Its settings for images.
    pub images: images::ImageSettings,
    /// The anchors that its templates write.
    pub ids: Ids,
    /// Warnings about its templates and its texts.
    pub warnings: Vec<Diagnostic>,
    /// The paths of its templates in diagnostics, by name.
    origins: BTreeMap<String, String>,
}

impl Theme {
    /// Reads a theme's files.
    ///
    /// # Errors
    /// Unknown keys and wrong values in `theme.yaml` and `strings/`, components that are defined twice.
    pub fn read(files: &ThemeFiles) -> Result<Theme, Vec<Diagnostic>> {
        let mut digester = Digester::new();
        let mut origins = BTreeMap::new();
        let templates: Vec<(&str, &str)> = templates(files)
            .map(|(name, file)| {
                digester.part(name).part(&file.bytes);
                origins.insert(name.to_owned(), file.origin.clone());
                (name, file.text())
            })
            .collect();
        let mut faults = defined_twice(&templates, &origins);
        let mut strings = Vec::new();
        let mut images: Option<images::ImageSettings> = None;
        // Settings that a theme omits are inherited from the theme that it extends.
        for file in files.iter().rev().filter(|(path, _)| is_settings(path)).map(|(_, file)| file) {
            digester.part(&file.bytes);
            match settings(file) {
                Ok((said, wanted)) => {
                    strings.push(said);
                    images = wanted.or(images);
                }
                Err(found) => faults.extend(found),
            }
        }
        for (_, file) in files.iter().rev().filter(|(path, _)| path.starts_with("strings/")) {
            match translations::parse(&file.origin, &String::from_utf8_lossy(&file.bytes)) {
                Ok(read) => strings.push(read),
                Err(found) => faults.extend(found),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let ids = ids(templates.iter().map(|(_, text)| *text));
        let mut warnings = forbidden(&templates, &origins);
        warnings
            .extend(strings.iter().flat_map(|strings: &Strings| strings.warnings.iter().cloned()));
        let (digest, images) = (digester.finish(), images.unwrap_or_default());
        Ok(Theme { digest, strings, images, ids, warnings, origins })
    }

    /// The path of a template in diagnostics.
    pub fn origin(&self, template: &str) -> Option<&str> {
        self.origins.get(template).map(String::as_str)
    }

    /// The paths of all templates in diagnostics, by name.
    pub(crate) fn origins_by_name(&self) -> &BTreeMap<String, String> {
        &self.origins
    }

    /// The paths of all templates.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.origins.values().map(String::as_str)
    }
}

/// The templates among a theme's files, by name.
pub(crate) fn templates(files: &ThemeFiles) -> impl Iterator<Item = (&str, &ThemeFile)> {
    files.iter().filter_map(|(path, file)| Some((path.strip_prefix("templates/")?, file)))
}

/// The content of `theme.yaml`: texts, and settings for images.
type Settings = (Strings, Option<images::ImageSettings>);

fn settings(file: &ThemeFile) -> Result<Settings, Vec<Diagnostic>> {
    let in_file = |problem| Diagnostic::in_file(&file.origin, problem);
    let text = String::from_utf8_lossy(&file.bytes);
    let document = located_yaml::parse_map(&text, 1).map_err(|problem| vec![in_file(problem)])?;
    let node = document.root;
    let mut faults = Vec::new();
    for entry in node.entries().unwrap_or_default() {
        if !keys::has(&key_tables::THEME, &entry.key) {
            let names = keys::names(&key_tables::THEME);
            let near = nearest(&entry.key, names.clone());
            let names: Vec<&str> = names.collect();
            let help = near.map_or(format!("choose one of {}", names.join(", ")), |near| {
                format!("did you mean `{near}`?")
            });
            let message = format!("unknown key `{}`", entry.key);
            faults.push(in_file(Problem::error(entry.key_place, message).help(help)));
        }
    }
    let entries = node.get("strings").and_then(|entry| entry.node.entries()).unwrap_or_default();
    let mut strings = translations::read(&file.origin, translations::THEME, entries)
        .unwrap_or_else(|found| {
            faults.extend(found);
            Strings::default()
        });
    strings.warnings = document.warnings.into_iter().map(in_file).collect();
    let images = match node.get("images").map(images::ImageSettings::read) {
        Some(Err(found)) => {
            faults.extend(found.into_iter().map(in_file));
            None
        }
        Some(Ok(images)) => Some(images),
        None => None,
    };
    if faults.is_empty() { Ok((strings, images)) } else { Err(faults) }
}

fn is_settings(path: &str) -> bool {
    path.strip_prefix("theme.yaml").is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Stand-ins for the components of a template with errors: they take any arguments, with or without a body.
pub(crate) fn unread_components(template: &str) -> impl Iterator<Item = (String, ComponentShape)> {
    definitions(template).into_iter().map(|definition| {
        let shape = ComponentShape { rest: true, ..ComponentShape::default() };
        (definition.name.to_owned(), shape)
    })
}

/// The theme that `theme.yaml` extends, if any.
pub fn extends(file: &ThemeFile) -> Option<String> {
    let node = located_yaml::parse(&String::from_utf8_lossy(&file.bytes), 1).ok()?.root;
    node.get("extends")?.node.as_str().map(str::to_owned)
}

/// The anchors that HTML or templates write: literal ones, and what is appended to a component's `{{ id }}`.
pub(crate) fn ids<'a>(texts: impl Iterator<Item = &'a str>) -> Ids {
    const ARGUMENT: &str = "{{ id }}";
    let mut ids = Ids::default();
    for part in texts.flat_map(|text| text.split("{% component ")) {
        let component = part.split('(').next().unwrap_or_default().trim();
        for id in part.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let is_plain = |id: &str| !id.contains(['{', '}']);
            if let Some(end) = id.strip_prefix(ARGUMENT).filter(|end| is_plain(end)) {
                ids.endings.entry(component.to_owned()).or_default().insert(end.to_owned());
            } else if is_plain(id) {
                ids.reserved.insert(id.to_owned());
            }
        }
    }
    ids
}

/// Warnings about content of the site's templates that browsers ignore.
fn forbidden(templates: &[(&str, &str)], origins: &BTreeMap<String, String>) -> Vec<Diagnostic> {
    let own = templates
        .iter()
        .filter(|(name, _)| name.ends_with(".html") && !embedded::is_built_in(&origins[*name]));
    let found = own.flat_map(|(name, text)| {
        let lines = Lines::new(text);
        let ignored = policy::ignored(&tags::masked(text)).into_iter();
        let warnings =
            ignored.map(|each| each.warning(&origins[*name], lines.place(each.range.clone())));
        warnings.collect::<Vec<_>>()
    });
    found.collect()
}

/// Reports components that two templates of the same theme define.
fn defined_twice(
    templates: &[(&str, &str)],
    origins: &BTreeMap<String, String>,
) -> Vec<Diagnostic> {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    let mut faults = Vec::new();
    for (template, text) in templates {
        let origin = &origins[*template];
        for definition in definitions(text) {
            let name = definition.name;
            let Some(first) = known.insert(name, origin) else { continue };
            let message = format!("the component `{name}` is defined twice");
            let place = Lines::new(text).place(definition.name_range);
            let fault = Diagnostic::error(origin, message).at(place);
            faults
                .push(fault.note(format!("first in {first}")).help("remove or rename one of them"));
        }
    }
    faults
}
