//! Rule `title`: every page has a unique title, which names its tab, its bookmark and its search result.
//! (WCAG 2.2, 2.4.2.)

use std::collections::BTreeMap;

use super::finding::{Cause, Finding};
use crate::html::document::Document;

const RULE: &str = "title";

/// The title of a page.
pub(super) fn of(document: &Document) -> Option<String> {
    let mut titles = document.elements.iter().filter(|each| each.name == "title" && !each.drawing);
    let words: Vec<&str> = titles.next()?.text.split_whitespace().collect();
    Some(words.join(" ")).filter(|words| !words.is_empty())
}

pub(super) fn check(document: &Document, found: &mut Vec<Finding>) {
    if of(document).is_none() {
        let finding = Finding::error(RULE, "this page has no title");
        found.push(
            finding
                .clue("<title>")
                .help("write `<title>{{ page.title }}</title>` in the template")
                .caused_by(Cause::Theme),
        );
    }
}

/// Duplicate titles among the pages of one language, reported for each page but the first. Takes the
/// address of each page and its language with its title; returns the index of the page with the finding.
pub(super) fn same<'a>(
    titles: impl Iterator<Item = (usize, &'a str, (&'a str, &'a str))>,
) -> Vec<(usize, Finding)> {
    let mut first: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    let mut found = Vec::new();
    for (page, address, title) in titles {
        match first.get(&title) {
            None => drop(first.insert(title, address)),
            Some(other) => {
                let message = format!("this page has the same title as {other}");
                let finding =
                    Finding::warning(RULE, message).clue("title:").caused_by(Cause::Content);
                found.push((page, finding.help("change one of the two titles")));
            }
        }
    }
    found
}
