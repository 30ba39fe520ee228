//! Updates one page of a snapshot if only its text changed, or what lists show of it; everything
//! else is shared. Reads the disk.
//!
//! Most edits do not affect relations between pages. Then no other file is read and no site is
//! assembled, so an update is as fast in a large site as in a small one.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};

use super::files::{below_content, is_page};
use super::{Output, Snapshot, Source, with_update};
use crate::cache::{KnownCard, Record};
use crate::config::LanguageId;
use crate::digest::{Digest, Digester};
use crate::outputs;
use crate::parse;
use crate::query::QueryEngine;
use crate::render::Renderer;
use crate::site::{PageId, Site};
use crate::source::{self, File};
use hashbrown::HashMap;

/// A page that was read again.
#[derive(Clone)]
pub struct PageUpdate {
    /// Its file.
    pub record: Record,
    /// Its metadata.
    pub known: KnownCard,
}

impl Snapshot {
    /// Returns the snapshot with the current text of the page `file`; `None` if its relations to
    /// other pages may have changed or it has errors, so that a new snapshot must be taken.
    pub fn updated(&self, file: &File) -> Option<Snapshot> {
        self.source(&file.path).filter(|_| is_page(&file.path))?;
        // Warnings that depend on the whole site need a whole snapshot.
        if self.more_warnings.iter().any(|warning| warning.path == file.path) {
            return None;
        }
        let path = below_content(&file.path);
        let (text, digest) = source::text_and_digest(&self.root, &file.path).ok()?;
        let parsed = parse::parse(path, &text, &self.rules.rules(path));
        let page = parsed.page.filter(|_| parsed.diagnostics.is_empty())?;
        let source = Digester::new().digest(digest).digest(self.rules.digest(path)).finish();
        let site = self.site();
        let (history, zone) = (site.history.as_ref(), &site.config.time_zone);
        let card = Arc::new(page.card);
        let known =
            KnownCard { source: digest, rules: self.rules.digest(path), card: Arc::clone(&card) };
        let (card, source) = with_update(&card, source, history, zone);
        let site = site.amended(path, card, source)?;
        let mut amended = self.amended.clone();
        let record = Record { path: file.path.clone(), stamp: file.stamp, digest };
        amended.insert(file.path.clone(), PageUpdate { record, known });
        let outputs = self.outputs_of(&site, path);
        let answers = Arc::new(QueryEngine::new(Arc::new(site)));
        Some(Snapshot {
            taken: Arc::clone(&self.taken),
            outputs,
            renderer: Arc::new(Renderer::new(Arc::clone(&answers), Arc::clone(&self.templates))),
            answers,
            amended,
            bodies: Mutex::new(HashMap::from([(path.to_owned(), page.body)])),
        })
    }

    /// Returns the outputs of a site in which the page at `path` is updated: feeds contain its
    /// text.
    fn outputs_of(&self, site: &Site, path: &str) -> Arc<Vec<Output>> {
        // The outputs of a restored site are kept by its caller.
        let id = site.find(LanguageId::FIRST, path).filter(|_| !self.outputs.is_empty());
        let is_listed =
            |id: &PageId| site.page(*id).summary_digest != self.site().page(*id).summary_digest;
        let listed: HashSet<PageId> = id.filter(is_listed).into_iter().collect();
        let mut outputs = Arc::clone(&self.outputs);
        for (path, text) in outputs::showing(site, &listed) {
            let at = outputs.binary_search_by(|output| output.path.as_str().cmp(&path));
            let digest = Digest::xxh3(&text);
            let source = Source::Bytes(Arc::new(text.into_bytes()), digest);
            match at {
                Ok(at) if outputs[at].source != source => {
                    Arc::make_mut(&mut outputs)[at].source = source;
                }
                _ => {}
            }
        }
        outputs
    }

    /// The pages updated since, by path from the root.
    pub fn amendments(&self) -> &BTreeMap<String, PageUpdate> {
        &self.amended
    }

    /// Whether another snapshot has the same outputs, made from the same files except for the text
    /// of pages.
    pub fn amends(&self, other: &Snapshot) -> bool {
        Arc::ptr_eq(&self.taken, &other.taken)
    }
}
