//! Turns YAML text into located keys and values, or says in plain words why it cannot be read. Pure.
//!
//! Who writes these lines may never have heard of YAML: the reader's own words name no cause that
//! they could find, so the text is looked through for what people do get wrong.

use daisychain_functions::yaml::{self, Node, Place};

use crate::diagnostic::Diagnostic;

mod layout;

/// The place of what stands on a line from the byte `from` on.
pub(crate) fn place(line: u32, words: &str, from: usize) -> Place {
    let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX - 1);
    let length = count(words[from..].trim()).max(1);
    Place { line, column: count(&words[..from]) + 1, length }
}

/// Reads keys and values: a whole file, or the lines between the dashes of a page. `first_line` is the
/// number of the text's first line in its file.
///
/// # Errors
/// The first thing that keeps the text from being read.
pub fn read(path: &str, text: &str, first_line: u32) -> Result<Node, Diagnostic> {
    let node = read_any(path, text, first_line)?;
    match node.value {
        yaml::Value::Map(_) => Ok(node),
        yaml::Value::Null => Ok(Node { value: yaml::Value::Map(Vec::new()), ..node }),
        _ => Err(first_wrong_space(path, text, first_line)
            .unwrap_or_else(|| no_key(path, text, first_line))),
    }
}

/// Reads any YAML: a list too, or a text alone.
///
/// # Errors
/// The first thing that keeps the text from being read.
pub fn read_any(path: &str, text: &str, first_line: u32) -> Result<Node, Diagnostic> {
    let wrong_space = || first_wrong_space(path, text, first_line);
    match yaml::parse(text, first_line) {
        // In a text of several lines, any space is the editor's.
        Ok(node) => {
            let hard_key = has_hard_key(&node).then(wrong_space).flatten();
            let wrong = hard_key.or_else(|| layout::hidden_hyphen(path, text, first_line, &node));
            wrong.map_or(Ok(node), Err)
        }
        Err(error) => {
            Err(wrong_space().unwrap_or_else(|| in_plain_words(path, text, first_line, error)))
        }
    }
}

/// Whether a key begins with what looks like a space and is none.
fn has_hard_key(node: &Node) -> bool {
    match &node.value {
        yaml::Value::Map(entries) => entries.iter().any(|entry| {
            entry.key.starts_with(['\u{a0}', '\u{202f}']) || has_hard_key(&entry.node)
        }),
        yaml::Value::List(items) => items.iter().any(has_hard_key),
        _ => false,
    }
}

fn first_wrong_space(path: &str, text: &str, first_line: u32) -> Option<Diagnostic> {
    lines(text, first_line).find_map(|(line, words)| wrong_space(path, line, words))
}

/// What looks like a space and is none: a tab at the start of a line, or the hard space that word
/// processors and web pages put in, there or behind a key.
fn wrong_space(path: &str, line: u32, words: &str) -> Option<Diagnostic> {
    let indent = words.len() - words.trim_start().len();
    let error = |at: usize, message: &str, help: &str| {
        let mut place = place(line, words, at);
        place.length = 1;
        Some(Diagnostic::error(path, message).at(place).help(help))
    };
    if let Some(at) = words[..indent].find('\t') {
        return error(at, "a tab stands at the start of this line", "put two spaces in its place");
    }
    let hard = words.find(['\u{a0}', '\u{202f}'])?;
    let key = words[..hard].trim().strip_suffix(':').unwrap_or_default();
    let behind_key =
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (hard < indent || behind_key).then_some(())?;
    error(
        hard,
        "this is not a plain space, though it looks like one",
        "take it out and type a space in its place",
    )
}

fn lines(text: &str, first_line: u32) -> impl Iterator<Item = (u32, &str)> {
    (first_line..).zip(text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)))
}

/// The first line that is neither a key nor part of one.
fn no_key(path: &str, text: &str, first_line: u32) -> Diagnostic {
    let found = lines(text, first_line).find(|(_, words)| {
        !words.is_empty()
            && !words.starts_with([' ', '#', '-'])
            && !words.contains(": ")
            && !words.ends_with(':')
    });
    let (line, words) =
        found.or_else(|| lines(text, first_line).next()).unwrap_or((first_line, ""));
    let error = Diagnostic::error(path, "this line has no key").at(place(line, words, 0));
    match words.split_once(':') {
        Some((key, value)) if !key.contains(' ') && !key.is_empty() && !value.starts_with(' ') => {
            error.help(format!("put a space behind the colon: `{key}: {value}`"))
        }
        _ => error.help("each line is a key, a colon, a space and a value, such as `title: Rose`"),
    }
}

/// Finds the line that an editor would point at; the reader's own words name no cause.
fn in_plain_words(path: &str, text: &str, first_line: u32, error: yaml::SyntaxError) -> Diagnostic {
    // These come from our own reading, with a place and a way out.
    if error.help.is_some() {
        let diagnostic = Diagnostic::error(path, error.message).at(error.place);
        return diagnostic.help(error.help.unwrap_or_default());
    }
    let value = wrong_value(path, text, first_line);
    let found = layout::misplaced(path, text, first_line).into_iter().chain(value);
    // The earlier one is the cause of what follows.
    let first = found.min_by_key(|fault| fault.place.map_or(0, |place| place.line));
    first.unwrap_or_else(|| {
        Diagnostic::error(path, format!("this cannot be read: {}", error.message))
            .at(error.place)
            .help("each line is a key, a colon, a space and a value, such as `title: Rose`")
    })
}

/// The first line whose value, or whose key, is not written as YAML wants it.
fn wrong_value(path: &str, text: &str, first_line: u32) -> Option<Diagnostic> {
    let mut scalar: Option<usize> = None;
    for (line, words) in lines(text, first_line) {
        let indent = words.len() - words.trim_start().len();
        if words.trim().is_empty() || scalar.is_some_and(|limit| indent > limit) {
            continue;
        }
        scalar = None;
        let item = words.trim_start().strip_prefix("- ").unwrap_or(words.trim_start());
        let from = words.len() - item.len();
        if item.starts_with('#') {
            continue;
        }
        let (key, value) = match item.split_once(':') {
            Some((key, value)) if value.is_empty() || value.starts_with([' ', '\t']) => {
                (&words[..from + key.len() + 1], value.trim())
            }
            _ => ("", item.trim()),
        };
        if value.starts_with(['|', '>']) && value.len() <= 3 {
            scalar = Some(indent);
            continue;
        }
        let start = words.trim_end().len() - value.len();
        let wrong = |message: &str| Diagnostic::error(path, message).at(place(line, words, start));
        let quoted = format!("put the text between quotation marks: `{key} {}`", quote(value));
        if value.starts_with(['“', '”', '„', '‘', '’', '«']) && value.contains([':', '#'])
        {
            let bare = value.trim_matches(['“', '”', '„', '‘', '’', '«', '»']);
            let error = wrong("these quotation marks are not the straight ones");
            return Some(error.help(format!("write `{key} {}`", quote(bare))));
        }
        if let Some(quotation) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            match closing_quote(value, quotation) {
                None if !continues(text, first_line, line, quotation) => {
                    let error = wrong("the quotation mark that opens this text is never closed");
                    return Some(error.help(format!("put a `{quotation}` at its end")));
                }
                Some(end)
                    if !value[end..].trim_start().is_empty()
                        && !value[end..].trim_start().starts_with(['#', ':', ',', ']', '}']) =>
                {
                    let error = wrong("the quotation marks end before the text does");
                    let quoted = quote(without_quotes(value));
                    return Some(error.help(format!("write `{key} {quoted}`")));
                }
                _ => {}
            }
            continue;
        }
        if value.starts_with(['@', '`', '%', '*', '&', '!', ',', ']', '}', '|', '>'])
            || (value.starts_with(['[', '{']) && !value.ends_with([']', '}', ',', '[', '{']))
        {
            let error = wrong("the first character of this text has a meaning of its own");
            return Some(error.help(quoted));
        }
        if !key.is_empty()
            && !value.starts_with(['[', '{', '#'])
            && (value.contains(": ") || value.ends_with(':'))
        {
            return Some(wrong("this text has a colon in it").help(quoted));
        }
        if key.is_empty() && indent == 0 && !words.starts_with(['-', ' ', ']', '}', '"']) {
            let mut diagnostic = no_key(path, item, line);
            diagnostic.place = Some(place(line, words, 0));
            return Some(diagnostic);
        }
    }
    None
}

/// Whether a text that opens on `line` is closed on a later one.
fn continues(text: &str, first_line: u32, line: u32, quotation: char) -> bool {
    lines(text, first_line)
        .skip_while(|(number, _)| *number <= line)
        .take_while(|(_, words)| words.starts_with(' ') || words.is_empty())
        .any(|(_, words)| words.contains(quotation))
}

/// Where a quoted text ends, behind its closing mark.
fn closing_quote(value: &str, quotation: char) -> Option<usize> {
    let mut characters = value.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && quotation == '"' {
            characters.next();
        } else if character == quotation {
            let doubled = characters.peek().is_some_and(|(_, next)| *next == quotation);
            if quotation == '\'' && doubled {
                characters.next();
            } else {
                return Some(at + 1);
            }
        }
    }
    None
}

/// The text between the marks that a person put around the whole of it.
fn without_quotes(value: &str) -> &str {
    let inner = |mark| value.strip_prefix(mark)?.strip_suffix(mark);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

/// Text between quotation marks that it does not hold itself.
fn quote(text: &str) -> String {
    if !text.contains(['"', '\\']) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}
