//! Renders a feed as Atom (RFC 4287).

use super::xml::{element, escape};
use crate::digest::{Digest, Digester};
use crate::parse::Moment;
use crate::site::{Feed, Page, Site};
use crate::value::Value;

/// Renders one feed. Its date is that of its newest entry, never that of the build.
pub(crate) fn write(site: &Site, feed: &Feed) -> String {
    let newest = feed.pages.iter().filter_map(|id| changed(site.page(*id))).max();
    let home = site.base_url.absolute(&feed.home);
    let mut xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".to_owned();
    xml.push_str("<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"");
    let language = site.config.language(feed.language);
    escape(&language.code, &mut xml);
    xml.push_str("\">\n");
    element("id", &home, &mut xml);
    element("title", &feed.title, &mut xml);
    if !language.description.is_empty() {
        element("subtitle", &language.description, &mut xml);
    }
    link("alternate", "text/html", &home, &mut xml);
    link("self", "application/atom+xml", &site.base_url.absolute(&feed.url), &mut xml);
    element("updated", &newest.map_or(String::new(), |moment| moment.instant()), &mut xml);
    author(&publisher(site, feed), &mut xml);
    for id in &feed.pages {
        entry(site, site.page(*id), &mut xml);
    }
    xml.push_str("</feed>\n");
    xml
}

/// Returns the digest of everything that a feed shows.
pub(super) fn digest(site: &Site, feed: &Feed) -> Digest {
    let language = site.config.language(feed.language);
    let mut digester = Digester::new();
    digester.part(site.base_url.as_str()).part(publisher(site, feed));
    digester.value(&(&feed.url, &feed.home, &feed.title, &language.code, &language.description));
    // It covers the date and the author too.
    for id in &feed.pages {
        digester.digest(site.page(*id).summary_digest);
    }
    digester.finish()
}

/// The author of a feed's entries that do not name one.
fn publisher(site: &Site, feed: &Feed) -> String {
    match site.config.get(feed.language, "organisation.name") {
        Some(Value::String(name)) => name,
        _ => site.config.language(feed.language).title.clone(),
    }
}

fn entry(site: &Site, page: &Page, xml: &mut String) {
    let front = &page.meta.front;
    let permalink = site.base_url.absolute(&page.url);
    xml.push_str("<entry>\n");
    element("id", &permalink, xml);
    element("title", &page.meta.title, xml);
    link("alternate", "text/html", &permalink, xml);
    if let Some(date) = &front.date {
        element("published", &date.value.instant(), xml);
    }
    if let Some(moment) = changed(page) {
        element("updated", &moment.instant(), xml);
    }
    if let Some(name) = &front.author {
        author(&name.value, xml);
    }
    if !page.meta.summary.is_empty() {
        element("summary", &page.meta.summary, xml);
    }
    xml.push_str("</entry>\n");
}

/// The date of a page's last change, if it states one.
fn changed(page: &Page) -> Option<Moment> {
    let front = &page.meta.front;
    front.updated.as_ref().or(front.date.as_ref()).map(|moment| moment.value)
}

fn link(relation: &str, kind: &str, address: &str, xml: &mut String) {
    xml.push_str("<link rel=\"");
    xml.push_str(relation);
    xml.push_str("\" type=\"");
    xml.push_str(kind);
    xml.push_str("\" href=\"");
    escape(address, xml);
    xml.push_str("\"/>\n");
}

fn author(name: &str, xml: &mut String) {
    xml.push_str("<author>");
    element("name", name, xml);
    // Keeps the author on one line.
    xml.pop();
    xml.push_str("</author>\n");
}
