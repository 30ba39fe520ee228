//! What a visitor typed into a form, and what is wrong with it. Pure.

use serde::Serialize;

/// The names and values of a request's body, unchanged and in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers(pub(crate) Vec<(String, String)>);

impl Answers {
    /// Answers from pairs of name and value.
    pub fn new(pairs: Vec<(String, String)>) -> Answers {
        Answers(pairs)
    }

    /// The first value under a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every value under a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All pairs of name and value.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

/// What is wrong with an answer, worded for the resident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The field's name; empty if the problem concerns the whole form.
    pub field: String,
    /// The message.
    pub message: String,
    /// The names of the inputs that are wrong, if a field has several; empty if all are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
}
