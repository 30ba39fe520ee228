//! Decides whether a reply is accepted, held for a person to look at, or refused. Pure.

use crate::form::Form;
use crate::form::field::Kind;
use crate::submission::{Answers, Submission};
use http::HeaderMap;

/// The name of the box that no person sees. Programs like to fill it in; browsers, which fill in what
/// they know of a person without being asked, know no such thing (`company`, they do).
pub const TRAP: &str = "website";

/// What the guard says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is odd.
    Accept,
    /// Kept and answered like any other, and marked for the team with the reason.
    Hold(&'static str),
}

/// True where a browser says that another site sent this form: none of `ours`, which are origins. A
/// client that sends neither header is no browser, and has no cookie or login that could be abused.
pub fn is_foreign(headers: &HeaderMap, ours: &[String]) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // Forms may be answered by a host of their own (`forms_url`), to which our pages are others. No
    // page elsewhere can give our origin as its own.
    let origin = text("origin");
    let is_ours = |origin: &str| ours.iter().any(|ours| origin.eq_ignore_ascii_case(ours));
    if origin.is_some_and(is_ours) {
        return false;
    }
    match text("sec-fetch-site") {
        Some("same-origin" | "same-site" | "none") => false,
        Some(_) => true,
        // `null` comes from pages opened from a file or behind some redirects: no proof.
        None => origin.is_some(),
    }
}

/// Looks at what was sent. Nothing here tells the sender anything.
pub fn verdict(form: &Form, answers: &Answers, submission: &Submission) -> Verdict {
    if answers.all(TRAP).any(|value| !value.trim().is_empty()) {
        return Verdict::Hold("the box that no person sees was filled in");
    }
    let mut links = 0;
    for field in form.fields() {
        for answer in submission.answers.get(&field.name).into_iter().flatten() {
            let answer = answer.to_lowercase();
            let found = count_links(&answer);
            let names = matches!(field.kind, Kind::FullName | Kind::Telephone);
            if names && (found > 0 || answer.split_whitespace().any(is_domain)) {
                return Verdict::Hold("there is a link in a name or a number");
            }
            if ADVERTISING.iter().any(|words| answer.contains(words)) {
                return Verdict::Hold("it reads like an advertisement");
            }
            links += found;
        }
    }
    match links {
        0..=4 => Verdict::Accept,
        _ => Verdict::Hold("there are many links"),
    }
}

/// What programs that fill in forms have sent for years. Whoever writes so is only read by a person
/// first.
const ADVERTISING: [&str; 12] = [
    "viagra",
    "cialis",
    "casino",
    "backlinks",
    "seo services",
    "rank your website",
    "first page of google",
    "bitcoin",
    "crypto invest",
    "payday loan",
    "cheap followers",
    "[/url]",
];

/// `evil.example/x`, as it stands in a name that is to be read in a mail. `J.R.` and `Mrs.` are none.
fn is_domain(word: &str) -> bool {
    const ENDS: [&str; 12] =
        ["com", "net", "org", "info", "biz", "ru", "cn", "xyz", "top", "online", "site", "shop"];
    let host = word.split(['/', '?', '#', ':']).next().unwrap_or_default();
    host.trim_end_matches([',', '.', '!'])
        .rsplit_once('.')
        .is_some_and(|(name, end)| !name.is_empty() && ENDS.contains(&end))
}

/// Links in a text of small letters.
fn count_links(text: &str) -> usize {
    ["http://", "https://", "www.", "[url", "href="]
        .iter()
        .map(|pattern| text.matches(pattern).count())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
            })
            .collect()
    }

    #[test]
    fn only_a_browser_on_another_site_is_foreign() {
        let ours = ["https://daisy.example".to_owned(), "https://trial.example".to_owned()];
        for (pairs, foreign) in [
            (&[][..], false),
            (&[("origin", "https://daisy.example")][..], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://trial.example")][..], false),
            (&[("origin", "https://trial.example.evil.example")][..], true),
            (&[("origin", "https://evil.example")][..], true),
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")][..], false),
            (&[("sec-fetch-site", "same-site"), ("origin", "null")][..], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://daisy.example")][..], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")][..], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "null")][..], true),
            (&[("sec-fetch-site", "cross-site")][..], true),
        ] {
            assert_eq!(is_foreign(&headers(pairs), &ours), foreign, "{pairs:?}");
        }
    }

    #[test]
    fn domains_are_told_from_names() {
        for word in ["win-now.com", "evil.ru/x", "x.xyz!"] {
            assert!(is_domain(word), "{word}");
        }
        for word in ["mrs.", "j.r.", "st.john", "o’neill", ".com"] {
            assert!(!is_domain(word), "{word}");
        }
    }
}
