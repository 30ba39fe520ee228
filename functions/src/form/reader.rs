//! Takes the values of a form from YAML, and collects what is wrong with them. Pure.

use located_yaml::suggest::nearest;
use located_yaml::{Entry, Located, Node, Place, Problem, ReadError, Value, with_colon};

use crate::characters::is_blank;

/// Reads one map. All readers of a definition add to the same list of problems.
pub(super) struct Reader<'a, 'p> {
    node: &'a Node,
    /// The known keys that unknown ones most likely mean.
    misspelled: Vec<String>,
    pub(super) problems: &'p mut Vec<Problem>,
}

impl<'a, 'p> Reader<'a, 'p> {
    /// A reader of `node`, which may have the keys `known`.
    pub(super) fn new(
        node: &'a Node,
        known: &[&str],
        problems: &'p mut Vec<Problem>,
    ) -> Reader<'a, 'p> {
        let mut misspelled = Vec::new();
        match node.entries() {
            Some(entries) => {
                for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
                    misspelled
                        .extend(nearest(&entry.key, known.iter().copied()).map(str::to_owned));
                    problems.push(unknown(&entry.key, entry.key_place, "key", known));
                }
            }
            None => {
                let message = format!("expected a group of keys, found {}", node.value.kind());
                let line = node.as_str().and_then(with_colon);
                let help = match line {
                    Some(line) => format!("put a colon after the key: `{line}`"),
                    None => format!("write keys such as `{}: …`, one a line", known[0]),
                };
                problems.push(Problem::error(node.place, message).help(help));
            }
        }
        Reader { node, misspelled, problems }
    }

    pub(super) fn error(&mut self, place: Place, message: impl Into<String>, help: &str) {
        self.problems.push(Problem::error(place, message).help(help));
    }

    /// The place of the map.
    pub(super) fn place(&self) -> Place {
        self.node.place
    }

    /// The entry under a key, unless it is missing or empty.
    pub(super) fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.node.get(key).filter(|entry| entry.node.value != Value::Null)
    }

    fn required(&mut self, key: &str) -> Option<&'a Entry> {
        let entry = self.entry(key);
        match self.node.get(key) {
            _ if entry.is_some() => {}
            Some(empty) => {
                let help = match LISTS.contains(&key) {
                    true => "write its items on the lines below it, each after `- `".to_owned(),
                    false => format!("write it after the colon: `{key}: …`"),
                };
                self.error(empty.key_place, format!("`{key}` is empty"), &help);
            }
            // The misspelled key has an error of its own.
            None if self.misspelled.iter().any(|wanted| wanted == key) => {}
            None => {
                // The place of a map is its whole first line; one character marks where it begins.
                let place = Place { length: 1, ..self.node.place };
                self.error(place, format!("`{key}` is missing"), &format!("add `{key}: …`"));
            }
        }
        entry
    }

    fn wrong_type(&mut self, error: Located<ReadError>) {
        if let ReadError::WrongType { key, expected, found } = &error.value {
            let expected = expected.name();
            let message = format!("`{key}` must be {expected}, not {}", found.kind());
            let help = error.value.help();
            self.error(error.place, message, &help);
        } else {
            self.problems.push(error.into());
        }
    }

    /// A text, if there is one.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let entry = self.entry(key)?;
        match entry.text() {
            Ok(Some(text)) if !is_blank(&text.value) => return Some(text.value),
            Ok(_) => {
                self.error(entry.key_place, format!("`{key}` is empty"), "write it, or remove it");
            }
            Err(error) => self.wrong_type(*error),
        }
        None
    }

    /// A text that must be there; empty if it is not.
    pub(super) fn required_text(&mut self, key: &str) -> String {
        match self.required(key) {
            Some(_) => self.text(key).unwrap_or_default(),
            None => String::new(),
        }
    }

    /// Paragraphs: one text, or a list of them. Each becomes one line.
    pub(super) fn paragraphs(&mut self, key: &str) -> Vec<String> {
        match self.entry(key) {
            Some(entry) if matches!(entry.node.value, Value::List(_)) => self.texts(key),
            _ => self.text(key).into_iter().collect(),
        }
        .iter()
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
    }

    /// Paragraphs that must be there.
    pub(super) fn required_paragraphs(&mut self, key: &str) -> Vec<String> {
        match self.required(key) {
            Some(_) => self.paragraphs(key),
            None => Vec::new(),
        }
    }

    /// A list of texts, if there is one.
    pub(super) fn texts(&mut self, key: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for node in self.list(key) {
            match node.characters() {
                Some(text) => texts.push(text.trim().to_owned()),
                None => {
                    let message = format!("expected text, found {}", node.value.kind());
                    self.error(node.place, message, "put it between quotation marks");
                }
            }
        }
        texts
    }

    /// The items of a list, if there is one.
    pub(super) fn list(&mut self, key: &str) -> &'a [Node] {
        let result = self.entry(key).map_or(Ok(None), Entry::list);
        let items = result.unwrap_or_else(|error| {
            self.wrong_type(*error);
            None
        });
        items.unwrap_or_default()
    }

    /// The items of a list that must be there.
    pub(super) fn required_list(&mut self, key: &str) -> &'a [Node] {
        match self.required(key) {
            Some(_) => self.list(key),
            None => &[],
        }
    }

    /// `true` or `false`, if it is there.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        self.entry(key)?.bool().unwrap_or_else(|error| {
            self.wrong_type(*error);
            None
        })
    }

    /// A whole number within bounds, if it is there.
    /// `example` is one that most forms can have.
    pub(super) fn number(&mut self, key: &str, from: u32, to: u32, example: u32) -> Option<u32> {
        let entry = self.entry(key)?;
        if let Ok(Some(number)) = entry.whole_number()
            && let Ok(number) = u32::try_from(number.value)
            && (from..=to).contains(&number)
        {
            return Some(number);
        }
        let message = format!("`{key}` must be a whole number from {from} to {to}");
        let number = meant_number(&entry.node).map_or(example, |number| number.clamp(from, to));
        self.error(entry.node.place, message, &format!("write for example `{key}: {number}`"));
        None
    }
}

/// The required keys whose value is a list.
const LISTS: [&str; 2] = ["fields", "choices"];

/// The number that a value is out of bounds, in quotation marks or with its unit.
fn meant_number(node: &Node) -> Option<u32> {
    let text = node.characters()?;
    let unit = [" days", " day", " characters"].iter().find_map(|unit| text.strip_suffix(unit));
    let number: i64 = unit.unwrap_or(&text).trim().parse().ok()?;
    u32::try_from(number.clamp(0, i64::from(u32::MAX))).ok()
}

/// An error for a word that is not among the known ones, with the nearest of them.
pub(super) fn unknown(word: &str, place: Place, what: &str, known: &[&str]) -> Problem {
    let help = match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("one of these: {}", known.join(", ")),
    };
    Problem::error(place, format!("unknown {what} `{word}`")).help(help)
}
