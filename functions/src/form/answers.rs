//! What a visitor typed into a form, and what is wrong with it. Pure.

use serde::Serialize;

/// What a body says: names and values, as they came, in their order.
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

    /// All of it.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

/// What is wrong with an answer, in words for the resident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The field's name; empty where it is about the whole form.
    pub field: String,
    /// The words.
    pub message: String,
    /// The names of the inputs that are wrong, where a field has several; empty where that is all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
}
