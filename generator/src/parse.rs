//! Parses one source file into a page: metadata, which lists and links read, and a body.

use std::ops::Range;

use located_yaml::{Place, Reader, Value as YamlValue};

use crate::diagnostic::{Diagnostic, Lines};
use crate::url;
use crate::value::Value;

mod call;
pub mod component;
pub mod data;
pub mod date;
pub mod front_matter;
mod highlight;
mod link;
mod lookalike;
mod markdown;
mod mask;
mod options;
mod page;
pub mod schema;
mod shortcode;
mod slug;
mod split_front_matter;
mod text;

use markdown::Source;

pub use component::{Argument, ArgumentKind, ComponentShape};
pub use date::Moment;
pub use front_matter::{
    Channel, Consent, Covered, End, EndReason, FrontMatter, Located, PageImage, SectionSettings,
    SortBy,
};
pub(crate) use link::destination;
pub(crate) use lookalike::{Lookalike, lookalike};
pub use options::{Ids, ParseOptions, Purpose};
pub use page::{Body, Heading, LinkKind, PageKind, PageLink, PageMeta, ParsedPage, Piece};
pub use schema::{Field, FieldKind, Schema};
pub(crate) use slug::{folder_name, is_mark, shortened, slug};

/// The result of parsing one source. `page` is set if there is no error; its metadata also holds the warnings.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The page; `None` if there are errors.
    pub page: Option<ParsedPage>,
    /// All errors and warnings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// The largest file that is read as a page: about six novels.
pub const MAX_PAGE_BYTES: usize = 4_000_000;

/// Reads one source. `path` is relative to the content folder, such as `stories/rose.md`;
/// diagnostics name it relative to the site's root.
pub fn parse(path: &str, text: &str, rules: &ParseOptions) -> Parsed {
    let file = format!("content/{path}");
    if let Some(refusal) = refuse(&file, text) {
        return Parsed { page: None, diagnostics: vec![refusal] };
    }
    let (page, diagnostics) = read(path, &file, text, rules);
    let page = page.filter(|_| !diagnostics.iter().any(Diagnostic::is_error));
    Parsed { page, diagnostics }
}

/// The metadata of a page with errors, as far as it can be read: what other pages need to list it and link to it.
/// Without a readable title, the title is the file's name. It has no links of its own.
pub fn outline(path: &str, text: &str, rules: &ParseOptions) -> PageMeta {
    let file = format!("content/{path}");
    let refused = refuse(&file, text).is_some();
    let page = if refused { None } else { read(path, &file, text, rules).0 };
    let mut meta = match page {
        Some(page) => page.meta,
        None => {
            let front = match refused {
                true => FrontMatter::default(),
                false => read_top(&file, text, PageKind::of(path), rules, &mut Vec::new()).front,
            };
            let name = path.rsplit('/').next().unwrap_or(path);
            let title = name.trim_end_matches(".md").to_owned();
            PageMeta {
                path: path.to_owned(),
                kind: PageKind::of(path),
                front,
                title,
                ..PageMeta::unread()
            }
        }
    };
    meta.links.clear();
    meta.components.clear();
    meta.warnings.clear();
    meta.front.image = None;
    meta
}

/// Parses a text as a page, with all diagnostics. A page needs a title.
fn read(
    path: &str,
    file: &str,
    text: &str,
    rules: &ParseOptions,
) -> (Option<ParsedPage>, Vec<Diagnostic>) {
    let kind = PageKind::of(path);
    let mut diagnostics = Vec::new();
    let Top { front, body, title } = read_top(file, text, kind, rules, &mut diagnostics);
    let source = Source { path: file, text, body, title_wanted: front.title.is_none() };
    let mut written = markdown::write(&source, rules);
    let words = front.title.as_ref().map(|title| title.value.clone()).or(written.title.take());
    if words.is_none() && title != TitleKey::Unknown {
        diagnostics.push(without_title(file, text, title));
    }
    diagnostics.append(&mut written.diagnostics);
    let Some(title) = words else { return (None, diagnostics) };
    let summary = match &front.summary {
        Some(summary) => summary.value.clone(),
        None => text::summary(&written.opening),
    };
    let meta = PageMeta {
        path: path.to_owned(),
        kind,
        front,
        title,
        headings: written.headings,
        links: written.links,
        anchors: written.anchors,
        summary,
        words: written.words,
        components: written.components.into_iter().collect(),
        warnings: diagnostics.clone(),
    };
    (Some(ParsedPage { meta, body: Body { pieces: written.pieces } }), diagnostics)
}

/// The result of reading the front matter.
struct Top {
    front: FrontMatter,
    /// Where the Markdown begins.
    body: usize,
    title: TitleKey,
}

/// Whether the front matter has a key for the title.
#[derive(Clone, Copy, PartialEq)]
enum TitleKey {
    /// They have none.
    Missing,
    /// Present, but empty.
    At(Place),
    /// Present, or unreadable or misspelled, which is already reported.
    Unknown,
}

fn is_blank(value: &YamlValue) -> bool {
    match value {
        YamlValue::Null => true,
        YamlValue::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// Reads the front matter. If it is not closed, the Markdown is not read: its errors would follow from that one.
fn read_top(
    file: &str,
    text: &str,
    kind: PageKind,
    rules: &ParseOptions,
    diagnostics: &mut Vec<Diagnostic>,
) -> Top {
    let unread = |body| Top { front: FrontMatter::default(), body, title: TitleKey::Unknown };
    let is_key = |key: &str| {
        front_matter::is_own_key(key) || rules.taxonomies.iter().any(|name| name == key)
    };
    let parts = match split_front_matter::split(file, text, &is_key) {
        Ok(parts) => parts,
        Err(error) => {
            diagnostics.push(error);
            return unread(text.len());
        }
    };
    let front = parts.front.map_or("", |range| &text[range]);
    let document = match located_yaml::parse_map(front, parts.front_line) {
        Ok(document) => document,
        Err(problem) => {
            diagnostics.push(Diagnostic::in_file(file, problem));
            return unread(parts.body);
        }
    };
    let entries = document.root.entries().unwrap_or_default();
    let mut reader = Reader::new(text);
    reader.problems = document.warnings;
    let title = match entries.iter().find(|entry| entry.key == "title") {
        Some(entry) if is_blank(&entry.node.value) => TitleKey::At(entry.key_place),
        Some(_) => TitleKey::Unknown,
        None if entries.iter().any(|entry| front_matter::misspells_title(&entry.key)) => {
            TitleKey::Unknown
        }
        None => TitleKey::Missing,
    };
    let front = front_matter::read(entries, kind, rules, &mut reader);
    let problems = reader.problems.into_iter();
    diagnostics.extend(problems.map(|problem| Diagnostic::in_file(file, problem)));
    Top { front, body: parts.body, title }
}

fn without_title(file: &str, text: &str, key: TitleKey) -> Diagnostic {
    if text.trim().is_empty() {
        return Diagnostic::error(file, "this file is empty").help(
            "write the page, starting with front matter: `title: …` between two lines of three \
             hyphens, `---`; or remove the file",
        );
    }
    let error = Diagnostic::error(file, "this page has no title");
    let TitleKey::At(place) = key else {
        return error.help(
            "add front matter at the top of the file: the line `title: …` between two lines of \
             three hyphens, `---`",
        );
    };
    let line = text.lines().nth(place.line.saturating_sub(1) as usize).unwrap_or_default();
    let help = match line.split_once('#') {
        Some((_, title)) => format!(
            "text from `#` on is a comment; put it in quotation marks: `title: \"#{}\"`",
            title.trim()
        ),
        None => "write the title after the colon".to_owned(),
    };
    error.at(place).help(help)
}

/// Rejects a file that is not the text of a page.
fn refuse(file: &str, text: &str) -> Option<Diagnostic> {
    if text.len() > MAX_PAGE_BYTES {
        let megabytes = text.len() / 1_000_000;
        return Some(
            Diagnostic::error(file, format!("this file is too large for a page: {megabytes} MB"))
                .help("check that it is text; split a long text into several pages"),
        );
    }
    let nul = memchr::memchr(0, text.as_bytes())?;
    let place = Lines::new(text).place(nul..nul + 1);
    Some(
        Diagnostic::error(file, "this file contains characters that are not text")
            .at(place)
            .help("save it again as plain text (UTF-8), or remove these characters"),
    )
}

/// Returns where the front matter of a page is, if it has any, and the number of its first line.
///
/// # Errors
/// It is not closed, or not at the start of the file.
pub(crate) fn front_matter_range(text: &str) -> Result<Option<(Range<usize>, u32)>, Diagnostic> {
    let parts = split_front_matter::split("", text, &front_matter::is_own_key)?;
    Ok(parts.front.map(|front| (front, parts.front_line)))
}

/// Whether a front matter key is built in, and so cannot be a taxonomy's name.
pub fn is_own_key(key: &str) -> bool {
    front_matter::is_own_key(key)
}

/// Checks the syntax of a link's target: `http`, `https`, `mailto`, `tel` or an address within the site.
///
/// # Errors
/// The problem, and how to fix it.
pub fn check_link(target: &str) -> Result<(), (String, String)> {
    link::check_link(target).map_err(|problem| (problem.message, problem.help))
}

/// Checks an address that a template writes into a link: as [`check_link`] if it leads out of the site; an address
/// within the site is not checked.
///
/// # Errors
/// As [`check_link`].
pub(crate) fn check_outside(target: &str) -> Result<(), (String, String)> {
    if url::leaves_site(target) { check_link(target) } else { Ok(()) }
}

/// The problem of an image's text alternative, and how to fix it; `None` if there is none.
pub(crate) fn doubtful_alt(words: &str) -> Option<(String, String)> {
    link::doubtful_alt(words).map(|problem| (problem.message, problem.help))
}
