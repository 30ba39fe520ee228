//! Block elements: paragraphs, headings, lists, tables, code.

use std::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Tag, TagEnd};

use super::{Container, FrameKind, Heading, MAX_DEPTH, OpenHeading, Piece, Table, Writer, link};
use crate::html::escape_attribute;
use crate::nfc::nfc;
use crate::parse::text::trimmed;

impl<'a> Writer<'a> {
    pub(super) fn start(
        &mut self,
        tag: Tag<'a>,
        range: Range<usize>,
        definition: Option<Range<usize>>,
    ) {
        if self.containers.len() >= MAX_DEPTH {
            let start = range.start..range.start + 1;
            let diagnostic = self
                .error(start, format!("more than {MAX_DEPTH} elements are nested here"))
                .help("remove some of the `>`, `-` or `*` at the start of this text");
            self.push(diagnostic);
            self.stopped = true;
            return;
        }
        if let Tag::HtmlBlock = tag {
            self.raw.begin(range.start);
            return;
        }
        let container = Container { tag: tag.to_end(), frames: self.frames.len() };
        self.containers.push(container);
        if !matches!(
            tag,
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. }
        ) {
            self.words.gap();
            self.close_label();
        }
        let html = &mut self.output.html;
        match tag {
            Tag::Paragraph => self.start_paragraph(range),
            Tag::Heading { level, id, classes, attrs } => {
                let id = id.map(CowStr::into_string);
                let first = self.frames.is_empty()
                    && self.output.pieces.is_empty()
                    && self.output.html.is_empty();
                let html = &mut self.output.html;
                html.push_str("<h");
                html.push(char::from(b'0' + level as u8));
                let at = (self.output.pieces.len(), self.output.html.len());
                let text = String::new();
                self.heading = Some(match braces(&self.markdown[range.clone()]) {
                    Some(braces) => OpenHeading {
                        id: None,
                        classes: String::new(),
                        text,
                        braces: Some(braces.to_owned()),
                        at,
                        first,
                    },
                    None => {
                        let classes = classes.join(" ");
                        OpenHeading { id, classes, text, braces: None, at, first }
                    }
                });
                self.refuse_attributes(&attrs, range);
            }
            Tag::BlockQuote(_) => html.push_str("<blockquote>\n"),
            Tag::CodeBlock(kind) => self.start_code(&kind, range),
            Tag::List(None) => html.push_str("<ul>\n"),
            Tag::List(Some(1)) => html.push_str("<ol>\n"),
            Tag::List(Some(start)) => {
                html.push_str("<ol start=\"");
                html.push_str(&start.to_string());
                html.push_str("\">\n");
            }
            Tag::Item => html.push_str("<li>"),
            Tag::FootnoteDefinition(label) => self.start_note(&label, range),
            Tag::DefinitionList => html.push_str("<dl>\n"),
            Tag::DefinitionListTitle => html.push_str("<dt>"),
            Tag::DefinitionListDefinition => html.push_str("<dd>"),
            Tag::Table(alignments) => {
                self.table = Table { alignments, ..Table::default() };
                html.push_str("<div class=\"table\"><table>\n");
            }
            Tag::TableHead => {
                self.table.head = true;
                self.table.column = 0;
                html.push_str("<thead>\n<tr>");
            }
            Tag::TableRow => {
                if !std::mem::replace(&mut self.table.body, true) {
                    html.push_str("<tbody>\n");
                }
                self.table.column = 0;
                html.push_str("<tr>");
            }
            Tag::TableCell => self.start_cell(),
            Tag::Emphasis => html.push_str("<em>"),
            Tag::Strong => html.push_str("<strong>"),
            Tag::Strikethrough => html.push_str("<del>"),
            Tag::Link { link_type, dest_url, title, .. } => {
                let link = link::Start { link_type, target: &dest_url, title: &title, definition };
                self.start_link(&link, range);
            }
            Tag::Image { link_type, dest_url, title, .. } => {
                let link = link::Start { link_type, target: &dest_url, title: &title, definition };
                self.start_image(&link, range);
            }
            // Not enabled in our options, or handled above.
            Tag::HtmlBlock | Tag::Superscript | Tag::Subscript | Tag::MetadataBlock(_) => {}
        }
    }

    pub(super) fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        if tag == TagEnd::HtmlBlock {
            self.end_html_block();
            return;
        }
        self.close_label_at(tag);
        let Some(container) = self.containers.pop() else { return };
        let note = usize::from(tag == TagEnd::FootnoteDefinition);
        while self.frames.len() > container.frames + note {
            self.leave_unclosed(Some(&container));
        }
        let html = &mut self.output.html;
        match tag {
            TagEnd::Paragraph => {
                self.prose.end();
                if !std::mem::take(&mut self.bare_paragraph) {
                    html.push_str("</p>\n");
                }
            }
            TagEnd::Heading(level) => self.end_heading(level as u8, range),
            TagEnd::BlockQuote(_) => html.push_str("</blockquote>\n"),
            TagEnd::CodeBlock => {
                if let Some((language, code)) = self.code.take() {
                    self.highlighter.write(&code, &language, html);
                }
                html.push_str("</code></pre>\n");
            }
            TagEnd::List(true) => html.push_str("</ol>\n"),
            TagEnd::List(false) => html.push_str("</ul>\n"),
            TagEnd::Item => html.push_str("</li>\n"),
            TagEnd::FootnoteDefinition => self.leave(),
            TagEnd::DefinitionList => html.push_str("</dl>\n"),
            TagEnd::DefinitionListTitle => html.push_str("</dt>\n"),
            TagEnd::DefinitionListDefinition => html.push_str("</dd>\n"),
            TagEnd::Table => {
                html.push_str(if self.table.body { "</tbody>\n" } else { "" });
                html.push_str("</table></div>\n");
            }
            TagEnd::TableHead => {
                self.table.head = false;
                html.push_str("</tr>\n</thead>\n");
            }
            TagEnd::TableRow => html.push_str("</tr>\n"),
            TagEnd::TableCell => {
                html.push_str(if self.table.head { "</th>" } else { "</td>" });
            }
            TagEnd::Emphasis => html.push_str("</em>"),
            TagEnd::Strong => html.push_str("</strong>"),
            TagEnd::Strikethrough => html.push_str("</del>"),
            TagEnd::Link => self.end_link(range),
            TagEnd::Image
            | TagEnd::HtmlBlock
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    fn start_paragraph(&mut self, range: Range<usize>) {
        self.bare_paragraph = self.only_calls(range.clone());
        if !self.bare_paragraph {
            self.doubt_paragraph(range);
            self.output.html.push_str("<p>");
            let inside =
                self.frames.iter().any(|frame| matches!(frame.kind, FrameKind::Note { .. }));
            if !inside {
                self.prose.begin(self.frames.is_empty());
            }
        }
    }

    fn start_code(&mut self, kind: &CodeBlockKind, range: Range<usize>) {
        if matches!(kind, CodeBlockKind::Indented) {
            self.doubt_code(range);
        } else {
            self.doubt_fence(range);
        }
        let language = match kind {
            CodeBlockKind::Fenced(info) => info.split([' ', ',', '\t']).next().unwrap_or_default(),
            CodeBlockKind::Indented => "",
        };
        let html = &mut self.output.html;
        if language.is_empty() {
            html.push_str("<pre><code>");
        } else {
            html.push_str("<pre><code class=\"language-");
            escape_attribute(language, html);
            html.push_str("\">");
        }
        self.code = Some((language.to_owned(), String::new()));
    }

    fn start_cell(&mut self) {
        let class = match self.table.alignments.get(self.table.column) {
            Some(Alignment::Left) => " class=\"align-left\"",
            Some(Alignment::Center) => " class=\"align-center\"",
            Some(Alignment::Right) => " class=\"align-right\"",
            Some(Alignment::None) | None => "",
        };
        self.table.column += 1;
        let html = &mut self.output.html;
        html.push_str(if self.table.head { "<th scope=\"col\"" } else { "<td" });
        html.push_str(class);
        html.push('>');
    }

    fn refuse_attributes(&mut self, attributes: &[(CowStr, Option<CowStr>)], range: Range<usize>) {
        let Some((name, _)) = attributes.iter().find(|(_, value)| value.is_some()) else { return };
        let at = self.markdown[range.clone()].rfind(&**name).unwrap_or(0);
        let at = range.start + at..range.start + at + name.len();
        let diagnostic = self
            .error(at, format!("a heading cannot have the attribute `{name}`"))
            .help("the braces may contain only an anchor, `#name`, and classes, `.name`");
        self.push(diagnostic);
    }

    fn end_heading(&mut self, level: u8, range: Range<usize>) {
        if let Some(braces) = self.heading.as_mut().and_then(|heading| heading.braces.take()) {
            self.text(&format!(" {braces}"));
        }
        let Some(mut heading) = self.heading.take() else { return };
        let text = trimmed(std::mem::take(&mut heading.text));
        let html = &mut self.output.html;
        html.push_str("</h");
        html.push(char::from(b'0' + level));
        html.push_str(">\n");
        let (pieces, at) = heading.at;
        if level == 1 && self.source.title_wanted && self.written.title.is_none() {
            self.written.title = Some(text.clone());
            // The theme shows the title; a heading at the start of the page would repeat it.
            if heading.first && heading.id.is_none() {
                self.output.pieces.truncate(pieces);
                self.output.html.clear();
                return;
            }
        }
        // A heading whose text is the page's title is not checked.
        if self.written.title.as_deref() != Some(text.as_str()) {
            self.doubt_heading(level, &text, range);
        }
        let id = heading.id.take().map(|id| nfc(&id).into_owned());
        let id = id.unwrap_or_else(|| self.anchors.make(&text));
        let mut attributes = String::with_capacity(id.len() + 8);
        attributes.push_str(" id=\"");
        escape_attribute(&id, &mut attributes);
        if !heading.classes.is_empty() {
            attributes.push_str("\" class=\"");
            escape_attribute(&heading.classes, &mut attributes);
        }
        attributes.push_str("\">");
        match self.output.pieces.get_mut(pieces) {
            Some(Piece::Html(html)) => html.insert_str(at, &attributes),
            _ => self.output.html.insert_str(at, &attributes),
        }
        self.written.headings.push(Heading { level, id, text });
    }

    /// Closes the label of a task, which ends where a block begins or its item ends.
    fn close_label(&mut self) {
        if std::mem::take(&mut self.label_open) {
            self.output.html.push_str("</label>");
        }
    }

    fn close_label_at(&mut self, tag: TagEnd) {
        if matches!(tag, TagEnd::Item | TagEnd::Paragraph) {
            self.close_label();
        }
    }
}

/// The braces at the end of a heading with their content, if a part of it is neither an anchor nor a class nor an
/// attribute: then all of it is text, such as `{block}`, which the parser would drop.
fn braces(source: &str) -> Option<&str> {
    let source = source.trim_end();
    let content = match source.trim_start().starts_with('#') {
        true => source,
        // The line below it is its underline.
        false => source.rsplit_once('\n')?.0.trim_end(),
    };
    let start = content.strip_suffix('}')?.rfind('{')?;
    let inner = &content[start + 1..content.len() - 1];
    if inner.contains(['<', '>', '}', '\\', '\n', '=']) {
        return None;
    }
    let mut parts = inner.split_ascii_whitespace().peekable();
    let is_text = parts.peek().is_none()
        || parts.any(|part| part.len() == 1 || !part.starts_with(['#', '.']));
    is_text.then_some(&content[start..])
}
