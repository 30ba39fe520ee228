//! Assembles page metadata into one immutable site: URLs, order, sections and link targets.
//!
//! Everything that one page may know of another is computed here, after every page is loaded: links
//! may point forward, and lists name pages that come later.

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
mod path_index;
mod persisted;
mod redirect;
mod related;
mod route;
mod section;
mod successor;
mod taxonomy;
mod update;

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use crate::attachment::Attachment;
use crate::config::{Config, LanguageId};
use crate::diagnostic::{Diagnostic, Suggestions};
use crate::digest::{Digest, Digester};
use crate::images::{ImageVariant, ResponsiveImage};
use crate::locale::Locale;
use crate::parse::{Kind, Moment, PageMeta};
use crate::source::git::History;
use crate::translations::{self, Table, Words};
use crate::url::BaseUrl;
use daisychain_functions::form::Form;
use expired::Expired;
use language::LocalizedPage;
use path_index::Index;

pub use feed::Feed;
pub use file::LinkedFile;
pub use form::FormLink;
pub use host::Host;
pub use http_headers::{Header, cache_control};
pub use icon_links::{ICONS, IconLink, MANIFEST_PATH};
pub use image::picture_path;
pub use inputs::{Asset, Data, Options, SiteInputs, Unread};
pub use language::Translation;
pub use link::{Destination, InternalLink, LinkFault, destination};
pub use list::{List, ListPage, Part, part_url};
pub use lost::Version;
pub use menu::MenuLine;
pub use page::{Page, PageId};
use page::{Values, listing_fields, number, own_view};
pub use persisted::{PageLoader, PersistedSite};
pub use redirect::Redirect;
pub(crate) use route::is_reserved;
pub use section::Section;
pub(crate) use taxonomy::term_url;
pub use taxonomy::{Taxonomy, Term};

/// The path of the home page, which every site must have.
const HOME: &str = "_index.md";

/// The whole site; immutable.
///
/// Relations between pages are in [`Assembled`], which is shared by sites that differ only in the
/// text of some pages.
pub struct Site {
    assembled: Arc<Assembled>,
    /// The pages whose text was updated since the site was assembled.
    amended: BTreeMap<PageId, Arc<Page>>,
}

/// A site as it was assembled: its pages and the relations between them.
pub struct Assembled {
    /// `content/site.yaml`.
    pub config: Config,
    /// Every published page, ordered by language and path. Pages of a restored site are built
    /// lazily, on first access.
    pages: Vec<OnceLock<Box<Page>>>,
    /// The date of each page, if any ([`Page::day`]).
    days: Vec<Option<Moment>>,
    /// Loads the page metadata of a restored site.
    shelf: Option<PageLoader>,
    /// The forms, by name.
    pub forms: BTreeMap<String, Form>,
    /// The links in the forms' texts to pages and files of the site.
    form_links: Vec<FormLink>,
    /// The theme's files by name, and the site's own files that are published even if nothing links
    /// to them.
    pub assets: BTreeMap<String, Asset>,
    /// The files of `content/` that are neither pages nor images, by path below it.
    pub attachments: BTreeMap<String, Attachment>,
    /// The images, by path below `content/`.
    pub images: BTreeMap<String, ResponsiveImage>,
    /// The theme's strings in each language.
    pub strings: Vec<Table>,
    /// The data files of `content/data/`, by name.
    pub data: BTreeMap<String, Data>,
    /// The sections of each language by folder; `""` is the home page's.
    pub sections: Vec<BTreeMap<String, Section>>,
    /// The base URL of the site.
    pub base_url: BaseUrl,
    /// The URL of the forms service, without a trailing `/`; empty if it has the same origin.
    pub forms_url: String,
    /// The host the site is built for, if it reads configuration files.
    pub host: Option<Host>,
    /// The last commit times of files, if the site uses them.
    pub history: Option<History>,
    /// The sources that could not be read.
    pub unread: Unread,
    /// The icons generated from the site's own image; empty if the theme's are used.
    pub icons: Vec<ImageVariant>,
    /// The taxonomies that are in use, by language, in the order of `site.yaml`.
    pub taxonomies: Vec<Taxonomy>,
    /// The feeds, ordered by URL.
    pub feeds: Vec<Feed>,
    /// The redirects, ordered by former URL.
    pub redirects: Vec<Redirect>,
    /// The pages of each language, by the path shared by all translations.
    by_path: Vec<Index>,
    by_url: Index,
    /// The pages that add themselves to a menu.
    in_menus: Vec<PageId>,
    /// Paths of pages that exist but are not published: drafts, expired pages, and pages whose
    /// publish date has not passed.
    hidden: Vec<String>,
    /// The expired pages among them.
    expired: Expired,
    /// The next moment at which a page is published or expires, in seconds since 1970.
    pub next_moment: Option<i64>,
    /// The locales of the site's languages and of the theme's strings.
    locales: BTreeMap<String, Locale>,
    /// The pages ranked by date; computed on first use.
    ages: OnceLock<related::RecencyRanks>,
    /// The pages that link to each page; computed on first use.
    backlinks: OnceLock<Vec<Vec<PageId>>>,
    /// The URLs of the pages, in page order, for suggesting a replacement for a dead link. Built
    /// when the first dead link is found; so are the source names.
    page_addresses: OnceLock<Suggestions>,
    source_names: OnceLock<link::SourceNames>,
}

/// The publication state of a page.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// A draft, an unreviewed translation, or a page whose publish date has not passed.
    Unpublished,
    Shown,
    Expired,
}

/// A localized page without a valid URL, and the error.
type Unaddressed = (Box<Diagnostic>, LocalizedPage);

impl Deref for Site {
    type Target = Assembled;

    fn deref(&self) -> &Assembled {
        &self.assembled
    }
}

impl Site {
    /// Assembles the site as of `now` (seconds since 1970).
    ///
    /// # Errors
    /// Every error found, with its location: two pages with one URL, a URL outside the site, a dead
    /// link.
    pub fn assemble(materials: SiteInputs, now: i64) -> Result<Site, Vec<Diagnostic>> {
        let (site, faults) = Site::assemble_all(materials, now, false);
        if faults.is_empty() { Ok(site) } else { Err(faults) }
    }

    /// Like [`Site::assemble`], but continues after errors: a page without a valid URL gets the one
    /// derived from its file, and a missing home page is empty. Also returns every error found.
    pub fn assemble_partly(materials: SiteInputs, now: i64) -> (Site, Vec<Diagnostic>) {
        Site::assemble_all(materials, now, true)
    }

    fn assemble_all(mut materials: SiteInputs, now: i64, partly: bool) -> (Site, Vec<Diagnostic>) {
        let cards = std::mem::take(&mut materials.cards);
        let drafts = materials.options.drafts;
        let mut site = Assembled::begun(materials);
        site.pages.reserve(cards.len());
        site.by_url.reserve(cards.len());
        let mut faults = Vec::new();
        let frames = language::frames(&site.config, cards);
        faults.extend(language::faults(&frames));
        let expiring_home = frames.iter().find_map(expired::home);
        let shown = frames.into_iter().filter(|frame| {
            let stage = if drafts { Stage::Shown } else { site.stage(frame, now) };
            if stage != Stage::Shown {
                site.hidden.push(frame.card.path.clone());
            }
            if stage == Stage::Expired {
                site.expired.add(&site.config, frame);
            }
            stage == Stage::Shown
        });
        let mut shown: Vec<LocalizedPage> = shown.collect();
        let is_home = |frame: &LocalizedPage| frame.language.is_first() && frame.name() == HOME;
        let has_home = shown.iter().any(is_home);
        if !has_home && partly {
            let at = shown.partition_point(|frame| *frame.card.path < *HOME);
            shown.insert(at, language::empty_home(&site.config));
            site.unread.pages.insert(HOME.to_owned());
        }
        let shown = language::with_fallbacks(&site.config, shown);
        let pages: Vec<_> = shown.into_par_iter().filter_map(|frame| site.page_of(frame)).collect();
        for page in pages {
            match page {
                Ok(page) => site.add(page),
                Err((fault, frame)) => {
                    faults.push(*fault);
                    if let Some(Ok(page)) =
                        partly.then(|| site.page_of(frame.at_its_file())).flatten()
                    {
                        site.add(page);
                    }
                }
            }
        }
        let (clashes, (sections, (taxonomies, found))) = rayon::join(
            || route::clashes(site.pages().filter(|page| !site.is_unread(page))),
            || rayon::join(|| site.make_sections(), || site.gather()),
        );
        faults.extend(clashes);
        faults.extend((!has_home && expiring_home.is_none()).then(|| site.without_home()));
        faults.extend(expiring_home);
        site.tell_positions(&sections);
        site.sections = sections;
        site.taxonomies = taxonomies;
        faults.extend(found);
        let (redirects, found) = site.find_redirects();
        site.redirects = redirects;
        faults.extend(found);
        site.feeds = site.make_feeds();
        site.digest_views();
        faults.extend(site.dead_links());
        faults.extend(site.dead_pictures());
        match site.make_icons() {
            Ok(icons) => site.icons = icons,
            Err(fault) => faults.push(*fault),
        }
        (Site { assembled: Arc::new(site), amended: BTreeMap::new() }, faults)
    }

    /// Returns the page with this number.
    pub fn page(&self, id: PageId) -> &Page {
        match self.amended.get(&id) {
            Some(page) => page,
            None => self.assembled.page(id),
        }
    }

    /// Iterates over every page with its number.
    pub fn iter(&self) -> impl Iterator<Item = (PageId, &Page)> {
        self.assembled.iter().map(|(id, _)| (id, self.page(id)))
    }
}

impl Assembled {
    /// Creates a site from these inputs, without pages.
    fn begun(materials: SiteInputs) -> Assembled {
        let SiteInputs { config, forms, form_links, assets, attachments, data, images, .. } =
            materials;
        let SiteInputs { strings, history, options, unread, .. } = materials;
        let base_url = BaseUrl::new(&config.base_url);
        // Forms with the same origin are addressed by path alone.
        let is_same = BaseUrl::new(&config.forms_url).origin() == base_url.origin();
        let forms_url = match options.served_at {
            None if !is_same => config.forms_url.clone(),
            _ => String::new(),
        };
        let codes = config.languages.iter().map(|language| language.code.as_str());
        let codes = codes.chain([translations::THEME]);
        let locales = codes.map(|code| (code.to_owned(), Locale::new(code))).collect();
        Assembled {
            pages: Vec::new(),
            days: Vec::new(),
            shelf: None,
            in_menus: Vec::new(),
            by_path: config.languages.iter().map(|_| Index::default()).collect(),
            by_url: Index::default(),
            sections: Vec::new(),
            hidden: Vec::new(),
            expired: Expired::default(),
            next_moment: None,
            config,
            forms,
            form_links,
            assets,
            attachments,
            images,
            data,
            strings,
            base_url,
            forms_url,
            host: options.host,
            icons: Vec::new(),
            history,
            unread,
            redirects: Vec::new(),
            locales,
            ages: OnceLock::new(),
            backlinks: OnceLock::new(),
            page_addresses: OnceLock::new(),
            source_names: OnceLock::new(),
            taxonomies: Vec::new(),
            feeds: Vec::new(),
        }
    }

    /// Every page links to the home page. Without this error, each page would report a dead link
    /// that hides the cause.
    fn without_home(&self) -> Diagnostic {
        let first = LanguageId::default();
        let (message, help) = if self.hidden.iter().any(|path| path == HOME) {
            (
                "the home page is not published",
                "take `draft`, `publish_on` and `expires_on` out of it",
            )
        } else if self.find(first, "index.md").is_some() {
            ("the home page has another name", "rename content/index.md to `_index.md`")
        } else {
            (
                "the site has no home page",
                "make this file, with a line `title: …` between two lines of dashes",
            )
        };
        Diagnostic::error(format!("content/{HOME}"), message).help(help)
    }

    /// Whether a page has errors, so that only its outline is known.
    fn is_unread(&self, page: &Page) -> bool {
        self.unread.pages.contains(&page.card.path)
    }

    /// Returns the publication state of a page, and records when it changes next.
    fn stage(&mut self, frame: &LocalizedPage, now: i64) -> Stage {
        let front = &frame.card.front;
        let starts = front.publish_on.as_ref().map(|moment| moment.value.seconds);
        let ends = front.expires_on.as_ref().map(|moment| moment.value.seconds);
        for moment in [starts, ends].into_iter().flatten().filter(|moment| *moment > now) {
            self.next_moment = Some(self.next_moment.map_or(moment, |next| next.min(moment)));
        }
        if front.draft || (front.unreviewed.is_some() && !frame.language.is_first()) {
            Stage::Unpublished
        } else if ends.is_some_and(|moment| moment <= now) {
            Stage::Expired
        } else if starts.is_some_and(|moment| moment > now) {
            Stage::Unpublished
        } else {
            Stage::Shown
        }
    }

    /// Builds a page; `None` for a fallback whose original has no valid URL.
    fn page_of(&self, frame: LocalizedPage) -> Option<Result<Box<Page>, Unaddressed>> {
        let url = match route::url(&frame.card, frame.name()) {
            Ok(url) => self.config.language(frame.language).address(&url),
            Err(_) if frame.is_fallback => return None,
            Err(fault) => return Some(Err((fault, frame))),
        };
        let LocalizedPage { card, source, language, name, is_fallback } = frame;
        let listing = self.listing(language, &url, &card, is_fallback);
        let view = own_view(source, &url);
        let folder = section::folder(&card, name.as_deref().unwrap_or(&card.path));
        let (position, values) = (0, Values::default());
        Some(Ok(Box::new(Page {
            card,
            language,
            is_fallback,
            name,
            url,
            folder,
            position,
            page_digest: view,
            summary_digest: listing,
            values,
        })))
    }

    fn add(&mut self, page: Box<Page>) {
        let id = number(self.pages.len());
        self.by_path[page.language.index()].insert(page.name(), id);
        self.by_url.insert(&page.url, id);
        if !page.card.front.menu.is_empty() {
            self.in_menus.push(id);
        }
        self.days.push(page.day());
        self.pages.push(OnceLock::from(page));
    }

    /// Returns the digest of everything that other pages may show of a page.
    fn listing(
        &self,
        language: LanguageId,
        url: &str,
        card: &PageMeta,
        is_fallback: bool,
    ) -> Digest {
        let own = self.config.language(language);
        let mut listing = Digester::new();
        listing.part(self.base_url.as_str()).part(url).value(&listing_fields(card));
        listing.value(&(&own.code, own.direction, is_fallback));
        for taxonomy in &self.config.taxonomies {
            listing.part(&taxonomy.name.value);
        }
        listing.finish()
    }

    fn digest_views(&mut self) {
        let all = (0..self.pages.len()).into_par_iter().map(number);
        let views: Vec<Digest> = all.map(|id| self.whole_view(self.page(id))).collect();
        for (index, view) in views.into_iter().enumerate() {
            self.page_mut(number(index)).page_digest = view;
        }
    }

    /// Extends a page's digest, which so far covers only its own text, with everything else that it
    /// shows of itself: its ancestors, its translations and its full URL.
    fn whole_view(&self, page: &Page) -> Digest {
        let mut digester = Digester::new();
        digester.digest(page.page_digest).digest(page.summary_digest);
        self.digest_languages(page, &mut digester);
        for ancestor in self.ancestors(page) {
            digester.digest(self.page(ancestor).summary_digest);
        }
        digester.part(self.template(page)).finish()
    }

    /// Returns the page with this number.
    pub fn page(&self, id: PageId) -> &Page {
        self.pages[id.index()].get_or_init(|| self.load_page(id))
    }

    fn page_mut(&mut self, id: PageId) -> &mut Page {
        self.pages[id.index()].get_mut().expect("a site is whole before it is kept")
    }

    fn pages(&self) -> impl ExactSizeIterator<Item = &Page> {
        (0..self.pages.len()).map(|index| self.page(number(index)))
    }

    /// Returns the date that lists and feeds sort a page by ([`Page::day`]).
    pub fn day(&self, id: PageId) -> Option<Moment> {
        self.days[id.index()]
    }

    /// Returns the number of the page at `path` below `content/`, in the given language. A path
    /// that names a language itself, such as `about.pa.md`, is that file's page.
    pub fn find(&self, language: LanguageId, path: &str) -> Option<PageId> {
        if let Some(id) = self.by_path[language.index()].get(path) {
            return Some(id);
        }
        let (named, name) = self.config.part(path);
        let id = self.by_path[named.index()].get(&name).filter(|_| !named.is_first())?;
        (!self.page(id).is_fallback).then_some(id)
    }

    /// Returns the page at a URL, which ends with `/`.
    pub fn at_url(&self, url: &str) -> Option<PageId> {
        self.by_url.get(url)
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
            .filter(|id| self.page(*id).card.path != page.card.path)
            .collect()
    }

    /// Returns the template of a page: its own, its section's, or the default of its kind.
    pub fn template<'a>(&'a self, page: &'a Page) -> &'a str {
        if let Some(template) = &page.card.front.template {
            return &template.value;
        }
        let section = self.section(page.language, &page.folder);
        let section = section.and_then(|section| section.index);
        let of_section =
            section.and_then(|id| self.page(id).card.front.section.page_template.as_ref());
        match page.card.kind {
            Kind::Home => "home.html",
            Kind::Section => "section.html",
            Kind::Page => of_section.map_or("page.html", |template| &template.value),
        }
    }
}
