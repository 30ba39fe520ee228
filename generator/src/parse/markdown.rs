//! Converts Markdown to pieces of HTML, and collects headings, links and words.
//!
//! One pass over the events of `pulldown-cmark`. Its own writer is not used: links and images stay unresolved until the
//! whole site is known, tables are aligned by classes, and raw HTML is text.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use located_yaml::Place;
use memchr::memchr;
use pulldown_cmark::{Alignment, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::call::{Call, CallError};
use super::highlight::Highlighter;
use super::mask::{self, Hidden};
use super::slug::{Anchors, Taken};
use super::text::{Prose, Words};
use super::{Heading, PageLink, ParseOptions, Piece};
use crate::diagnostic::{Diagnostic, Lines};
use crate::html::escape_text;
use crate::nfc::nfc;

mod block;
mod call;
mod email;
mod footnote;
mod html;
mod link;
mod lint;
mod marker;
mod placement;
mod shortcode;

use footnote::Note;

/// The result of converting Markdown.
pub(super) struct Written {
    pub(super) pieces: Vec<Piece>,
    pub(super) headings: Vec<Heading>,
    pub(super) links: Vec<PageLink>,
    pub(super) anchors: Vec<String>,
    pub(super) components: BTreeSet<String>,
    pub(super) words: u32,
    /// The text of the first paragraph.
    pub(super) opening: String,
    /// The text of the first heading of level 1, if requested.
    pub(super) title: Option<String>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// A file whose Markdown is converted.
pub(super) struct Source<'a> {
    /// The file, relative to the site's root.
    pub(super) path: &'a str,
    /// Its whole text.
    pub(super) text: &'a str,
    /// Where its Markdown begins.
    pub(super) body: usize,
    /// Whether its first heading is its title.
    pub(super) title_wanted: bool,
}

/// The deepest nesting of quotations, lists and emphasis: browsers and readers give up long before, and the site's
/// templates add more levels.
const MAX_DEPTH: usize = 100;
/// The most diagnostics shown for one page; more than that usually have one cause.
const MAX_DIAGNOSTICS: usize = 100;

/// Converts the Markdown of a file.
pub(super) fn write(source: &Source, rules: &ParseOptions) -> Written {
    let markdown = &source.text[source.body..];
    let options = options(rules);
    let hidden = mask::hide(markdown, options);
    let Hidden { calls, errors, shortcodes, anchors, masked } = hidden;
    let markdown = masked.as_deref().unwrap_or(markdown);
    let mut writer = Writer::new(source, rules, markdown, &calls);
    for (error, range) in errors {
        writer.refuse_broken(error, range);
    }
    writer.refuse_shortcodes(shortcodes);
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
        // The range of a link's start event reaches to the link's end, although its text has not begun.
        let end = if let Event::Start(_) = event { range.start } else { range.end };
        writer.event(event, range, definition);
        if writer.stopped {
            break;
        }
        writer.last_end = end;
    }
    writer.finish()
}

fn options(rules: &ParseOptions) -> Options {
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST;
    options.set(Options::ENABLE_SMART_PUNCTUATION, rules.smart_punctuation);
    options
}

/// The output buffer while a piece or a note is open.
#[derive(Default)]
struct Output {
    pieces: Vec<Piece>,
    html: String,
}

impl Output {
    fn flush(&mut self) {
        if !self.html.is_empty() {
            // The buffer is reused; the piece takes only the capacity that it needs.
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

/// An open element of the Markdown.
struct Container {
    tag: TagEnd,
    /// How many frames were open at its start.
    frames: usize,
}

/// An open component body or footnote, with the output written before it.
struct Frame<'a> {
    outer: Output,
    kind: FrameKind<'a>,
    /// How many containers were open at its start.
    containers: usize,
}

enum FrameKind<'a> {
    Component { call: &'a Call, arguments: Vec<(String, super::Value)>, refused: bool },
    Note { index: usize },
}

/// A heading whose text is being written.
struct OpenHeading {
    id: Option<String>,
    classes: String,
    text: String,
    /// The braces at its end with their content, if they are text.
    braces: Option<String>,
    /// Where its attributes go: the number of preceding pieces, and the byte offset in the next one.
    at: (usize, usize),
    /// Whether it is the first content of the page.
    first: bool,
}

struct Writer<'a> {
    source: &'a Source<'a>,
    rules: &'a ParseOptions<'a>,
    /// The Markdown, with calls masked.
    markdown: &'a str,
    lines: Lines<'a>,
    calls: &'a [Call],
    next_call: usize,
    output: Output,
    frames: Vec<Frame<'a>>,
    containers: Vec<Container>,
    /// Where the last event ended: after the text of a link that is about to end.
    last_end: usize,
    anchors: Anchors<'a>,
    heading: Option<OpenHeading>,
    links: Vec<PageLink>,
    image: Option<link::OpenImage>,
    open_link: Option<link::OpenLink>,
    notes: Vec<Note>,
    note_labels: HashMap<String, usize>,
    notes_referred: usize,
    table: Table,
    /// Whether the paragraph consists of calls only and is replaced by them.
    bare_paragraph: bool,
    label_open: bool,
    /// The open code block: its language and its text so far.
    code: Option<(String, String)>,
    highlighter: Highlighter,
    raw: html::Raw,
    literal: lint::Literal,
    /// Whether the page may contain addresses, so that each text is searched for them.
    has_addresses: bool,
    /// Whether it may contain email addresses.
    has_emails: bool,
    /// Whether it may contain shortcodes.
    has_braces: bool,
    words: Words,
    prose: Prose,
    written: Written,
    /// Whether conversion of the page was aborted.
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
        rules: &'a ParseOptions<'a>,
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
            anchors: Anchors::new(&rules.ids.reserved),
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
            code: None,
            highlighter: Highlighter::default(),
            raw: html::Raw::default(),
            literal: lint::Literal::default(),
            has_addresses: lint::has_addresses(markdown),
            has_emails: memchr(b'@', markdown.as_bytes()).is_some(),
            has_braces: memchr(b'{', markdown.as_bytes()).is_some(),
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

    /// The diagnostic for a missing part that visitors need.
    fn missing(&self, range: Range<usize>, message: impl Into<String>) -> Diagnostic {
        let severity = self.rules.purpose.severity_of_missing();
        Diagnostic::of(severity, self.source.path, message).at(self.place(range))
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        if self.written.diagnostics.len() < MAX_DIAGNOSTICS {
            self.written.diagnostics.push(diagnostic);
        } else {
            self.more_diagnostics += 1;
        }
    }

    fn refuse(&mut self, error: CallError) {
        let diagnostic = self.error(error.range, error.message).help(error.help);
        self.push(diagnostic);
    }

    /// Reserves explicit anchors before any are generated.
    fn keep_anchors(&mut self, anchors: Vec<(String, Range<usize>)>) {
        for (anchor, range) in anchors {
            if let Err(taken) = self.anchors.keep(&nfc(&anchor)) {
                let line = &self.markdown[range.clone()];
                let at = line.rfind(&format!("#{anchor}")).unwrap_or(0);
                self.refuse_anchor(
                    &anchor,
                    range.start + at..range.start + at + anchor.len() + 1,
                    taken,
                );
            }
        }
        // A component's `id` is an anchor too, and so are those that the theme derives from it.
        let calls: &'a [Call] = self.calls;
        for call in calls {
            let Some(endings) = self.rules.ids.endings.get(&call.name) else { continue };
            let given = call.arguments.iter().find(|given| given.name == "id");
            let Some((given, id)) = given.and_then(|given| Some((given, given.value.as_str()?)))
            else {
                continue;
            };
            for anchor in endings.iter().map(|end| format!("{id}{end}")) {
                match self.anchors.keep(&anchor) {
                    Ok(()) => self.written.anchors.push(anchor),
                    Err(taken) => {
                        self.refuse_anchor(&anchor, given.value_range.clone(), taken);
                        break;
                    }
                }
            }
        }
    }

    fn refuse_anchor(&mut self, anchor: &str, at: Range<usize>, taken: Taken) {
        let (message, help) = match taken {
            Taken::Here => {
                (format!("the anchor `#{anchor}` appears twice on this page"), "rename one of them")
            }
            Taken::ByTheme => (
                format!("the anchor `#{anchor}` is used by the theme or a form"),
                "rename it: each anchor may appear only once on a page",
            ),
        };
        let diagnostic = self.error(at, message).help(help);
        self.push(diagnostic);
    }

    fn event(&mut self, event: Event<'a>, range: Range<usize>, definition: Option<Range<usize>>) {
        if self.image.is_some() {
            self.image_event(&event, range);
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag, range, definition),
            Event::End(tag) => self.end(tag, range),
            Event::Text(text) => {
                if let Some((_, code)) = &mut self.code {
                    code.push_str(&text);
                    return;
                }
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
            // Not enabled in our options.
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

    /// Writes text, and passes it to its collectors.
    fn text(&mut self, text: &str) {
        self.words.count(text);
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
        }
        self.prose.push(text);
        escape_text(text, &mut self.output.html);
    }

    fn finish(mut self) -> Written {
        while !self.frames.is_empty() {
            self.leave_unclosed(None);
        }
        // If parsing was aborted, the rest was not examined.
        if !self.stopped {
            self.refuse_misplaced(usize::MAX);
        }
        self.warn_of_html();
        self.warn_of_literal();
        self.write_notes();
        if self.more_diagnostics > 0 {
            let more = self.more_diagnostics;
            let message = format!("there are {more} more problems in this file");
            let diagnostic = Diagnostic::error(self.source.path, message)
                .help("fix the ones above first; they often have the same cause");
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
