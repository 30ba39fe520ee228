//! Raw HTML in Markdown: shown as text with a warning, unless the section allows it.

use std::ops::Range;

use super::Writer;
use crate::diagnostic::Diagnostic;
use crate::parse::shortcode;
use crate::policy;

/// The HTML of a page so far.
#[derive(Default)]
pub(super) struct Raw {
    block: String,
    block_start: usize,
    /// The first occurrence, and how to fix it.
    first: Option<(Range<usize>, String)>,
    more: usize,
}

impl Raw {
    pub(super) fn begin(&mut self, start: usize) {
        self.block.clear();
        self.block_start = start;
    }
}

/// Whether this is a comment, which is never published, whatever the section allows.
fn is_comment(html: &str) -> bool {
    let html = html.trim();
    html.strip_prefix("<!--")
        .and_then(|rest| rest.find("-->").map(|at| rest[at + 3..].trim().is_empty()))
        .unwrap_or(false)
}

impl Writer<'_> {
    /// Writes a line of an HTML block.
    pub(super) fn html_line(&mut self, text: &str, range: Range<usize>) {
        match self.calls_in_html(&range, self.raw.block.trim().is_empty()) {
            Some(rest) if rest.trim().is_empty() => {}
            Some(rest) => self.raw.block.push_str(&rest),
            None => self.raw.block.push_str(text),
        }
    }

    pub(super) fn end_html_block(&mut self) {
        self.flush_html(String::new());
    }

    /// Writes the HTML block so far, with `more` at its end.
    pub(super) fn flush_html(&mut self, more: String) {
        let mut block = std::mem::take(&mut self.raw.block);
        block.push_str(&more);
        if block.trim().is_empty() || is_comment(&block) {
            return;
        }
        if self.rules.raw_html {
            self.warn_of_ignored(&block, self.raw.block_start);
            self.output.html.push_str(&block);
            return;
        }
        let start = self.raw.block_start;
        let line = self.markdown[start..].split('\n').next().unwrap_or_default();
        self.note_html(start..start + line.trim_end().len(), &block);
        self.words.gap();
        self.output.html.push_str("<p>");
        self.text(block.trim_end());
        self.output.html.push_str("</p>\n");
    }

    pub(super) fn inline_html(&mut self, text: &str, range: Range<usize>) {
        if self.calls_in_html(&range, false).is_some() || is_comment(text) {
            return;
        }
        // The inside of an escaped call, `\{{<name />}}`.
        let before = self.markdown[..range.start].trim_end_matches(' ');
        if before.ends_with("{{") || before.ends_with("{%") {
            self.text(text);
        } else if self.rules.raw_html {
            self.warn_of_ignored(text, range.start);
            self.output.html.push_str(text);
        } else {
            self.note_html(range, text);
            self.text(text);
        }
    }

    fn note_html(&mut self, range: Range<usize>, html: &str) {
        match self.raw.first {
            None => self.raw.first = Some((range, self.html_help(html))),
            Some(_) => self.raw.more += 1,
        }
    }

    fn html_help(&self, html: &str) -> String {
        if html.starts_with("<br") {
            "to start a new line, end the one before with a backslash, `\\`".to_owned()
        } else if html.contains("<iframe") && shortcode::has_film(html) {
            shortcode::show_film(&shortcode::film("", html), self.rules.components)
        } else if html.contains("<iframe") {
            "pages do not load anything from other sites; link to it, as in `[what it \
             is](https://example.org/page)`"
                .to_owned()
        } else {
            "use Markdown or a component of the theme instead; to show HTML as text, put it in \
             backticks"
                .to_owned()
        }
    }

    /// Warns of HTML at or after `start` that browsers ignore.
    fn warn_of_ignored(&mut self, html: &str, start: usize) {
        let mut from = start;
        for ignored in policy::ignored(html) {
            // The Markdown around the HTML, such as the markers of a quotation, is not part of it.
            let words = &html[ignored.range.clone()];
            let Some(at) = self.markdown[from..].find(words).map(|at| from + at) else { continue };
            from = at + words.len();
            let warning = ignored.warning(self.source.path, self.place(at..from));
            self.push(warning);
        }
    }

    /// One warning for all HTML of a page: pasted HTML tends to be long.
    pub(super) fn warn_of_html(&mut self) {
        let Some((range, help)) = self.raw.first.take() else { return };
        let warning = Diagnostic::warning(self.source.path, "HTML is shown as text")
            .at(self.place(range))
            .help(help);
        let warning = match self.raw.more {
            0 => warning,
            1 => warning.note("there is one more in this file"),
            more => warning.note(format!("there are {more} more in this file")),
        };
        self.push(warning);
    }
}
