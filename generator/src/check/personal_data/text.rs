//! Reads the source of a page line by line, without what is not published: comments, the record of consent.
//! Addresses of the web are left out too, because their parts only look like numbers.

use std::ops::Range;
use std::sync::LazyLock;

use fancy_regex::Regex;

use super::pattern;

/// A line of a page.
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u32,
    /// Its text; what is left out is replaced by as many spaces.
    pub(super) text: String,
    /// Whether it is front matter.
    pub(super) is_front_matter: bool,
    /// Whether a comment with a reason allows personal data in it.
    pub(super) is_allowed: bool,
    /// A comment that should give a reason and does not, in bytes.
    pub(super) without_reason: Option<Range<usize>>,
}

/// The lines of a page.
pub(super) struct Lines<'a> {
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
    part: Part,
    /// Whether a comment is open.
    is_in_comment: bool,
    /// Whether a comment with a reason is in force.
    is_allowed: bool,
    /// Whether the key that the reason is for has begun.
    has_begun: bool,
    is_in_consent: bool,
}

/// The part of a page.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Begin,
    FrontMatter,
    Body,
}

/// A comment with a reason, which may be empty.
static REASON: LazyLock<Regex> = LazyLock::new(|| {
    pattern("(?:<!--|^[ \\t]*#)[ \\t]*[Pp]ersonal data:[ \\t]*(.*?)[ \\t]*(?:-->|$)")
});

/// An address of the web.
static WEB: LazyLock<Regex> = LazyLock::new(|| pattern("https?://[^ \\t)>\\]\"]+"));

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Lines<'a> {
        Lines {
            lines: text.trim_start_matches('\u{feff}').lines().enumerate(),
            part: Part::Begin,
            is_in_comment: false,
            is_allowed: false,
            has_begun: false,
            is_in_consent: false,
        }
    }

    /// Applies a comment with a reason; returns its range if it gives none.
    fn read_reason(&mut self, written: &str) -> Option<Range<usize>> {
        if !written.contains("ersonal data:") {
            return None;
        }
        let captures = REASON.captures(written).ok()??;
        let reason = captures.get(1).map_or("", |reason| reason.as_str().trim());
        if reason.chars().any(char::is_alphabetic) {
            (self.is_allowed, self.has_begun) = (true, false);
            return None;
        }
        captures.get(0).map(|whole| whole.range())
    }

    fn front_matter(&mut self, written: &str) -> (String, bool, Option<Range<usize>>) {
        let is_comment = written.trim_start().starts_with('#');
        if is_comment {
            let without_reason = self.read_reason(written);
            return (" ".repeat(written.len()), true, without_reason);
        }
        if !written.starts_with([' ', '\t']) {
            // The reason is for one key.
            self.is_allowed &= !self.has_begun;
            self.has_begun = true;
            self.is_in_consent = written.starts_with("consent:");
        }
        (without_web(written), self.is_allowed || self.is_in_consent, None)
    }

    fn body(&mut self, written: &str) -> (String, bool, Option<Range<usize>>) {
        if written.trim().is_empty() {
            self.is_allowed = false;
        }
        let without_reason = self.read_reason(written);
        let text = self.without_comments(written);
        (without_web(&text), self.is_allowed, without_reason)
    }

    fn without_comments(&mut self, written: &str) -> String {
        let mut text = String::with_capacity(written.len());
        let mut rest = written;
        loop {
            let end = if self.is_in_comment { "-->" } else { "<!--" };
            let Some((before, after)) = rest.split_once(end) else { break };
            let marker = " ".repeat(end.len());
            match self.is_in_comment {
                true => text.push_str(&" ".repeat(before.len())),
                false => text.push_str(before),
            }
            text.push_str(&marker);
            self.is_in_comment = !self.is_in_comment;
            rest = after;
        }
        match self.is_in_comment {
            true => text.push_str(&" ".repeat(rest.len())),
            false => text.push_str(rest),
        }
        text
    }
}

/// Replaces addresses of the web by spaces.
fn without_web(text: &str) -> String {
    let mut blanked = text.to_owned();
    if !text.contains("://") {
        return blanked;
    }
    for found in WEB.find_iter(text).filter_map(Result::ok) {
        blanked.replace_range(found.range(), &" ".repeat(found.range().len()));
    }
    blanked
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        let (index, written) = self.lines.next()?;
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let is_delimiter = written.trim_end() == "---";
        let is_front_matter = self.part == Part::FrontMatter;
        let (text, is_allowed, without_reason) = match self.part {
            Part::Begin if is_delimiter => {
                self.part = Part::FrontMatter;
                (String::new(), true, None)
            }
            Part::FrontMatter if is_delimiter => {
                (self.part, self.is_allowed, self.is_in_consent) = (Part::Body, false, false);
                (String::new(), true, None)
            }
            Part::FrontMatter => self.front_matter(written),
            Part::Begin | Part::Body => {
                if !written.trim().is_empty() {
                    self.part = Part::Body;
                }
                self.body(written)
            }
        };
        Some(Line { number, text, is_front_matter, is_allowed, without_reason })
    }
}
