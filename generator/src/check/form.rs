//! Rule `form`: every field has a label, and every group of choices has a name. (WCAG 2.2, 1.3.1, 3.3.2
//! and 4.1.2.)

use std::collections::HashSet;

use super::finding::Finding;
use crate::html::document::Document;

const RULE: &str = "form";

/// Input types that name themselves or are never shown.
const NAMED: [&str; 5] = ["hidden", "submit", "button", "reset", "image"];

pub(super) fn check(document: &Document, found: &mut Vec<Finding>) {
    let labelled: HashSet<&str> = document
        .named(&["label"])
        .filter(|(_, label)| !label.text.trim().is_empty())
        .filter_map(|(_, label)| label.attribute("for"))
        .collect();
    for (_, field) in document.named(&["input", "select", "textarea"]) {
        let kind = field.attribute("type").unwrap_or("text");
        if field.hidden || (field.name == "input" && NAMED.contains(&kind)) {
            continue;
        }
        let has_label = field.attribute("id").is_some_and(|id| labelled.contains(id));
        if !has_label && !field.is_named() && !document.is_in(field, "label") {
            let finding = Finding::error(RULE, "this field has no label").at(field);
            let clue = field.attribute("name").map(|name| format!("name=\"{name}\""));
            found.push(
                finding
                    .clue(clue.unwrap_or_default())
                    .help("write `<label for=\"its id\">What it is for</label>` before it"),
            );
        }
    }
    for (at, group) in document.named(&["fieldset"]).filter(|(_, group)| !group.hidden) {
        let legends = document.named(&["legend"]).filter(|(_, each)| each.parent == Some(at));
        if !group.is_named() && !legends.into_iter().any(|(_, each)| !each.text.trim().is_empty()) {
            let finding = Finding::warning(RULE, "this group of fields has no name").at(group);
            found.push(finding.help("start it with `<legend>What the choices are about</legend>`"));
        }
    }
}
