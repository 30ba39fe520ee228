//! Writes values as YAML in the style a person would use.

use crate::value::Value;

/// A page: its front matter and its text.
pub(super) fn page(front: &[(String, Value)], words: &str) -> String {
    let words = words.trim();
    let words = if words.is_empty() { String::new() } else { format!("\n{words}\n") };
    format!("---\n{}---\n{words}", entries(front))
}

/// Keys and values, one per line.
pub(super) fn entries(entries: &[(String, Value)]) -> String {
    let mut text = String::new();
    for (key, value) in entries {
        entry(&mut text, key, value, 0);
    }
    text
}

fn entry(text: &mut String, key: &str, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    let key = scalar(key);
    match value {
        Value::Map(inner) if !inner.is_empty() => {
            text.push_str(&format!("{indent}{key}:\n"));
            for (key, value) in inner {
                entry(text, key, value, depth + 1);
            }
        }
        Value::List(items) if !items.is_empty() => {
            text.push_str(&format!("{indent}{key}:\n"));
            for value in items {
                item(text, value, depth + 1);
            }
        }
        value => text.push_str(&format!("{indent}{key}: {}\n", plain(value))),
    }
}

fn item(text: &mut String, value: &Value, depth: usize) {
    let mut inner = String::new();
    match value {
        Value::Map(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                entry(&mut inner, key, value, depth + 1);
            }
        }
        Value::List(items) if !items.is_empty() => {
            for value in items {
                item(&mut inner, value, depth + 1);
            }
        }
        value => inner.push_str(&format!("{}{}\n", "  ".repeat(depth + 1), plain(value))),
    }
    let indent = "  ".repeat(depth);
    text.push_str(&format!("{indent}- {}", inner.trim_start()));
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::String(text) => scalar(text),
        Value::List(_) => "[]".to_owned(),
        Value::Map(_) => "{}".to_owned(),
    }
}

/// A plain scalar where it can only be read as text, else double quotes, between which YAML accepts
/// everything that JSON does (YAML 1.2, 1.3).
fn scalar(text: &str) -> String {
    const OTHERWISE: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "null", "y"];
    let first = text.chars().next().unwrap_or(' ');
    let simple = |c: char| c.is_alphanumeric() || " ,.'’-–—_/()!?&;+".contains(c);
    let begins_well =
        first.is_alphabetic() || first == '/' || (text.len() >= 10 && text.as_bytes()[4] == b'-');
    let is_simple = begins_well
        && text.chars().all(|c| simple(c) || c == ':')
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !OTHERWISE.contains(&text.to_lowercase().as_str());
    let only_number = text.parse::<f64>().is_ok();
    if is_simple && !only_number {
        return text.to_owned();
    }
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_yaml_is_read_back() {
        let text = |text: &str| Value::String(text.to_owned());
        let words = [
            "Rose",
            "a: b",
            "# x",
            "no",
            "1.5",
            "2020-05-21",
            "- a",
            "\"q\" \\",
            "",
            " x",
            "a\nb",
            "ਰੋਜ਼",
            "a:",
        ];
        let list = Value::List(words.map(text).to_vec());
        let group = Value::Map(vec![
            ("list".to_owned(), list.clone()),
            ("a: b".to_owned(), Value::Integer(-3)),
            ("empty".to_owned(), Value::List(Vec::new())),
            (
                "groups".to_owned(),
                Value::List(vec![
                    Value::Map(vec![("a".to_owned(), text("x")), ("b".to_owned(), list.clone())]),
                    Value::List(vec![Value::Bool(true), Value::Null]),
                ]),
            ),
        ]);
        let entries_of = vec![("group".to_owned(), group), ("flag".to_owned(), Value::Bool(false))];
        let written = entries(&entries_of);
        let read = Value::from(&located_yaml::parse(&written, 1).unwrap().root);
        assert_eq!(read, Value::Map(entries_of), "{written}");
    }
}
