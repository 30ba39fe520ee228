//! Turns a site into what search engines read first: `sitemap.xml` (sitemaps.org) and `robots.txt`
//! (RFC 9309). Pure.

use super::xml::{address, escape};
use crate::site::Site;

/// How many addresses one sitemap may hold (sitemaps.org).
const LONGEST: usize = 50_000;

/// The sitemap's files with their texts: one, or an index and its parts. None without a `base_url`,
/// since a sitemap names whole addresses.
pub fn sitemaps(site: &Site) -> Vec<(String, String)> {
    if site.base_url.is_empty() {
        return Vec::new();
    }
    split(&entries(site), LONGEST, &site.base_url)
}

fn split(entries: &[String], longest: usize, base_url: &str) -> Vec<(String, String)> {
    let parts: Vec<String> =
        entries.chunks(longest).map(|entries| wrap("urlset", entries)).collect();
    if let [only] = &parts[..] {
        return vec![("sitemap.xml".to_owned(), only.clone())];
    }
    let name = |index: usize| format!("sitemap-{}.xml", index + 1);
    let index: Vec<String> = (0..parts.len())
        .map(|part| entry("sitemap", &address(base_url, &format!("/{}", name(part))), None))
        .collect();
    let mut files = vec![("sitemap.xml".to_owned(), wrap("sitemapindex", &index))];
    files.extend(parts.into_iter().enumerate().map(|(part, text)| (name(part), text)));
    files
}

fn wrap(name: &str, entries: &[String]) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <{name} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{}</{name}>\n",
        entries.concat()
    )
}

/// Every page and every list, in the order of the addresses; of a list in parts, its first.
fn entries(site: &Site) -> Vec<String> {
    let mut listed: Vec<(&str, Option<String>)> = site
        .pages
        .iter()
        .filter(|page| !page.is_fallback && page.card.front.search != Some(false))
        .map(|page| {
            let front = &page.card.front;
            let changed = front.updated.as_ref().or(front.date.as_ref());
            (page.url.as_str(), changed.map(|moment| moment.value.iso()))
        })
        .collect();
    for taxonomy in &site.taxonomies {
        listed.push((&taxonomy.url, None));
        listed.extend(taxonomy.terms.iter().map(|term| (term.url.as_str(), None)));
    }
    listed.sort_unstable();
    listed
        .iter()
        .map(|(url, changed)| entry("url", &address(&site.base_url, url), changed.as_deref()))
        .collect()
}

fn entry(name: &str, address: &str, changed: Option<&str>) -> String {
    let mut xml = format!("<{name}><loc>");
    escape(address, &mut xml);
    xml.push_str("</loc>");
    if let Some(changed) = changed {
        xml.push_str("<lastmod>");
        xml.push_str(changed);
        xml.push_str("</lastmod>");
    }
    xml.push_str("</");
    xml.push_str(name);
    xml.push_str(">\n");
    xml
}

/// `robots.txt`: everything but the forms' functions may be read. A file of that name in the
/// theme's `static/` or in `content/` is published in its place.
pub fn robots(site: &Site) -> Option<String> {
    let is_written = |name: &str| site.assets.contains_key(&format!("{name}/robots.txt"));
    if is_written("static") || is_written("content") {
        return None;
    }
    let mut text = "User-agent: *\nDisallow: /api/\n".to_owned();
    if !site.base_url.is_empty() {
        text.push_str(&format!("Sitemap: {}\n", address(&site.base_url, "/sitemap.xml")));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sitemap_is_split_and_has_an_index() {
        let entries: Vec<String> =
            (0..5).map(|page| entry("url", &format!("https://a.test/{page}/"), None)).collect();
        let files = split(&entries, 2, "https://a.test");
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["sitemap.xml", "sitemap-1.xml", "sitemap-2.xml", "sitemap-3.xml"]);
        assert!(files[0].1.contains("<sitemap><loc>https://a.test/sitemap-3.xml</loc></sitemap>"));
        assert!(files[3].1.contains("<url><loc>https://a.test/4/</loc></url>"));
        assert_eq!(split(&entries, 5, "https://a.test").len(), 1);
    }
}
