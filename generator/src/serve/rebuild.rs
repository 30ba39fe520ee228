//! Rebuilds the site when its sources change. Reads the disk.
//!
//! However many changes occur at once or while a snapshot is being taken, one snapshot follows;
//! there is no queue. If only texts of pages, forms or data files have changed, the last snapshot is
//! updated, and the whole disk is checked once there are no more changes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::forms::FormsBackend;
use super::generation::Generation;
use super::state::Served;
use super::watch::{Changes, FsChange};
use super::{ServeEvent, Shown, panicked};
use tokio::runtime::Handle;

use crate::clock;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::engine::{self, KnownSources, Snapshot};
use crate::site::Options;
use crate::source::{self, File};

/// How long after an update the whole disk is checked if nothing else happens: the system may not
/// have reported every change.
const QUIET: Duration = Duration::from_secs(1);

/// The coarsest resolution of file timestamps, in nanoseconds.
const TICK: u64 = 20_000_000;

/// Takes one snapshot after another.
pub(super) struct Rebuilder {
    served: Arc<Served>,
    options: Options,
    wake: Sender<()>,
    /// Publishes forms, if there is a store.
    backend: Option<FormsBackend>,
    runtime: Handle,
    /// The sources when they were last read, with or without errors, and the time.
    seen: Option<(Vec<File>, u64)>,
    /// When the last snapshot without errors was taken.
    taken: u64,
    /// When to check the whole disk, if that is due.
    unseen: Option<Instant>,
    /// The errors found by the last check.
    faults: Vec<Diagnostic>,
}

impl Rebuilder {
    /// Creates a rebuilder that has read nothing yet.
    pub(super) fn new(
        served: Arc<Served>,
        options: Options,
        backend: Option<FormsBackend>,
        runtime: Handle,
        wake: Sender<()>,
    ) -> Rebuilder {
        let (seen, taken, unseen, faults) = Default::default();
        Rebuilder { served, options, wake, backend, runtime, seen, taken, unseen, faults }
    }

    /// Follows changes until the process ends.
    pub(super) fn follow(&mut self, changes: &mut Changes) -> ! {
        loop {
            let until = self.next_moment().into_iter().chain(self.unseen).min();
            let happened = changes.wait(until);
            let updated = catch_unwind(AssertUnwindSafe(|| self.update(&happened)));
            if !updated.is_ok_and(|updated| updated.is_some()) {
                self.look();
            }
        }
    }

    /// Serves the last site with the new texts of the touched pages, forms and data files; `None` if
    /// more than that has changed.
    fn update(&mut self, happened: &FsChange) -> Option<()> {
        let begun = Instant::now();
        let FsChange::Touched(paths) = happened else { return None };
        let before = self.served.generation();
        let snapshot = before.good_snapshot()?;
        let (seen, _) = self.seen.as_mut().filter(|_| self.faults.is_empty())?;
        if is_due(&before) {
            return None;
        }
        let paths = paths.iter().map(|path| path.as_path());
        let files = source::touched(&self.served.root, seen, paths)?;
        let snapshot = Arc::new(snapshot.update(&files)?);
        self.unseen = Some(Instant::now() + QUIET);
        let mut changes = Vec::new();
        for file in files {
            changes.push(format!("{} changed", file.path));
            if let Ok(at) = seen.binary_search_by(|known| known.path.cmp(&file.path)) {
                seen[at] = file;
            }
        }
        if !changes.is_empty() {
            self.put(&before, snapshot);
            (self.served.on_event)(ServeEvent::Changed {
                changes,
                took: begun.elapsed(),
                fixed: false,
            });
        }
        Some(())
    }

    /// Returns when a page is next published or expires.
    fn next_moment(&self) -> Option<Instant> {
        let next = self.served.generation().snapshot.as_ref()?.site().next_moment?;
        // A past moment that could not be handled waits for the next change.
        let seconds = u64::try_from(next - clock::seconds()).ok().filter(|rest| *rest > 0)?;
        Some(Instant::now() + Duration::from_secs(seconds))
    }

    /// Reads the sources, and serves them if they have changed.
    pub(super) fn look(&mut self) {
        self.unseen = None;
        self.guarded(Rebuilder::take);
    }

    /// Runs `work`. A panic is a bug in daisy: the previous site stays served, even a partial one,
    /// and the next change is handled.
    fn guarded(&mut self, work: impl FnOnce(&mut Rebuilder)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_ok() {
            return;
        }
        let before = self.served.generation();
        let found = vec![panicked("content")];
        let shown = match (&before.snapshot, before.is_partial()) {
            (None, _) => Shown::Nothing,
            (Some(_), true) => Shown::Rest,
            (Some(_), false) => Shown::Former,
        };
        self.faults.retain(|fault| !found.contains(fault));
        self.faults.extend(found.iter().cloned());
        self.served.swap(before.after_failure(&self.faults, &self.served.root));
        (self.served.on_event)(ServeEvent::Faults { found, shown });
    }

    fn take(&mut self) {
        let begun = Instant::now();
        // File timestamps have a limited resolution: the current one may be one tick old.
        let now = clock::nanoseconds().saturating_sub(TICK);
        let before = self.served.generation();
        let files = match engine::sources(&self.served.root, None) {
            Ok(tree) => tree.files,
            Err(faults) => {
                let is_reported = self.seen.take().is_none() && self.faults == faults;
                if !is_reported {
                    self.fail(&before, faults);
                }
                return;
            }
        };
        if self.is_seen(&before, &files) && !is_due(&before) {
            return;
        }
        let changes = self.seen.as_ref().map_or_else(Vec::new, |(seen, _)| changes(seen, &files));
        self.seen = Some((files.clone(), now));
        let known =
            before.snapshot.as_deref().map_or(KnownSources::NOTHING, |last| last.known(self.taken));
        let root = &self.served.root;
        let moment = clock::seconds();
        match Snapshot::take(root, files.clone(), &self.options, moment, known) {
            Ok(snapshot) => {
                self.taken = now;
                self.put(&before, Arc::new(snapshot));
                let fixed = !std::mem::take(&mut self.faults).is_empty();
                if !changes.is_empty() || fixed {
                    let took = begun.elapsed();
                    (self.served.on_event)(ServeEvent::Changed { changes, took, fixed });
                }
            }
            Err(faults) if before.good_snapshot().is_some() => self.fail(&before, faults),
            Err(_) => match Snapshot::take_partly(root, files, &self.options, moment, known) {
                Ok((snapshot, faults)) => {
                    self.taken = now;
                    self.put_partial(&before, snapshot, faults);
                }
                Err(faults) => self.fail(&before, faults),
            },
        }
    }

    /// Serves a site that leaves out what has the errors `faults`, and reports them with those of
    /// the store. Errors found by rendering it may be consequences, and are shown only on the
    /// requested page.
    fn put_partial(
        &mut self,
        before: &Generation,
        snapshot: Snapshot,
        mut faults: Vec<Diagnostic>,
    ) {
        let backend = self.backend.as_mut();
        let replies = backend.map(|backend| {
            let published = self.runtime.block_on(backend.serve(&snapshot));
            faults.extend(published.store_faults);
            published.replies
        });
        self.served.swap(Generation::partial(before, Arc::new(snapshot), &faults, replies));
        (self.served.on_event)(ServeEvent::Faults { found: faults.clone(), shown: Shown::Rest });
        self.faults = faults;
    }

    /// Publishes the forms of a snapshot without errors, and serves it.
    fn put(&mut self, before: &Generation, snapshot: Arc<Snapshot>) {
        let (replies, faults) = match &mut self.backend {
            Some(backend) => {
                let published = self.runtime.block_on(backend.serve(&snapshot));
                let faults = published.frame_fault.into_iter().chain(published.store_faults);
                (Some(published.replies), faults.collect())
            }
            None => (None, Vec::new()),
        };
        let warnings = Arc::clone(&snapshot.warnings);
        let is_reported = before.snapshot.as_ref().is_some_and(|last| last.warnings == warnings);
        self.served.swap(Generation::of(before, snapshot, replies));
        self.served.note(&self.served.generation(), &faults);
        // The receiver is gone only when the process ends.
        let _ = self.wake.send(());
        if !is_reported && !warnings.is_empty() {
            (self.served.on_event)(ServeEvent::Warnings(warnings.to_vec()));
        }
    }

    /// Whether the sources are the same as before. A stamp that was too recent then proves nothing,
    /// so the content is compared.
    fn is_seen(&self, before: &Generation, files: &[File]) -> bool {
        let holds_the_same = |file: &File| {
            let record = before.snapshot.as_ref().and_then(|last| last.source(&file.path));
            let bytes = source::bytes(&self.served.root, &file.path);
            record
                .zip(bytes.ok())
                .is_some_and(|(record, bytes)| record.digest == Digest::blake3(bytes))
        };
        self.seen.as_ref().is_some_and(|(seen, at)| {
            let proves = |file: &File| file.stamp.is_clearly_before(*at) || holds_the_same(file);
            seen == files && files.iter().all(proves)
        })
    }

    fn fail(&mut self, before: &Generation, faults: Vec<Diagnostic>) {
        self.served.swap(before.with_faults(&faults, &self.served.root));
        let shown = match before.good_snapshot() {
            Some(_) => Shown::Former,
            None => Shown::Nothing,
        };
        (self.served.on_event)(ServeEvent::Faults { found: faults.clone(), shown });
        self.faults = faults;
    }
}

/// Whether a page is due to be published or to expire.
fn is_due(generation: &Generation) -> bool {
    let next = generation.snapshot.as_ref().and_then(|snapshot| snapshot.site().next_moment);
    next.is_some_and(|moment| moment <= clock::seconds())
}

/// Returns the differences between two walks, each as a path and a word.
fn changes(before: &[File], after: &[File]) -> Vec<String> {
    let mut changes = Vec::new();
    let (mut old, mut new) = (before.iter().peekable(), after.iter().peekable());
    loop {
        match (old.peek(), new.peek()) {
            (Some(a), Some(b)) if a.path == b.path => {
                if a.stamp != b.stamp {
                    changes.push(format!("{} changed", b.path));
                }
                old.next();
                new.next();
            }
            (Some(a), Some(b)) if a.path < b.path => {
                changes.push(format!("{} removed", a.path));
                old.next();
            }
            (Some(a), None) => {
                changes.push(format!("{} removed", a.path));
                old.next();
            }
            (_, Some(b)) => {
                changes.push(format!("{} added", b.path));
                new.next();
            }
            (None, None) => return changes,
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "performs I/O")]
mod tests {
    use std::path::Path;

    use tokio::runtime::{Builder, Runtime};

    use super::*;
    use crate::source::Stamp;

    /// A site with these pages, given by name and title line.
    fn site(pages: &[(&str, &str)]) -> tempfile::TempDir {
        let site = tempfile::tempdir().unwrap();
        let content = site.path().join("content");
        std::fs::create_dir(&content).unwrap();
        std::fs::write(content.join("site.yaml"), "title: A site\n").unwrap();
        for (name, title) in pages {
            std::fs::write(content.join(name), format!("---\n{title}\n---\n")).unwrap();
        }
        site
    }

    /// A rebuilder of the site in `root` that has read nothing yet.
    fn rebuilder(root: &Path, runtime: &Runtime) -> Rebuilder {
        let served = Arc::new(Served::new(root.to_owned(), Arc::new(|_| ()), false));
        let (wake, _) = std::sync::mpsc::channel();
        Rebuilder::new(served, Options::default(), None, runtime.handle().clone(), wake)
    }

    #[test]
    fn a_panic_keeps_the_served_site() {
        let runtime = Builder::new_current_thread().build().unwrap();
        for (page, is_partial) in [("title: Help", false), ("titel: Help", true)] {
            let site = site(&[("_index.md", "title: Home"), ("help.md", page)]);
            let mut rebuilder = rebuilder(site.path(), &runtime);
            rebuilder.look();
            let before = rebuilder.served.generation();
            let known = before.problems(None, &[], true).errors;
            for _ in 0..2 {
                rebuilder.guarded(|_| panic!());
                let after = rebuilder.served.generation();
                let is_same = |(one, other)| Arc::ptr_eq(one, other);
                let snapshots = before.snapshot.as_ref().zip(after.snapshot.as_ref());
                assert!(snapshots.is_some_and(is_same), "{page}");
                assert_eq!((after.is_partial(), after.number), (is_partial, before.number));
                let errors = after.problems(None, &[], true).errors;
                assert_eq!(
                    errors.matches("internal error: this is a bug in daisy").count(),
                    1,
                    "{errors}"
                );
                assert_eq!(errors.contains("titel"), known.contains("titel"), "{errors}");
            }
        }
    }

    #[test]
    fn a_generation_without_its_site_has_a_new_number() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let site = site(&[("_index.md", "title: Home"), ("help.md", "titel: Help")]);
        let mut rebuilder = rebuilder(site.path(), &runtime);
        rebuilder.look();
        let before = rebuilder.served.generation();
        assert!(before.is_partial());
        rebuilder.fail(&before, vec![panicked("content")]);
        let after = rebuilder.served.generation();
        assert!(after.snapshot.is_none());
        assert_ne!(after.number, before.number);
    }

    #[test]
    fn two_walks_are_compared() {
        let file = |path: &str| File { path: path.to_owned(), stamp: Stamp::default() };
        let (a, b, c, d) = (file("a"), file("b"), file("c"), file("d"));
        let found = changes(&[a.clone(), b.clone(), d.clone()], &[b, c, d]);
        assert_eq!(found, ["a removed", "c added"]);
        let alone = [a];
        assert_eq!(changes(&[], &alone), ["a added"]);
        assert_eq!(changes(&alone, &[]), ["a removed"]);
    }
}
