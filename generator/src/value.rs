//! The values that people write in front matter, in `site.yaml` and in component calls.

use located_yaml as yaml;
use serde::{Deserialize, Serialize};

/// A value of YAML or of a component's arguments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    String(String),
    /// A list, in order.
    List(Vec<Value>),
    /// A map, in the order written.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// The value of `key` in a map.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// This value, overriding `general`; maps are merged.
    pub fn over(&self, general: &Value) -> Value {
        let (Value::Map(own), Value::Map(all)) = (self, general) else { return self.clone() };
        let under = |(key, value): &(String, Value)| {
            let own = self.get(key).map_or_else(|| value.clone(), |own| own.over(value));
            (key.clone(), own)
        };
        let new = own.iter().filter(|(key, _)| general.get(key).is_none());
        Value::Map(all.iter().map(under).chain(new.cloned()).collect())
    }

    /// Converts to a value for templates.
    pub fn to_tera(&self) -> tera::Value {
        match self {
            Value::Null => tera::Value::none(),
            Value::Bool(flag) => tera::Value::from(*flag),
            Value::Integer(number) => tera::Value::from(*number),
            Value::Float(number) => tera::Value::from(*number),
            Value::String(text) => tera::Value::from(text.as_str()),
            Value::List(items) => {
                tera::Value::from(items.iter().map(Value::to_tera).collect::<Vec<_>>())
            }
            Value::Map(entries) => tera::Value::from(
                entries
                    .iter()
                    .map(|(key, value)| (tera::value::Key::from(key.clone()), value.to_tera()))
                    .collect::<tera::Map>(),
            ),
        }
    }
}

impl Value {
    /// Converts a node with all scalars as strings, as written.
    pub fn of_texts(node: &yaml::Node) -> Value {
        match (&node.value, node.characters()) {
            (_, Some(text)) => Value::String(text.into_owned()),
            (yaml::Value::List(items), _) => {
                Value::List(items.iter().map(Value::of_texts).collect())
            }
            (yaml::Value::Map(entries), _) => {
                let part = |entry: &yaml::Entry| (entry.key.clone(), Value::of_texts(&entry.node));
                Value::Map(entries.iter().map(part).collect())
            }
            _ => Value::Null,
        }
    }
}

impl From<&yaml::Node> for Value {
    fn from(node: &yaml::Node) -> Self {
        match &node.value {
            yaml::Value::Null => Value::Null,
            yaml::Value::Bool(flag) => Value::Bool(*flag),
            yaml::Value::Integer(number) => Value::Integer(*number),
            yaml::Value::Float(number) => Value::Float(*number),
            yaml::Value::String(text) => Value::String(text.clone()),
            yaml::Value::List(items) => Value::List(items.iter().map(Value::from).collect()),
            yaml::Value::Map(entries) => Value::Map(
                entries.iter().map(|entry| (entry.key.clone(), Value::from(&entry.node))).collect(),
            ),
        }
    }
}
