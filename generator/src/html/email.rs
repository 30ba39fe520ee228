//! Adapts the HTML of a page's content to what email programs show: complete addresses, images in one size, no form
//! fields.

use std::borrow::Cow;

use html5gum::{StartTag, Token, Tokenizer};
use url::Url;

use super::{escape_attribute, escape_text};

/// The maximum width of an image in pixels: that of the text column in an email 600 pixels wide.
const MAX_IMAGE_WIDTH: u32 = 552;

/// The style of images: programs that ignore style sheets must not show them wider than the email.
const IMAGE_STYLE: &str = "max-width:100%;height:auto;border:0";

/// The attributes that are kept.
const ATTRIBUTES: [&str; 14] = [
    "alt", "class", "colspan", "dir", "height", "href", "id", "lang", "rowspan", "scope", "src",
    "start", "style", "title",
];

/// Returns the content of a page as HTML for an email. `page` is the page's address, to which links are relative.
pub(crate) fn for_email(html: &str, page: &Url) -> String {
    let mut email = String::with_capacity(html.len());
    for token in Tokenizer::new(html) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => start_tag(&tag, page, &mut email),
            Token::EndTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name);
                if !is_dropped(&name) {
                    email.push_str(&format!("</{name}>"));
                }
            }
            Token::String(text) => {
                escape_text(&String::from_utf8_lossy(&text.value), &mut email);
            }
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    email
}

/// Whether the tags of an element are left out; its content stays.
fn is_dropped(name: &str) -> bool {
    matches!(name, "picture" | "source" | "label" | "input")
}

fn start_tag(tag: &StartTag<()>, page: &Url, email: &mut String) {
    let name = String::from_utf8_lossy(&tag.name);
    let attribute = |name: &str| {
        let found = tag.attributes.iter().find(|(key, _)| key.as_slice() == name.as_bytes());
        found.map(|(_, value)| String::from_utf8_lossy(&value.value))
    };
    match &*name {
        // A task of a list.
        "input" => {
            email.push(if attribute("checked").is_some() { '☑' } else { '☐' });
            return;
        }
        // Few email programs show SVG.
        "img" if attribute("src").is_some_and(|src| src.ends_with(".svg")) => {
            escape_text(&attribute("alt").unwrap_or_default(), email);
            return;
        }
        name if is_dropped(name) => return,
        _ => {}
    }
    email.push_str(&format!("<{name}"));
    for key in ATTRIBUTES {
        let Some(value) = attribute(key) else { continue };
        let value: Cow<'_, str> = match key {
            "href" | "src" => page.join(&value).map_or(value, |url| Cow::Owned(url.into())),
            // Without a height, it follows from the width.
            "height" => continue,
            _ => value,
        };
        email.push_str(&format!(" {key}=\""));
        escape_attribute(&value, email);
        email.push('"');
    }
    if name == "img" {
        let width = attribute("width").and_then(|width| width.parse().ok());
        let width = width.unwrap_or(MAX_IMAGE_WIDTH).min(MAX_IMAGE_WIDTH);
        email.push_str(&format!(" width=\"{width}\" style=\"{IMAGE_STYLE}\""));
    }
    email.push('>');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_adapted_to_emails() {
        let page = Url::parse("https://our-street.org.uk/garden/news/may/").unwrap();
        for (html, email) in [
            (
                "<a href=\"/garden/x/\">x</a>",
                "<a href=\"https://our-street.org.uk/garden/x/\">x</a>",
            ),
            (
                "<a href=\"#end\">x</a>",
                "<a href=\"https://our-street.org.uk/garden/news/may/#end\">x</a>",
            ),
            ("<a href=\"mailto:a@b.org\">x</a>", "<a href=\"mailto:a@b.org\">x</a>"),
            (
                "<a href=\"https://a.org/?b=1&amp;c=2\">a</a>",
                "<a href=\"https://a.org/?b=1&amp;c=2\">a</a>",
            ),
            ("<p class=\"x\" onclick=\"y\">a &lt; b &amp; c", "<p class=\"x\">a &lt; b &amp; c"),
            ("<input type=\"checkbox\" disabled checked> done", "☑ done"),
            ("<label><input type=\"checkbox\" disabled> to do</label>", "☐ to do"),
            ("<img src=\"/a.svg\" alt=\"A &amp; B\">", "A &amp; B"),
            (
                "<picture><source srcset=\"/a.webp 1x\"><img loading=\"lazy\" src=\"/a.jpg\" srcset=\"/b.jpg 2x\" \
                 width=\"1600\" height=\"900\" alt=\"A &quot;bench&quot;\"></picture>",
                "<img alt=\"A &quot;bench&quot;\" src=\"https://our-street.org.uk/a.jpg\" width=\"552\" \
                 style=\"max-width:100%;height:auto;border:0\">",
            ),
        ] {
            assert_eq!(for_email(html, &page), email);
        }
    }
}
