//! Rejects components where their HTML is not allowed: a block in a paragraph, a link in a link.

use pulldown_cmark::TagEnd;

use super::{Call, Writer};
use crate::parse::call::CallError;

/// An element that allows phrasing content only.
struct Line {
    /// What it is called.
    words: &'static str,
    /// What an editor does before moving the component.
    first: &'static str,
    /// Where to put the component.
    to: &'static str,
}

const ON_ITS_OWN: &str = "put it on a line of its own, with an empty line before and after";

impl Writer<'_> {
    /// Reports a component that is not allowed here.
    pub(super) fn check_placement(&mut self, call: &Call) {
        let Some(shape) = self.rules.components.get(&call.name) else { return };
        let name = &call.name;
        let line = self.line();
        let (message, help) = match line {
            Some(Line { words, first, to }) if shape.is_block => (
                format!("`{name}` is a block, which is not allowed in {words}"),
                format!("{first}{to}"),
            ),
            _ if shape.is_interactive && self.open_link.is_some() => (
                format!("`{name}` contains a link or a button, which is not allowed in a link"),
                "move it out of the square brackets".to_owned(),
            ),
            _ => return,
        };
        self.refuse(CallError { range: call.range.clone(), message, help });
    }

    /// The innermost element around this place that allows no blocks (HTML, 3.2.5.2.5).
    fn line(&self) -> Option<Line> {
        let line = |words, first, to| Some(Line { words, first, to });
        if self.label_open {
            return line("a task", "", "put it on a line of its own below the list");
        }
        let since = self.frames.last().map_or(0, |frame| frame.containers);
        let inside = self.containers[since..].iter().rev();
        inside.map(|container| container.tag).find_map(|tag| match tag {
            TagEnd::Paragraph if !self.bare_paragraph => line("a paragraph", "", ON_ITS_OWN),
            TagEnd::Heading(_) => {
                line("a heading", "", "put it on a line of its own below the heading")
            }
            TagEnd::Emphasis | TagEnd::Strong => line(
                "bold or italic text",
                "remove the characters that format it, and ",
                ON_ITS_OWN,
            ),
            TagEnd::Strikethrough => {
                line("crossed-out text", "remove the characters that format it, and ", ON_ITS_OWN)
            }
            TagEnd::Link => line("a link", "move it out of the square brackets, and ", ON_ITS_OWN),
            TagEnd::TableCell if self.table.head => {
                line("the header row of a table", "", "put it in another row, or below the table")
            }
            TagEnd::DefinitionListTitle => {
                line("the term of a definition", "", "put it on a line of its own below the list")
            }
            _ => None,
        })
    }
}
