//! Converts front matter of other programs to texts and dates. Pure.

use jiff::tz::TimeZone;

use crate::parse::date;
use crate::value::Value;

/// A date in our format; `None` if it is not a date.
pub(super) fn moment(words: &str) -> Option<String> {
    // Some programs write fractional seconds, and a space before the offset.
    let whole = match (words.find('.'), words.rfind(['+', 'Z', 'z'])) {
        (Some(dot), Some(zone)) if dot < zone => format!("{}{}", &words[..dot], &words[zone..]),
        (Some(dot), _) => words[..dot].to_owned(),
        (None, _) => words.to_owned(),
    };
    let spaceless = whole.replace(" +", "+").replace(" -", "-");
    let known = |words: &String| date::parse(words, &TimeZone::UTC).is_ok();
    [words.to_owned(), whole, spaceless].into_iter().find(known)
}

/// A value as a list of texts.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Integer(number) => vec![number.to_string()],
        Value::Float(number) => vec![number.to_string()],
        Value::Bool(flag) => vec![flag.to_string()],
        Value::List(items) => items.iter().flat_map(texts).collect(),
        Value::Map(_) | Value::Null => Vec::new(),
    }
}

/// All texts in a value, at any depth.
pub(super) fn texts_within(value: &Value) -> Vec<String> {
    match value {
        Value::Map(entries) => entries.iter().flat_map(|(_, value)| texts_within(value)).collect(),
        Value::List(items) => items.iter().flat_map(texts_within).collect(),
        value => texts(value),
    }
}
