//! Finds inline scripts and styles in HTML, which the site's Content-Security-Policy blocks.
//!
//! The policy is the same for every page, so inline content cannot be allowed by its hash (`Site::policy`).

use std::cell::RefCell;
use std::ops::Range;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};
use located_yaml::Place;

use crate::diagnostic::Diagnostic;

/// Content that browsers ignore.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ignored {
    /// Its byte range.
    pub(crate) range: Range<usize>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Script,
    Style,
    StyleAttribute,
    Handler,
}

impl Ignored {
    /// The warning about it, at a place of the file `path`.
    pub(crate) fn warning(&self, path: &str, place: Place) -> Diagnostic {
        let (what, help) = match self.kind {
            Kind::Script => (
                "this script",
                "move it to a file in the theme's `static/`, and load it with `<script \
                 src=\"/NAME.js\" defer></script>`",
            ),
            Kind::Style => ("this `<style>`", "move its rules to the theme's `styles/`"),
            Kind::StyleAttribute => {
                ("this `style`", "use a `class`, with rules in the theme's `styles/`")
            }
            Kind::Handler => (
                "this event handler",
                "add it with `addEventListener`, in a script in the theme's `static/`",
            ),
        };
        let message = format!(
            "browsers ignore {what}: the site's Content-Security-Policy forbids it within a page"
        );
        Diagnostic::warning(path, message).at(place).help(help)
    }
}

/// All content of a piece of HTML that browsers ignore, in order.
pub(crate) fn ignored(html: &str) -> Vec<Ignored> {
    // Without any of these there is nothing to find, and the tokenizer is not needed.
    let lower = html.to_ascii_lowercase();
    if !["<script", "style", "on"].iter().any(|word| lower.contains(word)) {
        return Vec::new();
    }
    let reading = RefCell::new(Reading::default());
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, span: Span<usize>| {
        reading.borrow_mut().take(&event, span.start..span.end);
        None::<std::convert::Infallible>
    });
    emitter.naively_switch_states(true);
    let mut tokenizer = Tokenizer::new_with_emitter(html, emitter);
    // No tokens are emitted: the results are in `reading`.
    let _ = tokenizer.next();
    drop(tokenizer);
    reading.into_inner().found
}

#[derive(Default)]
struct Reading {
    found: Vec<Ignored>,
    /// The script whose start tag is being read, if it would run.
    script: Option<Range<usize>>,
    /// The name and range of the attribute that is being read.
    attribute: (String, Range<usize>),
}

impl Reading {
    fn take(&mut self, event: &CallbackEvent<'_>, range: Range<usize>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.script = None;
                let range = range.start..range.start + 1 + name.len();
                match *name {
                    b"script" => self.script = Some(range),
                    b"style" => self.found.push(Ignored { range, kind: Kind::Style }),
                    _ => {}
                }
            }
            CallbackEvent::AttributeName { name } => {
                let name = String::from_utf8_lossy(name).into_owned();
                if name == "src" {
                    self.script = None;
                } else if is_handler(&name) {
                    self.found.push(Ignored { range: range.clone(), kind: Kind::Handler });
                }
                self.attribute = (name, range);
            }
            CallbackEvent::AttributeValue { value } => {
                let (name, range) = &self.attribute;
                if name == "style" && !value.is_empty() {
                    self.found.push(Ignored { range: range.clone(), kind: Kind::StyleAttribute });
                } else if name == "type" && !is_run(value) {
                    self.script = None;
                }
            }
            CallbackEvent::CloseStartTag { .. } => {
                let script = self.script.take();
                self.found.extend(script.map(|range| Ignored { range, kind: Kind::Script }));
            }
            _ => {}
        }
    }
}

/// Whether an attribute is an event handler, such as `onclick` (HTML, 8.1.8.2).
fn is_handler(name: &str) -> bool {
    let event = name.strip_prefix("on").unwrap_or_default();
    event.len() > 2 && event.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Whether a script of this type is code; any other is data (HTML, 4.12.1).
fn is_run(media_type: &[u8]) -> bool {
    let media_type = String::from_utf8_lossy(media_type).trim().to_ascii_lowercase();
    media_type.is_empty()
        || matches!(media_type.as_str(), "module" | "importmap" | "speculationrules")
        || media_type.ends_with("javascript")
        || media_type.ends_with("ecmascript")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_content_is_found_at_its_place() {
        for (html, words) in [
            ("<p>é</p><style>p { color: red }</style>", &["<style"][..]),
            ("<p class=a STYLE='color: red'>x</p>", &["STYLE"]),
            ("<svg><g style=\"fill:red\"/></svg>", &["style"]),
            ("<a href=\"/\" onclick=\"go()\" onMouseOver=x>x</a>", &["onclick", "onMouseOver"]),
            ("<script>go()</script><script type=module>go()</script>", &["<script", "<script"]),
            ("<SCRIPT type=\"text/javascript\">a < b</SCRIPT>", &["<SCRIPT"]),
            (
                "<script src=\"/a.js\"></script><script type=\"application/ld+json\">{}</script>",
                &[],
            ),
            ("<p>style=\"x\" onclick=\"y\"</p><!-- <style> --><p style=\"\">", &[]),
            ("<textarea><style></textarea><p on=\"x\" once=\"y\" data-onclick=\"z\">", &[]),
        ] {
            let found: Vec<&str> =
                ignored(html).into_iter().map(|each| &html[each.range]).collect();
            assert_eq!(found, words, "{html}");
        }
    }
}
