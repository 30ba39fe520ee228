//! Turns a page and a theme into HTML. Pure.

mod files;
pub(crate) mod image;
pub(crate) mod json_ld;
mod list;

use std::sync::Arc;

use daisychain_functions::form::Form;
use daisychain_functions::form::html::{self, FormState};
use daisychain_functions::yaml::Place;
use tera::{Context, Value};

use crate::config::{self, LanguageId};
use crate::diagnostic::Diagnostic;
use crate::embedded;
use crate::html::EXPIRED;
use crate::parse::{Body, Image, Kind, Located, Moment, Piece, folder_name};
use crate::query::{Answers, Query, Recorded, ask, in_words_of, map, outside, record};
use crate::site::{
    Destination, MenuLine, Page, PageId, Site, Translation, destination, part_url, picture_path,
    term_url,
};
use crate::theme::{Theme, text_at_fault};
use crate::translations::{self, Text, Words};
use crate::value::Value as Literal;

pub(crate) use list::{part_value, term_value};
pub use list::{taxonomy, term};

/// How fast people read, whole words a minute (Brysbaert 2019: 238 silently; many read in another
/// language than their first).
const WORDS_A_MINUTE: u32 = 200;

/// An output with what it was made of.
pub struct Rendered {
    /// UTF-8.
    pub html: Vec<u8>,
    /// The HTML of a page's own text, which its template shows; empty for other outputs.
    pub content: String,
    /// Every answer it was given.
    pub asked: Recorded,
}

/// Renders one page; of a list that it shows in parts, the part of this number.
///
/// # Errors
/// A template's fault at its line, with the page that was being made.
pub fn page(
    answers: &Arc<Answers>,
    (id, number): (PageId, u32),
    body: &Body,
) -> Result<Rendered, Diagnostic> {
    let (site, theme) = (answers.site(), answers.theme());
    let page = site.page(id);
    let mut own = String::new();
    let (html, asked) = record(answers, page.language, || {
        let mut value = own_value(site, id);
        if number > 1 {
            let url = part_url(&page.url, number);
            if !page.is_fallback {
                value.insert("permalink".into(), Value::from(site.base_url.absolute(&url)));
            }
            value.insert("url".into(), Value::from(site.base_url.href(&url)));
        }
        let mut implicits = Context::new();
        // Components alone see the page before its content is there.
        if !page.card.components.is_empty() {
            implicits.insert_value("page", Value::from(value.clone()));
        }
        let mut content = String::with_capacity(8 * 1024);
        in_words_of(page.written_in(), || {
            write(theme, page, &body.pieces, &implicits, &mut content)
        })?;
        value.insert("content".into(), Value::safe_string(&content));
        own = content;
        implicits.insert_value("page", Value::from(value));
        if let Some(list) = site.list_of(id) {
            implicits.insert_value("paginator", list::paginator(list, number));
        }
        let url = part_url(&page.url, number);
        files::noted(theme.render(site.template(page), &implicits), &url, site)
    });
    let html = html.map_err(|fault| blame_content(fault, site, page.language));
    let mut html = html.map_err(|fault| {
        fault.or_note(format!("while making content/{} into a page", page.card.path))
    })?;
    if asked.answers().any(|answer| matches!(answer.question.query, Query::Image(_))) {
        image::hurry_first(&mut html);
    }
    Ok(Rendered { html, content: own, asked })
}

/// A page that has no source.
pub struct Bare<'a> {
    /// The template that makes it.
    pub template: &'a str,
    /// What templates see as its kind.
    pub kind: &'static str,
    /// The language of its frame.
    pub language: LanguageId,
    /// Its title.
    pub title: &'a str,
    /// Its HTML.
    pub content: &'a str,
}

/// Renders a page that has no source: the frame of a form, or the page for a wrong address.
///
/// # Errors
/// A template's fault at its line.
pub fn bare(answers: &Arc<Answers>, page: &Bare<'_>) -> Result<Rendered, Diagnostic> {
    let site = answers.site();
    let (html, asked) = record(answers, page.language, || {
        let mut context = Context::new();
        let mut value = bare_value(site, page.language, page.kind, page.title);
        value.insert("content".into(), Value::safe_string(page.content));
        context.insert_value("page", Value::from(value));
        files::noted(answers.theme().render(page.template, &context), "/", site)
    });
    let html = html.map_err(|fault| blame_content(fault, site, page.language))?;
    Ok(Rendered { html, content: String::new(), asked })
}

/// What the template of a page without a source sees of it.
fn bare_value(site: &Site, language: LanguageId, kind: &'static str, title: &str) -> tera::Map {
    let own = site.config.language(language);
    let entries = [
        ("title", Value::from(title)),
        ("summary", Value::from("")),
        ("content", Value::from("")),
        ("kind", Value::from(kind)),
        ("url", Value::from("")),
        ("permalink", Value::from("")),
        ("path", Value::from("")),
        ("lang", Value::from(own.code.as_str())),
        ("dir", Value::from(own.direction)),
        ("fallback", Value::from(false)),
        ("translations", Value::from(Vec::<Value>::new())),
        ("headings", Value::from(Vec::<Value>::new())),
        ("ancestors", Value::from(Vec::<Value>::new())),
        ("image", Value::none()),
        ("search", Value::from(kind != "not_found")),
        ("taxonomies", Value::from(tera::Map::new())),
        ("extra", Value::from(tera::Map::new())),
    ];
    entries.into_iter().map(|(key, value)| (key.into(), value)).collect()
}

/// Writes the pieces of a body: finished HTML as it is, links by their address, components by the
/// theme. A component's body is written first; what it asks belongs to this output too.
fn write(
    theme: &Theme,
    page: &Page,
    pieces: &[Piece],
    implicits: &Context,
    html: &mut String,
) -> Result<(), Diagnostic> {
    for piece in pieces {
        match piece {
            Piece::Html(text) => html.push_str(text),
            Piece::Link(index) => {
                let link = &page.card.links[*index as usize];
                escape(&address(page.name(), &link.target), html);
            }
            Piece::Image { link, alt, title } => {
                let link = &page.card.links[*link as usize];
                let shown = image::Shown { alt, title, sizes: None };
                // A picture that is not there stops a build before anything is rendered.
                if let Ok(path) = picture_path(&page.card.path, &link.target)
                    && let Ok(picture) = ask(&Query::Image(path))
                {
                    html.push_str(&image::html(&picture, &shown));
                }
            }
            Piece::Component { name, arguments, place, body } => {
                let inner = match body {
                    Some(pieces) => {
                        let mut inner = String::new();
                        write(theme, page, pieces, implicits, &mut inner)?;
                        Some(inner)
                    }
                    None => None,
                };
                let mut context = Context::new();
                for (key, value) in arguments {
                    context.insert_value(key.clone(), value.to_tera());
                }
                let made = theme.component(name, &context, implicits, inner.as_deref());
                html.push_str(&made.map_err(|fault| blame(fault, page, arguments, *place))?);
            }
        }
    }
    Ok(())
}

/// Leads a component's fault back to what caused it: the call, where the fault names what an argument says (such
/// as a page that does not exist) or the component is of the built-in theme; else the template.
fn blame(
    fault: Diagnostic,
    page: &Page,
    arguments: &[(String, Literal)],
    place: Place,
) -> Diagnostic {
    let file = format!("content/{}", page.card.path);
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
    // In an argument a page is named from the folder `content`.
    let near = |help: &str| {
        Some(help.strip_prefix("did you mean content/")?.strip_suffix('?')?.to_owned())
    };
    if let Some(near) = moved.help.as_deref().and_then(near).filter(|_| named) {
        moved.help = Some(format!("did you mean `{near}`?").into());
    }
    moved
}

/// A template's fault that is led back to `place` in `file`; what follows the last `; ` of its message is help.
fn moved(fault: &Diagnostic, inner: Place, file: String, place: Place) -> Diagnostic {
    let (message, help) = match fault.message.rsplit_once("; ") {
        Some((message, help)) => (message, Some(help)),
        None => (fault.message.as_str(), None),
    };
    let asked = format!("asked for in {}:{}", fault.path, inner.line);
    let diagnostic = Diagnostic::error(file, message).at(place).note(asked);
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// Leads a template's fault back to the text of `content/strings/` that it is about, or one of the built-in theme
/// to the setting that it names; else says how to change the built-in theme.
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
        None => embedded::advise(fault),
    }
}

/// The address that a link of a page leads to. Dead links stop a build before anything is
/// rendered, so a fault here is only seen where a page is shown in spite of them.
fn address(from: &str, written: &str) -> String {
    match destination(from, written) {
        Ok(Destination::Outside(address)) => {
            outside(address).as_str().unwrap_or_default().to_owned()
        }
        Ok(Destination::Inside(inside)) => match ask(&Query::Link(inside)) {
            Ok(url) => url.as_str().unwrap_or_default().to_owned(),
            Err(_) => written.to_owned(),
        },
        Err(_) => written.to_owned(),
    }
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            c => html.push(c),
        }
    }
}

/// What a page's template sees of its own page, without the content.
fn own_value(site: &Site, id: PageId) -> tera::Map {
    let page = site.page(id);
    // Lists show the page too: what they see of it is made once.
    let mut value = site.listing_value(id).as_map().cloned().unwrap_or_default();
    let front = &page.card.front;
    let instant = |moment: Option<&Located<Moment>>| {
        moment.map_or(Value::none(), |moment| Value::from(moment.value.instant()))
    };
    let published = instant(front.date.as_ref());
    let modified = match &front.updated {
        Some(updated) => instant(Some(updated)),
        None => published.clone(),
    };
    value.insert("published".into(), published);
    value.insert("modified".into(), modified);
    let headings = page.card.headings.iter().map(|heading| {
        map([
            ("id", Value::from(heading.id.as_str())),
            ("level", Value::from(u32::from(heading.level))),
            ("text", Value::from(heading.text.as_str())),
        ])
    });
    value.insert("headings".into(), Value::from(headings.collect::<Vec<_>>()));
    let ancestors = site.ancestors(page).into_iter().map(|id| ancestor_value(site, id));
    value.insert("ancestors".into(), Value::from(ancestors.collect::<Vec<_>>()));
    let all = translations(site, page.language, site.translations(page));
    value.insert("translations".into(), all);
    value
}

/// What a template sees of a page that stands above its own; made once, shared after.
fn ancestor_value(site: &Site, id: PageId) -> Value {
    let page = site.page(id);
    page.value_above(|| {
        let written = site.config.language(page.written_in());
        map([
            ("title", Value::from(page.card.title.as_str())),
            ("url", Value::from(site.base_url.href(&page.url))),
            ("permalink", Value::from(site.base_url.absolute(&page.url))),
            ("lang", Value::from(written.code.as_str())),
            ("dir", Value::from(written.direction)),
        ])
    })
}

/// What a template sees of where its page is in each language of the site.
fn translations(site: &Site, current: LanguageId, all: Vec<Translation>) -> Value {
    let all = all.into_iter().map(|each| {
        let own = site.config.language(each.language);
        map([
            ("current", Value::from(each.language == current)),
            ("dir", Value::from(own.direction)),
            ("lang", Value::from(own.code.as_str())),
            ("name", Value::from(own.name.as_str())),
            ("permalink", Value::from(site.base_url.absolute(&each.url))),
            ("url", Value::from(site.base_url.href(&each.url))),
            ("written", Value::from(each.is_written)),
        ])
    });
    Value::from(all.collect::<Vec<_>>())
}

/// What templates see of a language.
pub(crate) fn language_value(site: &Site, language: LanguageId) -> Value {
    let own = site.config.language(language);
    map([
        ("lang", Value::from(own.code.as_str())),
        ("dir", Value::from(own.direction)),
        ("name", Value::from(own.name.as_str())),
        ("home", Value::from(site.base_url.href(&own.address("/")))),
    ])
}

/// A text of the theme, for whoever says it: the text itself, or its forms with the language whose
/// rules choose among them.
pub(crate) fn text_value(text: &Text, language: &str) -> Value {
    let code = ("code", Value::from(text.code.as_str()));
    let untranslated = translations::base(&text.code) != translations::base(language);
    match &text.words {
        Words::Plain(words) if untranslated => {
            map([code, ("text", words.as_str().into()), ("untranslated", true.into())])
        }
        Words::Plain(words) => Value::from(words.as_str()),
        Words::Counted(forms) => {
            let forms = forms.iter();
            let forms = forms.map(|(form, words)| (form.clone().into(), words.as_str().into()));
            let forms = ("forms", Value::from(forms.collect::<tera::Map>()));
            match untranslated {
                true => map([code, forms, ("untranslated", true.into())]),
                false => map([code, forms]),
            }
        }
    }
}

/// What templates see of a line of a menu.
pub(crate) fn menu_value(site: &Site, line: &MenuLine<'_>) -> Value {
    let written = site.config.language(line.language);
    map([
        ("label", Value::from(line.label)),
        ("url", Value::from(line.url.as_str())),
        ("lang", Value::from(written.code.as_str())),
        ("dir", Value::from(written.direction)),
    ])
}

/// What templates see of a page from elsewhere.
pub(crate) fn listing_value(site: &Site, page: &Page) -> Value {
    map(listing(site, page))
}

fn listing(site: &Site, page: &Page) -> [(&'static str, Value); 20] {
    let card = &page.card;
    let front = &card.front;
    let kind = match card.kind {
        Kind::Home => "home",
        Kind::Section => "section",
        Kind::Page => "page",
    };
    let written = site.config.language(page.written_in());
    // What search engines are told is the address of these words: of what is not translated, there
    // is but one.
    let canonical = site.original(page).unwrap_or(page);
    let text = |text: Option<&str>| text.map_or(Value::none(), Value::from);
    let moment = |moment: Option<&Located<Moment>>| {
        moment.map_or(Value::none(), |moment| Value::from(iso(&moment.value)))
    };
    [
        ("author", text(front.author.as_ref().map(|author| author.value.as_str()))),
        ("date", moment(front.date.as_ref())),
        ("dir", Value::from(written.direction)),
        ("draft", Value::from(front.draft)),
        ("extra", front.extra.to_tera()),
        ("fallback", Value::from(page.is_fallback)),
        ("image", front.image.as_ref().map_or(Value::none(), image_value)),
        ("kind", Value::from(kind)),
        ("lang", Value::from(written.code.as_str())),
        ("minutes", Value::from(card.words.div_ceil(WORDS_A_MINUTE).max(1))),
        ("path", Value::from(card.path.as_str())),
        ("permalink", Value::from(site.base_url.absolute(&canonical.url))),
        ("search", Value::from(front.search.unwrap_or(true))),
        ("section", Value::from(page.folder.as_str())),
        ("summary", Value::from(card.summary.as_str())),
        ("taxonomies", taxonomies(site, page)),
        ("title", Value::from(card.title.as_str())),
        ("updated", moment(front.updated.as_ref())),
        ("url", Value::from(site.base_url.href(&page.url))),
        ("words", Value::from(card.words)),
    ]
}

/// What templates see of a page's own picture; `image(src=…, from=page.path, alt=…)` shows it.
fn image_value(image: &Image) -> Value {
    map([
        ("src", Value::from(image.src.value.as_str())),
        ("alt", Value::from(image.alt.as_str())),
        ("credit", Value::from(image.credit.as_deref().unwrap_or_default())),
    ])
}

/// The terms of a page by taxonomy, each with its address; no terms where it has none.
fn taxonomies(site: &Site, page: &Page) -> Value {
    let language = page.written_in();
    let written = site.config.language(language);
    let value = |name: &str, url: &str| {
        map([("name", Value::from(name)), ("url", Value::from(site.base_url.href(url)))])
    };
    let of = |taxonomy: &str| {
        let terms = page.card.front.taxonomies.get(taxonomy).into_iter().flatten();
        let terms =
            terms.map(|term| match site.term(language, taxonomy, &folder_name(&term.value)) {
                Some(term) => term.value.get_or_init(|| value(&term.name, &term.url)).clone(),
                // Of a page that is shown by itself.
                None => value(&term.value, &term_url(written, taxonomy, &term.value)),
            });
        Value::from(terms.collect::<Vec<_>>())
    };
    let names = site.config.taxonomies.iter().map(|taxonomy| taxonomy.name.value.as_str());
    Value::from(names.map(|name| (name.to_owned().into(), of(name))).collect::<tera::Map>())
}

/// A date as `2020-05-21`, a moment as `2020-05-21T10:00:00+01:00` (RFC 3339).
pub(crate) fn iso(moment: &Moment) -> String {
    let offset = jiff::tz::Offset::from_seconds(moment.offset).unwrap_or(jiff::tz::Offset::UTC);
    let Ok(time) = jiff::Timestamp::from_second(moment.seconds) else { return String::new() };
    let local = offset.to_datetime(time);
    if moment.timed {
        time.display_with_offset(offset).to_string()
    } else {
        local.date().to_string()
    }
}

/// What templates see of a form on a page of a language.
pub(crate) fn form_value(site: &Site, language: LanguageId, form: &Form) -> Value {
    let form = match language.is_first() {
        true => form.clone(),
        false => form.in_language(&site.config.language(language).code),
    };
    let state = FormState { at: site.forms_url.clone(), ..FormState::default() };
    let expired = site.expired_form_addresses();
    let html = expired.fold(html::render(&form, &state), |html, address| {
        let mut href = String::from("href=\"");
        escape(&address, &mut href);
        html.replace(&format!("{href}\""), &format!("href=\"{EXPIRED}\""))
    });
    map([
        ("name", Value::from(form.name())),
        ("title", Value::from(form.title())),
        ("digest", Value::from(form.digest())),
        ("html", Value::safe_string(&html)),
    ])
}

/// What templates see of a form whose definition has errors: a note in its place.
pub(crate) fn unread_form_value(name: &str) -> Value {
    let mut note = String::from("<p lang=\"en\" dir=\"ltr\">The form <code>");
    escape(name, &mut note);
    note.push_str("</code> is shown here when its errors are corrected.</p>");
    map([
        ("name", Value::from(name)),
        ("title", Value::from(name)),
        ("digest", Value::from("")),
        ("html", Value::safe_string(&note)),
    ])
}
