//! Explains errors to people who may never have heard of YAML.
//!
//! A parser's message names no cause that they could find, so the text is searched for the mistakes that people make.

mod layout;
mod missing_colon;
mod spaces;
mod values;

use crate::{Node, Place, Problem, SyntaxError};
use missing_colon::Meaning;
pub(crate) use missing_colon::key_and_value;

/// Explains why a text cannot be parsed.
pub(crate) fn syntax_error(
    text: &str,
    first_line: u32,
    place: Place,
    error: SyntaxError,
) -> Problem {
    if let Some(problem) = spaces::find(text, first_line) {
        return problem;
    }
    let own = match error {
        SyntaxError::NoColon => {
            let found = lines(text, first_line).find(|(number, _)| *number == place.line);
            let line = found.unwrap_or((place.line, ""));
            let at = indent(line.1);
            missing_colon::problem(text, first_line, line, at, Meaning::Value)
        }
        _ => Problem::error(place, error.to_string()).help(error.help()),
    };
    let is_exact = match error {
        SyntaxError::NoColon | SyntaxError::NotClosed(_) => true,
        SyntaxError::Malformed(_) => false,
        _ => return own,
    };
    let layout = layout::misplaced_line(text, first_line);
    let value = values::find(text, first_line);
    let exact = is_exact.then(|| own.clone());
    // The earliest one is the cause of what follows.
    let found = layout.into_iter().chain(value).chain(exact);
    found.min_by_key(|problem| problem.place.line).unwrap_or(own)
}

/// Finds what YAML reads as something else than it looks like: characters that look like spaces, hyphens without a space.
pub(crate) fn misread(text: &str, first_line: u32, root: &Node) -> Option<Problem> {
    let space = match spaces::is_in_key(root) {
        true => spaces::find(text, first_line),
        false => None,
    };
    space.or_else(|| layout::hidden_hyphen(text, first_line, root))
}

/// Explains why a text that was to have keys has none.
pub(crate) fn not_a_map(text: &str, first_line: u32) -> Problem {
    spaces::find(text, first_line).unwrap_or_else(|| values::no_key(text, first_line))
}

/// The lines of a text without their ends, with their numbers in the file.
fn lines(text: &str, first_line: u32) -> impl Iterator<Item = (u32, &str)> {
    (first_line..).zip(text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)))
}

/// The number of bytes of white space that a line begins with.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Whether this is one of the lower-case words that keys are made of.
pub(crate) fn is_key_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// A text between quotation marks that it does not contain itself.
pub(crate) fn quote(text: &str) -> String {
    if !text.contains(['"', '\\']) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}
