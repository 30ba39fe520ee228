//! Reads the taxonomies that `site.yaml` declares.

use located_yaml::{Entry, Node, Problem, Reader};

use crate::key_tables;
use crate::parse::Located;

/// A classification of pages by terms, such as `tags`.
#[derive(Clone, Debug, PartialEq)]
pub struct TaxonomySettings {
    /// Its name: a front matter key, and the first segment of its addresses.
    pub name: Located<String>,
    /// Its name as readers see it.
    pub title: String,
    /// The number of items on a page of a term's list; `None` for all.
    pub paginate_by: Option<u32>,
    /// Whether each of its terms has a feed.
    pub feed: bool,
}

/// Addresses that pages cannot have: see [`crate::site`].
pub(super) const RESERVED: [&str; 2] = ["api", "_daisy"];

/// Reads `taxonomies:`, a list of names or of maps.
pub(super) fn read(entry: &Entry, reader: &mut Reader) -> Vec<TaxonomySettings> {
    let is_group = |item: &Node| matches!(item.value, located_yaml::Value::Map(_));
    let found: Vec<TaxonomySettings> = match &entry.node.value {
        located_yaml::Value::List(items) if items.iter().any(is_group) => items
            .iter()
            .filter_map(|item| match &item.value {
                located_yaml::Value::Map(entries) => group(item, entries, reader),
                _ => reader.text(&Entry { node: item.clone(), ..entry.clone() }).map(plain),
            })
            .collect(),
        _ => reader.texts(entry).into_iter().map(plain).collect(),
    };
    let mut taxonomies: Vec<TaxonomySettings> = Vec::new();
    for taxonomy in found {
        match problem(&taxonomy.name.value, &taxonomies) {
            None => taxonomies.push(taxonomy),
            Some(message) => {
                reader.push(
                    Problem::error(taxonomy.name.place, message)
                        .help("choose another name, such as `tags`"),
                );
            }
        }
    }
    taxonomies
}

fn plain(name: Located<String>) -> TaxonomySettings {
    let mut letters = name.value.chars();
    let title = match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    };
    TaxonomySettings { name, title, paginate_by: None, feed: false }
}

fn group(node: &Node, entries: &[Entry], reader: &mut Reader) -> Option<TaxonomySettings> {
    let Some(name) = node.get("name").and_then(|entry| reader.text(entry)) else {
        reader.push(
            Problem::error(node.place, "this taxonomy has no `name`")
                .help("add `name: tags` to it"),
        );
        return None;
    };
    let mut taxonomy = plain(name);
    for entry in entries {
        match entry.key.as_str() {
            "name" => {}
            "title" => {
                taxonomy.title = reader.text(entry).map_or(taxonomy.title, |title| title.value);
            }
            "paginate_by" => {
                let number = reader.whole_number(entry, 1, 10);
                taxonomy.paginate_by =
                    number.map(|number| u32::try_from(number.value).unwrap_or(u32::MAX));
            }
            "feed" => taxonomy.feed = reader.bool(entry).unwrap_or(false),
            _ => reader.unknown_key(entry, &key_tables::TAXONOMY),
        }
    }
    Some(taxonomy)
}

fn problem(name: &str, others: &[TaxonomySettings]) -> Option<&'static str> {
    let plain = name.bytes().all(|byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')
    });
    if !plain {
        Some("the name of a taxonomy can only contain lowercase letters, digits, `_` and `-`")
    } else if crate::parse::is_own_key(name) {
        Some("every page already has a key with this name")
    } else if RESERVED.contains(&name) {
        Some("this address is reserved for forms")
    } else if others.iter().any(|other| other.name.value == name) {
        Some("this taxonomy appears twice")
    } else {
        None
    }
}
