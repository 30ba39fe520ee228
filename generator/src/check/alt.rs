//! Rule `alt`: every image has a text alternative or is marked as decorative. (WCAG 2.2, 1.1.1.)

use super::finding::Finding;
use crate::html::document::Document;
use crate::parse;

const RULE: &str = "alt";

pub(super) fn check(document: &Document, found: &mut Vec<Finding>) {
    for (_, image) in document.named(&["img", "area", "input", "svg"]) {
        if image.hidden {
            continue;
        }
        let source = image.attribute("src").unwrap_or_default();
        match image.name.as_str() {
            "input" if image.attribute("type") != Some("image") => {}
            "area" if image.attribute("href").is_none() => {}
            "svg" => {
                if image.attribute("role") == Some("img") && !image.is_named() {
                    let finding = Finding::error(RULE, "this SVG image has no text alternative");
                    found.push(finding.at(image).help(
                        "add `aria-label=\"what it shows\"`, or `aria-hidden=\"true\"` if it is \
                         only decoration",
                    ));
                }
            }
            _ => match image.attribute("alt") {
                None if !image.is_named() => {
                    let finding = Finding::error(RULE, "this image has no text alternative");
                    found.push(finding.at(image).clue(source).help(
                        "add `alt=\"what it shows\"`, or `alt=\"\"` if it is only decoration",
                    ));
                }
                Some(words) => {
                    if let Some((message, help)) = parse::doubtful_alt(words) {
                        let finding = Finding::warning(RULE, message).at(image).help(help);
                        found.push(finding.clue(words).clue(source));
                    }
                }
                None => {}
            },
        }
    }
}
