//! Says where each part of a YAML text is, and how it is written. Pure.

use super::{Place, SyntaxError, count};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::collections::{HashMap, HashSet};

/// A text as `saphyr-parser` sees it.
pub(super) struct Document {
    /// What all else is in; `None` for an empty text.
    pub(super) top: Option<Written>,
    /// The first word that YAML would leave out of a text.
    pub(super) left_out: Option<SyntaxError>,
}

/// A part of a text.
#[derive(Debug)]
pub(super) struct Written {
    /// Where it is; `None` for nothing, and for what begins on a later line than its key.
    pub(super) place: Option<Place>,
    pub(super) kind: Kind,
}

/// How it is written.
#[derive(Debug)]
pub(super) enum Kind {
    /// Without quotation marks, with these characters.
    Plain(String),
    /// Between quotation marks, or as a block.
    Quoted(String),
    /// As a reference to an anchor.
    Alias,
    List(Vec<Written>),
    /// Keys with their values, in their order.
    Map(Vec<(Written, Written)>),
}

impl Written {
    /// The first key that a map has twice: its characters, its second place and the line of its first.
    pub(super) fn duplicate(&self) -> Option<(String, Place, u32)> {
        match &self.kind {
            Kind::List(items) => items.iter().find_map(Written::duplicate),
            Kind::Map(entries) => {
                let mut lines = HashMap::new();
                entries.iter().find_map(|(key, value)| {
                    let (Kind::Plain(text) | Kind::Quoted(text), Some(place)) =
                        (&key.kind, key.place)
                    else {
                        return value.duplicate();
                    };
                    match lines.insert(text, place.line) {
                        Some(earlier) => Some((text.clone(), place, earlier)),
                        None => value.duplicate(),
                    }
                })
            }
            Kind::Plain(_) | Kind::Quoted(_) | Kind::Alias => None,
        }
    }
}

/// How deep `serde_yaml` reads.
const DEEPEST: usize = 128;

/// Reads a text as far as it is YAML. `first_line` is the number of its first line in its file.
pub(super) fn document(text: &str, first_line: u32) -> Document {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut tree = Tree { lines, first_line, open: Vec::new(), top: None };
    let mut anchors = Anchors::default();
    for (event, span) in Parser::new_from_str(text).map_while(Result::ok) {
        anchors.note(&event, span);
        match event {
            Event::Scalar(characters, style, ..) => {
                let kind = match style {
                    ScalarStyle::Plain => Kind::Plain(characters.into_owned()),
                    _ => Kind::Quoted(characters.into_owned()),
                };
                let is_nothing = span.start.index() == span.end.index();
                let place = (!is_nothing).then(|| tree.place(span));
                tree.add(Written { place, kind });
            }
            Event::Alias(_) => {
                tree.add(Written { place: Some(tree.place(span)), kind: Kind::Alias })
            }
            Event::SequenceStart(..) if tree.open.len() < DEEPEST => {
                tree.begin(span, Open::List(Vec::new()))
            }
            Event::MappingStart(..) if tree.open.len() < DEEPEST => {
                tree.begin(span, Open::Map(Vec::new(), None));
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => break,
            Event::SequenceEnd | Event::MappingEnd => tree.end(Some(span)),
            _ => {}
        }
    }
    // What is not YAML up to its end has the places up to there.
    while !tree.open.is_empty() {
        tree.end(None);
    }
    let left_out = anchors.unused().and_then(|span| tree.left_out(span));
    Document { top: tree.top, left_out }
}

/// The scalars without quotation marks that have an anchor, and the anchors that something refers to.
#[derive(Default)]
struct Anchors {
    named: Vec<(usize, Span)>,
    used: HashSet<usize>,
}

impl Anchors {
    fn note(&mut self, event: &Event, span: Span) {
        match event {
            Event::Scalar(_, ScalarStyle::Plain, anchor, _) if *anchor > 0 => {
                self.named.push((*anchor, span));
            }
            Event::Alias(anchor) => drop(self.used.insert(*anchor)),
            _ => {}
        }
    }

    /// The first scalar whose anchor nothing refers to.
    fn unused(&self) -> Option<Span> {
        let found = self.named.iter().find(|(anchor, _)| !self.used.contains(anchor));
        found.map(|(_, span)| *span)
    }
}

/// A list or a map whose end has not been seen.
enum Open {
    List(Vec<Written>),
    Map(Vec<(Written, Written)>, Option<Written>),
}

struct Tree<'a> {
    lines: Vec<&'a str>,
    first_line: u32,
    open: Vec<(Span, Open)>,
    top: Option<Written>,
}

impl Tree<'_> {
    fn begin(&mut self, span: Span, open: Open) {
        self.open.push((span, open));
    }

    fn end(&mut self, end: Option<Span>) {
        let Some((start, open)) = self.open.pop() else { return };
        let span = Span::new(start.start, end.map_or(start.start, |end| end.end));
        let kind = match open {
            Open::List(items) => Kind::List(items),
            Open::Map(entries, _) => Kind::Map(entries),
        };
        self.add(Written { place: Some(self.place(span)), kind });
    }

    fn add(&mut self, mut part: Written) {
        match self.open.last_mut() {
            None => self.top = Some(part),
            Some((_, Open::List(items))) => items.push(part),
            Some((_, Open::Map(entries, key))) => match key.take() {
                None => *key = Some(part),
                Some(key) => {
                    let is_below = matches!(part.kind, Kind::List(_) | Kind::Map(_))
                        && key.place.map(|place| place.line) != part.place.map(|place| place.line);
                    if is_below {
                        part.place = None;
                    }
                    entries.push((key, part));
                }
            },
        }
    }

    /// The place of a span: up to its end, or to that of its line. A list or a map takes its line.
    fn place(&self, span: Span) -> Place {
        let (line, column) = (span.start.line(), span.start.col());
        let rest = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let on_line = count(rest.trim_end()).saturating_sub(number(column));
        let length = match span.end.line() == line && span.end.index() > span.start.index() {
            true => number(span.end.col().saturating_sub(column)),
            false => on_line,
        };
        let line = self.first_line + number(line.saturating_sub(1));
        Place { line, column: number(column) + 1, length: length.max(1) }
    }

    /// What is wrong with a scalar whose anchor is not meant as one.
    fn left_out(&self, span: Span) -> Option<SyntaxError> {
        let line = self.lines.get(span.start.line().checked_sub(1)?)?;
        let start = line.char_indices().nth(span.start.col()).map_or(line.len(), |(at, _)| at);
        let at = match line[start..].starts_with('&') {
            true => start,
            false => line[..start].rfind('&')?,
        };
        let anchor = line[at..].split_whitespace().next()?;
        Some(SyntaxError {
            place: Place {
                line: self.first_line + number(span.start.line() - 1),
                column: count(&line[..at]) + 1,
                length: count(anchor),
            },
            message: format!(
                "YAML leaves out `{anchor}`: a text that begins with `&` names an anchor"
            ),
            help: Some(format!(
                "put the text between quotation marks: `\"{}\"`",
                line[at..].trim_end().replace('"', "\\\"")
            )),
        })
    }
}

fn number(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX - 1)
}
