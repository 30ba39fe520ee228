//! Turns YAML text into nodes that know where they stand. Pure.
//!
//! The one room that uses `serde_yaml`. That crate gives values without places, and stops at its
//! first error; so a scan of the text's lines finds where each key of the block style stands. The
//! scan never decides a value: where it does not follow (flow style, anchors), a node takes the
//! place of the nearest parent that it did find.

mod plain;

use std::collections::HashMap;

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
    /// Where its value stands (its key's place where the value could not be found).
    pub place: Place,
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
}

/// Parses one YAML document. `first_line` is the number of the text's first line in its file
/// (1 for a whole file; 2 for the lines between the dashes of a page).
///
/// # Errors
/// Text that is not YAML, more than one document, keys that are not text, tags; a duplicate key.
/// Depth and aliases are bounded: by `serde_yaml` (128 levels; its repetition limit), and, since its
/// time grows with the square of the depth, before it begins.
pub fn parse(text: &str, first_line: u32) -> Result<Node, SyntaxError> {
    if let Some(node) = plain::parse(text, first_line) {
        return Ok(node);
    }
    if let Some(error) = too_deep(text, first_line) {
        return Err(error);
    }
    let places = Scan::new(text, first_line).run();
    let value: serde_yaml::Value =
        serde_yaml::from_str(text).map_err(|error| syntax_error(&error, &places, first_line))?;
    let top = Place { line: first_line, column: 1, length: 1 };
    convert(value, &mut Vec::new(), &places, top)
}

/// The place of every key and list item that the scan followed, by its path from the top.
#[derive(Default)]
struct Places {
    keys: HashMap<Vec<Step>, (Place, Option<Place>)>,
    duplicates: Vec<(String, Place, u32)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    Key(String),
    Item(usize),
}

fn convert(
    value: serde_yaml::Value,
    path: &mut Vec<Step>,
    places: &Places,
    parent: Place,
) -> Result<Node, SyntaxError> {
    let found = places.keys.get(path.as_slice()).copied();
    let place = found.map_or(parent, |(key, value)| value.unwrap_or(key));
    let refuse = |message: String, help: &str| {
        Err(SyntaxError { place, message, help: Some(help.to_owned()) })
    };
    let value = match value {
        serde_yaml::Value::Null => Value::Null,
        serde_yaml::Value::Bool(flag) => Value::Bool(flag),
        serde_yaml::Value::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => Value::Float(number.as_f64().unwrap_or(f64::INFINITY)),
        },
        serde_yaml::Value::String(text) => Value::String(text),
        serde_yaml::Value::Sequence(items) => {
            let mut nodes = Vec::with_capacity(items.len());
            for (index, item) in items.into_iter().enumerate() {
                path.push(Step::Item(index));
                let node = convert(item, path, places, place);
                path.pop();
                nodes.push(node?);
            }
            Value::List(nodes)
        }
        serde_yaml::Value::Mapping(mapping) => {
            let mut entries = Vec::with_capacity(mapping.len());
            for (key, value) in mapping {
                let key = match key {
                    serde_yaml::Value::String(key) => key,
                    serde_yaml::Value::Bool(flag) => flag.to_string(),
                    serde_yaml::Value::Number(number) => number.to_string(),
                    _ => {
                        return refuse(
                            "a key must be text".to_owned(),
                            "write the key as a plain word followed by a colon",
                        );
                    }
                };
                path.push(Step::Key(key.clone()));
                let key_place =
                    places.keys.get(path.as_slice()).map_or(place, |(key_place, _)| *key_place);
                let node = convert(value, path, places, key_place);
                path.pop();
                entries.push(Entry { key, key_place, node: node? });
            }
            Value::Map(entries)
        }
        serde_yaml::Value::Tagged(tagged) => {
            return refuse(
                format!("`{}` is a tag, and tags are not used here", tagged.tag),
                "put the text between quotation marks",
            );
        }
    };
    Ok(Node { value, place })
}

fn syntax_error(error: &serde_yaml::Error, places: &Places, first_line: u32) -> SyntaxError {
    let text = error.to_string();
    if text.contains("duplicate entry")
        && let Some((key, place, earlier)) = places.duplicates.first()
    {
        return SyntaxError {
            place: *place,
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
    // The library's message ends in its own "at line L column C", which counts from the text.
    let message = match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    };
    SyntaxError { place, message, help: None }
}

/// How deep `serde_yaml` reads.
const DEEPEST: usize = 128;

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

/// Follows the indentation of block-style YAML and notes where keys, items and values begin.
struct Scan<'a> {
    text: &'a str,
    first_line: u32,
    levels: Vec<Level>,
    places: Places,
}

/// An open container: its indentation (twice, plus one for a list), its path, and where it is.
struct Level {
    indent: usize,
    path: Vec<Step>,
    next_item: usize,
    last_key: Option<String>,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str, first_line: u32) -> Self {
        Scan { text, first_line, levels: Vec::new(), places: Places::default() }
    }

    fn run(mut self) -> Places {
        // Lines of a block scalar (`key: |`) are deeper than its key and are no keys.
        let mut scalar_indent: Option<usize> = None;
        for (number, line) in (self.first_line..).zip(self.text.split('\n')) {
            let content = line.trim_start_matches(' ');
            let indent = line.len() - content.len();
            let bare = content.trim_end();
            if bare.is_empty() || bare.starts_with('#') {
                continue;
            }
            if let Some(limit) = scalar_indent {
                if indent > limit {
                    continue;
                }
                scalar_indent = None;
            }
            if self.line(content, indent, number) {
                scalar_indent = Some(indent);
            }
        }
        self.places
    }

    /// Notes what one line opens; true where its value is a block scalar.
    fn line(&mut self, mut content: &str, mut indent: usize, number: u32) -> bool {
        loop {
            // Deeper than the reader goes: it refuses the text, and each level copies its path.
            if self.levels.len() > DEEPEST {
                return false;
            }
            let item = content == "-" || content.starts_with("- ") || content.starts_with("-\r");
            // A list may stand at the same indentation as the key that holds it.
            let slot = indent * 2 + usize::from(item);
            while self.levels.last().is_some_and(|level| level.indent > slot) {
                self.levels.pop();
            }
            if self.levels.last().is_none_or(|level| level.indent < slot) {
                let path = self.open_path();
                self.levels.push(Level { indent: slot, path, next_item: 0, last_key: None });
            }
            if !item {
                return self.key(content, indent, number);
            }
            let level = self.levels.last_mut().expect("a level was just pushed");
            let mut path = level.path.clone();
            path.push(Step::Item(level.next_item));
            level.next_item += 1;
            let rest = content[1..].trim_start_matches(' ');
            let column = indent + (content.len() - rest.len());
            let place = place_of(number, column, rest);
            self.places.keys.insert(path.clone(), (place, Some(place)));
            if rest.trim().is_empty() {
                return false;
            }
            content = rest;
            indent = column;
            if split_key(content).is_none() && !content.starts_with("- ") {
                return is_block_scalar(content);
            }
        }
    }

    /// The path of a container that opens inside the innermost open one.
    fn open_path(&self) -> Vec<Step> {
        let Some(level) = self.levels.last() else {
            return Vec::new();
        };
        let mut path = level.path.clone();
        if level.indent % 2 == 1 {
            path.push(Step::Item(level.next_item.saturating_sub(1)));
        } else if let Some(key) = &level.last_key {
            path.push(Step::Key(key.clone()));
        }
        path
    }

    fn key(&mut self, content: &str, indent: usize, number: u32) -> bool {
        let Some((key, length, rest_at)) = split_key(content) else {
            return false;
        };
        let level = self.levels.last_mut().expect("a key stands in an open level");
        level.last_key = Some(key.clone());
        let mut path = level.path.clone();
        path.push(Step::Key(key.clone()));
        let column = u32::try_from(indent).unwrap_or(u32::MAX - 1) + 1;
        let place = Place { line: number, column, length: count(&content[..length]).max(1) };
        let rest = content[rest_at..].trim_start_matches(' ');
        let value = (!rest.trim().is_empty()).then(|| {
            let before = &content[..content.len() - rest.len()];
            let mut value = place_of(number, 0, rest);
            value.column = column + count(before);
            value
        });
        match self.places.keys.get(&path) {
            Some((earlier, _)) => self.places.duplicates.push((key, place, earlier.line)),
            None => {
                self.places.keys.insert(path, (place, value));
            }
        }
        is_block_scalar(rest)
    }
}

fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

fn place_of(line: u32, column: usize, value: &str) -> Place {
    Place {
        line,
        column: u32::try_from(column).unwrap_or(u32::MAX - 1) + 1,
        length: count(value.trim_end()).max(1),
    }
}

fn is_block_scalar(value: &str) -> bool {
    value.starts_with('|') || value.starts_with('>')
}

/// Splits `key: value`: the key, the length of the key as written, and where the value may begin.
fn split_key(content: &str) -> Option<(String, usize, usize)> {
    let quote = content.chars().next()?;
    if quote == '"' || quote == '\'' {
        let end = content[1..].find(quote)? + 1;
        let rest = &content[end + 1..];
        let colon = rest.find(':')?;
        if !rest[..colon].trim().is_empty() {
            return None;
        }
        return Some((content[1..end].to_owned(), end + 1, end + 1 + colon + 1));
    }
    if matches!(quote, '[' | '{' | '&' | '*' | '!' | '|' | '>') {
        return None;
    }
    let mut from = 0;
    loop {
        let colon = from + content[from..].find(':')?;
        let after = content[colon + 1..].chars().next();
        if after.is_none_or(|c| c == ' ' || c == '\r' || c == '\t') {
            let key = content[..colon].trim_end();
            return Some((key.to_owned(), key.len(), colon + 1));
        }
        from = colon + 1;
    }
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
    fn flow_style_takes_the_place_of_its_key() {
        let node = parse("a: 1\nlist: [x, {y: 2}]\n", 1).unwrap();
        let Value::List(items) = &node.get("list").unwrap().node.value else { panic!() };
        assert_eq!(at(&items[1].get("y").unwrap().node), (2, 7));
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
