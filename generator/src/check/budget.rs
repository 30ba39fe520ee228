//! Rule `budget`: no page is heavier than `budgets` in `site.yaml` allows, because residents pay for
//! every byte.

use super::finding::{Cause, Finding};
use crate::html::document::Document;
use crate::value::Value;

const RULE: &str = "budget";

/// The maximum size of a page in bytes, as stored in the output folder.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Budgets {
    page: Option<usize>,
    styles: Option<usize>,
    scripts: Option<usize>,
}

impl Budgets {
    /// Reads `budgets` of `site.yaml`, if set.
    pub(super) fn of(budgets: Option<&Value>) -> Budgets {
        let limit = |key: &str| match budgets?.get(key)? {
            Value::Integer(bytes) => usize::try_from(*bytes).ok(),
            _ => None,
        };
        Budgets { page: limit("page"), styles: limit("styles"), scripts: limit("scripts") }
    }
}

/// `size` returns the size in bytes of the site's file at an address.
pub(super) fn check(
    document: &Document,
    budgets: Budgets,
    size: &dyn Fn(&str) -> usize,
    found: &mut Vec<Finding>,
) {
    let styles = document.elements.iter().filter(|each| {
        each.name == "link"
            && each
                .attribute("rel")
                .is_some_and(|rel| rel.split_whitespace().any(|word| word == "stylesheet"))
    });
    let styles: usize = styles.filter_map(|each| each.attribute("href")).map(size).sum();
    let scripts = document.elements.iter().filter(|each| each.name == "script");
    let scripts: usize = scripts.filter_map(|each| each.attribute("src")).map(size).sum();
    for (what, bytes, limit, help, cause) in [
        (
            "the page itself",
            document.bytes,
            budgets.page,
            "split it into two pages, or shorten its lists",
            Cause::Unknown,
        ),
        (
            "the total of its style sheets",
            styles,
            budgets.styles,
            "remove rules that no page needs",
            Cause::Theme,
        ),
        (
            "the total of its scripts",
            scripts,
            budgets.scripts,
            "remove scripts that the page does not need",
            Cause::Theme,
        ),
    ] {
        if let Some(limit) = limit.filter(|limit| bytes > *limit) {
            let message = format!("{what} is {bytes} bytes; the maximum in `budgets` is {limit}");
            found.push(
                Finding::error(RULE, message)
                    .help(format!("{help}, or raise the limit in content/site.yaml"))
                    .caused_by(cause),
            );
        }
    }
}
