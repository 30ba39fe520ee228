//! The state shared by all threads: the current generation and the rendered pages. Reads files that
//! are served unchanged from the disk.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::collections::VecDeque;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use tokio::sync::watch;

use super::address::{self, Named};
use super::connection::Limits;
use super::generation::{Generation, Problems, source_of};
use super::page_cache::{PageCache, RenderedPage};
use super::{EventHandler, ServeEvent, Shown, panicked};
use crate::clock;
use crate::diagnostic::Diagnostic;
use crate::engine::{Output, OutputSource, Snapshot};
use crate::outputs::SiteFile;
use crate::parse::{EndReason, Moment};
use crate::source::{self, Stamp};

/// The number of files of former sites to keep: a page loaded just before a change still requests
/// its style sheet.
const FORMER: usize = 16;

/// The state of the server.
pub(super) struct Served {
    /// The site's folder.
    pub(super) root: PathBuf,
    /// Receives messages for the user.
    pub(super) on_event: EventHandler,
    /// Whether others can reach the server.
    pub(super) exposed: bool,
    /// Timeouts for receiving a request.
    pub(super) limits: Limits,
    /// Swapped as a whole: each request reads it once and sees no other generation.
    generation: RwLock<Arc<Generation>>,
    pages: PageCache,
    former: Mutex<VecDeque<(String, Arc<Vec<u8>>)>>,
    changed: watch::Sender<u64>,
    ending: watch::Sender<bool>,
    busy: AtomicUsize,
}

/// What is found at a path.
pub(super) enum Found {
    /// A page.
    Page {
        /// The rendered page.
        page: Arc<RenderedPage>,
        /// Whether it is the 404 page.
        missing: bool,
        /// A note about it that visitors never see.
        notice: Option<String>,
        /// The file it is made from, from the root.
        source: Option<String>,
    },
    /// A file and its name, which determines its media type.
    File(Arc<Vec<u8>>, String),
    /// The page at the address of a page that was removed.
    Removed(Arc<Vec<u8>>),
    /// A page's folder without the trailing `/`.
    Folder,
    /// The root of the host, if the site is in a folder below: the URL of its home page.
    Home(String),
    /// Nothing, and the theme has no 404 page.
    Nothing,
    /// Errors in place of a page.
    Broken {
        /// The file that the page would be made from, from the root.
        source: Option<String>,
        /// The errors of this page alone, shown on no other page.
        faults: Vec<Diagnostic>,
    },
    /// The source was just changed; another generation is about to follow.
    Stale,
}

/// Why there is no page.
enum Failed {
    Faults(Vec<Diagnostic>),
    Stale,
}

/// Counts the requested pages that are being rendered.
struct Busy<'a>(&'a AtomicUsize);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Found {
    /// There is no site at all.
    pub(super) const BROKEN: Found = Found::Broken { source: None, faults: Vec::new() };
}

impl Served {
    pub(super) fn new(root: PathBuf, on_event: EventHandler, exposed: bool) -> Served {
        Served {
            root,
            on_event,
            exposed,
            limits: Limits::USUAL,
            generation: RwLock::new(Arc::new(Generation::empty())),
            pages: PageCache::default(),
            former: Mutex::default(),
            changed: watch::Sender::new(0),
            ending: watch::Sender::new(false),
            busy: AtomicUsize::new(0),
        }
    }

    /// Returns the current generation.
    pub(super) fn generation(&self) -> Arc<Generation> {
        Arc::clone(&self.generation.read().expect("nothing panics while it holds this"))
    }

    /// Makes `generation` the current generation.
    pub(super) fn swap(&self, generation: Generation) {
        let before = self.generation();
        if let (Some(old), Some(new)) = (&before.snapshot, &generation.snapshot)
            && !new.shares_outputs(old)
        {
            self.keep_former(old, new);
        }
        *self.generation.write().expect("nothing panics while it holds this") =
            Arc::new(generation);
        self.announce();
    }

    /// Notifies every browser that it should check for changes.
    fn announce(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// Subscribes to changes from now on.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Asks all endless tasks to end.
    pub(super) fn end(&self) {
        self.ending.send_replace(true);
    }

    /// Waits until the server is asked to end.
    pub(super) async fn ended(&self) {
        // The sender is borrowed here, so it cannot have been dropped.
        let _ = self.ending.subscribe().wait_for(|ending| *ending).await;
    }

    /// Whether a requested page is being rendered.
    pub(super) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed) > 0
    }

    /// Finds what is at the decoded path `path`. Slow if it has to render.
    pub(super) fn find(&self, generation: &Generation, path: &str) -> Found {
        self.busy.fetch_add(1, Ordering::Relaxed);
        let _busy = Busy(&self.busy);
        let Some(snapshot) = &generation.snapshot else { return Found::BROKEN };
        let base_url = &snapshot.site().base_url;
        let Some(path) = base_url.requested(path) else {
            return match path {
                "" => Found::Home(base_url.href("/").into_owned()),
                path if base_url.requested(&format!("{path}/")) == Some("") => Found::Folder,
                _ => self.missing(generation, snapshot),
            };
        };
        match address::find(&snapshot.outputs, path) {
            Named::Output(output) => self.output(generation, snapshot, output, false),
            Named::Folder => Found::Folder,
            Named::Nothing => {
                if let Some(bytes) =
                    self.former(path).or_else(|| self.image(generation, snapshot, path))
                {
                    return Found::File(bytes, path.to_owned());
                }
                let output = snapshot.attachment(path).or_else(|| snapshot.fingerprinted(path));
                if let Some(output) = output {
                    return self.output(generation, snapshot, &output, false);
                }
                if let Some(file) = generation.new_unreadable(snapshot, path) {
                    return Found::Broken { source: Some(file.to_owned()), faults: Vec::new() };
                }
                self.missing(generation, snapshot)
            }
        }
    }

    /// Returns what is shown at a URL that does not exist.
    fn missing(&self, generation: &Generation, snapshot: &Snapshot) -> Found {
        match address::find(&snapshot.outputs, "404.html") {
            Named::Output(output) => self.output(generation, snapshot, output, true),
            _ => Found::Nothing,
        }
    }

    fn output(
        &self,
        generation: &Generation,
        snapshot: &Snapshot,
        output: &Output,
        missing: bool,
    ) -> Found {
        match &output.source {
            OutputSource::Bytes(..) | OutputSource::Site(_) | OutputSource::Copy(..) => {
                match snapshot.render(output) {
                    Ok(rendered)
                        if matches!(output.source, OutputSource::Site(SiteFile::Removed(_))) =>
                    {
                        Found::Removed(rendered.bytes)
                    }
                    Ok(rendered) => Found::File(rendered.bytes, output.path.clone()),
                    Err(_) => Found::Stale,
                }
            }
            // Found by path instead: see `image`.
            OutputSource::Image(_) => Found::Nothing,
            OutputSource::Page(_) | OutputSource::List(_) | OutputSource::NotFound => {
                let (pages, source) = (&self.pages, source_of(snapshot, output));
                if generation.is_unreadable(snapshot, output) {
                    return Found::Broken { source, faults: Vec::new() };
                }
                let made = self.guarded(snapshot, output, || pages.page(snapshot, output));
                let page = match made {
                    Ok(page) => Some(page),
                    Err(Failed::Stale) if !generation.is_broken() => return Found::Stale,
                    Err(Failed::Stale) => pages.last(&output.path),
                    // They may be consequences of the errors in the sources.
                    Err(Failed::Faults(faults)) if generation.is_partial() => {
                        return Found::Broken { source, faults };
                    }
                    Err(Failed::Faults(faults)) => {
                        self.note(generation, &faults);
                        pages.last(&output.path)
                    }
                };
                let Some(page) = page else { return Found::Broken { source, faults: Vec::new() } };
                let notice = notice(snapshot, output, clock::seconds());
                Found::Page { page, missing, notice, source }
            }
        }
    }

    /// Renders the errors and warnings shown above what was found, or in its place.
    pub(super) fn problems(generation: &Generation, found: &Found) -> Problems {
        match found {
            Found::Page { source, missing, .. } => {
                generation.problems(source.as_deref(), &[], !missing)
            }
            Found::Broken { source, faults } => {
                generation.problems(source.as_deref(), faults, false)
            }
            _ => generation.problems(None, &[], false),
        }
    }

    /// Returns an image, encoded now unless it is cached: pages do not wait for their images.
    fn image(
        &self,
        generation: &Generation,
        snapshot: &Snapshot,
        path: &str,
    ) -> Option<Arc<Vec<u8>>> {
        let output = snapshot.image(path)?;
        let OutputSource::Image(variant) = &output.source else { return None };
        let make = || snapshot.image_cache.bytes(variant).map_err(|fault| vec![fault]);
        match self.guarded(snapshot, &output, make) {
            Ok(bytes) => Some(Arc::new(bytes)),
            Err(Failed::Faults(faults)) => {
                self.note(generation, &faults);
                None
            }
            Err(Failed::Stale) => None,
        }
    }

    /// Renders an output that was not requested, if it is not fresh.
    pub(super) fn check(&self, generation: &Generation, snapshot: &Snapshot, output: &Output) {
        let check = || self.pages.check(snapshot, output);
        if let Err(Failed::Faults(faults)) = self.guarded(snapshot, output, check) {
            self.note(generation, &faults);
        }
    }

    /// Removes what only former generations had.
    pub(super) fn tidy(&self, snapshot: &Snapshot) {
        self.pages.retain(&snapshot.outputs);
    }

    /// Runs `work` on an output. An error in a source that has changed since is ignored: the next
    /// generation will report it. A panic is reported as an error, and other outputs are still
    /// served.
    fn guarded<T>(
        &self,
        snapshot: &Snapshot,
        output: &Output,
        work: impl FnOnce() -> Result<T, Vec<Diagnostic>>,
    ) -> Result<T, Failed> {
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_)) if self.is_stale(snapshot, output) => Err(Failed::Stale),
            Ok(Err(faults)) => Err(Failed::Faults(faults)),
            Err(_) => Err(Failed::Faults(vec![panicked(&output.path)])),
        }
    }

    fn is_stale(&self, snapshot: &Snapshot, output: &Output) -> bool {
        let Some(id) = output.source.page() else { return false };
        let path = format!("content/{}", snapshot.site().page(id).meta.path);
        let Some(record) = snapshot.source(&path) else { return false };
        let now =
            fs::metadata(source::on_disk(&self.root, &path)).map(|metadata| Stamp::of(&metadata));
        now.ok() != Some(record.stamp)
    }

    /// Records the errors found by rendering, and reports new ones to the user and to every
    /// browser. Errors of a snapshot that is no longer served are ignored: they may be fixed.
    pub(super) fn note(&self, generation: &Generation, faults: &[Diagnostic]) {
        if self.generation().number != generation.number {
            return;
        }
        let new = generation.note(faults);
        if !new.is_empty() {
            (self.on_event)(ServeEvent::Faults { found: new, shown: Shown::Nothing });
            self.announce();
        }
    }

    fn keep_former(&self, old: &Snapshot, new: &Snapshot) {
        let mut former = self.former.lock().expect("nothing panics while it holds this");
        for output in old.outputs.iter() {
            if let OutputSource::Bytes(bytes, _) = &output.source
                && address::find(&new.outputs, &output.path) == Named::Nothing
            {
                former.push_front((output.path.clone(), Arc::clone(bytes)));
            }
        }
        former.truncate(FORMER);
    }

    fn former(&self, path: &str) -> Option<Arc<Vec<u8>>> {
        let former = self.former.lock().expect("nothing panics while it holds this");
        former.iter().find(|(name, _)| name == path).map(|(_, bytes)| Arc::clone(bytes))
    }
}

/// Returns the note on a page that the published site does not have at `now`.
fn notice(snapshot: &Snapshot, output: &Output, now: i64) -> Option<String> {
    let id = output.source.page()?;
    let page = snapshot.site().page(id);
    let front = &page.meta.front;
    if front.unreviewed.is_some() && !page.is_fallback {
        let words = "Unreviewed translation: the published site shows this page untranslated.";
        return Some(words.to_owned());
    }
    if front.draft {
        return Some("Draft: this page is not on the published site.".to_owned());
    }
    if let Some(begins) = front.publish_on.as_ref().filter(|begins| begins.value.seconds > now) {
        let begins = in_words(&begins.value);
        return Some(format!("Scheduled: this page will be on the published site from {begins}."));
    }
    if let Some(end) = front.end().filter(|end| end.moment.seconds <= now) {
        let (reason, ends) = (
            match end.reason {
                EndReason::Expired => "Expired",
                EndReason::ConsentEnded => "Consent ended",
                EndReason::ConsentWithdrawn => "Consent withdrawn",
            },
            in_words(&end.moment),
        );
        return Some(format!(
            "{reason}: this page has not been on the published site since {ends}."
        ));
    }
    let is_withheld = snapshot.site().is_withheld_for_consent(page);
    is_withheld.then(|| "No consent: this page cannot be on the published site.".to_owned())
}

/// Formats `1 June 2026`, or `1 June 2026 at 09:00` if a time was written.
fn in_words(moment: &Moment) -> String {
    let format = if moment.timed { "%-d %B %Y at %H:%M" } else { "%-d %B %Y" };
    moment.civil().strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::engine::{self, KnownSources};
    use crate::site::Options;

    fn site() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("content")).unwrap();
        for (name, text) in
            [("site.yaml", "title: A site\n"), ("_index.md", "---\ntitle: A\n---\n")]
        {
            fs::write(folder.path().join("content").join(name), text).unwrap();
        }
        folder
    }

    fn snapshot(root: &Path) -> Snapshot {
        let files = engine::sources(root, None).unwrap().files;
        Snapshot::take(root, files, &Options::default(), 0, KnownSources::NOTHING).unwrap()
    }

    #[test]
    fn a_panic_is_reported_and_other_pages_are_still_served() {
        let folder = site();
        let snapshot = snapshot(folder.path());
        let output = snapshot.outputs.iter().find(|output| output.path == "index.html").unwrap();
        let served = Served::new(folder.path().to_owned(), Arc::new(|_| ()), false);
        let Err(Failed::Faults(found)) = served.guarded::<()>(&snapshot, output, || panic!())
        else {
            panic!("a panic is a fault")
        };
        assert_eq!(found[0].path, "index.html");
        assert_eq!(found[0].message, "internal error: this is a bug in daisy");
        let help = "please report it, with the output in the terminal";
        assert_eq!(found[0].help.as_deref(), Some(help));
        assert!(served.guarded(&snapshot, output, || Ok(())).is_ok());
    }

    #[test]
    fn errors_of_a_former_snapshot_are_not_reported() {
        let (sender, reported) = std::sync::mpsc::channel();
        let on_event: EventHandler = Arc::new(move |event| sender.send(event).unwrap());
        let served = Served::new(PathBuf::new(), on_event, false);
        let folder = site();
        let snapshot = Arc::new(snapshot(folder.path()));
        let next = |before: &Generation| Generation::of(before, Arc::clone(&snapshot), None);
        served.swap(next(&served.generation()));
        let former = served.generation();
        let fault = |message: &str| vec![Diagnostic::error("themes/a.html", message)];
        served.note(&former, &fault("before"));
        assert_eq!(reported.try_iter().count(), 1);
        served.swap(next(&former));
        let mut changes = served.changes();
        served.note(&former, &fault("fixed"));
        assert_eq!(reported.try_iter().count(), 0);
        assert!(!changes.has_changed().unwrap());
        served.note(&served.generation(), &fault("after"));
        assert_eq!(reported.try_iter().count(), 1);
        assert!(changes.borrow_and_update().gt(&0));
        // Errors of the sources alone keep the snapshot, so those of its pages count.
        served.swap(served.generation().with_faults(&fault("source"), Path::new("")));
        served.note(&served.generation(), &fault("page"));
        assert_eq!(reported.try_iter().count(), 1);
    }
}
