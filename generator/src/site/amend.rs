//! Amends a site: the same, with another text of one page, where that changes nothing of what pages are to
//! each other. Pure.

use std::sync::{Arc, OnceLock};

use super::{Page, PageId, Site, own_view};
use crate::config::LanguageId;
use crate::digest::Digest;
use crate::parse::{Card, FrontMatter, Kind, SortBy};

/// How far the change of a page's text may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To what shows the page's own words, or how many they are.
    Words,
    /// To what other pages say of it as well: its title, its summary, its author, what a theme adds.
    Listing,
}

impl Site {
    /// This site with another text of one page, which `card` and its digest `source` are of; `None`
    /// where more of the site may be another by that.
    pub fn amended(
        &self,
        path: &str,
        card: Arc<Card>,
        source: Digest,
        reach: Reach,
    ) -> Option<Site> {
        // What a translation takes over, and where a page stands in for one, is for assembling.
        if self.config.is_translated() {
            return None;
        }
        let id = self.find(LanguageId::default(), path)?;
        let before = self.page(id);
        let is_within = match reach {
            Reach::Words => is_same_but_for_words(&before.card, &card),
            Reach::Listing => self.is_same_but_for_listing(before, &card),
        };
        if !is_within {
            return None;
        }
        let (url, language) = (&before.url, before.language);
        let view = own_view(source, url);
        let listing = self.listing(language, url, &card, before.is_fallback);
        let mut page = Page { card, view, listing, value: OnceLock::new(), ..before.clone() };
        page.view = self.whole_view(&page);
        let mut amended = self.amended.clone();
        amended.insert(id, Arc::new(page));
        Some(Site { assembled: Arc::clone(&self.assembled), amended })
    }

    /// The pages that have another text than when the site was assembled.
    pub fn amendments(&self) -> impl Iterator<Item = (PageId, &Page)> {
        self.amended.iter().map(|(id, page)| (*id, &**page))
    }

    /// Whether two texts of a page differ in nothing that orders pages, or brings them together, or that a
    /// menu shows.
    fn is_same_but_for_listing(&self, before: &Page, after: &Card) -> bool {
        let section = self.section(before.language, &before.folder).and_then(|own| own.index);
        let sort_by = section.and_then(|id| self.page(id).card.front.section.sort_by);
        let is_title = before.card.title == after.title;
        let is_in_menu = !before.card.front.menu.is_empty();
        (is_title || (sort_by != Some(SortBy::Title) && !is_in_menu))
            && is_same_but(&before.card, after, &without_listing)
    }
}

/// What a page says of itself between the dashes, without what only lists show.
fn without_listing(front: &FrontMatter) -> FrontMatter {
    let mut front = front.clone();
    (front.title, front.summary, front.author) = (None, None, None);
    front.extra = Default::default();
    front
}

/// Whether two texts of a page differ in nothing that any other page shows or depends on, but for how
/// many words there are.
fn is_same_but_for_words(before: &Card, after: &Card) -> bool {
    (&before.title, &before.summary) == (&after.title, &after.summary)
        && is_same_but(before, after, &FrontMatter::clone)
}

/// Whether two texts of a page give it the same place among the others, and lead to the same ones. What
/// follows in the text may stand on other lines.
fn is_same_but(before: &Card, after: &Card, part: &impl Fn(&FrontMatter) -> FrontMatter) -> bool {
    fn links(card: &Card) -> impl Iterator<Item = (&str, bool)> {
        card.links.iter().map(|link| (link.target.as_str(), link.image))
    }
    before.kind == Kind::Page
        && after.kind == Kind::Page
        && part(&before.front) == part(&after.front)
        && (&before.headings, &before.anchors, &before.components)
            == (&after.headings, &after.anchors, &after.components)
        && links(before).eq(links(after))
        && before.warnings.is_empty()
        && after.warnings.is_empty()
}
