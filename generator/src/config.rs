//! Reads the site's settings from `content/site.yaml`.

mod language;
mod taxonomy;

use std::borrow::Cow;
use std::collections::BTreeMap;

use daisychain_functions::email_address::is_email;
use daisychain_functions::phone_number::is_phone;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use located_yaml::{Entry, FieldType, Key, Node, Place, Problem, Reader, keys};

use crate::diagnostic::{Diagnostic, nearest};
use crate::key_tables;
use crate::parse::{Located, PageImage, Purpose};
use crate::value::Value;

pub(crate) use language::coded;
pub use language::{Language, LanguageId};
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

/// An item of a menu.
#[derive(Clone, Debug, PartialEq)]
pub struct MenuEntry {
    /// Its text.
    pub label: String,
    /// Its target, as written: a source's path with an optional `#anchor`, or an address.
    pub link: Located<String>,
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
            "base_url" => config.base_url = base_url(entry, reader),
            "forms_url" => config.forms_url = forms_url(entry, reader),
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
            "menus" => config.menus = menus(entry, reader),
            "smart_punctuation" => {
                config.smart_punctuation = reader.bool(entry).unwrap_or_default();
            }
            "git_dates" => config.git_dates = reader.bool(entry).unwrap_or_default(),
            "budgets" => budgets(entry, reader),
            "extra" => drop(reader.map(entry)),
            _ => unknown(entry, entries, reader),
        }
    }
    let misspelt = entries.iter().any(|entry| {
        !keys::has(&key_tables::SITE, &entry.key)
            && foreign(&entry.key)
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

/// Keys of other programs' settings, in lower case and without `_` and `-`, with our names.
const FOREIGN: [(&str, &str); 20] = [
    ("url", "base_url"),
    ("site", "base_url"),
    ("siteurl", "base_url"),
    ("name", "title"),
    ("sitename", "title"),
    ("sitetitle", "title"),
    ("tagline", "description"),
    ("subtitle", "description"),
    ("lang", "language"),
    ("locale", "language"),
    ("languagecode", "language"),
    ("defaultlanguage", "language"),
    ("defaultcontentlanguage", "language"),
    ("nav", "menus"),
    ("navigation", "menus"),
    ("logo", "icon"),
    ("favicon", "icon"),
    ("params", "extra"),
    ("smartpunct", "smart_punctuation"),
    ("enablegitinfo", "git_dates"),
];

/// Our name for a key of other programs' settings.
fn foreign(key: &str) -> Option<&'static str> {
    let bare = bare(key);
    FOREIGN.iter().find(|(theirs, _)| *theirs == bare).map(|(_, ours)| *ours)
}

fn bare(key: &str) -> String {
    key.to_lowercase().replace(['-', '_', ' '], "")
}

/// Reports an unknown key.
fn unknown(entry: &Entry, entries: &[Entry], reader: &mut Reader) {
    let message = format!("unknown key `{}`", entry.key);
    if let Some(above) = empty_group_above(entry, entries) {
        let help = format!(
            "to put it under `{above}`, indent this line and the lines below it by two spaces"
        );
        reader.push(Problem::error(entry.key_place, message).help(help));
        return;
    }
    let taxonomy = match bare(&entry.key).as_str() {
        "tag" | "tags" => Some("tags"),
        "category" | "categories" => Some("categories"),
        _ => None,
    };
    let help = match (taxonomy, foreign(&entry.key)) {
        (Some(name), _) => format!("to group pages by {name}, write `taxonomies: [{name}]`"),
        (None, Some(ours)) => format!("use `{ours}` instead"),
        (None, None) => return reader.unknown_key(entry, &key_tables::SITE),
    };
    reader.push(Problem::error(entry.key_place, message).help(help));
}

/// The group that an unindented key was probably meant to be in: the last key above it, if that is empty.
fn empty_group_above<'e>(entry: &Entry, entries: &'e [Entry]) -> Option<&'e str> {
    let above = entries.iter().take_while(|each| each.key_place != entry.key_place);
    let last = above.filter(|each| keys::has(&key_tables::SITE, &each.key)).last()?;
    let takes = &key_tables::SITE.iter().find(|key| key.name == last.key)?.field_type;
    let may_have = match takes {
        FieldType::Map(known) => keys::has(known, &entry.key),
        FieldType::NamedLists(_) => matches!(entry.node.value, located_yaml::Value::List(_)),
        FieldType::NamedMaps(_) => is_language(&entry.key),
        _ => false,
    };
    (may_have && last.node.value == located_yaml::Value::Null).then_some(last.key.as_str())
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

fn base_url(entry: &Entry, reader: &mut Reader) -> String {
    let Some(text) = reader.text(entry) else { return String::new() };
    check_base_url(&text.value).unwrap_or_else(|error| {
        reader.push(
            Problem::error(text.place, error.to_string())
                .help("copy it from your browser, such as `https://connecting.example.org`"),
        );
        String::new()
    })
}

/// Reads the address of the forms' service: an origin without a path, since a content security policy names origins.
fn forms_url(entry: &Entry, reader: &mut Reader) -> String {
    let url = base_url(entry, reader);
    if url.splitn(4, '/').nth(3).is_none() && !url.contains([';', ',']) {
        return url;
    }
    reader.push(
        Problem::error(entry.node.place, "this must be the address of a host, without a path")
            .help("remove everything after the host, such as `https://forms.example.org`"),
    );
    String::new()
}

/// A text that is not the address of a site.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a web address")]
pub struct InvalidBaseUrl(String);

/// Normalizes the address of a site, without a trailing `/`; empty if not set.
///
/// # Errors
/// The text is not an address of a site.
pub fn check_base_url(text: &str) -> Result<String, InvalidBaseUrl> {
    let text = text.trim().trim_end_matches('/');
    let host = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    match host {
        None if text.is_empty() => Ok(String::new()),
        Some(host)
            if !host.is_empty()
                && !host.starts_with(['/', ':'])
                && !host.contains(|c: char| {
                    c.is_whitespace() || c.is_control() || "?#\"'<>\\@".contains(c)
                }) =>
        {
            Ok(text.to_owned())
        }
        _ => Err(InvalidBaseUrl(text.to_owned())),
    }
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

fn menus(entry: &Entry, reader: &mut Reader) -> BTreeMap<String, Vec<MenuEntry>> {
    let mut menus = BTreeMap::new();
    if let located_yaml::Value::List(_) = entry.node.value {
        let error = Problem::error(entry.key_place, "this menu has no name");
        reader.push(error.help(format!("give each menu a name, like this:\n{MENU_FORM}")));
        return menus;
    }
    for menu in reader.map(entry) {
        let mut lines = Vec::new();
        match &menu.node.value {
            located_yaml::Value::List(items) => {
                lines.extend(items.iter().filter_map(|item| menu_entry(item, menu, reader)));
            }
            located_yaml::Value::Null => {}
            _ => reader.push(menu_form(&menu.key, menu.node.place)),
        }
        menus.insert(menu.key.clone(), lines);
    }
    menus
}

fn menu_form(name: &str, place: Place) -> Problem {
    Problem::error(
        place,
        format!("the menu `{name}` must be a list of items with a label and a link"),
    )
    .help(format!("write it like this, with the same indentation:\n{MENU_FORM}"))
}

const MENU_FORM: &str = "menus:\n  main:\n    - label: About\n      link: about.md";

fn menu_entry(item: &Node, menu: &Entry, reader: &mut Reader) -> Option<MenuEntry> {
    let Some(entries) = item.entries() else {
        reader.push(menu_form(&menu.key, item.place));
        return None;
    };
    let (mut label, mut link) = (None, None);
    for entry in entries {
        match entry.key.as_str() {
            "label" => label = reader.text(entry),
            "link" => link = reader.text(entry),
            _ => reader.unknown_key(entry, &key_tables::MENU_LINE),
        }
    }
    match (label, link) {
        (Some(label), Some(link)) => match crate::parse::check_link(&link.value) {
            Ok(()) => Some(MenuEntry { label: label.value, link }),
            Err((message, help)) => {
                reader.push(Problem::error(link.place, message).help(help));
                None
            }
        },
        (label, _) => {
            let missing = if label.is_none() { "label" } else { "link" };
            reader.push(
                Problem::error(item.place, format!("this menu item has no `{missing}`"))
                    .help(format!("add `{missing}: …` to it")),
            );
            None
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
