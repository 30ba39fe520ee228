//! Reads the languages that `site.yaml` declares.

use std::collections::BTreeMap;

use located_yaml::{Entry, Node, Place, Problem, Reader};
use serde::{Deserialize, Serialize};

use super::{Config, MenuEntry};
use crate::key_tables;
use crate::value::Value;

/// The index of a language in [`Config::languages`]; the first is the original language.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct LanguageId(u8);

impl LanguageId {
    /// The original language of the site.
    pub const FIRST: LanguageId = LanguageId(0);

    /// The index in [`Config::languages`].
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Whether it is the original language.
    pub fn is_first(self) -> bool {
        self.0 == 0
    }
}

/// A language of the site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Language {
    /// Its code, such as `pa` (BCP 47), which precedes `.md` in the names of its pages.
    pub code: String,
    /// Its own name for itself, such as `ਪੰਜਾਬੀ`; empty if the site has no other language.
    pub name: String,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// The first segment of its addresses; empty for the original language.
    pub prefix: String,
    /// The site's name in this language.
    pub title: String,
    /// The site's description in this language, in one or two sentences.
    pub description: String,
    /// Its own menus, which replace the site's.
    pub menus: BTreeMap<String, Vec<MenuEntry>>,
    /// The translated names of taxonomies, if any.
    pub taxonomies: BTreeMap<String, String>,
    /// The place of its declaration.
    pub place: Option<Place>,
    /// Values for templates that override the site's.
    pub(super) values: Value,
}

impl Language {
    /// The address in this language of a page whose address in the original language is `url`.
    pub fn address(&self, url: &str) -> String {
        if self.prefix.is_empty() { url.to_owned() } else { format!("/{}{url}", self.prefix) }
    }
}

/// The most languages; a longer list is a mistake.
const MAX_LANGUAGES: usize = 100;

impl Config {
    /// All languages with their indices.
    pub fn languages(&self) -> impl Iterator<Item = (LanguageId, &Language)> {
        (0..).map(LanguageId).zip(&self.languages)
    }

    /// The items of all menus, each with the language of the pages it links to.
    pub(crate) fn menu_entries(&self) -> impl Iterator<Item = (LanguageId, &MenuEntry)> {
        let general = self.menus.values().flatten().map(|entry| (LanguageId::FIRST, entry));
        let own = self.languages().flat_map(|(language, own)| {
            own.menus.values().flatten().map(move |entry| (language, entry))
        });
        general.chain(own)
    }

    /// The language with this index.
    pub fn language(&self, id: LanguageId) -> &Language {
        &self.languages[id.index()]
    }

    /// Whether the site has translations.
    pub fn is_translated(&self) -> bool {
        self.languages.len() > 1
    }

    /// Splits the path of a page below `content/` into its language and the path of the original page:
    /// `stories/rose.pa.md` is `stories/rose.md` in Punjabi. A path without a declared code is returned unchanged.
    pub fn part<'a>(&self, path: &'a str) -> (LanguageId, std::borrow::Cow<'a, str>) {
        if self.is_translated()
            && let Some((stem, code)) = coded(path)
            && let Some((id, _)) = self.languages().skip(1).find(|(_, each)| each.code == code)
        {
            return (id, format!("{stem}.md").into());
        }
        (LanguageId::default(), path.into())
    }
}

/// `stories/rose` and `pa` for `stories/rose.pa.md`.
pub(crate) fn coded(path: &str) -> Option<(&str, &str)> {
    let (stem, code) = path.strip_suffix(".md")?.rsplit_once('.')?;
    let named = !stem.is_empty() && !stem.ends_with('/');
    (named && !code.contains('/')).then_some((stem, code))
}

/// Reads `languages:`. The result begins with the site's original language, `first`, wherever it is in the list.
pub(super) fn read(entry: Option<&Entry>, first: Language, reader: &mut Reader) -> Vec<Language> {
    let Some(entry) = entry else { return vec![first] };
    let mut languages = vec![first];
    let declared = reader.map(entry);
    if declared.len() > MAX_LANGUAGES {
        let error = Problem::error(entry.key_place, "there are too many languages");
        reader.push(error.help(format!("a site can have up to {MAX_LANGUAGES}")));
        return languages;
    }
    for each in declared {
        let code = each.key.as_str();
        if !super::is_language(code) {
            let message = format!("`{code}` is not a language code");
            let error = Problem::error(each.key_place, message);
            reader.push(error.help("write a code such as `pa` or `pl`"));
            continue;
        }
        let own = code == languages[0].code;
        let read = language(each, &languages[0], own, reader);
        if own {
            languages[0] = Language { values: Value::Null, ..read };
        } else {
            languages.push(read);
        }
    }
    if languages.len() > 1 && languages[0].name.is_empty() {
        let code = &languages[0].code;
        let message = format!("the original language, `{code}`, is missing or has no name");
        let error = Problem::error(entry.key_place, message);
        reader.push(
            error.help(format!("add `{code}:` and, indented below it, `name: English` or similar")),
        );
    }
    clashes(&languages, reader);
    languages
}

fn language(entry: &Entry, first: &Language, own: bool, reader: &mut Reader) -> Language {
    let code = entry.key.clone();
    let mut language = Language {
        direction: super::direction(&code),
        prefix: if own { String::new() } else { code.to_lowercase() },
        title: first.title.clone(),
        description: first.description.clone(),
        place: Some(entry.key_place),
        code,
        ..Language::default()
    };
    for part in reader.map(entry) {
        match part.key.as_str() {
            "name" => language.name = super::words(part, reader),
            "direction" => {
                let found = reader.word(part, &key_tables::DIRECTIONS);
                language.direction =
                    found.map_or(language.direction, |at| key_tables::DIRECTIONS[at]);
            }
            _ if own => reader.unknown_key(part, &key_tables::LANGUAGE[..2]),
            "prefix" => language.prefix = prefix(part, reader).unwrap_or(language.prefix),
            "title" => language.title = super::words(part, reader),
            "description" => language.description = super::words(part, reader),
            "menus" => language.menus = super::menu::read(part, reader),
            "organisation" => super::organisation(part, reader),
            "taxonomies" => {
                for title in reader.map(part) {
                    let words = super::words(title, reader);
                    language.taxonomies.insert(title.key.clone(), words);
                }
            }
            "extra" => drop(reader.map(part)),
            _ => reader.unknown_key(part, &key_tables::LANGUAGE),
        }
    }
    if language.name.is_empty() && !own {
        let message = format!("the language `{}` has no name", language.code);
        let error = Problem::error(entry.key_place, message);
        reader
            .push(error.help("add `name:` with its name in that language, such as `name: Polski`"));
    }
    language.values = values(&entry.node, &language);
    language
}

/// The values for templates in a language: those written for it, and those derived from them.
fn values(node: &Node, language: &Language) -> Value {
    let written = match super::values(node) {
        Value::Map(entries) => entries,
        _ => Vec::new(),
    };
    let asked = |key: &str| ["description", "organisation", "extra"].contains(&key);
    let mut values: Vec<(String, Value)> =
        written.into_iter().filter(|(key, _)| asked(key)).collect();
    values.push(("title".to_owned(), Value::String(language.title.clone())));
    values.push(("language".to_owned(), Value::String(language.code.clone())));
    Value::Map(values)
}

/// Reads one segment of an address.
fn prefix(entry: &Entry, reader: &mut Reader) -> Option<String> {
    let text = reader.text(entry)?;
    let prefix = text.value.trim_matches('/');
    let reserved = super::taxonomy::RESERVED.contains(&prefix);
    if reserved || prefix.is_empty() || crate::parse::slug(prefix) != prefix {
        let error = Problem::error(text.place, "this cannot be part of an address");
        reader.push(error.help("use only lowercase letters, digits and hyphens, such as `pa`"));
        return None;
    }
    Some(prefix.to_owned())
}

fn clashes(languages: &[Language], reader: &mut Reader) {
    for (at, language) in languages.iter().enumerate().skip(1) {
        let same = |other: &&Language| other.prefix == language.prefix;
        if let (Some(other), Some(place)) = (languages[..at].iter().find(same), language.place) {
            let message = format!(
                "addresses of `{}` start with `/{}/`, and so do those of `{}`",
                language.code, language.prefix, other.code
            );
            let error = Problem::error(place, message);
            reader.push(error.help("give one of them another `prefix`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "title: A site\norganisation:\n  phone: 1\n  email: a@example.org\n\
        languages:\n  en-GB:\n    name: English\n  pa:\n    name: ਪੰਜਾਬੀ\n    \
        organisation:\n      phone: 2\n  ur:\n    name: اردو\n    prefix: urdu\n";

    #[test]
    fn a_path_determines_its_language() {
        let config = Config::parse(SITE).unwrap();
        let ids: Vec<LanguageId> = config.languages().map(|(id, _)| id).collect();
        assert_eq!(config.part("stories/rose.pa.md"), (ids[1], "stories/rose.md".into()));
        assert_eq!(config.part("_index.ur.md"), (ids[2], "_index.md".into()));
        for path in ["stories/rose.md", "rose.pl.md", "a.pa/rose.md", ".pa.md"] {
            assert_eq!(config.part(path), (ids[0], path.into()));
        }
    }

    #[test]
    fn a_language_has_a_direction_an_address_and_the_site_s_values() {
        let config = Config::parse(SITE).unwrap();
        let [english, punjabi, urdu] = &config.languages[..] else { panic!("three languages") };
        assert_eq!((english.direction, urdu.direction), ("ltr", "rtl"));
        assert_eq!(english.address("/a/"), "/a/");
        assert_eq!((punjabi.address("/a/"), urdu.address("/")), ("/pa/a/".into(), "/urdu/".into()));
        let (id, _) = config.languages().nth(1).unwrap();
        let text = |key: &str| config.get(id, key).unwrap();
        assert_eq!(text("organisation.phone"), Value::String("2".into()));
        assert_eq!(text("organisation.email"), Value::String("a@example.org".into()));
        assert_eq!(text("language"), Value::String("pa".into()));
        assert_eq!(text("title"), Value::String("A site".into()));
    }

    #[test]
    fn a_site_without_languages_has_one() {
        let config = Config::parse("title: A site\nlanguage: ur\n").unwrap();
        assert!(!config.is_translated());
        assert_eq!(config.languages[0].direction, "rtl");
    }
}
