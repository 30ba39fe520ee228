//! Escapes text for HTML.

use pulldown_cmark_escape::{escape_html, escape_html_body_text};

/// Appends a text, escaped for use between tags: `&`, `<` and `>`.
pub(crate) fn escape_text(text: &str, html: &mut String) {
    escape_html_body_text(html, text).expect("a string takes every write");
}

/// Appends a text, escaped for use between tags and in attributes: `&`, `<`, `>` and both quotes.
pub(crate) fn escape_attribute(text: &str, html: &mut String) {
    escape_html(html, text).expect("a string takes every write");
}

/// Appends a text, escaped for use between tags and in double-quoted attributes; `'` is kept.
pub(crate) fn escape(text: &str, html: &mut String) {
    for (at, part) in text.split('\'').enumerate() {
        if at > 0 {
            html.push('\'');
        }
        escape_attribute(part, html);
    }
}

/// A text escaped as by [`escape`].
pub(crate) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    escape(text, &mut html);
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn escaped_text_is_read_as_it_was_written(text in "[a&<>\"'; \u{e9}]{0,20}") {
            for escape in [escape_text, escape_attribute, escape] {
                let mut html = String::new();
                escape(&text, &mut html);
                prop_assert!(!html.contains(['<', '>']), "{}", html);
                let read = quick_xml::escape::unescape(&html);
                prop_assert_eq!(read.as_deref(), Ok(&*text));
            }
        }

        #[test]
        fn only_the_quotes_differ(text in "[a&<>\"'; \u{e9}]{0,20}") {
            let of = |escape: fn(&str, &mut String)| {
                let mut html = String::new();
                escape(&text, &mut html);
                html
            };
            prop_assert_eq!(of(escape), of(escape_attribute).replace("&#39;", "'"));
            prop_assert_eq!(of(escape_text), of(escape).replace("&quot;", "\""));
        }
    }
}
