//! Finishes the links of a page: those to what has expired become plain text, and the files of `content/` to
//! which the page links are recorded. Pure.
//!
//! Links of markdown and of `url` are queries anyway. What HTML in a text, a template or data names by its
//! address is not: so every address in the page that may be a file's is asked about, and the file is published
//! if there is one.

use crate::diagnostic::Diagnostic;
use crate::html;
use crate::images;
use crate::query::{Query, ask};
use crate::site::Site;

/// The page with its links finished, once every file that it names is recorded. `url` is its address from the site's root.
pub(super) fn noted(
    page: Result<Vec<u8>, Diagnostic>,
    url: &str,
    site: &Site,
) -> Result<Vec<u8>, Diagnostic> {
    let page = page.map(html::without_expired);
    let styles = site.assets.get("styles/main.css").and_then(|asset| asset.url.strip_prefix('/'));
    if let Ok(html) = &page {
        for address in html::addresses(html) {
            if let Some(path) = html::file(&address, url, &site.base_url)
                && !images::is_named_as_picture(&path)
                // `asset` was asked for this one, which names its content.
                && Some(&*path) != styles
            {
                // Whether there is such a file or not is an answer: both are recorded.
                let _ = ask(&Query::File(path.into_owned()));
            }
        }
    }
    page
}
