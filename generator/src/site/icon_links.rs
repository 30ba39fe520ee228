//! The links to the site's icons and web manifest in the head of every page.

use super::Site;
use crate::media_type;

/// The URLs of the site's icons. The theme may provide them; a custom icon replaces them.
pub const ICONS: [&str; 5] =
    ["apple-touch-icon.png", "favicon.ico", "favicon.svg", "icon-192.png", "icon-512.png"];

/// The one of them that no icon can be converted to: a site with an icon of its own has none.
pub const VECTOR_ICON: &str = "favicon.svg";

/// The path of the web manifest below the output folder.
pub const MANIFEST_PATH: &str = "manifest.webmanifest";

/// A link to an icon or to the web manifest in the head of a page.
pub struct IconLink {
    /// The link type (HTML, 4.6.7).
    pub rel: &'static str,
    /// Its URL.
    pub url: String,
    /// Its media type; empty if browsers do not need it.
    pub media_type: &'static str,
    /// Its size, such as `32x32`; empty if browsers do not need it.
    pub sizes: &'static str,
}

impl Site {
    /// The links of every page's head. Browsers that support SVG icons use the later one.
    pub fn icon_links(&self) -> Vec<IconLink> {
        let link = |rel, path: &str, media_type, sizes| IconLink {
            rel,
            url: self.base_url.href(&format!("/{path}")).into_owned(),
            media_type,
            sizes,
        };
        let mut links = Vec::new();
        if self.has_icon("favicon.ico") {
            links.push(link("icon", "favicon.ico", media_type::essence("favicon.ico"), "32x32"));
        }
        if self.has_icon("favicon.svg") {
            links.push(link("icon", "favicon.svg", media_type::essence("favicon.svg"), ""));
        }
        if self.has_icon("apple-touch-icon.png") {
            links.push(link("apple-touch-icon", "apple-touch-icon.png", "", ""));
        }
        if self.has_icon("icon-192.png") && self.has_icon("icon-512.png") {
            links.push(link("manifest", MANIFEST_PATH, "", ""));
        }
        links
    }

    fn has_icon(&self, path: &str) -> bool {
        if self.icons.is_empty() {
            self.assets.contains_key(&format!("static/{path}"))
        } else {
            self.icons.iter().any(|icon| icon.path == path)
        }
    }
}
