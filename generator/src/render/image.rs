//! Turns a picture into HTML. Pure.
//!
//! Every picture is written to be loaded late; when its page is whole, [`hurry_first`] lets the first
//! of them come at once, whichever template or text it stands in.

use tera::Value;

use super::escape;
use crate::config::LanguageId;
use crate::outputs::image::{Picture, Variant};
use crate::query::map;
use crate::site::Site;
use crate::url::BaseUrl;

/// How the picture begins that nobody has hurried.
const LATE: &str = "<img loading=\"lazy\" ";
/// How the first of a page begins.
const FIRST: &str = "<img fetchpriority=\"high\" ";

/// The file that a browser takes which knows no `srcset`, and that others link to: the widest that
/// is no wider.
const USUAL_WIDTH: u32 = 1200;

/// How a page shows a picture.
pub(crate) struct Shown<'a> {
    /// What it shows, in words; empty for a decoration.
    pub(crate) alt: &'a str,
    /// Its title, or nothing.
    pub(crate) title: &'a str,
    /// In place of the theme's `sizes`.
    pub(crate) sizes: Option<&'a str>,
}

/// The path of a variant from the site's root.
fn root_path(variant: &Variant) -> String {
    format!("/{}", variant.path)
}

/// What templates see of a picture.
pub(crate) fn value(picture: &Picture, base_url: &BaseUrl) -> Value {
    let fallback: Vec<&Variant> = picture.fallback().collect();
    let usual = fallback.iter().rev().find(|variant| variant.width <= USUAL_WIDTH);
    let usual = usual.or(fallback.first()).copied();
    let widest = fallback.last().copied();
    let size = |size: Option<u32>| Value::from(size.unwrap_or_default());
    let set = |variants: &mut dyn Iterator<Item = &Variant>| {
        let set: Vec<String> = variants
            .map(|each| format!("{} {}w", base_url.href(&root_path(each)), each.width))
            .collect();
        Value::from(set.join(", "))
    };
    let path = usual.map(root_path);
    let url = path.as_ref().map(|path| base_url.href(path)).unwrap_or_default();
    let permalink = path.as_ref().map(|path| base_url.absolute(path)).unwrap_or_default();
    map([
        ("url", Value::from(url)),
        ("permalink", Value::from(permalink)),
        ("type", Value::from(usual.map_or("", |usual| usual.format.media_type()))),
        ("url_width", size(usual.map(|usual| usual.width))),
        ("url_height", size(usual.map(|usual| usual.height))),
        ("width", size(widest.map(|widest| widest.width))),
        ("height", size(widest.map(|widest| widest.height))),
        ("webp", set(&mut picture.webp())),
        ("fallback", set(&mut fallback.iter().copied())),
        ("sizes", Value::from(picture.sizes.as_str())),
    ])
}

/// What templates see of the picture that other sites show; they want its whole address.
pub(crate) fn shared_value(site: &Site, language: LanguageId, path: &str) -> Value {
    let shared = site.shared(language, path).filter(|_| !site.base_url.is_empty());
    shared.map_or(Value::none(), |(variant, alt)| {
        map([
            ("url", Value::from(site.base_url.absolute(&root_path(variant)))),
            ("type", Value::from(variant.format.media_type())),
            ("width", Value::from(variant.width)),
            ("height", Value::from(variant.height)),
            ("alt", Value::from(alt)),
        ])
    })
}

/// A picture as it stands on a page, from what templates see of it.
pub(crate) fn html(picture: &Value, shown: &Shown) -> String {
    let text =
        |key: &'static str| picture.get_from_path(key).and_then(Value::as_str).unwrap_or_default();
    let number =
        |key: &'static str| picture.get_from_path(key).and_then(Value::as_u64).unwrap_or_default();
    let (webp, fallback) = (text("webp"), text("fallback"));
    let sizes = shown.sizes.unwrap_or_else(|| text("sizes"));
    let mut html = String::with_capacity(512);
    let attribute = |html: &mut String, name: &str, value: &str| {
        html.push_str(name);
        html.push_str("=\"");
        escape(value, html);
        html.push('"');
    };
    let several = |html: &mut String, set: &str| {
        attribute(html, " srcset", set);
        attribute(html, " sizes", sizes);
    };
    if !webp.is_empty() {
        html.push_str("<picture><source type=\"image/webp\"");
        several(&mut html, webp);
        html.push('>');
    }
    html.push_str(LATE);
    attribute(&mut html, "src", text("url"));
    if !webp.is_empty() {
        several(&mut html, fallback);
    }
    attribute(&mut html, " width", &number("width").to_string());
    attribute(&mut html, " height", &number("height").to_string());
    attribute(&mut html, " alt", shown.alt);
    if !shown.title.is_empty() {
        attribute(&mut html, " title", shown.title);
    }
    html.push_str(" decoding=\"async\">");
    if !webp.is_empty() {
        html.push_str("</picture>");
    }
    html
}

/// Lets the first picture of a page come at once: it is what a visitor sees first.
pub(crate) fn hurry_first(html: &mut Vec<u8>) {
    let at = html.windows(LATE.len()).position(|bytes| bytes == LATE.as_bytes());
    if let Some(at) = at {
        html.splice(at..at + LATE.len(), FIRST.bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_picture_is_hurried() {
        let mut page = format!("<p>{LATE}src=\"a\">{LATE}src=\"b\">").into_bytes();
        hurry_first(&mut page);
        let page = String::from_utf8(page).unwrap();
        assert_eq!(page, format!("<p>{FIRST}src=\"a\">{LATE}src=\"b\">"));
    }
}
