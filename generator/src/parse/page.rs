//! A parsed page: its metadata, which lists and links read, and its body. Pure.

use located_yaml::Place;
use serde::{Deserialize, Serialize};

use super::front_matter::FrontMatter;
use crate::diagnostic::Diagnostic;
use crate::value::Value;

/// A page as parsed from its source.
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedPage {
    /// What other pages may read of it.
    pub meta: PageMeta,
    /// Its content.
    pub body: Body,
}

/// The kind of a page, determined by its file name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageKind {
    /// `_index.md` of the content folder.
    Home,
    /// `_index.md` of any other folder.
    Section,
    /// Any other file.
    Page,
}

impl PageKind {
    /// The kind of the page at `path`, relative to the content folder.
    pub fn of(path: &str) -> PageKind {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        // `_index.pa.md` is the same section in another language.
        let section =
            name.strip_prefix("_index.").is_some_and(|rest| rest == "md" || rest.ends_with(".md"));
        match (section, folder.is_empty()) {
            (true, true) => PageKind::Home,
            (true, false) => PageKind::Section,
            (false, _) => PageKind::Page,
        }
    }
}

/// All that lists, links, feeds and checks need of a page; kept between builds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageMeta {
    /// The source, relative to the content folder, with `/` as the separator.
    pub path: String,
    /// Home, section or page.
    pub kind: PageKind,
    /// The front matter.
    pub front: FrontMatter,
    /// The front matter's title, or else the text of the first heading.
    pub title: String,
    /// Every heading of the body, in order.
    pub headings: Vec<Heading>,
    /// Every link and image of the body, in order; the body's pieces refer to them by index.
    pub links: Vec<PageLink>,
    /// Every other fragment that a link to this page may name, such as those of footnotes.
    pub anchors: Vec<String>,
    /// The front matter's summary, or the first paragraph as plain text, cut at a word boundary.
    pub summary: String,
    /// The number of words of the body.
    pub words: u32,
    /// The names of the components it calls, sorted, without duplicates.
    pub components: Vec<String>,
    /// Warnings, repeated at every build, though the source is not read again.
    pub warnings: Vec<Diagnostic>,
}

impl PageMeta {
    /// The placeholder for metadata that cannot be read.
    pub fn unread() -> PageMeta {
        PageMeta {
            path: "unread.md".to_owned(),
            kind: PageKind::Page,
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
    /// Its text, without markup.
    pub text: String,
}

/// Where a link was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkKind {
    /// A Markdown link.
    Text,
    /// A Markdown image, or a component's argument that names an image.
    Image,
    /// Another argument of a component, which may not be an address.
    Argument,
}

/// A link or an image of a body, or an argument of a component that may be one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageLink {
    /// Its target, as written.
    pub target: String,
    /// The place of the target in the source.
    pub place: Place,
    /// Where it was written.
    pub kind: LinkKind,
}

/// The content of a page, with placeholders for what depends on the whole site.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// The pieces, in output order.
    pub pieces: Vec<Piece>,
}

/// A part of a body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Piece {
    /// Finished HTML; an element may start in one piece and end in another.
    Html(String),
    /// Inside the quotes of `href`: the address of `meta.links[i]`, escaped for an attribute.
    Link(u32),
    /// A complete image element for `meta.links[i]`.
    Image {
        /// Index into the page's links.
        link: u32,
        /// Its text alternative; empty for a decorative image.
        alt: String,
        /// Its title, or empty.
        title: String,
    },
    /// A call of a component, its arguments checked against the component's definition.
    Component {
        /// Its name.
        name: String,
        /// Its arguments, as written in order.
        arguments: Vec<(String, Value)>,
        /// The place of the call.
        place: Place,
        /// The content between its tags; `None` for `{{<name />}}`.
        body: Option<Vec<Piece>>,
    },
}
