//! Renders the lists of taxonomies and terms.

use std::sync::Arc;

use tera::{Context, Value};

use super::{Rendered, Renderer, blame_content, files};
use crate::diagnostic::Diagnostic;
use crate::query::{Query, ask};
use crate::site::{List, ListPage, part_url};
use crate::view;

/// Renders the list of a taxonomy's terms, by index in
/// [`Site::taxonomies`](crate::site::Site::taxonomies).
///
/// # Errors
/// A template's error at its line.
pub fn taxonomy(renderer: &Arc<Renderer>, place: usize) -> Result<Rendered, Diagnostic> {
    let site = renderer.site();
    let taxonomy = &site.taxonomies[place];
    let (html, queries) = renderer.record(taxonomy.language, || {
        let mut context = Context::new();
        let page = ListPage::Taxonomy(place);
        context.insert_value("page", view::list_page(site, page, &taxonomy.title, &taxonomy.url));
        context.insert_value("taxonomy", view::taxonomy(site, taxonomy));
        let html = renderer.templates().render("taxonomy.html", &context);
        files::noted(html, &taxonomy.url, site)
    });
    let html = html.map_err(|fault| blame_content(fault, site, taxonomy.language));
    let html = html.map_err(|fault| fault.or_note(format!("while rendering {}", taxonomy.url)))?;
    Ok(Rendered { html, content: String::new(), queries })
}

/// Renders a page of the list of a term's pages, by the indices of its taxonomy and of the term.
///
/// # Errors
/// A template's error at its line.
pub fn term(
    renderer: &Arc<Renderer>,
    (place, term): (usize, usize),
    number: u32,
) -> Result<Rendered, Diagnostic> {
    let site = renderer.site();
    let taxonomy = &site.taxonomies[place];
    let page = ListPage::Term { taxonomy: place, term, number };
    let term = &taxonomy.terms[term];
    let url = part_url(&term.url, number);
    let (html, queries) = renderer.record(taxonomy.language, || {
        let list =
            List::Term { taxonomy: taxonomy.settings.name.value.clone(), slug: term.slug.clone() };
        let mut context = Context::new();
        context.insert_value("page", view::list_page(site, page, &term.name, &url));
        context.insert_value("taxonomy", view::taxonomy(site, taxonomy));
        context.insert_value("term", view::term(site, term));
        context.insert_value("paginator", paginator(list, number));
        files::noted(renderer.templates().render("term.html", &context), &url, site)
    });
    let html = html.map_err(|fault| blame_content(fault, site, taxonomy.language));
    let html = html.map_err(|fault| fault.or_note(format!("while rendering {url}")))?;
    Ok(Rendered { html, content: String::new(), queries })
}

/// Returns the value of `paginator`, by a query, so that it is recorded.
pub(super) fn paginator(list: List, number: u32) -> Value {
    // Only existing pages of lists are outputs, so the query always has a result.
    ask(&Query::Part { list, number }).unwrap_or_else(|_| Value::none())
}
