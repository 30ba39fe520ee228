//! What is wrong with a text, for the person who wrote it.

use serde::{Deserialize, Serialize};

use crate::Place;

/// How much a problem weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// The text cannot be used.
    Error,
    /// The text can be used, and most likely does not say what was meant.
    Warning,
}

/// Something that is wrong at one place, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How much it weighs.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is wrong: lower case, without a full stop, literals in backticks.
    pub message: String,
    /// A few words about what is at the place.
    pub label: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// An error at a place.
    pub fn error(place: Place, message: impl Into<String>) -> Problem {
        Problem::new(Severity::Error, place, message)
    }

    /// A warning at a place.
    pub fn warning(place: Place, message: impl Into<String>) -> Problem {
        Problem::new(Severity::Warning, place, message)
    }

    /// An error or a warning at a place.
    pub fn new(severity: Severity, place: Place, message: impl Into<String>) -> Problem {
        Problem { severity, place, message: message.into(), label: None, help: None }
    }

    /// The same with a label.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Problem {
        self.label = Some(label.into());
        self
    }

    /// The same with help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }
}
