//! Groups pages into sections and sorts them.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use super::{Page, PageId, Site};
use crate::parse::{PageKind, PageMeta, SortBy};

/// A folder of pages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// The folder's own page, `_index.md`, if it has one.
    pub index: Option<PageId>,
    /// Its pages in order, without those of subfolders.
    pub pages: Vec<PageId>,
    /// The pages of its subsections, by weight, then by title. Folders between that have no
    /// `_index.md` are skipped.
    pub sections: Vec<PageId>,
}

/// Returns the folder of a page's section: `stories` for `stories/rose.md`, for
/// `stories/rose/index.md`, and for `stories/_index.md` itself; `""` at the top. `name` is the path
/// shared by all translations.
pub(super) fn folder(meta: &PageMeta, name: &str) -> String {
    let folder = name.rfind('/').map_or("", |end| &name[..end]);
    let is_bundle = meta.kind == PageKind::Page && name.ends_with("/index.md");
    let folder =
        if is_bundle { folder.rfind('/').map_or("", |end| &folder[..end]) } else { folder };
    folder.to_owned()
}

impl Site {
    /// Returns the sections of each language, by folder.
    pub(super) fn make_sections(&self) -> Vec<BTreeMap<String, Section>> {
        let mut sections = Vec::new();
        sections.resize_with(self.config.languages.len(), BTreeMap::<String, Section>::new);
        for (id, page) in self.iter() {
            let section = sections[page.language.index()].entry(page.folder.clone()).or_default();
            match page.meta.kind {
                PageKind::Home | PageKind::Section => section.index = Some(id),
                PageKind::Page => section.pages.push(id),
            }
        }
        for section in sections.iter_mut().flat_map(BTreeMap::values_mut) {
            let front = section.index.map(|id| &self.page(id).meta.front);
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

    /// Adds each section to its parent section.
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

    /// Sets the position of every page in its section.
    pub(super) fn set_positions(&mut self, sections: &[BTreeMap<String, Section>]) {
        for section in sections.iter().flat_map(BTreeMap::values) {
            for (position, id) in (0..).zip(&section.pages) {
                self.pages.get_mut(*id).position = position;
            }
        }
    }

    /// Compares pages: newest first by date, or lowest weight first; pages without the key come
    /// last. Ties are broken by path, so that the order never depends on how the file system lists
    /// files.
    fn compare(&self, a: &Page, b: &Page, sort_by: SortBy) -> Ordering {
        let by_date = |page: &Page| Reverse(page.meta.front.date.as_ref().map(|date| date.value));
        let by_update = |page: &Page| {
            let front = &page.meta.front;
            Reverse(front.updated.as_ref().or(front.date.as_ref()).map(|date| date.value))
        };
        let order = match sort_by {
            SortBy::Date => by_date(a).cmp(&by_date(b)),
            SortBy::Updated => by_update(a).cmp(&by_update(b)),
            SortBy::Weight => by_weight(a).cmp(&by_weight(b)),
            SortBy::Title => {
                let locale = self.locale(&self.config.language(a.language).code);
                locale.compare(&a.meta.title, &b.meta.title)
            }
        };
        order.then_with(|| a.name().cmp(b.name()))
    }
}

/// Sort key by weight: lowest first, pages without one last.
fn by_weight(page: &Page) -> (bool, i64) {
    page.meta.front.weight.as_ref().map_or((true, 0), |weight| (false, weight.value))
}
