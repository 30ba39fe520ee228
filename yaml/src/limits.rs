//! Refuses text that is nested too deeply, before it is parsed: the time that `serde_yaml` takes grows with the square
//! of the depth.

use crate::place::char_count;
use crate::{Place, SyntaxError};

/// More than any text needs: brackets that are open, or items that begin on one line.
const MAX_DEPTH: usize = 100;

pub(crate) fn check(text: &str, first_line: u32) -> Result<(), (Place, SyntaxError)> {
    let mut depth = 0usize;
    for (number, line) in (first_line..).zip(text.split('\n')) {
        let place =
            |at: usize| Place { line: number, column: char_count(&line[..at]) + 1, length: 1 };
        let words = line.split([' ', '\t']).filter(|word| !word.is_empty());
        if words.take_while(|word| matches!(*word, "-" | "?")).count() > MAX_DEPTH {
            let indent = line.len() - line.trim_start().len();
            return Err((place(indent), SyntaxError::TooManyItems));
        }
        for (at, byte) in line.bytes().enumerate() {
            match byte {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > MAX_DEPTH {
                return Err((place(at), SyntaxError::TooManyBrackets));
            }
        }
    }
    Ok(())
}
