//! Saves the relations between pages, so that a later build need not assemble a site in which they
//! are the same.
//!
//! Page metadata is loaded on demand by a [`PageLoader`]: a page of a restored site is built on
//! first access, so that a build after one edit reads few pages, whatever the size of the site.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::expired::Expired;
use super::language::LocalizedPage;
use super::path_index::{Index, Names};
use super::taxonomy::Taxonomy;
use super::{
    Assembled, Asset, Feed, Page, PageId, Redirect, Section, Site, SiteInputs, Term, own_view,
    route,
};
use crate::attachment::Attachment;
use crate::config::LanguageId;
use crate::digest::Digest;
use crate::packed;
use crate::parse::{Moment, PageMeta};

/// The relations between the pages of a site with one language.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersistedSite {
    /// The index of each page's metadata in the cache, which also holds hidden pages.
    #[serde(with = "packed")]
    cards: Vec<u32>,
    #[serde(with = "packed")]
    views: Vec<Digest>,
    paths: Names,
    urls: Names,
    #[serde(with = "packed")]
    days: Vec<Option<Moment>>,
    sections: BTreeMap<String, Section>,
    /// The terms of each taxonomy that is in use, by its name.
    taxonomies: Vec<(String, Vec<Term>)>,
    feeds: Vec<Feed>,
    redirects: Vec<Redirect>,
    in_menus: Vec<PageId>,
    hidden: Vec<String>,
    expired: Expired,
    next_moment: Option<i64>,
    /// The theme's files and the site's own; they do not depend on pages.
    assets: BTreeMap<String, Asset>,
    attachments: BTreeMap<String, Attachment>,
    /// Present if they were computed.
    backlinks: Option<Vec<Vec<PageId>>>,
}

/// Returns page metadata by its index in the cache; `None` if it cannot be read.
type Read = dyn Fn(u32) -> Option<Arc<PageMeta>> + Send + Sync;

/// Loads the page metadata of a restored site.
pub struct PageLoader {
    read: Box<Read>,
    places: Vec<u32>,
    positions: Vec<u32>,
    views: Vec<Digest>,
    is_damaged: AtomicBool,
}

impl PersistedSite {
    /// Sets the new digest of a page.
    pub fn see(&mut self, page: PageId, view: Digest) {
        if let Some(known) = self.views.get_mut(page.index()) {
            *known = view;
        }
    }
}

impl Site {
    /// Returns the relations to save; `None` for a site with several languages.
    pub fn kept(&self, cards: &[&str]) -> Option<PersistedSite> {
        if self.config.is_translated() || !self.amended.is_empty() {
            return None;
        }
        let place = |page: &Page| {
            let at = cards.binary_search(&page.card.path.as_str()).ok()?;
            u32::try_from(at).ok()
        };
        let taxonomies = self.taxonomies.iter();
        Some(PersistedSite {
            cards: self.pages().map(place).collect::<Option<_>>()?,
            views: self.pages().map(|page| page.page_digest).collect(),
            paths: Names::new(self.iter().map(|(id, page)| (page.name(), id))),
            urls: Names::new(self.iter().map(|(id, page)| (page.url.as_str(), id))),
            days: self.days.clone(),
            sections: self.sections.first()?.clone(),
            taxonomies: taxonomies
                .map(|each| (each.settings.name.value.clone(), each.terms.clone()))
                .collect(),
            feeds: self.feeds.clone(),
            redirects: self.redirects.clone(),
            in_menus: self.in_menus.clone(),
            hidden: self.hidden.clone(),
            expired: self.expired.clone(),
            next_moment: self.next_moment,
            assets: self.assets.clone(),
            attachments: self.attachments.clone(),
            backlinks: self.backlinks.get().cloned(),
        })
    }

    /// Restores the site that `kept` was saved from. `materials` has all its inputs but assets and
    /// page metadata; `read` loads the latter.
    pub fn restored(materials: SiteInputs, kept: PersistedSite, read: Box<Read>) -> Option<Site> {
        let mut site = Assembled::begun(materials);
        let count = kept.cards.len();
        let mut positions = vec![0; count];
        for section in kept.sections.values() {
            for (position, id) in (0..).zip(&section.pages) {
                *positions.get_mut(id.index())? = position;
            }
        }
        site.by_path = vec![Index::Kept(kept.paths)];
        site.by_url = Index::Kept(kept.urls);
        site.pages.resize_with(count, OnceLock::new);
        site.days = kept.days;
        site.sections = vec![kept.sections];
        for (name, terms) in kept.taxonomies {
            let mut known = site.config.taxonomies.iter();
            let settings = known.find(|each| each.name.value == name)?.clone();
            let own = site.config.language(LanguageId::FIRST);
            site.taxonomies.push(Taxonomy::new(own, LanguageId::FIRST, settings, terms));
        }
        site.feeds = kept.feeds;
        site.redirects = kept.redirects;
        site.in_menus = kept.in_menus;
        site.hidden = kept.hidden;
        site.expired = kept.expired;
        site.next_moment = kept.next_moment;
        site.assets = kept.assets;
        site.attachments = kept.attachments;
        site.backlinks = kept.backlinks.map_or_else(OnceLock::new, OnceLock::from);
        site.icons = site.make_icons().ok()?;
        let (places, views, is_damaged) = (kept.cards, kept.views, AtomicBool::new(false));
        site.shelf = Some(PageLoader { read, places, positions, views, is_damaged });
        Some(Site { assembled: Arc::new(site), amended: BTreeMap::new() })
    }

    /// Whether all page metadata requested so far could be read. If not, discard everything made
    /// from this site.
    pub fn is_whole(&self) -> bool {
        let shelf = self.shelf.as_ref();
        !shelf.is_some_and(|shelf| shelf.is_damaged.load(Ordering::Relaxed))
    }
}

impl Assembled {
    /// Builds a page of a restored site from its metadata.
    pub(super) fn load_page(&self, id: PageId) -> Box<Page> {
        let shelf = self.shelf.as_ref().expect("a page is made with its site, or kept with it");
        let (at, language) = (id.index(), LanguageId::FIRST);
        let card = (shelf.read)(shelf.places[at]);
        let card = card.filter(|card| route::url(card, &card.path).is_ok()).unwrap_or_else(|| {
            shelf.is_damaged.store(true, Ordering::Relaxed);
            Arc::new(PageMeta::unread())
        });
        let source = Digest::default();
        let frame = LocalizedPage { card, source, language, name: None, is_fallback: false };
        let mut page = self
            .page_of(frame)
            .and_then(Result::ok)
            .expect("a card has an address, and so has the one that stands in for it");
        page.position = shelf.positions[at];
        page.page_digest =
            shelf.views.get(at).copied().unwrap_or_else(|| own_view(source, &page.url));
        page
    }
}
