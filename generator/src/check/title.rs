//! Rule `title`: every page has a title of its own: it is the name of the tab, of the bookmark and of
//! the result in a search. Pure. (WCAG 2.2, 2.4.2.)

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

/// Pages of one language that have the same title, told at each but the first. Takes and gives the
/// number of the page; takes its address, and its language with its title.
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
                found.push((page, finding.help("give one of the two another title")));
            }
        }
    }
    found
}
