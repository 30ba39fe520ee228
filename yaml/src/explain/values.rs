//! Finds the first line whose value, or whose key, is not written as YAML wants it.

use super::missing_colon::{self, Meaning};
use super::{indent, lines, quote};
use crate::{Place, Problem};

/// Quotation marks that mean nothing to YAML; the last one begins no text.
const CURLY_QUOTES: [char; 7] = ['“', '”', '„', '‘', '’', '«', '»'];

/// The first such line.
pub(super) fn find(text: &str, first_line: u32) -> Option<Problem> {
    // The lines of a block scalar are indented more than this.
    let mut block_scalar: Option<usize> = None;
    // The quotation mark or bracket that ends the value that began on a line before.
    let mut closing: Option<char> = None;
    for (number, line) in lines(text, first_line) {
        let indent = indent(line);
        if let Some(mark) = closing {
            closing = Some(mark).filter(|mark| !line.contains(*mark));
            continue;
        }
        if line.trim().is_empty() || block_scalar.is_some_and(|parent| indent > parent) {
            continue;
        }
        block_scalar = None;
        let item = line.trim_start().strip_prefix("- ").unwrap_or(line.trim_start());
        if item.starts_with('#') {
            continue;
        }
        let line = Line::new(text, first_line, number, line, item);
        if line.value.starts_with(['|', '>']) && line.value.len() <= 3 {
            block_scalar = Some(indent);
        } else if let Some(problem) = line.problem() {
            return Some(problem);
        } else {
            closing = closed_below(line.value);
        }
    }
    None
}

/// A line that begins with a key, or with a value that has none.
struct Line<'a> {
    text: &'a str,
    first_line: u32,
    number: u32,
    line: &'a str,
    /// All before the value, with the colon; empty where there is no key.
    key: &'a str,
    value: &'a str,
}

impl<'a> Line<'a> {
    fn new(text: &'a str, first_line: u32, number: u32, line: &'a str, item: &'a str) -> Self {
        let from = line.len() - item.len();
        let (key, value) = match item.split_once(':') {
            Some((key, value)) if value.is_empty() || value.starts_with([' ', '\t']) => {
                (&line[..from + key.len() + 1], value.trim())
            }
            _ => ("", item.trim()),
        };
        Line { text, first_line, number, line, key, value }
    }

    fn problem(&self) -> Option<Problem> {
        let value = self.value;
        if value.starts_with(&CURLY_QUOTES[..6]) && value.contains([':', '#']) {
            let bare = value.trim_matches(CURLY_QUOTES);
            let error = self.error("these are not straight quotation marks");
            return Some(error.help(format!("write `{} {}`", self.key, quote(bare))));
        }
        if let Some(quotation) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            return self.problem_of_quoted(quotation);
        }
        let is_flow = value.starts_with(['[', '{']);
        if value.starts_with(['@', '`', '%', '*', '&', '!', ',', ']', '}', '|', '>'])
            || (is_flow && !value.ends_with([']', '}', ',', '[', '{']))
        {
            let error = self.error("the first character of this text has a special meaning");
            return Some(error.help(self.how_to_quote()));
        }
        let has_colon = value.contains(": ") || value.ends_with(':');
        if !self.key.is_empty() && !is_flow && !value.starts_with('#') && has_colon {
            return Some(self.error("this text contains a colon").help(self.how_to_quote()));
        }
        let begins_line = indent(self.line) == 0 && !self.line.starts_with(['-', ']', '}', '"']);
        if self.key.is_empty() && begins_line {
            let line = (self.number, self.line);
            return Some(missing_colon::problem(
                self.text,
                self.first_line,
                line,
                0,
                Meaning::Value,
            ));
        }
        None
    }

    fn problem_of_quoted(&self, quotation: char) -> Option<Problem> {
        let value = self.value;
        let Some(end) = closing_quote(value, quotation) else {
            if self.is_closed_below(quotation) {
                return None;
            }
            let error = self.error("this quotation mark is never closed");
            return Some(error.help(format!("put a `{quotation}` at the end of the text")));
        };
        let rest = value[end..].trim_start();
        if rest.is_empty() || rest.starts_with(['#', ':', ',', ']', '}']) {
            return None;
        }
        let error = self.error("the quotation marks end before the text does");
        let quoted = quote(without_quotes(value));
        Some(error.help(format!("write `{} {quoted}`", self.key)))
    }

    /// An error at the value.
    fn error(&self, message: &str) -> Problem {
        let start = self.line.trim_end().len() - self.value.len();
        Problem::error(Place::in_line(self.number, self.line, start), message)
    }

    fn how_to_quote(&self) -> String {
        format!("put the text in quotation marks: `{} {}`", self.key, quote(self.value))
    }

    /// Whether a quoted text that begins on this line ends on a later one.
    fn is_closed_below(&self, quotation: char) -> bool {
        lines(self.text, self.first_line)
            .skip_while(|(number, _)| *number <= self.number)
            .take_while(|(_, line)| line.starts_with(' ') || line.is_empty())
            .any(|(_, line)| line.contains(quotation))
    }
}

/// The first line that is neither a key nor a part of a value.
pub(super) fn no_key(text: &str, first_line: u32) -> Problem {
    let found = lines(text, first_line).find(|(_, line)| {
        !line.is_empty()
            && !line.starts_with([' ', '#', '-'])
            && !line.contains(": ")
            && !line.ends_with(':')
    });
    let found = found.or_else(|| lines(text, first_line).next()).unwrap_or((first_line, ""));
    missing_colon::problem(text, first_line, found, indent(found.1), Meaning::Value)
}

/// The quotation mark or bracket that ends a value, if it has to be on a later line.
pub(super) fn closed_below(value: &str) -> Option<char> {
    let first = value.chars().next()?;
    let closing = match first {
        '"' | '\'' => return closing_quote(value, first).is_none().then_some(first),
        '[' => ']',
        '{' => '}',
        _ => return None,
    };
    (!value.contains(closing)).then_some(closing)
}

/// The end of a quoted text, after its closing mark.
fn closing_quote(value: &str, quotation: char) -> Option<usize> {
    let mut characters = value.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && quotation == '"' {
            characters.next();
        } else if character == quotation {
            let is_doubled = characters.peek().is_some_and(|(_, next)| *next == quotation);
            if quotation == '\'' && is_doubled {
                characters.next();
            } else {
                return Some(at + 1);
            }
        }
    }
    None
}

/// A text without the quotation marks around the whole of it.
fn without_quotes(value: &str) -> &str {
    let inner = |mark| value.strip_prefix(mark)?.strip_suffix(mark);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}
