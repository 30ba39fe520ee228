//! Finds the lines between the dashes, and says in plain words what is wrong with them. Pure.

use std::ops::Range;

use daisychain_functions::yaml::{self, Node, Place};

use crate::diagnostic::Diagnostic;

/// What a file consists of.
pub(super) struct Parts {
    /// The bytes between the two lines of dashes, where there are any.
    pub(super) front: Option<Range<usize>>,
    /// The number of the first of those lines.
    pub(super) front_line: u32,
    /// Where the markdown begins.
    pub(super) body: usize,
}

/// The byte order mark that some programs put before a text.
const MARK: char = '\u{feff}';

/// More than anyone writes by hand; what is longer was not meant to stand there.
const LONGEST: usize = 100_000;

/// Splits a file into the lines between the dashes and the rest.
pub(super) fn split(
    path: &str,
    text: &str,
    known: &dyn Fn(&str) -> bool,
) -> Result<Parts, Box<Diagnostic>> {
    let mark = text.len() - text.trim_start_matches(MARK).len();
    let none = Parts { front: None, front_line: 1, body: mark };
    let mut lines = Lines { text, at: mark, number: 0 };
    let Some(first) = lines.by_ref().find(|line| !line.words.trim().is_empty()) else {
        return Ok(none);
    };
    if first.words.trim_end() != "---" {
        return unopened(path, &first, lines, known).map_or(Ok(none), |error| Err(Box::new(error)));
    }
    let start = lines.at;
    let mut likely_end = None;
    while let Some(line) = lines.next() {
        let words = line.words.trim_end();
        if words == "---" {
            let front = start..line.start;
            if front.len() > LONGEST {
                let error = Diagnostic::error(path, "too much stands between the dashes")
                    .at(first.place())
                    .help("the page's own words belong beneath the second line of dashes");
                return Err(Box::new(error));
            }
            return Ok(Parts { front: Some(front), front_line: first.number + 1, body: lines.at });
        }
        if !words.starts_with(' ') && is_dashes(words) {
            return Err(Box::new(Diagnostic::error(path, "this line of dashes is not `---`")
                .at(line.place())
                .help("write three hyphens and nothing else: some programs turn them into a long dash")));
        }
        if likely_end.is_none() && !looks_like_front_matter(words) {
            likely_end = Some(line.number);
        }
    }
    let end = likely_end.unwrap_or(lines.number.max(first.number) + 1);
    Err(Box::new(
        Diagnostic::error(path, "the lines between the dashes have no end")
            .at(first.place())
            .label("they begin here")
            .help(format!("add a line of three hyphens, `---`, above line {end}")),
    ))
}

/// A file that does not begin with `---`, though it was meant to.
fn unopened(
    path: &str,
    first: &Line,
    rest: Lines,
    known: &dyn Fn(&str) -> bool,
) -> Option<Diagnostic> {
    let words = first.words.trim();
    let key =
        |words: &str| words.split_once(':').is_some_and(|(key, _)| known(&key.to_lowercase()));
    let error = |message: &str| Diagnostic::error(path, message).at(first.place());
    if words == "+++" {
        return Some(
            error("`+++` is not used here")
                .help("write three hyphens, `---`, and beneath them lines such as `title: Rose`"),
        );
    }
    let next = rest.map(|line| line.words).find(|words| !words.trim().is_empty());
    if is_dashes(words) && next.is_some_and(key) {
        return Some(error("this line of dashes is not `---`").help(
            "write three hyphens and nothing else: some programs turn them into a long dash",
        ));
    }
    key(words).then(|| {
        error("the line of dashes above this is missing")
            .help("add a line of three hyphens, `---`, as the first line of the file")
    })
}

/// Whether a line is made of dashes of any kind, but is not exactly three hyphens at its start.
fn is_dashes(words: &str) -> bool {
    let words = words.trim();
    let dash = |c: char| matches!(c, '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let long = |c: char| dash(c) && c != '-';
    !words.is_empty()
        && words.chars().all(|c| dash(c) || c == ' ')
        && (words.contains(long) || words.chars().filter(|c| *c == '-').count() >= 2)
}

fn looks_like_front_matter(words: &str) -> bool {
    let trimmed = words.trim_start();
    trimmed.is_empty()
        || trimmed.len() < words.len()
        || trimmed.starts_with(['#', '-', '[', ']', '{', '}'])
        || trimmed.split_once(':').is_some_and(|(key, _)| !key.is_empty() && !key.contains(' '))
}

struct Line<'a> {
    start: usize,
    number: u32,
    words: &'a str,
}

impl Line<'_> {
    fn place(&self) -> Place {
        place(self.number, self.words, 0)
    }
}

/// The lines of a text, without their ends.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    number: u32,
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.at >= self.text.len() {
            return None;
        }
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest.find('\n').unwrap_or(rest.len());
        self.at = (start + length + 1).min(self.text.len());
        self.number += 1;
        let words = &rest[..length];
        let words = words.strip_suffix('\r').unwrap_or(words);
        Some(Line { start, number: self.number, words })
    }
}

/// The place of what stands on a line from the byte `from` on.
fn place(line: u32, words: &str, from: usize) -> Place {
    let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX - 1);
    let length = count(words[from..].trim()).max(1);
    Place { line, column: count(&words[..from]) + 1, length }
}

/// Reads keys and values that people wrote, and says in plain words what is wrong with them.
pub(crate) fn read_yaml(path: &str, text: &str, first_line: u32) -> Result<Node, Box<Diagnostic>> {
    if let Some(error) =
        lines(text, first_line).find_map(|(line, words)| wrong_space(path, line, words))
    {
        return Err(Box::new(error));
    }
    if let Some((line, words, at)) = too_deep(text, first_line) {
        let mut place = place(line, words, at);
        place.length = 1;
        return Err(Box::new(
            Diagnostic::error(path, "too many brackets are open here")
                .at(place)
                .help("put text that has brackets in it between quotation marks"),
        ));
    }
    yaml::parse(text, first_line)
        .map_err(|error| Box::new(in_plain_words(path, text, first_line, error)))
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

/// Reads the lines between the dashes.
pub(super) fn read(path: &str, text: &str, first_line: u32) -> Result<Node, Box<Diagnostic>> {
    let node = read_yaml(path, text, first_line)?;
    match node.value {
        yaml::Value::Map(_) => Ok(node),
        yaml::Value::Null => Ok(Node { value: yaml::Value::Map(Vec::new()), place: node.place }),
        _ => Err(Box::new(no_key(path, text, first_line))),
    }
}

fn lines(text: &str, first_line: u32) -> impl Iterator<Item = (u32, &str)> {
    (first_line..).zip(text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)))
}

/// Where more brackets are open than any list needs: reading them costs the square of their number.
fn too_deep(text: &str, first_line: u32) -> Option<(u32, &str, usize)> {
    const DEEPEST: usize = 100;
    let mut depth = 0usize;
    lines(text, first_line).find_map(|(line, words)| {
        let at = words.bytes().position(|byte| {
            match byte {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth > DEEPEST
        })?;
        Some((line, words, at))
    })
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
        let inner = without_quotes(value);
        let quoted = format!("put the text between quotation marks: `{key} {}`", quote(inner));
        if value.starts_with(['“', '”', '„', '‘', '’', '«']) && value.contains([':', '#'])
        {
            let bare = value.trim_matches(['“', '”', '„', '‘', '’', '«', '»']);
            return wrong("these quotation marks are not the straight ones")
                .help(format!("write `{key} {}`", quote(bare)));
        }
        if let Some(quotation) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            match closing_quote(value, quotation) {
                None if !continues(text, first_line, line, quotation) => {
                    return wrong("the quotation mark that opens this text is never closed")
                        .help(format!("put a `{quotation}` at its end"));
                }
                Some(end)
                    if !value[end..].trim_start().is_empty()
                        && !value[end..].trim_start().starts_with(['#', ':', ',', ']', '}']) =>
                {
                    return wrong("the quotation marks end before the text does")
                        .help(format!("write `{key} {}`", quote(inner)));
                }
                _ => {}
            }
            continue;
        }
        if value.starts_with(['@', '`', '%', '*', '&', '!', ',', ']', '}', '|', '>'])
            || (value.starts_with(['[', '{']) && !value.ends_with([']', '}', ',', '[', '{']))
        {
            return wrong("the first character of this text has a meaning of its own").help(quoted);
        }
        if !key.is_empty()
            && !value.starts_with(['[', '{', '#'])
            && (value.contains(": ") || value.ends_with(':'))
        {
            return wrong("this text has a colon in it").help(quoted);
        }
        if key.is_empty() && indent == 0 && !words.starts_with(['-', ' ', ']', '}', '"']) {
            let mut diagnostic = no_key(path, item, line);
            diagnostic.place = Some(place(line, words, 0));
            return diagnostic;
        }
    }
    Diagnostic::error(path, format!("this cannot be read: {}", error.message))
        .at(error.place)
        .help("each line is a key, a colon, a space and a value, such as `title: Rose`")
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
