//! Finds where each value and key of a YAML text is, and how it is written, with `saphyr-parser`.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Range};

use crate::explain::quote;
use crate::place::{LineIndex, char_count, to_u32};
use crate::{Place, Problem, SyntaxError};

/// The spans of a text, as far as it is YAML.
pub(crate) struct Spans {
    /// The outermost value; `None` for an empty text.
    pub(crate) root: Option<Span>,
    /// The first anchor that nothing refers to: YAML would leave it out of a text that is not meant to have one.
    pub(crate) unused_anchor: Option<(Place, SyntaxError)>,
    /// Texts that end before ` #` and were most likely meant to go on.
    pub(crate) warnings: Vec<Problem>,
}

/// A value or key in a text.
#[derive(Debug)]
pub(crate) struct Span {
    /// Where it is; `None` for nothing, and for a list or a map that begins on a later line than its key.
    pub(crate) place: Option<Place>,
    pub(crate) kind: Kind,
}

/// How a value is written.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A scalar without quotation marks, with these characters.
    Plain(String),
    /// A scalar between quotation marks, or a block scalar.
    Quoted(String),
    /// A reference to an anchor.
    Alias,
    List(Vec<Span>),
    /// Keys with their values, in their order.
    Map(Vec<(Span, Span)>),
}

impl Span {
    /// The first key that a map has twice: its characters, its second place and the line of its first.
    pub(crate) fn duplicate(&self) -> Option<(String, Place, u32)> {
        match &self.kind {
            Kind::List(items) => items.iter().find_map(Span::duplicate),
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

/// The depth up to which `serde_yaml` reads.
const MAX_DEPTH: usize = 128;

/// Finds the spans of a text. `first_line` is the number of its first line in its file.
pub(crate) fn read(text: &str, first_line: u32) -> Spans {
    let mut builder =
        Builder { lines: LineIndex::new(text), first_line, open: Vec::new(), root: None };
    let mut anchors = Anchors::default();
    let mut warnings = Vec::new();
    for (event, range) in Parser::new_from_str(text).map_while(Result::ok) {
        anchors.note(&event, range);
        match event {
            Event::Scalar(characters, ScalarStyle::Plain, ..) => {
                warnings.extend(builder.comment_in_text(&characters, range));
                builder.add_scalar(Kind::Plain(characters.into_owned()), range);
            }
            Event::Scalar(characters, ..) => {
                builder.add_scalar(Kind::Quoted(characters.into_owned()), range);
            }
            Event::Alias(_) => {
                builder.add(Span { place: Some(builder.place(range)), kind: Kind::Alias });
            }
            Event::SequenceStart(..) | Event::MappingStart(..)
                if builder.open.len() >= MAX_DEPTH =>
            {
                break;
            }
            Event::SequenceStart(..) => builder.open.push((range, Open::List(Vec::new()))),
            Event::MappingStart(..) => builder.open.push((range, Open::Map(Vec::new(), None))),
            Event::SequenceEnd | Event::MappingEnd => builder.close(Some(range)),
            _ => {}
        }
    }
    // A text that is not YAML to its end has the places up to the error.
    while !builder.open.is_empty() {
        builder.close(None);
    }
    let unused_anchor = anchors.unused().and_then(|range| builder.unused_anchor(range));
    Spans { root: builder.root, unused_anchor, warnings }
}

/// The plain scalars that have an anchor, and the anchors that are referred to.
#[derive(Default)]
struct Anchors {
    scalars: Vec<(usize, Range)>,
    used: HashSet<usize>,
}

impl Anchors {
    fn note(&mut self, event: &Event, range: Range) {
        match event {
            Event::Scalar(_, ScalarStyle::Plain, anchor, _) if *anchor > 0 => {
                self.scalars.push((*anchor, range));
            }
            Event::Alias(anchor) => drop(self.used.insert(*anchor)),
            _ => {}
        }
    }

    /// The first scalar whose anchor nothing refers to.
    fn unused(&self) -> Option<Range> {
        let found = self.scalars.iter().find(|(anchor, _)| !self.used.contains(anchor));
        found.map(|(_, range)| *range)
    }
}

/// A list or a map that has not ended.
enum Open {
    List(Vec<Span>),
    /// Entries, and the key of the next one.
    Map(Vec<(Span, Span)>, Option<Span>),
}

/// Builds the tree of spans.
struct Builder<'a> {
    lines: LineIndex<'a>,
    first_line: u32,
    open: Vec<(Range, Open)>,
    root: Option<Span>,
}

impl<'a> Builder<'a> {
    fn close(&mut self, end: Option<Range>) {
        let Some((start, open)) = self.open.pop() else { return };
        let range = Range::new(start.start, end.map_or(start.start, |end| end.end));
        let kind = match open {
            Open::List(items) => Kind::List(items),
            Open::Map(entries, _) => Kind::Map(entries),
        };
        self.add(Span { place: Some(self.place(range)), kind });
    }

    fn add_scalar(&mut self, kind: Kind, range: Range) {
        let is_empty = range.start.index() == range.end.index();
        let place = (!is_empty).then(|| self.place(range));
        self.add(Span { place, kind });
    }

    fn add(&mut self, mut span: Span) {
        match self.open.last_mut() {
            None => self.root = Some(span),
            Some((_, Open::List(items))) => items.push(span),
            Some((_, Open::Map(entries, key))) => match key.take() {
                None => *key = Some(span),
                Some(key) => {
                    let is_below = matches!(span.kind, Kind::List(_) | Kind::Map(_))
                        && key.place.map(|place| place.line) != span.place.map(|place| place.line);
                    if is_below {
                        span.place = None;
                    }
                    entries.push((key, span));
                }
            },
        }
    }

    /// The number in the file of a line (0-based).
    fn line_in_file(&self, number: usize) -> u32 {
        self.first_line + to_u32(number)
    }

    /// The place of a range, up to the end of its first line at most.
    fn place(&self, range: Range) -> Place {
        let (line, column) = self.lines.position(range.start.index());
        let (end_line, end_column) = self.lines.position(range.end.index());
        let length = match end_line == line && end_column > column {
            true => to_u32(end_column - column),
            false => char_count(self.lines.line(line).trim_end()).saturating_sub(to_u32(column)),
        };
        Place { line: self.line_in_file(line), column: to_u32(column) + 1, length: length.max(1) }
    }

    /// The error for a scalar whose anchor is most likely meant as a part of its text.
    fn unused_anchor(&self, range: Range) -> Option<(Place, SyntaxError)> {
        let (number, column) = self.lines.position(range.start.index());
        let line = self.lines.line(number);
        let start = byte_of_column(line, column);
        let at = match line[start..].starts_with('&') {
            true => start,
            false => line[..start].rfind('&')?,
        };
        let anchor = line[at..].split_whitespace().next()?.to_owned();
        let place = Place {
            line: self.line_in_file(number),
            column: char_count(&line[..at]) + 1,
            length: char_count(&anchor),
        };
        Some((place, SyntaxError::UnusedAnchor { anchor, text: line[at..].trim_end().to_owned() }))
    }

    /// The warning for a plain scalar that is followed by ` #` and a word, which is more likely a part of the text than a
    /// comment.
    fn comment_in_text(&self, characters: &str, range: Range) -> Option<Problem> {
        let (number, rest) = self.after_scalar(characters, range)?;
        let comment = rest.trim_start();
        let is_word = comment.strip_prefix('#')?.starts_with(char::is_alphanumeric);
        let is_text = !["", "~", "null", "true", "false"].contains(&characters);
        if comment.len() == rest.len() || !is_word || !is_text {
            return None;
        }
        let line = self.lines.line(number).trim_end();
        let place = Place::in_line(self.line_in_file(number), line, line.len() - comment.len());
        let whole = quote(&format!("{}{rest}", characters.replace('\n', " ")));
        let help = match characters.parse::<f64>() {
            Ok(_) => {
                format!("if this is a comment, put a space after `#`; otherwise write `{whole}`")
            }
            Err(_) => format!("to keep it, put the whole text in quotation marks: `{whole}`"),
        };
        Some(
            Problem::warning(place, "everything from ` #` on is a comment and is left out")
                .help(help),
        )
    }

    /// What follows a plain scalar on its last line, and the number of that line.
    fn after_scalar(&self, characters: &str, range: Range) -> Option<(usize, &'a str)> {
        let (mut number, column) = self.lines.position(range.start.index());
        let mut from = byte_of_column(self.lines.line(number), column);
        let mut left = characters;
        while number < self.lines.count() {
            let part = self.lines.line(number)[from..].trim();
            if let Some(rest) = part.strip_prefix(left) {
                return Some((number, rest));
            }
            // Line breaks within a plain scalar are white space in its text.
            left = left.strip_prefix(part)?.trim_start();
            (number, from) = (number + 1, 0);
        }
        None
    }
}

/// The byte at which a column (0-based, in characters) of a line begins.
fn byte_of_column(line: &str, column: usize) -> usize {
    line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
}
