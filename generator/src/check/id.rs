//! Rule `id`: each `id` is unique, and every reference to one resolves (labels, descriptions, parts of
//! SVG drawings). (HTML, 3.2.6; WCAG 2.2, 4.1.2.)

use std::collections::HashSet;

use super::finding::Finding;
use crate::html::document::Document;

const RULE: &str = "id";

/// Attributes that refer to other elements of the page by their ids.
const REFERENCES: [&str; 7] = [
    "for",
    "aria-labelledby",
    "aria-describedby",
    "aria-controls",
    "aria-errormessage",
    "aria-details",
    "list",
];

pub(super) fn check(document: &Document, found: &mut Vec<Finding>) {
    let mut ids: HashSet<&str> = HashSet::new();
    for element in &document.elements {
        let Some(id) = element.attribute("id") else { continue };
        if id.is_empty() || id.contains(char::is_whitespace) {
            let finding = Finding::error(RULE, "this `id` is empty or contains a space");
            found.push(finding.at(element).help("write one word, such as `id=\"our-story\"`"));
        } else if !ids.insert(id) {
            let message = format!("two elements of this page have the id `{id}`");
            let finding = Finding::error(RULE, message).clue(format!("id=\"{id}\""));
            found.push(
                finding
                    .at(element)
                    .help("change one of them: links find only the first")
                    .editor_help(
                        "change one of them, and use a component with this id only once: \
                                  links find only the first",
                    ),
            );
        }
    }
    for element in &document.elements {
        for reference in REFERENCES {
            let Some(words) = element.attribute(reference) else { continue };
            for id in words.split_whitespace().filter(|id| !ids.contains(id)) {
                let message = format!(
                    "`{reference}` refers to the id `{id}`, which does not exist on this \
                             page"
                );
                let finding = Finding::error(RULE, message).at(element);
                found.push(
                    finding
                        .clue(format!("{reference}=\"{words}\""))
                        .help(format!("add `id=\"{id}\"` to the element, or remove `{reference}`")),
                );
            }
        }
    }
}
