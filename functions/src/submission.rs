//! Reads a request's body into answers, and validates answers into a submission or a list of problems, each associated
//! with its field. Pure.

mod check;
mod contact;
mod date;
mod read;

pub(crate) use check::clean;
pub use check::validate;
pub use contact::Contact;
pub use read::{MAX_BODY_BYTES, ReadError, read};
pub(crate) mod spam;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Valid answers by field. Fields without an answer are left out; each list has at least one text.
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

/// Why the answers to a field are not valid.
#[derive(Debug)]
struct InvalidAnswer {
    message: String,
    /// See [`Problem::inputs`](crate::form::Problem::inputs).
    inputs: Vec<String>,
}

impl From<String> for InvalidAnswer {
    fn from(message: String) -> InvalidAnswer {
        InvalidAnswer { message, inputs: Vec::new() }
    }
}
