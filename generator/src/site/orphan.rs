//! Finds translations whose original does not exist.

use std::collections::HashSet;

use super::{Page, PageId, Site};
use crate::config::LanguageId;
use crate::diagnostic::{Diagnostic, nearest};
use crate::parse::PageKind;

impl Site {
    /// Returns a warning for each translation whose original does not exist, for example because it
    /// was renamed. A page that exists in one language only declares it by its own `slug` or
    /// `path`.
    pub fn orphans(&self) -> Vec<Diagnostic> {
        let hidden: HashSet<&str> = self.hidden.iter().map(String::as_str).collect();
        let translations = self.pages().filter(|page| {
            let front = &page.meta.front;
            !page.language.is_first()
                && !page.is_fallback
                && self.find(LanguageId::FIRST, page.name()).is_none()
                && front.slug.is_none()
                && front.path.is_none()
                && page.meta.kind != PageKind::Home
        });
        let orphans = translations.filter(|page| !hidden.contains(page.name()));
        orphans.filter_map(|page| self.orphan(page)).collect()
    }

    fn orphan(&self, page: &Page) -> Option<Diagnostic> {
        let code = &self.config.language(page.language).code;
        let slug =
            page.url.trim_end_matches('/').rsplit('/').next().filter(|slug| !slug.is_empty())?;
        let message =
            format!("this is a translation of content/{}, which does not exist", page.name());
        let alone = format!("if the page exists only in `{code}`, add `slug: {slug}`");
        let help = match self.untranslated_like(page) {
            Some(near) => {
                let name = near.meta.path.rsplit('/').next().unwrap_or_default();
                let stem = name.trim_end_matches(".md");
                format!(
                    "if it translates content/{}, rename it to `{stem}.{code}.md`; {alone}",
                    near.meta.path
                )
            }
            None => format!("give it the name of the page that it translates; {alone}"),
        };
        Some(Diagnostic::warning(format!("content/{}", page.meta.path), message).help(help))
    }

    /// Returns the page in the same folder that an orphan most likely translates, among those not
    /// yet translated into its language: it has the same links and images, or a similar name, or is
    /// the only one.
    fn untranslated_like(&self, page: &Page) -> Option<&Page> {
        let section = self.section(LanguageId::FIRST, &page.folder)?;
        let mut ids: Vec<PageId> = section.index.iter().chain(&section.pages).copied().collect();
        // By path: the order of the section depends on dates and titles.
        ids.sort_unstable();
        let beside = ids.into_iter().map(|id| self.page(id)).filter(|other| {
            let has_own = self.localized(page.language, other.name());
            other.meta.kind == page.meta.kind && has_own.is_none_or(|id| self.page(id).is_fallback)
        });
        let beside: Vec<&Page> = beside.collect();
        let targets = |page: &Page| -> Vec<String> {
            page.meta.links.iter().map(|link| link.target.clone()).collect()
        };
        let own = targets(page);
        let is_like = |other: &&&Page| !own.is_empty() && targets(other) == own;
        let by_name = || {
            let near = nearest(page.name(), beside.iter().map(|other| other.name()))?;
            beside.iter().find(|other| other.name() == near)
        };
        let only = || beside.first().filter(|_| beside.len() == 1);
        beside.iter().find(is_like).or_else(by_name).or_else(only).copied()
    }
}
