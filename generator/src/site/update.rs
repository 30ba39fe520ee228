//! Replaces the text of pages, forms or data of a site, if that does not affect relations between
//! pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use daisychain_functions::form::Form;

use super::{Data, FormLink, Page, PageVersion, Site, language};
use crate::parse::{FrontMatter, LinkKind, PageKind, PageMeta, SortBy};

impl Site {
    /// Returns this site with a new text of the page at `path` below `content/`. `versions` are the
    /// page it translates, or itself, and all translations of that: they inherit from it, and a
    /// language without one shows it. `None` if more of the site may change.
    pub fn with_page(&self, path: &str, versions: Vec<PageVersion>) -> Option<Site> {
        self.published(path)?;
        let mut localized = language::localize(&self.config, versions);
        localized.retain(|version| self.published(&version.meta.path).is_some());
        let mut site = self.clone();
        for version in language::with_fallbacks(&self.config, localized) {
            let id = self.localized(version.language, version.name())?;
            let before = self.page(id);
            if before.is_fallback != version.is_fallback
                || !self.has_same_place(before, &version.meta)
            {
                return None;
            }
            let mut page = self.page_of(version)?.ok()?;
            page.position = before.position;
            page.page_digest = self.whole_page_digest(&page);
            site.pages.replace(id, page);
        }
        Some(site)
    }

    /// Returns this site with new versions of its forms, which link to the same pages and files as
    /// before; `links` are those links.
    pub fn with_forms(&self, forms: BTreeMap<String, Form>, links: Vec<FormLink>) -> Site {
        Site { forms: Arc::new(forms), form_links: Arc::new(links), ..self.clone() }
    }

    /// Whether the forms' links lead to the same places as `links`.
    pub fn links_to_same(&self, links: &[FormLink]) -> bool {
        let targets = |links: &[FormLink]| -> Vec<(String, String)> {
            links.iter().map(|link| (link.path.clone(), link.target.clone())).collect()
        };
        targets(&self.form_links) == targets(links)
    }

    /// Returns this site with new versions of its data files.
    pub fn with_data(&self, data: BTreeMap<String, Data>) -> Site {
        Site { data: Arc::new(data), ..self.clone() }
    }

    /// Whether two versions of a page have the same place among pages, link to the same pages and
    /// appear on the same pages. They may differ in text, in line numbers, and in what lists show
    /// of the page.
    fn has_same_place(&self, before: &Page, after: &PageMeta) -> bool {
        fn links(meta: &PageMeta) -> impl Iterator<Item = (&str, LinkKind)> {
            meta.links.iter().map(|link| (link.target.as_str(), link.kind))
        }
        let meta = &before.meta;
        (meta.kind, after.kind) == (PageKind::Page, PageKind::Page)
            && (meta.title == after.title || !self.is_placed_by_title(before))
            && without_summary(&meta.front) == without_summary(&after.front)
            && (&meta.headings, &meta.anchors, &meta.components)
                == (&after.headings, &after.anchors, &after.components)
            && links(meta).eq(links(after))
            && meta.warnings.is_empty()
            && after.warnings.is_empty()
    }

    /// Whether a page's title affects its order or is a menu item.
    fn is_placed_by_title(&self, page: &Page) -> bool {
        let section = self.section(page.language, &page.folder).and_then(|own| own.index);
        let sort_by = section.and_then(|id| self.page(id).meta.front.section.sort_by);
        sort_by == Some(SortBy::Title) || !page.meta.front.menu.is_empty()
    }
}

/// Returns the front matter without what only lists show.
fn without_summary(front: &FrontMatter) -> FrontMatter {
    let mut front = front.clone();
    (front.title, front.summary, front.author) = (None, None, None);
    front.extra = Default::default();
    front
}
