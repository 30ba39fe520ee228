//! Finds the images that outputs show and the files that they link to, from the queries that the
//! outputs made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::HashSet;

use super::Snapshot;
use crate::digest::Digest;
use crate::images::ImageVariant;
use crate::query::{Dependencies, Dependency, LocalizedQuery, Query};
use crate::site::LinkedFile;

/// What outputs show and link to. No other image or file of `content/` is published.
pub(crate) struct Linked<'a> {
    snapshot: &'a Snapshot,
    /// The images seen already: many outputs show the same ones.
    shown: BTreeSet<&'a str>,
    /// Every variant of each image that is shown, and the largest of each that is only linked to,
    /// by path.
    pub(crate) variants: BTreeMap<&'a str, &'a ImageVariant>,
    /// The digests of the other files, by path.
    pub(crate) attachments: BTreeMap<&'a str, Digest>,
    /// The theme's files under their fingerprinted names.
    pub(crate) fingerprinted: BTreeSet<&'a str>,
}

impl<'a> Linked<'a> {
    /// Creates the set with the site's icons, which every page links to.
    pub(crate) fn new(snapshot: &'a Snapshot) -> Self {
        let icons = snapshot.site().icons.iter();
        Linked {
            snapshot,
            shown: BTreeSet::new(),
            variants: icons.map(|icon| (icon.path.as_str(), icon)).collect(),
            attachments: BTreeMap::new(),
            fingerprinted: BTreeSet::new(),
        }
    }

    /// Adds what is published because of the queries of these outputs.
    pub(crate) fn add_all<'d>(&mut self, outputs: impl Iterator<Item = &'d Dependencies>) {
        let mut seen: HashSet<*const Dependency> = HashSet::new();
        for dependency in outputs.flat_map(|output| &output.queries) {
            if seen.insert(Arc::as_ptr(dependency)) {
                self.add(&dependency.question);
            }
        }
    }

    /// Whether the file at `path` below the output folder is among them.
    pub(crate) fn contains(&self, path: &str) -> bool {
        self.variants.contains_key(path)
            || self.attachments.contains_key(path)
            || self.fingerprinted.contains(path)
    }

    /// Adds what is published because an output makes this query.
    pub(crate) fn add(&mut self, question: &LocalizedQuery) {
        let site = self.snapshot.site();
        let by_path = |variant: &'a ImageVariant| (variant.path.as_str(), variant);
        match &question.query {
            Query::Asset(name) if site.assets.contains_key(name) => {
                let asset = site.assets.get(name).filter(|asset| asset.plain.is_some());
                self.fingerprinted.extend(asset.and_then(|asset| asset.url.strip_prefix('/')));
            }
            Query::Image(path) => {
                if let Some((path, picture)) = site.images.get_key_value(path)
                    && self.shown.insert(path)
                {
                    // Two files with equal bytes have the same variants.
                    self.variants.extend(picture.variants.iter().map(by_path));
                }
            }
            Query::Shared(path) => {
                let shared = site.shared(question.language, path);
                self.variants.extend(shared.map(|(variant, _)| by_path(variant)));
            }
            _ => {
                for file in self.snapshot.queries.linked_files(question) {
                    match file {
                        LinkedFile::Picture(variant) => {
                            self.variants.insert(variant.path.as_str(), variant);
                        }
                        LinkedFile::Attachment(path, file) => {
                            self.attachments.insert(path, file.digest);
                        }
                    }
                }
            }
        }
    }
}
