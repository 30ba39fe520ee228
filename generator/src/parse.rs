//! Turns one source into one page: a card, which lists and links read, and a body. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use located_yaml::{Place, Reader, Value as YamlValue};
use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Lines, Severity};
use crate::value::Value;

mod call;
pub mod component;
mod dashes;
pub mod data;
pub mod date;
pub mod front_matter;
mod highlight;
mod link;
mod lookalike;
mod markdown;
mod mask;
pub mod schema;
mod shortcode;
mod slug;
mod text;

use markdown::Source;

pub use component::{Argument, ArgumentKind, ComponentShape};
pub use date::Moment;
pub use front_matter::{FrontMatter, Located, PageImage, SectionSettings, SortBy};
pub(crate) use link::{destination, scheme};
pub(crate) use lookalike::{Lookalike, lookalike};
pub use schema::{Field, FieldKind, Schema};
pub(crate) use slug::{folder_name, is_mark, shortened, slug};

/// What pages are read for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// To publish them, or to see whether they can be.
    #[default]
    Publishing,
    /// To show them to the person who writes them.
    Writing,
}

impl Purpose {
    /// How much it weighs that a page lacks what visitors need: who writes it can add that later.
    pub fn severity_of_missing(self) -> Severity {
        match self {
            Purpose::Publishing => Severity::Error,
            Purpose::Writing => Severity::Warning,
        }
    }
}

/// What the site decides about how its pages are read.
#[derive(Clone, Copy)]
pub struct ParseOptions<'a> {
    /// The theme's components, by name.
    pub components: &'a BTreeMap<String, ComponentShape>,
    /// Whether HTML in markdown is HTML on the page; else it is shown as text, with a warning.
    pub raw_html: bool,
    /// The zone of dates that name none.
    pub time_zone: &'a TimeZone,
    /// The names of the site's taxonomies, each a key between the dashes.
    pub taxonomies: &'a [String],
    /// What its pages are read for.
    pub purpose: Purpose,
    /// Whether straight quotes and double dashes become typographic ones.
    pub smart_punctuation: bool,
    /// What the page's section asks of the lines between the dashes.
    pub schema: Option<&'a Schema>,
    /// The anchors that are not a page's to give.
    pub ids: &'a Ids,
    /// What a screen reader calls the list of footnotes, in the page's language.
    pub footnotes: &'a str,
    /// What it calls the way back from a footnote, in the page's language.
    pub footnote_return: &'a str,
}

/// The anchors (`id`) that themes and forms write, so that no page gives one of them a second time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Ids {
    /// Those that stand on a page whatever its text says.
    pub reserved: BTreeSet<String>,
    /// What each component writes behind its argument `id`: nothing, or an ending such as `-heading`.
    pub endings: BTreeMap<String, BTreeSet<String>>,
}

/// What came of one source. `page` is there where there is no error; warnings are in its card too.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The page, unless something in it must be mended first.
    pub page: Option<Page>,
    /// Everything that is wrong or doubtful, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// A page as its source gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// What other pages may know about it.
    pub card: PageMeta,
    /// What it shows.
    pub body: Body,
}

/// What kind of page a source is: by its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// `_index.md` of the content folder.
    Home,
    /// `_index.md` of another folder.
    Section,
    /// Any other.
    Page,
}

impl Kind {
    /// The kind of the page at `path`, relative to the content folder.
    pub fn of(path: &str) -> Kind {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        // `_index.pa.md` is the same section in another language.
        let section =
            name.strip_prefix("_index.").is_some_and(|rest| rest == "md" || rest.ends_with(".md"));
        match (section, folder.is_empty()) {
            (true, true) => Kind::Home,
            (true, false) => Kind::Section,
            (false, _) => Kind::Page,
        }
    }
}

/// All that lists, links, feeds and checks need of a page; kept from build to build.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageMeta {
    /// The source, relative to the content folder, with `/` between its parts.
    pub path: String,
    /// Home, section or page.
    pub kind: Kind,
    /// What stands between the dashes.
    pub front: FrontMatter,
    /// The front matter's title or else the first heading's text.
    pub title: String,
    /// Every heading of the body, in order.
    pub headings: Vec<Heading>,
    /// Every link and image of the body, in order; the body's pieces point at them by index.
    pub links: Vec<Link>,
    /// Every other place that an address of this page may name with `#`: footnotes and the like.
    pub anchors: Vec<String>,
    /// The front matter's summary, or the first paragraph as plain text, cut at a word.
    pub summary: String,
    /// How many words the body has.
    pub words: u32,
    /// The names of the components it calls, sorted, each once.
    pub components: Vec<String>,
    /// What was doubtful; shown at every build, though the source is not read again.
    pub warnings: Vec<Diagnostic>,
}

impl PageMeta {
    /// What stands for a card that cannot be read.
    pub fn unread() -> PageMeta {
        PageMeta {
            path: "unread.md".to_owned(),
            kind: Kind::Page,
            front: FrontMatter::default(),
            title: String::new(),
            headings: Vec::new(),
            links: Vec::new(),
            anchors: Vec::new(),
            summary: String::new(),
            words: 0,
            components: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

/// A heading of a body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its anchor, unique in its page.
    pub id: String,
    /// Its words, without markup.
    pub text: String,
}

/// Where an address was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkKind {
    /// A link of Markdown.
    Text,
    /// An image of Markdown, or an argument of a component that names a picture.
    Image,
    /// Another argument of a component; it may be no address at all.
    Argument,
}

/// A link or an image of a body, or what may be one in the arguments of a component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Where it goes, as written.
    pub target: String,
    /// Where the target stands in the source.
    pub place: Place,
    /// Where it was written.
    pub kind: LinkKind,
}

/// What a page shows, with holes for what only the whole site knows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// The pieces, to be written one after another.
    pub pieces: Vec<Piece>,
}

/// A part of a body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Piece {
    /// Finished HTML; a tag may begin in one piece and end in another.
    Html(String),
    /// Inside the quotes of `href`: the address of `card.links[i]`, escaped for an attribute.
    Link(u32),
    /// A whole image element for `card.links[i]`.
    Image {
        /// Index into the card's links.
        link: u32,
        /// What it shows, in words; empty for a decoration.
        alt: String,
        /// Its title, or nothing.
        title: String,
    },
    /// A call of a component, its arguments checked against its shape.
    Component {
        /// Its name.
        name: String,
        /// Its arguments, in the order they were written.
        arguments: Vec<(String, Value)>,
        /// Where the call stands.
        place: Place,
        /// What stands between its tags; `None` for `{{<name />}}`.
        body: Option<Vec<Piece>>,
    },
}

/// The longest file that is read as a page: about six novels. Whatever is longer is no page.
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

/// The card of a page with errors, as far as it can be read: what other pages need to list it and to link to
/// it. Where no title can be read, the name of the file stands in for it. It has no links of its own.
pub fn outline(path: &str, text: &str, rules: &ParseOptions) -> PageMeta {
    let file = format!("content/{path}");
    let refused = refuse(&file, text).is_some();
    let page = if refused { None } else { read(path, &file, text, rules).0 };
    let mut card = match page {
        Some(page) => page.card,
        None => {
            let front = match refused {
                true => FrontMatter::default(),
                false => read_top(&file, text, Kind::of(path), rules, &mut Vec::new()).front,
            };
            let name = path.rsplit('/').next().unwrap_or(path);
            let title = name.trim_end_matches(".md").to_owned();
            PageMeta {
                path: path.to_owned(),
                kind: Kind::of(path),
                front,
                title,
                ..PageMeta::unread()
            }
        }
    };
    card.links.clear();
    card.components.clear();
    card.warnings.clear();
    card.front.image = None;
    card
}

/// Reads a text as a page, and says all that is wrong with it. There is no page without a title.
fn read(
    path: &str,
    file: &str,
    text: &str,
    rules: &ParseOptions,
) -> (Option<Page>, Vec<Diagnostic>) {
    let kind = Kind::of(path);
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
    let card = PageMeta {
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
    (Some(Page { card, body: Body { pieces: written.pieces } }), diagnostics)
}

/// What stands above the markdown of a page.
struct Top {
    front: FrontMatter,
    /// Where the markdown begins.
    body: usize,
    title: TitleKey,
}

/// Whether the lines between the dashes have a key for the title.
#[derive(Clone, Copy, PartialEq)]
enum TitleKey {
    /// They have none.
    Missing,
    /// They have one that holds nothing.
    At(Place),
    /// They have one, or could not be read, or misspell it: what is wrong is told already.
    Unknown,
}

fn is_blank(value: &YamlValue) -> bool {
    match value {
        YamlValue::Null => true,
        YamlValue::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// Reads the lines between the dashes. Where they have no end, the markdown is left alone: its
/// errors would follow from theirs.
fn read_top(
    file: &str,
    text: &str,
    kind: Kind,
    rules: &ParseOptions,
    diagnostics: &mut Vec<Diagnostic>,
) -> Top {
    let unread = |body| Top { front: FrontMatter::default(), body, title: TitleKey::Unknown };
    let is_key = |key: &str| {
        front_matter::is_own_key(key) || rules.taxonomies.iter().any(|name| name == key)
    };
    let parts = match dashes::split(file, text, &is_key) {
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
            "write the page, beginning with `title: …` between two lines of dashes, or remove the file",
        );
    }
    let error = Diagnostic::error(file, "this page has no title");
    let TitleKey::At(place) = key else {
        return error.help(
            "add the line `title: …` between two lines of dashes, `---`, at the top of the file",
        );
    };
    let line = text.lines().nth(place.line.saturating_sub(1) as usize).unwrap_or_default();
    let help = match line.split_once('#') {
        Some((_, title)) => format!(
            "what begins with `#` is left out; put it between quotation marks: `title: \"#{}\"`",
            title.trim()
        ),
        None => "write the title behind the colon".to_owned(),
    };
    error.at(place).help(help)
}

/// What is no text of a page at all.
fn refuse(file: &str, text: &str) -> Option<Diagnostic> {
    if text.len() > MAX_PAGE_BYTES {
        let megabytes = text.len() / 1_000_000;
        return Some(
            Diagnostic::error(file, format!("this file is too long for a page: {megabytes} MB"))
                .help("check that it is text; a long one is better read as several pages"),
        );
    }
    let nul = memchr::memchr(0, text.as_bytes())?;
    let place = Lines::new(text).place(nul..nul + 1);
    Some(
        Diagnostic::error(file, "this file holds characters that are no text")
            .at(place)
            .help("save it again as plain text (UTF-8), or take the characters out"),
    )
}

/// Whether a key between the dashes is our own, and so cannot be a taxonomy's name.
pub fn is_own_key(key: &str) -> bool {
    front_matter::is_own_key(key)
}

/// Checks where a link goes, as far as its words tell: `http`, `https`, `mailto`, `tel` or an
/// address within the site.
///
/// # Errors
/// What is wrong, and what to do about it.
pub fn check_link(target: &str) -> Result<(), (String, String)> {
    link::check_link(target).map_err(|problem| (problem.message, problem.help))
}

/// Checks an address that a template writes into a link: as [`check_link`] where it leads out of the site, and
/// not at all where it stays within.
///
/// # Errors
/// As [`check_link`].
pub(crate) fn check_outside(target: &str) -> Result<(), (String, String)> {
    if link::leaves_site(target) { check_link(target) } else { Ok(()) }
}

/// What is wrong with the words for a picture, and what to do about it; nothing where they are fine.
pub(crate) fn doubtful_alt(words: &str) -> Option<(String, String)> {
    link::doubtful_alt(words).map(|problem| (problem.message, problem.help))
}
