//! Rejects the shortcodes of other programs, or warns if they are shown as text.

use std::ops::Range;

use super::Writer;
use super::lint::line;
use crate::parse::call::CallError;
use crate::parse::shortcode::{self, Shortcode};

impl Writer<'_> {
    /// The original Markdown, without masks.
    fn written(&self, range: Range<usize>) -> &str {
        &self.source.text[self.source.body + range.start..self.source.body + range.end]
    }

    /// Reports text that begins like a component's call. If its name is a shortcode of another program, the help is for
    /// that shortcode.
    pub(super) fn refuse_broken(&mut self, error: CallError, range: Range<usize>) {
        let written = self.written(range.clone());
        let inner = written.trim_start_matches(['{', '%', '<', ' ']);
        let length = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let name = &inner[..length.unwrap_or(inner.len())];
        let components = self.rules.components;
        let help = match components.contains_key(name) {
            true => None,
            false => shortcode::advice(name, written, components),
        };
        match help {
            None => self.refuse(error),
            Some(help) => {
                let message = format!("there is no component `{name}`");
                self.refuse(CallError { range, message, help });
            }
        }
    }

    /// Reports Hugo's shortcodes; the closing tag of a reported one is not reported again.
    pub(super) fn refuse_shortcodes(&mut self, ranges: Vec<Range<usize>>) {
        let mut refused: Vec<String> = Vec::new();
        for range in ranges {
            let Some(found) = shortcode::hugo(self.written(range.clone())) else { continue };
            if found.closes && refused.iter().any(|name| name == found.name) {
                continue;
            }
            refused.push(found.name.to_owned());
            let slash = if found.closes { "/" } else { "" };
            let message = format!("`{slash}{}` is a shortcode of another program", found.name);
            let help = self.shortcode_help(&found);
            self.refuse(CallError { range, message, help });
        }
    }

    fn shortcode_help(&self, found: &Shortcode) -> String {
        let components = self.rules.components;
        shortcode::advice(found.name, found.text, components)
            .unwrap_or_else(|| shortcode::unknown(found.name, components))
    }

    /// Checks the brace at `at`, which is part of a text.
    pub(super) fn doubt_brace(&mut self, at: usize) {
        if self.markdown[..at].ends_with('\\') {
            return;
        }
        if let Some(found) =
            shortcode::in_text(line(&self.markdown[at..])).filter(|found| !found.closes)
        {
            let help = self.shortcode_help(&found);
            let range = at..at + found.text.len();
            self.literal.note("this shortcode of another program is shown as text", range, help);
        }
    }
}
