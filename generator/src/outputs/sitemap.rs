//! Renders `sitemap.xml` (sitemaps.org) and `robots.txt` (RFC 9309).

use super::SiteFile;
use super::xml::escape;
use crate::digest::{Digest, Digester};
use crate::site::{Listed, Site, Translation};
use crate::url::BaseUrl;

/// The maximum number of URLs in one sitemap (sitemaps.org).
const MAX_URLS: usize = 50_000;

/// Returns the sitemap files by path: one, or an index and its parts. There are none without a
/// `base_url`, since sitemaps contain absolute URLs.
pub(super) fn files(site: &Site) -> Vec<(String, SiteFile)> {
    if site.base_url.is_empty() {
        return Vec::new();
    }
    let parts = (0..part_count(site.sitemap_len(), max_urls(site)))
        .map(|part| (part_name(part), SiteFile::SitemapPart(part)));
    std::iter::once(("sitemap.xml".to_owned(), SiteFile::Sitemap)).chain(parts).collect()
}

/// Returns the digest of everything that the sitemap files show.
pub(super) fn digest(site: &Site) -> Digest {
    let mut digester = Digester::new();
    // It covers the URLs, dates and languages.
    site.iter().for_each(|(_, page)| {
        digester.digest(page.summary_digest);
    });
    for taxonomy in site.taxonomies.iter() {
        let terms: Vec<&str> = taxonomy.terms.iter().map(|term| term.url.as_str()).collect();
        digester.value(&(taxonomy.language, &taxonomy.url, terms));
    }
    for language in &site.config.languages {
        digester.value(&(&language.code, &language.prefix));
    }
    digester.part(site.base_url.as_str()).finish()
}

/// Renders `sitemap.xml`: all URLs, or the list of the parts.
pub(super) fn sitemap(site: &Site) -> String {
    match part_count(site.sitemap_len(), max_urls(site)) {
        0 => urls(site, site.sitemap()),
        parts => index(parts, &site.base_url),
    }
}

/// Renders a part, numbered from 0 on.
pub(super) fn part(site: &Site, part: usize) -> String {
    urls(site, site.sitemap().chunks(max_urls(site)).nth(part).unwrap_or_default())
}

fn urls(site: &Site, listed: &[Listed]) -> String {
    let entries: Vec<String> = listed.iter().map(|each| entry_of(site, *each)).collect();
    wrap("urlset", &entries)
}

/// The maximum number of URLs in one file: with alternates, pages take many times the bytes, and a
/// sitemap has a limit of 50 MB.
fn max_urls(site: &Site) -> usize {
    if site.config.is_translated() { MAX_URLS / 10 } else { MAX_URLS }
}

/// The number of parts of a sitemap with `count` URLs; 0 if one file can hold them all.
fn part_count(count: usize, max_urls: usize) -> usize {
    if count > max_urls { count.div_ceil(max_urls) } else { 0 }
}

fn part_name(part: usize) -> String {
    format!("sitemap-{}.xml", part + 1)
}

fn index(parts: usize, base_url: &BaseUrl) -> String {
    let address = |part| base_url.absolute(&format!("/{}", part_name(part)));
    let entries: Vec<String> =
        (0..parts).map(|part| entry("sitemap", &address(part), None, "")).collect();
    wrap("sitemapindex", &entries)
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

/// Renders the entry of a page, or of a list by its first page.
fn entry_of(site: &Site, listed: Listed) -> String {
    let (changed, translations) = match listed {
        Listed::Page(id) => {
            let page = site.page(id);
            let front = &page.meta.front;
            let changed = front.updated.as_ref().or(front.date.as_ref());
            (changed.map(|moment| moment.value.iso()), site.translations(page))
        }
        Listed::List(list) => (None, site.list_translations(list)),
    };
    let alternates = alternates(site, &translations);
    entry("url", &site.base_url.absolute(listed.url(site)), changed.as_deref(), &alternates)
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
pub(crate) fn robots(site: &Site) -> Option<String> {
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
        assert_eq!([part_count(5, 5), part_count(6, 5), part_count(11, 5)], [0, 2, 3]);
        let index = index(3, &BaseUrl::new("https://a.test"));
        assert!(index.contains("<sitemap><loc>https://a.test/sitemap-3.xml</loc></sitemap>"));
        assert_eq!(index.matches("<loc>").count(), 3);
    }
}
