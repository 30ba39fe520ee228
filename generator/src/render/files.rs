//! Post-processes the links of a page: links to expired pages become plain text, and links to files
//! of `content/` are recorded.
//!
//! Links in Markdown and from `url` are queries anyway. URLs in HTML of texts, templates or data
//! are not. So every URL in the page that may be that of a file is queried, and the file is
//! published if it exists.

use crate::diagnostic::Diagnostic;
use crate::html;
use crate::query::{Query, ask};
use crate::site::Site;
use crate::source::is_named_as_image;

/// Returns the page with its links post-processed and recorded. `url` is its URL path.
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
                && !is_named_as_image(&path)
                // The query for `asset` already covers this one, which contains its digest.
                && Some(&*path) != styles
            {
                // Whether the file exists affects the output, so both results are recorded.
                let _ = ask(&Query::File(path.into_owned()));
            }
        }
    }
    page
}
