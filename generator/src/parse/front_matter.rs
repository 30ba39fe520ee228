//! Parses front matter into typed values, each with its place.

use std::collections::{BTreeMap, BTreeSet};

use located_yaml::{Entry, Place, Problem, Reader, keys};
use serde::{Deserialize, Serialize};

use super::date::{self, Moment};
use super::schema::{self, Schema};
use super::{PageKind, ParseOptions};
use crate::diagnostic::nearest;
use crate::key_tables;
use crate::nfc::nfc;
use crate::url;
use crate::value::Value;

mod consent;
mod image;
mod unknown;

pub use consent::{Channel, Consent, Covered, End, EndReason};
pub(crate) use image::image;
pub use located_yaml::Located;

/// The front matter of a page. A missing key is `None`, empty or `false`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FrontMatter {
    /// The page's title.
    pub title: Option<Located<String>>,
    /// One or two sentences for lists, feeds and search engines.
    pub summary: Option<Located<String>>,
    /// The preview text of a newsletter, which email programs show after the subject.
    pub preheader: Option<Located<String>>,
    /// When it was written.
    pub date: Option<Located<Moment>>,
    /// When it was last changed.
    pub updated: Option<Located<Moment>>,
    /// Whether `updated` was taken from the file's last commit because the front matter has none.
    pub committed: bool,
    /// Who wrote it.
    pub author: Option<Located<String>>,
    /// Whether it is a draft, which is not published.
    pub draft: bool,
    /// The moment from which it is published.
    pub publish_on: Option<Located<Moment>>,
    /// The moment from which it is no longer published.
    pub expires_on: Option<Located<Moment>>,
    /// The last segment of its address, instead of the file's name; without `/`.
    pub slug: Option<Located<String>>,
    /// Its complete address within the site, instead of its folder's.
    pub path: Option<Located<String>>,
    /// Its former addresses.
    pub aliases: Vec<Located<String>>,
    /// The template that renders it.
    pub template: Option<Located<String>>,
    /// Its rank in a section sorted by weight, in ascending order.
    pub weight: Option<Located<i64>>,
    /// Its image.
    pub image: Option<PageImage>,
    /// The menus it is listed in, beyond those of `site.yaml`.
    pub menu: Vec<Located<String>>,
    /// Whether it is in the search index; `None` if not set.
    pub search: Option<bool>,
    /// The place that marks it as a translation not yet reviewed.
    pub unreviewed: Option<Place>,
    /// The terms of each taxonomy that the site declares.
    pub taxonomies: BTreeMap<String, Vec<Located<String>>>,
    /// The consent of the person whom it is about.
    pub consent: Option<Consent>,
    /// Additional values for the theme: a map, or null.
    pub extra: Value,
    /// Settings of a section; only in `_index.md`.
    pub section: SectionSettings,
}

/// A page's image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageImage {
    /// Its file, relative to the page, as written.
    pub src: Located<String>,
    /// Its text alternative; empty for a decorative image.
    pub alt: String,
    /// Who made it.
    pub credit: Option<String>,
}

/// A section's settings for its pages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SectionSettings {
    /// The order of its pages; `None` if not set.
    pub sort_by: Option<SortBy>,
    /// Whether the order is reversed.
    pub reverse: bool,
    /// The number of items on a page of its list; `None` for all.
    pub paginate_by: Option<Located<u32>>,
    /// The template of its pages that do not name one.
    pub page_template: Option<Located<String>>,
    /// Whether it has a feed; `None` if not set.
    pub feed: Option<bool>,
    /// Whether the dates of its pages, and of those below, may be in the future; `None` if not set.
    pub future_dates: Option<bool>,
    /// The file that new pages are copied from.
    pub archetype: Option<Located<String>>,
    /// Whether HTML in the Markdown of its pages, and of those below, is output as HTML; `None` if not set.
    pub raw_html: Option<bool>,
    /// Whether its pages, and those below, need a record of consent; `None` if not set.
    pub require_consent: Option<bool>,
    /// The schema for its pages, and for those below; `None` if not set.
    pub schema: Option<Schema>,
}

/// An order of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SortBy {
    /// Newest first.
    Date,
    /// Most recently changed first.
    Updated,
    /// Alphabetical in the page's language.
    Title,
    /// Lowest first.
    Weight,
}

/// Whether a key is probably a misspelling of `title`.
pub(super) fn misspells_title(key: &str) -> bool {
    !is_own_key(key) && nearest(key, keys::names(&key_tables::PAGE)) == Some("title")
}

/// Whether a key is a built-in one.
pub(super) fn is_own_key(key: &str) -> bool {
    key_tables::is_page_key(key) || keys::has(&key_tables::SECTION, key)
}

/// Reads the front matter entries of a page of the given kind.
pub(super) fn read(
    entries: &[Entry],
    kind: PageKind,
    rules: &ParseOptions,
    reader: &mut Reader,
) -> FrontMatter {
    let mut front = FrontMatter::default();
    for entry in entries {
        let key = entry.key.as_str();
        let section_only = keys::has(&key_tables::SECTION, key);
        if section_only && kind == PageKind::Page {
            reader.push(
                Problem::error(entry.key_place, format!("`{key}` is for sections only"))
                    .help("move it to the `_index.md` of this page's folder"),
            );
        } else if section_only {
            section_key(&mut front.section, entry, rules, reader);
        } else if rules.taxonomies.iter().any(|name| name == key) {
            let mut terms: Vec<_> = reader.texts(entry).into_iter().map(in_nfc).collect();
            let mut seen = BTreeSet::new();
            terms.retain(|term| seen.insert(term.value.clone()));
            front.taxonomies.insert(key.to_owned(), terms);
        } else if !page_key(&mut front, entry, rules, reader) {
            unknown::refuse(entry, entries, kind, rules, reader);
        }
    }
    if let Some(schema) = rules.schema.filter(|_| kind == PageKind::Page) {
        schema::check(schema, entries, rules.time_zone, reader);
    }
    consent::check_complete(&front, rules.purpose, reader);
    consent::check_name(&front, entries, rules.purpose, reader);
    if let (Some(from), Some(until)) = (&front.publish_on, &front.expires_on)
        && until.value <= from.value
    {
        reader.push(
            Problem::error(until.place, "this page would expire before it is published")
                .help("write a date after `publish_on`"),
        );
    }
    front
}

/// Normalizes a name to NFC, so that it can be compared.
fn in_nfc(name: Located<String>) -> Located<String> {
    Located { value: nfc(&name.value).into_owned(), place: name.place }
}

/// Reads one key that any page may have; false if there is no such key.
fn page_key(
    front: &mut FrontMatter,
    entry: &Entry,
    rules: &ParseOptions,
    reader: &mut Reader,
) -> bool {
    match entry.key.as_str() {
        "title" => front.title = reader.text(entry),
        "summary" => front.summary = reader.text(entry),
        "preheader" => front.preheader = reader.text(entry),
        "date" => front.date = moment(entry, rules, reader),
        "updated" => front.updated = moment(entry, rules, reader),
        "author" => front.author = reader.text(entry),
        "draft" => front.draft = reader.bool(entry).unwrap_or(false),
        "publish_on" => front.publish_on = moment(entry, rules, reader),
        "expires_on" => front.expires_on = moment(entry, rules, reader),
        "slug" => {
            front.slug = reader.text(entry).map(in_nfc).filter(|slug| check_slug(slug, reader))
        }
        "path" => {
            front.path = reader.text(entry).map(in_nfc).filter(|path| check_address(path, reader))
        }
        "aliases" => {
            front.aliases = reader.texts(entry);
            front.aliases.retain(|alias| check_alias(alias, reader));
        }
        "template" => front.template = template(entry, reader),
        "weight" => front.weight = reader.whole_number(entry, i64::MIN, 10),
        "image" => front.image = image(entry, rules.purpose, reader),
        "menu" => front.menu = reader.texts(entry),
        "search" => front.search = reader.bool(entry),
        "unreviewed" => {
            front.unreviewed = reader.bool(entry).unwrap_or(false).then_some(entry.key_place);
        }
        "consent" => front.consent = Some(consent::consent(entry, rules, reader)),
        "extra" => {
            reader.map(entry);
            front.extra = Value::from(&entry.node);
        }
        _ => return false,
    }
    true
}

fn section_key(
    section: &mut SectionSettings,
    entry: &Entry,
    rules: &ParseOptions,
    reader: &mut Reader,
) {
    match entry.key.as_str() {
        "sort_by" => {
            const ORDERS: [SortBy; 4] =
                [SortBy::Date, SortBy::Updated, SortBy::Title, SortBy::Weight];
            let found = reader.word(entry, &key_tables::ORDERS);
            section.sort_by = found.map(|index| ORDERS[index]);
        }
        "reverse" => section.reverse = reader.bool(entry).unwrap_or(false),
        "paginate_by" => {
            section.paginate_by = reader.whole_number(entry, 1, 10).map(|number| Located {
                value: u32::try_from(number.value).unwrap_or(u32::MAX),
                place: number.place,
            });
        }
        "page_template" => section.page_template = template(entry, reader),
        "feed" => section.feed = reader.bool(entry),
        "future_dates" => section.future_dates = reader.bool(entry),
        "require_consent" => section.require_consent = reader.bool(entry),
        "archetype" => section.archetype = reader.text(entry),
        "schema" => section.schema = Some(schema::read(entry, rules.taxonomies, reader)),
        _ => {
            let found = reader.word(entry, &key_tables::RAW_HTML);
            section.raw_html = found.map(|index| index == 0);
        }
    }
}

fn moment(entry: &Entry, rules: &ParseOptions, reader: &mut Reader) -> Option<Located<Moment>> {
    if let located_yaml::Value::Bool(_)
    | located_yaml::Value::List(_)
    | located_yaml::Value::Map(_) = entry.node.value
    {
        reader.push(
            Problem::error(entry.node.place, format!("`{}` must be a date", entry.key))
                .label(format!("this is {}", entry.node.value.kind()))
                .help(format!(
                    "write the year, the month and the day, such as `{}: 2020-05-21`",
                    entry.key
                )),
        );
        return None;
    }
    let text = match &entry.node.value {
        located_yaml::Value::String(text) => text.clone(),
        located_yaml::Value::Null => return None,
        _ => reader.rest_of_line(entry.node.place).unwrap_or_default().to_owned(),
    };
    let bare = text.trim_matches(['“', '”', '„', '‘', '’']);
    match date::parse(bare, rules.time_zone) {
        Ok(value) => Some(Located { value, place: entry.node.place }),
        Err(problem) => {
            reader.push(Problem::error(entry.node.place, problem.message).help(problem.help));
            None
        }
    }
}

fn template(entry: &Entry, reader: &mut Reader) -> Option<Located<String>> {
    let template = reader.text(entry)?;
    if !template.value.ends_with(".html") || template.value.contains(['\\', ':']) {
        let stem = template.value.split('.').next().unwrap_or_default();
        reader.push(
            Problem::error(template.place, format!("`{}` is not a template name", template.value))
                .help(format!("write a file name that ends in `.html`, such as `{stem}.html`")),
        );
        return None;
    }
    Some(template)
}

/// Checks that a slug is one path segment, without anything that ends it, leaves its folder or is interpreted
/// otherwise.
fn check_slug(slug: &Located<String>, reader: &mut Reader) -> bool {
    let wrong = matches!(slug.value.as_str(), "." | "..")
        || slug.value.contains(|c: char| {
            c.is_control() || c.is_whitespace() || matches!(c, '/' | '\\' | '?' | '#' | '%' | ':')
        });
    if wrong {
        let better = super::slug::slug(&slug.value);
        let better = if better.is_empty() { "a-short-name".to_owned() } else { better };
        reader.push(
            Problem::error(slug.place, "this cannot be part of an address")
                .help(format!("use only letters, digits and hyphens, such as `{better}`")),
        );
    }
    !wrong
}

/// Checks a former address, as a browser shows it or percent-encoded. Other programs may allow more than we do; but it
/// cannot contain what ends an address.
fn check_alias(alias: &Located<String>, reader: &mut Reader) -> bool {
    let decoded = url::decode(&alias.value);
    let path = decoded.trim_matches('/');
    let parts = || path.split('/');
    let is_outside = alias.value.contains("://") || alias.value.starts_with("//");
    let (message, help) = if is_outside {
        ("this address is outside the site", HOW.to_owned())
    } else if parts().any(|part| matches!(part, "." | "..")) {
        ("this address leads out of the site", HOW.to_owned())
    } else if let Some(end) = alias.value.find(['?', '#']) {
        let (path, end) = alias.value.split_at(end);
        let help = match end.chars().next() {
            Some('?') => format!("write `{path}`, or `%3F` if the `?` is part of the address"),
            _ => format!("write `{path}`, or `%23` if the `#` is part of the address"),
        };
        ("an alias cannot contain `?` or `#`", help)
    } else if decoded.contains(|c: char| c.is_control() || c == '\\')
        || decoded.matches('/').count() != alias.value.matches('/').count()
        || (!path.is_empty() && parts().any(str::is_empty))
    {
        ("this is not a valid address", HOW.to_owned())
    } else {
        return true;
    };
    reader.push(Problem::error(alias.place, message).help(help));
    false
}

/// How to write an address within the site.
const HOW: &str = "write an address within the site, such as `/help/volunteer/`";

/// Checks a complete address within the site.
fn check_address(path: &Located<String>, reader: &mut Reader) -> bool {
    let value = path.value.as_str();
    let message = if value.contains("://") || value.starts_with("//") {
        "this address is outside the site"
    } else if value.split('/').any(|part| matches!(part, "." | "..")) {
        "this address leads out of the site"
    } else if value.contains(|c: char| {
        c.is_control() || c.is_whitespace() || matches!(c, '\\' | '?' | '#' | '%' | ':')
    }) || value.trim_matches('/').contains("//")
    {
        "this is not a valid address"
    } else {
        return true;
    };
    reader.push(Problem::error(path.place, message).help(HOW));
    false
}
