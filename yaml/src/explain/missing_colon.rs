//! Explains a line that has no colon after its key, with that very line.

use super::{indent, lines, quote};
use crate::{Place, Problem};

/// What such a line is most likely meant as.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    /// A key and its value, or a part of the text before.
    Value,
    /// A key whose value is on the lines below.
    Group,
}

/// The error for a line of `text` whose key or text begins at byte `at` of the line, after the hyphen of an item.
pub(super) fn problem(
    text: &str,
    first_line: u32,
    (number, line): (u32, &str),
    at: usize,
    meaning: Meaning,
) -> Problem {
    let hyphen = line[..at].trim_start();
    let rest = line[at..].trim_end();
    let place = Place::in_line(number, line, at);
    if let Some((key, value)) = rest.split_once(':') {
        let error = Problem::error(place, "this line has no key");
        let is_tight = is_key(key) && !value.starts_with(' ') && !value.is_empty();
        return error.help(match is_tight {
            true => format!("put a space after the colon: `{hyphen}{key}: {value}`"),
            false => "write the line as a key, a colon, a space and a value".to_owned(),
        });
    }
    let error = Problem::error(place, "this line has no colon");
    let parts = key_and_value(rest);
    if let (Some((key, _)), Meaning::Group) = (&parts, meaning) {
        return error.help(format!("put a colon after the key: `{hyphen}{key}:`"));
    }
    let continues = text_before(text, first_line, number, indent(line));
    error.help(match (parts, continues) {
        (Some((key, "")), _) => {
            format!("put a colon and a value after the key, such as `{hyphen}{key}: …`")
        }
        (Some((key, value)), before) => {
            let value = if value.contains(" #") { quote(value) } else { value.to_owned() };
            let help = format!("put a colon after the key: `{hyphen}{key}: {value}`");
            match before.filter(|_| hyphen.is_empty() && begins_like_prose(&value)) {
                Some(before) => format!("{help}; if it continues line {before}, indent it further"),
                None => help,
            }
        }
        (None, Some(before)) if hyphen.is_empty() => format!(
            "if it continues line {before}, indent it further: `{}  {rest}`; if it is a note, put `# ` before it",
            &line[..at]
        ),
        (None, _) => format!(
            "if it is a note, put `# ` before it: `# {hyphen}{rest}`; otherwise write it as a key, a colon, a space and a value"
        ),
    })
}

/// Whether a line can be a key without its colon, and nothing more.
pub(super) fn is_lone_key(line: &str) -> bool {
    key_and_value(line.trim()).is_some_and(|(_, value)| value.is_empty())
}

/// The key that a line most likely begins with, in the case of keys, and its value; `None` for prose.
pub(crate) fn key_and_value(rest: &str) -> Option<(String, &str)> {
    let end = rest.find(|c: char| c.is_whitespace() || SEPARATORS.contains(&c));
    let (word, rest) = rest.split_at(end.unwrap_or(rest.len()));
    let key = word.to_lowercase();
    let value = rest.trim_start().trim_start_matches(SEPARATORS).trim_start();
    let is_prose = key != word && begins_like_prose(value);
    (is_key(&key) && !is_prose).then_some((key, value))
}

/// What people write where a colon has to be; the last one is the full-width colon.
const SEPARATORS: [char; 4] = ['=', ';', ',', '：'];

/// Whether a text goes on like a sentence, with a word of lower-case letters.
fn begins_like_prose(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    !word.is_empty() && word.chars().all(char::is_lowercase)
}

/// Whether this is a word that a key can be.
fn is_key(word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(is_part)
}

/// The number of the line before, if its value is a text that a line with more indentation would continue.
fn text_before(text: &str, first_line: u32, number: u32, at: usize) -> Option<u32> {
    let before = lines(text, first_line).take_while(|(line, _)| *line < number);
    let (number, line) = before.filter(|(_, line)| !line.trim().is_empty()).last()?;
    let value = line.split_once(": ")?.1.trim();
    let is_text = value.starts_with(char::is_alphabetic) && !value.contains(" #");
    (indent(line) == at && is_text).then_some(number)
}
