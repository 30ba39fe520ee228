//! Turns markdown into pieces of HTML, and notes its headings, links and words on the way. Pure.
//!
//! One pass over the events of `pulldown-cmark`. Not its own writer: links and images stay open
//! until the whole site is known, tables are aligned by classes, raw HTML is text.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use daisychain_functions::yaml::Place;
use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};
use pulldown_cmark_escape::{escape_html, escape_html_body_text};

use super::call::{Call, CallError};
use super::mask::{self, Hidden};
use super::slug::Anchors;
use super::text::{Prose, Words};
use super::{Heading, Link, Piece, Rules};
use crate::diagnostic::{Diagnostic, Lines};

mod call;
mod html;
mod link;
mod literal;
mod note;

use note::Note;

/// What markdown becomes.
pub(super) struct Written {
    pub(super) pieces: Vec<Piece>,
    pub(super) headings: Vec<Heading>,
    pub(super) links: Vec<Link>,
    pub(super) anchors: Vec<String>,
    pub(super) components: BTreeSet<String>,
    pub(super) words: u32,
    /// The text of the first paragraph.
    pub(super) opening: String,
    /// The text of the first heading of level 1, where one was asked for.
    pub(super) title: Option<String>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// A file whose markdown is to be written.
pub(super) struct Source<'a> {
    /// The file, relative to the site's root.
    pub(super) path: &'a str,
    /// Its whole text.
    pub(super) text: &'a str,
    /// Where its markdown begins.
    pub(super) body: usize,
    /// Whether its first heading is its title.
    pub(super) title_wanted: bool,
}

/// Quotations and lists within one another, and emphasis within emphasis: browsers and readers give
/// up long before, and the site's own templates nest on top of it.
const DEEPEST: usize = 100;
/// So many diagnostics of one page are shown; who has more has one cause for most of them.
const MOST_DIAGNOSTICS: usize = 100;

/// Writes the markdown of a file.
pub(super) fn write(source: &Source, rules: &Rules) -> Written {
    let markdown = &source.text[source.body..];
    let options = options(rules);
    let hidden = mask::hide(markdown, options);
    let Hidden { calls, errors, anchors, masked } = hidden;
    let markdown = masked.as_deref().unwrap_or(markdown);
    let mut writer = Writer::new(source, rules, markdown, &calls);
    for error in errors {
        writer.refuse(error);
    }
    writer.keep_anchors(anchors);
    let mut events = Parser::new_ext(markdown, options).into_offset_iter();
    while let Some((event, range)) = events.next() {
        let definition = match &event {
            Event::Start(Tag::Link { id, link_type, .. } | Tag::Image { id, link_type, .. })
                if matches!(
                    link_type,
                    LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut
                ) =>
            {
                events.reference_definitions().get(id).map(|definition| definition.span.clone())
            }
            _ => None,
        };
        // A link's own start reaches to its end; its words have not begun.
        let end = if let Event::Start(_) = event { range.start } else { range.end };
        writer.event(event, range, definition);
        if writer.stopped {
            break;
        }
        writer.last_end = end;
    }
    writer.finish()
}

fn options(rules: &Rules) -> Options {
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST;
    options.set(Options::ENABLE_SMART_PUNCTUATION, rules.smart_punctuation);
    options
}

/// What is written into while something is open that becomes a piece or a note.
#[derive(Default)]
struct Output {
    pieces: Vec<Piece>,
    html: String,
}

impl Output {
    fn flush(&mut self) {
        if !self.html.is_empty() {
            // The buffer is kept for the next piece; the piece takes no more than it needs.
            self.pieces.push(Piece::Html(self.html.as_str().to_owned()));
            self.html.clear();
        }
    }

    fn push(&mut self, piece: Piece) {
        self.flush();
        self.pieces.push(piece);
    }

    fn into_pieces(mut self) -> Vec<Piece> {
        self.flush();
        self.pieces
    }
}

/// An element of the markdown that is open.
struct Container {
    tag: TagEnd,
    /// How many frames were open when it began.
    frames: usize,
}

/// A component's body or a footnote that is open; it keeps what was written before it.
struct Frame<'a> {
    outer: Output,
    kind: FrameKind<'a>,
    /// How many containers were open when it began.
    containers: usize,
}

enum FrameKind<'a> {
    Component { call: &'a Call, arguments: Vec<(String, super::Value)>, refused: bool },
    Note { index: usize },
}

/// A heading whose words are still being written.
struct OpenHeading {
    id: Option<String>,
    classes: String,
    text: String,
    /// Where its attributes go: the number of pieces before it, and the byte in the next one.
    at: (usize, usize),
    /// Whether nothing stands before it on the page.
    first: bool,
}

struct Writer<'a> {
    source: &'a Source<'a>,
    rules: &'a Rules<'a>,
    /// The markdown, with calls hidden.
    markdown: &'a str,
    lines: Lines<'a>,
    calls: &'a [Call],
    next_call: usize,
    output: Output,
    frames: Vec<Frame<'a>>,
    containers: Vec<Container>,
    /// Where the last event ended: behind the words of a link that is about to end.
    last_end: usize,
    anchors: Anchors,
    heading: Option<OpenHeading>,
    links: Vec<Link>,
    image: Option<link::OpenImage>,
    open_link: Option<link::OpenLink>,
    notes: Vec<Note>,
    note_labels: HashMap<String, usize>,
    notes_referred: usize,
    table: Table,
    /// The paragraph holds nothing but calls and is replaced by them.
    bare_paragraph: bool,
    label_open: bool,
    in_code: bool,
    raw: html::Raw,
    literal: literal::Literal,
    words: Words,
    prose: Prose,
    written: Written,
    /// The page cannot be written on.
    stopped: bool,
    more_diagnostics: usize,
}

#[derive(Default)]
struct Table {
    alignments: Vec<Alignment>,
    column: usize,
    head: bool,
    body: bool,
}

impl<'a> Writer<'a> {
    fn new(
        source: &'a Source<'a>,
        rules: &'a Rules<'a>,
        markdown: &'a str,
        calls: &'a [Call],
    ) -> Self {
        Writer {
            source,
            rules,
            markdown,
            lines: Lines::new(source.text),
            calls,
            next_call: 0,
            output: Output {
                pieces: Vec::new(),
                html: String::with_capacity(markdown.len() + markdown.len() / 4),
            },
            frames: Vec::new(),
            containers: Vec::new(),
            last_end: 0,
            anchors: Anchors::default(),
            heading: None,
            links: Vec::new(),
            image: None,
            open_link: None,
            notes: Vec::new(),
            note_labels: HashMap::new(),
            notes_referred: 0,
            stopped: false,
            table: Table::default(),
            bare_paragraph: false,
            label_open: false,
            in_code: false,
            raw: html::Raw::default(),
            literal: literal::Literal::default(),
            words: Words::default(),
            prose: Prose::default(),
            written: Written {
                pieces: Vec::new(),
                headings: Vec::new(),
                links: Vec::new(),
                anchors: Vec::new(),
                components: BTreeSet::new(),
                words: 0,
                opening: String::new(),
                title: None,
                diagnostics: Vec::new(),
            },
            more_diagnostics: 0,
        }
    }

    fn place(&self, range: Range<usize>) -> Place {
        self.lines.place(self.source.body + range.start..self.source.body + range.end)
    }

    fn error(&self, range: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(self.source.path, message).at(self.place(range))
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        if self.written.diagnostics.len() < MOST_DIAGNOSTICS {
            self.written.diagnostics.push(diagnostic);
        } else {
            self.more_diagnostics += 1;
        }
    }

    fn refuse(&mut self, error: CallError) {
        let diagnostic = self.error(error.range, error.message).help(error.help);
        self.push(diagnostic);
    }

    /// Anchors that somebody wrote come before any that we make.
    fn keep_anchors(&mut self, anchors: Vec<(String, Range<usize>)>) {
        for (anchor, range) in anchors {
            if !self.anchors.keep(&anchor) {
                let line = &self.markdown[range.clone()];
                let at = line.rfind(&format!("#{anchor}")).unwrap_or(0);
                let at = range.start + at..range.start + at + anchor.len() + 1;
                let diagnostic = self
                    .error(at, format!("the anchor `#{anchor}` is given twice on this page"))
                    .help("give one of the two headings another name");
                self.push(diagnostic);
            }
        }
    }

    fn event(&mut self, event: Event<'a>, range: Range<usize>, definition: Option<Range<usize>>) {
        if self.image.is_some() {
            self.image_event(&event, range);
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag, range, definition),
            Event::End(tag) => self.end(tag, range),
            Event::Text(text) if self.in_code => {
                escape_into(&mut self.output.html, &text);
            }
            Event::Text(text) => {
                self.doubt_text(range.clone());
                self.text_or_calls(&text, range);
            }
            Event::Code(code) => {
                self.output.html.push_str("<code>");
                self.text(&code);
                self.output.html.push_str("</code>");
            }
            Event::Html(text) => self.html_line(&text, range),
            Event::InlineHtml(text) => self.inline_html(&text, range),
            Event::FootnoteReference(label) => self.note_reference(&label),
            Event::SoftBreak if self.bare_paragraph => {}
            Event::SoftBreak => self.line_break("\n"),
            Event::HardBreak => self.line_break("<br>\n"),
            Event::Rule => self.output.html.push_str("<hr>\n"),
            Event::TaskListMarker(done) => {
                let checked = if done { " checked" } else { "" };
                self.output.html.push_str("<label><input type=\"checkbox\" disabled");
                self.output.html.push_str(checked);
                self.output.html.push_str("> ");
                self.label_open = true;
            }
            // Not among our options.
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text),
        }
    }

    fn line_break(&mut self, html: &str) {
        self.output.html.push_str(html);
        self.words.gap();
        if let Some(heading) = &mut self.heading {
            heading.text.push(' ');
        }
        self.prose.push(" ");
    }

    /// Writes text, and hands it to whoever collects it.
    fn text(&mut self, text: &str) {
        self.words.count(text);
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
        }
        self.prose.push(text);
        escape_into(&mut self.output.html, text);
    }

    fn start(&mut self, tag: Tag<'a>, range: Range<usize>, definition: Option<Range<usize>>) {
        if self.containers.len() >= DEEPEST {
            let start = range.start..range.start + 1;
            let diagnostic = self
                .error(start, format!("more than {DEEPEST} things are nested in one another here"))
                .help("take some of the `>`, `-` or `*` at the start of this text away");
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
                let id = id.map(pulldown_cmark::CowStr::into_string);
                let first = self.frames.is_empty()
                    && self.output.pieces.is_empty()
                    && self.output.html.is_empty();
                let html = &mut self.output.html;
                html.push_str("<h");
                html.push(char::from(b'0' + level as u8));
                let at = (self.output.pieces.len(), self.output.html.len());
                let classes = classes.join(" ");
                self.heading = Some(OpenHeading { id, classes, text: String::new(), at, first });
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
            // Not among our options, or handled above.
            Tag::HtmlBlock | Tag::Superscript | Tag::Subscript | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
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
                self.in_code = false;
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
        self.in_code = true;
        if matches!(kind, CodeBlockKind::Indented) {
            self.doubt_code(range);
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
            attribute_into(html, language);
            html.push_str("\">");
        }
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

    fn refuse_attributes(
        &mut self,
        attributes: &[(pulldown_cmark::CowStr, Option<pulldown_cmark::CowStr>)],
        range: Range<usize>,
    ) {
        let Some((name, _)) = attributes.first() else { return };
        let at = self.markdown[range.clone()].rfind(&**name).unwrap_or(0);
        let at = range.start + at..range.start + at + name.len();
        let diagnostic = self
            .error(at, format!("a heading takes no attribute `{name}`"))
            .help("in the braces stand only its anchor, `#name`, and classes, `.name`");
        self.push(diagnostic);
    }

    fn end_heading(&mut self, level: u8, range: Range<usize>) {
        let Some(mut heading) = self.heading.take() else { return };
        let text = heading.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let html = &mut self.output.html;
        html.push_str("</h");
        html.push(char::from(b'0' + level));
        html.push_str(">\n");
        let (pieces, at) = heading.at;
        if level == 1 && self.source.title_wanted && self.written.title.is_none() {
            self.written.title = Some(text.clone());
            // The theme shows the title; where the heading opens the page it would stand twice.
            if heading.first && heading.id.is_none() {
                self.output.pieces.truncate(pieces);
                self.output.html.clear();
                return;
            }
        }
        self.doubt_heading(level, &text, range);
        let id = heading.id.take().unwrap_or_else(|| self.anchors.make(&text));
        let mut attributes = String::with_capacity(id.len() + 8);
        attributes.push_str(" id=\"");
        attribute_into(&mut attributes, &id);
        if !heading.classes.is_empty() {
            attributes.push_str("\" class=\"");
            attribute_into(&mut attributes, &heading.classes);
        }
        attributes.push_str("\">");
        match self.output.pieces.get_mut(pieces) {
            Some(Piece::Html(html)) => html.insert_str(at, &attributes),
            _ => self.output.html.insert_str(at, &attributes),
        }
        self.written.headings.push(Heading { level, id, text });
    }

    /// The label of a task ends where a block begins or its item ends.
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

    fn finish(mut self) -> Written {
        while !self.frames.is_empty() {
            self.leave_unclosed(None);
        }
        self.refuse_misplaced(usize::MAX);
        self.warn_of_html();
        self.warn_of_literal();
        self.write_notes();
        if self.more_diagnostics > 0 {
            let more = self.more_diagnostics;
            let message = format!("{more} more things are wrong in this file");
            let diagnostic = Diagnostic::error(self.source.path, message)
                .help("mend those above first: they often have the same cause");
            self.written.diagnostics.push(diagnostic);
        }
        let mut written = self.written;
        written.pieces = self.output.into_pieces();
        written.links = self.links;
        written.words = self.words.number();
        written.opening = self.prose.into_opening();
        written
    }
}

fn escape_into(html: &mut String, text: &str) {
    escape_html_body_text(html, text).expect("a string takes every write");
}

fn attribute_into(html: &mut String, text: &str) {
    escape_html(html, text).expect("a string takes every write");
}
