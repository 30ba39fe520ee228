//! Renders pages with the templates of a theme.

mod email;
mod files;
mod fragment;
mod functions;
mod i18n;
mod image;
mod json_ld;
mod list;
mod templates;

use std::sync::Arc;

use located_yaml::Place;
use tera::{Context, Value};

use crate::config::{self, LanguageId};
use crate::diagnostic::Diagnostic;
use crate::embedded;
use crate::html::escape;
use crate::parse::{Body, Piece};
use crate::query::{
    Query, QueryEngine, RecordedQueries, ask, external_link, record, with_content_language,
};
use crate::site::{Destination, Page, PageId, Site, destination, part_url, picture_path};
use crate::value::Value as Literal;
use crate::view;

pub use email::{EMAIL, Email, UNSUBSCRIBE, email};
use fragment::Fragments;
pub use fragment::cached;
use i18n::text_at_fault;
pub use list::{taxonomy, term};
pub use templates::Templates;

/// Renders the outputs of one site with the templates of a theme, and caches fragments that several
/// outputs share.
pub struct Renderer {
    answers: Arc<QueryEngine>,
    templates: Arc<Templates>,
    fragments: Fragments,
}

impl Renderer {
    /// Creates a renderer that has rendered nothing yet.
    pub fn new(answers: Arc<QueryEngine>, templates: Arc<Templates>) -> Self {
        Renderer { answers, templates, fragments: Fragments::default() }
    }

    /// The query engine of the site.
    pub fn answers(&self) -> &Arc<QueryEngine> {
        &self.answers
    }

    /// The theme's templates.
    pub fn templates(&self) -> &Arc<Templates> {
        &self.templates
    }

    fn site(&self) -> &Arc<Site> {
        self.answers.site()
    }

    /// Runs `render` for an output in a language, and returns its result with every answer used.
    fn record<T>(
        self: &Arc<Self>,
        language: LanguageId,
        render: impl FnOnce() -> T,
    ) -> (T, RecordedQueries) {
        fragment::with_renderer(self, || record(&self.answers, language, render))
    }
}

/// A rendered output and its dependencies.
pub struct Rendered {
    /// UTF-8.
    pub html: Vec<u8>,
    /// The HTML of a page's own text, as shown by its template; empty for other outputs.
    pub content: String,
    /// Every answer used.
    pub queries: RecordedQueries,
}

/// Renders one page; `number` selects the page of a paginated list.
///
/// # Errors
/// A template's error at its line, with the page that was being rendered.
pub fn page(
    renderer: &Arc<Renderer>,
    (id, number): (PageId, u32),
    body: &Body,
) -> Result<Rendered, Diagnostic> {
    let (site, templates) = (renderer.site(), renderer.templates());
    let page = site.page(id);
    let mut own = String::new();
    let (html, queries) = renderer.record(page.language, || {
        let mut value = view::own(site, id);
        if number > 1 {
            let url = part_url(&page.url, number);
            if !page.is_fallback {
                value.insert("permalink".into(), Value::from(site.base_url.absolute(&url)));
            }
            value.insert("url".into(), Value::from(site.base_url.href(&url)));
        }
        let mut implicits = Context::new();
        // Only components see the page before its content is rendered.
        if !page.meta.components.is_empty() {
            implicits.insert_value("page", Value::from(value.clone()));
        }
        let mut content = String::with_capacity(8 * 1024);
        with_content_language(page.written_in(), || {
            write(templates, page, &body.pieces, &implicits, &mut content)
        })?;
        value.insert("content".into(), Value::safe_string(&content));
        own = content;
        implicits.insert_value("page", Value::from(value));
        if let Some(list) = site.list_of(id) {
            implicits.insert_value("paginator", list::paginator(list, number));
        }
        let url = part_url(&page.url, number);
        files::noted(templates.render(site.template(page), &implicits), &url, site)
    });
    let html = html.map_err(|fault| blame_content(fault, site, page.language));
    let mut html =
        html.map_err(|fault| fault.or_note(format!("while rendering content/{}", page.meta.path)))?;
    if queries.questions().any(|question| matches!(question.query, Query::Image(_))) {
        image::prioritize_first(&mut html);
    }
    Ok(Rendered { html, content: own, queries })
}

/// A page without a source.
pub struct SyntheticPage<'a> {
    /// Its template.
    pub template: &'a str,
    /// The `kind` that templates see.
    pub kind: &'static str,
    /// The language of the page.
    pub language: LanguageId,
    /// Its title.
    pub title: &'a str,
    /// Its HTML.
    pub content: &'a str,
}

/// Renders a page without a source: the page around a form's response, or the 404 page.
///
/// # Errors
/// A template's error at its line.
pub fn synthetic_page(
    renderer: &Arc<Renderer>,
    page: &SyntheticPage<'_>,
) -> Result<Rendered, Diagnostic> {
    let site = renderer.site();
    let (html, queries) = renderer.record(page.language, || {
        let mut context = Context::new();
        let mut value = view::synthetic(site, page.language, page.kind, page.title);
        value.insert("content".into(), Value::safe_string(page.content));
        context.insert_value("page", Value::from(value));
        files::noted(renderer.templates().render(page.template, &context), "/", site)
    });
    let html = html.map_err(|fault| blame_content(fault, site, page.language))?;
    Ok(Rendered { html, content: String::new(), queries })
}

/// Renders the pieces of a body: HTML unchanged, links by their URL, components by the theme. A
/// component's body is rendered first; its queries belong to this output too.
fn write(
    templates: &Templates,
    page: &Page,
    pieces: &[Piece],
    implicits: &Context,
    html: &mut String,
) -> Result<(), Diagnostic> {
    for piece in pieces {
        match piece {
            Piece::Html(text) => html.push_str(text),
            Piece::Link(index) => {
                let link = &page.meta.links[*index as usize];
                escape(&address(page.name(), &link.target), html);
            }
            Piece::Image { link, alt, title } => {
                let link = &page.meta.links[*link as usize];
                let shown = image::ImageAttributes { alt, title, sizes: None };
                // Missing images stop a build before anything is rendered.
                if let Ok(path) = picture_path(&page.meta.path, &link.target)
                    && let Ok(picture) = ask(&Query::Image(path))
                {
                    html.push_str(&image::html(&picture, &shown));
                }
            }
            Piece::Component { name, arguments, place, body } => {
                let inner = match body {
                    Some(pieces) => {
                        let mut inner = String::new();
                        write(templates, page, pieces, implicits, &mut inner)?;
                        Some(inner)
                    }
                    None => None,
                };
                let mut context = Context::new();
                for (key, value) in arguments {
                    context.insert_value(key.clone(), value.to_tera());
                }
                let made = templates.component(name, &context, implicits, inner.as_deref());
                html.push_str(&made.map_err(|fault| blame(fault, page, arguments, *place))?);
            }
        }
    }
    Ok(())
}

/// Attributes a component's error to its cause: to the call, if the error is about an argument's
/// value (such as a page that does not exist) or the component is built in; otherwise to the
/// template.
fn blame(
    fault: Diagnostic,
    page: &Page,
    arguments: &[(String, Literal)],
    place: Place,
) -> Diagnostic {
    let file = format!("content/{}", page.meta.path);
    let Some(inner) = fault.place else { return fault.at(place) };
    let named = arguments.iter().any(|(_, value)| {
        value.as_str().is_some_and(|text| !text.is_empty() && fault.message.contains(text))
    });
    if !named && !embedded::is_built_in(&fault.path) {
        return fault.help(format!("called at {file}:{}", place.line));
    }
    let mut moved = moved(&fault, inner, file, place);
    if moved.help.is_none() {
        moved.help = embedded::advice(&fault.path).map(Into::into);
    }
    // Arguments name pages relative to the `content` folder.
    let near = |help: &str| {
        Some(help.strip_prefix("did you mean content/")?.strip_suffix('?')?.to_owned())
    };
    if let Some(near) = moved.help.as_deref().and_then(near).filter(|_| named) {
        moved.help = Some(format!("did you mean `{near}`?").into());
    }
    moved
}

/// Moves a template's error to `place` in `file`; the text after the last `; ` of its message
/// becomes the help.
fn moved(fault: &Diagnostic, inner: Place, file: String, place: Place) -> Diagnostic {
    let (message, help) = match fault.message.rsplit_once("; ") {
        Some((message, help)) => (message, Some(help)),
        None => (fault.message.as_str(), None),
    };
    let queries = format!("used in {}:{}", fault.path, inner.line);
    let diagnostic = Diagnostic::error(file, message).at(place).note(queries);
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// Attributes a template's error to the text of `content/strings/` that it is about, or an error of
/// the built-in theme to the setting that it names; otherwise explains how to change the built-in
/// theme.
fn blame_content(fault: Diagnostic, site: &Site, language: LanguageId) -> Diagnostic {
    let Some(inner) = fault.place else { return fault };
    if let Some((key, help)) = text_at_fault(&fault.message)
        && let Some(text) = site.strings[language.index()].get(key)
        && text.path.starts_with("content/")
    {
        return moved(&fault, inner, text.path.clone(), text.place).help(help);
    }
    if !embedded::is_built_in(&fault.path) {
        return fault;
    }
    match site.config.place_named_in(&fault.message) {
        Some(place) => moved(&fault, inner, config::PATH.to_owned(), place),
        None => fault.with_built_in_advice(),
    }
}

/// Returns the URL of a page's link. Dead links stop a build before anything is rendered, so this
/// only fails for a page shown despite errors.
fn address(from: &str, written: &str) -> String {
    match destination(from, written) {
        Ok(Destination::Outside(address)) => {
            external_link(address).as_str().unwrap_or_default().to_owned()
        }
        Ok(Destination::Inside(inside)) => match ask(&Query::Link(inside)) {
            Ok(url) => url.as_str().unwrap_or_default().to_owned(),
            Err(_) => written.to_owned(),
        },
        Err(_) => written.to_owned(),
    }
}
