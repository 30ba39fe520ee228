//! Parses YAML into nodes.
//!
//! `serde_yaml` determines what a text means and gives values without places; [`spans`] says where each of them is and
//! how it is written. Where the two see different things, a node has the place of its nearest parent that both see.

use crate::explain;
use crate::fast_path;
use crate::limits;
use crate::place::{char_count, to_u32};
use crate::spans::{self, Kind, Span};
use crate::{Entry, Node, Place, Problem, SyntaxError, Value};

/// A parsed text.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The value of the whole text.
    pub root: Node,
    /// What is valid YAML and most likely does not say what was meant, in the order of the text.
    pub warnings: Vec<Problem>,
}

/// Parses one YAML document. `first_line` is the number of the text's first line in its file.
///
/// # Errors
/// The first thing that keeps the text from being read: text that is not YAML, tags, keys that are not text, duplicate
/// keys, anchors that nothing refers to, hyphens and colons without the space that they need.
/// Depth is limited to 100 open brackets, and to `serde_yaml`'s 128 levels; aliases to its repetition limit.
pub fn parse(text: &str, first_line: u32) -> Result<Document, Problem> {
    let document = parse_unchecked(text, first_line)
        .map_err(|(place, error)| explain::syntax_error(text, first_line, place, error))?;
    match explain::misread(text, first_line, &document.root) {
        Some(problem) => Err(problem),
        None => Ok(document),
    }
}

/// Parses a map of keys. A text without any is an empty map.
///
/// # Errors
/// As [`parse`]; text that is a list or a scalar.
pub fn parse_map(text: &str, first_line: u32) -> Result<Document, Problem> {
    let mut document = parse(text, first_line)?;
    match document.root.value {
        Value::Map(_) => Ok(document),
        Value::Null => {
            document.root.value = Value::Map(Vec::new());
            Ok(document)
        }
        _ => Err(explain::not_a_map(text, first_line)),
    }
}

/// An error with its place.
type Error = (Place, SyntaxError);

fn parse_unchecked(text: &str, first_line: u32) -> Result<Document, Error> {
    if let Some(root) = fast_path::parse(text, first_line) {
        return Ok(Document { root, warnings: Vec::new() });
    }
    limits::check(text, first_line)?;
    parse_in_full(text, first_line)
}

/// The same without the fast path.
pub(crate) fn parse_in_full(text: &str, first_line: u32) -> Result<Document, Error> {
    let spans = spans::read(text, first_line);
    let value: serde_yaml::Value = serde_yaml::from_str(text)
        .map_err(|error| syntax_error(&error, text, spans.root.as_ref(), first_line))?;
    if let Some(error) = spans.unused_anchor {
        return Err(error);
    }
    let start = Place { line: first_line, ..Place::START };
    let root = Node { place: start, ..node(value, spans.root.as_ref(), start)? };
    Ok(Document { root, warnings: spans.warnings })
}

/// Joins a value and its span. `parent` is the place of what it is in.
fn node(value: serde_yaml::Value, span: Option<&Span>, parent: Place) -> Result<Node, Error> {
    let place = span.and_then(|span| span.place).unwrap_or(parent);
    let characters = match span.map(|span| &span.kind) {
        Some(Kind::Plain(characters)) if !characters.contains(YAML_1_1_BREAKS) => characters,
        _ => "",
    };
    // The characters of a scalar, unless they are those that its value is written with anyway.
    let source = |usual: &str| {
        (!characters.is_empty() && characters != usual).then(|| characters.to_owned())
    };
    let (value, source) = match value {
        serde_yaml::Value::Null => (Value::Null, source("~")),
        serde_yaml::Value::Bool(flag) => (Value::Bool(flag), source(&flag.to_string())),
        serde_yaml::Value::Number(number) => match number.as_i64() {
            // A number would lose characters: `+44` its sign, `0x10` all of them.
            Some(integer) => match source(&integer.to_string()) {
                Some(characters) => (Value::String(characters), None),
                None => (Value::Integer(integer), None),
            },
            None => {
                let float = number.as_f64().unwrap_or(f64::INFINITY);
                (Value::Float(float), source(&float.to_string()))
            }
        },
        serde_yaml::Value::String(text) => (Value::String(text), None),
        serde_yaml::Value::Sequence(items) => (Value::List(list(items, span, place)?), None),
        serde_yaml::Value::Mapping(mapping) => (Value::Map(map(mapping, span, place)?), None),
        serde_yaml::Value::Tagged(tagged) => {
            return Err((place, SyntaxError::Tag(tagged.tag.to_string())));
        }
    };
    Ok(Node { value, place, source })
}

fn list(
    items: Vec<serde_yaml::Value>,
    span: Option<&Span>,
    place: Place,
) -> Result<Vec<Node>, Error> {
    let spans = match span.map(|span| &span.kind) {
        Some(Kind::List(spans)) if spans.len() == items.len() => spans.as_slice(),
        _ => &[],
    };
    let item = |(index, item)| node(item, spans.get(index), place);
    items.into_iter().enumerate().map(item).collect()
}

fn map(
    mapping: serde_yaml::Mapping,
    span: Option<&Span>,
    place: Place,
) -> Result<Vec<Entry>, Error> {
    let spans = match span.map(|span| &span.kind) {
        Some(Kind::Map(spans)) if spans.len() == mapping.len() => spans.as_slice(),
        _ => &[],
    };
    let mut entries = Vec::with_capacity(mapping.len());
    for (index, (key, value)) in mapping.into_iter().enumerate() {
        let (key_span, value_span) = spans.get(index).map(|(key, value)| (key, value)).unzip();
        let key_place = key_span.and_then(|key| key.place).unwrap_or(place);
        let key = match key {
            serde_yaml::Value::String(key) => key,
            serde_yaml::Value::Bool(flag) => flag.to_string(),
            serde_yaml::Value::Number(number) => number.to_string(),
            _ => return Err((key_place, SyntaxError::KeyNotText)),
        };
        let node = node(value, value_span, key_place)?;
        entries.push(Entry { key, key_place, node });
    }
    Ok(entries)
}

/// Characters that end a line for `serde_yaml` (YAML 1.1), and are part of a text for the parser with places (YAML 1.2).
const YAML_1_1_BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// Turns an error of `serde_yaml` into ours.
fn syntax_error(
    error: &serde_yaml::Error,
    text: &str,
    root: Option<&Span>,
    first_line: u32,
) -> Error {
    let message = error.to_string();
    if message.contains("duplicate entry")
        && let Some((key, place, earlier_line)) = root.and_then(Span::duplicate)
    {
        return (place, SyntaxError::DuplicateKey { key, earlier_line });
    }
    let at = error.location().map_or(0, |location| location.index());
    let place = place_at(text, first_line, at);
    // `serde_yaml` reads integers of up to 64 bits.
    if message.contains("invalid type: integer") {
        return (place, SyntaxError::TooManyDigits);
    }
    if let Some(error) = unfinished_line(&message, text, first_line, at) {
        return error;
    }
    // The message ends in a place of its own, "at line L column C".
    let message = message.rfind(" at line ").map_or(message.as_str(), |end| &message[..end]);
    (place, SyntaxError::Malformed(message.to_owned()))
}

/// An error that the parser finds only on a later line than the one that is wrong: a line without a colon, where there
/// has to be a key, and a list or a map whose bracket is not closed before the next key.
fn unfinished_line(message: &str, text: &str, first_line: u32, at: usize) -> Option<Error> {
    let (line, column) = context(message)?;
    let source = text.split('\n').nth(line)?;
    let from = source.char_indices().nth(column).map_or(source.len(), |(from, _)| from);
    let place = Place::in_line(first_line + to_u32(line), source, from);
    if message.contains("expected ':'") {
        return Some((place, SyntaxError::NoColon));
    }
    let found_on = &text[text[..at].rfind('\n').map_or(0, |end| end + 1)..];
    let is_next_key = found_on.split_once(':').is_some_and(|(key, _)| explain::is_key_word(key));
    let closing = match source[from..].chars().next()? {
        '[' => ']',
        '{' => '}',
        _ => return None,
    };
    is_next_key.then_some((Place { length: 1, ..place }, SyntaxError::NotClosed(closing)))
}

/// The line and column, both 0-based, where what the parser was reading begins: at the end of its message, "while … at
/// line L column C".
fn context(message: &str) -> Option<(usize, usize)> {
    let (_, context) = message.rsplit_once(", while ")?;
    let (line, column) = context.rsplit_once(" at line ")?.1.split_once(" column ")?;
    let number = |number: &str| number.parse::<usize>().ok()?.checked_sub(1);
    Some((number(line)?, number(column)?))
}

/// The place of a byte of a text. The parser's own line numbers count other characters as ends of lines too.
fn place_at(text: &str, first_line: u32, at: usize) -> Place {
    let before = &text[..text.floor_char_boundary(at)];
    let line = before.rsplit('\n').next().unwrap_or_default();
    Place {
        line: first_line + to_u32(before.matches('\n').count()),
        column: char_count(line) + 1,
        length: 1,
    }
}
