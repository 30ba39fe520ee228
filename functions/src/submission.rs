//! Turns a request's body into answers, and answers into a checked submission, or every problem
//! at once, each tied to its field. Pure.

mod address;
mod check;
mod contact;
mod date;
mod read;

pub use address::{identity, mailbox, sending_address};
pub(crate) use check::clean;
pub use check::{is_email, validate};
pub use contact::Contact;
pub use read::{Unreadable, read};
pub(crate) mod spam;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most bytes that names and values of a body may have together.
pub const LONGEST_BODY: usize = 16 * 1024;
/// The most pairs of name and value a body may have.
pub const MOST_PAIRS: usize = 40;

/// What a body says: names and values, as they came, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers(Vec<(String, String)>);

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

/// Checked answers: by field, only those given, each a list of one or more texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// The answers by the name of their field.
    pub answers: BTreeMap<String, Vec<String>>,
}

impl Submission {
    /// The first answer to a field.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.answers.get(field).and_then(|answers| answers.first()).map(String::as_str)
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
