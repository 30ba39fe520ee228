//! Amends a site: the same, with another text of one page, where that changes nothing of what pages are to
//! each other. Pure.

use std::sync::Arc;

use super::{Page, PageId, Site, Values, own_view};
use crate::config::LanguageId;
use crate::digest::Digest;
use crate::parse::{FrontMatter, Kind, LinkKind, PageMeta, SortBy};

impl Site {
    /// This site with another text of one page, which `card` and its digest `source` are of; `None`
    /// where more of the site may be another by that.
    pub fn amended(&self, path: &str, card: Arc<PageMeta>, source: Digest) -> Option<Site> {
        // What a translation takes over, and where a page stands in for one, is for assembling.
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

    /// The pages that have another text than when the site was assembled.
    pub fn amendments(&self) -> impl Iterator<Item = (PageId, &Page)> {
        self.amended.iter().map(|(id, page)| (*id, &**page))
    }

    /// Whether two texts of a page give it the same place among the others, lead to the same ones, and are
    /// shown by the same ones. They may differ in words, and in what lists show of the page. What follows in
    /// the text may stand on other lines.
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

    /// Whether a page's title orders it among others, or is a line of a menu.
    fn goes_by_title(&self, page: &Page) -> bool {
        let section = self.section(page.language, &page.folder).and_then(|own| own.index);
        let sort_by = section.and_then(|id| self.page(id).card.front.section.sort_by);
        sort_by == Some(SortBy::Title) || !page.card.front.menu.is_empty()
    }
}

/// What a page says of itself between the dashes, without what only lists show.
fn without_listing(front: &FrontMatter) -> FrontMatter {
    let mut front = front.clone();
    (front.title, front.summary, front.author) = (None, None, None);
    front.extra = Default::default();
    front
}
