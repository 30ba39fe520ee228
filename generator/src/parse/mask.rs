//! Finds component calls in Markdown and masks them.
//!
//! The inside of a call is not Markdown: a star or a bar in an argument must not change the text around it. But only a
//! Markdown parser knows where code is. So a page with calls is parsed twice: once to find its code, and once with each
//! call replaced by as many neutral bytes, which keeps every offset. A page without `{` is parsed once.

use std::ops::Range;

use memchr::memchr;
use pulldown_cmark::{Event, Options, Parser, Tag};

use super::call::{self, Call, CallError, Form};
use super::shortcode;

/// The result of the first pass over a page.
#[derive(Default)]
pub(super) struct Hidden {
    /// The calls, in order.
    pub(super) calls: Vec<Call>,
    /// Errors for text that begins like a call but is not one, with their ranges.
    pub(super) errors: Vec<(CallError, Range<usize>)>,
    /// The ranges of Hugo shortcodes.
    pub(super) shortcodes: Vec<Range<usize>>,
    /// The explicit anchors of headings, with the ranges of those headings.
    pub(super) anchors: Vec<(String, Range<usize>)>,
    /// The Markdown with its calls masked, if there are any.
    pub(super) masked: Option<String>,
}

/// With more errors than this, a page does not hold calls but something else; each might be read to the page's end.
const MAX_ERRORS: usize = 50;
/// The longest shortcode.
const MAX_SHORTCODE_BYTES: usize = 2_000;

/// Parses `markdown` once, if it may contain a call.
pub(super) fn hide(markdown: &str, options: Options) -> Hidden {
    let mut hidden = Hidden::default();
    if memchr(b'{', markdown.as_bytes()).is_none() {
        return hidden;
    }
    let mut opaque: Vec<Range<usize>> = Vec::new();
    for (event, range) in Parser::new_ext(markdown, options).into_offset_iter() {
        match event {
            Event::Code(_) | Event::Start(Tag::CodeBlock(_)) => opaque.push(range),
            Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_)
                if markdown[range.clone()].trim_start().starts_with("<!--") =>
            {
                opaque.push(range);
            }
            Event::Start(Tag::Heading { id: Some(id), .. }) => {
                hidden.anchors.push((id.into_string(), range));
            }
            _ => {}
        }
    }
    let mut bytes = Vec::new();
    let mut opaque = opaque.into_iter().peekable();
    let mut at = 0;
    while let Some(found) = memchr(b'{', &markdown.as_bytes()[at..]) {
        let start = at + found;
        at = start + 1;
        while opaque.next_if(|range| range.end <= start).is_some() {}
        if let Some(code) = opaque.peek().filter(|range| range.start <= start) {
            at = code.end;
            continue;
        }
        if !call::begins(markdown, start) || is_escaped(markdown, start) {
            continue;
        }
        if hidden.errors.len() + hidden.shortcodes.len() >= MAX_ERRORS {
            break;
        }
        if bytes.is_empty() {
            bytes = markdown.as_bytes().to_vec();
        }
        let near = &markdown[start..markdown.floor_char_boundary(start + MAX_SHORTCODE_BYTES)];
        if let Some(shortcode) = shortcode::hugo(near) {
            at = start + shortcode.text.len();
            mask(&mut bytes[start..at], Form::Whole);
            hidden.shortcodes.push(start..at);
            continue;
        }
        match call::read(markdown, start) {
            Ok(call) => {
                at = call.range.end;
                mask(&mut bytes[call.range.clone()], call.form);
                hidden.calls.push(call);
            }
            Err(error) => {
                at = end_of_error(markdown, start);
                mask(&mut bytes[start..at], Form::Whole);
                hidden.errors.push((error, start..at));
            }
        }
    }
    if !bytes.is_empty() {
        hidden.masked =
            Some(String::from_utf8(bytes).expect("calls begin and end between characters"));
    }
    hidden
}

/// Masks a call by a word within text, and by a comment, which ends a paragraph, if it is a tag on its own line.
fn mask(bytes: &mut [u8], form: Form) {
    bytes.fill(b'X');
    let length = bytes.len();
    if form != Form::Whole && length >= 7 {
        bytes[..4].copy_from_slice(b"<!--");
        bytes[length - 3..].copy_from_slice(b"-->");
    }
}

fn is_escaped(text: &str, at: usize) -> bool {
    let backslashes = text.as_bytes()[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
    backslashes % 2 == 1
}

/// Where to continue after an invalid call: at its end, or else at the end of the line.
fn end_of_error(text: &str, start: usize) -> usize {
    let line = text[start..].split('\n').next().unwrap_or_default();
    let close = if line.starts_with("{%") { "%}" } else { "}}" };
    start + line.find(close).map_or(line.trim_end().len().max(2), |at| at + 2)
}
