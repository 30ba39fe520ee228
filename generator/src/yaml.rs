//! Parses YAML and gives what is wrong as diagnostics of its file. Pure.

use located_yaml::Node;

use crate::diagnostic::Diagnostic;

/// Parses a map of keys: a whole file, or the front matter of a page. `first_line` is the number of the text's first
/// line in its file.
///
/// # Errors
/// The first thing that keeps the text from being read.
pub fn read(path: &str, text: &str, first_line: u32) -> Result<Node, Diagnostic> {
    let document = located_yaml::parse_map(text, first_line);
    document.map(|document| document.root).map_err(|problem| Diagnostic::in_file(path, problem))
}

/// Parses any YAML: a list too, or a scalar.
///
/// # Errors
/// The first thing that keeps the text from being read.
pub fn read_any(path: &str, text: &str, first_line: u32) -> Result<Node, Diagnostic> {
    let document = located_yaml::parse(text, first_line);
    document.map(|document| document.root).map_err(|problem| Diagnostic::in_file(path, problem))
}
