//! Footnotes: numbered in order of first reference, listed at the end of the text, each with a link back (the roles of
//! DPUB-ARIA 1.1).

use std::fmt::Write as _;
use std::ops::Range;

use super::{Frame, FrameKind, Writer};
use crate::diagnostic::Diagnostic;
use crate::html::escape_attribute;
use crate::parse::Piece;

/// A footnote that has been referred to.
#[derive(Default)]
pub(super) struct Note {
    /// The anchors of the references to it; its number follows from the first.
    references: Vec<String>,
    number: usize,
    anchor: String,
    defined: Range<usize>,
    pub(super) pieces: Option<Vec<Piece>>,
}

impl Writer<'_> {
    fn note(&mut self, label: &str) -> usize {
        if let Some(index) = self.note_labels.get(label) {
            return *index;
        }
        let index = self.notes.len();
        self.note_labels.insert(label.to_owned(), index);
        self.notes.push(Note::default());
        index
    }

    pub(super) fn note_reference(&mut self, label: &str) {
        let index = self.note(label);
        if self.notes[index].references.is_empty() {
            self.notes_referred += 1;
            let number = self.notes_referred;
            self.notes[index].number = number;
            self.notes[index].anchor = self.anchors.make(&format!("footnote {number}"));
        }
        let number = self.notes[index].number;
        let reference = self.anchors.make(&format!("footnote reference {number}"));
        let html = &mut self.output.html;
        html.push_str("<sup class=\"footnote-reference\"><a href=\"#");
        escape_attribute(&self.notes[index].anchor, html);
        html.push_str("\" id=\"");
        escape_attribute(&reference, html);
        let _ = write!(html, "\" role=\"doc-noteref\">{number}</a></sup>");
        self.notes[index].references.push(reference);
    }

    pub(super) fn start_note(&mut self, label: &str, range: Range<usize>) {
        let index = self.note(label);
        let end =
            self.markdown[range.clone()].find("]:").map_or(range.end, |at| range.start + at + 1);
        self.notes[index].defined = range.start..end;
        self.frames.push(Frame {
            outer: std::mem::take(&mut self.output),
            kind: FrameKind::Note { index },
            containers: self.containers.len(),
        });
    }

    /// Writes the list of footnotes after the text.
    pub(super) fn write_notes(&mut self) {
        let mut notes = std::mem::take(&mut self.notes);
        for note in notes.iter().filter(|note| note.references.is_empty()) {
            let warning = Diagnostic::warning(self.source.path, "nothing refers to this footnote")
                .at(self.place(note.defined.clone()))
                .help("write its reference, such as `[^1]`, after the text that it explains");
            self.push(warning);
        }
        notes.retain(|note| !note.references.is_empty());
        notes.sort_by_key(|note| note.number);
        if notes.is_empty() {
            return;
        }
        self.output
            .html
            .push_str("<section class=\"footnotes\" role=\"doc-endnotes\" aria-label=\"");
        escape_attribute(self.rules.footnotes, &mut self.output.html);
        self.output.html.push_str("\">\n<ol>\n");
        for note in notes {
            self.write_note(note);
        }
        self.output.html.push_str("</ol>\n</section>\n");
    }

    fn write_note(&mut self, note: Note) {
        let mut back = String::new();
        for (index, reference) in note.references.iter().enumerate() {
            back.push_str(" <a href=\"#");
            escape_attribute(reference, &mut back);
            back.push_str("\" class=\"footnote-return\" role=\"doc-backlink\" aria-label=\"");
            escape_attribute(self.rules.footnote_return, &mut back);
            if note.references.len() > 1 {
                let _ = write!(back, " {}", index + 1);
            }
            back.push_str("\">↩</a>");
        }
        self.output.html.push_str("<li id=\"");
        escape_attribute(&note.anchor, &mut self.output.html);
        self.output.html.push_str("\">");
        let mut pieces = note.pieces.unwrap_or_default();
        // The link back goes into the last line of the note, not below it.
        let end = "</p>\n";
        match pieces.last_mut() {
            Some(Piece::Html(html)) if html.ends_with(end) => {
                html.insert_str(html.len() - end.len(), &back);
                back.clear();
            }
            _ => {}
        }
        for piece in pieces {
            match piece {
                Piece::Html(html) => self.output.html.push_str(&html),
                piece => self.output.push(piece),
            }
        }
        self.output.html.push_str(&back);
        self.output.html.push_str("</li>\n");
        self.written.anchors.push(note.anchor);
        self.written.anchors.extend(note.references);
    }
}
