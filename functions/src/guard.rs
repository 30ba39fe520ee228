//! Decides whether a reply is accepted, held for a person to look at, or refused. Pure.

use crate::form::Form;
use crate::form::field::Kind;
use crate::submission::{Answers, Submission};
use crate::{elsewhere, service};
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

/// True where a browser says that a page of another origin sent this form: none of `ours`. Hosts of the same
/// site (`other.daisy.example`) are other origins. A client that sends none of these headers is no browser, or
/// a very old one; it has no cookie or login that could be abused.
pub fn is_foreign(headers: &HeaderMap, ours: &[String]) -> bool {
    let text = |name| service::text(headers, name);
    let is_ours = |address: &str| ours.contains(&elsewhere::origin(address));
    let site = text("sec-fetch-site");
    // No page can make a browser say so: it was sent from the host that answers it, or by hand.
    if matches!(site.as_deref(), Some("same-origin" | "none")) {
        return false;
    }
    match text("origin").as_deref() {
        Some(origin) if origin != "null" => !is_ours(origin),
        // `null` comes from pages that hide where they are, from files, and behind some redirects.
        hidden => match text("referer") {
            Some(page) => !is_ours(&page),
            None => hidden.is_some() || site.is_some(),
        },
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
        let (site, trial, sibling) =
            ("https://daisy.example", "https://trial.example", "https://other.daisy.example");
        for (pairs, foreign) in [
            (&[][..], false),
            (&[("origin", site)][..], false),
            (&[("origin", "https://DAISY.example:443")][..], false),
            (&[("origin", "http://daisy.example")][..], true),
            (&[("origin", "https://daisy.example:8443")][..], true),
            (&[("origin", "https://trial.example.evil.example")][..], true),
            (&[("origin", "https://evil.example")][..], true),
            (&[("origin", "null")][..], true),
            (&[("origin", "")][..], true),
            // An old browser names the page alone.
            (&[("referer", "https://daisy.example/help/?a=b")][..], false),
            (&[("referer", "https://daisy.example?a=b")][..], false),
            (&[("referer", "https://daisy.example@evil.example/")][..], true),
            (&[("referer", "https://other.daisy.example/")][..], true),
            (&[("referer", "about:blank")][..], true),
            (&[("origin", "null"), ("referer", "https://trial.example/")][..], false),
            (&[("origin", "null"), ("referer", sibling)][..], true),
            (&[("origin", "https://evil.example"), ("referer", site)][..], true),
            // A browser that says how far the page is from the host that answers.
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")][..], false),
            (&[("sec-fetch-site", "none"), ("origin", "null")][..], false),
            (&[("sec-fetch-site", "same-site"), ("origin", sibling)][..], true),
            (&[("sec-fetch-site", "same-site"), ("origin", "null")][..], true),
            (&[("sec-fetch-site", "same-site")][..], true),
            (&[("sec-fetch-site", "same-site"), ("origin", trial)][..], false),
            (&[("sec-fetch-site", "same-site"), ("referer", "https://trial.example/")][..], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", trial)][..], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", site)][..], false),
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
