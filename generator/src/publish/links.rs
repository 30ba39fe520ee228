//! Finds the files of a site that a file links to or loads.

use std::collections::BTreeSet;

use super::release::address;
use crate::html::links;
use crate::url::BaseUrl;

/// The paths that the file at `path` links to; `has` says whether the site has a file. A folder without
/// its trailing `/` refers to its page.
pub fn links(
    path: &str,
    bytes: &[u8],
    base_url: &BaseUrl,
    has: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    let from = address(path);
    let written = match path.rsplit_once('.').map(|(_, kind)| kind) {
        // A social media preview image is neither in a link nor in an attribute of its own.
        Some("html") => {
            let text = String::from_utf8_lossy(bytes);
            let mut found = links::targets(bytes, &from, base_url);
            found.extend(leads(named(&text, base_url.as_str()), &from, base_url));
            found
        }
        Some("css") => leads(loaded(&String::from_utf8_lossy(bytes)), &from, base_url),
        Some("xml" | "webmanifest" | "json" | "txt") => {
            let text = String::from_utf8_lossy(bytes);
            let mut found = leads(named(&text, base_url.as_str()), &from, base_url);
            found.extend(leads(quoted(&text), &from, base_url));
            found
        }
        _ => Vec::new(),
    };
    let mut found = BTreeSet::new();
    for target in written {
        let folder = format!("{}/index.html", target.trim_end_matches('/'));
        found.extend([target, folder].into_iter().find(|target| has(target)));
    }
    found.remove(path);
    found.into_iter().collect()
}

fn leads<'a>(
    written: impl Iterator<Item = &'a str>,
    from: &str,
    base_url: &BaseUrl,
) -> Vec<String> {
    written.filter_map(|written| links::target(from, written, base_url)).collect()
}

/// The addresses that a style sheet loads (CSS Values, 4.5: `url()`).
fn loaded(css: &str) -> impl Iterator<Item = &str> {
    css.split("url(").skip(1).map(|rest| {
        let inner = rest.split(')').next().unwrap_or_default();
        inner.trim().trim_matches(['"', '\''])
    })
}

/// Absolute addresses of the site in a text, such as a feed.
fn named<'a>(text: &'a str, base_url: &'a str) -> impl Iterator<Item = &'a str> {
    let length = base_url.len();
    let found = text.match_indices(base_url).filter(move |_| length > 0);
    found.map(move |(at, _)| {
        let rest = &text[at..];
        let end = rest.find(|c: char| c.is_whitespace() || "\"'<>&;)".contains(c));
        &rest[..end.unwrap_or(rest.len())]
    })
}

/// Addresses that are complete quoted strings, as in a web app manifest.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').filter(|part| part.starts_with('/') && !part.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: [&str; 5] = [
        "index.html",
        "stories/index.html",
        "stories/rose/index.html",
        "styles/main.css",
        "images/leaf.svg",
    ];

    fn of(path: &str, text: &str) -> Vec<String> {
        links(path, text.as_bytes(), &BaseUrl::new("https://daisy.org.uk"), &|path| {
            SITE.contains(&path)
        })
    }

    #[test]
    fn links_of_pages_feeds_and_style_sheets_are_found() {
        let page = "<link rel=stylesheet href=/styles/main.css><a href=\"rose/#top\">Rose</a>\
                    <a href=/stories>all</a><a href=https://example.net/>x</a><a href=/gone/>y</a>";
        assert_eq!(
            of("stories/index.html", page),
            ["stories/rose/index.html", "styles/main.css"],
            "a page does not lead to itself"
        );
        let shared = "<meta property=\"og:image\" content=\"https://daisy.org.uk/images/leaf.svg\">\
                      <script type=application/ld+json>{\"url\":\"https://daisy.org.uk/stories/rose/\"}</script>";
        assert_eq!(of("index.html", shared), ["images/leaf.svg", "stories/rose/index.html"]);
        let feed = "<link href=\"https://daisy.org.uk/stories/rose/\"/><id>https://daisy.org.uk/</id>\
                    &lt;a href=&quot;https://daisy.org.uk/stories/&quot;&gt;";
        let all = ["index.html", "stories/index.html", "stories/rose/index.html"];
        assert_eq!(of("stories/feed.xml", feed), all);
        assert_eq!(
            of("styles/main.css", "a{background:url( '/images/leaf.svg' )}"),
            ["images/leaf.svg"]
        );
        assert_eq!(of("app.webmanifest", "{\"start_url\": \"/\"}"), ["index.html"]);
    }
}
