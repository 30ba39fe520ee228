//! The values that templates see of pages, languages and menus.

use tera::Value;

use super::{iso, map};
use crate::config::LanguageId;
use crate::parse::{Located, Moment, PageImage, PageKind, folder_name};
use crate::site::{MenuLine, Page, PageId, Site, Translation, term_url};

/// Reading speed, in words per minute (Brysbaert 2019: 238 for silent reading; many people read in
/// a second language).
const WORDS_A_MINUTE: u32 = 200;

/// The value of a page without a source, for its own template.
pub(crate) fn synthetic(
    site: &Site,
    language: LanguageId,
    kind: &'static str,
    title: &str,
) -> tera::Map {
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

/// The value of a page for its own template, without the content.
pub(crate) fn own(site: &Site, id: PageId) -> tera::Map {
    let page = site.page(id);
    // Lists show the page too, so they share this value.
    let mut value = listing(site, id).as_map().cloned().unwrap_or_default();
    let front = &page.meta.front;
    let instant = |moment: Option<&Located<Moment>>| {
        moment.map_or(Value::none(), |moment| Value::from(moment.value.instant()))
    };
    let published = instant(front.date.as_ref());
    let modified = match &front.updated {
        Some(updated) => instant(Some(updated)),
        None => published.clone(),
    };
    let preheader = front.preheader.as_ref().map(|preheader| preheader.value.as_str());
    value.insert("preheader".into(), Value::from(preheader.unwrap_or(&page.meta.summary)));
    value.insert("published".into(), published);
    value.insert("modified".into(), modified);
    let headings = page.meta.headings.iter().map(|heading| {
        map([
            ("id", Value::from(heading.id.as_str())),
            ("level", Value::from(u32::from(heading.level))),
            ("text", Value::from(heading.text.as_str())),
        ])
    });
    value.insert("headings".into(), Value::from(headings.collect::<Vec<_>>()));
    let ancestors = site.ancestors(page).into_iter().map(|id| ancestor(site, id));
    value.insert("ancestors".into(), Value::from(ancestors.collect::<Vec<_>>()));
    let all = translations(site, page.language, site.translations(page));
    value.insert("translations".into(), all);
    value
}

/// The value of a page for its descendants' templates; created once, then shared.
pub(super) fn ancestor(site: &Site, id: PageId) -> Value {
    let page = site.page(id);
    page.value_above(|| {
        let written = site.config.language(page.written_in());
        map([
            ("title", Value::from(page.meta.title.as_str())),
            ("url", Value::from(site.base_url.href(&page.url))),
            ("permalink", Value::from(site.base_url.absolute(&page.url))),
            ("lang", Value::from(written.code.as_str())),
            ("dir", Value::from(written.direction)),
        ])
    })
}

/// The locations of a page in each language of the site.
pub(super) fn translations(site: &Site, current: LanguageId, all: Vec<Translation>) -> Value {
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

/// The value of a language.
pub(crate) fn language(site: &Site, language: LanguageId) -> Value {
    let own = site.config.language(language);
    map([
        ("lang", Value::from(own.code.as_str())),
        ("dir", Value::from(own.direction)),
        ("name", Value::from(own.name.as_str())),
        ("home", Value::from(site.base_url.href(&own.address("/")))),
    ])
}

/// The value of a menu item.
pub(crate) fn menu_line(site: &Site, line: &MenuLine<'_>) -> Value {
    let written = site.config.language(line.language);
    map([
        ("label", Value::from(line.label)),
        ("url", Value::from(line.url.as_str())),
        ("lang", Value::from(written.code.as_str())),
        ("dir", Value::from(written.direction)),
    ])
}

/// The value of a page as seen from other pages; created once, then shared.
pub(crate) fn listing(site: &Site, id: PageId) -> Value {
    let page = site.page(id);
    page.listing_value(|| map(listing_entries(site, page)))
}

fn listing_entries(site: &Site, page: &Page) -> [(&'static str, Value); 20] {
    let meta = &page.meta;
    let front = &meta.front;
    let kind = match meta.kind {
        PageKind::Home => "home",
        PageKind::Section => "section",
        PageKind::Page => "page",
    };
    let written = site.config.language(page.written_in());
    // The canonical URL of an untranslated page is that of its original.
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
        ("minutes", Value::from(meta.words.div_ceil(WORDS_A_MINUTE).max(1))),
        ("path", Value::from(meta.path.as_str())),
        ("permalink", Value::from(site.base_url.absolute(&canonical.url))),
        ("search", Value::from(front.search.unwrap_or(true))),
        ("section", Value::from(page.folder.as_str())),
        ("summary", Value::from(meta.summary.as_str())),
        ("taxonomies", taxonomies(site, page)),
        ("title", Value::from(meta.title.as_str())),
        ("updated", moment(front.updated.as_ref())),
        ("url", Value::from(site.base_url.href(&page.url))),
        ("words", Value::from(meta.words)),
    ]
}

/// The value of a page's own image; `image(src=…, from=page.path, alt=…)` shows it.
fn image_value(image: &PageImage) -> Value {
    map([
        ("src", Value::from(image.src.value.as_str())),
        ("alt", Value::from(image.alt.as_str())),
        ("credit", Value::from(image.credit.as_deref().unwrap_or_default())),
    ])
}

/// The terms of a page by taxonomy, each with its URL; empty for a taxonomy without terms.
fn taxonomies(site: &Site, page: &Page) -> Value {
    let language = page.written_in();
    let written = site.config.language(language);
    let value = |name: &str, url: &str| {
        map([("name", Value::from(name)), ("url", Value::from(site.base_url.href(url)))])
    };
    let of = |taxonomy: &str| {
        let terms = page.meta.front.taxonomies.get(taxonomy).into_iter().flatten();
        let terms =
            terms.map(|term| match site.term(language, taxonomy, &folder_name(&term.value)) {
                Some(term) => term.value.get_or_init(|| value(&term.name, &term.url)).clone(),
                // For a page shown on its own.
                None => value(&term.value, &term_url(written, taxonomy, &term.value)),
            });
        Value::from(terms.collect::<Vec<_>>())
    };
    let names = site.config.taxonomies.iter().map(|taxonomy| taxonomy.name.value.as_str());
    Value::from(names.map(|name| (name.to_owned().into(), of(name))).collect::<tera::Map>())
}
