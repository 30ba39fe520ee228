//! Updates the text of one page of a site, if that does not affect relations between pages.

use std::sync::Arc;

use super::{Page, PageId, Site, Values, own_view};
use crate::config::LanguageId;
use crate::digest::Digest;
use crate::parse::{FrontMatter, Kind, LinkKind, PageMeta, SortBy};

impl Site {
    /// Returns this site with a new text of one page: `card` is its metadata and `source` its
    /// digest. `None` if more of the site may change.
    pub fn amended(&self, path: &str, card: Arc<PageMeta>, source: Digest) -> Option<Site> {
        // Inheritance by translations and fallbacks needs the whole site to be assembled.
        if self.config.is_translated() {
            return None;
        }
        let id = self.find(LanguageId::default(), path)?;
        let before = self.page(id);
        if !self.has_same_place(before, &card) {
            return None;
        }
        let (url, language) = (&before.url, before.language);
        let view = own_view(source, url);
        let listing = self.listing(language, url, &card, before.is_fallback);
        let mut page = Page {
            card,
            page_digest: view,
            summary_digest: listing,
            values: Values::default(),
            ..before.clone()
        };
        page.page_digest = self.whole_view(&page);
        let mut amended = self.amended.clone();
        amended.insert(id, Arc::new(page));
        Some(Site { assembled: Arc::clone(&self.assembled), amended })
    }

    /// The pages whose text was updated since the site was assembled.
    pub fn amendments(&self) -> impl Iterator<Item = (PageId, &Page)> {
        self.amended.iter().map(|(id, page)| (*id, &**page))
    }

    /// Whether two versions of a page have the same place among pages, link to the same pages and
    /// appear on the same pages. They may differ in text, in line numbers, and in what lists show
    /// of the page.
    fn has_same_place(&self, before: &Page, after: &PageMeta) -> bool {
        fn links(card: &PageMeta) -> impl Iterator<Item = (&str, LinkKind)> {
            card.links.iter().map(|link| (link.target.as_str(), link.kind))
        }
        let card = &before.card;
        (card.kind, after.kind) == (Kind::Page, Kind::Page)
            && (card.title == after.title || !self.goes_by_title(before))
            && without_listing(&card.front) == without_listing(&after.front)
            && (&card.headings, &card.anchors, &card.components)
                == (&after.headings, &after.anchors, &after.components)
            && links(card).eq(links(after))
            && card.warnings.is_empty()
            && after.warnings.is_empty()
    }

    /// Whether a page's title affects its order or is a menu item.
    fn goes_by_title(&self, page: &Page) -> bool {
        let section = self.section(page.language, &page.folder).and_then(|own| own.index);
        let sort_by = section.and_then(|id| self.page(id).card.front.section.sort_by);
        sort_by == Some(SortBy::Title) || !page.card.front.menu.is_empty()
    }
}

/// Returns the front matter without what only lists show.
fn without_listing(front: &FrontMatter) -> FrontMatter {
    let mut front = front.clone();
    (front.title, front.summary, front.author) = (None, None, None);
    front.extra = Default::default();
    front
}
