//! The values that templates see of lists: taxonomies, terms and pages of lists.

use tera::Value;

use super::page::{ancestor, translations};
use super::{listing, map, synthetic};
use crate::site::{ListPage, ListPart, Site, Taxonomy, Term, part_url};

/// The value of a list page at `url`.
pub(crate) fn list_page(site: &Site, page: ListPage, title: &str, url: &str) -> Value {
    let (kind, taxonomy) = match page {
        ListPage::Term { taxonomy, .. } => ("term", Some(taxonomy)),
        ListPage::Taxonomy(taxonomy) => ("taxonomy", Some(taxonomy)),
        ListPage::Part { .. } => ("section", None),
    };
    let taxonomy = taxonomy.map(|place| &site.taxonomies[place]);
    let language = taxonomy.map(|taxonomy| taxonomy.language).unwrap_or_default();
    let mut value = synthetic(site, language, kind, title);
    let own = site.config.language(language);
    let home = site.section(language, "").and_then(|section| section.index);
    let home = home.map(|home| ancestor(site, home));
    let above = taxonomy.filter(|_| kind == "term").map(|taxonomy| {
        map([
            ("title", Value::from(taxonomy.title.as_str())),
            ("url", Value::from(site.base_url.href(&taxonomy.url))),
            ("permalink", Value::from(site.base_url.absolute(&taxonomy.url))),
            ("lang", Value::from(own.code.as_str())),
            ("dir", Value::from(own.direction)),
        ])
    });
    let ancestors = home.into_iter().chain(above);
    value.insert("ancestors".into(), Value::from(ancestors.collect::<Vec<_>>()));
    value.insert("url".into(), Value::from(site.base_url.href(url)));
    value.insert("permalink".into(), Value::from(site.base_url.absolute(url)));
    let all = translations(site, language, site.list_translations(page));
    value.insert("translations".into(), all);
    Value::from(value)
}

/// The value of a taxonomy.
pub(crate) fn taxonomy(site: &Site, taxonomy: &Taxonomy) -> Value {
    map([
        ("name", Value::from(taxonomy.settings.name.value.as_str())),
        ("title", Value::from(taxonomy.title.as_str())),
        ("url", Value::from(site.base_url.href(&taxonomy.url))),
    ])
}

/// The value of a term.
pub(crate) fn term(site: &Site, term: &Term) -> Value {
    map([
        ("name", Value::from(term.name.as_str())),
        ("slug", Value::from(term.slug.as_str())),
        ("url", Value::from(site.base_url.href(&term.url))),
        ("permalink", Value::from(site.base_url.absolute(&term.url))),
        ("count", Value::from(term.pages.len())),
    ])
}

/// The value of a page of a list. URLs of pages that do not exist are none.
pub(crate) fn part(site: &Site, part: &ListPart<'_>) -> Value {
    let url = |number: u32| Value::from(site.base_url.href(&part_url(part.home, number)));
    let pages = part.pages.iter().map(|id| listing(site, *id));
    let (first, last) = (1, part.count);
    map([
        ("pages", Value::from(pages.collect::<Vec<_>>())),
        ("number", Value::from(part.number)),
        ("count", Value::from(part.count)),
        ("first", url(first)),
        ("previous", if part.number > first { url(part.number - 1) } else { Value::none() }),
        ("next", if part.number < last { url(part.number + 1) } else { Value::none() }),
        ("last", url(last)),
    ])
}
