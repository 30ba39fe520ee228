//! What is served at one moment: a site, and what is wrong with the sources. Pure but for the lines at
//! fault, which are read from the disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use located_yaml::Place;

use super::error_overlay::{self, Item};
use super::forms::Replies;
use crate::diagnostic::Diagnostic;
use crate::engine::{self, Output, Snapshot};

/// What every request sees. Nothing in it changes but the list of faults that rendering finds.
pub(super) struct Generation {
    /// Counts the snapshots; two editions of one number have the same snapshot.
    pub(super) number: u64,
    /// The site, if there is any.
    pub(super) snapshot: Option<Arc<Snapshot>>,
    /// What answers its forms, if there is a store.
    pub(super) replies: Option<Arc<Replies>>,
    /// Which site the snapshot is of.
    state: State,
    /// What is wrong with the sources as they are now.
    source_faults: Vec<Item>,
    /// What rendering the snapshot found.
    page_faults: Arc<Mutex<PageFaults>>,
    /// The texts of the files with warnings, each read when it is first shown and once for a snapshot: a file that
    /// is being saved has other lines than the warnings were found in.
    texts: Arc<Mutex<BTreeMap<String, Option<String>>>>,
}

/// Which site a snapshot is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The sources as they are now, which have no errors.
    Good,
    /// The sources as they were before they had errors.
    Former,
    /// The sources as they are now, without what has errors: they were never without.
    Partial,
}

/// Faults by where they are: one mistake in a template is one fault, however many pages it breaks.
type PageFaults = BTreeMap<(String, Option<(u32, u32)>, String), String>;

/// What is shown above a page: HTML, empty where there is nothing.
pub(super) struct Problems {
    /// The errors of the site, those of the page first.
    pub(super) errors: String,
    /// Its warnings, those of the page first.
    pub(super) warnings: String,
}

impl Generation {
    /// The edition of a good snapshot, after the edition `before`.
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

    /// The edition of a snapshot without what has errors, which are `faults`, after the edition `before`.
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

    /// The edition after this one, where the sources have `faults`: it goes on with the last site without errors,
    /// if there is one. What is only doubtful is for the terminal.
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

    /// The edition after this one, where the program failed while it looked at the sources: it goes on with the
    /// same site. `faults` has that failure and the errors that were known before.
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

    /// Before anything was read.
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

    /// The last site without errors, if there ever was one.
    pub(super) fn good_snapshot(&self) -> Option<&Arc<Snapshot>> {
        self.snapshot.as_ref().filter(|_| !self.is_partial())
    }

    /// Whether the sources have been changed into something that is no site.
    pub(super) fn is_broken(&self) -> bool {
        self.state == State::Former
    }

    /// Whether the site is shown without what has errors.
    pub(super) fn is_partial(&self) -> bool {
        self.state == State::Partial
    }

    /// Whether an output is a page with errors, so that they are shown in its place.
    pub(super) fn is_unreadable(&self, snapshot: &Snapshot, output: &Output) -> bool {
        let Some(id) = output.source.page().filter(|_| self.is_partial()) else { return false };
        let site = snapshot.site();
        let path = format!("content/{}", site.page(id).card.path);
        self.source_faults.iter().any(|fault| fault.path == path)
            || !snapshot.templates.has(site.template(site.page(id)))
    }

    /// The file of the page at `path`, an address without the first `/`, if it is a new page with errors that the
    /// snapshot, taken before they were made, does not have. A page that gives itself another address is not found.
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

    /// Notes what rendering a page found; gives what was not known yet.
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

    /// What is shown above the page of the file `source`, or in its place, which is what `has_page` says; `own` is what
    /// was found while it was made, and is shown on no other page.
    pub(super) fn problems(
        &self,
        source: Option<&str>,
        own: &[Diagnostic],
        has_page: bool,
    ) -> Problems {
        let errors = error_overlay::errors(&self.errors(source, own), self.lead(has_page));
        Problems { errors, warnings: self.warnings(source) }
    }

    /// The warnings of the snapshot as HTML, those of the page of the file `source` first; nothing where the sources
    /// are not those of the snapshot.
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

    /// Every error as HTML: of the page, of other sources, of rendering.
    fn errors(&self, source: Option<&str>, own: &[Diagnostic]) -> Vec<String> {
        let known = self.page_faults.lock().expect("nothing panics while it holds this");
        let (here, others): (Vec<&Item>, Vec<&Item>) =
            self.source_faults.iter().partition(|item| Some(item.path.as_str()) == source);
        let root = self.snapshot.as_ref().map(|snapshot| snapshot.root.as_path());
        let own = root.map_or_else(Vec::new, |root| errors(own, root));
        let sources = own.iter().chain(here).chain(others).map(|item| &item.html);
        sources.chain(known.values()).cloned().collect()
    }

    /// What errors mean for the page beneath them, where there is one.
    fn lead(&self, has_page: bool) -> &'static str {
        match (self.state, &self.snapshot) {
            (_, None) => "",
            (State::Partial, Some(_)) => {
                "Pages without errors are shown. The website cannot be built until the errors are corrected."
            }
            (State::Good | State::Former, Some(_)) if !has_page => "",
            (State::Good | State::Former, Some(_)) => {
                "Until the errors are corrected, this page is shown as it was before."
            }
        }
    }
}

/// The file that a page is made of, from the root.
pub(super) fn source_of(snapshot: &Snapshot, output: &Output) -> Option<String> {
    let page = snapshot.site().page(output.source.page()?);
    Some(format!("content/{}", page.card.path))
}

/// The errors among `faults` as they are shown.
fn errors(faults: &[Diagnostic], root: &Path) -> Vec<Item> {
    let faults = faults.iter().filter(|fault| fault.is_error());
    error_overlay::items(faults, |path| engine::source_text(root, path))
}
