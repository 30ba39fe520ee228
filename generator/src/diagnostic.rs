//! Describes errors and warnings, and formats them with an excerpt of the source.

use std::fmt::Write as _;

use crate::embedded;
use daisychain_functions::characters::is_printable;
use located_yaml::{Place, Problem};
use serde::{Deserialize, Serialize};
use unicode_width::UnicodeWidthChar;

pub mod annotation;
mod dedup;
mod lines;
mod selection;

pub(crate) use dedup::dedup;
pub use lines::Lines;
use lines::line_starts;
pub use located_yaml::Severity;
pub use located_yaml::suggest::{Suggestions, nearest};
pub use selection::{MAX_SHOWN, Selection, select};

/// A problem of one file, and how to fix it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Whether it stops the build.
    pub severity: Severity,
    /// The file, relative to the site's root, with `/` as the separator.
    pub path: String,
    /// The place in the file; `None` for the whole file.
    pub place: Option<Place>,
    /// The problem: lower case, without a full stop, literals in backticks.
    pub message: String,
    /// A few words beside the carets.
    pub label: Option<Box<str>>,
    /// Context that is not advice, such as the page that was being rendered.
    pub note: Option<Box<str>>,
    /// How to fix it.
    pub help: Option<Box<str>>,
}

impl Diagnostic {
    /// An error in the file `path`.
    pub fn error(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, path.into(), message.into())
    }

    /// A warning about the file `path`.
    pub fn warning(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, path.into(), message.into())
    }

    /// Adds how to change a file compiled into `daisy`, if the diagnostic is about one.
    pub(crate) fn with_built_in_advice(mut self) -> Self {
        if let Some(advice) = embedded::advice(&self.path) {
            let help = match self.help.take() {
                Some(help) => format!("{help}\n{advice}"),
                None => advice.to_owned(),
            };
            self.help = Some(help.into());
        }
        self
    }

    /// An error or a warning about the file `path`.
    pub fn of(severity: Severity, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(severity, path.into(), message.into())
    }

    /// A problem of a YAML file.
    pub fn in_file(path: impl Into<String>, problem: Problem) -> Self {
        Diagnostic {
            place: Some(problem.place),
            label: problem.label.map(String::into_boxed_str),
            help: problem.help.map(String::into_boxed_str),
            ..Self::new(problem.severity, path.into(), problem.message)
        }
    }

    fn new(severity: Severity, path: String, message: String) -> Self {
        Diagnostic { severity, path, place: None, message, label: None, note: None, help: None }
    }

    /// Sets the place in the file.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Sets the text beside the carets.
    #[must_use]
    pub fn label(mut self, label: impl Into<Box<str>>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Sets the note.
    #[must_use]
    pub fn note(mut self, note: impl Into<Box<str>>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Sets the note if there is none.
    #[must_use]
    pub(crate) fn or_note(mut self, note: impl Into<Box<str>>) -> Self {
        self.note.get_or_insert_with(|| note.into());
        self
    }

    /// Sets the help.
    #[must_use]
    pub fn help(mut self, help: impl Into<Box<str>>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether it stops the build.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Formats diagnostics for a terminal, sorted by file and place, each followed by a blank line. `source` returns the
/// text of a file by its path, if it has one.
pub fn write<'a>(
    diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
    source: &dyn Fn(&str) -> Option<String>,
    color: bool,
) -> String {
    let mut sorted: Vec<&Diagnostic> = diagnostics.into_iter().collect();
    sorted.sort_by_key(|diagnostic| {
        let place = diagnostic.place.unwrap_or_default();
        (diagnostic.path.as_str(), place.line, place.column, diagnostic.severity)
    });
    let paint = Paint { color };
    let mut output = String::new();
    // The diagnostics of one file are adjacent, so each file is read once.
    let mut open: Option<(&str, Source)> = None;
    for diagnostic in sorted {
        if diagnostic.place.is_some()
            && open.as_ref().is_none_or(|(path, _)| *path != diagnostic.path)
        {
            open = Some((&diagnostic.path, Source::new(source(&diagnostic.path))));
        }
        let line = diagnostic.place.and_then(|place| open.as_ref()?.1.line(place.line));
        write_one(&mut output, diagnostic, line, paint);
        output.push('\n');
    }
    output
}

/// The text of a file, and the start of each line.
struct Source {
    text: String,
    starts: Vec<usize>,
}

impl Source {
    fn new(text: Option<String>) -> Self {
        let text = text.unwrap_or_default();
        let starts = line_starts(&text);
        Source { text, starts }
    }

    fn line(&self, number: u32) -> Option<&str> {
        if self.text.is_empty() {
            return None;
        }
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        let start = *self.starts.get(index)?;
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        let line = &self.text[start..end];
        let line = line.strip_suffix('\r').unwrap_or(line);
        Some(if index == 0 { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line })
    }
}

fn write_one(output: &mut String, diagnostic: &Diagnostic, line: Option<&str>, paint: Paint) {
    let (word, tint) = match diagnostic.severity {
        Severity::Error => ("error", Paint::RED),
        Severity::Warning => ("warning", Paint::YELLOW),
    };
    paint.write(output, tint, word);
    paint.write(output, Paint::BOLD, &format!(": {}", printable(&diagnostic.message)));
    output.push('\n');
    let line_number = diagnostic.place.map(|place| place.line.to_string());
    let indent = " ".repeat(line_number.as_ref().map_or(1, String::len));
    output.push_str(&indent);
    paint.write(output, Paint::BLUE, "-->");
    output.push(' ');
    output.push_str(&printable(&diagnostic.path));
    if let Some(place) = diagnostic.place {
        let _ = write!(output, ":{}:{}", place.line, place.column);
    }
    output.push('\n');
    if let (Some(place), Some(line), Some(number)) = (diagnostic.place, line, line_number) {
        let excerpt = Excerpt::new(line, place);
        paint.write(output, Paint::BLUE, &format!("{indent} |"));
        output.push('\n');
        paint.write(output, Paint::BLUE, &format!("{number} |"));
        let _ = writeln!(output, " {}", excerpt.line);
        paint.write(output, Paint::BLUE, &format!("{indent} |"));
        let _ = write!(output, " {}", " ".repeat(excerpt.before));
        let mut carets = "^".repeat(excerpt.under);
        if let Some(label) = &diagnostic.label {
            carets.push(' ');
            carets.push_str(&printable(label));
        }
        paint.write(output, tint, &carets);
        output.push('\n');
    }
    for (word, words) in [("note", &diagnostic.note), ("help", &diagnostic.help)] {
        if let Some(words) = words {
            output.push_str(&indent);
            paint.write(output, Paint::BLUE, " = ");
            paint.write(output, Paint::BOLD, word);
            // The lines of a help message stay aligned.
            let gap = format!("\n{indent}   {}", " ".repeat(word.len() + 2));
            let lines: Vec<String> = words.split('\n').map(printable).collect();
            let _ = writeln!(output, ": {}", lines.join(&gap));
        }
    }
}

/// A line shortened to fit a terminal, with tabs and control characters made visible.
struct Excerpt {
    line: String,
    /// Terminal columns before the carets.
    before: usize,
    /// Terminal columns of the carets; at least 1.
    under: usize,
}

/// Columns shown of a longer line: enough for any sentence.
const WIDEST: usize = 160;
/// Columns kept before the excerpt's carets when a long line is shortened.
const LEAD: usize = 40;

impl Excerpt {
    fn new(line: &str, place: Place) -> Self {
        let start = usize::try_from(place.column.saturating_sub(1)).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::try_from(place.length.max(1)).unwrap_or(1));
        let long = line.chars().nth(WIDEST).is_some();
        let from = if long { start.saturating_sub(LEAD) } else { 0 };
        let mut excerpt = Excerpt { line: String::new(), before: 0, under: 0 };
        if from > 0 {
            excerpt.line.push('…');
            excerpt.before = 1;
        }
        let mut column = excerpt.before;
        for (index, character) in line.chars().enumerate().skip(from) {
            if column >= WIDEST {
                excerpt.line.push('…');
                break;
            }
            let width = push_visible(&mut excerpt.line, character, column);
            column += width;
            if index < start {
                excerpt.before += width;
            } else if index < end {
                excerpt.under += width;
            }
        }
        excerpt.under = excerpt.under.max(1);
        excerpt
    }
}

/// Appends a character in printable form and returns the columns it takes.
fn push_visible(line: &mut String, character: char, column: usize) -> usize {
    match character {
        '\t' => {
            let width = 4 - column % 4;
            line.extend(std::iter::repeat_n(' ', width));
            width
        }
        character if !is_printable(character) => {
            line.push('\u{fffd}');
            1
        }
        _ => match character.width() {
            Some(width) => {
                line.push(character);
                width
            }
            None => {
                line.push('\u{fffd}');
                1
            }
        },
    }
}

/// Text from a file may contain control characters, which must not reach the terminal.
fn printable(words: &str) -> String {
    let mut line = String::with_capacity(words.len());
    for character in words.chars() {
        push_visible(&mut line, if character == '\t' { ' ' } else { character }, 0);
    }
    line
}

/// Colours, or none.
#[derive(Clone, Copy)]
struct Paint {
    color: bool,
}

impl Paint {
    const RED: &'static str = "1;31";
    const YELLOW: &'static str = "1;33";
    const BLUE: &'static str = "1;34";
    const BOLD: &'static str = "1";

    fn write(self, output: &mut String, tint: &str, words: &str) {
        if self.color {
            let _ = write!(output, "\x1b[{tint}m{words}\x1b[0m");
        } else {
            output.push_str(words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(line: u32, column: u32, length: u32) -> Place {
        Place { line, column, length }
    }

    #[test]
    fn a_diagnostic_shows_the_text_in_question() {
        let text = "one\n".repeat(13) + "Come and [join us](../volunteers.md) this spring.\n";
        let diagnostic = Diagnostic::error(
            "content/stories/rose.md",
            "this link goes to a page that does not exist",
        )
        .at(place(14, 20, 16))
        .label("there is no file content/volunteers.md")
        .help("did you mean `../volunteer.md`?");
        let expected = "\
error: this link goes to a page that does not exist
  --> content/stories/rose.md:14:20
   |
14 | Come and [join us](../volunteers.md) this spring.
   |                    ^^^^^^^^^^^^^^^^ there is no file content/volunteers.md
   = help: did you mean `../volunteer.md`?

";
        assert_eq!(write(&[diagnostic], &|_| Some(text.clone()), false), expected);
    }

    #[test]
    fn carets_are_aligned_under_wide_characters_and_tabs() {
        let text = "\u{feff}日本\tis e\u{301}x \u{202e}here\r\n";
        let written = |column, length| {
            let diagnostic = Diagnostic::error("a", "b").at(place(1, column, length));
            let all = write(&[diagnostic], &|_| Some(text.to_owned()), false);
            all.lines().nth(4).unwrap().to_owned()
        };
        assert_eq!(written(1, 2), "  | ^^^^");
        assert_eq!(written(4, 2), "  |         ^^");
        assert_eq!(written(7, 3), "  |            ^^");
    }

    #[test]
    fn diagnostics_are_sorted_and_complete_without_a_source() {
        let diagnostics = [
            Diagnostic::warning("b", "third").note("a note").help("one\ntwo"),
            Diagnostic::error("a", "second").at(place(9, 1, 1)),
            Diagnostic::error("a", "first").at(place(2, 3, 1)),
        ];
        let expected = "\
error: first
 --> a:2:3

error: second
 --> a:9:1

warning: third
 --> b
  = note: a note
  = help: one
          two

";
        assert_eq!(write(&diagnostics, &|_| None, false), expected);
    }

    #[test]
    fn control_characters_of_a_file_do_not_reach_the_terminal() {
        let diagnostic = Diagnostic::error("a", "\u{1b}[2J").at(place(1, 1, 1)).help("\u{7}");
        let plain = write(std::slice::from_ref(&diagnostic), &|_| Some("\u{1b}[2J".into()), false);
        assert!(!plain.contains(['\u{1b}', '\u{7}']));
        assert!(write(&[diagnostic], &|_| None, true).starts_with("\u{1b}[1;31merror\u{1b}[0m"));
    }
}
