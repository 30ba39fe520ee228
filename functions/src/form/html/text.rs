//! Renders the texts of a form: escaped, with their language and their links. Pure.

use crate::form::Form;
use crate::form::field::Field;
use crate::form::messages::Message;
use crate::form::paragraph::next_link;
use std::fmt::Write as _;

/// Renders paragraphs of a definition. The key names them.
pub(crate) fn paragraphs(form: &Form, key: &str, texts: &[String]) -> String {
    let language = form.language_of(key).map(language).unwrap_or_default();
    texts.iter().map(|text| format!("<p{language}>{}</p>\n", inline(text))).collect()
}

/// Renders a text of a form, with its language if that is not the form's.
pub(crate) fn part(form: &Form, key: &str, text: &str) -> String {
    match form.language_of(key) {
        Some(own) => format!("<span{}>{}</span>", language(own), escape(text)),
        None => escape(text),
    }
}

pub(super) fn word(form: &Form, word: Message) -> String {
    part(form, &format!("words.{}", word.key()), &form.message(word, &[]))
}

/// The language attributes of an element with texts of a form, on a page that is not in the form's own language.
pub(crate) fn foreign(form: &Form) -> String {
    match form.page_language() {
        Some(_) => language(&form.language),
        None => String::new(),
    }
}

/// The direction follows from the text itself.
fn language(name: &str) -> String {
    format!(" lang=\"{}\" dir=\"auto\"", escape(name))
}

/// Renders the message of a problem, which may be one of the field's own texts.
pub(super) fn message(form: &Form, field: &Field, text: &str) -> String {
    let key = match text {
        text if text == field.missing => "missing",
        text if text == field.invalid => "invalid",
        _ => return escape(text),
    };
    part(form, &key_of(field, key), text)
}

pub(super) fn key_of(field: &Field, key: &str) -> String {
    format!("fields.{}.{key}", field.name)
}

/// Escapes text for use between tags and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

fn inline(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some((before, words, target, after)) = next_link(rest) {
        let _ =
            write!(html, "{}<a href=\"{}\">{}</a>", escape(before), escape(target), escape(words));
        rest = after;
    }
    html.push_str(&escape(rest));
    html
}
