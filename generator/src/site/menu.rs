//! Builds menus from `site.yaml` and from the pages that add themselves.

use std::collections::BTreeSet;

use super::{Destination, Page, Site, destination};
use crate::config::{LanguageId, MenuEntry};

/// An item of a menu.
pub struct MenuLine<'a> {
    /// Its text.
    pub label: &'a str,
    /// Its URL, as in HTML.
    pub url: String,
    /// The language of its text.
    pub language: LanguageId,
}

impl Site {
    /// Returns the items of a menu: those of `site.yaml` first, then the pages that name it, by
    /// ascending `weight`.
    pub fn menu(&self, language: LanguageId, name: &str) -> Vec<MenuLine<'_>> {
        let own = self.config.language(language).menus.get(name);
        let entries = own.or_else(|| self.config.menus.get(name)).into_iter().flatten();
        let written = if own.is_some() { language } else { LanguageId::default() };
        let is_there =
            |entry: &&MenuEntry| self.expired(language, "_index.md", &entry.link.value).is_none();
        let lines = entries.filter(is_there).map(|entry| self.menu_line(language, entry, written));
        let mut pages: Vec<&Page> = self
            .in_menus
            .iter()
            .map(|id| self.page(*id))
            .filter(|page| page.language == language)
            .filter(|page| page.meta.front.menu.iter().any(|menu| menu.value == name))
            .collect();
        // Pages of equal weight keep their order by path.
        pages.sort_by_key(|page| {
            let weight = page.meta.front.weight.as_ref();
            weight.map_or((true, 0), |weight| (false, weight.value))
        });
        let pages = pages.into_iter().map(|page| MenuLine {
            label: &page.meta.title,
            url: self.base_url.href(&page.url).into_owned(),
            language: page.written_in(),
        });
        lines.chain(pages).collect()
    }

    /// The URLs of all menu items, sorted and deduplicated.
    pub fn menu_urls(&self, language: LanguageId) -> Vec<String> {
        let own = self.config.language(language).menus.keys();
        let of_pages = self.in_menus.iter().flat_map(|id| &self.page(*id).meta.front.menu);
        let names = own.chain(self.config.menus.keys()).chain(of_pages.map(|menu| &menu.value));
        let names: BTreeSet<&str> = names.map(String::as_str).collect();
        let urls = names.into_iter().flat_map(|name| self.menu(language, name));
        let urls: BTreeSet<String> = urls.map(|line| line.url).collect();
        urls.into_iter().collect()
    }

    /// Returns an item of `site.yaml`. If its text is in another language and the page it links to
    /// is translated, that page's title is used instead.
    fn menu_line<'a>(
        &'a self,
        language: LanguageId,
        entry: &'a MenuEntry,
        written: LanguageId,
    ) -> MenuLine<'a> {
        // Dead links stop a build before anything is rendered.
        let url = self.follow(language, "_index.md", &entry.link.value).unwrap_or_default();
        let page = self.page_of_link(language, &entry.link.value);
        match page.filter(|page| written != language && page.written_in() == language) {
            Some(page) => MenuLine { label: &page.meta.title, url, language },
            None => MenuLine { label: &entry.label, url, language: written },
        }
    }

    /// Returns the page that a menu's link leads to, if it has no anchor.
    fn page_of_link(&self, language: LanguageId, link: &str) -> Option<&Page> {
        let Ok(Destination::Inside(place)) = destination("_index.md", link) else { return None };
        let (path, anchor) = self.locate(language, &place).ok()?;
        self.at_url(&path).filter(|_| anchor.is_none()).map(|id| self.page(id))
    }
}
