//! Rule `outside`: pages load nothing from other sites, which would learn who reads them.

use super::finding::Finding;
use crate::html::document::Document;
use crate::url::{BaseUrl, host};

const RULE: &str = "outside";

/// What a browser fetches automatically, by element and attribute.
const FETCHED: [(&str, &str); 9] = [
    ("img", "src"),
    ("script", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("video", "src"),
    ("audio", "src"),
    ("video", "poster"),
    ("embed", "src"),
    ("object", "data"),
];

pub(super) fn check(document: &Document, base_url: &BaseUrl, found: &mut Vec<Finding>) {
    for element in &document.elements {
        let fetched = FETCHED.iter().filter(|(name, _)| *name == element.name);
        let mut addresses: Vec<&str> =
            fetched.filter_map(|(_, key)| element.attribute(key)).collect();
        if element.name == "link" && is_fetched(element.attribute("rel").unwrap_or_default()) {
            addresses.extend(element.attribute("href"));
        }
        for address in addresses {
            let Some(host) = host(address) else { continue };
            if base_url.within(address).is_some() {
                continue;
            }
            let finding = Finding::warning(
                RULE,
                format!("this is loaded from {host}, which learns who reads the page"),
            );
            let finding = finding.at(element).clue(address);
            found.push(match element.name.as_str() {
                "iframe" => finding.help("link to it instead"),
                _ => finding
                    .help("copy the file to this site, or link to it")
                    .editor_help("put the file beside the page and write its name, or link to it"),
            });
        }
    }
}

/// Whether a browser fetches or connects to the target automatically (HTML, 4.6.7).
fn is_fetched(relation: &str) -> bool {
    const KINDS: [&str; 7] = [
        "stylesheet",
        "icon",
        "preload",
        "modulepreload",
        "preconnect",
        "dns-prefetch",
        "prefetch",
    ];
    relation.split_whitespace().any(|word| KINDS.contains(&word.to_ascii_lowercase().as_str()))
}
