//! Finds personal data in the text of pages: contact details, home addresses, numbers of the NHS and of
//! National Insurance, and children who can be identified. Reads the site's sources.
//!
//! A warning that is wrong teaches editors to ignore the others, so each rule reports only what is almost
//! certainly about a person. The organisation's own details are not, nor is what exists for examples. A
//! comment with a reason, such as `<!-- personal data: she asked us to -->`, allows the text up to the next
//! empty line; in front matter, `# personal data: …` allows the next key.

mod child;
mod contact;
mod identifier;
mod organisation;
mod place;
mod text;

use std::ops::Range;

use located_yaml::Place;
use rayon::prelude::*;

use super::finding::Found;
use crate::diagnostic::Diagnostic;
use crate::engine::Snapshot;
use crate::site::Page;
use crate::source;
use organisation::Organisation;
use text::{Line, Lines};

/// The rule's name.
const RULE: &str = "personal_data";

/// What a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    NhsNumber,
    InsuranceNumber,
    Phone,
    Email,
    HomeAddress,
    Postcode,
    Child,
}

impl Kind {
    fn message(self) -> &'static str {
        match self {
            Kind::NhsNumber => "this may be a person's NHS number",
            Kind::InsuranceNumber => "this may be a person's National Insurance number",
            Kind::Phone => "this may be a person's phone number",
            Kind::Email => "this may be a person's email address",
            Kind::HomeAddress => "this may be a person's home address",
            Kind::Postcode => "this may be the postcode of a person's home",
            Kind::Child => "this may identify a child: it gives an age and names a school",
        }
    }
}

/// Personal data in a line.
#[derive(Clone, Debug, PartialEq)]
struct Match {
    kind: Kind,
    /// Where it is in the line, in bytes.
    range: Range<usize>,
}

/// Warns of personal data on the published pages of a site.
pub fn warnings(snapshot: &Snapshot) -> Vec<Found> {
    let site = snapshot.site();
    let organisation = Organisation::new(&site.config, &site.base_url);
    let pages: Vec<&Page> =
        site.iter().map(|(_, page)| page).filter(|page| !page.is_fallback).collect();
    let found = pages.par_iter().flat_map_iter(|page| {
        let path = format!("content/{}", page.meta.path);
        let text = source::text(&snapshot.root, &path).unwrap_or_default();
        let warnings = of_page(&path, &text, &organisation).into_iter();
        let found = |diagnostic| Found { rule: RULE, pages: vec![page.url.clone()], diagnostic };
        warnings.map(found).collect::<Vec<_>>()
    });
    found.collect()
}

fn of_page(path: &str, text: &str, organisation: &Organisation) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for line in Lines::new(text) {
        if let Some(range) = &line.without_reason {
            found.push(
                Diagnostic::warning(path, "this comment gives no reason")
                    .at(place(&line, range))
                    .help(format!("after the colon, write {WHY}")),
            );
        }
        if line.is_allowed {
            continue;
        }
        for Match { kind, range } in matches(&line.text, organisation) {
            let warning = Diagnostic::warning(path, kind.message()).at(place(&line, &range));
            found.push(warning.help(help(&line)));
        }
    }
    found
}

/// What a reason says.
const WHY: &str = "why this may be published, such as `she asked us to publish it`";

fn help(line: &Line) -> String {
    let comment = match line.is_front_matter {
        true => "# personal data: …",
        false => "<!-- personal data: … -->",
    };
    format!("remove it; or, on the line before, write `{comment}`, and in place of the dots {WHY}")
}

fn place(line: &Line, range: &Range<usize>) -> Place {
    let characters = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let column = characters(&line.text[..range.start]) + 1;
    Place { line: line.number, column, length: characters(&line.text[range.clone()]) }
}

/// Returns the personal data in a line, in order. Of two matches that overlap, the more certain one counts.
fn matches(line: &str, organisation: &Organisation) -> Vec<Match> {
    let mut all: Vec<Match> = Vec::new();
    let mut add = |kind: Kind, ranges: Vec<Range<usize>>| {
        all.extend(ranges.into_iter().map(|range| Match { kind, range }));
    };
    // Most lines need none of the patterns.
    let digits = line.bytes().filter(u8::is_ascii_digit).count();
    if digits >= 10 {
        add(Kind::NhsNumber, identifier::nhs_numbers(line));
        add(Kind::Phone, contact::phone_numbers(line, organisation));
    }
    if digits >= 6 {
        add(Kind::InsuranceNumber, identifier::insurance_numbers(line));
    }
    if line.contains('@') {
        add(Kind::Email, contact::email_addresses(line, organisation));
    }
    if digits > 0 {
        add(Kind::HomeAddress, place::home_addresses(line, organisation));
        add(Kind::Postcode, place::postcodes(line, organisation));
    }
    add(Kind::Child, child::children(line));
    let mut kept: Vec<Match> = Vec::new();
    for each in all {
        // A postcode is part of the address before it.
        let is_known = kept.iter().any(|other| {
            let is_near = each.kind == Kind::Postcode && other.kind == Kind::HomeAddress;
            let is_same = each.kind == other.kind
                && value(each.kind, line, &each.range) == value(other.kind, line, &other.range);
            is_near
                || is_same
                || (each.range.start < other.range.end && other.range.start < each.range.end)
        });
        if !is_known {
            kept.push(each);
        }
    }
    kept.sort_by_key(|each| each.range.start);
    kept
}

/// What two matches with the same data have in common, such as a number and the link that dials it.
fn value(kind: Kind, line: &str, range: &Range<usize>) -> String {
    match kind {
        Kind::Phone => contact::national(&line[range.clone()]),
        _ => line[range.clone()].to_lowercase(),
    }
}

/// Returns the ranges that a pattern matches and a condition accepts.
fn find(
    pattern: &fancy_regex::Regex,
    line: &str,
    accepts: impl Fn(&fancy_regex::Captures<'_>) -> bool,
) -> Vec<Range<usize>> {
    let captures = pattern.captures_iter(line).filter_map(Result::ok);
    let captures = captures.filter(|captures| accepts(captures));
    captures.filter_map(|captures| captures.get(0).map(|whole| whole.range())).collect()
}

/// Compiles a pattern.
fn pattern(text: &str) -> fancy_regex::Regex {
    fancy_regex::Regex::new(text).expect("the pattern is valid, which the tests show")
}

/// The digits of a text.
fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a text about a site with these details.
    fn found(text: &str) -> Vec<(Kind, &str)> {
        let organisation = Organisation::of_details(
            &["024 7655 5123", "Hillfields House, 12 Vine Street, Coventry CV1 5LG"],
            &["hello@hillfields.org.uk", "hillfields@gmail.com"],
            &["www.hillfields.org"],
        );
        let all = matches(text, &organisation);
        all.into_iter().map(|each| (each.kind, &text[each.range])).collect()
    }

    #[test]
    fn personal_data_is_found() {
        for (text, expected) in [
            ("Ring Rose on 07911 123456.", vec![(Kind::Phone, "07911 123456")]),
            ("or [ring](tel:+447911123456)", vec![(Kind::Phone, "+447911123456")]),
            ("[07911 123456](tel:+447911123456)", vec![(Kind::Phone, "07911 123456")]),
            ("+44 (0)7911 123 456", vec![(Kind::Phone, "+44 (0)7911 123 456")]),
            ("Her number is (024) 7622 1234", vec![(Kind::Phone, "(024) 7622 1234")]),
            ("rose.okafor@gmail.com", vec![(Kind::Email, "rose.okafor@gmail.com")]),
            ("<mailto:Rose@hotmail.co.uk>", vec![(Kind::Email, "Rose@hotmail.co.uk")]),
            ("She lives at 7 Berry Street.", vec![(Kind::HomeAddress, "7 Berry Street")]),
            (
                "Flat 2, 18a Upper Hill Rd, CV2 4ED",
                vec![(Kind::HomeAddress, "Flat 2, 18a Upper Hill Rd")],
            ),
            ("We moved to CV2 4ED in May.", vec![(Kind::Postcode, "CV2 4ED")]),
            ("His is 401 023 2137.", vec![(Kind::NhsNumber, "401 023 2137")]),
            ("NHS number 4010232137", vec![(Kind::NhsNumber, "4010232137")]),
            ("AB 12 34 56 C", vec![(Kind::InsuranceNumber, "AB 12 34 56 C")]),
            ("It is JG103759A", vec![(Kind::InsuranceNumber, "JG103759A")]),
            (
                "Arjun, 7, goes to Frederick Bird Primary School.",
                vec![(Kind::Child, "Arjun, 7, goes to Frederick Bird Primary School")],
            ),
            (
                "My son is at Southfields Primary. He is seven. Her nine-year-old is at Sidney Stringer Academy.",
                vec![(Kind::Child, "nine-year-old is at Sidney Stringer Academy")],
            ),
            (
                "07911 123456 or rose@hotmail.com",
                vec![(Kind::Phone, "07911 123456"), (Kind::Email, "rose@hotmail.com")],
            ),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_about_a_person_is_not_reported() {
        for text in [
            // The organisation's own details, and what is reserved for examples.
            "Ring us on 024 7655 5123, or +44 24 7655 5123",
            "hello@hillfields.org.uk, amina@hillfields.org, hillfields@gmail.com",
            "Come to 12 Vine Street, Coventry, CV1 5LG",
            "01632 960123, 07700 900123, 020 7946 0123, 0191 498 0001",
            "rose@example.com, rose@post.example, rose@our-street.test",
            // Numbers and mailboxes of organisations.
            "Samaritans: 116 123. Council: 0800 123 4567, 0300 123 1234, 0845 123 4567, 101",
            "info@age-uk-coventry.org.uk or Press.Office@coventry.gov.uk",
            // Other numbers.
            "Order 07911123456789, ISBN 0-7475-3269-9, 01-02-2020 12:30, 4711 0815",
            "401 023 2138, 999 012 3459, 212 555 1234, 4010232137",
            "GB 12 34 56 C, QQ 12 34 56 C, AB 12 34 56 E",
            // Places where no one lives.
            "Foleshill Community Centre, 757 Foleshill Road, CV6 5HS",
            "In 2019 Station Road was closed; see page 7 of Street Life; 10 Downing",
            "The library at 12 Broad Street. St Peter's Church, 3 Charles Street, CV1 5NP",
            "CV1, ZZ1 1AA, cv2 4ed, CV2 4CD, B2B 4ALL, AB1 2CDE",
            // Groups of children, and adults.
            "For children aged 7 at Frederick Bird Primary School",
            "Children aged 5 to 11 go to Frederick Bird Primary School.",
            "Rose, 47, teaches at Frederick Bird Primary School.",
            "Our Sunday School is for Amira, 7, and the Summer School for all.",
            "Amira, 7, loves school.",
            "On Friday, 7, Frederick Bird Primary School is closed.",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    fn warned(text: &str) -> Vec<(u32, String)> {
        let organisation = Organisation::of_details(&[], &[], &[]);
        let found = of_page("content/a.md", text, &organisation).into_iter();
        found.map(|each| (each.place.unwrap().line, each.message.to_string())).collect()
    }

    #[test]
    fn a_comment_with_a_reason_allows_the_text_up_to_the_next_empty_line() {
        let phone = |line| (line, Kind::Phone.message().to_owned());
        for (text, expected) in [
            ("07911 123456\n", vec![phone(1)]),
            ("<!-- personal data: she asked us to -->\n07911 123456\nor 07911 123457\n", vec![]),
            ("<!-- personal data: hers -->\n07911 123456\n\n07911 123457\n", vec![phone(4)]),
            ("* Ring 07911 123456 <!-- Personal data: hers -->\n", vec![]),
            ("<!-- personal data: hers -->\n\n07911 123456\n", vec![phone(3)]),
            (
                "<!-- personal data: -->\n07911 123456\n",
                vec![(1, "this comment gives no reason".to_owned()), phone(2)],
            ),
            ("<!-- Ring 07911 123456\nor 07911 123457 -->\n07911 123458\n", vec![phone(3)]),
            ("https://example.org/07911123456/rose@hotmail.com\n", vec![]),
            (
                "---\ntitle: Ring 07911 123456\n# personal data: hers\nextra:\n  phone: 07911 123457\nsummary: 07911 123458\n---\n",
                vec![phone(2), phone(6)],
            ),
            (
                "---\ntitle: A\nconsent:\n  by: Rose, 07911 123456\n  on: 2026-01-01\n# 07911 123456\n---\n",
                vec![],
            ),
        ] {
            assert_eq!(warned(text), expected, "{text}");
        }
    }
}
