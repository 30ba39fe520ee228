//! Rule `link`: every link within the site leads to a page, a file and a place on it that are there;
//! whoever wrote it, an editor or a template. Pure.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::OnceLock;

use super::document::{Document, Element};
use super::finding::Finding;
use crate::diagnostic::{Suggestions, nearest};
use crate::url::{BaseUrl, decode};

const RULE: &str = "link";

/// An address that a page names.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Link {
    /// As it stands in the HTML.
    pub(super) written: String,
    /// The tag that names it.
    pub(super) tag: String,
    /// Whether a person follows it; else a browser fetches it.
    pub(super) followed: bool,
}

/// Where addresses stand, by element and attribute.
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

/// Every address that a page names.
pub(super) fn links(document: &Document) -> Vec<Link> {
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

/// The places of a page that a link may name.
pub(super) fn anchors(document: &Document) -> HashSet<String> {
    let ids = document.elements.iter().filter_map(|each| each.attribute("id"));
    let names = document.named(&["a"]).filter_map(|(_, each)| each.attribute("name"));
    ids.chain(names).map(str::to_owned).collect()
}

/// The host of an address on another site.
pub(super) fn host(address: &str) -> Option<&str> {
    let lower = address.get(..8.min(address.len())).unwrap_or(address).to_ascii_lowercase();
    let rest = if lower.starts_with("https://") {
        &address[8..]
    } else if lower.starts_with("http://") {
        &address[7..]
    } else {
        address.strip_prefix("//")?
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some(host).filter(|host| !host.is_empty())
}

/// Where a link within the site leads: the path of an output, and what follows the `#`.
#[derive(Debug, PartialEq)]
pub(super) enum Lead {
    /// Into the site.
    Inside(String, Option<String>),
    /// Nowhere that we could know: another site, mail, a phone, the forms.
    Elsewhere,
    /// Above the site's root, or beside its folder.
    Above,
}

/// Reads `written` on the page at `address` (a path from the site's root), of a site at `base_url`.
pub(super) fn lead(address: &str, written: &str, base_url: &BaseUrl) -> Lead {
    let written = match base_url.within(written) {
        Some(rest) if rest.starts_with('/') => Cow::Borrowed(rest),
        Some(rest) => Cow::Owned(format!("/{rest}")),
        None if host(written).is_some() || has_scheme(written) => return Lead::Elsewhere,
        None if written.starts_with("/api/") => return Lead::Elsewhere,
        None if written.starts_with('/') => return Lead::Above,
        None => Cow::Borrowed(written),
    };
    let written = &*written;
    let (rest, anchor) = match written.split_once('#') {
        Some((rest, anchor)) => (rest, Some(anchor)),
        None => (written, None),
    };
    // `#:~:text=` names words, which a browser looks for without an anchor (WICG text fragments).
    let anchor = anchor.map(|anchor| anchor.split(":~:").next().unwrap_or(anchor));
    let anchor = anchor.filter(|anchor| !anchor.is_empty() && *anchor != "top");
    let anchor = anchor.map(|anchor| decode(anchor).into_owned());
    let path = rest.split('?').next().unwrap_or(rest);
    let mut parts: Vec<Cow<'_, str>> = Vec::new();
    if !path.starts_with('/') {
        parts.extend(address.split('/').filter(|part| !part.is_empty()).map(Cow::Borrowed));
        if path.is_empty() {
            return Lead::Inside(output(address), anchor);
        }
        if !address.ends_with('/') {
            parts.pop();
        }
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return Lead::Above,
            ".." => {}
            // What is decoded is one part of a path, whatever it holds.
            part => parts.push(decode(part)),
        }
    }
    let ends_open = path.ends_with('/') || path.ends_with("/.") || path.ends_with("..");
    let joined = parts.join("/");
    if joined == "api" || joined.starts_with("api/") {
        return Lead::Elsewhere;
    }
    let end = if ends_open && !joined.is_empty() { "/" } else { "" };
    Lead::Inside(output(&format!("/{joined}{end}")), anchor)
}

/// The output at an address of the site.
pub(super) fn output(address: &str) -> String {
    let path = address.trim_start_matches('/');
    if path.is_empty() || path.ends_with('/') {
        format!("{path}index.html")
    } else {
        path.to_owned()
    }
}

fn has_scheme(written: &str) -> bool {
    written.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    })
}

/// What the site has for links to lead to.
pub(super) struct Targets<'a> {
    /// The paths of its outputs.
    outputs: HashSet<&'a str>,
    /// The anchors of a page by the path of its output.
    anchors: &'a dyn Fn(&str) -> Option<&'a HashSet<String>>,
    /// The site's own address, or nothing.
    base_url: &'a BaseUrl,
    /// The outputs in order, to suggest one in place of a dead link; prepared when first needed.
    suggestions: OnceLock<(Vec<&'a str>, Suggestions)>,
}

impl<'a> Targets<'a> {
    /// The targets that a site at `base_url` has.
    pub(super) fn new(
        outputs: impl Iterator<Item = &'a str>,
        anchors: &'a dyn Fn(&str) -> Option<&'a HashSet<String>>,
        base_url: &'a BaseUrl,
    ) -> Self {
        let suggestions = OnceLock::new();
        Targets { outputs: outputs.collect(), anchors, base_url, suggestions }
    }

    /// The output whose path is most like `path`.
    fn nearest_output(&self, path: &str) -> Option<&'a str> {
        let (outputs, suggestions) = self.suggestions.get_or_init(|| {
            let mut outputs: Vec<&str> = self.outputs.iter().copied().collect();
            outputs.sort_unstable();
            let suggestions = Suggestions::new(outputs.iter().copied());
            (outputs, suggestions)
        });
        suggestions.nearest(path).map(|position| outputs[position])
    }

    /// What is wrong with a link on the page at `address`.
    pub(super) fn check(&self, address: &str, link: &Link) -> Option<Finding> {
        let Link { written, tag, followed } = link;
        let fault = |message: String, help: String| {
            let mut finding = Finding::error(RULE, message).help(help);
            finding.tag.clone_from(tag);
            Some(finding.clue(format!("\"{written}\"")).clue(format!("({written}")))
        };
        if written.to_ascii_lowercase().starts_with("javascript:") {
            let help = "let it lead somewhere, or make it a button".to_owned();
            return fault("this link does nothing without a script".to_owned(), help);
        }
        let (path, anchor) = match lead(address, written, self.base_url) {
            Lead::Elsewhere => return None,
            Lead::Above => {
                let home = self.base_url.href("/");
                let help = match written.strip_prefix('/') {
                    Some(path) => {
                        format!("the site is at `{home}` of its host: write `{home}{path}`")
                    }
                    None => {
                        let about = self.base_url.href("/about/");
                        format!("write the address from the site's root, such as `{about}`")
                    }
                };
                return fault(format!("`{written}` leaves the site"), help);
            }
            Lead::Inside(path, anchor) => (path, anchor),
        };
        let folder = format!("{}/index.html", path.trim_end_matches('/'));
        let found =
            [path.as_str(), folder.as_str()].into_iter().find(|path| self.outputs.contains(path));
        let Some(found) = found else {
            let what = if *followed { "this link goes to" } else { "this page asks for" };
            let help = match self.nearest_output(&path) {
                Some(near) => {
                    let near = format!("/{}", near.trim_end_matches("index.html"));
                    format!("did you mean `{}`?", self.base_url.href(&near))
                }
                None => "write the address of a page that there is, or take it out".to_owned(),
            };
            return fault(format!("{what} `{written}`, which does not exist"), help);
        };
        let anchor = anchor?;
        let known = (self.anchors)(found)?;
        if known.contains(&anchor) {
            return None;
        }
        let near = nearest(&anchor, known.iter().map(String::as_str));
        let help = match near {
            Some(near) => format!("did you mean `#{near}`?"),
            None => format!("give what is meant `id=\"{anchor}\"`, or take `#{anchor}` out"),
        };
        let finding =
            fault(format!("`{written}` goes to a place that the page does not have"), help)?;
        Some(match near {
            Some(_) => finding,
            None => finding.editor_help(format!(
                "write `{{#{anchor}}}` behind the heading that is meant, or take `#{anchor}` out"
            )),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(address: &str, written: &str) -> String {
        match lead(address, written, &BaseUrl::new("https://a.org")) {
            Lead::Inside(path, None) => path,
            Lead::Inside(path, Some(anchor)) => format!("{path}#{anchor}"),
            Lead::Elsewhere => "elsewhere".to_owned(),
            Lead::Above => "above".to_owned(),
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

    #[test]
    fn a_host_is_found_in_an_address() {
        assert_eq!(host("HTTPS://me@a.org:80/x"), Some("a.org:80"));
        assert_eq!(host("//a.org?x"), Some("a.org"));
        assert_eq!(host("/a"), None);
        assert_eq!(host("mailto:a@b.org"), None);
        assert_eq!(host("ਰੋਜ਼://x"), None);
    }
}
