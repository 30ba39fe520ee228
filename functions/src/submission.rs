//! Turns a request's body into answers, and answers into a checked submission, or every problem
//! at once, each tied to its field. Pure.

mod check;
mod contact;
mod date;
mod read;

pub(crate) use check::clean;
pub use check::validate;
pub use contact::Contact;
pub use read::{MAX_BODY_BYTES, Unreadable, read};
pub(crate) mod spam;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// What is wrong with a field's answers.
#[derive(Debug)]
struct InvalidAnswer {
    message: String,
    /// See [`Problem::inputs`].
    inputs: Vec<String>,
}

impl From<String> for InvalidAnswer {
    fn from(message: String) -> InvalidAnswer {
        InvalidAnswer { message, inputs: Vec::new() }
    }
}
