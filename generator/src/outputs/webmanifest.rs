//! Turns a site's name and icons into what a phone needs to keep the site on its home screen (W3C, Web
//! Application Manifest), and into what a page's head says of them. Pure.

use serde_json::json;

use crate::site::Site;

/// The site's icons by their addresses: those that a theme may have among its own files, and that an
/// icon of the site's own takes the place of.
pub const ICONS: [&str; 5] =
    ["apple-touch-icon.png", "favicon.ico", "favicon.svg", "icon-192.png", "icon-512.png"];

/// The manifest's path.
pub const PATH: &str = "manifest.webmanifest";

/// What a page's head says of an icon, or of the manifest.
pub struct Link {
    /// What it is to the page (HTML, 4.6.7).
    pub rel: &'static str,
    /// Its address.
    pub url: String,
    /// Its media type, and its size, where browsers ask for them.
    pub media_type: &'static str,
    /// Such as `32x32`.
    pub sizes: &'static str,
}

/// What every page's head says, in this order: browsers that know drawings take the later one.
pub fn links(site: &Site) -> Vec<Link> {
    let link = |rel, path: &str, media_type, sizes| Link {
        rel,
        url: site.base_url.href(&format!("/{path}")).into_owned(),
        media_type,
        sizes,
    };
    let mut links = Vec::new();
    if has(site, "favicon.ico") {
        links.push(link("icon", "favicon.ico", "image/x-icon", "32x32"));
    }
    if has(site, "favicon.svg") {
        links.push(link("icon", "favicon.svg", "image/svg+xml", ""));
    }
    if has(site, "apple-touch-icon.png") {
        links.push(link("apple-touch-icon", "apple-touch-icon.png", "", ""));
    }
    if has(site, "icon-192.png") && has(site, "icon-512.png") {
        links.push(link("manifest", PATH, "", ""));
    }
    links
}

fn has(site: &Site, path: &str) -> bool {
    if site.icons.is_empty() {
        site.assets.contains_key(&format!("static/{path}"))
    } else {
        site.icons.iter().any(|icon| icon.path == path)
    }
}

/// The manifest, where the site has the icons that it must name.
pub fn file(site: &Site) -> Option<(String, String)> {
    links(site).into_iter().find(|link| link.rel == "manifest")?;
    let icon = |size: u32| {
        json!({
            "src": site.base_url.encoded(&format!("/icon-{size}.png")),
            "sizes": format!("{size}x{size}"),
            "type": "image/png",
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
    Some((PATH.to_owned(), text + "\n"))
}
