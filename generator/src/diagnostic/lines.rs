//! Converts byte offsets of a text to lines and columns.

use std::cell::{Cell, OnceCell};
use std::ops::Range;

use located_yaml::Place;

/// The offset of each line of a text.
pub(super) fn line_starts(text: &str) -> Vec<usize> {
    let mut starts = Vec::with_capacity(64);
    starts.push(0);
    starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
    starts
}

/// Converts byte ranges of a text to places.
pub struct Lines<'a> {
    text: &'a str,
    starts: OnceCell<Vec<usize>>,
    /// The last offset, its line's start and its column: texts are mostly queried from start to end, and the columns of
    /// a line with many links must not be counted again for each.
    last: Cell<(usize, usize, u32)>,
}

impl<'a> Lines<'a> {
    /// The lines of a whole file; a byte order mark at its start takes no column.
    pub fn new(text: &'a str) -> Self {
        Lines { text, starts: OnceCell::new(), last: Cell::new((0, usize::MAX, 1)) }
    }

    /// The place of `range`, which ends at the end of its first line. A range beyond the text is the text's end.
    pub fn place(&self, range: Range<usize>) -> Place {
        let start = floor_boundary(self.text, range.start);
        let end = floor_boundary(self.text, range.end).max(start);
        let starts = self.starts.get_or_init(|| line_starts(self.text));
        let line = starts.partition_point(|at| *at <= start);
        let line_start = starts[line - 1];
        let (at, at_line_start, at_column) = self.last.get();
        let column = if at_line_start == line_start && at <= start {
            at_column + count(&self.text[at..start])
        } else {
            1 + count(self.text[line_start..start].trim_start_matches('\u{feff}'))
        };
        self.last.set((start, line_start, column));
        let words = &self.text[start..end];
        let words = words.split('\n').next().unwrap_or(words).trim_end();
        Place { line: saturate(line), column, length: count(words).max(1) }
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn count(text: &str) -> u32 {
    saturate(text.chars().count())
}

fn saturate(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(line: u32, column: u32, length: u32) -> Place {
        Place { line, column, length }
    }

    #[test]
    fn a_range_of_bytes_is_a_place_in_characters() {
        let lines = Lines::new("\u{feff}ab\nçde fgh\nx");
        assert_eq!(lines.place(3..4), place(1, 1, 1));
        assert_eq!(lines.place(8..10), place(2, 2, 2));
        assert_eq!(lines.place(11..40), place(2, 5, 3));
        assert_eq!(lines.place(7..8), place(2, 1, 1));
        assert_eq!(lines.place(900..901).line, 3);
    }
}
