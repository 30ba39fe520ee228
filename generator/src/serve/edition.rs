//! What is served at one moment: the last good site, and what is wrong with the sources since. Pure.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use daisychain_functions::yaml::Place;

use super::forms::Replies;
use super::overlay;
use crate::diagnostic::Diagnostic;
use crate::snapshot::{self, Snapshot};

/// What every request sees. Nothing in it changes but the list of faults that rendering finds.
pub(super) struct Edition {
    /// Counts the snapshots; two editions of one number have the same snapshot.
    pub(super) number: u64,
    /// The last good site, if there ever was one.
    pub(super) snapshot: Option<Arc<Snapshot>>,
    /// What answers its forms, if there is a store.
    pub(super) replies: Option<Arc<Replies>>,
    /// What is wrong with the sources as they are now: then the snapshot is of before.
    source_faults: Vec<String>,
    /// What rendering the snapshot found.
    page_faults: Arc<Mutex<PageFaults>>,
}

/// Faults by where they are: one mistake in a template is one fault, however many pages it breaks.
type PageFaults = BTreeMap<(String, Option<(u32, u32)>, String), String>;

impl Edition {
    /// The edition of a good snapshot.
    pub(super) fn of(snapshot: Arc<Snapshot>, replies: Option<Replies>, number: u64) -> Edition {
        Edition {
            number,
            snapshot: Some(snapshot),
            replies: replies.map(Arc::new),
            source_faults: Vec::new(),
            page_faults: Arc::default(),
        }
    }

    /// The edition after this one, where the sources have `faults`. What is only doubtful is for the
    /// terminal.
    pub(super) fn with_faults(&self, faults: &[Diagnostic], root: &std::path::Path) -> Edition {
        let source = |path: &str| snapshot::source_text(root, path);
        Edition {
            number: self.number,
            snapshot: self.snapshot.clone(),
            replies: self.replies.clone(),
            source_faults: faults
                .iter()
                .filter(|fault| fault.is_error())
                .map(|fault| overlay::item(fault, &source))
                .collect(),
            page_faults: Arc::clone(&self.page_faults),
        }
    }

    /// Before anything was read.
    pub(super) fn empty() -> Edition {
        let (source_faults, page_faults) = Default::default();
        Edition { number: 0, snapshot: None, replies: None, source_faults, page_faults }
    }

    /// Whether the sources have been changed into something that is no site.
    pub(super) fn is_broken(&self) -> bool {
        !self.source_faults.is_empty()
    }

    /// Notes what rendering a page found; gives what was not known yet.
    pub(super) fn note(&self, faults: &[Diagnostic]) -> Vec<Diagnostic> {
        let Some(snapshot) = &self.snapshot else { return Vec::new() };
        let source = |path: &str| snapshot::source_text(&snapshot.root, path);
        let mut known = self.page_faults.lock().expect("nothing panics while it holds this");
        let mut new = Vec::new();
        for fault in faults {
            let place = fault.place.map(|Place { line, column, .. }| (line, column));
            let key = (fault.path.clone(), place, fault.message.clone());
            known.entry(key).or_insert_with(|| {
                new.push(fault.clone());
                overlay::item(fault, &source)
            });
        }
        new
    }

    /// All faults as the section that lies over a page; empty where there are none.
    pub(super) fn faults(&self) -> String {
        let known = self.page_faults.lock().expect("nothing panics while it holds this");
        let mut items = self.source_faults.clone();
        items.extend(known.values().cloned());
        overlay::section(&items, self.snapshot.is_some())
    }
}
