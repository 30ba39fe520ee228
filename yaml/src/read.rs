//! Takes typed values from nodes.

use crate::advice;
use crate::suggest::{nearest, quoted_list};
use crate::{Entry, Located, Node, Problem, Value};

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text. A number, `true` and `false` are the text of their own characters.
    Text,
    /// A list of texts, or one text.
    Texts,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    WholeNumber,
    /// A list.
    List,
    /// A map of keys.
    Map,
}

impl Type {
    /// What messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Type::Text => "text",
            Type::Texts => "a list of texts",
            Type::Bool => "`true` or `false`",
            Type::WholeNumber => "a whole number",
            Type::List => "a list",
            Type::Map => "a group of keys",
        }
    }
}

/// Why a value cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ReadError {
    /// A key that is not among those that a map may have.
    #[error("unknown key `{key}`")]
    UnknownKey {
        /// The key.
        key: String,
        /// The keys that the map may have.
        known: Vec<String>,
    },
    /// A value of another type than its key takes.
    #[error("`{key}` must be {}", expected.name())]
    WrongType {
        /// The key.
        key: String,
        /// What it takes.
        expected: Type,
        /// What it has.
        found: Value,
    },
    /// A number below the least that its key takes.
    #[error("`{key}` must be at least {least}")]
    TooSmall {
        /// The key.
        key: String,
        /// The least number.
        least: i64,
    },
}

impl ReadError {
    /// A few words about the value.
    pub fn label(&self) -> Option<String> {
        match self {
            ReadError::WrongType { found, .. } => Some(format!("this is {}", found.kind())),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            ReadError::UnknownKey { key, known } => {
                match nearest(key, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("choose one of {}", quoted_list(known)),
                }
            }
            ReadError::WrongType { key, expected, found } => {
                advice::for_type(key, *expected, found)
            }
            ReadError::TooSmall { key, least } => {
                advice::whole_number(key, &Value::Null, *least.max(&1))
            }
        }
    }
}

impl From<Located<ReadError>> for Problem {
    fn from(error: Located<ReadError>) -> Problem {
        let Located { value: error, place } = error;
        let problem = Problem::error(place, error.to_string()).help(error.help());
        Problem { label: error.label(), ..problem }
    }
}

/// A value, `None` for nothing, or why it cannot be used.
pub type ReadResult<T> = Result<Option<T>, Box<Located<ReadError>>>;

impl Entry {
    /// Text without white space around it; `None` if that is empty. A number, `true` and `false` are the text of their
    /// own characters.
    ///
    /// # Errors
    /// A list or a map.
    pub fn text(&self) -> ReadResult<Located<String>> {
        text(&self.key, &self.node)
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// Anything else.
    pub fn bool(&self) -> ReadResult<bool> {
        match self.node.value {
            Value::Bool(flag) => Ok(Some(flag)),
            Value::Null => Ok(None),
            _ => Err(wrong_type(&self.key, &self.node, Type::Bool)),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// Anything else.
    pub fn whole_number(&self) -> ReadResult<Located<i64>> {
        match self.node.value {
            Value::Integer(value) => Ok(Some(Located { value, place: self.node.place })),
            Value::Null => Ok(None),
            _ => Err(wrong_type(&self.key, &self.node, Type::WholeNumber)),
        }
    }

    /// The items of a list.
    ///
    /// # Errors
    /// Anything else.
    pub fn list(&self) -> ReadResult<&[Node]> {
        match &self.node.value {
            Value::List(items) => Ok(Some(items)),
            Value::Null => Ok(None),
            _ => Err(wrong_type(&self.key, &self.node, Type::List)),
        }
    }

    /// The entries of a map.
    ///
    /// # Errors
    /// Anything else.
    pub fn map(&self) -> ReadResult<&[Entry]> {
        match &self.node.value {
            Value::Map(entries) => Ok(Some(entries)),
            Value::Null => Ok(None),
            _ => Err(wrong_type(&self.key, &self.node, Type::Map)),
        }
    }
}

pub(crate) fn text(key: &str, node: &Node) -> ReadResult<Located<String>> {
    match (node.characters(), &node.value) {
        (Some(text), _) => {
            let value = text.trim().to_owned();
            Ok((!value.is_empty()).then_some(Located { value, place: node.place }))
        }
        (None, Value::Null) => Ok(None),
        (None, _) => Err(wrong_type(key, node, Type::Text)),
    }
}

pub(crate) fn wrong_type(key: &str, node: &Node, expected: Type) -> Box<Located<ReadError>> {
    let place = match (expected, &node.value) {
        // The hyphen is missing before the first key.
        (Type::List, Value::Map(entries)) if !entries.is_empty() => entries[0].key_place,
        _ => node.place,
    };
    let (key, found) = (key.to_owned(), node.value.clone());
    Box::new(Located { value: ReadError::WrongType { key, expected, found }, place })
}
