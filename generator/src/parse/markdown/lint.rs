//! Warns of Markdown that has no effect, so that its markup would be shown as text. Each kind is reported once a page,
//! at its first occurrence.

use std::collections::BTreeMap;
use std::ops::Range;

use memchr::{memchr_iter, memchr2_iter, memchr3_iter, memmem};

use super::email::email;
use super::{Writer, marker};
use crate::diagnostic::Diagnostic;
use crate::parse::link::{check_link, phone};
use crate::url::scheme;

/// Markup shown as text by mistake, by message.
#[derive(Default)]
pub(super) struct Literal {
    found: BTreeMap<&'static str, Found>,
}

struct Found {
    first: Range<usize>,
    help: String,
    more: usize,
}

impl Literal {
    pub(super) fn note(&mut self, message: &'static str, range: Range<usize>, help: String) {
        match self.found.get_mut(message) {
            Some(found) => found.more += 1,
            None => drop(self.found.insert(message, Found { first: range, help, more: 0 })),
        }
    }
}

/// How many bytes around a character are examined: no link is longer, but a line may be as long as the page, with such
/// a character at every third letter.
const FARTHEST: usize = 2_000;

/// Whether a text may contain an address.
pub(super) fn has_addresses(text: &str) -> bool {
    ["://", "www."].iter().any(|sign| memmem::find(text.as_bytes(), sign.as_bytes()).is_some())
}

impl Writer<'_> {
    /// Checks text outside code and text alternatives.
    pub(super) fn doubt_text(&mut self, range: Range<usize>) {
        let markdown = self.markdown;
        let Some(text) = markdown.get(range.clone()) else { return };
        let bytes = text.as_bytes();
        let signs = memchr3_iter(b'*', b']', b')', bytes).chain(memchr_iter(b'[', bytes));
        for at in signs {
            let sign = bytes[at];
            let at = range.start + at;
            let before = markdown[..at].chars().next_back();
            if before == Some('\\') {
                continue;
            }
            let rest = line(&markdown[at..]);
            let found = match sign {
                b'*' => stars(rest, before),
                b']' => half_a_link(&markdown[..at], rest),
                b')' => link_the_wrong_way_round(rest),
                _ => note_without_text(rest),
            };
            if let Some((message, length, help)) = found {
                let start = if sign == b']' { at - opened(&markdown[..at]) } else { at };
                self.literal.note(message, start..at + length, help);
            }
        }
        if self.has_braces {
            for at in memchr_iter(b'{', bytes).filter(|at| !bytes[..*at].ends_with(b"{")) {
                self.doubt_brace(range.start + at);
            }
        }
        if self.open_link.is_some() {
            return;
        }
        if self.has_emails {
            for at in memchr_iter(b'@', bytes) {
                self.doubt_email(range.start + at);
            }
        }
        if !self.has_addresses {
            return;
        }
        // The characters of an address after its first letters are rarer than those letters.
        let starts = memchr2_iter(b':', b'.', bytes).filter_map(|at| {
            let start =
                |start: &str| bytes[..at].ends_with(start.as_bytes()).then(|| at - start.len());
            match bytes[at] {
                b':' => start("https").or_else(|| start("http")),
                _ => start("www"),
            }
        });
        for at in starts {
            let rest = &text[at..];
            let at = range.start + at;
            let within = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '\\' | '=');
            let address =
                ["https://", "http://", "www."].iter().any(|start| rest.starts_with(start));
            // `[words][https://example.org]` is reported as a link without an address.
            let is_label = markdown[..at].ends_with("][");
            if address && !is_label && !markdown[..at].ends_with(within) {
                self.doubt_address(at);
            }
        }
    }

    fn doubt_email(&mut self, at: usize) {
        let Some(range) = email(self.markdown, at) else { return };
        let help = format!("put it in angle brackets: `<{}>`", &self.markdown[range.clone()]);
        let start =
            range.start - if self.markdown[..range.start].ends_with("mailto:") { 7 } else { 0 };
        let message = "this email address is shown as text, not as a link";
        self.literal.note(message, start..range.end, help);
    }

    fn doubt_address(&mut self, start: usize) {
        let rest = line(&self.markdown[start..]);
        let end = rest.find(|c: char| c.is_whitespace() || "<>\"”|".contains(c));
        let written = without_end_of_sentence(&rest[..end.unwrap_or(rest.len())]);
        // `www.` at the end of a sentence is not an address.
        if written.len() < 8 {
            return;
        }
        let scheme = if written.starts_with("www.") { "https://" } else { "" };
        let help = format!("put it in angle brackets: `<{scheme}{written}>`");
        self.literal.note(
            "this address is shown as text, not as a link",
            start..start + written.len(),
            help,
        );
    }

    /// Checks the lines of a paragraph.
    pub(super) fn doubt_paragraph(&mut self, range: Range<usize>) {
        let markdown = self.markdown;
        let mut at = range.start;
        let mut lines = Vec::with_capacity(8);
        let ends = memchr_iter(b'\n', &markdown.as_bytes()[range.clone()]);
        for end in ends.map(|end| range.start + end + 1).chain([range.end]) {
            let words = markdown[at..end].trim_start_matches([' ', '>']);
            if at < end {
                lines.push((end - words.len(), words.trim_end()));
            }
            at = end;
        }
        let has_title = !self.source.title_wanted || self.written.title.is_some();
        for slip in marker::slips(&lines, has_title) {
            self.literal.note(slip.message, slip.range, slip.help);
        }
        let several = lines.len() > 1;
        if several && lines.iter().all(|(_, words)| words.contains('|')) {
            let (start, words) = lines[0];
            let columns = words.trim_matches('|').matches('|').count() + 1;
            let help =
                format!("put a line of hyphens below this one: `|{}`", " --- |".repeat(columns));
            self.literal.note("this does not make a table", start..start + words.len(), help);
        }
    }

    /// Checks text that is code because of an indentation of four spaces.
    pub(super) fn doubt_code(&mut self, range: Range<usize>) {
        let words = line(&self.markdown[range.start..]);
        let range = range.start..range.start + words.trim_end().len();
        let help = "remove the spaces at the start of the line; to show code, put it between two \
                    lines of three backticks";
        self.literal.note(
            "this is shown as code, because of the spaces before it",
            range,
            help.to_owned(),
        );
    }

    /// Checks that a code block between fences has its closing fence (CommonMark, 4.5).
    pub(super) fn doubt_fence(&mut self, range: Range<usize>) {
        let block = self.markdown[range.clone()].trim_end();
        let opening = line(block).trim_end();
        let Some(mark) = opening.chars().next() else { return };
        let fence = &opening[..opening.len() - opening.trim_start_matches(mark).len()];
        let closing = block.split_once('\n').map_or("", |(_, rest)| rest);
        let closing = closing.rsplit('\n').next().unwrap_or_default();
        let closing = closing.trim_start_matches([' ', '\t', '>']).trim_end();
        if closing.len() < fence.len() || closing.chars().any(|c| c != mark) {
            let count = match fence.len() {
                3 => "three".to_owned(),
                4 => "four".to_owned(),
                count => count.to_string(),
            };
            let marks = if mark == '~' { "tildes" } else { "backticks" };
            let help = format!("put a line of {count} {marks} after the code");
            self.literal.note(
                "this code block is not closed",
                range.start..range.start + opening.len(),
                help,
            );
        }
    }

    /// Checks a heading: its text, and its place.
    pub(super) fn doubt_heading(&mut self, level: u8, text: &str, range: Range<usize>) {
        let source = self.markdown[range.clone()].trim_end();
        let start = range.start..range.start + line(source).trim_end().len();
        let underlined = source.contains('\n') && source.ends_with('-');
        let sentence = text.ends_with(['.', '!', '?', '…', '”', '’']) || text.chars().count() > 80;
        if level == 1 {
            let help = format!(
                "the page already shows its title; write `## {}`, or remove the line",
                cut(text)
            );
            self.literal.note("a page has only one heading of this level, its title", start, help);
        } else if underlined && sentence {
            let help = "put an empty line between the text and the hyphens below it".to_owned();
            self.literal.note("the hyphens below this text make it a heading", start, help);
        }
    }

    /// Reports one warning per kind.
    pub(super) fn warn_of_literal(&mut self) {
        for (message, found) in std::mem::take(&mut self.literal.found) {
            let warning = Diagnostic::warning(self.source.path, message)
                .at(self.place(found.first))
                .help(found.help);
            let warning = match found.more {
                0 => warning,
                1 => warning.note("there is one more in this file"),
                more => warning.note(format!("there are {more} more in this file")),
            };
            self.push(warning);
        }
    }
}

type Doubt = Option<(&'static str, usize, String)>;

/// An address without the punctuation of the sentence around it. A closing bracket belongs to the address if the
/// address opens it (GitHub Flavored Markdown, 6.9).
fn without_end_of_sentence(text: &str) -> &str {
    let mut written = text;
    while let Some(last) = written.chars().next_back() {
        let is_own = last == ')' && written.matches(')').count() <= written.matches('(').count();
        if is_own || !".,;:!?)*_".contains(last) {
            break;
        }
        written = &written[..written.len() - last.len_utf8()];
    }
    written
}

/// Checks two asterisks that may begin bold text; in `s**t` and `f***` they are intended.
fn stars(rest: &str, before: Option<char>) -> Doubt {
    let count = rest.len() - rest.trim_start_matches('*').len();
    let begins = before.is_none_or(|c| !c.is_alphanumeric() && c != '*');
    (count == 2 && begins).then(|| {
        let help = match line(&rest[2..]).split_once("**") {
            None => "put two asterisks before and after bold text: `**so**`".to_owned(),
            Some((words, _)) if words.trim() != words => {
                format!("remove the spaces next to the asterisks: `**{}**`", cut(words))
            }
            Some((words, _)) => {
                // Next to a letter, asterisks need a letter on their inner side (CommonMark, 6.2).
                let inner = words.trim_matches(|c: char| !c.is_alphanumeric());
                let start = words.find(inner).unwrap_or_default();
                let (first, last) = (&words[..start], &words[start + inner.len()..]);
                format!("put the asterisks inside the punctuation: `{first}**{inner}**{last}`")
            }
        };
        ("these asterisks are shown on the page and do not make text bold", 2, help)
    })
}

/// Checks `](` that did not begin a link, and `] (` before what looks like an address.
fn half_a_link(before: &str, rest: &str) -> Doubt {
    const MESSAGE: &str = "this does not make a link or an image";
    let words = &before[before.len() - opened(before)..];
    if words.is_empty() {
        return None;
    }
    if let Some(target) = rest.strip_prefix("](") {
        let (target, closed) = match target.split_once(')') {
            Some((target, _)) => (target, true),
            None => (target.split(' ').next().unwrap_or(target), false),
        };
        let joined = without_space_behind_scheme(target).filter(|_| closed);
        let number = phone(joined.as_deref().unwrap_or(target)).filter(|_| closed);
        let help = match (closed, target.contains(' '), number) {
            (_, _, Some(number)) => {
                format!("start a phone number with `tel:`: `{words}]({number})`")
            }
            (false, _, None) => format!("close the round bracket: `{words}]({target})`"),
            (true, true, None) if joined.as_deref().is_some_and(is_whole) => format!(
                "remove the space from the address: `{words}]({})`",
                joined.unwrap_or_default()
            ),
            (true, true, None) => format!(
                "put an address with spaces in angle brackets: `{words}](<{}>)`",
                target.trim()
            ),
            (true, false, None) => "put the link text in square brackets and the address in round \
                                    ones: `[words](address)`"
                .to_owned(),
        };
        return Some((MESSAGE, 2 + target.len() + usize::from(closed), help));
    }
    if let Some(label) = rest.strip_prefix("][") {
        return reference_without_address(&before[..before.len() - words.len()], words, label);
    }
    let target = rest.strip_prefix("] (")?.split_once(')')?.0;
    is_address(target).then(|| {
        let help = format!("remove the space between the brackets: `{words}]({target})`");
        (MESSAGE, 4 + target.len(), help)
    })
}

/// Checks `[words][label]`, a link whose address is not in the text. In `a[i][j]` nothing of the sort is meant.
fn reference_without_address(before: &str, words: &str, rest: &str) -> Doubt {
    let label = rest.split_once(']')?.0;
    let bare = words.trim_start_matches('!').strip_prefix('[')?;
    if bare.is_empty()
        || bare.contains(']')
        || before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '\\' | ']' | ')'))
        || label.contains('[')
    {
        return None;
    }
    let help = if is_address(label) {
        format!("put the address in round brackets: `{words}]({label})`")
    } else {
        let name = if label.is_empty() { bare } else { label };
        format!(
            "add a line with its address at the end of the page, such as `[{name}]: about.md`, or \
             put the address in round brackets: `{words}](about.md)`"
        )
    };
    Some(("this link has no address", 3 + label.len(), help))
}

/// An address such as `mailto: hello@example.org` without the space, and with its scheme in lower case.
fn without_space_behind_scheme(target: &str) -> Option<String> {
    let target = target.trim();
    let scheme = scheme(target)?;
    let rest = &target[scheme.len() + 1..];
    rest.starts_with(' ').then(|| format!("{}:{}", scheme.to_ascii_lowercase(), rest.trim_start()))
}

/// Whether this can be written between round brackets without escaping.
fn is_whole(address: &str) -> bool {
    !address.contains(' ') && check_link(address).is_ok()
}

fn link_the_wrong_way_round(rest: &str) -> Doubt {
    let target = rest.strip_prefix(")[")?.split_once(']')?.0;
    is_address(target).then(|| {
        let help = format!(
            "put the link text in square brackets and the address in round ones: \
             `[words]({target})`"
        );
        ("this does not make a link or an image", 3 + target.len(), help)
    })
}

fn note_without_text(rest: &str) -> Doubt {
    let label = rest.strip_prefix("[^")?.split_once(']')?.0;
    (!label.is_empty() && !label.contains(char::is_whitespace)).then(|| {
        let help = format!(
            "add its text at the end of the page, on a line that starts with \
                            `[^{label}]:`"
        );
        ("this footnote has no text", label.len() + 3, help)
    })
}

fn is_address(text: &str) -> bool {
    !text.contains(char::is_whitespace)
        && (text.contains("://") || text.contains(".md") || text.starts_with(['/', '.']))
}

/// The distance in bytes from the end of a text back to the last opening bracket of its line, including the `!` of an
/// image.
fn opened(before: &str) -> usize {
    let near = &before[before.ceil_char_boundary(before.len().saturating_sub(FARTHEST))..];
    let line = &near[near.rfind('\n').map_or(0, |at| at + 1)..];
    match line.rfind('[') {
        Some(at) if line[..at].ends_with('!') => line.len() - at + 1,
        Some(at) => line.len() - at,
        None => 0,
    }
}

/// The rest of a line, as far as it is examined.
pub(super) fn line(text: &str) -> &str {
    let near = &text[..text.floor_char_boundary(FARTHEST)];
    near.split('\n').next().unwrap_or(near)
}

/// As much of a text as a help message shows.
pub(super) fn cut(text: &str) -> String {
    let mut words = text.trim().chars();
    let short: String = words.by_ref().take(40).collect();
    if words.next().is_some() { format!("{short}…") } else { short }
}
