//! Where something is in a text.

use serde::{Deserialize, Serialize};

/// A range within one line of a text. Line and column are 1-based; column and length count characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The line, 1-based.
    pub line: u32,
    /// The column, 1-based, in characters.
    pub column: u32,
    /// How many characters it spans; at least 1.
    pub length: u32,
}

impl Place {
    /// The first character of a file.
    pub const START: Place = Place { line: 1, column: 1, length: 1 };

    /// The rest of a line from the byte `from` on, without trailing white space.
    pub fn in_line(line: u32, text: &str, from: usize) -> Place {
        let length = char_count(text[from..].trim()).max(1);
        Place { line, column: char_count(&text[..from]) + 1, length }
    }
}

/// Finds lines and columns by an index in characters. Parsers count lines otherwise: to YAML 1.1, U+0085 ends a line too.
pub(crate) struct LineIndex<'a> {
    lines: Vec<&'a str>,
    /// The index in the text of each line's first character.
    starts: Vec<usize>,
}

impl<'a> LineIndex<'a> {
    pub(crate) fn new(text: &'a str) -> LineIndex<'a> {
        let lines: Vec<&str> = text.split('\n').collect();
        let starts = lines.iter().scan(0, |next, line| {
            let start = *next;
            *next += line.chars().count() + 1;
            Some(start)
        });
        LineIndex { starts: starts.collect(), lines }
    }

    /// The number of a line (0-based) and the column in it (0-based, in characters).
    pub(crate) fn position(&self, index: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= index) - 1;
        (line, index - self.starts[line])
    }

    /// A line by its number (0-based).
    pub(crate) fn line(&self, number: usize) -> &'a str {
        self.lines.get(number).copied().unwrap_or_default()
    }

    /// How many lines there are.
    pub(crate) fn count(&self) -> usize {
        self.lines.len()
    }
}

/// The number of characters; one less than `u32::MAX` at most, so that a column can follow.
pub(crate) fn char_count(text: &str) -> u32 {
    to_u32(text.chars().count())
}

pub(crate) fn to_u32(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX - 1)
}
