//! Reports keys of `content/site.yaml` that do not exist: with our name for a key of another program, or the group that
//! the key was meant to be in. Pure.

use located_yaml::{Entry, FieldType, Problem, Reader, keys};

use super::is_language;
use crate::key_tables;

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
pub(super) fn foreign(key: &str) -> Option<&'static str> {
    let bare = bare(key);
    FOREIGN.iter().find(|(theirs, _)| *theirs == bare).map(|(_, ours)| *ours)
}

fn bare(key: &str) -> String {
    key.to_lowercase().replace(['-', '_', ' '], "")
}

/// Reports an unknown key.
pub(super) fn report(entry: &Entry, entries: &[Entry], reader: &mut Reader) {
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
