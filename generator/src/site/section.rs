//! Turns pages into sections: which folder holds what, and in which order. Pure.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Assembled, Page, PageId};
use crate::parse::{Kind, PageMeta, SortBy};

/// A folder of pages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// The folder's own page, `_index.md`, where it has one.
    pub index: Option<PageId>,
    /// Its pages in their order, without those of the folders below.
    #[serde(with = "crate::packed")]
    pub pages: Vec<PageId>,
    /// The pages of the sections right below it, by weight, then by title: those whose folders are in its folder, with
    /// or without folders between that have no `_index.md`.
    pub sections: Vec<PageId>,
}

/// The folder whose section a card belongs to: `stories` for `stories/rose.md`, for
/// `stories/rose/index.md`, and for `stories/_index.md` itself; `""` at the top.
/// `name` is the path that the page has in every language.
pub(super) fn folder(card: &PageMeta, name: &str) -> String {
    let folder = name.rfind('/').map_or("", |end| &name[..end]);
    let is_bundle = card.kind == Kind::Page && name.ends_with("/index.md");
    let folder =
        if is_bundle { folder.rfind('/').map_or("", |end| &folder[..end]) } else { folder };
    folder.to_owned()
}

impl Assembled {
    /// The sections of each language, by folder.
    pub(super) fn make_sections(&self) -> Vec<BTreeMap<String, Section>> {
        let mut sections = Vec::new();
        sections.resize_with(self.config.languages.len(), BTreeMap::<String, Section>::new);
        for (id, page) in self.iter() {
            let section = sections[page.language.index()].entry(page.folder.clone()).or_default();
            match page.card.kind {
                Kind::Home | Kind::Section => section.index = Some(id),
                Kind::Page => section.pages.push(id),
            }
        }
        for section in sections.iter_mut().flat_map(BTreeMap::values_mut) {
            let front = section.index.map(|id| &self.page(id).card.front);
            let sort_by = front.and_then(|front| front.section.sort_by).unwrap_or(SortBy::Date);
            let reverse = front.is_some_and(|front| front.section.reverse);
            section.pages.sort_by(|a, b| {
                let order = self.compare(self.page(*a), self.page(*b), sort_by);
                if reverse { order.reverse() } else { order }
            });
        }
        for sections in &mut sections {
            self.nest(sections);
        }
        sections
    }

    /// Puts each section among those of the section that it is in.
    fn nest(&self, sections: &mut BTreeMap<String, Section>) {
        let above = |folder: &str| -> Option<String> {
            let mut folder = folder;
            while !folder.is_empty() {
                folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
                if sections.get(folder).is_some_and(|section| section.index.is_some()) {
                    return Some(folder.to_owned());
                }
            }
            None
        };
        let nested =
            sections.iter().filter_map(|(folder, section)| Some((above(folder)?, section.index?)));
        for (above, index) in nested.collect::<Vec<_>>() {
            sections.entry(above).or_default().sections.push(index);
        }
        for section in sections.values_mut() {
            section.sections.sort_by(|a, b| {
                let (a, b) = (self.page(*a), self.page(*b));
                by_weight(a).cmp(&by_weight(b)).then_with(|| self.compare(a, b, SortBy::Title))
            });
        }
    }

    /// Tells every page its place in its section.
    pub(super) fn tell_positions(&mut self, sections: &[BTreeMap<String, Section>]) {
        for section in sections.iter().flat_map(BTreeMap::values) {
            for (position, id) in (0..).zip(&section.pages) {
                self.page_mut(*id).position = position;
            }
        }
    }

    /// Newest first by date; the lowest weight first; what lacks the key comes last. Equals stand by
    /// path, so that an order never depends on how the disk lists files.
    fn compare(&self, a: &Page, b: &Page, sort_by: SortBy) -> Ordering {
        let by_date = |page: &Page| Reverse(page.card.front.date.as_ref().map(|date| date.value));
        let by_update = |page: &Page| {
            let front = &page.card.front;
            Reverse(front.updated.as_ref().or(front.date.as_ref()).map(|date| date.value))
        };
        let order = match sort_by {
            SortBy::Date => by_date(a).cmp(&by_date(b)),
            SortBy::Updated => by_update(a).cmp(&by_update(b)),
            SortBy::Weight => by_weight(a).cmp(&by_weight(b)),
            SortBy::Title => {
                let locale = self.locale(&self.config.language(a.language).code);
                locale.compare(&a.card.title, &b.card.title)
            }
        };
        order.then_with(|| a.name().cmp(b.name()))
    }
}

/// What orders pages by weight: the lowest first, those without one last.
fn by_weight(page: &Page) -> (bool, i64) {
    page.card.front.weight.as_ref().map_or((true, 0), |weight| (false, weight.value))
}
