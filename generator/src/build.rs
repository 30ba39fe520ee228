//! Runs the stages: takes a snapshot, renders what is not fresh, commits it. Writes the output
//! folder and the cache.
//!
//! An output is fresh if its page, the theme and every answer it was given are as they were, by
//! their digests. *After any sequence of edits, what a warm build leaves equals what a cold one
//! would make, byte for byte.*

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it touches the disk")]

mod amend;
mod changes;
mod explain;
mod freshness;
mod linked;
mod make;
mod write_cache;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::cache::{self, Cache, Cards, Read, Record, Stamps};
use crate::diagnostic::Diagnostic;
use crate::engine::{self, Known, Snapshot};
use crate::failure::Failure;
use crate::install::Stage;
use crate::outputs::host;
use crate::site::Options;
use crate::source::git::History;
use crate::source::{self, Stamp, Tree};
use hashbrown::HashMap;

use amend::IncrementalBuild;
use changes::Changes;
pub use explain::why;
use freshness::Freshness;
use make::{Asked, OutputRenderer, RenderedOutput, in_order};
use write_cache::CacheWriter;

/// What to build, and where to.
#[derive(Clone, Debug)]
pub struct Request {
    /// The site's folder.
    pub root: PathBuf,
    /// The output folder.
    pub out: PathBuf,
    /// What pages show of what was asked.
    pub options: Options,
    /// Trust no cache.
    pub force: bool,
    /// The moment to build for, in seconds since 1970.
    pub now: i64,
    /// Hears of what takes long.
    pub progress: Option<fn(Progress)>,
}

/// How far a build has come with what takes long: pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many are made.
    pub done: usize,
    /// Of how many.
    pub total: usize,
}

/// What a build did.
#[derive(Debug, Default)]
pub struct Report {
    /// How many outputs the site has.
    pub outputs: usize,
    /// Outputs that were written.
    pub written: usize,
    /// Files that were removed, since no output claims them any more.
    pub removed: usize,
    /// What is doubtful in the sources.
    pub warnings: Vec<Diagnostic>,
    /// Addresses of pages that the last build had, and that lead nowhere now: told once.
    pub lost: Vec<Diagnostic>,
    /// The next moment at which a page appears or goes, in seconds since 1970.
    pub next_moment: Option<i64>,
    /// Why the cache was not used, where there was one.
    pub dropped: Option<&'static str>,
    /// The file of lines for a server of one's own, where they were asked for.
    pub snippet: Option<PathBuf>,
    /// What the build needed, and nobody needs any more.
    pub leftovers: Leftovers,
}

/// Memory that goes with this value. Whoever ends after a build can leave all of it at once to the system,
/// which is quicker than to give back each of a million parts.
#[derive(Default)]
pub struct Leftovers(Vec<Box<dyn Send>>);

impl Leftovers {
    fn of(one: impl Send + 'static) -> Leftovers {
        let mut leftovers = Leftovers::default();
        leftovers.add(one);
        leftovers
    }

    fn add(&mut self, one: impl Send + 'static) {
        self.0.push(Box::new(one));
    }

    /// Leaves it to the system, which takes it when the program ends.
    pub fn leave(self) {
        std::mem::forget(self);
    }
}

impl std::fmt::Debug for Leftovers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Leftovers")
    }
}

/// Builds the site into its output folder.
///
/// # Errors
/// The output folder is then as it was.
pub fn build(request: &Request) -> Result<Report, Failure> {
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
        && let Some(mut report) = try_incremental(request, &lock, known, begun, &sources, &disk)?
    {
        report.leftovers.add((cache, sources, disk));
        return Ok(report);
    }
    build_full(request, &lock, begun, (cache, dropped), sources, disk)
}

/// Builds where nothing has changed, or little; `None` where that is not enough.
fn try_incremental(
    request: &Request,
    lock: &Lock,
    cache: &Cache,
    begun: u64,
    sources: &Tree,
    disk: &Tree,
) -> Result<Option<Report>, Failure> {
    if !is_of_now(cache, request) {
        return Ok(None);
    }
    let Some(look) = Changes::at(request, &cache.stamps, sources, disk) else { return Ok(None) };
    let Some(warnings) = warnings(cache) else { return Ok(None) };
    if look.is_empty() {
        return up_to_date(cache, request, &look, begun, warnings).map(Some);
    }
    IncrementalBuild { request, lock, cache, begun, sources, look: &look }.build(warnings)
}

/// Builds the whole site, of which what is fresh is not made again.
fn build_full(
    request: &Request,
    lock: &Lock,
    begun: u64,
    (cache, dropped): (Option<Cache>, Option<&'static str>),
    sources: Tree,
    disk: Tree,
) -> Result<Report, Failure> {
    let cards = cache.as_ref().map(Cache::cards).unwrap_or_default();
    let known = cache.as_ref().map_or(Known::NOTHING, |cache| known(&cache.stamps, &cards));
    let Tree { files, folders: source_folders } = sources;
    let snapshot = Snapshot::take(&request.root, files, &request.options, request.now, known)?;
    let stage =
        Stage::open(&request.out).map_err(|refusal| Failure::Machine(refusal.to_string()))?;
    let freshness = Freshness::new(cache.as_ref(), &snapshot);
    let on_disk: HashMap<&str, Stamp> =
        disk.files.iter().map(|file| (file.path.as_str(), file.stamp)).collect();
    let maker = OutputRenderer {
        request,
        snapshot: &snapshot,
        freshness: &freshness,
        disk: &on_disk,
        stage: &stage,
    };
    let (outputs, made) = maker.all()?;

    let staged = in_order(&outputs, &made, &on_disk);
    let stale: Vec<&str> = {
        let claimed =
            |path: &str| outputs.binary_search_by(|output| output.path.as_str().cmp(path)).is_ok();
        let mut stale: Vec<&str> = on_disk.keys().copied().filter(|path| !claimed(path)).collect();
        stale.sort_unstable();
        stale
    };
    let snippet = write_snippet(request, &snapshot)?;
    let report = Report {
        outputs: outputs.len(),
        written: staged.len(),
        removed: stale.len(),
        warnings: snapshot.warnings.clone(),
        lost: cache
            .as_ref()
            .map_or_else(Vec::new, |cache| snapshot.lost_addresses(&cards, &cache.stamps)),
        next_moment: snapshot.site().next_moment,
        dropped,
        snippet,
        leftovers: Leftovers::default(),
    };
    let committed = lock.moment()?;
    stage.commit(&staged, &stale).map_err(|error| cannot_write(&request.out, &error))?;
    let stamps = Stamps {
        sources_taken: begun,
        now: request.now,
        options: request.options.clone(),
        next_moment: report.next_moment,
        sources: Arc::clone(&snapshot.sources),
        source_folders,
        warnings: u32::try_from(report.warnings.len()).unwrap_or(u32::MAX),
        more_warnings: snapshot.more_warnings.clone(),
        doubtful_until: snapshot.doubtful_until,
        images: snapshot.images.clone(),
        attachments: snapshot.attachments.clone(),
        history: snapshot.site().history.clone(),
        ..Stamps::default()
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
    .write(freshness.queries(), &made, stamps)?;
    drop(freshness);
    drop(on_disk);
    Ok(Report { leftovers: Leftovers::of((snapshot, outputs, made, cache, cards)), ..report })
}

/// Builds the site without a cache into a folder of its own, and gives the paths that differ from
/// the output folder: missing, superfluous or of other content.
///
/// # Errors
/// As [`build`].
pub fn verify(request: &Request) -> Result<Vec<String>, Failure> {
    let scratch = request.root.join(".daisy/verify");
    let clear = || match fs::remove_dir_all(&scratch) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(cannot_write(&scratch, &error))
        }
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

fn check_out(request: &Request) -> Result<(), Failure> {
    let refuse = |why: &str| {
        let out = request.out.display();
        Err(Failure::Machine(format!(
            "{out} cannot take the site: {why}; name another with `--out`"
        )))
    };
    let (root, out) = (real(&request.root), real(&request.out));
    if root.starts_with(&out) {
        return refuse("the site's own folder is in it");
    }
    if out.starts_with(root.join("content")) || out.starts_with(root.join("themes")) {
        return refuse("it lies among the sources");
    }
    if !root.join("content").is_dir() {
        let fault = Diagnostic::error("content", "this folder is not a site: it has no `content`")
            .help("name the site's folder with `--root`, or make a new site with `daisy init`");
        return Err(Failure::Content(vec![fault]));
    }
    Ok(())
}

/// The whole path of a folder, through its links, though it may not be there yet.
fn real(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let above = whole.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    let real = above.and_then(|(above, real)| Some(real.join(whole.strip_prefix(above).ok()?)));
    real.unwrap_or(whole)
}

/// Keeps a second build out while this one runs; the kernel lets go of it when we die.
struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    /// What time it is by the file system's own clock, in nanoseconds since 1970.
    fn moment(&self) -> Result<u64, Failure> {
        source::filesystem_now(&self.file).map_err(|error| cannot_write(&self.path, &error))
    }
}

fn lock(root: &Path) -> Result<Lock, Failure> {
    let path = root.join(".daisy/lock");
    let open = || {
        fs::create_dir_all(root.join(".daisy"))?;
        File::create(&path)
    };
    let file = open().map_err(|error| cannot_write(&path, &error))?;
    let mut locked = file.try_lock();
    // A program that this one starts elsewhere at this moment, such as `git`, holds all its files open
    // until it runs; and a build that is about to end is worth a moment.
    for _ in 0..20 {
        if !matches!(locked, Err(fs::TryLockError::WouldBlock)) {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
        locked = file.try_lock();
    }
    match locked {
        Ok(()) => Ok(Lock { path, file }),
        Err(fs::TryLockError::WouldBlock) => Err(Failure::Machine(
            "another build of this site is running; wait until it has ended".to_owned(),
        )),
        Err(fs::TryLockError::Error(error)) => Err(cannot_write(&path, &error)),
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::Machine(format!("cannot write {}: {error}", path.display()))
}

/// The sources as they are now; where a cache knows them, by a look at each.
fn sources(root: &Path, cache: Option<&Cache>) -> Result<Tree, Vec<Diagnostic>> {
    let known = cache.map(|Cache { stamps, .. }| source::Known {
        files: paths(&stamps.sources),
        folders: &stamps.source_folders,
        taken: stamps.sources_taken,
        sources: true,
    });
    engine::sources(root, known.as_ref())
}

/// The same of the output folder.
fn outputs_on_disk(out: &Path, cache: Option<&Cache>) -> Result<Tree, Failure> {
    if !out.exists() {
        return Ok(Tree::default());
    }
    let known = cache.map(|Cache { stamps, .. }| source::Known {
        files: paths(&stamps.outputs),
        folders: &stamps.output_folders,
        taken: stamps.outputs_taken,
        sources: false,
    });
    if let Some(tree) = known.and_then(|known| source::rescan(out, &known)) {
        return Ok(tree);
    }
    source::walk_output(out)
        .map_err(|error| Failure::Machine(format!("cannot read {}: {error}", out.display())))
}

fn paths(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.path.as_str()).collect()
}

/// Whether the cache is of a build that would be the same now, as far as that does not depend on files.
fn is_of_now(cache: &Cache, request: &Request) -> bool {
    let stamps = &cache.stamps;
    stamps.options == request.options
        && snippet_path(request).is_none_or(|path| path.exists())
        && stamps.history.as_ref().is_none_or(|known| History::read(&request.root, known) == *known)
        && stamps.now <= request.now
        && stamps.next_moment.is_none_or(|next| request.now < next)
        && stamps.doubtful_until.is_none_or(|until| request.now < until)
}

/// So many files may be looked into at every build before it is noted that they are what they were.
const MAX_UNPROVEN_FILES: usize = 64;

fn up_to_date(
    cache: &Cache,
    request: &Request,
    look: &Changes,
    begun: u64,
    warnings: Vec<Diagnostic>,
) -> Result<Report, Failure> {
    if look.proves(begun) > MAX_UNPROVEN_FILES && !cache.is_worn() {
        let path = cache::path(&request.root, &request.out);
        let entry = look.entry(begun, cache.stamps.now);
        cache.append(&entry).map_err(|error| cannot_write(&path, &error))?;
    }
    Ok(Report {
        outputs: cache.stamps.outputs.len(),
        snippet: snippet_path(request),
        next_moment: cache.stamps.next_moment,
        warnings,
        ..Report::default()
    })
}

/// Where the lines for a server of one's own stand: not among what it serves.
fn snippet_path(request: &Request) -> Option<PathBuf> {
    let name = host::snippet_name(request.options.host?)?;
    Some(request.root.join(".daisy").join(name))
}

fn write_snippet(request: &Request, snapshot: &Snapshot) -> Result<Option<PathBuf>, Failure> {
    let Some(path) = snippet_path(request) else { return Ok(None) };
    let text = host::snippet(snapshot.site());
    fs::write(&path, text).map_err(|error| cannot_write(&path, &error))?;
    Ok(Some(path))
}

fn known<'a>(stamps: &'a Stamps, cards: &'a Cards) -> Known<'a> {
    let Stamps { sources, sources_taken, images, attachments, history, .. } = stamps;
    let (taken, history) = (*sources_taken, history.as_ref());
    Known { sources, taken, cards, images, attachments, history }
}

/// What was doubtful when the cache was written; nothing where a part of that is damaged.
fn warnings(cache: &Cache) -> Option<Vec<Diagnostic>> {
    let (count, more) = (cache.stamps.warnings as usize, &cache.stamps.more_warnings);
    if more.len() == count {
        return Some(more.clone());
    }
    let cards = cache.cards();
    let warnings = cards.iter().flat_map(|known| known.card.warnings.clone());
    let warnings: Vec<Diagnostic> = warnings.chain(more.iter().cloned()).collect();
    (warnings.len() == count).then_some(warnings)
}
