//! Paragraphs of a definition: text in which `[words](/address/)` is a link. Pure.

use crate::characters::ascii;
use std::fmt::Write as _;

/// The first link of a paragraph: the text before it, its text, its target, the text after it.
pub(crate) fn next_link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let middle = text.find("](")?;
    let start = text[..middle].rfind('[')?;
    let end = middle + text[middle..].find(')')?;
    let target = &text[middle + 2..end];
    let within = target.starts_with('/') && !target.starts_with("//");
    let known = ["https://", "mailto:", "tel:"].iter().any(|scheme| target.starts_with(scheme));
    (within || known).then(|| (&text[..start], &text[start + 1..middle], target, &text[end + 1..]))
}

/// Replaces `{phone}` by a link that calls the number. This happens when the definition is read, because the definition
/// is stored as the wording that people agreed to.
pub(super) fn insert_phone(text: &mut String, phone: &str) {
    if text.contains("{phone}") {
        let phone_ascii = ascii(phone);
        let digits: String =
            phone_ascii.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        *text = text.replace("{phone}", &format!("[{phone}](tel:{digits})"));
    }
}

/// Prefixes the links that begin at the root of the site with a folder.
pub(super) fn prefix_links(text: &mut String, folder: &str) {
    let mut placed = String::with_capacity(text.len() + folder.len());
    let mut rest = text.as_str();
    while let Some((before, words, target, after)) = next_link(rest) {
        let folder = if target.starts_with('/') { folder } else { "" };
        let _ = write!(placed, "{before}[{words}]({folder}{target})");
        rest = after;
    }
    placed.push_str(rest);
    *text = placed;
}
