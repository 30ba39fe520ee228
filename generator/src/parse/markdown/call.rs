//! Writes the calls of components: one piece each, with their bodies.

use std::ops::Range;

use pulldown_cmark::TagEnd;

use super::{Call, Container, Frame, FrameKind, MAX_DEPTH, Writer};
use crate::parse::call::{CallError, Form};
use crate::parse::component;
use crate::parse::{Piece, Purpose, Value};

/// The deepest nesting of components; each is a nested template.
const MAX_COMPONENT_DEPTH: usize = 20;

impl<'a> Writer<'a> {
    /// The next call, if it begins before `end`.
    fn call_before(&self, end: usize) -> Option<&'a Call> {
        let calls: &'a [Call] = self.calls;
        calls.get(self.next_call).filter(|call| call.range.start < end)
    }

    /// Writes text that may contain masked calls.
    pub(super) fn text_or_calls(&mut self, text: &str, range: Range<usize>) {
        if self.call_before(range.end).is_none() {
            self.text(text);
            return;
        }
        self.refuse_misplaced(range.start);
        let mut at = range.start;
        while let Some(call) = self.call_before(range.end) {
            if call.range.end > range.end || text.len() != range.len() {
                break;
            }
            let before = &text[at - range.start..call.range.start - range.start];
            if !(self.bare_paragraph && before.trim().is_empty()) {
                self.text(before);
            }
            self.next_call += 1;
            self.whole(call);
            at = call.range.end;
        }
        let rest = text.get(at - range.start..).unwrap_or_default();
        if !(self.bare_paragraph && rest.trim().is_empty()) {
            self.text(rest);
        }
    }

    /// Whether a paragraph consists of calls only.
    pub(super) fn only_calls(&self, paragraph: Range<usize>) -> bool {
        let mut at = paragraph.start;
        let inside = self.calls[self.next_call..]
            .iter()
            .skip_while(|call| call.range.start < paragraph.start)
            .take_while(|call| call.range.start < paragraph.end);
        for call in inside {
            if call.form != Form::Whole || !self.markdown[at..call.range.start].trim().is_empty() {
                return false;
            }
            at = call.range.end;
        }
        at > paragraph.start
            && at <= paragraph.end
            && self.markdown[at..paragraph.end].trim().is_empty()
    }

    /// Reports the calls before `until` that are not within any text.
    pub(super) fn refuse_misplaced(&mut self, until: usize) {
        while let Some(call) = self.call_before(until) {
            self.next_call += 1;
            self.refuse(CallError {
                range: call.range.clone(),
                message: format!("`{}` is not allowed here", call.name),
                help: "use components within text or in a paragraph of their own, but not in an \
                       address or a text alternative"
                    .to_owned(),
            });
        }
    }

    fn check(&mut self, call: &Call) -> Vec<(String, Value)> {
        self.written.components.insert(call.name.clone());
        let lacking = match self.rules.purpose {
            Purpose::Publishing => None,
            Purpose::Writing => component::without_alt(call, self.rules.components),
        };
        let whole = lacking.as_ref().map_or(call, |(whole, _)| whole);
        match component::check(whole, self.rules.components) {
            Ok(arguments) => {
                if let Some((_, CallError { range, message, help })) = lacking {
                    let missing = self.missing(range, message).help(help);
                    self.push(missing);
                }
                self.note_addresses(call);
                arguments
            }
            Err(errors) => {
                errors.into_iter().for_each(|error| self.refuse(error));
                Vec::new()
            }
        }
    }

    fn whole(&mut self, call: &Call) {
        if call.form != Form::Whole {
            self.refuse_within_line(call);
            return;
        }
        let arguments = self.check(call);
        self.check_placement(call);
        let place = self.place(call.range.clone());
        let piece = Piece::Component { name: call.name.clone(), arguments, place, body: None };
        self.output.push(piece);
    }

    fn refuse_within_line(&mut self, call: &Call) {
        self.refuse(CallError {
            range: call.range.clone(),
            message: format!("this tag of `{}` is not on a line of its own", call.name),
            help: "put it on its own line, without spaces before it".to_owned(),
        });
    }

    /// Writes the calls in a line of HTML, whose tags are masked as comments, and returns the rest of the line; `None`
    /// if it has no calls.
    pub(super) fn calls_in_html(&mut self, range: &Range<usize>, alone: bool) -> Option<String> {
        self.call_before(range.end)?;
        self.refuse_misplaced(range.start);
        let mut rest = String::new();
        let mut at = range.start;
        let first = self.next_call;
        while let Some(call) =
            self.call_before(range.end).filter(|call| call.range.end <= range.end)
        {
            rest.push_str(&self.markdown[at..call.range.start]);
            at = call.range.end;
            self.next_call += 1;
        }
        rest.push_str(&self.markdown[at..range.end]);
        let calls: &'a [Call] = self.calls;
        for call in &calls[first..self.next_call] {
            match call.form {
                Form::Whole => {
                    self.flush_html(std::mem::take(&mut rest));
                    self.whole(call);
                }
                _ if !alone || !rest.trim().is_empty() => {
                    self.refuse_within_line(call);
                    rest.clear();
                }
                Form::Open => self.open(call),
                Form::Close => self.close(call),
            }
        }
        Some(rest)
    }

    fn open(&mut self, call: &'a Call) {
        let arguments = self.check(call);
        let components =
            self.frames.iter().filter(|frame| matches!(frame.kind, FrameKind::Component { .. }));
        if components.count() >= MAX_COMPONENT_DEPTH || self.containers.len() >= MAX_DEPTH {
            self.refuse(CallError {
                range: call.range.clone(),
                message: format!("more than {MAX_COMPONENT_DEPTH} components are nested here"),
                help: "close some of them before this one".to_owned(),
            });
            self.stopped = true;
            return;
        }
        self.frames.push(Frame {
            outer: std::mem::take(&mut self.output),
            kind: FrameKind::Component { call, arguments, refused: false },
            containers: self.containers.len(),
        });
    }

    fn close(&mut self, call: &Call) {
        let here = self.containers.len();
        let named = |frame: &Frame| matches!(&frame.kind, FrameKind::Component { call: opened, .. } if opened.name == call.name);
        if let Some(index) =
            self.frames.iter().rposition(|frame| frame.containers == here && named(frame))
        {
            while self.frames.len() > index + 1 {
                self.leave_unclosed(None);
            }
            self.leave();
            return;
        }
        let name = &call.name;
        let line = |frame: &Frame| match &frame.kind {
            FrameKind::Component { call, .. } => {
                Some((call.name.clone(), self.place(call.range.clone()).line))
            }
            FrameKind::Note { .. } => None,
        };
        let open_here = self.frames.last().filter(|frame| frame.containers == here).and_then(line);
        let outside = self.frames.iter().rposition(named);
        let (message, help) = match (open_here, outside) {
            (Some((open, line)), _) => (
                format!("`{name}` is closed here, but `{open}` has been open since line {line}"),
                format!("write `{{% </{open}> %}}`, or close `{open}` first"),
            ),
            (None, Some(index)) => {
                let container = self.containers.get(self.frames[index].containers);
                let words = container.map_or("this", |container| words_for(container.tag));
                if let FrameKind::Component { refused, .. } = &mut self.frames[index].kind {
                    *refused = true;
                }
                (
                    format!("`{name}` is closed inside {words}, but opened outside it"),
                    "put an empty line before this tag, and no spaces at the start of its line"
                        .to_owned(),
                )
            }
            (None, None) => (
                format!("`{name}` is closed here, but was never opened"),
                format!("write `{{% <{name}> %}}` on a line of its own above the text"),
            ),
        };
        self.refuse(CallError { range: call.range.clone(), message, help });
    }

    /// Closes the innermost component, and reports a missing closing tag.
    pub(super) fn leave_unclosed(&mut self, container: Option<&Container>) {
        // If parsing was aborted, its closing tag may be further on.
        if !self.stopped
            && let Some(Frame { kind: FrameKind::Component { call, refused: false, .. }, .. }) =
                self.frames.last()
        {
            let name = &call.name;
            let (message, help) = match container {
                Some(container) => {
                    let words = words_for(container.tag);
                    (
                        format!("`{name}` is opened inside {words}, but not closed there"),
                        format!("put `{{% </{name}> %}}` below its text, indented like this tag"),
                    )
                }
                None => (
                    format!("`{name}` is never closed"),
                    format!("put `{{% </{name}> %}}` on a line of its own below its text"),
                ),
            };
            let range = call.range.clone();
            self.refuse(CallError { range, message, help });
        }
        self.leave();
    }

    /// Closes the innermost frame and adds its content to the enclosing one.
    pub(super) fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        let inner = std::mem::replace(&mut self.output, frame.outer).into_pieces();
        match frame.kind {
            FrameKind::Component { call, arguments, .. } => {
                let place = self.place(call.range.clone());
                let name = call.name.clone();
                self.output.push(Piece::Component { name, arguments, place, body: Some(inner) });
            }
            FrameKind::Note { index } => self.notes[index].pieces = Some(inner),
        }
    }
}

fn words_for(tag: TagEnd) -> &'static str {
    match tag {
        TagEnd::Item | TagEnd::List(_) => "a list",
        TagEnd::BlockQuote(_) => "a quotation",
        TagEnd::FootnoteDefinition => "a footnote",
        TagEnd::DefinitionList | TagEnd::DefinitionListTitle | TagEnd::DefinitionListDefinition => {
            "a definition"
        }
        _ => "another element",
    }
}
