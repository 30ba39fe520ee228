//! Describes the organization, articles and breadcrumbs to search engines, in the vocabulary of
//! schema.org.
//!
//! Follows Google's rules for `Organization`, `Article` and `BreadcrumbList`. These are data
//! blocks, not executable scripts.

use std::sync::LazyLock;

use serde::Serialize;
use tera::Value;
use tera::value::Key;

use super::functions::json;
use crate::query::{Query, QueryError, ask};
use crate::site::picture_path;

static NONE: LazyLock<Value> = LazyLock::new(Value::none);

const CONTEXT: &str = "https://schema.org";

/// The organization behind a site.
#[derive(Clone, Serialize)]
struct Organization {
    #[serde(rename = "@type")]
    kind: &'static str,
    name: Value,
    url: Value,
    #[serde(flatten)]
    more: Option<More>,
}

/// The details that only the home page adds to its name.
#[derive(Clone, Serialize)]
struct More {
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    telephone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Address>,
    #[serde(rename = "sameAs", skip_serializing_if = "Option::is_none")]
    same_as: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logo: Option<Value>,
}

#[derive(Clone, Serialize)]
struct Address {
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "streetAddress")]
    street: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Article<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    headline: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<[Value; 1]>,
    date_published: &'a Value,
    date_modified: &'a Value,
    author: Author<'a>,
    publisher: &'a Organization,
    main_entity_of_page: &'a Value,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Author<'a> {
    People(Vec<Person<'a>>),
    Us(&'a Organization),
}

#[derive(Serialize)]
struct Person<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BreadcrumbList<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    item_list_element: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    position: usize,
    name: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<&'a Value>,
}

/// A JSON-LD block of a page.
#[derive(Serialize)]
struct Block<T> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(flatten)]
    data: T,
}

/// Renders the blocks of a page, one per line, from its template value `page`. An untranslated page
/// has none: its text is the original's.
///
/// # Errors
/// `page` is not a page's own value, or the logo that `site.yaml` names does not exist.
pub(crate) fn data(page: &Value) -> Result<String, QueryError> {
    let Some(ancestors) = field(page, "ancestors").as_array() else {
        return Err(QueryError::NotAPage);
    };
    if field(page, "fallback").is_truthy() {
        return Ok(String::new());
    }
    let mut html = String::with_capacity(1024);
    match field(page, "kind").as_str() {
        Some("home") => block(&organization(page)?, &mut html),
        Some("page") if field(page, "date").is_truthy() => {
            let home = ancestors.first().map_or(&*NONE, |home| field(home, "permalink"));
            let publisher = organization_named(home.clone())?;
            block(&article(page, &publisher)?, &mut html);
        }
        _ => {}
    }
    if !ancestors.is_empty() {
        let step = |page, item| (field(page, "title"), item);
        let above = ancestors.iter().map(|above| step(above, Some(field(above, "permalink"))));
        let steps = above.chain([step(page, None)]).zip(1..);
        let steps =
            steps.map(|((name, item), position)| Step { kind: "ListItem", position, name, item });
        let list = BreadcrumbList { kind: "BreadcrumbList", item_list_element: steps.collect() };
        block(&list, &mut html);
    }
    Ok(html)
}

fn organization(page: &Value) -> Result<Organization, QueryError> {
    let (email, phone) = (config("organisation.email")?, config("organisation.phone")?);
    let (same_as, logo) = (config("organisation.social")?, config("organisation.logo")?);
    let (description, street) = (config("description")?, config("organisation.address")?);
    let first = field(page, "translations").as_array().and_then(<[Value]>::first);
    let language = field(first.unwrap_or(page), "lang").as_str().unwrap_or_default();
    let telephone = phone.as_ref().map(|phone| match phone.as_str() {
        // In international format.
        Some(number) if number.starts_with('0') && language.ends_with("GB") => {
            format!("+44 {}", number.trim_start_matches('0'))
        }
        _ => phone.to_string(),
    });
    let address = street.map(|street| Address { kind: "PostalAddress", street });
    let logo = logo.map(|logo| {
        let path = picture_path("_index.md", logo.as_str().unwrap_or_default());
        let path = path.map_err(|fault| QueryError::InvalidPath(Box::new(fault)))?;
        Ok::<_, QueryError>(field(&ask(&Query::Image(path))?, "permalink").clone())
    });
    let more = More { description, email, telephone, address, same_as, logo: logo.transpose()? };
    let named = organization_named(field(page, "permalink").clone())?;
    Ok(Organization { more: Some(more), ..named })
}

fn organization_named(url: Value) -> Result<Organization, QueryError> {
    let name = match config("organisation.name")? {
        Some(name) => name,
        None => config("title")?.unwrap_or_else(Value::none),
    };
    Ok(Organization { kind: "Organization", name, url, more: None })
}

fn article<'a>(page: &'a Value, publisher: &'a Organization) -> Result<Article<'a>, QueryError> {
    // Without an image of its own it uses the site's, as all such pages do.
    let own = Some(field(page, "path")).filter(|_| field(page, "image").is_truthy());
    let path = own.and_then(Value::as_str).unwrap_or_default();
    let shared = ask(&Query::Shared(path.to_owned()))?;
    let image = shared.is_truthy().then(|| [field(&shared, "url").clone()]);
    let author = match field(page, "author").as_str().filter(|author| !author.is_empty()) {
        Some(author) => Author::People(people(author)),
        None => Author::Us(publisher),
    };
    Ok(Article {
        kind: "Article",
        headline: field(page, "title"),
        image,
        date_published: field(page, "published"),
        date_modified: field(page, "modified"),
        author,
        publisher,
        main_entity_of_page: field(page, "permalink"),
    })
}

/// The people in `Rose and Amina`: search engines expect separate names.
fn people(author: &str) -> Vec<Person<'_>> {
    let names = author.split(", ").flat_map(|names| names.split(" and "));
    let names = names.flat_map(|names| names.split(" & "));
    names.map(|name| Person { kind: "Person", name }).collect()
}

fn block(data: &impl Serialize, html: &mut String) {
    html.push_str("<script type=\"application/ld+json\">");
    json(&Block { context: CONTEXT, data }, html);
    html.push_str("</script>\n");
}

/// Returns the value of a key of `site.yaml`, if set.
fn config(key: &str) -> Result<Option<Value>, QueryError> {
    Ok(Some(ask(&Query::Config(key.to_owned()))?).filter(Value::is_truthy))
}

fn field<'a>(of: &'a Value, name: &'static str) -> &'a Value {
    of.as_map().and_then(|map| map.get(&Key::Str(name))).unwrap_or(&NONE)
}
