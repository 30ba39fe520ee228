//! What can be asked about a site. Pure.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::config::LanguageId;
use crate::site::{InternalLink, List};

/// A question about the site. Its `Display` is what `--why` shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Query {
    /// A file's address.
    Asset(String),
    /// The pages that link to one.
    Backlinks(String),
    /// The pages above one, the home page first.
    Breadcrumbs(String),
    /// A key of `site.yaml`, dotted.
    Config(String),
    /// The language of a key of `site.yaml`, where a translation lacks it.
    ConfigLanguage(String),
    /// A file of `content/data/`.
    Data(String),
    /// The feed of the page at an address.
    Feed(String),
    /// Whether a file of `content/` is published at an address that a page names, by its path below the
    /// output folder.
    File(String),
    /// A form as HTML, and its words.
    Form(String),
    /// The site's icons, and its manifest.
    Icons,
    /// A picture as pages show it, by its path below `content/`.
    Image(String),
    /// The language of the frame.
    Language,
    /// When a file below `content/` was last committed.
    LastCommit(String),
    /// Where a link leads.
    Link(InternalLink),
    /// A menu of `site.yaml`.
    Menu(String),
    /// The addresses that menus lead to.
    MenuUrls,
    /// The pages before and after one in its section.
    Neighbours(String),
    /// One page's card.
    Page(String),
    /// The cards of a section's pages, in its order.
    Pages {
        /// The section's folder.
        section: String,
        /// How many at most.
        limit: Option<u32>,
    },
    /// A part of a list.
    Part {
        /// Which list.
        list: List,
        /// Which part, from 1 on.
        number: u32,
    },
    /// What a page may load, and where its forms may send.
    Policy,
    /// The pages that share the most terms with one.
    Related {
        /// The page.
        path: String,
        /// How many at most.
        limit: u32,
    },
    /// The cards of the sections right below one, by its folder.
    Sections(String),
    /// What other sites show beside a link to a page.
    Shared(String),
    /// The terms of a taxonomy.
    Terms(String),
    /// Words of the theme.
    Text(String),
}

/// A query in the language of whoever asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LocalizedQuery {
    /// What is asked.
    pub query: Query,
    /// The language; the first for what is the same in all.
    pub language: LanguageId,
}

impl Query {
    /// In which of the languages of an output it is asked: that of the frame, or that of the words.
    pub(super) fn in_language(&self, frame: LanguageId, words: LanguageId) -> LanguageId {
        match self {
            Query::Asset(_)
            | Query::Data(_)
            | Query::Feed(_)
            | Query::File(_)
            | Query::Icons
            | Query::Image(_)
            | Query::Policy => LanguageId::default(),
            Query::Config(_) | Query::ConfigLanguage(_) | Query::Text(_) => words,
            _ => frame,
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Query::Asset(path) => write!(f, "asset(path={path:?})"),
            Query::Backlinks(path) => write!(f, "backlinks(path={path:?})"),
            Query::Breadcrumbs(path) => write!(f, "breadcrumbs(path={path:?})"),
            Query::Config(key) => write!(f, "config(key={key:?})"),
            Query::ConfigLanguage(key) => write!(f, "config(key={key:?}, mark=true)"),
            Query::Data(name) => write!(f, "data(name={name:?})"),
            Query::Feed(url) => write!(f, "feed(url={url:?})"),
            Query::File(path) => write!(f, "the file {path:?}"),
            Query::Form(name) => write!(f, "form(name={name:?})"),
            Query::Icons => f.write_str("icons()"),
            Query::Image(path) => write!(f, "image(src={path:?})"),
            Query::Language => write!(f, "language()"),
            Query::LastCommit(path) => write!(f, "last_commit(path={path:?})"),
            Query::Link(InternalLink { path, anchor: None }) => write!(f, "url(path={path:?})"),
            Query::Link(InternalLink { path, anchor: Some(anchor) }) => {
                write!(f, "url(path=\"{path}#{anchor}\")")
            }
            Query::Menu(name) => write!(f, "menu(name={name:?})"),
            Query::MenuUrls => f.write_str("menu_urls()"),
            Query::Neighbours(path) => write!(f, "neighbours(path={path:?})"),
            Query::Page(path) => write!(f, "page(path={path:?})"),
            Query::Pages { section, limit: None } => write!(f, "pages(section={section:?})"),
            Query::Pages { section, limit: Some(limit) } => {
                write!(f, "pages(section={section:?}, limit={limit})")
            }
            Query::Part { list: List::Section(folder), number } => {
                write!(f, "part {number} of the pages of section {folder:?}")
            }
            Query::Part { list: List::Term { taxonomy, slug }, number } => {
                write!(f, "part {number} of the pages of {taxonomy} {slug:?}")
            }
            Query::Policy => f.write_str("policy()"),
            Query::Related { path, limit } => write!(f, "related(path={path:?}, limit={limit})"),
            Query::Sections(section) => write!(f, "sections(section={section:?})"),
            Query::Shared(path) => write!(f, "shared_image(path={path:?})"),
            Query::Terms(taxonomy) => write!(f, "terms(taxonomy={taxonomy:?})"),
            Query::Text(key) => write!(f, "t(key={key:?})"),
        }
    }
}
