//! Finds email addresses in text.

use std::ops::Range;

use daisychain_functions::email_address::is_email;

use crate::parse::link::names_a_file;

/// The longest address, in bytes (RFC 5321, 4.5.3.1).
const MAX_ADDRESS_BYTES: usize = 254;

/// The address around the `@` at `at`; `None` if that is part of something else, such as an account on another site, a
/// path or a file name.
pub(super) fn email(text: &str, at: usize) -> Option<Range<usize>> {
    let is_local = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    let is_domain = |c: char| c.is_alphanumeric() || ".-".contains(c);
    let before = &text[text.ceil_char_boundary(at.saturating_sub(MAX_ADDRESS_BYTES))..at];
    let after = &text[at + 1..text.floor_char_boundary((at + MAX_ADDRESS_BYTES).min(text.len()))];
    let local = before.trim_end_matches(is_local).len();
    let start = at - (before.len() - local);
    let domain = &after[..after.find(|c| !is_domain(c)).unwrap_or(after.len())];
    let domain = domain.trim_end_matches(['.', '-']);
    let end = at + 1 + domain.len();
    let outer = before[..local].rsplit(char::is_whitespace).next().unwrap_or_default();
    let is_part = before[..local].ends_with(['/', '@', '=', '\\', '<'])
        || outer.contains("://")
        || text[end..].starts_with(['@', '/'])
        || text[end..]
            .strip_prefix(':')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '/'));
    let address = &text[start..end];
    let last = domain.rsplit('.').next().unwrap_or_default();
    let is_address = last.chars().count() >= 2
        && last.chars().all(char::is_alphabetic)
        && !names_a_file(address)
        && is_email(address);
    (is_address && !is_part).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_text_with_an_at_sign_is_not_an_address() {
        for (text, expected) in [
            ("Write to ann@example.org today", Some("ann@example.org")),
            ("(ann.lee+tea@post.example.org).", Some("ann.lee+tea@post.example.org")),
            ("ann_lee@example.org, or ring", Some("ann_lee@example.org")),
            ("Email:ann@example.org", Some("ann@example.org")),
            ("*ann@example.org*", Some("ann@example.org")),
            ("@ann", None),
            ("@ann@social.example.org", None),
            ("ann@home", None),
            ("3 @ 5.org", None),
            ("photo@2x.png", None),
            ("https://ann@example.org/", None),
            ("https://example.org/@ann@example.org", None),
            ("https://example.org/?to=ann@example.org", None),
            ("git@example.org:tea/cups", None),
            ("ann@example.org/cups", None),
            ("a@1.2", None),
        ] {
            let at = text.rfind('@').unwrap();
            let found = email(text, at).map(|range| &text[range]);
            assert_eq!(found, expected, "{text}");
        }
    }
}
