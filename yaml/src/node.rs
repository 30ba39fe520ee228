//! YAML values with their places.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::Place;

/// A value and where it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it is.
    pub place: Place,
}

/// A YAML value and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where the value is; the place of its key, if the value is not on the line of its key.
    pub place: Place,
    /// The characters of a scalar, where they cannot be had from its value: `1.10` is the number 1.1.
    pub(crate) source: Option<String>,
}

/// What a node holds. Tags, and keys that are not text, are errors.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Text. A date is text too.
    String(String),
    /// A list, in its order.
    List(Vec<Node>),
    /// Keys and values, in the order of the text.
    Map(Vec<Entry>),
}

/// A key of a map and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key is.
    pub key_place: Place,
    /// The value.
    pub node: Node,
}

impl Value {
    /// What messages call a value of this type.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Bool(_) => "`true` or `false`",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::String(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a group of keys",
        }
    }
}

impl Node {
    pub(crate) fn new(value: Value, place: Place) -> Node {
        Node { value, place, source: None }
    }

    /// The entries of a map; `None` for anything else.
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entry of a map under `key`.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries()?.iter().find(|entry| entry.key == key)
    }

    /// The text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The characters of a scalar as they are written, whatever its type; `None` for a list, a map and nothing.
    pub fn characters(&self) -> Option<Cow<'_, str>> {
        if let Some(source) = &self.source {
            return Some(Cow::Borrowed(source));
        }
        match &self.value {
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Bool(flag) => Some(Cow::Owned(flag.to_string())),
            Value::Integer(number) => Some(Cow::Owned(number.to_string())),
            Value::Float(number) => Some(Cow::Owned(number.to_string())),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }
}
