//! Takes typed values out of located YAML, and collects every mistake. Pure.

use super::DefinitionError;
use crate::characters::is_blank;
use crate::yaml::{Entry, Node, Place, Value};

/// Reads one map; mistakes go into the list that all readers of a definition share.
pub(super) struct Reader<'a, 'e> {
    node: &'a Node,
    pub(super) errors: &'e mut Vec<DefinitionError>,
}

impl<'a, 'e> Reader<'a, 'e> {
    /// A reader of `node`, whose keys must all be among `known`.
    pub(super) fn new(
        node: &'a Node,
        known: &[&str],
        errors: &'e mut Vec<DefinitionError>,
    ) -> Reader<'a, 'e> {
        match node.entries() {
            Some(entries) => {
                for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
                    errors.push(unknown(&entry.key, entry.key_place, "key", known));
                }
            }
            None => errors.push(DefinitionError {
                place: node.place,
                message: format!("expected a group of keys, found {}", node.value.kind()),
                help: Some(format!("write keys such as `{}: …`, one a line", known[0])),
            }),
        }
        Reader { node, errors }
    }

    pub(super) fn error(&mut self, place: Place, message: impl Into<String>, help: &str) {
        self.errors.push(DefinitionError {
            place,
            message: message.into(),
            help: Some(help.to_owned()),
        });
    }

    /// The place of the map itself.
    pub(super) fn place(&self) -> Place {
        self.node.place
    }

    /// The entry under a key, unless it is missing or empty.
    pub(super) fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.node.get(key).filter(|entry| entry.node.value != Value::Null)
    }

    fn required(&mut self, key: &str) -> Option<&'a Entry> {
        let entry = self.entry(key);
        if entry.is_none() {
            let place = self.node.get(key).map_or(self.node.place, |entry| entry.key_place);
            // A whole map's place covers the first line's text; one character says "from here".
            let place = Place { length: 1, ..place };
            self.error(place, format!("`{key}` is missing"), &format!("add `{key}: …`"));
        }
        entry
    }

    fn wrong(&mut self, entry: &Entry, expected: &str) {
        let found = entry.node.value.kind();
        self.error(
            entry.node.place,
            format!("`{}` must be {expected}, not {found}", entry.key),
            if expected == "text" { "put it between quotation marks" } else { "change the value" },
        );
    }

    /// One text, if it is there.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let entry = self.entry(key)?;
        match entry.node.characters() {
            Some(text) if !is_blank(&text) => Some(text.trim().to_owned()),
            Some(_) => {
                self.error(entry.key_place, format!("`{key}` is empty"), "write it, or remove it");
                None
            }
            None => {
                self.wrong(entry, "text");
                None
            }
        }
    }

    /// One text that must be there; a mistake gives an empty one.
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

    /// A list of texts, if it is there.
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

    /// A list's items, if it is there.
    pub(super) fn list(&mut self, key: &str) -> &'a [Node] {
        match self.entry(key) {
            None => &[],
            Some(entry) => match &entry.node.value {
                Value::List(items) => items,
                _ => {
                    self.wrong(entry, "a list");
                    &[]
                }
            },
        }
    }

    /// A list's items, which must be there.
    pub(super) fn required_list(&mut self, key: &str) -> &'a [Node] {
        match self.required(key) {
            Some(_) => self.list(key),
            None => &[],
        }
    }

    /// `true` or `false`, if it is there.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        let entry = self.entry(key)?;
        match entry.node.value {
            Value::Bool(flag) => Some(flag),
            _ => {
                self.wrong(entry, "`true` or `false`");
                None
            }
        }
    }

    /// A whole number within bounds, if it is there.
    pub(super) fn number(&mut self, key: &str, from: u32, to: u32) -> Option<u32> {
        let entry = self.entry(key)?;
        if let Value::Integer(number) = entry.node.value
            && let Ok(number) = u32::try_from(number)
            && (from..=to).contains(&number)
        {
            return Some(number);
        }
        let message = format!("`{key}` must be a whole number from {from} to {to}");
        self.error(entry.node.place, message, "change the value");
        None
    }
}

/// An error for a word that is not among the known ones, with the nearest of them.
pub(super) fn unknown(word: &str, place: Place, what: &str, known: &[&str]) -> DefinitionError {
    let nearest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    DefinitionError {
        place,
        message: format!("unknown {what} `{word}`"),
        help: Some(match nearest {
            Some((_, candidate)) => format!("did you mean `{candidate}`?"),
            None => format!("one of these: {}", known.join(", ")),
        }),
    }
}
