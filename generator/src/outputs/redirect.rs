//! Renders a redirect as a page: without a script, and with a link for browsers that do not follow
//! it.

use crate::digest::{Digest, Digester};
use crate::html::escaped;
use crate::site::{Page, Redirect, Site};

/// The markup before the URL in a redirecting page.
const REFRESH: &str = "<meta http-equiv=\"refresh\" content=\"0; url=";

/// Returns the target of a page made by [`write()`], as in a `Location` header; `None` for any
/// other file. A host that uses this can respond with a redirect, which needs no page.
#[cfg(any(feature = "publish", test))]
pub(crate) fn leads_to(page: &[u8]) -> Option<String> {
    // No page of a theme, and no text of an editor, continues like this after its first title.
    let (_, rest) = std::str::from_utf8(page).ok()?.split_once("</title>\n")?;
    let (url, _) = rest.strip_prefix(REFRESH)?.split_once("\">\n")?;
    let url = quick_xml::escape::unescape(url).ok()?;
    url.starts_with('/').then(|| crate::url::ascii(&url).into_owned())
}

/// Returns the digest of everything that [`write()`] shows.
pub(super) fn digest(site: &Site, redirect: &Redirect) -> Digest {
    let to = site.page(redirect.to);
    // It covers the URL, the title and the language.
    Digester::new().digest(to.summary_digest).part(moved(site, to)).finish()
}

fn moved<'a>(site: &'a Site, to: &Page) -> &'a str {
    site.word(to.language, "moved", "This page has moved")
}

/// Renders the page at a former URL.
pub(crate) fn write(site: &Site, redirect: &Redirect) -> String {
    let to = site.page(redirect.to);
    let (url, title) = (escaped(&site.base_url.href(&to.url)), escaped(&to.meta.title));
    let language = escaped(&site.config.language(to.language).code);
    let direction = match site.config.language(to.language).direction {
        "rtl" => " dir=\"rtl\"",
        _ => "",
    };
    let canonical = match site.base_url.absolute(&to.url) {
        whole if whole.is_empty() => String::new(),
        whole => format!("<link rel=\"canonical\" href=\"{}\">\n", escaped(&whole)),
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\"{direction}>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n{REFRESH}{url}\">\n\
         {canonical}<meta name=\"robots\" content=\"noindex\">\n</head>\n<body>\n\
         <p>{moved}: <a href=\"{url}\">{title}</a></p>\n</body>\n</html>\n",
        moved = escaped(moved(site, to))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirecting_page_states_its_target() {
        let page = |url: &str| format!("<title>Rose</title>\n{REFRESH}{url}\">\n<body>");
        let led = |page: String| leads_to(page.as_bytes());
        assert_eq!(led(page("/stories/rose/")).as_deref(), Some("/stories/rose/"));
        assert_eq!(led(page("/a&amp;b/ਰ%20/")).as_deref(), Some("/a&b/%E0%A8%B0%20/"));
        assert_eq!(led(page("https://evil.example/")), None);
        assert_eq!(led(format!("<title>A page</title>\n<body>{}", page("/x/"))), None);
        assert_eq!(leads_to(b"\xff"), None);
    }
}
