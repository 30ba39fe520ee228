//! Reads one page of a snapshot again, where only its words have changed: all else is shared. Reads
//! the disk.
//!
//! What most edits change is the words of one page, and nothing that another page depends on. Then
//! no other file is looked at, and no site is assembled, so that it takes as long in a large site as in
//! a small one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::files::{below_content, is_page};
use super::{Snapshot, with_update};
use crate::digest::{Digest, Digester};
use crate::load::{self, File};
use crate::manifest::{KnownCard, Record};
use crate::parse;
use crate::query::Answers;
use crate::site::Reach;
use hashbrown::HashMap;

/// A page that was read again.
#[derive(Clone)]
pub struct Amendment {
    /// Its file.
    pub record: Record,
    /// Its card.
    pub known: KnownCard,
}

impl Snapshot {
    /// The snapshot in which the page `file` has the text that it has now; `None` where its change reaches
    /// farther than `reach`, or where something is wrong with it: then a new one is to be taken.
    pub fn amended(&self, file: &File, reach: Reach) -> Option<Snapshot> {
        self.source(&file.path).filter(|_| is_page(&file.path))?;
        let path = below_content(&file.path);
        let text = load::text(&self.root, &file.path).ok()?;
        let digest = Digest::of(&text);
        let parsed = parse::parse(path, &text, &self.rules.rules(path));
        let page = parsed.page.filter(|_| parsed.diagnostics.is_empty())?;
        let source = Digester::new().digest(digest).digest(self.rules.digest(path)).finish();
        let site = self.site();
        let (history, zone) = (site.history.as_ref(), &site.config.time_zone);
        let card = Arc::new(page.card);
        let known =
            KnownCard { source: digest, rules: self.rules.digest(path), card: Arc::clone(&card) };
        let (card, source) = with_update(&card, source, history, zone);
        let site = site.amended(path, card, source, reach)?;
        let mut amended = self.amended.clone();
        let record = Record { path: file.path.clone(), stamp: file.stamp, digest };
        amended.insert(file.path.clone(), Amendment { record, known });
        Some(Snapshot {
            taken: Arc::clone(&self.taken),
            answers: Arc::new(Answers::new(Arc::new(site))),
            amended,
            bodies: Mutex::new(HashMap::from([(path.to_owned(), page.body)])),
        })
    }

    /// The pages that were read again, by path from the root.
    pub fn amendments(&self) -> &BTreeMap<String, Amendment> {
        &self.amended
    }

    /// Whether another snapshot has the same outputs, made of the same files but for the words of pages.
    pub fn amends(&self, other: &Snapshot) -> bool {
        Arc::ptr_eq(&self.taken, &other.taken)
    }
}
