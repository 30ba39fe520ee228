//! Renders images as HTML.
//!
//! Every image is lazy-loaded at first; once its page is complete, [`prioritize_first`] makes the
//! first one load eagerly, wherever it comes from.

use tera::Value;

use super::escape;
use crate::images::Format;

/// The beginning of a lazy-loaded image.
const LATE: &str = "<img loading=\"lazy\" ";
/// The beginning of the first image of a page.
const FIRST: &str = "<img fetchpriority=\"high\" ";

/// The attributes of an image on a page.
pub(crate) struct ImageAttributes<'a> {
    /// Its alt text; empty for a decorative image.
    pub(crate) alt: &'a str,
    /// Its title, or an empty string.
    pub(crate) title: &'a str,
    /// Overrides the theme's `sizes`.
    pub(crate) sizes: Option<&'a str>,
}

/// Renders an image from its template value.
pub(crate) fn html(picture: &Value, shown: &ImageAttributes) -> String {
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
        html.push_str("<picture>");
        attribute(&mut html, "<source type", Format::Webp.media_type());
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

/// Makes the first image of a page load eagerly: it is usually visible at once.
pub(crate) fn prioritize_first(html: &mut Vec<u8>) {
    let at = html.windows(LATE.len()).position(|bytes| bytes == LATE.as_bytes());
    if let Some(at) = at {
        html.splice(at..at + LATE.len(), FIRST.bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_image_is_prioritized() {
        let mut page = format!("<p>{LATE}src=\"a\">{LATE}src=\"b\">").into_bytes();
        prioritize_first(&mut page);
        let page = String::from_utf8(page).unwrap();
        assert_eq!(page, format!("<p>{FIRST}src=\"a\">{LATE}src=\"b\">"));
    }
}
