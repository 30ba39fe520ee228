//! Finds page URLs of the last build that are dead now.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::successor::NewPages;
use super::{Page, Site, language, redirect, route};
use crate::config::LanguageId;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::parse::PageMeta;

/// A page's metadata, and the digest of the text it was parsed from.
pub type PageVersion = (Arc<PageMeta>, Digest);

/// The pages of a build, by path below `content/`.
type Versions<'a> = BTreeMap<&'a str, &'a PageVersion>;

impl Site {
    /// Returns a warning for each URL that a page of the last build had and that is dead now.
    /// `before` are the pages of that build, made at `then` (seconds since 1970); `now` are those
    /// of this build. Both include hidden pages. `is_lost` says whether the last build had an
    /// output that this one lacks.
    ///
    /// A page that still exists but is not published was unpublished on purpose. A URL that differs
    /// from that of a page or list only in case cannot be an alias, so no alias is suggested.
    pub fn lost_addresses(
        &self,
        (before, then): (&[PageVersion], i64),
        now: &[PageVersion],
        is_lost: &dyn Fn(&str) -> bool,
    ) -> Vec<Diagnostic> {
        let (old, new) = (by_path(before), by_path(now));
        let redirects = self.redirects.iter().map(|redirect| redirect::key(&redirect.from));
        let unavailable: HashSet<String> = self.taken().into_keys().chain(redirects).collect();
        let added = NewPages::new(
            new.iter().filter(|(path, _)| !old.contains_key(*path)).map(|(_, version)| *version),
        );
        let mut warnings = Vec::new();
        for frame in language::localize(&self.config, before.to_vec()) {
            if !is_public(&frame.meta, then) {
                continue;
            }
            let Ok(url) = route::url(&frame.meta, frame.name()) else { continue };
            let url = self.config.language(frame.language).address(&url);
            if !is_lost(&format!("{}index.html", url.trim_start_matches('/')))
                || unavailable.contains(&redirect::key(&url))
            {
                continue;
            }
            let path = frame.meta.path.as_str();
            let successor = match new.get(path) {
                Some(_) => match self.published(path) {
                    Some(page) => Some(page),
                    None => continue,
                },
                None => {
                    let language = self.config.part(path).0;
                    let is_eligible = |meta: &PageMeta| self.config.part(&meta.path).0 == language;
                    old.get(path)
                        .and_then(|gone| added.most_like(gone, is_eligible))
                        .and_then(|meta| self.published(&meta.path))
                }
            };
            warnings.push(warning(path, &url, successor));
        }
        warnings
    }
}

impl Site {
    /// Returns the published page of the file at `path` below `content/`.
    pub(super) fn published(&self, path: &str) -> Option<&Page> {
        let (language, name) = self.config.part(path);
        let page = self.page(self.find(language, &name)?);
        (page.meta.path == path && (language != LanguageId::FIRST || !page.is_fallback))
            .then_some(page)
    }
}

/// Whether a page was public at a moment, regardless of the options of the build.
fn is_public(meta: &PageMeta, then: i64) -> bool {
    let front = &meta.front;
    let has_begun = front.publish_on.as_ref().is_none_or(|begins| begins.value.seconds <= then);
    let has_ended = front.end().is_some_and(|end| end.moment.seconds <= then);
    !front.draft && front.unreviewed.is_none() && has_begun && !has_ended
}

fn by_path(versions: &[PageVersion]) -> Versions<'_> {
    versions.iter().map(|version| (version.0.path.as_str(), version)).collect()
}

fn warning(path: &str, url: &str, successor: Option<&Page>) -> Diagnostic {
    match successor {
        Some(page) => {
            let file = format!("content/{}", page.meta.path);
            let message = format!("the previous address of this page, `{url}`, no longer works");
            let help = match page.meta.front.aliases.is_empty() {
                true => format!(
                    "add `aliases: [{url}]` to redirect links and bookmarks to its new address"
                ),
                false => format!(
                    "add `{url}` to its `aliases` to redirect links and bookmarks to its new \
                     address"
                ),
            };
            Diagnostic::warning(file, message).help(help)
        }
        None => {
            let message = format!(
                "this page was removed, and its address, `{url}`, no longer \
                                   works"
            );
            let help = format!("if another page replaces it, add `aliases: [{url}]` to that page");
            Diagnostic::warning(format!("content/{path}"), message).help(help)
        }
    }
}
