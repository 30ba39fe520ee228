//! Renders `sitemap.xml` (sitemaps.org) and `robots.txt` (RFC 9309).

use super::xml::escape;
use crate::site::{ListPage, Site, Translation};
use crate::url::BaseUrl;

/// The maximum number of URLs in one sitemap (sitemaps.org).
const MAX_URLS: usize = 50_000;

/// Returns the sitemap files: one, or an index and its parts. There are none without a `base_url`,
/// since sitemaps contain absolute URLs.
pub fn sitemaps(site: &Site) -> Vec<(String, String)> {
    if site.base_url.is_empty() {
        return Vec::new();
    }
    // With alternates, pages take many times the bytes, and a sitemap has a limit of 50 MB.
    let longest = if site.config.is_translated() { MAX_URLS / 10 } else { MAX_URLS };
    split(&entries(site), longest, &site.base_url)
}

fn split(entries: &[String], longest: usize, base_url: &BaseUrl) -> Vec<(String, String)> {
    let parts: Vec<String> =
        entries.chunks(longest).map(|entries| wrap("urlset", entries)).collect();
    if let [only] = &parts[..] {
        return vec![("sitemap.xml".to_owned(), only.clone())];
    }
    let name = |index: usize| format!("sitemap-{}.xml", index + 1);
    let index: Vec<String> = (0..parts.len())
        .map(|part| entry("sitemap", &base_url.absolute(&format!("/{}", name(part))), None, ""))
        .collect();
    let mut files = vec![("sitemap.xml".to_owned(), wrap("sitemapindex", &index))];
    files.extend(parts.into_iter().enumerate().map(|(part, text)| (name(part), text)));
    files
}

fn wrap(name: &str, entries: &[String]) -> String {
    let entries = entries.concat();
    let alternates = match entries.contains("<xhtml:link") {
        true => " xmlns:xhtml=\"http://www.w3.org/1999/xhtml\"",
        false => "",
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <{name} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"{alternates}>\n\
         {entries}</{name}>\n"
    )
}

/// Returns an entry for every page written in its language and for every list, in the order of the
/// URLs; only the first page of a paginated list.
fn entries(site: &Site) -> Vec<String> {
    let mut listed: Vec<(&str, Option<String>, Vec<Translation>)> = site
        .iter()
        .map(|(_, page)| page)
        .filter(|page| !page.is_fallback && page.card.front.search != Some(false))
        .map(|page| {
            let front = &page.card.front;
            let changed = front.updated.as_ref().or(front.date.as_ref());
            let changed = changed.map(|moment| moment.value.iso());
            (page.url.as_str(), changed, site.translations(page))
        })
        .collect();
    for (at, taxonomy) in site.taxonomies.iter().enumerate() {
        let translations = site.list_translations(ListPage::Taxonomy(at));
        listed.push((&taxonomy.url, None, translations));
        listed.extend(taxonomy.terms.iter().enumerate().map(|(place, term)| {
            let page = ListPage::Term { taxonomy: at, term: place, number: 1 };
            (term.url.as_str(), None, site.list_translations(page))
        }));
    }
    listed.sort_unstable_by(|one, other| one.0.cmp(other.0));
    let listed = listed.iter();
    listed
        .map(|(url, changed, translations)| {
            let alternates = alternates(site, translations);
            let url = site.base_url.absolute(url);
            entry("url", &url, changed.as_deref(), &alternates)
        })
        .collect()
}

/// Renders the locations of a page in each language in which it is written, itself included, as
/// Google's rules for localized versions require; empty if there is only one.
fn alternates(site: &Site, translations: &[Translation]) -> String {
    let written: Vec<&Translation> = translations.iter().filter(|each| each.is_written).collect();
    let mut xml = String::new();
    if written.len() < 2 {
        return xml;
    }
    let first = written.iter().filter(|each| each.language.is_first());
    let named =
        written.iter().map(|each| (site.config.language(each.language).code.as_str(), each));
    for (code, each) in named.chain(first.map(|each| ("x-default", each))) {
        xml.push_str("<xhtml:link rel=\"alternate\" hreflang=\"");
        escape(code, &mut xml);
        xml.push_str("\" href=\"");
        escape(&site.base_url.absolute(&each.url), &mut xml);
        xml.push_str("\"/>");
    }
    xml
}

fn entry(name: &str, address: &str, changed: Option<&str>, alternates: &str) -> String {
    let mut xml = format!("<{name}><loc>");
    escape(address, &mut xml);
    xml.push_str("</loc>");
    if let Some(changed) = changed {
        xml.push_str("<lastmod>");
        xml.push_str(changed);
        xml.push_str("</lastmod>");
    }
    xml.push_str(alternates);
    xml.push_str("</");
    xml.push_str(name);
    xml.push_str(">\n");
    xml
}

/// Renders `robots.txt`, which allows everything but the forms service. A file of that name in the
/// theme's `static/` or in `content/` replaces it.
pub fn robots(site: &Site) -> Option<String> {
    let is_written = |name: &str| site.assets.contains_key(&format!("{name}/robots.txt"));
    if is_written("static") || is_written("content") {
        return None;
    }
    let mut text = "User-agent: *\nDisallow: /api/\n".to_owned();
    if !site.base_url.is_empty() {
        text.push_str(&format!("Sitemap: {}\n", site.base_url.absolute("/sitemap.xml")));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sitemap_is_split_and_has_an_index() {
        let entries: Vec<String> =
            (0..5).map(|page| entry("url", &format!("https://a.test/{page}/"), None, "")).collect();
        let files = split(&entries, 2, &BaseUrl::new("https://a.test"));
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["sitemap.xml", "sitemap-1.xml", "sitemap-2.xml", "sitemap-3.xml"]);
        assert!(files[0].1.contains("<sitemap><loc>https://a.test/sitemap-3.xml</loc></sitemap>"));
        assert!(files[3].1.contains("<url><loc>https://a.test/4/</loc></url>"));
        assert_eq!(split(&entries, 5, &BaseUrl::new("https://a.test")).len(), 1);
    }
}
