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
                Finding::error(RULE, "this heading has no text")
                    .at(heading)
                    .help("give it a text that describes what follows, or remove it")
                    .editor_help("write its text after the `#`, or remove the line"),
            );
        }
        if level == 1 {
            first += 1;
            if first == 2 {
                let message = "this page has more than one first-level heading";
                found.push(
                    Finding::warning(RULE, message)
                        .at(heading)
                        .clue(words)
                        .help("keep only the one in the template that shows the title")
                        .editor_help(
                            "the title is already one: start other headings with `##`, \
                                      and remove components that show the title again",
                        ),
                );
            }
        }
        if let Some(before) = before.filter(|before| level > before + 1) {
            let message = format!("a level {level} heading follows a level {before} heading");
            found.push(
                Finding::warning(RULE, message)
                    .at(heading)
                    .clue(words)
                    .help(format!("make it `<h{}>`", before + 1))
                    .editor_help(format!(
                        "make it level {} (the number of `#`), or put a heading of that level \
                         before it",
                        before + 1
                    )),
            );
        }
        before = Some(level);
    }
    if first == 0 {
        let message = "this page has no first-level heading";
        let finding =
            Finding::error(RULE, message).help("show the title as `<h1>` in its template");
        found.push(match title {
            Some(call) => finding
                .editor_help(format!(
                    "start the page with the component that shows its title: {call}"
                ))
                .caused_by(Cause::Content),
            None => finding.caused_by(Cause::Theme),
        });
    }
}
