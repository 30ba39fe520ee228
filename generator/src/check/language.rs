//! Rule `language`: the page declares its language by a valid code; otherwise a screen reader uses the
//! wrong voice. (WCAG 2.2, 3.1.1 and 3.1.2; BCP 47.)

use super::finding::{Cause, Finding};
use crate::config;
use crate::html::document::Document;

const RULE: &str = "language";

/// The language of a page, or an empty text.
pub(super) fn of(document: &Document) -> &str {
    let html = document.elements.iter().find(|each| each.name == "html");
    html.and_then(|html| html.attribute("lang")).unwrap_or_default()
}

pub(super) fn check(document: &Document, found: &mut Vec<Finding>) {
    if of(document).is_empty() {
        let finding = Finding::error(RULE, "this page does not declare its language");
        found.push(
            finding
                .clue("<html")
                .help("write `<html lang=\"{{ page.lang }}\">` in the template")
                .caused_by(Cause::Theme),
        );
    }
    for element in &document.elements {
        let Some(code) = element.attribute("lang").filter(|code| !code.is_empty()) else {
            continue;
        };
        if !config::is_language(code) {
            let finding = Finding::error(RULE, format!("`{code}` is not a language code"));
            let help = "write a code such as `en-GB` or `pl`";
            found.push(finding.at(element).clue(format!("lang=\"{code}\"")).help(help));
        }
    }
    for element in &document.elements {
        let Some(way) = element.attribute("dir") else { continue };
        if !matches!(way, "ltr" | "rtl" | "auto") {
            let finding = Finding::error(RULE, format!("`{way}` is not a text direction"));
            let help = "write `ltr`, `rtl` or `auto`";
            found.push(finding.at(element).clue(format!("dir=\"{way}\"")).help(help));
        }
    }
}
