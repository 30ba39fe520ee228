//! Turns YAML text into nodes that know their places. Pure.
//!
//! `serde_yaml` says what a text means, and gives values without places. `saphyr-parser` says where each of
//! them is, and how it is written ([`spans`]). Where the two see different things, a node has the place of
//! the nearest parent that both see.

mod fast_path;
mod spans;

use spans::{Kind, Written};
use std::borrow::Cow;

/// A place in a text: line and column are 1-based, column and length count characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// The line, 1-based.
    pub line: u32,
    /// The column, 1-based, in characters.
    pub column: u32,
    /// How many characters it spans; at least 1.
    pub length: u32,
}

/// A value, with the place of its key and of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where its value is (its key's place if it has none on the key's line).
    pub place: Place,
    /// A scalar's own characters, if YAML reads them as something else than text that says less: `1.10` is
    /// the number 1.1.
    pub written: Option<String>,
}

/// What a node holds. Tags and non-string keys are refused by [`parse`].
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Text. A date is text too.
    String(String),
    /// A list, in its order.
    List(Vec<Node>),
    /// Keys and values, in the order of the text.
    Map(Vec<Entry>),
}

/// One key of a map and what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_place: Place,
    /// What it holds.
    pub node: Node,
}

/// Text that is not YAML, or YAML that we do not take.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntaxError {
    /// Where.
    pub place: Place,
    /// What is wrong, lower case, without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Value {
    /// The word for this kind in an error text.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Bool(_) => "yes or no (`true` or `false`)",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::String(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a group of keys",
        }
    }
}

impl Node {
    /// The entries of a map, or `None` for anything else.
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entry of a map under `key`.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries()?.iter().find(|entry| entry.key == key)
    }

    /// The text, where this is text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The characters of a scalar, whatever YAML reads them as; `None` for a list, a map and nothing.
    pub fn characters(&self) -> Option<Cow<'_, str>> {
        if let Some(written) = &self.written {
            return Some(Cow::Borrowed(written));
        }
        match &self.value {
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Bool(flag) => Some(Cow::Owned(flag.to_string())),
            Value::Integer(number) => Some(Cow::Owned(number.to_string())),
            Value::Float(number) => Some(Cow::Owned(number.to_string())),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }
}

/// Parses one YAML document. `first_line` is the number of the text's first line in its file
/// (1 for a whole file; 2 for the lines between the dashes of a page).
///
/// # Errors
/// Text that is not YAML, more than one document, keys that are not text, tags; a duplicate key; text that
/// begins like an anchor, of which YAML would leave out a word.
/// Depth and aliases are bounded: by `serde_yaml` (128 levels; its repetition limit), and, since its
/// time grows with the square of the depth, before it begins.
pub fn parse(text: &str, first_line: u32) -> Result<Node, SyntaxError> {
    if let Some(node) = fast_path::parse(text, first_line) {
        return Ok(node);
    }
    if let Some(error) = too_deep(text, first_line) {
        return Err(error);
    }
    parse_all(text, first_line)
}

/// The same by the reader of all of YAML.
fn parse_all(text: &str, first_line: u32) -> Result<Node, SyntaxError> {
    let document = spans::document(text, first_line);
    let value: serde_yaml::Value = serde_yaml::from_str(text)
        .map_err(|error| syntax_error(&error, document.top.as_ref(), first_line))?;
    if let Some(error) = document.left_out {
        return Err(error);
    }
    let top = Place { line: first_line, column: 1, length: 1 };
    Ok(Node { place: top, ..convert(value, document.top.as_ref(), top)? })
}

/// The node of a value, and of how it is written. `parent` is the place of what it is in.
fn convert(
    value: serde_yaml::Value,
    written: Option<&Written>,
    parent: Place,
) -> Result<Node, SyntaxError> {
    let place = written.and_then(|written| written.place).unwrap_or(parent);
    let characters = match written.map(|written| &written.kind) {
        Some(Kind::Plain(characters)) => characters.as_str(),
        _ => "",
    };
    // Of what the two parsers see differently, the characters would be those of something else.
    let own = |usual: &str| {
        (!characters.is_empty() && characters != usual).then(|| characters.to_owned())
    };
    let (value, written) = match value {
        serde_yaml::Value::Null => (Value::Null, own("~")),
        serde_yaml::Value::Bool(flag) => (Value::Bool(flag), own(&flag.to_string())),
        serde_yaml::Value::Number(number) => match number.as_i64() {
            // A number would lose characters: `+44` its sign, `0x10` all of them.
            Some(integer) => match own(&integer.to_string()) {
                Some(characters) => (Value::String(characters), None),
                None => (Value::Integer(integer), None),
            },
            None => {
                let float = number.as_f64().unwrap_or(f64::INFINITY);
                (Value::Float(float), own(&float.to_string()))
            }
        },
        serde_yaml::Value::String(text) => (Value::String(text), None),
        serde_yaml::Value::Sequence(items) => (Value::List(list(items, written, place)?), None),
        serde_yaml::Value::Mapping(mapping) => (Value::Map(map(mapping, written, place)?), None),
        serde_yaml::Value::Tagged(tagged) => {
            return Err(SyntaxError {
                place,
                message: format!("`{}` is a tag, and tags are not used here", tagged.tag),
                help: Some("put the text between quotation marks".to_owned()),
            });
        }
    };
    Ok(Node { value, place, written })
}

fn list(
    items: Vec<serde_yaml::Value>,
    written: Option<&Written>,
    place: Place,
) -> Result<Vec<Node>, SyntaxError> {
    let known = match written.map(|written| &written.kind) {
        Some(Kind::List(known)) if known.len() == items.len() => known.as_slice(),
        _ => &[],
    };
    let item = |(index, item)| convert(item, known.get(index), place);
    items.into_iter().enumerate().map(item).collect()
}

fn map(
    mapping: serde_yaml::Mapping,
    written: Option<&Written>,
    place: Place,
) -> Result<Vec<Entry>, SyntaxError> {
    let known = match written.map(|written| &written.kind) {
        Some(Kind::Map(known)) if known.len() == mapping.len() => known.as_slice(),
        _ => &[],
    };
    let mut entries = Vec::with_capacity(mapping.len());
    for (index, (key, value)) in mapping.into_iter().enumerate() {
        let known = known.get(index);
        let key_place = known.and_then(|(key, _)| key.place).unwrap_or(place);
        let key = match key {
            serde_yaml::Value::String(key) => key,
            serde_yaml::Value::Bool(flag) => flag.to_string(),
            serde_yaml::Value::Number(number) => number.to_string(),
            _ => {
                return Err(SyntaxError {
                    place: key_place,
                    message: "a key must be text".to_owned(),
                    help: Some("write the key as a plain word followed by a colon".to_owned()),
                });
            }
        };
        let node = convert(value, known.map(|(_, value)| value), key_place)?;
        entries.push(Entry { key, key_place, node });
    }
    Ok(entries)
}

fn syntax_error(
    error: &serde_yaml::Error,
    document: Option<&Written>,
    first_line: u32,
) -> SyntaxError {
    let said = error.to_string();
    if said.contains("duplicate entry")
        && let Some((key, place, earlier)) = document.and_then(Written::duplicate)
    {
        return SyntaxError {
            place,
            message: format!("`{key}` is given twice"),
            help: Some(format!("it is already on line {earlier}; keep one of the two")),
        };
    }
    let place =
        error.location().map_or(Place { line: first_line, column: 1, length: 1 }, |location| {
            Place {
                line: u32::try_from(location.line()).unwrap_or(1).max(1) - 1 + first_line,
                column: u32::try_from(location.column()).unwrap_or(1).max(1),
                length: 1,
            }
        });
    // It holds integers of up to 64 bits.
    if said.contains("invalid type: integer") {
        return SyntaxError {
            place,
            message: "this number has too many digits".to_owned(),
            help: Some("put it between quotation marks".to_owned()),
        };
    }
    // The library's message ends in its own "at line L column C", which counts from the text.
    let message = match said.rfind(" at line ") {
        Some(end) => said[..end].to_owned(),
        None => said,
    };
    SyntaxError { place, message, help: None }
}

/// Where more is open than any list needs: brackets, or items within items on one line.
fn too_deep(text: &str, first_line: u32) -> Option<SyntaxError> {
    const DEEPEST: usize = 100;
    let mut depth = 0usize;
    for (number, line) in (first_line..).zip(text.split('\n')) {
        let error = |at: usize, message: &str, help: &str| {
            let column = u32::try_from(line[..at].chars().count() + 1).unwrap_or(u32::MAX);
            let place = Place { line: number, column, length: 1 };
            Some(SyntaxError { place, message: message.to_owned(), help: Some(help.to_owned()) })
        };
        let is_mark = |word: &&str| matches!(*word, "-" | "?");
        if line.split([' ', '\t']).filter(|word| !word.is_empty()).take_while(is_mark).count()
            > DEEPEST
        {
            let at = line.len() - line.trim_start().len();
            let help = "put the text between quotation marks; three hyphens make a line";
            return error(at, "too many items begin on this line", help);
        }
        for (at, byte) in line.bytes().enumerate() {
            match byte {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > DEEPEST {
                let help = "put text that has brackets in it between quotation marks";
                return error(at, "too many brackets are open here", help);
            }
        }
    }
    None
}

fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(node: &Node) -> (u32, u32) {
        (node.place.line, node.place.column)
    }

    #[test]
    fn every_key_and_item_of_the_block_style_knows_its_place() {
        let text = "title: Rose\nimage:\n  src: a.jpg\n  alt: A daisy\nfields:\n- name: email\n  kind: email\n- name: phone\n  choices:\n    - one\n    - two\nend: 3\n";
        let node = parse(text, 2).unwrap();
        assert_eq!(at(&node.get("title").unwrap().node), (2, 8));
        let image = &node.get("image").unwrap().node;
        assert_eq!(at(&image.get("alt").unwrap().node), (5, 8));
        let Value::List(fields) = &node.get("fields").unwrap().node.value else { panic!() };
        assert_eq!(at(&fields[0].get("kind").unwrap().node), (8, 9));
        assert_eq!(fields[1].get("name").unwrap().key_place.line, 9);
        let Value::List(choices) = &fields[1].get("choices").unwrap().node.value else { panic!() };
        assert_eq!(at(&choices[1]), (12, 7));
        assert_eq!(at(&node.get("end").unwrap().node), (13, 6));
    }

    #[test]
    fn a_block_scalar_is_no_keys() {
        let text = "a: |\n  b: no key\n  c: none\nd: 1\n";
        let node = parse(text, 1).unwrap();
        assert_eq!(node.entries().unwrap().len(), 2);
        assert_eq!(at(&node.get("d").unwrap().node), (4, 4));
    }

    #[test]
    fn flow_style_knows_its_places() {
        let node = parse("a: 1\nlist: [x, {y: 2}]\n", 1).unwrap();
        let Value::List(items) = &node.get("list").unwrap().node.value else { panic!() };
        assert_eq!(at(&items[1].get("y").unwrap().node), (2, 15));
        assert_eq!(items[1].get("y").unwrap().key_place.column, 12);
    }

    /// The texts under `a`, or in the list there.
    fn texts(text: &str) -> Vec<String> {
        let node = parse(text, 1).unwrap();
        let node = &node.get("a").unwrap().node;
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        items.iter().map(|item| item.characters().unwrap_or_default().into_owned()).collect()
    }

    #[test]
    fn a_text_is_its_own_characters() {
        for written in [
            "+5",
            "-5",
            "5",
            "005",
            "0x10",
            "0o17",
            "0b11",
            "1_000",
            "1.10",
            "1e3",
            "+1.0",
            "-0",
            "+441632960123",
            ".5",
            ".inf",
            ".nan",
            "true",
            "True",
            "yes",
            "no",
            "null",
            "Null",
            "NULL",
            "2020-05-21",
            "12:30",
            "1.2.3",
            "~5",
        ] {
            for (text, found) in [
                (format!("a: {written}\n"), vec![written]),
                (format!("a: {written} # why\nb: 1\n"), vec![written]),
                (format!("a:\n  - {written}\n  - {written}\n"), vec![written, written]),
                (format!("a: [{written}, {written}]\n"), vec![written, written]),
                (format!("a: '{written}'\n"), vec![written]),
                (format!("a: \"{written}\"\n"), vec![written]),
            ] {
                assert_eq!(texts(&text), found, "{text}");
            }
        }
        let error = parse("a: 99999999999999999999\n", 1).unwrap_err();
        assert_eq!(
            (error.place.line, error.message.as_str()),
            (1, "this number has too many digits")
        );
        assert_eq!(texts("a: ~\n"), [""]);
        assert_eq!(texts("a:\n"), [""]);
        assert_eq!(
            parse("a: +5\n", 1).unwrap().get("a").unwrap().node.value,
            Value::String("+5".into())
        );
        assert_eq!(parse("a: -5\n", 1).unwrap().get("a").unwrap().node.value, Value::Integer(-5));
    }

    #[test]
    fn a_word_that_yaml_would_leave_out_is_an_error_at_its_place() {
        for (text, column, word, help) in [
            ("a: 1\nb: &more about \"this\"\n", 4, "`&more`", "`\"&more about \\\"this\\\"\"`"),
            ("a: 1\nb: [x, &y z]\n", 8, "`&y`", "`\"&y z]\"`"),
            ("a: 1\nb: !now or never\n", 4, "`!now`", "quotation marks"),
        ] {
            let error = parse(text, 5).unwrap_err();
            assert_eq!((error.place.line, error.place.column), (6, column), "{text}: {error:?}");
            assert!(error.message.contains(word), "{text}: {error:?}");
            assert!(
                error.help.as_ref().is_some_and(|given| given.contains(help)),
                "{text}: {error:?}"
            );
        }
        for text in
            ["a: &x y\nb: *x\n", "a: &x\n  b: 1\nc: *x\n", "a: x & y\nb: x * y\n", "a: '&x'\n"]
        {
            assert!(parse(text, 1).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_duplicate_is_shown_at_its_second_place() {
        let error = parse("title: a\ndate: b\ntitle: c\n", 2).unwrap_err();
        assert_eq!((error.place.line, error.message.as_str()), (4, "`title` is given twice"));
    }

    #[test]
    fn a_syntax_error_has_a_line_of_the_file() {
        let error = parse("title: a: b\n", 2).unwrap_err();
        assert_eq!(error.place.line, 2);
        assert!(!error.message.contains("at line"));
    }

    #[test]
    fn ten_thousand_keys_are_scanned_in_linear_time() {
        let text: String = (0..10_000).map(|n| format!("key{n}:\n  - a\n")).collect();
        assert_eq!(parse(&text, 1).unwrap().entries().unwrap().len(), 10_000);
    }
}
