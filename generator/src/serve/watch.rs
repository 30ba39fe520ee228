//! Watches the disk and reports changed files without delay.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::Error;

/// A save is complete after this time without events if the last event may have ended it: a file
/// was closed, renamed or removed.
const ENDED: Duration = Duration::from_millis(5);
/// The same if the last event was in the middle of a save: editors write in several steps, or the
/// system does not report when a file is closed.
const DEBOUNCE: Duration = Duration::from_millis(20);
/// The maximum delay of a change, however many events follow.
const MAX_DELAY: Duration = Duration::from_millis(250);
/// The folders of a site's sources.
const FOLDERS: [&str; 2] = ["content", "themes"];

/// The result of a wait.
pub(super) enum FsChange {
    /// Only the files or folders at these paths, from the root, were touched.
    Touched(BTreeSet<PathBuf>),
    /// Time has passed, or the system cannot say what changed: the disk must be checked.
    Something,
}

/// The changes below the folders of one site.
pub(super) struct Changes {
    root: PathBuf,
    watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
}

/// Begins to watch the site in `root`.
///
/// # Errors
/// The system cannot watch that many folders, or any.
pub(super) fn watch(root: &Path) -> Result<Changes, Error> {
    let (sender, events) = mpsc::channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // Our own reads open files; reacting to those events would never end.
        let read = matches!(&event, Ok(event) if is_reading(&event.kind));
        if !read {
            let _ = sender.send(event);
        }
    });
    let watcher = watcher?;
    let mut changes = Changes { root: root.to_owned(), watcher, events };
    // The root reports when one of the folders is created or replaced.
    changes.watcher.watch(root, RecursiveMode::NonRecursive)?;
    changes.watch_folders()?;
    Ok(changes)
}

fn is_reading(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
        EventKind::Access(_) => true,
        _ => false,
    }
}

fn may_end_a_save(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::Access(AccessKind::Close(AccessMode::Write))
            | EventKind::Modify(ModifyKind::Name(_))
            | EventKind::Remove(_)
    )
}

impl Changes {
    fn watch_folders(&mut self) -> Result<(), Error> {
        for folder in FOLDERS.map(|folder| self.root.join(folder)) {
            if folder.is_dir() {
                self.watcher.watch(&folder, RecursiveMode::Recursive)?;
            }
        }
        Ok(())
    }

    /// Waits until something has changed and the change is complete, or until `until`.
    pub(super) fn wait(&mut self, until: Option<Instant>) -> FsChange {
        let mut touched = BTreeSet::new();
        let mut is_told = true;
        let mut first: Option<Instant> = None;
        let mut quiet = DEBOUNCE;
        loop {
            let now = Instant::now();
            let longest = match first {
                Some(first) => Some(quiet.min((first + MAX_DELAY).saturating_duration_since(now))),
                None => until.map(|until| until.saturating_duration_since(now)),
            };
            let event = match longest {
                Some(longest) => self.events.recv_timeout(longest),
                None => self.events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let Ok(event) = event else {
                return match first {
                    Some(_) if is_told => FsChange::Touched(touched),
                    _ => FsChange::Something,
                };
            };
            let ends = event.as_ref().is_ok_and(|event| may_end_a_save(&event.kind));
            let of_site = self.of_site(event);
            if of_site.as_ref().is_none_or(|paths| !paths.is_empty()) {
                first.get_or_insert_with(Instant::now);
                quiet = if ends { ENDED } else { DEBOUNCE };
            }
            match of_site {
                Some(paths) => touched.extend(paths),
                None => is_told = false,
            }
        }
    }

    /// Returns the paths of an event within the site, from the root; `None` if the event does not
    /// name them. A newly created folder is watched from now on.
    fn of_site(&mut self, event: notify::Result<Event>) -> Option<Vec<PathBuf>> {
        // An error may hide a lost event; checking the disk is always correct.
        let event = event.ok()?;
        let folders = FOLDERS.map(|folder| self.root.join(folder));
        if event.paths.iter().any(|path| folders.contains(path)) {
            // A folder that cannot be watched now is watched once it exists.
            let _ = self.watch_folders();
        }
        if event.need_rescan() {
            return None;
        }
        let paths = event.paths.iter();
        let paths = paths.filter(|path| folders.iter().any(|folder| path.starts_with(folder)));
        Some(
            paths
                .filter_map(|path| path.strip_prefix(&self.root).ok())
                .map(Path::to_owned)
                .collect(),
        )
    }
}
