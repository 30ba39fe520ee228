//! Finds the addresses of pages that were removed because consent was withdrawn: each says so (HTTP 410,
//! RFC 9110, section 15.5.11) instead of being a dead link.

use std::collections::BTreeMap;

use super::language::LocalizedPage;
use super::redirect::{former, key};
use super::{Site, route};
use crate::config::LanguageId;

/// An address of a page that was removed.
#[derive(Clone, Debug, PartialEq)]
pub struct RemovedPage {
    /// Its URL path, such as `/stories/rose/` or `/old.html`.
    pub url: String,
    /// Its language.
    pub language: LanguageId,
}

impl RemovedPage {
    /// The output file at the address.
    pub fn file(&self) -> String {
        let path = self.url.trim_start_matches('/');
        if path.ends_with(".html") { path.to_owned() } else { format!("{path}index.html") }
    }
}

impl Site {
    /// Returns every address of these pages that no page, list or redirect has now, ordered by URL: their
    /// own in each language, and their aliases.
    pub(super) fn find_removed(&self, pages: &[LocalizedPage]) -> Vec<RemovedPage> {
        if pages.is_empty() {
            return Vec::new();
        }
        let mut unavailable = self.taken();
        unavailable.extend(
            self.redirects.iter().map(|redirect| (key(&redirect.from), redirect.from.clone())),
        );
        let mut removed = BTreeMap::new();
        for page in pages {
            let mut add = |url: String, language: LanguageId| {
                if !unavailable.contains_key(&key(&url)) {
                    removed.entry(url).or_insert(language);
                }
            };
            if let Ok(url) = route::url(&page.meta, page.name()) {
                // An untranslated page also appeared in the other languages.
                let languages = self
                    .config
                    .languages()
                    .filter(|(language, _)| *language == page.language || page.language.is_first());
                languages.for_each(|(id, language)| add(language.address(&url), id));
            }
            for alias in &page.meta.front.aliases {
                add(former(&alias.value), page.language);
            }
        }
        removed.into_iter().map(|(url, language)| RemovedPage { url, language }).collect()
    }
}
