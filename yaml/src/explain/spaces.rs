//! Finds characters that look like spaces and are none: a tab at the start of a line, and the no-break spaces that word
//! processors and web pages insert.

use super::{indent, is_key_word, lines};
use crate::{Node, Place, Problem, Value};

const NO_BREAK_SPACES: [char; 2] = ['\u{a0}', '\u{202f}'];

/// The first such character at the start of a line or after a key. Those within a text are the editor's.
pub(super) fn find(text: &str, first_line: u32) -> Option<Problem> {
    lines(text, first_line).find_map(|(number, line)| find_in_line(number, line))
}

fn find_in_line(number: u32, line: &str) -> Option<Problem> {
    let error = |at: usize, message: &str, help: &str| {
        let place = Place { length: 1, ..Place::in_line(number, line, at) };
        Some(Problem::error(place, message).help(help))
    };
    let indent = indent(line);
    if let Some(at) = line[..indent].find('\t') {
        return error(at, "this line is indented with a tab", "replace it with two spaces");
    }
    let at = line.find(NO_BREAK_SPACES)?;
    let is_after_key = line[..at].trim().strip_suffix(':').is_some_and(is_key_word);
    (at < indent || is_after_key).then_some(())?;
    error(at, "this looks like a space, but is another character", "replace it with a space")
}

/// Whether a key begins with such a character.
pub(super) fn is_in_key(node: &Node) -> bool {
    match &node.value {
        Value::Map(entries) => entries
            .iter()
            .any(|entry| entry.key.starts_with(NO_BREAK_SPACES) || is_in_key(&entry.node)),
        Value::List(items) => items.iter().any(is_in_key),
        _ => false,
    }
}
