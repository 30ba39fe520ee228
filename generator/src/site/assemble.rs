//! Assembles the metadata of all pages into a site as of one moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;
use rayon::prelude::*;

use super::consent::{Consents, Requirements};
use super::expired::{self, Expired};
use super::language::{self, LocalizedPage};
use super::page::{Values, number, own_page_digest, summary_fields};
use super::page_store::PageStore;
use super::{HOME, Page, Site, SiteInputs, route, section};
use crate::config::{Config, LanguageId};
use crate::diagnostic::Diagnostic;
use crate::digest::{Digest, Digester};
use crate::locale::Locale;
use crate::parse::PageMeta;
use crate::translations;
use crate::url::BaseUrl;

/// The publication state of a page.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// A draft, an unreviewed translation, a page whose publish date has not passed, or one without
    /// the consent that it needs.
    Unpublished,
    Shown,
    /// A page that has expired, or for which consent has ended.
    Expired,
}

/// The pages that are published at one moment, and the others.
#[derive(Default)]
struct Selection {
    shown: Vec<LocalizedPage>,
    /// The paths of the others, below `content/`.
    hidden: Vec<String>,
    /// The number of drafts among the others.
    drafts: usize,
    /// The expired pages among the others.
    expired: Expired,
    /// Those among the expired pages for which consent was withdrawn.
    withdrawn: Vec<LocalizedPage>,
    /// The next moment at which a page is published or expires, in seconds since 1970.
    next_moment: Option<i64>,
}

impl Selection {
    /// Selects the pages that are published at `now` (seconds since 1970), or all for `drafts`.
    fn new(
        config: &Config,
        pages: Vec<LocalizedPage>,
        requirements: &Requirements,
        (now, drafts): (i64, bool),
    ) -> Selection {
        let mut selection = Selection::default();
        for page in pages {
            let stage = match drafts {
                true => Stage::Shown,
                false if !requirements.allow(&page.meta, page.name()) => Stage::Unpublished,
                false => selection.stage(&page, now),
            };
            if stage == Stage::Shown {
                selection.shown.push(page);
                continue;
            }
            selection.drafts += usize::from(page.meta.front.draft);
            selection.hidden.push(page.meta.path.clone());
            if stage == Stage::Expired {
                selection.expired.add(config, &page);
                let consent = page.meta.front.consent.as_ref();
                let withdrawn = consent.and_then(|consent| consent.withdrawn.as_ref());
                if withdrawn.is_some_and(|moment| moment.value.seconds <= now) {
                    selection.withdrawn.push(page);
                }
            }
        }
        selection
    }

    /// Returns the publication state of a page, and records when it changes next.
    fn stage(&mut self, page: &LocalizedPage, now: i64) -> Stage {
        let front = &page.meta.front;
        let starts = front.publish_on.as_ref().map(|moment| moment.value.seconds);
        let ends = front.end().map(|end| end.moment.seconds);
        for moment in [starts, ends].into_iter().flatten().filter(|moment| *moment > now) {
            self.next_moment = Some(self.next_moment.map_or(moment, |next| next.min(moment)));
        }
        if front.draft || (front.unreviewed.is_some() && !page.language.is_first()) {
            Stage::Unpublished
        } else if ends.is_some_and(|moment| moment <= now) {
            Stage::Expired
        } else if starts.is_some_and(|moment| moment > now) {
            Stage::Unpublished
        } else {
            Stage::Shown
        }
    }
}

/// A localized page without a valid URL, and the error.
type Unaddressed = (Box<Diagnostic>, LocalizedPage);

impl Site {
    /// Assembles the site as of `now` (seconds since 1970).
    ///
    /// # Errors
    /// Every error found, with its location: two pages with one URL, a URL outside the site, a dead
    /// link.
    pub fn assemble(inputs: SiteInputs, now: i64) -> Result<Site, Vec<Diagnostic>> {
        let (site, faults) = Site::assemble_all(inputs, now, false);
        if faults.is_empty() { Ok(site) } else { Err(faults) }
    }

    /// Like [`Site::assemble`], but continues after errors: a page without a valid URL gets the one
    /// derived from its file, and a missing home page is empty. Also returns every error found.
    pub fn assemble_partly(inputs: SiteInputs, now: i64) -> (Site, Vec<Diagnostic>) {
        Site::assemble_all(inputs, now, true)
    }

    fn assemble_all(mut inputs: SiteInputs, now: i64, partly: bool) -> (Site, Vec<Diagnostic>) {
        let metadata = std::mem::take(&mut inputs.metadata);
        let (drafts, purpose) = (inputs.options.drafts, inputs.options.purpose());
        let mut site = Site::without_pages(inputs);
        let mut faults = Vec::new();
        let localized = language::localize(&site.config, metadata);
        faults.extend(language::faults(&localized));
        let expiring_home = localized.iter().find_map(expired::home);
        let requirements = Requirements::new(&localized);
        let consents =
            Consents::new(&localized, &requirements, &site.unread, (purpose, now, drafts));
        faults.extend(consents.faults.iter().cloned());
        let selection = Selection::new(&site.config, localized, &requirements, (now, drafts));
        (site.consents, site.requirements) = (Arc::new(consents), Arc::new(requirements));
        let Selection { mut shown, hidden, drafts: left_out, expired, withdrawn, next_moment } =
            selection;
        (site.hidden, site.expired) = (Arc::new(hidden), Arc::new(expired));
        (site.drafts, site.next_moment) = (left_out, next_moment);
        let is_home = |page: &LocalizedPage| page.language.is_first() && page.name() == HOME;
        let has_home = shown.iter().any(is_home);
        if !has_home && partly {
            let at = shown.partition_point(|page| *page.meta.path < *HOME);
            shown.insert(at, language::empty_home(&site.config));
            Arc::make_mut(&mut site.unread).pages.insert(HOME.to_owned());
        }
        let shown = language::with_fallbacks(&site.config, shown);
        let found: Vec<_> = shown.into_par_iter().filter_map(|page| site.page_of(page)).collect();
        let mut pages = Vec::with_capacity(found.len());
        for page in found {
            match page {
                Ok(page) => pages.push(page),
                Err((fault, localized)) => {
                    faults.push(*fault);
                    let page = partly.then(|| site.page_of(localized.at_its_file())).flatten();
                    pages.extend(page.and_then(Result::ok));
                }
            }
        }
        site.add_pages(pages);
        let (clashes, (sections, (taxonomies, found))) = rayon::join(
            || route::clashes(site.pages().filter(|page| !site.is_unread(page))),
            || rayon::join(|| site.make_sections(), || site.make_taxonomies()),
        );
        faults.extend(clashes);
        faults.extend((!has_home && expiring_home.is_none()).then(|| site.without_home()));
        faults.extend(expiring_home);
        site.set_positions(&sections);
        site.sections = Arc::new(sections);
        site.taxonomies = Arc::new(taxonomies);
        faults.extend(found);
        let (redirects, found) = site.find_redirects();
        site.redirects = Arc::new(redirects);
        site.removed = Arc::new(site.find_removed(&withdrawn));
        faults.extend(found);
        site.feeds = Arc::new(site.make_feeds());
        site.digest_pages();
        faults.extend(site.dead_links());
        faults.extend(site.dead_pictures());
        match site.make_icons() {
            Ok(icons) => site.icons = Arc::new(icons),
            Err(fault) => faults.push(*fault),
        }
        (site, faults)
    }

    /// Creates a site from these inputs, without pages.
    fn without_pages(inputs: SiteInputs) -> Site {
        let SiteInputs {
            config, metadata: _, forms, form_links, assets, attachments, images, ..
        } = inputs;
        let SiteInputs { data, strings, history, options, unread, .. } = inputs;
        let base_url = BaseUrl::new(&config.base_url);
        // Forms with the same origin are addressed by path alone.
        let is_same = BaseUrl::new(&config.forms_url).origin() == base_url.origin();
        let forms_url = match options.served_at {
            None if !is_same => config.forms_url.as_str(),
            _ => "",
        };
        let codes = config.languages.iter().map(|language| language.code.as_str());
        let codes = codes.chain([translations::THEME]);
        let locales: BTreeMap<_, _> =
            codes.map(|code| (code.to_owned(), Locale::new(code))).collect();
        Site {
            pages: PageStore::default(),
            sections: Arc::default(),
            taxonomies: Arc::default(),
            feeds: Arc::default(),
            redirects: Arc::default(),
            removed: Arc::default(),
            icons: Arc::default(),
            by_path: Arc::default(),
            by_url: Arc::default(),
            in_menus: Arc::default(),
            hidden: Arc::default(),
            drafts: 0,
            expired: Arc::default(),
            consents: Arc::default(),
            requirements: Arc::default(),
            next_moment: None,
            computed: Arc::default(),
            forms_url: Arc::from(forms_url),
            base_url: Arc::new(base_url),
            host: options.host,
            locales: Arc::new(locales),
            config,
            forms,
            form_links,
            data,
            assets,
            attachments,
            images,
            strings,
            history,
            unread,
        }
    }

    /// Numbers the pages, which are ordered by language and path.
    fn add_pages(&mut self, pages: Vec<Page>) {
        let mut by_path = vec![HashMap::new(); self.config.languages.len()];
        let mut by_url = HashMap::with_capacity(pages.len());
        let mut in_menus = Vec::new();
        for (index, page) in pages.iter().enumerate() {
            let id = number(index);
            by_path[page.language.index()].insert(page.name().to_owned(), id);
            by_url.insert(page.url.clone(), id);
            if !page.meta.front.menu.is_empty() {
                in_menus.push(id);
            }
        }
        self.pages = PageStore::new(pages);
        (self.by_path, self.by_url) = (Arc::new(by_path), Arc::new(by_url));
        self.in_menus = Arc::new(in_menus);
    }

    /// Every page links to the home page. Without this error, each page would report a dead link
    /// that hides the cause.
    fn without_home(&self) -> Diagnostic {
        let first = LanguageId::default();
        let (message, help) = if self.hidden.iter().any(|path| path == HOME) {
            (
                "the home page is not published",
                "remove `draft`, `publish_on` and `expires_on` from it",
            )
        } else if self.find(first, "index.md").is_some() {
            ("the home page has the wrong file name", "rename content/index.md to `_index.md`")
        } else {
            (
                "the site has no home page",
                "create this file, with a line `title: …` between two lines of three hyphens",
            )
        };
        Diagnostic::error(format!("content/{HOME}"), message).help(help)
    }

    /// Whether a page has errors, so that only its outline is known.
    pub(super) fn is_unread(&self, page: &Page) -> bool {
        self.unread.pages.contains(&page.meta.path)
    }

    /// Builds a page; `None` for a fallback whose original has no valid URL.
    pub(super) fn page_of(&self, frame: LocalizedPage) -> Option<Result<Page, Unaddressed>> {
        let url = match route::url(&frame.meta, frame.name()) {
            Ok(url) => self.config.language(frame.language).address(&url),
            Err(_) if frame.is_fallback => return None,
            Err(fault) => return Some(Err((fault, frame))),
        };
        let LocalizedPage { meta, source, language, name, is_fallback } = frame;
        let listing = self.summary_digest(language, &url, &meta, is_fallback);
        let view = own_page_digest(source, &url);
        let folder = section::folder(&meta, name.as_deref().unwrap_or(&meta.path));
        let (position, values) = (0, Values::default());
        Some(Ok(Page {
            meta,
            language,
            is_fallback,
            name,
            url,
            folder,
            position,
            page_digest: view,
            summary_digest: listing,
            values,
        }))
    }

    /// Returns the digest of everything that other pages may show of a page.
    pub(super) fn summary_digest(
        &self,
        language: LanguageId,
        url: &str,
        meta: &PageMeta,
        is_fallback: bool,
    ) -> Digest {
        let own = self.config.language(language);
        let mut listing = Digester::new();
        listing.part(self.base_url.as_str()).part(url).value(&summary_fields(meta));
        listing.value(&(&own.code, own.direction, is_fallback));
        for taxonomy in &self.config.taxonomies {
            listing.part(&taxonomy.name.value);
        }
        listing.finish()
    }

    fn digest_pages(&mut self) {
        let all = (0..self.pages.len()).into_par_iter().map(number);
        let views: Vec<Digest> = all.map(|id| self.whole_page_digest(self.page(id))).collect();
        for (index, view) in views.into_iter().enumerate() {
            self.pages.get_mut(number(index)).page_digest = view;
        }
    }

    /// Extends a page's digest, which so far covers only its own text, with everything else that it
    /// shows of itself: its ancestors, its translations and its full URL.
    pub(super) fn whole_page_digest(&self, page: &Page) -> Digest {
        let mut digester = Digester::new();
        digester.digest(page.page_digest).digest(page.summary_digest);
        self.digest_languages(page, &mut digester);
        for ancestor in self.ancestors(page) {
            digester.digest(self.page(ancestor).summary_digest);
        }
        digester.part(self.template(page)).finish()
    }
}
