//! Holds the site: its pages, their URLs and order, and everything else that pages may show.
//!
//! `assemble` makes it from the metadata of all pages, after every page is loaded: links may point
//! forward, and lists name pages that come later. `update` replaces some pages, the forms
//! or the data of it.

mod assemble;
mod consent;
mod expired;
mod feed;
mod file;
mod form;
mod future;
mod host;
mod http_headers;
mod icon_links;
mod image;
mod inputs;
mod language;
mod link;
mod list;
mod lost;
mod menu;
mod orphan;
mod page;
mod page_store;
mod redirect;
mod related;
mod removed;
mod route;
mod section;
mod sitemap;
mod successor;
mod taxonomy;
mod update;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use hashbrown::HashMap;

use crate::attachment::Attachment;
use crate::config::{Config, LanguageId};
use crate::diagnostic::Suggestions;
use crate::images::{ImageVariant, ResponsiveImage};
use crate::locale::Locale;
use crate::parse::PageKind;
use crate::source::git::History;
use crate::translations::{self, Table, Words};
use crate::url::BaseUrl;
use consent::{Consents, Requirements};
use daisychain_functions::form::Form;
use expired::Expired;
use page_store::PageStore;

pub use feed::Feed;
pub use file::LinkedFile;
pub use form::FormLink;
pub use host::Host;
pub use http_headers::{Header, cache_control};
pub use icon_links::{ICONS, IconLink, MANIFEST_PATH, VECTOR_ICON};
pub use image::picture_path;
pub use inputs::{Asset, Data, Options, SiteInputs, Unread};
pub use language::Translation;
pub use link::{Destination, InternalLink, LinkFault, destination};
pub use list::{List, ListPage, ListPart, part_url};
pub use lost::PageVersion;
pub use menu::MenuLine;
use page::number;
pub use page::{Page, PageId};
pub use redirect::Redirect;
pub use removed::RemovedPage;
pub(crate) use route::is_reserved;
pub use section::Section;
pub(crate) use sitemap::Listed;
pub(crate) use taxonomy::term_url;
pub use taxonomy::{Taxonomy, Term};

/// The path of the home page, which every site must have.
const HOME: &str = "_index.md";

/// The whole site; immutable. A clone shares everything, so that an updated site costs little.
#[derive(Clone)]
pub struct Site {
    /// Every published page, ordered by language and path.
    pages: PageStore,
    /// `content/site.yaml`.
    pub config: Arc<Config>,
    /// The forms, by name.
    pub forms: Arc<BTreeMap<String, Form>>,
    /// The links in the forms' texts to pages and files of the site.
    form_links: Arc<Vec<FormLink>>,
    /// The data files of `content/data/`, by name.
    pub data: Arc<BTreeMap<String, Data>>,
    /// The theme's files by name, and the site's own files that are published even if nothing links
    /// to them.
    pub assets: Arc<BTreeMap<String, Asset>>,
    /// The files of `content/` that are neither pages nor images, by path below it.
    pub attachments: Arc<BTreeMap<String, Attachment>>,
    /// The images, by path below `content/`.
    pub images: Arc<BTreeMap<String, ResponsiveImage>>,
    /// The theme's strings in each language.
    pub strings: Arc<Vec<Table>>,
    /// The sections of each language by folder; `""` is the home page's.
    pub sections: Arc<Vec<BTreeMap<String, Section>>>,
    /// The base URL of the site.
    pub base_url: Arc<BaseUrl>,
    /// The URL of the forms service, without a trailing `/`; empty if it has the same origin.
    pub forms_url: Arc<str>,
    /// The host the site is built for, if it reads configuration files.
    pub host: Option<Host>,
    /// The last commit times of files, if the site uses them.
    pub history: Option<Arc<History>>,
    /// The sources that could not be read.
    pub unread: Arc<Unread>,
    /// The icons generated from the site's own image; empty if the theme's are used.
    pub icons: Arc<Vec<ImageVariant>>,
    /// The taxonomies that are in use, by language, in the order of `site.yaml`.
    pub taxonomies: Arc<Vec<Taxonomy>>,
    /// The feeds, ordered by URL.
    pub feeds: Arc<Vec<Feed>>,
    /// The redirects, ordered by former URL.
    pub redirects: Arc<Vec<Redirect>>,
    /// The addresses of pages that were removed because consent was withdrawn, ordered by URL.
    pub removed: Arc<Vec<RemovedPage>>,
    /// The pages of each language, by the path shared by all translations.
    by_path: Arc<Vec<HashMap<String, PageId>>>,
    by_url: Arc<HashMap<String, PageId>>,
    /// The pages that add themselves to a menu.
    in_menus: Arc<Vec<PageId>>,
    /// Paths of pages that exist but are not published: drafts, expired pages, and pages whose
    /// publish date has not passed.
    hidden: Arc<Vec<String>>,
    /// The number of drafts among them.
    pub(crate) drafts: usize,
    /// The expired pages among them.
    expired: Arc<Expired>,
    /// What consent allows and does not allow.
    consents: Arc<Consents>,
    /// The sections whose pages need consent.
    requirements: Arc<Requirements>,
    /// The next moment at which a page is published or expires, in seconds since 1970.
    pub next_moment: Option<i64>,
    /// The locales of the site's languages and of the theme's strings.
    locales: Arc<BTreeMap<String, Locale>>,
    /// What is computed on first use. An update changes none of it.
    computed: Arc<Computed>,
}

/// Relations between pages that are computed on first use.
#[derive(Default)]
struct Computed {
    /// The pages ranked by date.
    ranks: OnceLock<related::RecencyRanks>,
    /// The pages that link to each page.
    backlinks: OnceLock<Vec<Vec<PageId>>>,
    /// The URLs of the pages, in page order, for suggesting a replacement for a dead link.
    page_addresses: OnceLock<Suggestions>,
    source_names: OnceLock<link::SourceNames>,
    /// What the sitemap lists, in its order.
    sitemap: OnceLock<Vec<Listed>>,
}

impl Site {
    /// Returns the page with this number.
    pub fn page(&self, id: PageId) -> &Page {
        self.pages.get(id)
    }

    fn pages(&self) -> impl ExactSizeIterator<Item = &Page> {
        self.pages.iter()
    }

    /// Returns the number of the page at `path` below `content/`, in the given language. A path
    /// that names a language itself, such as `about.pa.md`, is that file's page.
    pub fn find(&self, language: LanguageId, path: &str) -> Option<PageId> {
        if let Some(id) = self.localized(language, path) {
            return Some(id);
        }
        let (named, name) = self.config.part(path);
        let id = self.localized(named, &name).filter(|_| !named.is_first())?;
        (!self.page(id).is_fallback).then_some(id)
    }

    /// Returns the number of a page in a language by the path shared by all its translations.
    fn localized(&self, language: LanguageId, name: &str) -> Option<PageId> {
        self.by_path[language.index()].get(name).copied()
    }

    /// Returns the page at a URL, which ends with `/`.
    pub fn at_url(&self, url: &str) -> Option<PageId> {
        self.by_url.get(url).copied()
    }

    /// The number of published pages.
    pub fn count(&self) -> usize {
        self.pages.len()
    }

    /// Returns the section of a folder in a language.
    pub fn section(&self, language: LanguageId, folder: &str) -> Option<&Section> {
        self.sections[language.index()].get(folder)
    }

    /// Returns the locale of a language of the site or of the theme's strings.
    pub fn locale(&self, code: &str) -> &Locale {
        self.locales.get(code).unwrap_or_else(|| &self.locales[translations::THEME])
    }

    /// Returns a string of the theme in a language, or `english` if the theme does not define it.
    pub fn word<'a>(&'a self, language: LanguageId, key: &str, english: &'a str) -> &'a str {
        match self.strings[language.index()].get(key).map(|text| &text.words) {
            Some(Words::Plain(words)) => words,
            _ => english,
        }
    }

    /// Iterates over every page with its number.
    pub fn iter(&self) -> impl Iterator<Item = (PageId, &Page)> {
        self.pages().enumerate().map(|(index, page)| (number(index), page))
    }

    /// Returns the section pages above a page, the home page first, without the page itself.
    pub fn ancestors(&self, page: &Page) -> Vec<PageId> {
        let mut folders = vec![""];
        let mut end = 0;
        while let Some(next) = page.folder[end..].find('/').map(|at| end + at) {
            folders.push(&page.folder[..next]);
            end = next + 1;
        }
        if !page.folder.is_empty() {
            folders.push(&page.folder);
        }
        folders
            .into_iter()
            .filter_map(|folder| self.section(page.language, folder)?.index)
            .filter(|id| self.page(*id).meta.path != page.meta.path)
            .collect()
    }

    /// Returns the template of a page: its own, its section's, or the default of its kind.
    pub fn template<'a>(&'a self, page: &'a Page) -> &'a str {
        if let Some(template) = &page.meta.front.template {
            return &template.value;
        }
        let section = self.section(page.language, &page.folder);
        let section = section.and_then(|section| section.index);
        let of_section =
            section.and_then(|id| self.page(id).meta.front.section.page_template.as_ref());
        match page.meta.kind {
            PageKind::Home => "home.html",
            PageKind::Section => "section.html",
            PageKind::Page => of_section.map_or("page.html", |template| &template.value),
        }
    }
}
