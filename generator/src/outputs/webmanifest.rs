//! Renders the web app manifest, with which phones add the site to the home screen (W3C, Web
//! Application Manifest).

use serde_json::json;

use crate::media_type;
use crate::site::{MANIFEST_PATH, Site};

/// Returns the manifest, if the site has the icons it requires.
pub(crate) fn file(site: &Site) -> Option<(String, String)> {
    site.icon_links().into_iter().find(|link| link.rel == "manifest")?;
    let icon = |size: u32| {
        let path = format!("/icon-{size}.png");
        json!({
            "src": site.base_url.encoded(&path),
            "sizes": format!("{size}x{size}"),
            "type": media_type::essence(&path),
        })
    };
    let manifest = json!({
        "name": site.config.title,
        "description": site.config.description,
        "lang": site.config.languages[0].code,
        "id": site.base_url.encoded("/"),
        "start_url": site.base_url.encoded("/"),
        "display": "browser",
        "icons": [icon(192), icon(512)],
    });
    let text = serde_json::to_string_pretty(&manifest).expect("a value can be written");
    Some((MANIFEST_PATH.to_owned(), text + "\n"))
}
