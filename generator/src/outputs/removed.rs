//! Renders the page at the address of a page that was removed. It says nothing of that page.

use crate::digest::Digest;
use crate::html::escaped;
use crate::site::{RemovedPage, Site};

/// The markup after the title of a page made by [`write()`].
const REMOVED: &str =
    "<meta name=\"robots\" content=\"noindex\">\n<meta name=\"daisychain\" content=\"removed\">\n";

/// Whether a page was made by [`write()`]. A host that uses this can send it with status 410.
#[cfg(any(feature = "publish", test))]
pub(crate) fn is_removed(page: &[u8]) -> bool {
    // No page of a theme, and no text of an editor, continues like this after its first title.
    let rest = std::str::from_utf8(page).ok().and_then(|page| page.split_once("</title>\n"));
    rest.is_some_and(|(_, rest)| rest.starts_with(REMOVED))
}

/// Returns the digest of everything that [`write()`] shows.
pub(super) fn digest(site: &Site, page: &RemovedPage) -> Digest {
    Digest::xxh3(write(site, page))
}

/// Renders the page.
pub(crate) fn write(site: &Site, page: &RemovedPage) -> String {
    let language = site.config.language(page.language);
    let direction = match language.direction {
        "rtl" => " dir=\"rtl\"",
        _ => "",
    };
    let words = escaped(site.word(page.language, "removed", "This page has been removed"));
    let home = escaped(&site.base_url.href(&language.address("/")));
    let title = escaped(&language.title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"{code}\"{direction}>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{words}</title>\n{REMOVED}</head>\n<body>\n<h1>{words}</h1>\n\
         <p><a href=\"{home}\">{title}</a></p>\n</body>\n</html>\n",
        code = escaped(&language.code),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_page_of_a_removed_page_is_recognized() {
        let page = |body: &str| format!("<title>Removed</title>\n{body}");
        assert!(is_removed(page(REMOVED).as_bytes()));
        assert!(!is_removed(page(&format!("<body>\n{REMOVED}")).as_bytes()));
        assert!(!is_removed(format!("<title>A</title>\n{}", page(REMOVED)).as_bytes()));
        assert!(!is_removed(b"\xff"));
    }
}
