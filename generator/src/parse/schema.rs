//! Reads a section's front matter schema and checks pages against it.

use jiff::tz::TimeZone;
use located_yaml::{Entry, Node, Place, Problem, Reader, suggest::quoted_list};
use serde::{Deserialize, Serialize};

mod json;

use super::date;
use crate::diagnostic::nearest;
use crate::key_tables;

/// The front matter schema of a section, key by key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// The keys, in the order of the section's file.
    pub fields: Vec<Field>,
}

/// The requirements of one key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The key: a built-in one, a taxonomy, or `extra.` and a name.
    pub key: String,
    /// Whether every page must have it.
    pub required: bool,
    /// Its type; `None` if that is already known or irrelevant.
    pub kind: Option<FieldKind>,
    /// The only values allowed; empty for any.
    pub values: Vec<String>,
    /// The pattern of its values: `*` is anything, `?` one character, `#` one digit.
    pub pattern: Option<String>,
    /// A hint for authors, in one sentence.
    pub help: Option<String>,
}

/// The type of a key under `extra`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldKind {
    /// Text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A date.
    Date,
    /// A list.
    List,
}

/// In the order of their names, [`key_tables::TYPES`].
const KINDS: [FieldKind; 5] =
    [FieldKind::Text, FieldKind::Number, FieldKind::Flag, FieldKind::Date, FieldKind::List];

/// Reads `schema` of a section.
pub(super) fn read(entry: &Entry, taxonomies: &[String], reader: &mut Reader) -> Schema {
    let mut schema = Schema::default();
    for part in reader.map(entry) {
        let extra = part.key.strip_prefix("extra.").is_some_and(|name| !name.is_empty());
        if !extra && !key_tables::is_page_key(&part.key) && !taxonomies.contains(&part.key) {
            reader.push(
                Problem::error(part.key_place, format!("pages have no key `{}`", part.key))
                    .help(format!("for a key of your own, write `extra.{}`", part.key)),
            );
        } else if let Some(field) = field(part, extra, reader) {
            schema.fields.push(field);
        }
    }
    schema
}

fn field(entry: &Entry, extra: bool, reader: &mut Reader) -> Option<Field> {
    let mut field = Field {
        key: entry.key.clone(),
        required: false,
        kind: None,
        values: Vec::new(),
        pattern: None,
        help: None,
    };
    for part in reader.map(entry) {
        match part.key.as_str() {
            "required" => field.required = reader.bool(part)?,
            "type" if extra => {
                field.kind = reader.word(part, &key_tables::TYPES).map(|index| KINDS[index]);
            }
            "type" => {
                reader.push(
                    Problem::error(part.key_place, format!("`{}` already has a type", entry.key))
                        .help("remove this line"),
                );
            }
            "values" => {
                field.values = reader.texts(part).into_iter().map(|text| text.value).collect();
            }
            "pattern" => field.pattern = reader.text(part).map(|text| text.value),
            "help" => field.help = reader.text(part).map(|text| text.value),
            _ => reader.unknown_key(part, &key_tables::FIELD),
        }
    }
    Some(field)
}

/// Checks a page's front matter entries against its section's schema.
pub(super) fn check(schema: &Schema, entries: &[Entry], zone: &TimeZone, reader: &mut Reader) {
    for field in &schema.fields {
        let found = find(entries, &field.key);
        match found.filter(|entry| entry.node.value != located_yaml::Value::Null) {
            Some(entry) => check_field(field, entry, zone, reader),
            None if field.required => {
                let place =
                    found.map_or(Place { line: 1, column: 1, length: 3 }, |entry| entry.key_place);
                reader.push(
                    Problem::error(place, format!("this page needs `{}`", field.key))
                        .help(how_to_add(field)),
                );
            }
            None => {}
        }
    }
}

fn find<'e>(entries: &'e [Entry], key: &str) -> Option<&'e Entry> {
    let (first, rest) = match key.strip_prefix("extra.") {
        Some(rest) => ("extra", Some(rest)),
        None => (key, None),
    };
    let entry = entries.iter().find(|entry| entry.key == first)?;
    match rest {
        Some(rest) => entry.node.get(rest),
        None => Some(entry),
    }
}

fn how_to_add(field: &Field) -> String {
    let example = field.values.first().map_or("…", String::as_str);
    let line = match field.key.strip_prefix("extra.") {
        Some(name) => {
            format!("under `extra:`, add the line `{name}: {example}`, indented by two spaces")
        }
        None => format!("add the line `{}: {example}` to the front matter", field.key),
    };
    match &field.help {
        Some(help) => format!("{line}\n{help}"),
        None => line,
    }
}

fn check_field(field: &Field, entry: &Entry, zone: &TimeZone, reader: &mut Reader) {
    let value = &entry.node.value;
    let fits = match field.kind {
        None => true,
        Some(FieldKind::Text) => entry.node.characters().is_some(),
        Some(FieldKind::Number) => {
            matches!(value, located_yaml::Value::Integer(_) | located_yaml::Value::Float(_))
        }
        Some(FieldKind::Flag) => matches!(value, located_yaml::Value::Bool(_)),
        Some(FieldKind::Date) => {
            entry.node.as_str().is_some_and(|words| date::parse(words, zone).is_ok())
        }
        Some(FieldKind::List) => matches!(value, located_yaml::Value::List(_)),
    };
    if !fits {
        let key = &entry.key;
        let (expected, help) = match field.kind {
            Some(FieldKind::Number) => ("a number", format!("write a number, such as `{key}: 10`")),
            Some(FieldKind::Flag) => {
                ("`true` or `false`", format!("write `{key}: true` or `{key}: false`"))
            }
            Some(FieldKind::Date) => (
                "a date",
                format!("write the year, the month and the day, such as `{key}: 2020-05-21`"),
            ),
            Some(FieldKind::List) => {
                ("a list", format!("put the items in square brackets: `{key}: [one, two]`"))
            }
            Some(FieldKind::Text) | None => {
                ("text", format!("write one text after the colon, such as `{key}: \"…\"`"))
            }
        };
        reader.push(
            Problem::error(
                entry.node.place,
                format!("`{}` must be {expected} in this section", field.key),
            )
            .label(format!("this is {}", value.kind()))
            .help(help),
        );
        return;
    }
    match value {
        located_yaml::Value::List(items) => {
            items.iter().for_each(|item| check_text(field, item, reader))
        }
        _ => check_text(field, &entry.node, reader),
    }
}

fn check_text(field: &Field, node: &Node, reader: &mut Reader) {
    let Some(text) = node.characters() else { return };
    if !field.values.is_empty() && !field.values.iter().any(|value| *value == *text) {
        let error = Problem::error(
            node.place,
            format!("`{}` cannot be `{text}` in this section", field.key),
        );
        reader.push(match nearest(&text, field.values.iter().map(String::as_str)) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("choose one of {}", quoted_list(&field.values))),
        });
    }
    if let Some(pattern) = field.pattern.as_ref().filter(|pattern| !matches(pattern, &text)) {
        let help = field.help.clone().unwrap_or_else(|| {
            "in this pattern, `*` is any text, `?` one character and `#` one digit".to_owned()
        });
        reader.push(
            Problem::error(
                node.place,
                format!("`{}` must match `{pattern}` in this section", field.key),
            )
            .help(help),
        );
    }
}

/// Whether a text matches a pattern. It backtracks to the last `*` only, so the cost is at most the product of the two
/// lengths.
fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        let fits = pattern.get(at).is_some_and(|wanted| match wanted {
            '?' => true,
            '#' => text[from].is_ascii_digit(),
            wanted => *wanted == text[from],
        });
        if pattern.get(at) == Some(&'*') {
            star = Some((at, from));
            at += 1;
        } else if fits {
            at += 1;
            from += 1;
        } else if let Some((star_at, star_from)) = star {
            star = Some((star_at, star_from + 1));
            at = star_at + 1;
            from = star_from + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|wanted| *wanted == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_complete_texts() {
        for (pattern, text, fits) in [
            ("CV# #??", "CV1 5AB", true),
            ("CV# #??", "CV15AB", false),
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("", "a", false),
            ("*é", "caffè é", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}
