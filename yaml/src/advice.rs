//! Advice for values of the wrong type: what fits, written for the very key.

use crate::explain::{key_and_value, quote};
use crate::{Node, Type, Value};

/// What to write under `key` in place of `found`.
pub(crate) fn for_type(key: &str, expected: Type, found: &Value) -> String {
    match expected {
        Type::Text => match joined(found) {
            Some(text) => format!("write it as one text: `{}`", quote(&text)),
            None => "write it as one text: `\"…\"`".to_owned(),
        },
        Type::Texts => format!("put the items in square brackets: `{key}: [one, two]`"),
        Type::Bool => bool(key, found),
        Type::WholeNumber => whole_number(key, found, 10),
        Type::List => list(found),
        Type::Map => map(found),
    }
}

/// How to write a whole number under `key`, such as `example`.
pub(crate) fn whole_number(key: &str, found: &Value, example: i64) -> String {
    let digits = match found {
        Value::String(text) => text.trim().parse::<i64>().ok(),
        _ => None,
    };
    match digits {
        Some(number) => format!("write `{key}: {number}`, without quotation marks"),
        None => format!("write a whole number, such as `{key}: {example}`"),
    }
}

/// The key and value that a text is without its colon, as a line.
pub fn with_colon(text: &str) -> Option<String> {
    let (key, value) = key_and_value(text)?;
    (!value.is_empty() && !text.contains('\n')).then(|| format!("{key}: {value}"))
}

fn bool(key: &str, found: &Value) -> String {
    let word = match found {
        Value::String(text) => text.to_lowercase(),
        Value::Integer(number) => number.to_string(),
        _ => String::new(),
    };
    match word.as_str() {
        "true" | "false" => format!("write `{key}: {word}`, without quotation marks"),
        "yes" | "on" | "y" | "1" => format!("write `{key}: true`"),
        "no" | "off" | "n" | "0" => format!("write `{key}: false`"),
        _ => format!("write `{key}: true` or `{key}: false`"),
    }
}

fn list(found: &Value) -> String {
    match found {
        Value::Map(entries) if !entries.is_empty() => {
            let value = joined(&entries[0].node.value).unwrap_or_else(|| "…".to_owned());
            let line = format!("- {}: {value}", entries[0].key);
            format!("put `- ` before the first key of each item: `{line}`")
        }
        _ => {
            let item = joined(found).unwrap_or_else(|| "…".to_owned());
            format!("write each item on a line of its own: `- {item}`")
        }
    }
}

fn map(found: &Value) -> String {
    let line = match found {
        Value::String(text) => with_colon(text),
        _ => None,
    };
    match line {
        Some(line) => format!("write its keys on the lines below it, such as `  {line}`"),
        None => "write its keys on the lines below it, indented by two spaces".to_owned(),
    }
}

/// The characters of a scalar, or of the scalars of a list.
fn joined(value: &Value) -> Option<String> {
    let text = match value {
        Value::List(items) => {
            let texts: Option<Vec<_>> = items.iter().map(Node::characters).collect();
            texts?.join(", ")
        }
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => return None,
    };
    (!text.is_empty() && !text.contains('\n')).then_some(text)
}
