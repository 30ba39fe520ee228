//! Rule `metadata`: personal names in the metadata of documents that a page links to. Reads the
//! documents.

use std::collections::BTreeMap;

use super::finding::Finding;
use crate::engine::Snapshot;
use crate::html;
use crate::metadata::{self, Named};
use crate::source;

const RULE: &str = "metadata";

/// The largest document that is inspected, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Inspected documents by their paths below `content/`.
pub(super) struct Documents<'a> {
    snapshot: &'a Snapshot,
    names: BTreeMap<String, Vec<Named>>,
}

impl<'a> Documents<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        Documents { snapshot, names: BTreeMap::new() }
    }

    /// The finding for the document that `written` leads to, on the page at `address`.
    pub(super) fn check(&mut self, address: &str, written: &str) -> Option<Finding> {
        let site = self.snapshot.site();
        let path = html::file(written, address, &site.base_url)?;
        let (path, _) = site.attachment(&path)?;
        let root = &self.snapshot.root;
        let names = self.names.entry(path.to_owned()).or_insert_with(|| {
            let file = format!("content/{path}");
            let is_small = source::size(root, &file).is_some_and(|size| size <= LARGEST);
            let bytes = is_small.then(|| source::bytes(root, &file).ok()).flatten();
            bytes.map(|bytes| metadata::names(&bytes)).unwrap_or_default()
        });
        if names.is_empty() {
            return None;
        }
        let told: Vec<String> =
            names.iter().map(|(role, name)| format!("{} `{name}`", role.label())).collect();
        let file = path.rsplit('/').next().unwrap_or(path);
        let message = format!("`{file}` reveals names to visitors: {}", told.join(", "));
        let help = match file.to_ascii_lowercase().ends_with(".pdf") {
            true => "to hide them, clear the document's properties and export it as PDF again",
            false => {
                "to hide them, remove the document's properties and personal information in the \
                 program you wrote it with"
            }
        };
        let finding = Finding::warning(RULE, message).help(help);
        Some(finding.clue(written).clue(file).clue(file.replace(' ', "%20")))
    }
}
