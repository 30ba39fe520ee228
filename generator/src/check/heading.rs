//! Rule `heading`: one `h1`, no empty headings and no skipped levels, because many people navigate a
//! page by its headings. (WCAG 2.2, 1.3.1 and 2.4.6.)

use super::finding::{Cause, Finding};
use crate::html::document::Document;

const RULE: &str = "heading";
const NAMES: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];

/// `title` is how an editor calls the theme's component that shows the title, if the page does not call
/// it.
pub(super) fn check(document: &Document, title: Option<&str>, found: &mut Vec<Finding>) {
    let mut before: Option<usize> = None;
    let mut first = 0;
    for (_, heading) in document.named(&NAMES).filter(|(_, each)| !each.hidden) {
        let level = 1 + NAMES.iter().position(|name| *name == heading.name).unwrap_or_default();
        let words = heading.text.trim();
        if !heading.is_named() {
            found.push(
                Finding::error(RULE, "this heading has no words")
                    .at(heading)
                    .help("write what follows it in a few words, or take it out")
                    .editor_help("write its words behind the `#`, or take the line out"),
            );
        }
        if level == 1 {
            first += 1;
            if first == 2 {
                let message = "this page has more than one heading of the first level";
                found.push(
                    Finding::warning(RULE, message)
                        .at(heading)
                        .clue(words)
                        .help("let the template have one, which shows the title")
                        .editor_help("the title is one already: begin other headings with two `#`, and take out a component that shows the title again"),
                );
            }
        }
        if let Some(before) = before.filter(|before| level > before + 1) {
            let message = format!("a heading of level {level} follows one of level {before}");
            found.push(
                Finding::warning(RULE, message)
                    .at(heading)
                    .clue(words)
                    .help(format!("make it `<h{}>`", before + 1))
                    .editor_help(format!(
                        "make it one of level {}, where each `#` is a level, or put one of that level above it",
                        before + 1
                    )),
            );
        }
        before = Some(level);
    }
    if first == 0 {
        let message = "this page has no heading of the first level";
        let finding =
            Finding::error(RULE, message).help("let its template show the title as `<h1>`");
        found.push(match title {
            Some(call) => finding
                .editor_help(format!(
                    "begin the page with the component that shows its title: {call}"
                ))
                .caused_by(Cause::Content),
            None => finding.caused_by(Cause::Theme),
        });
    }
}
