//! Renders newsletters as emails with the theme's `email.mjml`.

use std::collections::HashMap;
use std::sync::Arc;

use located_yaml::suggest::quoted_list;
use mrml::prelude::render::RenderOptions;
use tera::{Context, Value};
use url::Url;

use super::{Renderer, Templates, blame_content, write};
use crate::diagnostic::Diagnostic;
use crate::embedded;
use crate::html;
use crate::parse::{Body, Piece};
use crate::query::with_content_language;
use crate::site::{Page, PageId};
use crate::view;

/// The template of emails, written in MJML.
pub const EMAIL: &str = "email.mjml";

/// The prefix of the components that write other components' content in emails.
const PREFIX: &str = "email_";

/// The address to unsubscribe in a newsletter that has no recipient yet. No server has this name (RFC 2606).
pub const UNSUBSCRIBE: &str = "https://unsubscribe.invalid/";

/// Replaces the content while the MJML is converted, since that reads only well-formed XML.
const CONTENT: &str = "content-of-the-newsletter";

/// A newsletter as an email.
pub struct Email {
    /// The complete document.
    pub html: String,
    /// The HTML of the content only.
    pub content: String,
}

/// Renders a page as an email.
///
/// # Errors
/// Every component without a form for emails; otherwise an error of a template or of its MJML.
pub fn email(
    renderer: &Arc<Renderer>,
    id: PageId,
    body: &Body,
    address: &Url,
) -> Result<Email, Vec<Diagnostic>> {
    let (site, templates) = (renderer.site(), renderer.templates());
    let page = site.page(id);
    if !templates.has(EMAIL) {
        let fault = Diagnostic::error("themes", format!("the theme has no template `{EMAIL}`"));
        let help = format!(
            "newsletters need it: add `extends: daisy` to theme.yaml, or write templates/{EMAIL}"
        );
        return Err(vec![fault.help(help)]);
    }
    let mut faults = Vec::new();
    let pieces = for_email(templates, page, &body.pieces, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let (made, _) = renderer.record(page.language, || {
        let mut implicits = Context::new();
        let mut value = view::own(site, id);
        implicits.insert_value("page", Value::from(value.clone()));
        let mut content = String::with_capacity(8 * 1024);
        with_content_language(page.written_in(), || {
            write(templates, page, &pieces, &implicits, &mut content)
        })?;
        let content = html::without_expired(content.into_bytes());
        let content = html::email::for_email(&String::from_utf8_lossy(&content), address);
        value.insert("content".into(), Value::safe_string(CONTENT));
        implicits.insert_value("page", Value::from(value));
        implicits.insert_value("unsubscribe", Value::from(UNSUBSCRIBE));
        Ok((templates.render(EMAIL, &implicits)?, content))
    });
    let (mjml, content) = made.map_err(|fault: Diagnostic| {
        let fault = blame_content(fault, site, page.language);
        vec![fault.or_note(format!("while rendering content/{} as an email", page.meta.path))]
    })?;
    let html = convert(&String::from_utf8_lossy(&mjml)).map_err(|reason| {
        let origin = templates.theme.origin(EMAIL).unwrap_or("themes");
        let fault = Diagnostic::error(origin, format!("this is not valid MJML: {reason}"));
        vec![fault.help("close every element, and use only elements of MJML outside `mj-text`")]
    })?;
    Ok(Email { html: html.replacen(CONTENT, &content, 1), content })
}

/// Why MJML cannot be converted.
#[derive(Debug, thiserror::Error)]
enum MjmlError {
    #[error("{0}")]
    Syntax(#[from] mrml::prelude::parser::Error),
    #[error("{0}")]
    Render(#[from] mrml::prelude::render::Error),
}

/// Converts MJML to HTML.
fn convert(mjml: &str) -> Result<String, MjmlError> {
    // Fonts would be loaded from another site, which would then see who reads the email.
    let options = RenderOptions { fonts: HashMap::new(), ..RenderOptions::default() };
    Ok(mrml::parse(mjml)?.element.render(&options)?)
}

/// The pieces with each component replaced by its form for emails; adds an error for each that has none.
fn for_email(
    templates: &Templates,
    page: &Page,
    pieces: &[Piece],
    faults: &mut Vec<Diagnostic>,
) -> Vec<Piece> {
    let mut piece = |piece: &Piece| {
        let Piece::Component { name, arguments, place, body } = piece else { return piece.clone() };
        let own = format!("{PREFIX}{name}");
        if !templates.components.contains_key(&own) {
            let path = format!("content/{}", page.meta.path);
            let fault = Diagnostic::error(path, format!("`{name}` cannot be in a newsletter"));
            faults.push(fault.at(*place).help(instead(templates, name)));
        }
        let body = body.as_deref().map(|body| for_email(templates, page, body, faults));
        Piece::Component { name: own, arguments: arguments.clone(), place: *place, body }
    };
    pieces.iter().map(&mut piece).collect()
}

/// What to write instead of a component that has no form for emails.
fn instead(templates: &Templates, name: &str) -> String {
    let all = templates.components.iter();
    let known: Vec<&str> = all.filter_map(|(name, _)| name.strip_prefix(PREFIX)).collect();
    let origin = templates.theme.origin(EMAIL).unwrap_or_default();
    let define = match embedded::is_built_in(origin) {
        true => String::new(),
        false => format!(", or define the component `{PREFIX}{name}` in the theme"),
    };
    format!("link to a page that has it{define}; newsletters can have {}", quoted_list(&known))
}
