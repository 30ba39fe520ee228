//! Rule `name`: links, buttons and frames have an accessible name; "click here" means nothing to someone
//! who hears only the links. (WCAG 2.2, 2.4.4 and 4.1.2.)

use super::finding::Finding;
use crate::html::document::{Document, Element};

const RULE: &str = "name";

/// Link texts that do not say where a link leads.
const NOTHING: [&str; 8] =
    ["click here", "click", "here", "this link", "link", "this page", "this", "more info"];

pub(super) fn check(document: &Document, found: &mut Vec<Finding>) {
    for (_, element) in document.named(&["a", "button", "input", "iframe", "summary"]) {
        if element.hidden || element.drawing {
            continue;
        }
        let href = element.attribute("href");
        let (what, is_named) = match element.name.as_str() {
            "a" if href.is_none() => continue,
            "a" => ("this link", element.is_named()),
            "button" => ("this button", element.is_named()),
            "summary" => ("this expandable heading", element.is_named()),
            "iframe" => ("this frame", element.is_named()),
            _ if element.attribute("type") == Some("button") => {
                ("this button", is_filled(element, "value") || element.is_named())
            }
            _ => continue,
        };
        if !is_named {
            let help = match element.name.as_str() {
                "iframe" => "add `title=\"what it shows\"`",
                "a" => "write where it leads in the link text; an image in it needs an `alt`",
                _ => "write what it does in its text",
            };
            let finding = Finding::error(RULE, format!("{what} has no text")).at(element);
            let finding = finding.clue(format!("\"{}\"", href.unwrap_or_default())).help(help);
            found.push(match element.name.as_str() {
                "a" => finding.clue("[](").editor_help(
                    "write where the link leads in the square brackets, as in `[where it \
                     leads](about.md)`",
                ),
                _ => finding,
            });
        } else if element.name == "a" {
            vague(element, found);
        }
    }
}

fn is_filled(element: &Element, key: &str) -> bool {
    element.attribute(key).is_some_and(|value| !value.trim().is_empty())
}

fn vague(link: &Element, found: &mut Vec<Finding>) {
    let words = link.text.trim();
    let lower = words.to_lowercase();
    let bare = lower.trim_end_matches(['.', '!', '…', '»', '→', ' ']);
    if NOTHING.contains(&bare) && link.attribute("aria-label").is_none() {
        let message = format!("the link text `{words}` does not say where the link leads");
        let finding = Finding::warning(RULE, message).at(link);
        found.push(
            finding
                .clue(format!("[{words}]"))
                .clue(format!(">{words}</a>"))
                .help("name what it leads to in the link text"),
        );
    }
}
