//! Turns located YAML into typed values and collects everything that is wrong with it. Pure.

pub mod table;

use daisychain_functions::yaml::{Entry, Node, Place, Value};

use crate::diagnostic::{Diagnostic, nearest};
use crate::parse::{Located, Purpose};

use table::Key;

/// Reads the keys of one file. What is wrong is collected, and the reading goes on.
pub struct Keys<'a> {
    path: &'a str,
    text: &'a str,
    purpose: Purpose,
    /// What was found to be wrong so far.
    pub diagnostics: Vec<Diagnostic>,
}

impl<'a> Keys<'a> {
    /// A reader of the file `path`, whose whole text is `text`.
    pub fn new(path: &'a str, text: &'a str) -> Self {
        Keys { path, text, purpose: Purpose::default(), diagnostics: Vec::new() }
    }

    /// The same, of a file that is read for this purpose.
    #[must_use]
    pub fn read_for(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// Something that visitors need is missing at a place of this file: to be completed and pushed.
    pub fn missing(&self, place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic::of(self.purpose.severity_of_missing(), self.path, message).at(place)
    }

    /// An error at a place of this file, to be completed and pushed.
    pub fn error(&self, place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(self.path, message).at(place)
    }

    /// A warning at a place of this file, to be completed and pushed.
    pub fn warning(&self, place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(self.path, message).at(place)
    }

    /// Notes what is wrong.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Refuses a key that is not known, with the known one it most likely means.
    pub fn unknown(&mut self, entry: &Entry, known: &[Key]) {
        let names = table::names(known);
        let diagnostic = self.error(entry.key_place, format!("unknown key `{}`", entry.key));
        let diagnostic = match nearest(&entry.key, names.clone()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => {
                let names: Vec<&str> = names.collect();
                diagnostic.help(format!("the keys known here are {}", list(&names)))
            }
        };
        self.push(diagnostic);
    }

    fn wrong_kind(&mut self, entry: &Entry, node: &Node, expected: &str, help: &str) {
        let found = node.value.kind();
        let error = self
            .error(node.place, format!("`{}` takes {expected}", entry.key))
            .label(format!("this is {found}"))
            .help(help);
        self.push(error);
    }

    /// Text. A number, `true` and `false` are the text of their own characters; nothing at all is `None`.
    pub fn text(&mut self, entry: &Entry) -> Option<Located<String>> {
        self.text_of(entry, &entry.node)
    }

    fn text_of(&mut self, entry: &Entry, node: &Node) -> Option<Located<String>> {
        let place = node.place;
        let Some(text) = node.characters() else {
            if node.value != Value::Null {
                let help = "put the text between quotation marks: `\"…\"`";
                self.wrong_kind(entry, node, "text", help);
            }
            return None;
        };
        self.doubtful_quotes(&text, place);
        let value = text.trim().to_owned();
        (!value.is_empty()).then_some(Located { value, place })
    }

    /// Quotation marks from a word processor hold nothing together: they are part of the text.
    fn doubtful_quotes(&mut self, text: &str, place: Place) {
        const CURLY: [char; 5] = ['“', '”', '„', '‘', '’'];
        let whole = text.chars().count() > 1 && text.starts_with(CURLY) && text.ends_with(CURLY);
        if whole && self.written(place).is_some_and(|written| written.starts_with(CURLY)) {
            let warning =
                self.warning(place, "these quotation marks will be shown on the page").help(
                    format!("leave them out; where they are meant to be shown, write `\"{text}\"`"),
                );
            self.push(warning);
        }
    }

    /// What was written from a place to the end of its line.
    pub fn written(&self, place: Place) -> Option<&'a str> {
        let line = self.text.split('\n').nth(usize::try_from(place.line).ok()?.checked_sub(1)?)?;
        let column = usize::try_from(place.column).ok()?.checked_sub(1)?;
        let (at, _) = line.char_indices().nth(column)?;
        Some(line[at..].trim_end())
    }

    /// `true` or `false`; nothing at all is `None`.
    pub fn flag(&mut self, entry: &Entry) -> Option<bool> {
        match &entry.node.value {
            Value::Bool(flag) => Some(*flag),
            Value::Null => None,
            value => {
                let help = match value {
                    Value::String(text) => match text.to_lowercase().as_str() {
                        "yes" | "on" | "y" => format!("write `{}: true`", entry.key),
                        "no" | "off" | "n" => format!("write `{}: false`", entry.key),
                        _ => "write `true` or `false`, without quotation marks".to_owned(),
                    },
                    _ => "write `true` or `false`".to_owned(),
                };
                self.wrong_kind(entry, &entry.node, "`true` or `false`", &help);
                None
            }
        }
    }

    /// A whole number from `least` on; nothing at all is `None`.
    pub fn whole(&mut self, entry: &Entry, least: i64) -> Option<Located<i64>> {
        let place = entry.node.place;
        match &entry.node.value {
            Value::Integer(value) if *value >= least => Some(Located { value: *value, place }),
            Value::Null => None,
            Value::Integer(_) => {
                let error = self
                    .error(place, format!("`{}` must be at least {least}", entry.key))
                    .help(format!("write a whole number such as `{}`", least.max(1)));
                self.push(error);
                None
            }
            _ => {
                let help = "write a whole number, without quotation marks";
                self.wrong_kind(entry, &entry.node, "a whole number", help);
                None
            }
        }
    }

    /// A list of texts; one text alone is a list of one, nothing at all is empty.
    pub fn texts(&mut self, entry: &Entry) -> Vec<Located<String>> {
        match &entry.node.value {
            Value::List(items) => {
                items.iter().filter_map(|item| self.text_of(entry, item)).collect()
            }
            Value::Map(_) => {
                let help = "write the texts between brackets: `[one, two]`";
                self.wrong_kind(entry, &entry.node, "a list of texts", help);
                Vec::new()
            }
            _ => self.text(entry).into_iter().collect(),
        }
    }

    /// The entries of a group of keys; nothing at all is empty.
    pub fn group<'e>(&mut self, entry: &'e Entry) -> &'e [Entry] {
        match &entry.node.value {
            Value::Map(entries) => entries,
            Value::Null => &[],
            _ => {
                let help = "write its keys on the lines beneath it, each with two spaces before it";
                self.wrong_kind(entry, &entry.node, "a group of keys", help);
                &[]
            }
        }
    }

    /// One of the words `known`; nothing at all is `None`.
    pub fn word(&mut self, entry: &Entry, known: &[&str]) -> Option<usize> {
        let help = format!("write one of {}", list(known));
        if !matches!(entry.node.value, Value::String(_) | Value::Null) {
            self.wrong_kind(entry, &entry.node, "a word", &help);
            return None;
        }
        let text = self.text(entry)?;
        let found = known.iter().position(|word| *word == text.value);
        if found.is_none() {
            let message = format!("`{}` cannot be `{}`", entry.key, text.value);
            let error = self.error(text.place, message).help(help);
            self.push(error);
        }
        found
    }
}

/// `a`, `b` and `c`.
pub fn list<W: AsRef<str>>(words: &[W]) -> String {
    let mut text = String::new();
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            text.push_str(if index + 1 == words.len() { " and " } else { ", " });
        }
        text.push('`');
        text.push_str(word.as_ref());
        text.push('`');
    }
    text
}
