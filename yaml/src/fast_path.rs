//! Parses the YAML that most pages have, line by line: `key: value`, where the value is plain words, a date, a number, a
//! quoted text, or a list of these in brackets.
//!
//! Parsing the four lines of a usual page in full takes 122,000 instructions, and 11,000 here. That is 17 % of a full build
//! of 1,000 pages (callgrind). This parser gives `None` for anything that it may read otherwise than YAML; the full parser
//! reads it then.

use crate::place::char_count;
use crate::{Entry, Node, Place, Value};

/// The keys and values of a text, if every line of it is simple: what the full parser gives for it.
pub(crate) fn parse(text: &str, first_line: u32) -> Option<Node> {
    let mut entries: Vec<Entry> = Vec::new();
    for (number, line) in (first_line..).zip(text.split('\n')) {
        if line.is_empty() {
            continue;
        }
        let entry = entry(number, line)?;
        if entries.iter().any(|earlier| earlier.key == entry.key) {
            return None;
        }
        entries.push(entry);
    }
    // The full parser gives nothing, not a map, for an empty text.
    let place = Place { line: first_line, ..Place::START };
    (!entries.is_empty()).then_some(Node::new(Value::Map(entries), place))
}

fn entry(line: u32, text: &str) -> Option<Entry> {
    let (key, value) = text.split_once(": ")?;
    let is_key = key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        && words(key).is_some();
    if !is_key {
        return None;
    }
    let key_place = Place { line, column: 1, length: char_count(key) };
    let place = Place { line, column: char_count(key) + 3, length: char_count(value) };
    let value = match value.strip_prefix('[') {
        Some(_) => Value::List(list(value, place)?),
        None => scalar(value)?,
    };
    Some(Entry { key: key.to_owned(), key_place, node: Node::new(value, place) })
}

/// The items of a list in brackets, which is at `place`.
fn list(text: &str, place: Place) -> Option<Vec<Node>> {
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    let mut items = Vec::new();
    let mut rest = inside;
    while !inside.is_empty() {
        // A comma within quotation marks separates nothing.
        let end = match rest.strip_prefix('"') {
            Some(quoted) => quoted.find('"')? + 2,
            None => rest.find(',').unwrap_or(rest.len()),
        };
        let item = &rest[..end];
        let before = &text[..text.len() - 1 - rest.len()];
        let column = place.column + char_count(before);
        let item_place = Place { column, length: char_count(item), ..place };
        items.push(Node::new(scalar(item)?, item_place));
        if end == rest.len() {
            break;
        }
        rest = rest[end..].strip_prefix(", ")?;
    }
    Some(items)
}

fn scalar(text: &str) -> Option<Value> {
    if let Some(quoted) = text.strip_prefix('"') {
        let text = quoted.strip_suffix('"')?;
        let is_simple = !text.contains(['"', '\\']) && !text.contains(is_special);
        return is_simple.then(|| Value::String(text.to_owned()));
    }
    match text {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        _ if text.starts_with(|c: char| c.is_ascii_digit()) => date(text).or(number(text)),
        _ => words(text).map(|text| Value::String(text.to_owned())),
    }
}

/// Letters, digits, spaces, and characters that mean nothing in YAML wherever they are.
fn words(text: &str) -> Option<&str> {
    // YAML 1.1 or 1.2 reads these as something else than text, in some spellings.
    const OTHERS: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"];
    let is_simple = text.starts_with(char::is_alphabetic)
        && !text.ends_with(' ')
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '’'))
        && !text.contains(is_special)
        && !OTHERS.iter().any(|other| text.eq_ignore_ascii_case(other));
    is_simple.then_some(text)
}

/// `2020-05-21`, which is text to the full parser too.
fn date(text: &str) -> Option<Value> {
    let is_date = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    is_date.then(|| Value::String(text.to_owned()))
}

fn number(text: &str) -> Option<Value> {
    let is_simple = text.len() <= 15
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    is_simple.then(|| text.parse().ok().map(Value::Integer)).flatten()
}

/// What YAML refuses, or takes for the end of a line.
fn is_special(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse_in_full;

    fn in_full(text: &str) -> Option<Node> {
        parse_in_full(text, 2).ok().map(|document| document.root)
    }

    const VALUES: [&str; 62] = [
        "Rose",
        "Rose and Tom",
        "ਰੋਜ਼",
        "Żółw",
        "a-b",
        "a_b",
        "a.b.",
        "don’t",
        "2020-05-21",
        "1",
        "0",
        "10",
        "007",
        "1.5",
        "1e3",
        "0x1f",
        "0o7",
        "1_000",
        "12:30",
        "-1",
        "+1",
        ".5",
        ".inf",
        ".nan",
        "NaN",
        "true",
        "false",
        "True",
        "TRUE",
        "yes",
        "No",
        "on",
        "y",
        "null",
        "Null",
        "~",
        "",
        " ",
        "a ",
        " a",
        "\"quoted\"",
        "\"a: b, c # d\"",
        "\"a\\nb\"",
        "\"a\"b\"",
        "\"",
        "\"\"",
        "'single'",
        "a: b",
        "a:",
        "a #b",
        "#b",
        "a, b",
        "[]",
        "[a, b]",
        "[\"a, b\", c]",
        "[a,b]",
        "[ a ]",
        "[1, 2020-05-21, true]",
        "[a, [b]]",
        "[a, ]",
        "{a: b}",
        "99999999999999999999",
    ];
    const KEYS: [&str; 11] = [
        "title",
        "publish_on",
        "a",
        "y",
        "no",
        "null",
        "Title",
        "tïtle",
        "two words",
        "-",
        "\"q\"",
    ];

    #[test]
    fn the_fast_path_equals_the_full_parser() {
        let mut read = 0;
        for key in KEYS {
            for value in VALUES {
                for end in
                    ["", "\n", "\n\n", "\nlast: 1\n", "\n  more\n", "\n- more\n", "\n# note\n"]
                {
                    let text = format!("first: one\n{key}: {value}{end}");
                    if let Some(node) = parse(&text, 2) {
                        assert_eq!(Some(node), in_full(&text), "{text:?}");
                        read += 1;
                    }
                }
            }
        }
        assert!(read > 200, "{read}");
    }

    #[test]
    fn simple_front_matter_takes_the_fast_path() {
        let text = "title: \"Lunch: every Sunday\"\ndate: 2020-05-21\nauthor: Amina Yusuf\n\
                    tags: [\"growing food\", music]\ndraft: false\nweight: 3\n";
        assert!(parse(text, 2).is_some());
        for odd in
            ["a: b\r\nc: d\n", "a: b\u{85}c\n", "a: \"b\u{2028}c\"\n", "a: 1\na: 2\n", "", "\n"]
        {
            assert_eq!(parse(odd, 2), None, "{odd:?}");
        }
    }
}
