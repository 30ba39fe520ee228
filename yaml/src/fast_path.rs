//! Reads the YAML that most pages have, line by line: `key: value`, where the value is one plain word or
//! more, a date, a number, text in quotation marks, or a list of these in brackets. Pure.
//!
//! Reading all of YAML costs as much as reading the page beneath it. Whatever is not certain to mean
//! here what it means in YAML is left to the reader of all of it: this one gives nothing then.

use super::{Entry, Node, Place, Value, count};

/// The keys and values of a text, where every line of it is of the plain kind; what [`super::parse`]
/// gives for it.
pub(super) fn parse(text: &str, first_line: u32) -> Option<Node> {
    let mut entries: Vec<Entry> = Vec::new();
    for (line, words) in (first_line..).zip(text.split('\n')) {
        if words.is_empty() {
            continue;
        }
        let entry = entry(line, words)?;
        if entries.iter().any(|earlier| earlier.key == entry.key) {
            return None;
        }
        entries.push(entry);
    }
    // Of nothing, the other reader makes nothing.
    let place = Place { line: first_line, column: 1, length: 1 };
    (!entries.is_empty()).then_some(Node { value: Value::Map(entries), place, written: None })
}

fn entry(line: u32, words: &str) -> Option<Entry> {
    let (key, written) = words.split_once(": ")?;
    let is_key = key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        && word(key).is_some();
    let value = if is_key { value(written)? } else { return None };
    let key_place = Place { line, column: 1, length: count(key) };
    let place = Place { line, column: count(key) + 3, length: count(written) };
    let value = match value {
        Plain::One(value) => value,
        Plain::List(items) => {
            let item = |(before, words, value): (&str, &str, Value)| {
                let column = place.column + count(before);
                let place = Place { column, length: count(words), ..place };
                Node { value, place, written: None }
            };
            Value::List(items.into_iter().map(item).collect())
        }
    };
    Some(Entry { key: key.to_owned(), key_place, node: Node { value, place, written: None } })
}

enum Plain<'a> {
    One(Value),
    /// Each item: what is before it, its characters, and its value.
    List(Vec<(&'a str, &'a str, Value)>),
}

fn value(written: &str) -> Option<Plain<'_>> {
    let Some(inside) = written.strip_prefix('[') else { return scalar(written).map(Plain::One) };
    let inside = inside.strip_suffix(']')?;
    if inside.is_empty() {
        return Some(Plain::List(Vec::new()));
    }
    let mut items = Vec::new();
    let mut rest = inside;
    loop {
        // A comma within quotation marks parts nothing.
        let end = match rest.strip_prefix('"') {
            Some(quoted) => quoted.find('"')? + 2,
            None => rest.find(',').unwrap_or(rest.len()),
        };
        let words = &rest[..end];
        let before = &written[..written.len() - 1 - rest.len()];
        items.push((before, words, scalar(words)?));
        if end == rest.len() {
            return Some(Plain::List(items));
        }
        rest = rest[end..].strip_prefix(", ")?;
    }
}

fn scalar(written: &str) -> Option<Value> {
    if let Some(quoted) = written.strip_prefix('"') {
        let text = quoted.strip_suffix('"')?;
        let is_plain = !text.contains(['"', '\\']) && !text.contains(is_odd);
        return is_plain.then(|| Value::String(text.to_owned()));
    }
    match written {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        _ if written.starts_with(|c: char| c.is_ascii_digit()) => day(written).or(number(written)),
        _ => word(written).map(|words| Value::String(words.to_owned())),
    }
}

/// Plain words: letters, digits and spaces, and signs that mean nothing in YAML wherever they stand.
fn word(written: &str) -> Option<&str> {
    // YAML 1.1 and 1.2 read these as other than text, in some of these ways of writing them.
    const OTHERS: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"];
    let is_plain = written.starts_with(char::is_alphabetic)
        && !written.ends_with(' ')
        && written.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '’'))
        && !written.contains(is_odd)
        && !OTHERS.iter().any(|other| written.eq_ignore_ascii_case(other));
    is_plain.then_some(written)
}

/// `2020-05-21`, which is text to the reader of all of YAML too.
fn day(written: &str) -> Option<Value> {
    let is_day = written.len() == 10
        && written.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    is_day.then(|| Value::String(written.to_owned()))
}

fn number(written: &str) -> Option<Value> {
    let is_plain = written.len() <= 15
        && written.bytes().all(|byte| byte.is_ascii_digit())
        && (written == "0" || !written.starts_with('0'));
    is_plain.then(|| written.parse().ok().map(Value::Integer)).flatten()
}

/// What YAML does not take, or takes as the end of a line.
fn is_odd(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_all;

    /// What the reader of all of YAML gives.
    fn whole(text: &str) -> Option<Node> {
        parse_all(text, 2).ok()
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
    fn what_is_read_here_is_what_yaml_says() {
        let mut read = 0;
        for key in KEYS {
            for value in VALUES {
                for end in
                    ["", "\n", "\n\n", "\nlast: 1\n", "\n  more\n", "\n- more\n", "\n# note\n"]
                {
                    let text = format!("first: one\n{key}: {value}{end}");
                    if let Some(node) = parse(&text, 2) {
                        assert_eq!(Some(node), whole(&text), "{text:?}");
                        read += 1;
                    }
                }
            }
        }
        assert!(read > 200, "{read}");
    }

    #[test]
    fn the_lines_of_a_usual_page_are_read_here() {
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
