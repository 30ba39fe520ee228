//! The functions by which templates query the site.

use memchr::{memchr_iter, memchr3_iter};
use serde::Serialize;
use tera::{Kwargs, State, Tera, TeraResult, Value};

use super::{fragment, i18n, image, json_ld};
use crate::html::EXPIRED;
use crate::nfc::nfc;
use crate::parse;
use crate::query::{self, Query, QueryError, ask};
use crate::site::{Destination, destination, picture_path};

/// The default number of related pages.
const RELATED: u32 = 3;

/// Appends a value as JSON that is safe inside a `<script>`: it cannot end the element or begin a
/// comment (HTML, "Restrictions for contents of script elements").
pub(crate) fn json(value: &impl Serialize, html: &mut String) {
    let json = serde_json::to_string(value).expect("a template's value can be written");
    // U+2028 and U+2029 begin with this byte, as few other characters do.
    let signs = memchr3_iter(b'<', b'>', b'&', json.as_bytes());
    if signs.chain(memchr_iter(0xe2, json.as_bytes())).next().is_none() {
        html.push_str(&json);
        return;
    }
    for character in json.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                html.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            character => html.push(character),
        }
    }
}

/// Registers every query that a template can make, and the filter `json`.
pub(super) fn register(tera: &mut Tera) {
    tera.register_filter("json", |value: Value, _: Kwargs, _: &State| {
        let mut html = String::new();
        json(&value, &mut html);
        Value::safe_string(&html)
    });
    let text = |name: &'static str| {
        move |kwargs: &Kwargs| -> TeraResult<String> {
            only(kwargs, &[name])?;
            kwargs.must_get::<&str>(name).map(|name| nfc(name).into_owned())
        }
    };
    let path = text("path");
    tera.register_function("asset", move |kwargs: Kwargs, _: &State| {
        answer(&Query::Asset(path(&kwargs)?))
    });
    tera.register_function("breadcrumbs", move |kwargs: Kwargs, _: &State| {
        answer(&Query::Breadcrumbs(path(&kwargs)?))
    });
    tera.register_function("backlinks", move |kwargs: Kwargs, _: &State| {
        answer(&Query::Backlinks(path(&kwargs)?))
    });
    tera.register_function("last_commit", move |kwargs: Kwargs, _: &State| {
        answer(&Query::LastCommit(path(&kwargs)?))
    });
    tera.register_function("neighbours", move |kwargs: Kwargs, _: &State| {
        answer(&Query::Neighbours(path(&kwargs)?))
    });
    tera.register_function("related", |kwargs: Kwargs, _: &State| {
        only(&kwargs, &["path", "limit"])?;
        let path = nfc(kwargs.must_get::<&str>("path")?).into_owned();
        answer(&Query::Related { path, limit: kwargs.get::<u32>("limit")?.unwrap_or(RELATED) })
    });
    tera.register_function("page", move |kwargs: Kwargs, _: &State| {
        answer(&Query::Page(path(&kwargs)?))
    });
    tera.register_function("url", |kwargs: Kwargs, _: &State| {
        only(&kwargs, &["path", "or"])?;
        let path = kwargs.must_get::<&str>("path")?;
        let or = kwargs.get::<&str>("or")?;
        for address in [Some(path), or].into_iter().flatten() {
            // The message names the URL, so that the error can be attributed to the component's
            // argument.
            parse::check_outside(address).map_err(|(message, help)| {
                tera::Error::message(format!("{message}: `{address}`; {help}"))
            })?;
        }
        let found = match destination("_index.md", path) {
            Ok(Destination::Outside(address)) => Ok(query::external_link(address)),
            Ok(Destination::Inside(inside)) => answer(&Query::Link(inside)),
            Err(fault) => Err(QueryError::InvalidPath(Box::new(fault)).into()),
        };
        match or {
            Some(or) => Ok(found
                .ok()
                .filter(|url| url.as_str() != Some(EXPIRED))
                .unwrap_or_else(|| Value::from(or))),
            None => found,
        }
    });
    tera.register_function("image", |kwargs: Kwargs, _: &State| {
        only(&kwargs, &["src", "from", "alt", "sizes", "title"])?;
        let shown = image::ImageAttributes {
            alt: kwargs.must_get::<&str>("alt")?,
            title: kwargs.get::<&str>("title")?.unwrap_or_default(),
            sizes: kwargs.get::<&str>("sizes")?,
        };
        let picture = picture(&kwargs)?;
        Ok(Value::safe_string(&image::html(&picture, &shown)))
    });
    tera.register_function("image_file", |kwargs: Kwargs, _: &State| {
        only(&kwargs, &["src", "from"])?;
        picture(&kwargs)
    });
    tera.register_function("language", |kwargs: Kwargs, _: &State| {
        only(&kwargs, &[])?;
        answer(&Query::Language)
    });
    tera.register_function("config", |kwargs: Kwargs, _: &State| {
        only(&kwargs, &["key", "mark"])?;
        let key = kwargs.must_get::<&str>("key")?;
        let value = answer(&Query::Config(key.to_owned()))?;
        if kwargs.get::<bool>("mark")? != Some(true) || value.as_str().is_none() {
            return Ok(value);
        }
        let language = answer(&Query::ConfigLanguage(key.to_owned()))?;
        Ok(match language.as_str() {
            Some(code) => i18n::marked(&value, code),
            None => value,
        })
    });
    i18n::register(tera);
    let url = text("url");
    tera.register_function("feed", move |kwargs: Kwargs, _: &State| {
        answer(&Query::Feed(url(&kwargs)?))
    });
    let name = text("name");
    tera.register_function("data", move |kwargs: Kwargs, _: &State| {
        answer(&Query::Data(name(&kwargs)?))
    });
    tera.register_function("form", move |kwargs: Kwargs, _: &State| {
        answer(&Query::Form(name(&kwargs)?))
    });
    tera.register_function("menu", move |kwargs: Kwargs, _: &State| {
        answer(&Query::Menu(name(&kwargs)?))
    });
    tera.register_function("menu_urls", |kwargs: Kwargs, _: &State| {
        only(&kwargs, &[])?;
        answer(&Query::MenuUrls)
    });
    tera.register_function("cached", |kwargs: Kwargs, _: &State| {
        let component = kwargs.must_get::<&str>(fragment::COMPONENT)?;
        Ok(fragment::cached(component, &kwargs)?)
    });
    let taxonomy = text("taxonomy");
    tera.register_function("terms", move |kwargs: Kwargs, _: &State| {
        answer(&Query::Terms(taxonomy(&kwargs)?))
    });
    tera.register_function("icons", |kwargs: Kwargs, _: &State| {
        only(&kwargs, &[])?;
        answer(&Query::Icons)
    });
    tera.register_function("shared_image", move |kwargs: Kwargs, _: &State| {
        answer(&Query::Shared(path(&kwargs)?))
    });
    tera.register_function("structured_data", |kwargs: Kwargs, _: &State| {
        only(&kwargs, &["page"])?;
        let data = json_ld::data(kwargs.must_get::<&Value>("page")?);
        Ok(Value::safe_string(&data?))
    });
    tera.register_function("policy", |kwargs: Kwargs, _: &State| {
        only(&kwargs, &[])?;
        answer(&Query::Policy)
    });
    tera.register_function("pages", |kwargs: Kwargs, _: &State| {
        only(&kwargs, &["section", "limit"])?;
        answer(&Query::Pages { section: section(&kwargs)?, limit: kwargs.get::<u32>("limit")? })
    });
    tera.register_function("sections", |kwargs: Kwargs, _: &State| {
        only(&kwargs, &["section"])?;
        answer(&Query::Sections(section(&kwargs)?))
    });
}

/// Returns the folder of a section, which may be written as `stories`, `stories/`,
/// `stories/_index.md` or `stories/_index.pa.md`.
fn section(kwargs: &Kwargs) -> TeraResult<String> {
    let section = kwargs.must_get::<&str>("section")?;
    let (folder, name) = section.rsplit_once('/').unwrap_or(("", section));
    let section = if name.starts_with("_index.") { folder } else { section };
    Ok(nfc(section.trim_matches('/')).into_owned())
}

/// Returns the image `src`, as written on the page `from`.
fn picture(kwargs: &Kwargs) -> TeraResult<Value> {
    let from = kwargs.get::<&str>("from")?.unwrap_or("_index.md");
    let path = picture_path(from, kwargs.must_get::<&str>("src")?);
    let path = path.map_err(|fault| QueryError::InvalidPath(Box::new(fault)))?;
    answer(&Query::Image(path))
}

/// Rejects unknown arguments: a misspelt `limit` must not be ignored.
pub(super) fn only(kwargs: &Kwargs, known: &[&str]) -> TeraResult<()> {
    for (key, _) in kwargs.iter() {
        let key = key.as_str().unwrap_or_default();
        if !known.contains(&key) {
            let known = match known {
                [] => "it has none".to_owned(),
                known => format!("it has `{}`", known.join("`, `")),
            };
            let message = format!("there is no argument `{key}`; {known}");
            return Err(tera::Error::message(message));
        }
    }
    Ok(())
}

pub(super) fn answer(query: &Query) -> TeraResult<Value> {
    Ok(ask(query)?)
}
