//! Finds the line of YAML text whose indentation, or whose hyphen without a space, keeps the text from being
//! read as it was meant. Pure.

use daisychain_functions::yaml::{Entry, Node, Value};

use super::{lines, place};
use crate::diagnostic::Diagnostic;

const HYPHEN: &str = "the space behind this hyphen is missing";

/// A group of keys, or a list, that the next line may go on with.
#[derive(Clone, Copy)]
struct Level {
    /// How many spaces its lines begin with.
    indent: usize,
    is_list: bool,
    /// The number of its first line.
    line: u32,
}

/// The first line of a text that YAML refuses which does not begin where it has to.
pub(super) fn misplaced(path: &str, text: &str, first_line: u32) -> Option<Diagnostic> {
    let mut levels: Vec<Level> = Vec::new();
    // Whether the last line is a key, or a hyphen, whose value is on the lines beneath it.
    let mut is_open = true;
    // Lines that begin with more spaces than this are part of a text.
    let mut text_in: Option<usize> = None;
    // The line before, if the space behind its colon may be missing.
    let mut colon: Option<Diagnostic> = None;
    for (line, words) in lines(text, first_line) {
        let rest = words.trim();
        let indent = words.len() - words.trim_start().len();
        if rest.is_empty() || rest.starts_with('#') || text_in.is_some_and(|parent| indent > parent)
        {
            continue;
        }
        text_in = None;
        if let Some(rest) = without_space(rest).filter(|rest| is_open || is_key(rest)) {
            return Some(hyphen(path, line, words, indent, rest, text));
        }
        let is_item = rest == "-" || rest.starts_with("- ");
        if !is_item && !is_key(rest) {
            // A text of several lines, or what only the reader's own words can explain.
            continue;
        }
        let parent = levels.last().map_or(0, |level| level.indent);
        let begins =
            is_open && (levels.is_empty() || indent > parent || (is_item && indent == parent));
        if begins {
            levels.push(Level { indent, is_list: is_item, line });
        } else if !goes_on(&mut levels, indent, is_item) {
            let parent = levels.last().map_or(0, |level| level.indent);
            let wrong = || wrong_indent(path, line, words, indent, is_item, &levels);
            return colon.filter(|_| indent > parent).or_else(wrong);
        }
        let (at, item) = match rest.strip_prefix('-').filter(|_| is_item) {
            Some(inner) => (indent + rest.len() - inner.trim_start().len(), inner.trim_start()),
            None => (indent, rest),
        };
        colon = missing_colon_space(path, line, words, at);
        if is_item && is_key(item) {
            levels.push(Level { indent: at, is_list: false, line });
        }
        let value =
            item.split_once(':').filter(|_| is_key(item)).map_or(item, |(_, value)| value.trim());
        is_open = value.is_empty() || value.starts_with('#');
        if value.starts_with(['|', '>']) {
            text_in = Some(at);
        } else if value.starts_with(['[', '{', '"', '\'']) && !is_closed(value) {
            // What follows is part of this value, wherever it begins.
            return None;
        }
    }
    None
}

/// Whether a line goes on with a level that is open; the levels within that one end.
fn goes_on(levels: &mut Vec<Level>, indent: usize, is_item: bool) -> bool {
    let found = levels.iter().rposition(|level| level.indent == indent && level.is_list == is_item);
    // A line that begins farther to the right than the innermost level would be part of its value.
    if let Some(at) = found {
        levels.truncate(at + 1);
    }
    found.is_some()
}

fn wrong_indent(
    path: &str,
    line: u32,
    words: &str,
    indent: usize,
    is_item: bool,
    levels: &[Level],
) -> Option<Diagnostic> {
    let wanted = levels
        .iter()
        .rev()
        .filter(|level| level.is_list == is_item)
        .min_by_key(|level| level.indent.abs_diff(indent))?;
    let side = if indent > wanted.indent { "right" } else { "left" };
    let rest = words.trim();
    let help = match wanted.indent {
        0 => format!("begin it without spaces, as line {} begins: `{rest}`", wanted.line),
        spaces => format!(
            "begin it with as many spaces as line {}: `{}{rest}`",
            wanted.line,
            " ".repeat(spaces)
        ),
    };
    let message = format!("this line begins too far to the {side}");
    Some(Diagnostic::error(path, message).at(place(line, words, indent)).help(help))
}

/// A key that has no space behind its colon.
fn missing_colon_space(path: &str, line: u32, words: &str, at: usize) -> Option<Diagnostic> {
    let (key, value) = words[at..].trim_end().split_once(':')?;
    let is_word =
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (is_word && !value.starts_with([' ', '/']) && !value.is_empty()).then(|| {
        let help =
            format!("put a space behind the colon: `{}{key}: {value}`", words[..at].trim_start());
        Diagnostic::error(path, "this line has no key").at(place(line, words, at)).help(help)
    })
}

/// What is behind a hyphen that begins a line and has no space behind it, if it looks like an item of a list.
fn without_space(rest: &str) -> Option<&str> {
    rest.strip_prefix('-').filter(|rest| rest.starts_with(char::is_alphabetic))
}

fn hyphen(path: &str, line: u32, words: &str, indent: usize, rest: &str, text: &str) -> Diagnostic {
    let mut place = place(line, words, indent);
    place.length = 1;
    // What begins without spaces is a list only in a file of data.
    if indent == 0 && is_key(rest) && !text.split('\n').any(|line| line.starts_with("- ")) {
        let error = Diagnostic::error(path, "a key does not begin with a hyphen").at(place);
        return error.help(format!("take the hyphen out: `{rest}`"));
    }
    let help = format!("put a space behind it: `- {rest}`");
    Diagnostic::error(path, HYPHEN).at(place).help(help)
}

/// The first hyphen without a space that YAML reads as a part of a key or of a text.
pub(super) fn hidden_hyphen(
    path: &str,
    text: &str,
    first_line: u32,
    node: &Node,
) -> Option<Diagnostic> {
    let begins_line = |number: u32| {
        let (line, words) = lines(text, first_line).find(|(line, _)| *line == number)?;
        let indent = words.len() - words.trim_start().len();
        without_space(words.trim()).map(|rest| hyphen(path, line, words, indent, rest, text))
    };
    match &node.value {
        Value::String(value) if without_space(value).is_some() => begins_line(node.place.line),
        Value::List(items) => {
            items.iter().find_map(|item| hidden_hyphen(path, text, first_line, item))
        }
        Value::Map(entries) => entries.iter().find_map(|Entry { key, key_place, node }| {
            let here = without_space(key).and_then(|_| begins_line(key_place.line));
            here.or_else(|| hidden_hyphen(path, text, first_line, node))
        }),
        _ => None,
    }
}

/// Whether a line is a key: a word, a colon, and a space or nothing.
fn is_key(rest: &str) -> bool {
    rest.split_once(':').is_some_and(|(key, value)| {
        !key.is_empty()
            && !key.starts_with(['"', '\'', '[', '{'])
            && (value.is_empty() || value.starts_with(' '))
    })
}

/// Whether a value that opens a bracket or a quotation mark closes it on the same line.
fn is_closed(value: &str) -> bool {
    let value = value.split(" #").next().unwrap_or(value).trim_end();
    let last = value.chars().next_back();
    match value.chars().next() {
        Some('[') => last == Some(']'),
        Some('{') => last == Some('}'),
        first => value.len() > 1 && last == first,
    }
}
