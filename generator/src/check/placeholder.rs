//! Finds placeholders left over from the examples: reserved phone numbers, email addresses and domains.
//! Reads the site's sources.
//!
//! Ofcom reserves phone numbers for drama, and RFC 2606 and RFC 6761 reserve domains for documentation.
//! They reach no one, so a page must not send residents to them.

use std::collections::HashSet;

use located_yaml::{Entry, Node, Place, Value};

use crate::config;
use crate::diagnostic::{Diagnostic, Severity};
use crate::engine::Snapshot;
use crate::source;
use crate::url::BaseUrl;

/// The prefixes of reserved phone numbers, each with the number of digits that follow.
/// <https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama>
const NUMBERS: [(&str, usize); 21] = [
    ("01134960", 3),
    ("01144960", 3),
    ("01154960", 3),
    ("01164960", 3),
    ("01174960", 3),
    ("01184960", 3),
    ("01214960", 3),
    ("01314960", 3),
    ("01414960", 3),
    ("01514960", 3),
    ("01614960", 3),
    ("01632960", 3),
    ("01914980", 3),
    ("02079460", 3),
    ("02896496", 3),
    ("02920180", 3),
    ("03069990", 3),
    ("07700900", 3),
    ("08081570", 3),
    ("09098790", 3),
    // North America, after an area code.
    ("55501", 2),
];

/// The last labels of reserved domains.
const DOMAINS: [&str; 7] =
    ["example.com", "example.net", "example.org", "example", "invalid", "test", "localhost"];

/// Settings of the organisation in which the examples have the word "example".
const OWN: [&str; 4] = ["address", "email", "phone", "phone_hours"];

/// The placeholders in published sources, which `publish` rejects: in the settings, the forms and the
/// pages that are not drafts, and problems of the site's address.
pub fn faults(snapshot: &Snapshot) -> Vec<Diagnostic> {
    let site = snapshot.site();
    let shown: HashSet<String> =
        site.iter().map(|(_, page)| format!("content/{}", page.meta.path)).collect();
    let sources = snapshot.taken_sources().iter().map(|record| record.path.as_str());
    let sources = sources.filter(|path| {
        path.starts_with("content/") && (path.ends_with(".yaml") || shown.contains(*path))
    });
    let text = |path: &str| source::text(&snapshot.root, path).unwrap_or_default();
    let mut found: Vec<Diagnostic> = sources.flat_map(|path| find(path, &text(path))).collect();
    if let Some(fault) = of_address(&site.base_url, &text(config::PATH)) {
        let line = |fault: &Diagnostic| fault.place.map(|place| place.line);
        found.retain(|each| each.path != fault.path || line(each) != line(&fault));
        found.push(fault);
    }
    found
}

/// The same as warnings, for a site that is published by other means.
pub fn warnings(snapshot: &Snapshot) -> Vec<Diagnostic> {
    let base_url = &snapshot.site().base_url;
    let mut found = faults(snapshot);
    if base_url.is_empty() || !base_url.folder().is_empty() {
        // Another host may serve the site from a folder.
        found.pop();
    }
    let warning = |fault| Diagnostic { severity: Severity::Warning, ..fault };
    let found = found.into_iter().map(warning);
    found.chain(base_url.is_empty().then(without_address)).collect()
}

/// The diagnostic for a site without an address.
pub fn without_address() -> Diagnostic {
    let message = "the site has no address, so it has no feeds, no sitemap, and no titles and \
                   images for shared links";
    Diagnostic::warning(config::PATH, message)
        .help("set the site's address, such as `base_url: https://our-street.org.uk`")
}

/// Every placeholder in the text of a source.
fn find(path: &str, text: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if path == config::PATH
        && let Ok(document) = located_yaml::parse_map(text, 1)
    {
        settings(&document.root, &mut found);
    }
    for (line, words) in (1..).zip(text.lines()) {
        let is_told = found.iter().any(|each| each.place.is_some_and(|place| place.line == line));
        let is_comment = path.ends_with(".yaml") && words.trim_start().starts_with('#');
        if is_told || is_comment {
            continue;
        }
        if let Some(fault) = in_line(path, line, words) {
            found.push(fault);
        }
    }
    found
}

/// The problem of the site's own address: it is a placeholder, has a folder or is missing.
fn of_address(base_url: &BaseUrl, text: &str) -> Option<Diagnostic> {
    let (message, help) = if base_url.is_empty() {
        (
            "the site has no address yet".to_owned(),
            "set the site's address, such as `base_url: https://our-street.org.uk`, or publish \
             with `--stack` to use the address of the stack",
        )
    } else if !base_url.folder().is_empty() {
        (
            format!("`{base_url}` has a path, but the site is published at the root of its host"),
            "remove everything after the host; to publish in a folder, use a host such as GitHub \
             Pages",
        )
    } else if host_of(base_url.as_str()).is_some_and(is_example_domain) {
        (format!("`{base_url}` is an example address"), "set the address of your own site")
    } else {
        return None;
    };
    let fault = Diagnostic::error(config::PATH, message).help(help);
    let line = text.lines().position(|line| line.starts_with("base_url:"));
    Some(match line.and_then(|line| u32::try_from(line + 1).ok()) {
        Some(line) => fault.at(Place { line, column: 1, length: 8 }),
        None => fault,
    })
}

/// Checks the organisation's settings in every language.
fn settings(node: &Node, found: &mut Vec<Diagnostic>) {
    for Entry { key, node, .. } in node.entries().unwrap_or_default() {
        match &node.value {
            Value::String(words) if OWN.contains(&key.as_str()) => {
                if words
                    .to_lowercase()
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| word == "example")
                {
                    found.push(fault(config::PATH, node.place, key));
                }
            }
            _ => settings(node, found),
        }
    }
}

/// The first placeholder in a line.
fn in_line(path: &str, line: u32, words: &str) -> Option<Diagnostic> {
    let place = |start: usize, length: usize| {
        let characters = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let column = characters(&words[..start]) + 1;
        Place { line, column, length: characters(&words[start..start + length]) }
    };
    if let Some((start, length)) = number_in(words) {
        return Some(fault(path, place(start, length), "phone"));
    }
    let is_of_name = |c: char| c.is_alphanumeric() || "._-@".contains(c);
    let mut start = 0;
    for name in words.split(|c: char| !is_of_name(c)) {
        let at = start + words[start..].find(name).unwrap_or_default();
        start = at + name.len();
        let name = name.trim_end_matches(['.', '-', '_']);
        let (what, host) = match name.rsplit_once('@') {
            Some((_, host)) => ("email", host),
            None => ("address", name),
        };
        // A word such as `test` is not a domain without a dot.
        let is_address = what == "email" || host.contains('.');
        if is_address && is_example_domain(host) {
            return Some(fault(path, place(at, name.len()), what));
        }
    }
    None
}

fn fault(path: &str, place: Place, what: &str) -> Diagnostic {
    let (message, help) = match what {
        "phone" => (
            "this is the phone number of the example",
            "write your own number; no one answers this one",
        ),
        "phone_hours" => {
            ("these are the opening hours of the example", "write when your phone is answered")
        }
        "email" => (
            "this is the email address of the example",
            "write your own address; people use it to ask about their data, or to unsubscribe",
        ),
        "address" if path == config::PATH => {
            ("this is the address of the example", "write your own, or remove the line")
        }
        _ => (
            "this is an example address, which does not work",
            "write a real address, or remove it",
        ),
    };
    Diagnostic::error(path, message).at(place).help(help)
}

/// The first reserved phone number: its byte offset and its length.
fn number_in(words: &str) -> Option<(usize, usize)> {
    let bytes = words.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !(bytes[at].is_ascii_digit() || bytes[at] == b'+') {
            at += 1;
            continue;
        }
        let start = at;
        let mut digits = String::new();
        let mut end = at;
        while at < bytes.len() && (bytes[at].is_ascii_digit() || b"+ -().".contains(&bytes[at])) {
            if bytes[at].is_ascii_digit() {
                digits.push(char::from(bytes[at]));
                end = at + 1;
            }
            at += 1;
        }
        if is_example_number(&digits, words[start..].starts_with('+')) {
            return Some((start, end - start));
        }
    }
    None
}

pub(super) fn is_example_number(digits: &str, is_abroad: bool) -> bool {
    let national = match digits.strip_prefix("0044").or_else(|| digits.strip_prefix("44")) {
        Some(rest) if is_abroad || digits.starts_with("00") => {
            format!("0{}", rest.strip_prefix('0').unwrap_or(rest))
        }
        _ => digits.to_owned(),
    };
    NUMBERS.iter().any(|(begin, more)| {
        let length = begin.len() + more;
        if begin.starts_with('0') {
            return national.len() == length && national.starts_with(begin);
        }
        // `(212) 555-0123`, `+1 212 555 0123`
        let at = national.len().checked_sub(length);
        matches!(national.len(), 10 | 11) && at.is_some_and(|at| national[at..].starts_with(begin))
    })
}

fn host_of(address: &str) -> Option<&str> {
    address.split_once("://")?.1.split(['/', ':', '?', '#']).next()
}

pub(super) fn is_example_domain(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let ends = |domain: &&str| {
        host.strip_suffix(*domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    DOMAINS.iter().any(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<u32> {
        find(path, text).iter().map(|fault| fault.place.unwrap().line).collect()
    }

    #[test]
    fn placeholders_are_found_at_their_lines() {
        let settings = "title: Leading by example\nbase_url: \"\"\n# hello@example.org\n\
            organisation:\n  phone: 01632 960123\n  phone_hours: 10am to 4pm (example hours)\n\
            \x20 email: hello@example.org\n  address: An example address, Coventry\n";
        assert_eq!(lines(config::PATH, settings), [6, 7, 8, 5]);
        let page = "Ring [us](tel:+441632960123).\n024 7600 0000\nSee https://www.example.com/x.\n\
                    For example, a test. 2020-05-20 15:55:01\n";
        assert_eq!(lines("content/help.md", page), [1, 3]);
    }

    #[test]
    fn a_number_that_may_be_in_use_is_not_a_placeholder() {
        for (digits, is_example) in [
            ("01632 960999", true),
            ("(0)1632 960 12", false),
            ("020 7946 0018", true),
            ("020 7946 1018", false),
            ("+44 7700 900123", true),
            ("(212) 555-0123", true),
            ("116 123", false),
            ("02476 555012", false),
        ] {
            assert_eq!(number_in(digits).is_some(), is_example, "{digits}");
        }
    }

    #[test]
    fn a_site_needs_its_own_address() {
        let text = "title: x\nbase_url: \"https://www.example.org\"\n";
        let of_address = |address, text| super::of_address(&BaseUrl::new(address), text);
        assert_eq!(of_address("https://www.example.org", text).unwrap().place.unwrap().line, 2);
        assert!(of_address("https://daisy.org.uk/our-site", text).is_some());
        assert!(of_address("", text).is_some());
        assert!(of_address("http://localhost:8000", text).is_some());
        assert!(of_address("https://d1.cloudfront.net", text).is_none());
        assert!(of_address("https://myexample.org", text).is_none());
    }
}
