//! Turns pages into sections: which folder holds what, and in which order. Pure.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use super::{Page, PageId};
use crate::parse::{Card, Kind, SortBy};

/// A folder of pages.
#[derive(Debug, Default)]
pub struct Section {
    /// The folder's own page, `_index.md`, where it has one.
    pub index: Option<PageId>,
    /// Its pages in their order, without those of the folders below.
    pub pages: Vec<PageId>,
}

/// The folder whose section a card belongs to: `stories` for `stories/rose.md`, for
/// `stories/rose/index.md`, and for `stories/_index.md` itself; `""` at the top.
/// `name` is the path that the page has in every language.
pub(super) fn folder(card: &Card, name: &str) -> String {
    let folder = name.rfind('/').map_or("", |end| &name[..end]);
    let is_bundle = card.kind == Kind::Page && name.ends_with("/index.md");
    let folder =
        if is_bundle { folder.rfind('/').map_or("", |end| &folder[..end]) } else { folder };
    folder.to_owned()
}

/// The sections of each language, by folder.
pub(super) fn sections(pages: &mut [Page], languages: usize) -> Vec<BTreeMap<String, Section>> {
    let mut sections = Vec::new();
    sections.resize_with(languages, BTreeMap::<String, Section>::new);
    for (index, page) in pages.iter().enumerate() {
        let id = PageId(u32::try_from(index).expect("fewer than 4 billion pages"));
        let section = sections[page.language.index()].entry(page.folder.clone()).or_default();
        match page.card.kind {
            Kind::Home | Kind::Section => section.index = Some(id),
            Kind::Page => section.pages.push(id),
        }
    }
    for section in sections.iter_mut().flat_map(BTreeMap::values_mut) {
        let front = section.index.map(|id| &pages[id.index()].card.front);
        let sort_by = front.and_then(|front| front.section.sort_by).unwrap_or(SortBy::Date);
        let reverse = front.is_some_and(|front| front.section.reverse);
        section.pages.sort_by(|a, b| {
            let order = compare(&pages[a.index()].card, &pages[b.index()].card, sort_by);
            if reverse { order.reverse() } else { order }
        });
        for (position, id) in (0..).zip(&section.pages) {
            pages[id.index()].position = position;
        }
    }
    sections
}

/// Newest first by date; the lowest weight first; what lacks the key comes last. Equals stand by
/// path, so that an order never depends on how the disk lists files.
fn compare(a: &Card, b: &Card, sort_by: SortBy) -> Ordering {
    let by_date = |card: &Card| Reverse(card.front.date.as_ref().map(|date| date.value));
    let by_update = |card: &Card| {
        let date = card.front.updated.as_ref().or(card.front.date.as_ref());
        Reverse(date.map(|date| date.value))
    };
    let by_weight =
        |card: &Card| card.front.weight.as_ref().map_or((true, 0), |weight| (false, weight.value));
    let order = match sort_by {
        SortBy::Date => by_date(a).cmp(&by_date(b)),
        SortBy::Updated => by_update(a).cmp(&by_update(b)),
        SortBy::Weight => by_weight(a).cmp(&by_weight(b)),
        SortBy::Title => a.title.to_lowercase().cmp(&b.title.to_lowercase()),
    };
    order.then_with(|| a.path.cmp(&b.path))
}
