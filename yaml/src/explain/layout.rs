//! Finds the line whose indentation, or whose hyphen without a space, keeps a text from being read as it was meant.

use std::cmp::Ordering;

use super::missing_colon::{self, Meaning};
use super::values::closed_below;
use super::{indent, is_key_word, lines};
use crate::{Entry, Node, Place, Problem, Value};

/// A map or a list that the next line may continue.
#[derive(Clone, Copy)]
struct Level {
    /// The indentation of its lines.
    indent: usize,
    is_list: bool,
    /// The number of its first line.
    line: u32,
}

/// A line without a colon where a key may be.
struct PlainLine<'a> {
    number: u32,
    line: &'a str,
    /// The byte of the line at which it begins, after the hyphen of an item.
    at: usize,
    is_item: bool,
}

impl PlainLine<'_> {
    /// What it is meant as, if the next line shows that its colon is missing.
    fn meaning(&self, next_indent: usize, next_is_item: bool) -> Option<Meaning> {
        let is_group = !self.is_item && missing_colon::is_lone_key(self.line);
        match next_indent.cmp(&self.at) {
            Ordering::Equal if !next_is_item => Some(Meaning::Value),
            Ordering::Greater | Ordering::Equal if is_group => Some(Meaning::Group),
            _ => None,
        }
    }
}

/// The first line of a malformed text that is not indented as it has to be.
pub(super) fn misplaced_line(text: &str, first_line: u32) -> Option<Problem> {
    let mut levels: Vec<Level> = Vec::new();
    // Whether the last line is a key, or a hyphen, whose value is on the lines below.
    let mut is_open = true;
    // The lines of a block scalar are indented more than this.
    let mut block_scalar: Option<usize> = None;
    // What is wrong with the line before, if the space after its colon may be missing.
    let mut colon: Option<Problem> = None;
    let mut plain: Option<PlainLine> = None;
    // The quotation mark or bracket that ends a value; until then, lines begin anywhere.
    let mut closing: Option<char> = None;
    for (number, line) in lines(text, first_line) {
        let rest = line.trim();
        let indent = indent(line);
        if let Some(mark) = closing {
            closing = Some(mark).filter(|mark| !line.contains(*mark));
            continue;
        }
        if rest.is_empty()
            || rest.starts_with('#')
            || block_scalar.is_some_and(|parent| indent > parent)
        {
            continue;
        }
        block_scalar = None;
        if let Some(rest) = after_bare_hyphen(rest).filter(|rest| is_open || is_key(rest)) {
            return Some(bare_hyphen(number, line, rest, text));
        }
        let is_item = rest == "-" || rest.starts_with("- ");
        if !is_item && !is_key(rest) {
            if is_open {
                // A text, or a key without a colon: the next line decides.
                plain = Some(PlainLine { number, line, at: indent, is_item });
                is_open = false;
            } else if levels.iter().any(|level| !level.is_list && level.indent == indent) {
                return Some(missing_colon::problem(
                    text,
                    first_line,
                    (number, line),
                    indent,
                    Meaning::Value,
                ));
            }
            // Otherwise it continues a text, or only the parser's message can explain it.
            continue;
        }
        if let Some(plain) = plain.take()
            && let Some(meaning) = plain.meaning(indent, is_item)
        {
            let line = (plain.number, plain.line);
            return Some(missing_colon::problem(text, first_line, line, plain.at, meaning));
        }
        let parent = levels.last().map_or(0, |level| level.indent);
        let begins =
            is_open && (levels.is_empty() || indent > parent || (is_item && indent == parent));
        if begins {
            levels.push(Level { indent, is_list: is_item, line: number });
        } else if !continues(&mut levels, indent, is_item) {
            if let Some(problem) = missing_hyphen(text, first_line, (number, line), &levels) {
                return Some(problem);
            }
            let parent = levels.last().map_or(0, |level| level.indent);
            let wrong = || wrong_indent(number, line, is_item, &levels);
            return colon.filter(|_| indent > parent).or_else(wrong);
        }
        let (at, item) = match rest.strip_prefix('-').filter(|_| is_item) {
            Some(inner) => (indent + rest.len() - inner.trim_start().len(), inner.trim_start()),
            None => (indent, rest),
        };
        colon = missing_space_after_colon(number, line, at);
        if is_item && is_key(item) {
            levels.push(Level { indent: at, is_list: false, line: number });
        }
        let value =
            item.split_once(':').filter(|_| is_key(item)).map_or(item, |(_, value)| value.trim());
        is_open = value.is_empty() || value.starts_with('#');
        if is_item && !is_key(item) && item.starts_with(char::is_alphabetic) {
            plain = Some(PlainLine { number, line, at, is_item });
        }
        if value.starts_with(['|', '>']) {
            block_scalar = Some(at);
        } else {
            closing = closed_below(value);
        }
    }
    None
}

/// Whether a line continues a level that is open; the levels within that one end.
fn continues(levels: &mut Vec<Level>, indent: usize, is_item: bool) -> bool {
    let found = levels.iter().rposition(|level| level.indent == indent && level.is_list == is_item);
    // A line that is indented more than the innermost level would be a part of its value.
    if let Some(at) = found {
        levels.truncate(at + 1);
    }
    found.is_some()
}

/// The error for an item of a list whose first line has no hyphen: a key in the column of the list's hyphens that the
/// item before has too, or the line that begins the group in which a later item (`line`) is.
fn missing_hyphen(
    text: &str,
    first_line: u32,
    (number, line): (u32, &str),
    levels: &[Level],
) -> Option<Problem> {
    let at = indent(line);
    let key = |line: &str| line.split_once(':').map(|(key, _)| key.trim().to_owned());
    let error = |number: u32, line: &str| {
        let place = Place::in_line(number, line, at);
        let help = format!("put `- ` before it: `- {}`", line.trim());
        Problem::error(place, "this item of the list has no hyphen").help(help)
    };
    let level = levels.iter().rev().find(|level| level.indent == at)?;
    let is_item = line.trim_start().starts_with('-');
    let is_within_list = levels.iter().any(|level| level.is_list && level.indent > at);
    if is_item && !level.is_list && !is_within_list && at > 0 {
        let (number, line) = lines(text, first_line).find(|(number, _)| *number == level.line)?;
        return (indent(line) == at).then(|| error(number, line));
    }
    let item = levels.last().filter(|item| level.is_list && !is_item && item.indent > at)?;
    let wanted = key(line)?;
    let mut of_item = lines(text, first_line).filter(|(number_of_line, line)| {
        (item.line..number).contains(number_of_line) && line.is_char_boundary(item.indent)
    });
    let is_new = of_item
        .any(|(_, line)| line.get(item.indent..).and_then(key).is_some_and(|key| key == wanted));
    is_new.then(|| error(number, line))
}

fn wrong_indent(number: u32, line: &str, is_item: bool, levels: &[Level]) -> Option<Problem> {
    let indent = indent(line);
    let wanted = levels
        .iter()
        .rev()
        .filter(|level| level.is_list == is_item)
        .min_by_key(|level| level.indent.abs_diff(indent))?;
    let side = if indent > wanted.indent { "right" } else { "left" };
    let rest = line.trim();
    let help = match wanted.indent {
        0 => {
            format!("indent it like line {}, which has no spaces before it: `{rest}`", wanted.line)
        }
        spaces => format!("indent it like line {}: `{}{rest}`", wanted.line, " ".repeat(spaces)),
    };
    let message = format!("this line is indented too far to the {side}");
    Some(Problem::error(Place::in_line(number, line, indent), message).help(help))
}

/// A key without a space after its colon.
fn missing_space_after_colon(number: u32, line: &str, at: usize) -> Option<Problem> {
    let (key, value) = line[at..].trim_end().split_once(':')?;
    (is_key_word(key) && !value.starts_with([' ', '/']) && !value.is_empty()).then(|| {
        let before = line[..at].trim_start();
        Problem::error(Place::in_line(number, line, at), "this line has no key")
            .help(format!("put a space after the colon: `{before}{key}: {value}`"))
    })
}

/// The rest of a line that begins with a hyphen and no space, if it looks like an item of a list.
fn after_bare_hyphen(rest: &str) -> Option<&str> {
    rest.strip_prefix('-').filter(|rest| rest.starts_with(char::is_alphabetic))
}

fn bare_hyphen(number: u32, line: &str, rest: &str, text: &str) -> Problem {
    let indent = indent(line);
    let place = Place { length: 1, ..Place::in_line(number, line, indent) };
    // Only a file of data is a list without indentation.
    if indent == 0 && is_key(rest) && !text.split('\n').any(|line| line.starts_with("- ")) {
        return Problem::error(place, "a key cannot start with a hyphen")
            .help(format!("remove the hyphen: `{rest}`"));
    }
    Problem::error(place, "there is no space after this hyphen")
        .help(format!("put a space after it: `- {rest}`"))
}

/// The first hyphen without a space that YAML reads as a part of a key or of a text.
pub(super) fn hidden_hyphen(text: &str, first_line: u32, node: &Node) -> Option<Problem> {
    let begins_line = |number: u32| {
        let (_, line) = lines(text, first_line).find(|(line, _)| *line == number)?;
        after_bare_hyphen(line.trim()).map(|rest| bare_hyphen(number, line, rest, text))
    };
    match &node.value {
        Value::String(value) if after_bare_hyphen(value).is_some() => begins_line(node.place.line),
        Value::List(items) => items.iter().find_map(|item| hidden_hyphen(text, first_line, item)),
        Value::Map(entries) => entries.iter().find_map(|Entry { key, key_place, node }| {
            let here = after_bare_hyphen(key).and_then(|_| begins_line(key_place.line));
            here.or_else(|| hidden_hyphen(text, first_line, node))
        }),
        _ => None,
    }
}

/// Whether a line is a key: a word, a colon, and a space or nothing.
fn is_key(rest: &str) -> bool {
    let rest = rest.split(" #").next().unwrap_or(rest);
    rest.split_once(':').is_some_and(|(key, value)| {
        !key.is_empty()
            && !key.starts_with(['"', '\'', '[', '{'])
            && (value.is_empty() || value.starts_with(' '))
    })
}
