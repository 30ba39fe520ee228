//! Reads the values of one file and collects everything that is wrong with them.

use crate::advice;
use crate::keys::{Key, names};
use crate::read::{ReadResult, text, wrong_type};
use crate::suggest::quoted_list;
use crate::{Entry, Located, Node, Place, Problem, ReadError, Type, Value};

/// Reads the values of one file. Problems are collected, and reading goes on.
#[derive(Debug)]
pub struct Reader<'a> {
    file: &'a str,
    /// What is wrong, in the order in which it was found.
    pub problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// A reader of a file with this text, whose nodes have places in it.
    pub fn new(file: &'a str) -> Reader<'a> {
        Reader { file, problems: Vec::new() }
    }

    /// Adds a problem.
    pub fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The value of a result; its error is added to the problems.
    pub fn accept<T>(&mut self, result: ReadResult<T>) -> Option<T> {
        result.unwrap_or_else(|error| {
            self.push(Problem::from(*error));
            None
        })
    }

    /// Refuses a key that is not among the known ones, and suggests the one that was most likely meant.
    pub fn unknown_key(&mut self, entry: &Entry, known: &[Key]) {
        let known = names(known).map(str::to_owned).collect();
        let error = ReadError::UnknownKey { key: entry.key.clone(), known };
        self.push(Problem::from(Located { value: error, place: entry.key_place }));
    }

    /// Text: see [`Entry::text`].
    pub fn text(&mut self, entry: &Entry) -> Option<Located<String>> {
        self.text_of(&entry.key, &entry.node)
    }

    fn text_of(&mut self, key: &str, node: &Node) -> Option<Located<String>> {
        if let Some(text) = node.characters() {
            self.check_quotes(&text, node.place);
        }
        self.accept(text(key, node))
    }

    /// Warns of quotation marks from a word processor around a text, which are a part of it.
    fn check_quotes(&mut self, text: &str, place: Place) {
        const CURLY: [char; 5] = ['“', '”', '„', '‘', '’'];
        let is_whole = text.chars().count() > 1 && text.starts_with(CURLY) && text.ends_with(CURLY);
        if is_whole && self.rest_of_line(place).is_some_and(|source| source.starts_with(CURLY)) {
            let help = format!("remove them; if they should be shown, write `\"{text}\"`");
            let message = "these quotation marks will be shown on the page";
            self.push(Problem::warning(place, message).help(help));
        }
    }

    /// The source from a place to the end of its line.
    pub fn rest_of_line(&self, place: Place) -> Option<&'a str> {
        let line = self.file.split('\n').nth(usize::try_from(place.line).ok()?.checked_sub(1)?)?;
        let column = usize::try_from(place.column).ok()?.checked_sub(1)?;
        let (at, _) = line.char_indices().nth(column)?;
        Some(line[at..].trim_end())
    }

    /// `true` or `false`.
    pub fn bool(&mut self, entry: &Entry) -> Option<bool> {
        self.accept(entry.bool())
    }

    /// A whole number that is not less than `least`. Its help shows the key with `example`.
    pub fn whole_number(
        &mut self,
        entry: &Entry,
        least: i64,
        example: i64,
    ) -> Option<Located<i64>> {
        let error = match entry.whole_number() {
            Ok(number) if number.as_ref().is_none_or(|number| number.value >= least) => {
                return number;
            }
            Ok(_) => {
                let error = ReadError::TooSmall { key: entry.key.clone(), least };
                Located { value: error, place: entry.node.place }
            }
            Err(error) => *error,
        };
        let help = advice::whole_number(&entry.key, &entry.node.value, example);
        self.push(Problem::from(error).help(help));
        None
    }

    /// A list of texts. One text is a list of one; nothing is empty.
    pub fn texts(&mut self, entry: &Entry) -> Vec<Located<String>> {
        match &entry.node.value {
            Value::List(items) => {
                items.iter().filter_map(|item| self.text_of(&entry.key, item)).collect()
            }
            Value::Map(_) => {
                let error = wrong_type(&entry.key, &entry.node, Type::Texts);
                self.push(Problem::from(*error));
                Vec::new()
            }
            _ => self.text(entry).into_iter().collect(),
        }
    }

    /// The entries of a map; nothing is empty.
    pub fn map<'e>(&mut self, entry: &'e Entry) -> &'e [Entry] {
        self.accept(entry.map()).unwrap_or_default()
    }

    /// The positions of a list of words, or of one word, among those that their key takes.
    pub fn words(&mut self, entry: &Entry, known: &[&str]) -> Vec<usize> {
        let mut positions = Vec::new();
        for text in self.texts(entry) {
            match known.iter().position(|word| *word == text.value) {
                Some(position) => positions.push(position),
                None => {
                    let message = format!("`{}` cannot contain `{}`", entry.key, text.value);
                    let help = format!("choose from {}", quoted_list(known));
                    self.push(Problem::error(text.place, message).help(help));
                }
            }
        }
        positions
    }

    /// The position of a word among those that its key takes.
    pub fn word(&mut self, entry: &Entry, known: &[&str]) -> Option<usize> {
        let help = format!("choose one of {}", quoted_list(known));
        if !matches!(entry.node.value, Value::String(_) | Value::Null) {
            let error = Problem::error(entry.node.place, format!("`{}` must be text", entry.key));
            self.push(error.label(format!("this is {}", entry.node.value.kind())).help(help));
            return None;
        }
        let text = self.text(entry)?;
        let position = known.iter().position(|word| *word == text.value);
        if position.is_none() {
            let message = format!("`{}` cannot be `{}`", entry.key, text.value);
            self.push(Problem::error(text.place, message).help(help));
        }
        position
    }
}
