//! Turns a taxonomy or a term into HTML, and a part of a list into what templates see of it. Pure.

use std::sync::Arc;

use tera::{Context, Value};

use super::{Rendered, ancestor_value, bare_value, blame_content, files, translations};
use crate::diagnostic::Diagnostic;
use crate::query::{Answers, Query, ask, map, record};
use crate::site::{List, ListPage, Part, Site, Taxonomy, Term, part_url};

/// Renders the list of a taxonomy's terms, by its place in [`Assembled::taxonomies`](crate::site::Assembled::taxonomies).
///
/// # Errors
/// A template's fault at its line.
pub fn taxonomy(answers: &Arc<Answers>, place: usize) -> Result<Rendered, Diagnostic> {
    let site = answers.site();
    let taxonomy = &site.taxonomies[place];
    let (html, asked) = record(answers, taxonomy.language, || {
        let mut context = Context::new();
        let page = ListPage::Taxonomy(place);
        context.insert_value("page", value(site, page, &taxonomy.title, &taxonomy.url));
        context.insert_value("taxonomy", taxonomy_value(site, taxonomy));
        let html = answers.theme().render("taxonomy.html", &context);
        files::noted(html, &taxonomy.url, site)
    });
    let html = html.map_err(|fault| blame_content(fault, site, taxonomy.language));
    let html = html.map_err(|fault| fault.or_note(format!("while making {}", taxonomy.url)))?;
    Ok(Rendered { html, content: String::new(), asked })
}

/// Renders a part of the list of a term's pages, by the places of its taxonomy and of itself.
///
/// # Errors
/// A template's fault at its line.
pub fn term(
    answers: &Arc<Answers>,
    (place, term): (usize, usize),
    number: u32,
) -> Result<Rendered, Diagnostic> {
    let site = answers.site();
    let taxonomy = &site.taxonomies[place];
    let page = ListPage::Term { taxonomy: place, term, number };
    let term = &taxonomy.terms[term];
    let url = part_url(&term.url, number);
    let (html, asked) = record(answers, taxonomy.language, || {
        let list =
            List::Term { taxonomy: taxonomy.settings.name.value.clone(), slug: term.slug.clone() };
        let mut context = Context::new();
        context.insert_value("page", value(site, page, &term.name, &url));
        context.insert_value("taxonomy", taxonomy_value(site, taxonomy));
        context.insert_value("term", term_value(site, term));
        context.insert_value("paginator", paginator(list, number));
        files::noted(answers.theme().render("term.html", &context), &url, site)
    });
    let html = html.map_err(|fault| blame_content(fault, site, taxonomy.language));
    let html = html.map_err(|fault| fault.or_note(format!("while making {url}")))?;
    Ok(Rendered { html, content: String::new(), asked })
}

/// What a template sees as `paginator`: asked for, so that it is recorded.
pub(super) fn paginator(list: List, number: u32) -> Value {
    // There is no output for a part that is not there, so there is always an answer.
    ask(&Query::Part { list, number }).unwrap_or_else(|_| Value::none())
}

/// What a template sees of such a page at `url`.
fn value(site: &Site, page: ListPage, title: &str, url: &str) -> Value {
    let (kind, taxonomy) = match page {
        ListPage::Term { taxonomy, .. } => ("term", Some(taxonomy)),
        ListPage::Taxonomy(taxonomy) => ("taxonomy", Some(taxonomy)),
        ListPage::Part { .. } => ("section", None),
    };
    let taxonomy = taxonomy.map(|place| &site.taxonomies[place]);
    let language = taxonomy.map(|taxonomy| taxonomy.language).unwrap_or_default();
    let mut value = bare_value(site, language, kind, title);
    let own = site.config.language(language);
    let home = site.section(language, "").and_then(|section| section.index);
    let home = home.map(|home| ancestor_value(site, home));
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

fn taxonomy_value(site: &Site, taxonomy: &Taxonomy) -> Value {
    map([
        ("name", Value::from(taxonomy.settings.name.value.as_str())),
        ("title", Value::from(taxonomy.title.as_str())),
        ("url", Value::from(site.base_url.href(&taxonomy.url))),
    ])
}

/// What templates see of a term.
pub(crate) fn term_value(site: &Site, term: &Term) -> Value {
    map([
        ("name", Value::from(term.name.as_str())),
        ("slug", Value::from(term.slug.as_str())),
        ("url", Value::from(site.base_url.href(&term.url))),
        ("permalink", Value::from(site.base_url.absolute(&term.url))),
        ("count", Value::from(term.pages.len())),
    ])
}

/// What templates see of a part of a list. Addresses that would lead nowhere are none.
pub(crate) fn part_value(site: &Site, part: &Part<'_>) -> Value {
    let url = |number: u32| Value::from(site.base_url.href(&part_url(part.home, number)));
    let pages = part.pages.iter().map(|id| site.listing_value(*id));
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
