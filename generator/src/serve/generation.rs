//! A generation: the site that is served at one moment, and the errors of its sources. Reads from
//! the disk only the lines with errors.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use located_yaml::Place;

use super::error_overlay::{self, Item};
use super::forms::Replies;
use crate::diagnostic::Diagnostic;
use crate::engine::{self, Output, Snapshot};

/// What every request sees; immutable except for the errors that rendering finds.
pub(super) struct Generation {
    /// Counts the snapshots; generations with equal numbers have the same snapshot.
    pub(super) number: u64,
    /// The site, if there is one.
    pub(super) snapshot: Option<Arc<Snapshot>>,
    /// The forms service, if there is a store.
    pub(super) replies: Option<Arc<Replies>>,
    /// The relation of the snapshot to the sources.
    state: State,
    /// The errors of the current sources.
    source_faults: Vec<Item>,
    /// The errors found by rendering the snapshot.
    page_faults: Arc<Mutex<PageFaults>>,
    /// The texts of files with warnings, each read when it is first shown and once per snapshot:
    /// the lines of a file that is being saved no longer match the warnings.
    texts: Arc<Mutex<BTreeMap<String, Option<String>>>>,
}

/// The relation of a snapshot to the sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The current sources, which have no errors.
    Good,
    /// The sources as they were before they had errors.
    Former,
    /// The current sources without what has errors; no version without errors has been served yet.
    Partial,
}

/// Errors by location: a mistake in a template is one error, however many pages it breaks.
type PageFaults = BTreeMap<(String, Option<(u32, u32)>, String), String>;

/// The HTML shown above a page; empty if there is nothing to show.
pub(super) struct Problems {
    /// The errors of the site, those of the page first.
    pub(super) errors: String,
    /// The warnings of the site, those of the page first.
    pub(super) warnings: String,
}

impl Generation {
    /// Creates the generation of a snapshot without errors, which follows `before`.
    pub(super) fn of(
        before: &Generation,
        snapshot: Arc<Snapshot>,
        replies: Option<Replies>,
    ) -> Generation {
        Generation {
            number: before.number + 1,
            snapshot: Some(snapshot),
            replies: replies.map(Arc::new),
            ..Generation::empty()
        }
    }

    /// Creates the generation of a snapshot that leaves out what has the errors `faults`, which
    /// follows `before`.
    pub(super) fn partial(
        before: &Generation,
        snapshot: Arc<Snapshot>,
        faults: &[Diagnostic],
        replies: Option<Replies>,
    ) -> Generation {
        let source_faults = errors(faults, &snapshot.root);
        Generation {
            state: State::Partial,
            source_faults,
            ..Generation::of(before, snapshot, replies)
        }
    }

    /// Creates the next generation when the sources have `faults`: it keeps the last site without
    /// errors, if there is one. Warnings are shown only in the terminal.
    pub(super) fn with_faults(&self, faults: &[Diagnostic], root: &Path) -> Generation {
        if self.is_partial() {
            return Generation {
                number: self.number + 1,
                state: State::Former,
                source_faults: errors(faults, root),
                ..Generation::empty()
            };
        }
        self.with_same_site(State::Former, faults, root)
    }

    /// Creates the next generation after daisy failed while reading the sources: it keeps the same
    /// site. `faults` contains that failure and the errors known before.
    pub(super) fn after_failure(&self, faults: &[Diagnostic], root: &Path) -> Generation {
        let state = if self.is_partial() { State::Partial } else { State::Former };
        self.with_same_site(state, faults, root)
    }

    fn with_same_site(&self, state: State, faults: &[Diagnostic], root: &Path) -> Generation {
        Generation {
            number: self.number,
            snapshot: self.snapshot.clone(),
            replies: self.replies.clone(),
            state,
            source_faults: errors(faults, root),
            page_faults: Arc::clone(&self.page_faults),
            texts: Arc::clone(&self.texts),
        }
    }

    /// Creates the generation before anything is read.
    pub(super) fn empty() -> Generation {
        Generation {
            number: 0,
            snapshot: None,
            replies: None,
            state: State::Good,
            source_faults: Vec::new(),
            page_faults: Arc::default(),
            texts: Arc::default(),
        }
    }

    /// Returns the last snapshot without errors, if there is one.
    pub(super) fn good_snapshot(&self) -> Option<&Arc<Snapshot>> {
        self.snapshot.as_ref().filter(|_| !self.is_partial())
    }

    /// Whether the sources have errors, so that an earlier version of the site is served.
    pub(super) fn is_broken(&self) -> bool {
        self.state == State::Former
    }

    /// Whether the site is shown without what has errors.
    pub(super) fn is_partial(&self) -> bool {
        self.state == State::Partial
    }

    /// Whether an output is a page with errors, which are shown in its place.
    pub(super) fn is_unreadable(&self, snapshot: &Snapshot, output: &Output) -> bool {
        let Some(id) = output.source.page().filter(|_| self.is_partial()) else { return false };
        let site = snapshot.site();
        let path = format!("content/{}", site.page(id).meta.path);
        self.source_faults.iter().any(|fault| fault.path == path)
            || !snapshot.templates.has(site.template(site.page(id)))
    }

    /// Returns the file of the page at `path`, a URL path without the first `/`, if it is a new
    /// page with errors, added since the snapshot. A page with an explicit URL is not found.
    pub(super) fn new_unreadable(&self, snapshot: &Snapshot, path: &str) -> Option<&str> {
        let is_there = |fault: &&Item| {
            let file = fault.path.strip_prefix("content/").filter(|file| file.ends_with(".md"));
            let address = file.and_then(|file| snapshot.site().address_by_file(file));
            address.is_some_and(|address| address.trim_matches('/') == path.trim_end_matches('/'))
                && snapshot.source(&fault.path).is_none()
        };
        let faults = &mut self.source_faults.iter().filter(|_| self.is_broken());
        faults.find(is_there).map(|fault| fault.path.as_str())
    }

    /// Records the errors of a rendered page, and returns the new ones.
    pub(super) fn note(&self, faults: &[Diagnostic]) -> Vec<Diagnostic> {
        let Some(snapshot) = &self.snapshot else { return Vec::new() };
        let mut known = self.page_faults.lock().expect("nothing panics while it holds this");
        let mut new = Vec::new();
        for fault in faults {
            let place = fault.place.map(|Place { line, column, .. }| (line, column));
            let key = (fault.path.clone(), place, fault.message.clone());
            known.entry(key).or_insert_with(|| {
                new.push(fault.clone());
                Item::new(fault, engine::source_text(&snapshot.root, &fault.path).as_deref()).html
            });
        }
        new
    }

    /// Renders what is shown above the page of the file `source`, or in its place if `has_page` is
    /// false; `own` are errors of this page alone, shown on no other page.
    pub(super) fn problems(
        &self,
        source: Option<&str>,
        own: &[Diagnostic],
        has_page: bool,
    ) -> Problems {
        let errors = error_overlay::errors(&self.errors(source, own), self.lead(has_page));
        Problems { errors, warnings: self.warnings(source) }
    }

    /// Renders the warnings of the snapshot, those of the page of the file `source` first; empty if
    /// the snapshot is not of the current sources.
    fn warnings(&self, source: Option<&str>) -> String {
        match &self.snapshot {
            Some(snapshot) if !self.is_broken() => {
                let text = |path: &str| {
                    let mut texts = self.texts.lock().expect("nothing panics while it holds this");
                    let read = || engine::source_text(&snapshot.root, path);
                    texts.entry(path.to_owned()).or_insert_with(read).clone()
                };
                error_overlay::warnings(&snapshot.warnings, source, text)
            }
            _ => String::new(),
        }
    }

    /// Renders every error: of the page, of other sources, of rendering.
    fn errors(&self, source: Option<&str>, own: &[Diagnostic]) -> Vec<String> {
        let known = self.page_faults.lock().expect("nothing panics while it holds this");
        let (here, others): (Vec<&Item>, Vec<&Item>) =
            self.source_faults.iter().partition(|item| Some(item.path.as_str()) == source);
        let root = self.snapshot.as_ref().map(|snapshot| &*snapshot.root);
        let own = root.map_or_else(Vec::new, |root| errors(own, root));
        let sources = own.iter().chain(here).chain(others).map(|item| &item.html);
        sources.chain(known.values()).cloned().collect()
    }

    /// Says what errors mean for the page below, if there is one.
    fn lead(&self, has_page: bool) -> &'static str {
        match (self.state, &self.snapshot) {
            (_, None) => "",
            (State::Partial, Some(_)) => {
                "Pages without errors are shown. The site cannot be built until the errors are \
                 fixed."
            }
            (State::Good | State::Former, Some(_)) if !has_page => "",
            (State::Good | State::Former, Some(_)) => {
                "Until the errors are fixed, the previous version of this page is shown."
            }
        }
    }
}

/// Returns the file of a page, from the root.
pub(super) fn source_of(snapshot: &Snapshot, output: &Output) -> Option<String> {
    let page = snapshot.site().page(output.source.page()?);
    Some(format!("content/{}", page.meta.path))
}

/// Renders the errors among `faults`.
fn errors(faults: &[Diagnostic], root: &Path) -> Vec<Item> {
    let faults = faults.iter().filter(|fault| fault.is_error());
    error_overlay::items(faults, |path| engine::source_text(root, path))
}
