//! Decides whether a reply is accepted or held for review. Pure.

use crate::form::field::Kind;
use crate::form::{Answers, Form, HONEYPOT_FIELD};
use crate::submission::Submission;

/// The result of the spam check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing is suspicious.
    Accept,
    /// Stored and answered like any other, and marked for the team with the reason.
    Hold(&'static str),
}

/// Checks a submission for spam. The sender does not learn the result.
pub(crate) fn verdict(form: &Form, answers: &Answers, submission: &Submission) -> Verdict {
    if answers.all(HONEYPOT_FIELD).any(|value| !value.trim().is_empty()) {
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

/// Phrases that are common in form spam. A reply with one of them is only held for review.
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

/// Whether a word of a name is a domain, such as `evil.com/x`; `J.R.` and `Mrs.` are not.
fn is_domain(word: &str) -> bool {
    const ENDS: [&str; 12] =
        ["com", "net", "org", "info", "biz", "ru", "cn", "xyz", "top", "online", "site", "shop"];
    let host = word.split(['/', '?', '#', ':']).next().unwrap_or_default();
    host.trim_end_matches([',', '.', '!'])
        .rsplit_once('.')
        .is_some_and(|(name, end)| !name.is_empty() && ENDS.contains(&end))
}

/// The number of links in a lower-case text.
fn count_links(text: &str) -> usize {
    ["http://", "https://", "www.", "[url", "href="]
        .iter()
        .map(|pattern| text.matches(pattern).count())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_distinguished_from_names() {
        for word in ["win-now.com", "evil.ru/x", "x.xyz!"] {
            assert!(is_domain(word), "{word}");
        }
        for word in ["mrs.", "j.r.", "st.john", "o’neill", ".com"] {
            assert!(!is_domain(word), "{word}");
        }
    }
}
