//! Reads the site's settings from `content/site.yaml`.

mod base_url;
mod language;
mod menu;
mod taxonomy;
mod unknown_key;

use std::borrow::Cow;
use std::collections::BTreeMap;

use daisychain_functions::email_address::is_email;
use daisychain_functions::phone_number::is_phone;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use located_yaml::{Entry, Key, Node, Place, Problem, Reader, keys};

use crate::diagnostic::{Diagnostic, nearest};
use crate::key_tables;
use crate::parse::{Located, PageImage, Purpose};
use crate::value::Value;

pub use base_url::{InvalidBaseUrl, check_base_url};
pub(crate) use language::coded;
pub use language::{Language, LanguageId};
pub use menu::MenuEntry;
pub use taxonomy::TaxonomySettings;

/// The path of the settings, relative to the site's root.
pub const PATH: &str = crate::source::SETTINGS_PATH;

/// The settings of a site.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The site's name.
    pub title: String,
    /// One or two sentences about it.
    pub description: String,
    /// The address at which it is published, without a trailing `/`; empty if not set.
    pub base_url: String,
    /// The address of its forms' service, without a trailing `/`; empty if that is on the site's own host.
    pub forms_url: String,
    /// The image for link previews of pages without their own.
    pub image: Option<PageImage>,
    /// The source image of its icons: a path below `content/`.
    pub icon: Option<Located<String>>,
    /// Its languages: first the original one, such as `en-GB`, then those of the translations.
    pub languages: Vec<Language>,
    /// Its theme: a folder of `themes/`.
    pub theme: Option<Located<String>>,
    /// The time zone of dates without one.
    pub time_zone: TimeZone,
    /// Its taxonomies.
    pub taxonomies: Vec<TaxonomySettings>,
    /// Its menus, by name.
    pub menus: BTreeMap<String, Vec<MenuEntry>>,
    /// Whether a page without `updated` takes that date from its last commit.
    pub git_dates: bool,
    /// Whether straight quotes and double dashes become typographic ones.
    pub smart_punctuation: bool,
    /// The places of the keys `organisation` and, within it, `phone`.
    pub(crate) phone_keys: [Option<Place>; 2],
    /// The warnings about it.
    pub warnings: Vec<Diagnostic>,
    /// All values, including defaults, for templates.
    values: Value,
    /// All text values, with their places.
    texts: Vec<Located<String>>,
}

impl Config {
    /// Parses the text of `site.yaml`.
    ///
    /// # Errors
    /// All errors in it, each with its place.
    pub fn parse(text: &str) -> Result<Config, Vec<Diagnostic>> {
        match Config::parse_partly(text) {
            (Some(config), faults) if faults.is_empty() => Ok(config),
            (_, faults) => Err(faults),
        }
    }

    /// Parses the text of `site.yaml` as far as possible: a key with an error gets its default. Returns all errors too;
    /// there are no settings if the text is not a YAML map.
    pub fn parse_partly(text: &str) -> (Option<Config>, Vec<Diagnostic>) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document = match located_yaml::parse_map(text, 1) {
            Ok(document) => document,
            Err(problem) => return (None, vec![Diagnostic::in_file(PATH, problem)]),
        };
        let mut reader = Reader::new(text);
        reader.problems = document.warnings;
        let config = read(&document.root, &mut reader);
        let problems = reader.problems.into_iter();
        let diagnostics: Vec<_> =
            problems.map(|problem| Diagnostic::in_file(PATH, problem)).collect();
        match config {
            Some(mut config) if !diagnostics.iter().any(Diagnostic::is_error) => {
                config.warnings = diagnostics;
                (Some(config), Vec::new())
            }
            config => (config, diagnostics),
        }
    }

    /// The value of a dotted key, such as `organisation.phone`, in a language.
    pub fn get(&self, language: LanguageId, key: &str) -> Option<Value> {
        let find = |values| key.split('.').try_fold(values, |value: &Value, part| value.get(part));
        match (find(&self.language(language).values), find(&self.values)) {
            (Some(own), Some(general)) => Some(own.over(general)),
            (own, general) => own.or(general).cloned(),
        }
    }

    /// The place of a text, if it is a complete value.
    pub fn place_of(&self, text: &str) -> Option<Place> {
        self.texts.iter().find(|written| written.value == text).map(|written| written.place)
    }

    /// The place of the value that a message names: in backticks, or as a file of `content/`.
    pub(crate) fn place_named_in(&self, message: &str) -> Option<Place> {
        let is_named = |text: &str| {
            message.contains(&format!("`{text}`"))
                || message.match_indices(&format!("content/{text}")).any(|(at, found)| {
                    !message[at + found.len()..].starts_with(|next: char| next.is_alphanumeric())
                })
        };
        let named =
            self.texts.iter().find(|written| !written.value.is_empty() && is_named(&written.value));
        named.map(|written| written.place)
    }

    /// The code of the original language, if `language` has no translation of the text of a dotted key.
    pub fn fallback_language(&self, language: LanguageId, key: &str) -> Option<&str> {
        let mut own = Some(&self.language(language).values);
        for part in key.split('.') {
            own = own.and_then(|values| values.get(part));
        }
        let first = &self.language(LanguageId::default()).code;
        (!language.is_first() && own.is_none()).then_some(first)
    }

    /// The same site at another address, already validated by [`check_base_url`].
    pub fn with_base_url(mut self, base_url: String) -> Config {
        if let Value::Map(values) = &mut self.values {
            values.retain(|(key, _)| key != "base_url");
            values.push(("base_url".to_owned(), Value::String(base_url.clone())));
        }
        self.base_url = base_url;
        self
    }
}

fn read(node: &Node, reader: &mut Reader) -> Option<Config> {
    let entries = node.entries()?;
    let mut config = Config {
        title: String::new(),
        description: String::new(),
        base_url: String::new(),
        languages: Vec::new(),
        theme: None,
        forms_url: String::new(),
        image: None,
        icon: None,
        time_zone: TimeZone::UTC,
        taxonomies: Vec::new(),
        menus: BTreeMap::new(),
        smart_punctuation: false,
        git_dates: false,
        phone_keys: [None, None],
        warnings: Vec::new(),
        values: values(node),
        texts: texts(node),
    };
    let mut code = "en-GB".to_owned();
    let mut zone = Located { value: "Europe/London".to_owned(), place: node.place };
    for entry in entries {
        match entry.key.as_str() {
            "title" => config.title = words(entry, reader),
            "description" => config.description = words(entry, reader),
            "base_url" => config.base_url = base_url::read(entry, reader),
            "forms_url" => config.forms_url = base_url::read_forms_url(entry, reader),
            "image" => {
                config.image = crate::parse::front_matter::image(entry, Purpose::default(), reader)
            }
            "theme" => config.theme = reader.text(entry),
            "icon" => config.icon = reader.text(entry),
            "language" => code = language(entry, reader).unwrap_or(code),
            // Read last, when all that they may translate is known.
            "languages" => {}
            "time_zone" => zone = reader.text(entry).unwrap_or(zone),
            "organisation" => {
                organisation(entry, reader);
                let phone = entry.node.get("phone").map(|phone| phone.key_place);
                config.phone_keys = [Some(entry.key_place), phone];
            }
            "taxonomies" => config.taxonomies = taxonomy::read(entry, reader),
            "menus" => config.menus = menu::read(entry, reader),
            "smart_punctuation" => {
                config.smart_punctuation = reader.bool(entry).unwrap_or_default();
            }
            "git_dates" => config.git_dates = reader.bool(entry).unwrap_or_default(),
            "budgets" => budgets(entry, reader),
            "extra" => drop(reader.map(entry)),
            _ => unknown_key::report(entry, entries, reader),
        }
    }
    let misspelt = entries.iter().any(|entry| {
        !keys::has(&key_tables::SITE, &entry.key)
            && unknown_key::foreign(&entry.key)
                .or_else(|| nearest(&entry.key, keys::names(&key_tables::SITE)))
                .is_some_and(|ours| ours == "title")
    });
    if config.title.is_empty()
        && !misspelt
        && node.get("title").is_none_or(|entry| entry.node.value == located_yaml::Value::Null)
    {
        let place = node
            .get("title")
            .map_or(Place { line: 1, column: 1, length: 1 }, |entry| entry.key_place);
        reader.push(
            Problem::error(place, "the site has no title")
                .help("add the line `title:` with the name of the site"),
        );
    }
    // The bundled database, not the machine's, so that a site is the same wherever it is built.
    match TimeZoneDatabase::bundled().get(&zone.value) {
        Ok(found) => config.time_zone = found,
        Err(_) => {
            reader.push(
                Problem::error(zone.place, format!("`{}` is not a time zone", zone.value))
                    .help("write a region and a city, such as `Europe/London`"),
            );
        }
    }
    let first = Language {
        direction: direction(&code),
        title: config.title.clone(),
        description: config.description.clone(),
        code,
        ..Language::default()
    };
    config.languages = language::read(node.get("languages"), first, reader);
    config.fill_in(&zone.value);
    Some(config)
}

impl Config {
    /// Adds the defaults to the values for templates.
    fn fill_in(&mut self, zone: &str) {
        let text = |text: &str| Value::String(text.to_owned());
        let defaults = [
            ("title", text(&self.title)),
            ("description", text(&self.description)),
            ("base_url", text(&self.base_url)),
            ("language", text(&self.languages[0].code)),
            ("time_zone", text(zone)),
            ("smart_punctuation", Value::Bool(self.smart_punctuation)),
        ];
        if let Value::Map(values) = &mut self.values {
            for (key, value) in defaults {
                match values.iter_mut().find(|(name, _)| name == key) {
                    Some((_, written)) => *written = value,
                    None => values.push((key.to_owned(), value)),
                }
            }
        }
    }
}

/// The values for templates. Those of the organisation are strings: a phone number is not a number.
fn values(node: &Node) -> Value {
    let mut values = Value::from(node);
    if let (Value::Map(values), Some(entry)) = (&mut values, node.get("organisation"))
        && let Some((_, organisation)) = values.iter_mut().find(|(key, _)| *key == entry.key)
    {
        *organisation = Value::of_texts(&entry.node);
    }
    values
}

/// Every text below a node, in order.
fn texts(node: &Node) -> Vec<Located<String>> {
    match &node.value {
        located_yaml::Value::Map(entries) => {
            entries.iter().flat_map(|entry| texts(&entry.node)).collect()
        }
        located_yaml::Value::List(items) => items.iter().flat_map(texts).collect(),
        _ => {
            let text = node.characters();
            let located =
                |text: Cow<'_, str>| Located { value: text.into_owned(), place: node.place };
            text.map(located).into_iter().collect()
        }
    }
}

fn words(entry: &Entry, reader: &mut Reader) -> String {
    reader.text(entry).map(|text| text.value).unwrap_or_default()
}

/// `rtl` for languages usually written from right to left (Unicode CLDR, `characterOrder`).
fn direction(language: &str) -> &'static str {
    const RIGHT_TO_LEFT: [&str; 13] =
        ["ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"];
    let (language, rest) = language.split_once('-').unwrap_or((language, ""));
    let arabic = rest.split('-').any(|part| part == "Arab" || part == "Hebr");
    let latin = rest.split('-').any(|part| part == "Latn" || part == "Cyrl" || part == "Deva");
    if arabic || (RIGHT_TO_LEFT.contains(&language) && !latin) { "rtl" } else { "ltr" }
}

/// Whether a text has the form of a language tag (RFC 5646): subtags of letters and digits.
pub(crate) fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    matches!(first.len(), 2 | 3)
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| {
            matches!(part.len(), 2..=8) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

fn language(entry: &Entry, reader: &mut Reader) -> Option<String> {
    let text = reader.text(entry)?;
    if is_language(&text.value) {
        return Some(text.value);
    }
    reader.push(
        Problem::error(text.place, format!("`{}` is not a language code", text.value))
            .help("write a code such as `en-GB` or `pl`"),
    );
    None
}

/// Reads the organisation's details. Pages link to its email address, and forms send notifications to it.
fn organisation(entry: &Entry, reader: &mut Reader) {
    known_keys(entry, &key_tables::ORGANISATION, reader);
    let mut check = |key: &str, is_valid: fn(&str) -> bool, kind: &str, example: &str| {
        let Some(node) = entry.node.get(key).map(|found| &found.node) else { return };
        let Some(text) = node.characters() else { return };
        let text = text.trim();
        if !text.is_empty() && !is_valid(text) {
            let warning = Problem::warning(node.place, format!("`{text}` is not {kind}"));
            reader.push(warning.help(format!("write one such as `{example}`")));
        }
    };
    check("email", is_email, "an email address", "hello@example.org");
    check("phone", is_phone, "a phone number", EXAMPLE_PHONE);
}

/// A number that is reserved for examples (Ofcom).
pub(crate) const EXAMPLE_PHONE: &str = "01632 960123";

fn known_keys(entry: &Entry, known: &[Key], reader: &mut Reader) {
    for part in reader.map(entry) {
        if !keys::has(known, &part.key) {
            reader.unknown_key(part, known);
        }
    }
}

/// Reads the limits in bytes for each page, which `daisy check` enforces.
fn budgets(entry: &Entry, reader: &mut Reader) {
    for part in reader.map(entry) {
        match keys::has(&key_tables::BUDGETS, &part.key) {
            true => drop(reader.whole_number(part, 1, 100_000)),
            false => reader.unknown_key(part, &key_tables::BUDGETS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minimal_file_gets_all_defaults() {
        let config =
            Config::parse("title: Connecting\norganisation:\n  phone: 01632 960123\n").unwrap();
        let get = |key: &str| config.get(LanguageId::default(), key);
        assert_eq!(config.languages[0].code, "en-GB");
        assert_eq!(config.time_zone.iana_name(), Some("Europe/London"));
        assert_eq!(get("title"), Some(Value::String("Connecting".into())));
        assert_eq!(get("organisation.phone"), Some(Value::String("01632 960123".into())));
        assert_eq!(get("base_url"), Some(Value::String(String::new())));
        assert_eq!(get("organisation.fax"), None);
    }

    #[test]
    fn menus_and_addresses_are_read() {
        let text = "title: A\nbase_url: https://example.org/\nmenus:\n  main:\n    - label: About\n      link: about.md#team\n";
        let config = Config::parse(text).unwrap();
        assert_eq!(config.base_url, "https://example.org");
        assert_eq!(config.menus["main"][0].link.value, "about.md#team");
        assert_eq!(config.menus["main"][0].link.place.line, 6);
        let config = config.with_base_url("http://localhost:8000".to_owned());
        let base_url = config.get(LanguageId::default(), "base_url");
        assert_eq!(base_url, Some(Value::String("http://localhost:8000".into())));
        assert!(check_base_url("localhost").is_err());
    }

    #[test]
    fn every_error_is_found_at_once() {
        let text = "titel: A\nbase_url: example.org\nlanguage: English\ntime_zone: London\norganisation:\n  fon: 1\nmenus:\n  main:\n    - label: About\n    - about.md\n    - label: x\n      link: javascript:x\ntaxonomies: [Tags, title]\n";
        let errors = Config::parse(text).unwrap_err();
        let mut lines: Vec<u32> = errors.iter().map(|error| error.place.unwrap().line).collect();
        lines.sort_unstable();
        assert_eq!(lines, [1, 2, 3, 4, 6, 9, 10, 12, 13, 13]);
        assert!(errors.iter().all(|error| error.help.is_some()));
    }

    #[test]
    fn an_empty_file_is_an_error_with_help() {
        for text in ["", "# nothing\n", "just words"] {
            assert!(Config::parse(text).unwrap_err()[0].help.is_some());
        }
    }
}
