//! The error type of commands.

use crate::diagnostic::Diagnostic;

/// Why a command failed; determines the exit code.
#[derive(Debug)]
pub enum Failure {
    /// The content or the theme has errors.
    Content(Vec<Diagnostic>),
    /// The store has nothing that matches the request.
    NotFound(String),
    /// The arguments are wrong, or the system failed.
    Machine(String),
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(found: Vec<Diagnostic>) -> Self {
        Failure::Content(found)
    }
}
