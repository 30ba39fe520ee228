//! Records expired pages, and those for which consent has ended: a link to one becomes plain text, so
//! that an expiry date or a withdrawal never breaks a build.

use std::collections::BTreeMap;

use super::language::LocalizedPage;
use super::link::spellings;
use super::{Destination, InternalLink, Site, destination, route, taxonomy};
use crate::config::{self, Config, LanguageId};
use crate::diagnostic::Diagnostic;
use crate::parse::{End, EndReason, LinkKind, PageKind};

/// The expired pages.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Expired {
    /// When and why each page expired, by path below `content/`.
    pages: BTreeMap<String, End>,
    /// The path of each page, by language and by the path shared by all translations
    /// ([`super::Page::name`]).
    names: BTreeMap<(LanguageId, String), String>,
    /// The page behind each URL that is gone: its own, or that of a feed or term of which it was
    /// the last page.
    addresses: BTreeMap<String, String>,
}

impl Expired {
    /// Records an expired page.
    pub(super) fn add(&mut self, config: &Config, frame: &LocalizedPage) {
        let front = &frame.meta.front;
        let Some(end) = front.end() else { return };
        let path = &frame.meta.path;
        let pages = &self.pages;
        let mut address = |address: String| {
            let page = self.addresses.entry(address).or_insert_with(|| path.clone());
            if pages.get(page).is_some_and(|known| known.moment.seconds <= end.moment.seconds) {
                page.clone_from(path);
            }
        };
        let url = route::url(&frame.meta, frame.name());
        // An untranslated page also appears in the other languages.
        let languages = config
            .languages()
            .filter(|(language, _)| *language == frame.language || frame.language.is_first());
        for (_, language) in languages {
            if let Ok(url) = &url {
                let url = language.address(url);
                address(format!("{url}feed.xml"));
                address(url);
            }
            for (name, terms) in &front.taxonomies {
                let list = taxonomy::list_url(language, name);
                address(list);
                for term in terms {
                    let term = taxonomy::term_url(language, name, &term.value);
                    address(format!("{term}feed.xml"));
                    address(term);
                }
            }
        }
        self.names.insert((frame.language, frame.name().to_owned()), path.clone());
        self.pages.insert(path.clone(), end);
    }

    /// Returns the expired page at a URL or at a path below `content/` as pages of a language write
    /// it, and when and why it expired.
    fn find(&self, language: LanguageId, path: &str) -> Option<(&str, End)> {
        let found = if path.starts_with('/') {
            let with_end = format!("{}/", path.trim_end_matches('/'));
            let page = self.addresses.get(path).or_else(|| self.addresses.get(&with_end))?;
            self.pages.get_key_value(page)
        } else {
            spellings(path).find_map(|path| {
                let named = self.names.get(&(language, path.clone().into_owned()));
                self.pages.get_key_value(named.map_or(path.as_ref(), String::as_str))
            })
        };
        found.map(|(path, end)| (path.as_str(), *end))
    }
}

impl Site {
    /// Returns the path below `content/` of the expired page at `place`, and when and why it expired;
    /// `None` if `place` exists.
    pub fn expired_at(&self, language: LanguageId, place: &InternalLink) -> Option<(&str, End)> {
        let expired = self.expired.find(language, &place.path)?;
        let is_there = self.page_at(language, &place.path).is_some()
            || self.file_at(&place.path).is_some()
            || self.list_at(&place.path).is_some()
            || self.feeds.iter().any(|feed| feed.url == place.path);
        (!is_there).then_some(expired)
    }

    /// Like [`Site::expired_at`], for a link as written on the page `from`; it may be an
    /// absolute URL.
    pub(super) fn expired(
        &self,
        language: LanguageId,
        from: &str,
        written: &str,
    ) -> Option<(&str, End)> {
        match destination(from, written) {
            Ok(Destination::Inside(place)) => self.expired_at(language, &place),
            Ok(Destination::Outside(address)) => {
                self.expired_at(language, &self.whole_address(address)?)
            }
            Err(_) => None,
        }
    }

    /// Returns the internal link for an absolute URL of this site, such as
    /// `https://our-street.org.uk/fair/`.
    pub(crate) fn whole_address(&self, address: &str) -> Option<InternalLink> {
        match destination("_index.md", self.base_url.within(address)?) {
            Ok(Destination::Inside(place)) if place.path.starts_with('/') => Some(place),
            _ => None,
        }
    }

    /// Returns a warning for each link in a text, component, menu or form that leads to an expired
    /// page.
    pub fn expired_links(&self) -> Vec<Diagnostic> {
        if self.expired.pages.is_empty() {
            return Vec::new();
        }
        let own_pages = self.pages().filter(|page| !page.is_fallback);
        let of_pages = own_pages.flat_map(|page| {
            let links = page.meta.links.iter().filter(|link| link.kind != LinkKind::Image);
            links.filter_map(|link| {
                // Components resolve pages from the `content` folder.
                let from = match link.kind {
                    LinkKind::Argument => "_index.md",
                    _ => page.name(),
                };
                let expired = self.expired(page.language, from, &link.target)?;
                let path = format!("content/{}", page.meta.path);
                let shown = "it is shown as plain text";
                Some(warning(path, shown, expired).at(link.place))
            })
        });
        let of_menus = self.config.menu_entries().filter_map(|(language, entry)| {
            let expired = self.expired(language, "_index.md", &entry.link.value)?;
            let shown = "the menu leaves it out";
            Some(warning(config::PATH.to_owned(), shown, expired).at(entry.link.place))
        });
        let of_forms = self.form_links.iter().filter_map(|link| {
            let expired = self.expired_form_link(link)?;
            Some(warning(link.path.clone(), "it is shown as plain text", expired).at(link.place))
        });
        of_pages.chain(of_menus).chain(of_forms).collect()
    }
}

fn warning(path: String, shown: &str, (page, end): (&str, End)) -> Diagnostic {
    let (key, moment) = (end.reason.key(), end.moment.iso());
    let (message, help) = match end.reason {
        EndReason::Expired => (
            "this link goes to a page that has expired",
            "remove the link, or give that page a later `expires_on`",
        ),
        EndReason::ConsentEnded => (
            "this link goes to a page for which consent has ended",
            "remove the link; or ask for consent again, and give that page a later `until`",
        ),
        EndReason::ConsentWithdrawn => (
            "this link goes to a page for which consent was withdrawn",
            "remove the link, and what the text around it says about the person",
        ),
    };
    Diagnostic::warning(path, message)
        .label(format!("content/{page} has `{key}: {moment}`: {shown}"))
        .help(help)
}

/// Rejects an expiry date or an end of consent on the home page: every link to it would expire too.
pub(super) fn home(frame: &LocalizedPage) -> Option<Diagnostic> {
    let end = frame.meta.front.end()?;
    if frame.meta.kind != PageKind::Home || !frame.language.is_first() {
        return None;
    }
    let fault =
        Diagnostic::error(format!("content/{}", frame.meta.path), "the home page cannot expire");
    let help = "remove this line, and change the text of the page when the time comes";
    Some(fault.at(end.place).help(help))
}
