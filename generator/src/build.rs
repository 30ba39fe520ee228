//! Builds a site: takes a snapshot, renders outputs that are not fresh, and installs them. Writes
//! the output folder and the cache.
//!
//! An output is fresh if its page, the theme and the result of every query it made have the same
//! digests as before. *After any sequence of edits, the result of an incremental build equals that
//! of a full one, byte for byte.*

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

mod error;
mod explain;
mod linked;
mod outputs;
mod previous;
mod unchanged;
mod write_cache;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cache::{self, Cache, CachedPages, Read, Record, Stamps};
use crate::diagnostic::Diagnostic;
use crate::engine::{self, KnownSources, Snapshot};
use crate::install::{self, Stage};
use crate::outputs::host;
use crate::site::Options;
use crate::source::git::History;
use crate::source::{self, Stamp, Tree};
use hashbrown::HashMap;

pub use error::Error;
use error::cannot_write;
pub use explain::why;
use outputs::{OutputBuilder, in_install_order};
use previous::PreviousOutputs;
use write_cache::CacheWriter;

/// What to build, and into which folder.
#[derive(Clone, Debug)]
pub struct Request {
    /// The site's folder.
    pub root: PathBuf,
    /// The output folder.
    pub out: PathBuf,
    /// The options that affect pages.
    pub options: Options,
    /// Ignores the cache.
    pub force: bool,
    /// The time to build for, in seconds since 1970.
    pub now: i64,
    /// Receives the progress of long operations.
    pub progress: Option<fn(Progress)>,
}

/// The progress of encoding images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The number of images encoded.
    pub done: usize,
    /// The number of images to encode.
    pub total: usize,
}

/// The result of a build.
#[derive(Debug, Default)]
pub struct Report {
    /// The number of outputs of the site.
    pub outputs: usize,
    /// The number of outputs that were written.
    pub written: usize,
    /// The number of files that were removed because they are no longer outputs.
    pub removed: usize,
    /// The warnings about the sources.
    pub warnings: Vec<Diagnostic>,
    /// URLs of pages of the last build that are dead now; reported once.
    pub lost: Vec<Diagnostic>,
    /// The next moment at which a page is published or expires, in seconds since 1970.
    pub next_moment: Option<i64>,
    /// The number of drafts that were left out.
    pub drafts: usize,
    /// Why an existing cache was not used.
    pub dropped: Option<&'static str>,
    /// The file with settings for a web server, if requested.
    pub snippet: Option<PathBuf>,
}

/// Builds the site into its output folder.
///
/// # Errors
/// The build failed; the output folder is unchanged.
pub fn build(request: &Request) -> Result<Report, Error> {
    check_out(request)?;
    let lock = lock(&request.root)?;
    let cache_path = cache::path(&request.root, &request.out);
    let read = if request.force { Read::Absent } else { cache::read(&cache_path) };
    let (cache, dropped) = match read {
        Read::Cache(cache) => (Some(*cache), None),
        Read::Absent => (None, None),
        Read::Dropped(reason) => (None, Some(reason)),
    };
    let begun = lock.moment()?;
    let (sources, disk) = rayon::join(
        || sources(&request.root, cache.as_ref()),
        || outputs_on_disk(&request.out, cache.as_ref()),
    );
    let (sources, disk) = (sources?, disk?);
    if let Some(known) = &cache
        && let Some(report) = up_to_date(request, known, begun, &sources, &disk)
    {
        return Ok(report);
    }
    build_stale(request, &lock, begun, (cache, dropped), sources, disk)
}

/// Returns the report of a build if nothing has changed since the last one.
fn up_to_date(
    request: &Request,
    cache: &Cache,
    begun: u64,
    sources: &Tree,
    disk: &Tree,
) -> Option<Report> {
    let stamps = &cache.stamps;
    if !is_of_now(cache, request) {
        return None;
    }
    let touched = unchanged::count_touched(request, stamps, begun, sources, disk)?;
    if touched > MAX_TOUCHED_FILES {
        return None;
    }
    Some(Report {
        outputs: stamps.outputs.len(),
        snippet: snippet_path(request),
        next_moment: stamps.next_moment,
        drafts: stamps.drafts,
        warnings: warnings(cache)?,
        ..Report::default()
    })
}

/// Builds the outputs that are not fresh.
fn build_stale(
    request: &Request,
    lock: &Lock,
    begun: u64,
    (cache, dropped): (Option<Cache>, Option<&'static str>),
    sources: Tree,
    disk: Tree,
) -> Result<Report, Error> {
    let (metadata, previous) = rayon::join(
        || cache.as_ref().map(Cache::metadata).unwrap_or_default(),
        || cache.as_ref().map(PreviousOutputs::read).unwrap_or_default(),
    );
    let known =
        cache.as_ref().map_or(KnownSources::NOTHING, |cache| known(&cache.stamps, &metadata));
    let Tree { files, folders: source_folders } = sources;
    let snapshot = Snapshot::take(&request.root, files, &request.options, request.now, known)?;
    let stage = Stage::open(&request.out)?;
    let on_disk: HashMap<&str, Stamp> =
        disk.files.iter().map(|file| (file.path.as_str(), file.stamp)).collect();
    let builder = OutputBuilder {
        request,
        snapshot: &snapshot,
        previous: &previous,
        disk: &on_disk,
        stage: &stage,
    };
    let (outputs, built) = builder.build_all()?;
    let staged = in_install_order(&outputs, &built, &on_disk);
    let output_paths: Vec<&str> = outputs.iter().map(|output| output.path.as_str()).collect();
    let stale = install::stale(on_disk.keys().copied(), &output_paths);
    let committed = lock.moment()?;
    stage.commit(&staged, &stale).map_err(|error| cannot_write(&request.out, error))?;
    let snippet = write_snippet(request, &snapshot)?;
    let stamps = Stamps {
        sources_taken: begun,
        now: request.now,
        options: request.options.clone(),
        source_folders,
        ..snapshot.stamps()
    };
    linked::tidy(&snapshot, &outputs);
    let folders_before = disk.folders.iter().map(|folder| folder.path.as_str()).collect();
    CacheWriter {
        request,
        lock,
        snapshot: &snapshot,
        outputs: &outputs,
        begun,
        committed,
        folders_before,
    }
    .write(&built, stamps)?;
    let lost = cache
        .as_ref()
        .map_or_else(Vec::new, |cache| snapshot.lost_addresses(&metadata, &cache.stamps));
    Ok(Report {
        outputs: outputs.len(),
        written: staged.len(),
        removed: stale.len(),
        warnings: snapshot.warnings.to_vec(),
        lost,
        next_moment: snapshot.site().next_moment,
        drafts: snapshot.site().drafts,
        dropped,
        snippet,
    })
}

/// Builds the site without a cache into a separate folder, and returns the paths that differ from
/// the output folder: missing, superfluous or with different content.
///
/// # Errors
/// As [`build`].
pub fn verify(request: &Request) -> Result<Vec<String>, Error> {
    let scratch = request.root.join(".daisy/verify");
    let clear = || match fs::remove_dir_all(&scratch) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot_write(&scratch, error)),
        _ => Ok(()),
    };
    clear()?;
    let cold = Request { out: scratch.clone(), force: true, ..request.clone() };
    build(&cold)?;
    let ours = outputs_on_disk(&request.out, None)?.files;
    let theirs = outputs_on_disk(&scratch, None)?.files;
    let mut paths: Vec<String> = ours.into_iter().chain(theirs).map(|file| file.path).collect();
    paths.sort_unstable();
    paths.dedup();
    paths.retain(|path| {
        let (one, other) = (fs::read(request.out.join(path)), fs::read(scratch.join(path)));
        one.ok() != other.ok()
    });
    clear()?;
    let _ = fs::remove_file(cache::path(&request.root, &scratch));
    Ok(paths)
}

fn check_out(request: &Request) -> Result<(), Error> {
    let refuse = |reason| Err(Error::UnsuitableOutput { out: request.out.clone(), reason });
    let (root, out) = (real(&request.root), real(&request.out));
    if root.starts_with(&out) {
        return refuse("it contains the site's own folder");
    }
    if out.starts_with(root.join("content")) || out.starts_with(root.join("themes")) {
        return refuse("it is among the sources");
    }
    if !root.join("content").is_dir() {
        let fault = Diagnostic::error("content", "this folder is not a site: it has no `content`")
            .help("set the site's folder with `--root`, or create a site with `daisy init`");
        return Err(Error::Content(vec![fault]));
    }
    Ok(())
}

/// Returns the absolute path of a folder with links resolved, even if the folder does not exist
/// yet.
fn real(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let above = whole.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    let real = above.and_then(|(above, real)| Some(real.join(whole.strip_prefix(above).ok()?)));
    real.unwrap_or(whole)
}

/// Prevents concurrent builds of a site; the kernel releases it when the process ends.
struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    /// Returns the current time by the file system's own clock, in nanoseconds since 1970.
    fn moment(&self) -> Result<u64, Error> {
        source::filesystem_now(&self.file).map_err(|error| cannot_write(&self.path, error))
    }
}

fn lock(root: &Path) -> Result<Lock, Error> {
    let path = root.join(".daisy/lock");
    let open = || {
        fs::create_dir_all(root.join(".daisy"))?;
        File::create(&path)
    };
    let file = open().map_err(|error| cannot_write(&path, error))?;
    let mut locked = file.try_lock();
    // Retry briefly: a child process such as `git` that is just being started holds all open files
    // until it executes, and another build may be about to end.
    for _ in 0..20 {
        if !matches!(locked, Err(fs::TryLockError::WouldBlock)) {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
        locked = file.try_lock();
    }
    match locked {
        Ok(()) => Ok(Lock { path, file }),
        Err(fs::TryLockError::WouldBlock) => Err(Error::Locked),
        Err(fs::TryLockError::Error(error)) => Err(cannot_write(&path, error)),
    }
}

/// Lists the sources; with a cache, only by checking the files that it knows.
fn sources(root: &Path, cache: Option<&Cache>) -> Result<Tree, Vec<Diagnostic>> {
    let known = cache.map(|Cache { stamps, .. }| source::KnownTree {
        files: paths(&stamps.sources),
        folders: &stamps.source_folders,
        taken: stamps.sources_taken,
        sources: true,
    });
    engine::sources(root, known.as_ref())
}

/// Lists the files of the output folder in the same way.
fn outputs_on_disk(out: &Path, cache: Option<&Cache>) -> Result<Tree, Error> {
    if !out.exists() {
        return Ok(Tree::default());
    }
    let known = cache.map(|Cache { stamps, .. }| source::KnownTree {
        files: paths(&stamps.outputs),
        folders: &stamps.output_folders,
        taken: stamps.outputs_taken,
        sources: false,
    });
    if let Some(tree) = known.and_then(|known| source::rescan(out, &known)) {
        return Ok(tree);
    }
    source::walk_output(out).map_err(|source| Error::Read { path: out.to_owned(), source })
}

fn paths(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.path.as_str()).collect()
}

/// Whether a build now would be the same as the cached one, as far as that does not depend on
/// files.
fn is_of_now(cache: &Cache, request: &Request) -> bool {
    let stamps = &cache.stamps;
    stamps.options == request.options
        && snippet_path(request).is_none_or(|path| path.exists())
        && stamps.history.as_ref().is_none_or(|known| History::read(&request.root, known) == *known)
        && stamps.now <= request.now
        && stamps.next_moment.is_none_or(|next| request.now < next)
        && stamps.doubtful_until.is_none_or(|until| request.now < until)
}

/// The number of files that may be read again at every build, only because something touched them,
/// before the cache is written anew.
const MAX_TOUCHED_FILES: usize = 64;

/// The path of the web server settings: outside the folder that the server publishes.
fn snippet_path(request: &Request) -> Option<PathBuf> {
    let name = host::snippet_name(request.options.host?)?;
    Some(request.root.join(".daisy").join(name))
}

fn write_snippet(request: &Request, snapshot: &Snapshot) -> Result<Option<PathBuf>, Error> {
    let Some(path) = snippet_path(request) else { return Ok(None) };
    let text = host::snippet(snapshot.site());
    fs::write(&path, text).map_err(|error| cannot_write(&path, error))?;
    Ok(Some(path))
}

fn known<'a>(stamps: &'a Stamps, metadata: &'a CachedPages) -> KnownSources<'a> {
    let Stamps { sources, sources_taken, images, attachments, history, .. } = stamps;
    let (taken, history) = (*sources_taken, history.as_ref());
    KnownSources { sources, taken, metadata, images, attachments, history }
}

/// Returns the warnings of the cached build; `None` if their part of the cache is damaged.
fn warnings(cache: &Cache) -> Option<Vec<Diagnostic>> {
    let (count, more) = (cache.stamps.warnings as usize, &cache.stamps.more_warnings);
    if more.len() == count {
        return Some(more.clone());
    }
    let metadata = cache.metadata();
    let warnings = metadata.iter().flat_map(|known| known.meta.warnings.clone());
    let warnings: Vec<Diagnostic> = warnings.chain(more.iter().cloned()).collect();
    (warnings.len() == count).then_some(warnings)
}
