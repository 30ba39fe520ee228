//! Says which files changed, as soon as they have. Watches the disk.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Error, ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::failure::Failure;

/// A save is over when nothing more has happened for so long, where the last thing that happened
/// may be the end of one: a file was closed, renamed or removed.
const ENDED: Duration = Duration::from_millis(5);
/// As above, where the last thing that happened is the middle of one: editors write in several
/// steps, or the system does not tell when a file is closed.
const DEBOUNCE: Duration = Duration::from_millis(20);
/// A change is not held back for longer, however much else happens.
const MAX_DELAY: Duration = Duration::from_millis(250);
/// The folders that a site is made of.
const FOLDERS: [&str; 2] = ["content", "themes"];

/// What has happened when a wait is over.
pub(super) enum FsChange {
    /// Something did to what is at these paths from the root, and to nothing else.
    Touched(BTreeSet<PathBuf>),
    /// Time has passed, or the system cannot tell: whoever wants to know looks.
    Something,
}

/// Changes below the folders of one site.
pub(super) struct Changes {
    root: PathBuf,
    watcher: RecommendedWatcher,
    events: Receiver<Result<Event, Error>>,
}

/// Begins to watch the site in `root`.
///
/// # Errors
/// The system cannot watch so many folders, or any.
pub(super) fn watch(root: &Path) -> Result<Changes, Failure> {
    let (sender, events) = mpsc::channel();
    let watcher = notify::recommended_watcher(move |event: Result<Event, Error>| {
        // Our own reading opens files: such events would never end.
        let read = matches!(&event, Ok(event) if is_reading(&event.kind));
        if !read {
            let _ = sender.send(event);
        }
    });
    let mut changes = Changes {
        root: root.to_owned(),
        watcher: watcher.map_err(|error| failure(&error))?,
        events,
    };
    // The root itself says when one of the folders is made, or put in place of another.
    changes.watcher.watch(root, RecursiveMode::NonRecursive).map_err(|error| failure(&error))?;
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

fn failure(error: &Error) -> Failure {
    Failure::Machine(match error.kind {
        ErrorKind::MaxFilesWatch => "the system cannot watch so many folders; raise \
            `fs.inotify.max_user_watches` and `fs.inotify.max_user_instances`"
            .to_owned(),
        _ => format!("the site's folder cannot be watched: {error}"),
    })
}

impl Changes {
    fn watch_folders(&mut self) -> Result<(), Failure> {
        for folder in FOLDERS.map(|folder| self.root.join(folder)) {
            if folder.is_dir() {
                self.watcher
                    .watch(&folder, RecursiveMode::Recursive)
                    .map_err(|error| failure(&error))?;
            }
        }
        Ok(())
    }

    /// Waits until something changes and the change is over, or until `until`.
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

    /// The paths of an event that are the site's, from the root; `None` where it does not tell them.
    /// A folder that was made anew is watched from now on.
    fn of_site(&mut self, event: Result<Event, Error>) -> Option<Vec<PathBuf>> {
        // An error may have swallowed an event: looking at the disk is always right.
        let event = event.ok()?;
        let folders = FOLDERS.map(|folder| self.root.join(folder));
        if event.paths.iter().any(|path| folders.contains(path)) {
            // What cannot be watched now is watched once it is there.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_watched_is_told_with_a_way_out() {
        let said = |kind| match failure(&Error::new(kind)) {
            Failure::NotFound(message) | Failure::Machine(message) => message,
            Failure::Content(_) => String::new(),
        };
        assert_eq!(
            said(ErrorKind::MaxFilesWatch),
            "the system cannot watch so many folders; raise `fs.inotify.max_user_watches` and \
             `fs.inotify.max_user_instances`"
        );
        assert_eq!(
            said(ErrorKind::PathNotFound),
            "the site's folder cannot be watched: No path was found."
        );
    }
}
