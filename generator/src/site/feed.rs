//! Decides which feeds a site has and what each lists.
//!
//! A feed contains absolute URLs and the date of its newest entry, so there is none without a
//! `base_url`, and none that would list no dated page.

use std::cmp::Reverse;

use super::{Page, PageId, Site};
use crate::config::LanguageId;
use crate::parse::{Moment, PageKind};

/// The maximum number of entries of a feed: enough for readers who look once a month.
const MAX_ENTRIES: usize = 20;

/// A feed of the site, of a section or of a term.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// Its URL path, such as `/stories/feed.xml`.
    pub url: String,
    /// The URL path of the page it belongs to, such as `/stories/`.
    pub home: String,
    /// Its language.
    pub language: LanguageId,
    /// Its title.
    pub title: String,
    /// Its entries, newest first; each has a date.
    pub pages: Vec<PageId>,
}

impl Site {
    /// Returns the feed of the page at the URL `home`.
    pub fn feed(&self, home: &str) -> Option<&Feed> {
        let url = format!("{home}feed.xml");
        self.feeds.binary_search_by(|feed| feed.url.cmp(&url)).ok().map(|at| &self.feeds[at])
    }

    /// Returns every feed, ordered by URL.
    pub(super) fn make_feeds(&self) -> Vec<Feed> {
        if self.base_url.is_empty() {
            return Vec::new();
        }
        let mut feeds = Vec::new();
        for (language, _) in self.config.languages() {
            for (folder, section) in &self.sections[language.index()] {
                let Some(index) = section.index.map(|id| self.page(id)) else { continue };
                let wanted = index.meta.front.section.feed;
                // Feeds are on by default for the site and off by default for sections.
                if !wanted.unwrap_or(folder.is_empty()) {
                    continue;
                }
                let name = (!folder.is_empty()).then_some(index.meta.title.as_str());
                let home = (index.url.as_str(), language);
                if folder.is_empty() {
                    let is_own =
                        |page: &Page| page.meta.kind == PageKind::Page && page.language == language;
                    let all = self.iter().filter(|(_, page)| is_own(page));
                    feeds.extend(self.make_feed(home, name, all.map(|(id, _)| id)));
                } else {
                    feeds.extend(self.make_feed(home, name, section.pages.iter().copied()));
                }
            }
        }
        for taxonomy in self.taxonomies.iter().filter(|taxonomy| taxonomy.settings.feed) {
            for term in &taxonomy.terms {
                let home = (term.url.as_str(), taxonomy.language);
                feeds.extend(self.make_feed(home, Some(&term.name), term.pages.iter().copied()));
            }
        }
        feeds.sort_unstable_by(|a, b| a.url.cmp(&b.url));
        feeds
    }

    /// Creates the feed of the page at a URL, with the pages written in its language.
    fn make_feed(
        &self,
        (home, language): (&str, LanguageId),
        name: Option<&str>,
        pages: impl Iterator<Item = PageId>,
    ) -> Option<Feed> {
        let mut dated: Vec<(Reverse<Moment>, PageId)> = pages
            .filter(|id| !self.page(*id).is_fallback)
            .filter_map(|id| Some((Reverse(self.page(id).day()?), id)))
            .collect();
        dated.sort_unstable();
        dated.truncate(MAX_ENTRIES);
        if dated.is_empty() {
            return None;
        }
        let site = &self.config.language(language).title;
        let title = match name {
            Some(name) => format!("{name} · {site}"),
            None => site.clone(),
        };
        let pages = dated.into_iter().map(|(_, id)| id).collect();
        let (url, home) = (format!("{home}feed.xml"), home.to_owned());
        Some(Feed { url, home, language, title, pages })
    }
}
