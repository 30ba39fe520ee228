//! Decides which feeds a site has and what each of them lists. Pure.
//!
//! A feed names whole addresses and the day of its newest entry, so there is none without a
//! `base_url`, and none that would list no dated page.

use std::cmp::Reverse;

use super::{PageId, Site};
use crate::parse::{Kind, Moment};

/// How many entries a feed has at most: enough for whoever looks once a month.
const LONGEST: usize = 20;

/// A feed of the site, of a section or of a term.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// Its address from the site's root, such as `/stories/feed.xml`.
    pub url: String,
    /// The address of the page whose feed it is, such as `/stories/`.
    pub home: String,
    /// Its title.
    pub title: String,
    /// Its entries, the newest first; each has a day.
    pub pages: Vec<PageId>,
}

impl Site {
    /// The feed of the page at the address `home`.
    pub fn feed(&self, home: &str) -> Option<&Feed> {
        let url = format!("{home}feed.xml");
        self.feeds.binary_search_by(|feed| feed.url.cmp(&url)).ok().map(|at| &self.feeds[at])
    }

    /// Every feed, ordered by address.
    pub(super) fn make_feeds(&self) -> Vec<Feed> {
        if self.base_url.is_empty() {
            return Vec::new();
        }
        let mut feeds = Vec::new();
        for (folder, section) in &self.sections {
            let Some(index) = section.index.map(|id| self.page(id)) else { continue };
            let wanted = index.card.front.section.feed;
            let pages: Vec<PageId> = if folder.is_empty() {
                let all = self.iter().filter(|(_, page)| page.card.kind == Kind::Page);
                all.map(|(id, _)| id).collect()
            } else {
                section.pages.clone()
            };
            // The site has a feed unless it wants none; a section only if it wants one.
            if wanted.unwrap_or(folder.is_empty()) {
                let name = (!folder.is_empty()).then_some(index.card.title.as_str());
                feeds.extend(self.make_feed(&index.url, name, pages));
            }
        }
        for taxonomy in self.taxonomies.iter().filter(|taxonomy| taxonomy.settings.feed) {
            for term in &taxonomy.terms {
                feeds.extend(self.make_feed(&term.url, Some(&term.name), term.pages.clone()));
            }
        }
        feeds.sort_unstable_by(|a, b| a.url.cmp(&b.url));
        feeds
    }

    fn make_feed(&self, home: &str, name: Option<&str>, pages: Vec<PageId>) -> Option<Feed> {
        let mut dated: Vec<(Reverse<Moment>, PageId)> =
            pages.into_iter().filter_map(|id| Some((Reverse(self.page(id).day()?), id))).collect();
        dated.sort_unstable();
        dated.truncate(LONGEST);
        if dated.is_empty() {
            return None;
        }
        let title = match name {
            Some(name) => format!("{name} · {}", self.config.title),
            None => self.config.title.clone(),
        };
        let pages = dated.into_iter().map(|(_, id)| id).collect();
        Some(Feed { url: format!("{home}feed.xml"), home: home.to_owned(), title, pages })
    }
}
