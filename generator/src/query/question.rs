//! The queries that templates can make about a site.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::config::LanguageId;
use crate::site::{InternalLink, List};

/// A query about the site. Its `Display` is shown by `--why`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Query {
    /// The URL of a file.
    Asset(String),
    /// The pages that link to a page.
    Backlinks(String),
    /// The pages above a page, the home page first.
    Breadcrumbs(String),
    /// A dotted key of `site.yaml`.
    Config(String),
    /// The language of the value of a `site.yaml` key, if a translation lacks it.
    ConfigLanguage(String),
    /// A file of `content/data/`.
    Data(String),
    /// The feed of the page at a URL.
    Feed(String),
    /// Whether a file of `content/` is published at a URL that a page contains, by its path below
    /// the output folder.
    File(String),
    /// A form as HTML, and its texts.
    Form(String),
    /// The site's icons and web manifest.
    Icons,
    /// An image as pages show it, by its path below `content/`.
    Image(String),
    /// The language of the page around the content.
    Language,
    /// The last commit time of a file below `content/`.
    LastCommit(String),
    /// The URL of an internal link.
    Link(InternalLink),
    /// A menu of `site.yaml`.
    Menu(String),
    /// The URLs of menu items.
    MenuUrls,
    /// The pages before and after a page in its section.
    Neighbours(String),
    /// A page as seen from other pages.
    Page(String),
    /// The pages of a section, in its order.
    Pages {
        /// The section's folder.
        section: String,
        /// The maximum number of pages.
        limit: Option<u32>,
    },
    /// A page of a list.
    Part {
        /// The list.
        list: List,
        /// The number of its page, from 1 on.
        number: u32,
    },
    /// The Content Security Policy.
    Policy,
    /// The pages that share the most terms with a page.
    Related {
        /// The page.
        path: String,
        /// The maximum number of pages.
        limit: u32,
    },
    /// The pages of the subsections of a section, by its folder.
    Sections(String),
    /// The image for link previews of a page.
    Shared(String),
    /// The terms of a taxonomy.
    Terms(String),
    /// A text of the theme.
    Text(String),
}

/// A query in the language of the output that makes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LocalizedQuery {
    /// The query.
    pub query: Query,
    /// The language; the first for results that are the same in all.
    pub language: LanguageId,
}

impl Query {
    /// Returns the language in which an output makes this query: that of the page, or that of its
    /// content.
    pub(super) fn in_language(
        &self,
        page_language: LanguageId,
        content_language: LanguageId,
    ) -> LanguageId {
        match self {
            Query::Asset(_)
            | Query::Data(_)
            | Query::Feed(_)
            | Query::File(_)
            | Query::Icons
            | Query::Image(_)
            | Query::Policy => LanguageId::default(),
            Query::Config(_) | Query::ConfigLanguage(_) | Query::Text(_) => content_language,
            _ => page_language,
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
                write!(f, "page {number} of the list of section {folder:?}")
            }
            Query::Part { list: List::Term { taxonomy, slug }, number } => {
                write!(f, "page {number} of the list of {taxonomy} {slug:?}")
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
