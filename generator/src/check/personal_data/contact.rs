//! Finds phone numbers and email addresses of people.

use std::ops::Range;
use std::sync::LazyLock;

use fancy_regex::Regex;

use super::organisation::Organisation;
use super::{digits, find, pattern};
use crate::check::placeholder::{is_example_domain, is_example_number};

/// A British number of a landline or a mobile phone (01, 02, 07), with 10 digits after the 0. Numbers that begin with
/// 03, 08 or 09 belong to organisations.
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        "(?<![0-9A-Za-z.,/£+-])(?:\\+44 ?(?:\\(0\\) ?)?|0044 ?|\\(?0)[127](?:[ ()-]{0,2}[0-9]){9}(?![0-9])",
    )
});

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        "(?<![A-Za-z0-9._%+/@-])[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*\\.[A-Za-z]{2,}",
    )
});

/// Mailboxes of a role, not of a person: the ICO's example of an address that is not personal data is
/// `info@company.com`.
const ROLES: [&str; 32] = [
    "accessibility",
    "admin",
    "admissions",
    "bookings",
    "campaigns",
    "complaints",
    "contact",
    "council",
    "customerservices",
    "donations",
    "dpo",
    "editor",
    "enquiries",
    "enquiry",
    "events",
    "feedback",
    "fundraising",
    "hello",
    "help",
    "helpline",
    "info",
    "mail",
    "media",
    "membership",
    "news",
    "office",
    "press",
    "privacy",
    "reception",
    "support",
    "team",
    "volunteering",
];

/// Returns the phone numbers of people.
pub(super) fn phone_numbers(line: &str, organisation: &Organisation) -> Vec<Range<usize>> {
    find(&PHONE, line, |captures| {
        let written = &captures[0];
        let number = national(written);
        let is_abroad = written.starts_with('+');
        !is_example_number(&digits(written), is_abroad) && !organisation.has_phone(&number)
    })
}

/// Returns the phone numbers in a text as national digits.
pub(super) fn numbers_in(text: &str) -> Vec<String> {
    find(&PHONE, text, |_| true).into_iter().map(|range| national(&text[range])).collect()
}

/// `07911123456` for `+44 (0)7911 123456`.
pub(super) fn national(written: &str) -> String {
    let digits = digits(written);
    let digits = digits.trim_start_matches("0044").trim_start_matches('0');
    let digits = if written.starts_with('+') { digits.trim_start_matches("44") } else { digits };
    format!("0{}", digits.trim_start_matches('0'))
}

/// Returns the email addresses of people.
pub(super) fn email_addresses(line: &str, organisation: &Organisation) -> Vec<Range<usize>> {
    find(&EMAIL, line, |captures| {
        let Some((name, domain)) = captures[0].rsplit_once('@') else { return false };
        let name = name.to_lowercase();
        let first = name.split(['.', '-', '_', '+']).next().unwrap_or_default();
        !is_example_domain(domain)
            && !ROLES.contains(&first)
            && !organisation.has_email(&captures[0])
    })
}
