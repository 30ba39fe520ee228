//! Splits a file into front matter and Markdown.

use std::ops::Range;

use located_yaml::Place;

use crate::diagnostic::Diagnostic;

/// The parts of a file.
pub(super) struct Parts {
    /// The byte range between the delimiters, if there is front matter.
    pub(super) front: Option<Range<usize>>,
    /// The line number of the first line of front matter.
    pub(super) front_line: u32,
    /// Where the Markdown begins.
    pub(super) body: usize,
}

/// The byte order mark that some programs write before a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// More than anyone writes by hand; longer front matter is probably not closed.
const MAX_FRONT_MATTER_BYTES: usize = 100_000;

/// Splits a file into front matter and the rest.
pub(super) fn split(
    path: &str,
    text: &str,
    known: &dyn Fn(&str) -> bool,
) -> Result<Parts, Diagnostic> {
    let mark = text.len() - text.trim_start_matches(BYTE_ORDER_MARK).len();
    let none = Parts { front: None, front_line: 1, body: mark };
    let mut lines = Lines { at: mark, ..Lines::of(text) };
    let Some(first) = lines.by_ref().find(|line| !line.words.trim().is_empty()) else {
        return Ok(none);
    };
    if first.words.trim_end() != "---" {
        return unopened(path, &first, lines, known).map_or(Ok(none), Err);
    }
    let start = lines.at;
    let mut likely_end = None;
    while let Some(line) = lines.next() {
        let words = line.words.trim_end();
        if words == "---" {
            let front = start..line.start;
            if front.len() > MAX_FRONT_MATTER_BYTES {
                let error = Diagnostic::error(path, "the front matter is too long")
                    .at(first.place())
                    .help("write the text of the page after the second line of hyphens");
                return Err(error);
            }
            return Ok(Parts { front: Some(front), front_line: first.number + 1, body: lines.at });
        }
        if !words.starts_with(' ') && is_dashes(words) {
            return Err(Diagnostic::error(path, "this line is not `---`")
                .at(line.place())
                .help("write exactly three hyphens; some programs replace them with a long dash"));
        }
        if likely_end.is_none() && !looks_like_front_matter(words) {
            likely_end = Some(line.number);
        }
    }
    let end = likely_end.unwrap_or(lines.number.max(first.number) + 1);
    Err(Diagnostic::error(path, "the front matter is not closed")
        .at(first.place())
        .label("it starts here")
        .help(format!("add a line of three hyphens, `---`, above line {end}")))
}

/// Reports a file with front matter that does not begin with `---`.
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
        return Some(error("`+++` is not supported").help(
            "write front matter in YAML: a line of three hyphens, `---`, then lines such \
                       as `title: Rose`",
        ));
    }
    if let Some(opening) = opening_below(rest.clone(), known) {
        let error = Diagnostic::error(path, "the front matter is not at the start of the file");
        let help = "move the text above this line below the second line of hyphens";
        return Some(error.at(opening.place()).help(help));
    }
    let next = rest.map(|line| line.words).find(|words| !words.trim().is_empty());
    if is_dashes(words) && next.is_some_and(key) {
        return Some(
            error("this line is not `---`")
                .help("write exactly three hyphens; some programs replace them with a long dash"),
        );
    }
    key(words).then(|| {
        error("the front matter does not start with `---`")
            .help("add a line of three hyphens, `---`, as the first line of the file")
    })
}

/// The line of hyphens below some text that is followed by keys of front matter and another line of hyphens.
fn opening_below<'a>(mut lines: Lines<'a>, known: &dyn Fn(&str) -> bool) -> Option<Line<'a>> {
    let is_fence =
        |words: &str| ["```", "~~~"].iter().any(|fence| words.trim_start().starts_with(fence));
    let opening = lines
        .by_ref()
        .take_while(|line| !is_fence(line.words))
        .find(|line| line.words.trim_end() == "---")?;
    let mut front = lines.take_while(|line| looks_like_front_matter(line.words));
    let first = front.find(|line| !line.words.trim().is_empty())?;
    let (key, value) = first.words.split_once(':')?;
    let is_key = known(&key.to_lowercase()) && (value.is_empty() || value.starts_with(' '));
    (is_key && front.any(|line| line.words.trim_end() == "---")).then_some(opening)
}

/// Whether a line consists of dashes of any kind, but is not exactly three hyphens at its start.
pub(super) fn is_dashes(words: &str) -> bool {
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

/// A line without its line ending.
pub(super) struct Line<'a> {
    start: usize,
    number: u32,
    pub(super) words: &'a str,
}

impl Line<'_> {
    fn place(&self) -> Place {
        Place::in_line(self.number, self.words, 0)
    }
}

/// The lines of a text, without their line endings.
#[derive(Clone)]
pub(super) struct Lines<'a> {
    text: &'a str,
    at: usize,
    number: u32,
}

impl<'a> Lines<'a> {
    /// All lines of a text.
    pub(super) fn of(text: &'a str) -> Self {
        Lines { text, at: 0, number: 0 }
    }
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
