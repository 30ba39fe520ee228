//! Why a command failed.

use crate::diagnostic::Diagnostic;

/// Why a command failed: the exit code depends on which of these it is.
#[derive(Debug)]
pub enum Failure {
    /// The content or the theme has errors.
    Content(Vec<Diagnostic>),
    /// The store has nothing that matches the request.
    NotFound(String),
    /// The arguments are wrong, or the machine failed.
    Machine(String),
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(found: Vec<Diagnostic>) -> Self {
        Failure::Content(found)
    }
}
