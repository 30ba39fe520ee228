//! Resolves the links of a finished page as a browser does.

use std::borrow::Cow;
use std::collections::HashSet;

use super::document::{Document, Element};
use crate::url::{self, BaseUrl, Resolved, decode, host, scheme};

/// The outputs that a page at `address`, of a site at `base_url`, links to or loads, whether or not they exist.
#[cfg(feature = "publish")]
pub(crate) fn targets(html: &[u8], address: &str, base_url: &BaseUrl) -> Vec<String> {
    let links = links(&Document::parse(html));
    links.iter().filter_map(|link| target(address, &link.written, base_url)).collect()
}

/// The output that an address refers to, as written on a page at `address`.
pub(crate) fn target(address: &str, written: &str, base_url: &BaseUrl) -> Option<String> {
    match resolve(address, written, base_url) {
        LinkTarget::Inside(path, _) => Some(path),
        LinkTarget::External | LinkTarget::Above => None,
    }
}

/// An address in a page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Link {
    /// As written in the HTML.
    pub(crate) written: String,
    /// The tag it is in.
    pub(crate) tag: String,
    /// Whether a visitor follows it; otherwise a browser fetches it.
    pub(crate) followed: bool,
}

/// Attributes that hold addresses, by element and attribute.
const PLACES: [(&str, &str); 16] = [
    ("a", "href"),
    ("area", "href"),
    ("link", "href"),
    ("img", "src"),
    ("script", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("video", "src"),
    ("video", "poster"),
    ("audio", "src"),
    ("track", "src"),
    ("embed", "src"),
    ("object", "data"),
    ("form", "action"),
    ("use", "href"),
    ("use", "xlink:href"),
];

/// Every address in a page.
pub(crate) fn links(document: &Document) -> Vec<Link> {
    let mut links = Vec::new();
    let link = |element: &Element, written: &str| Link {
        written: written.trim().to_owned(),
        tag: element.tag(),
        followed: matches!(element.name.as_str(), "a" | "area"),
    };
    for element in &document.elements {
        for (name, key) in PLACES {
            if element.name == name
                && let Some(written) = element.attribute(key)
            {
                links.push(link(element, written));
            }
        }
        if let Some(set) = element.attribute("srcset") {
            let addresses = set.split(',').filter_map(|part| part.split_whitespace().next());
            links.extend(addresses.map(|written| link(element, written)));
        }
    }
    links
}

/// The anchors of a page.
pub(crate) fn anchors(document: &Document) -> HashSet<String> {
    let ids = document.elements.iter().filter_map(|each| each.attribute("id"));
    let names = document.named(&["a"]).filter_map(|(_, each)| each.attribute("name"));
    ids.chain(names).map(str::to_owned).collect()
}

/// The target of a link.
#[derive(Debug, PartialEq)]
pub(crate) enum LinkTarget {
    /// Within the site: the path of an output, and the fragment.
    Inside(String, Option<String>),
    /// Outside our knowledge: another site, mail, a phone, the forms.
    External,
    /// Outside the site's root or folder.
    Above,
}

/// Resolves `written` on the page at `address` (a path from the site's root), of a site at `base_url`.
pub(crate) fn resolve(address: &str, written: &str, base_url: &BaseUrl) -> LinkTarget {
    let written = match base_url.within(written) {
        Some(rest) if rest.starts_with('/') => Cow::Borrowed(rest),
        Some(rest) => Cow::Owned(format!("/{rest}")),
        None if host(written).is_some() || scheme(written).is_some() => {
            return LinkTarget::External;
        }
        None if written.starts_with("/api/") => return LinkTarget::External,
        None if written.starts_with('/') => return LinkTarget::Above,
        None => Cow::Borrowed(written),
    };
    let written = &*written;
    let (rest, anchor) = match written.split_once('#') {
        Some((rest, anchor)) => (rest, Some(anchor)),
        None => (written, None),
    };
    // `#:~:text=` names text, for which a browser searches without an anchor (WICG text fragments).
    let anchor = anchor.map(|anchor| anchor.split(":~:").next().unwrap_or(anchor));
    let anchor = anchor.filter(|anchor| !anchor.is_empty() && *anchor != "top");
    let anchor = anchor.map(|anchor| decode(anchor).into_owned());
    let path = rest.split('?').next().unwrap_or(rest);
    if path.is_empty() {
        return LinkTarget::Inside(output(address), anchor);
    }
    let folder = if path.starts_with('/') { "" } else { url::parent(address) };
    let Resolved { path: joined, above_root } = url::resolve_with(folder, path, decode);
    if above_root {
        return LinkTarget::Above;
    }
    let ends_open = path.ends_with('/') || path.ends_with("/.") || path.ends_with("..");
    if joined == "api" || joined.starts_with("api/") {
        return LinkTarget::External;
    }
    let end = if ends_open && !joined.is_empty() { "/" } else { "" };
    LinkTarget::Inside(output(&format!("/{joined}{end}")), anchor)
}

/// The output at an address of the site.
pub(crate) fn output(address: &str) -> String {
    let path = address.trim_start_matches('/');
    if path.is_empty() || path.ends_with('/') {
        format!("{path}index.html")
    } else {
        path.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(address: &str, written: &str) -> String {
        match resolve(address, written, &BaseUrl::new("https://a.org")) {
            LinkTarget::Inside(path, None) => path,
            LinkTarget::Inside(path, Some(anchor)) => format!("{path}#{anchor}"),
            LinkTarget::External => "elsewhere".to_owned(),
            LinkTarget::Above => "above".to_owned(),
        }
    }

    #[test]
    fn a_link_is_read_as_a_browser_reads_it() {
        for (written, leads) in [
            ("/", "index.html"),
            ("", "stories/rose/index.html"),
            ("#words", "stories/rose/index.html#words"),
            ("#top", "stories/rose/index.html"),
            ("../tom/?x=1#a%20b", "stories/tom/index.html#a b"),
            ("leaflet.pdf", "stories/rose/leaflet.pdf"),
            ("..", "stories/index.html"),
            ("../../..", "above"),
            ("https://a.org", "index.html"),
            ("https://a.org/x", "x"),
            ("https://a.org.evil/x", "elsewhere"),
            ("//b.org/x", "elsewhere"),
            ("mailto:a@b.org", "elsewhere"),
            ("/api/chat", "elsewhere"),
            ("/%E0%A8%B0/", "ਰ/index.html"),
            ("/a/#:~:text=x", "a/index.html"),
            ("/a%23b%3F.pdf?x#y%25", "a#b?.pdf#y%"),
            ("/100%25/%2541/", "100%/%41/index.html"),
        ] {
            assert_eq!(inside("/stories/rose/", written), leads, "{written}");
        }
        assert_eq!(inside("/404.html", "a.html"), "a.html");
        assert_eq!(inside("/100%25/", "a%20b"), "100%25/a b");
    }
}
