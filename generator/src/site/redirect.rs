//! Turns the former URLs of pages into redirects.

use std::collections::HashMap;

use super::{PageId, Site};
use crate::diagnostic::Diagnostic;
use crate::url;

/// A former URL of a page. Redirecting pages and hosts' lists of redirects are made from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Redirect {
    /// The former URL path, such as `/old/` or `/old.html`.
    pub from: String,
    /// The page it redirects to.
    pub to: PageId,
}

impl Redirect {
    /// Whether an alias, as written, is this URL.
    pub(crate) fn is_of(&self, written: &str) -> bool {
        former(written) == self.from
    }

    /// The output file at the former URL.
    pub fn file(&self) -> String {
        let path = self.from.trim_start_matches('/');
        if path.ends_with(".html") { path.to_owned() } else { format!("{path}index.html") }
    }
}

impl Site {
    /// Returns the redirect at a URL, ignoring case and the trailing `/`.
    pub(super) fn redirect_at(&self, address: &str) -> Option<&Redirect> {
        let wanted = key(address);
        self.redirects.iter().find(|redirect| key(&redirect.from) == wanted)
    }

    /// Returns every redirect, ordered by URL.
    ///
    /// # Errors
    /// An alias that is the URL of a page, or an alias of two pages.
    pub(super) fn find_redirects(&self) -> (Vec<Redirect>, Vec<Diagnostic>) {
        let mut faults = Vec::new();
        let mut redirects = Vec::new();
        let has_aliases = self.pages().any(|page| !page.meta.front.aliases.is_empty());
        let mut taken = if has_aliases { self.taken() } else { HashMap::new() };
        for (to, page) in self.iter().filter(|(_, page)| !page.is_fallback) {
            for alias in &page.meta.front.aliases {
                let from = former(&alias.value);
                let path = format!("content/{}", page.meta.path);
                let fault = |message: String| Diagnostic::error(&path, message).at(alias.place);
                let first = from.split('/').nth(1).unwrap_or_default();
                if super::route::is_reserved(first) {
                    let message = format!("addresses under `/{first}/` are reserved for forms");
                    faults.push(fault(message).help("remove this alias"));
                } else if let Some(whose) = taken.get(&key(&from)) {
                    let message = format!("`{from}` already has another use");
                    faults.push(fault(message).label(whose.as_str()).help("remove one of the two"));
                } else {
                    let whose = format!("it is an alias of {path}");
                    taken.insert(key(&from), whose);
                    redirects.push(Redirect { from, to });
                }
            }
        }
        redirects.sort_unstable_by(|a, b| a.from.cmp(&b.from));
        (redirects, faults)
    }

    /// Maps the [`key`] of each URL of a page or list, which no alias may have, to a description of
    /// its owner.
    pub(super) fn taken(&self) -> HashMap<String, String> {
        let pages = self.pages();
        let pages = pages.map(|page| {
            (key(&page.url), format!("it is the address of content/{}", page.meta.path))
        });
        let lists = self.list_pages().into_iter();
        pages
            .chain(lists.map(|(url, _)| (key(&url), "it is the address of a list".to_owned())))
            .collect()
    }
}

/// Normalizes a URL for comparison: ignores case, as for pages, and the trailing `/`, since a file
/// cannot have the name of a folder.
pub(super) fn key(address: &str) -> String {
    address.trim_end_matches('/').to_lowercase()
}

/// Returns an alias as a URL path: a folder unless it names a file.
pub(super) fn former(written: &str) -> String {
    let decoded = url::decode(written);
    let path = decoded.trim_matches('/');
    if path.is_empty() {
        "/".to_owned()
    } else if path.ends_with(".html") {
        format!("/{path}")
    } else {
        format!("/{path}/")
    }
}

#[cfg(test)]
mod tests {
    use super::former;

    #[test]
    fn an_alias_is_a_folder_unless_it_names_a_file() {
        assert_eq!(former("old"), "/old/");
        assert_eq!(former("/2019/rose/"), "/2019/rose/");
        assert_eq!(former("/rose.html"), "/rose.html");
        assert_eq!(former("/"), "/");
        assert_eq!(former("/our%20caf%C3%A9/"), "/our café/");
        assert_eq!(former("/100%/"), "/100%/");
    }
}
