//! Runs the stages: takes a snapshot, renders what is not fresh, commits it. Writes the output
//! folder and the cache.
//!
//! An output is fresh if its page, the theme and every answer it was given are as they were, by
//! their digests. *After any sequence of edits, what a warm build leaves equals what a cold one
//! would make, byte for byte.*

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it touches the disk")]

mod freshness;
mod make;
mod pictures;
mod why;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::clock;
use crate::commit::Stage;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::load::{self, Stamp};
use crate::manifest::{self, Cache, Read, Record, Stamps, Trace, Traces};
use crate::query::Question;
use crate::site::Options;
use crate::snapshot::{self, Known, Output, Snapshot};

use freshness::Freshness;
use make::{Asked, Made, Maker, in_order};
pub use why::why;

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
    /// The next moment at which a page appears or goes, in seconds since 1970.
    pub next_moment: Option<i64>,
    /// Why the cache was not used, where there was one.
    pub dropped: Option<&'static str>,
}

/// Why there is no site.
#[derive(Debug)]
pub enum Failure {
    /// The content or the theme is at fault.
    Content(Vec<Diagnostic>),
    /// The call or the machine is.
    Machine(String),
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(found: Vec<Diagnostic>) -> Self {
        Failure::Content(found)
    }
}

/// Builds the site into its output folder.
///
/// # Errors
/// The output folder is then as it was.
pub fn build(request: &Request) -> Result<Report, Failure> {
    check_out(request)?;
    let _lock = lock(&request.root)?;
    let cache_path = manifest::path(&request.root, &request.out);
    let read = if request.force { Read::Absent } else { manifest::read(&cache_path) };
    let (cache, dropped) = match read {
        Read::Cache(cache) => (Some(*cache), None),
        Read::Absent => (None, None),
        Read::Dropped(reason) => (None, Some(reason)),
    };
    let sources_taken = clock::nanoseconds();
    let files = snapshot::sources(&request.root)?;
    let disk = walk_output(&request.out)?;
    if let Some(cache) = &cache
        && is_up_to_date(cache, request, &files, &disk)
    {
        let mut report = Report { outputs: disk.len(), ..Report::default() };
        report.next_moment = cache.stamps.next_moment;
        if cache.stamps.warnings > 0 {
            report.warnings = warnings(cache);
        }
        return Ok(report);
    }

    let known = cache.as_ref().map(known).unwrap_or_default();
    let snapshot = Snapshot::take(&request.root, files, &request.options, request.now, known)?;
    let stage =
        Stage::open(&request.out).map_err(|refusal| Failure::Machine(refusal.to_string()))?;
    let freshness = Freshness::new(cache.as_ref(), &snapshot);
    let disk: HashMap<&str, Stamp> =
        disk.iter().map(|file| (file.path.as_str(), file.stamp)).collect();
    let maker =
        Maker { request, snapshot: &snapshot, freshness: &freshness, disk: &disk, stage: &stage };
    let (outputs, made) = maker.all()?;

    let staged = in_order(&outputs, &made, &disk);
    let stale: Vec<&str> = {
        let claimed =
            |path: &str| outputs.binary_search_by(|output| output.path.as_str().cmp(path)).is_ok();
        let mut stale: Vec<&str> = disk.keys().copied().filter(|path| !claimed(path)).collect();
        stale.sort_unstable();
        stale
    };
    let report = Report {
        outputs: outputs.len(),
        written: staged.len(),
        removed: stale.len(),
        warnings: snapshot.warnings.clone(),
        next_moment: snapshot.site().next_moment,
        dropped,
    };
    stage.commit(&staged, &stale).map_err(|error| cannot_write(&request.out, &error))?;
    let stamps = Stamps {
        sources_taken,
        outputs_taken: clock::nanoseconds(),
        now: request.now,
        options: request.options.clone(),
        next_moment: report.next_moment,
        sources: snapshot.sources.clone(),
        outputs: Vec::new(),
        warnings: u32::try_from(report.warnings.len()).unwrap_or(u32::MAX),
        more_warnings: snapshot.site().stills(),
        images: snapshot.images.clone(),
    };
    pictures::tidy(&snapshot, &outputs);
    let site = (&snapshot, outputs.as_slice());
    remember(request, site, freshness.queries(), made, stamps)
        .map_err(|error| cannot_write(&cache_path, &error))?;
    Ok(report)
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
    let ours = walk_output(&request.out)?;
    let theirs = walk_output(&scratch)?;
    let mut paths: Vec<String> = ours.into_iter().chain(theirs).map(|file| file.path).collect();
    paths.sort_unstable();
    paths.dedup();
    paths.retain(|path| {
        let (one, other) = (fs::read(request.out.join(path)), fs::read(scratch.join(path)));
        one.ok() != other.ok()
    });
    clear()?;
    let _ = fs::remove_file(manifest::path(&request.root, &scratch));
    Ok(paths)
}

fn check_out(request: &Request) -> Result<(), Failure> {
    let refuse = |why: &str| {
        let out = request.out.display();
        Err(Failure::Machine(format!(
            "{out} cannot take the site: {why}; name another with `--out`"
        )))
    };
    let root = request.root.canonicalize().unwrap_or_else(|_| request.root.clone());
    let out = request.out.canonicalize().unwrap_or_else(|_| request.out.clone());
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

/// Keeps a second build out while this one runs; the kernel lets go of it when we die.
fn lock(root: &Path) -> Result<File, Failure> {
    let path = root.join(".daisy/lock");
    let open = || {
        fs::create_dir_all(root.join(".daisy"))?;
        File::create(&path)
    };
    let file = open().map_err(|error| cannot_write(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(Failure::Machine(
            "another build of this site is running; wait until it has ended".to_owned(),
        )),
        Err(fs::TryLockError::Error(error)) => Err(cannot_write(&path, &error)),
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::Machine(format!("cannot write {}: {error}", path.display()))
}

fn walk_output(out: &Path) -> Result<Vec<load::File>, Failure> {
    if !out.exists() {
        return Ok(Vec::new());
    }
    load::walk_output(out)
        .map_err(|error| Failure::Machine(format!("cannot read {}: {error}", out.display())))
}

fn is_up_to_date(
    cache: &Cache,
    request: &Request,
    files: &[load::File],
    disk: &[load::File],
) -> bool {
    let stamps = &cache.stamps;
    // A stamp that proves nothing is looked behind: right after a build these are the few files
    // that were written last.
    let same = |folder: &Path, records: &[Record], files: &[load::File], taken| {
        records.len() == files.len()
            && records.iter().zip(files).all(|(record, file)| {
                let content = || fs::read(folder.join(&file.path)).ok().map(Digest::of);
                record.path == file.path
                    && record.stamp == file.stamp
                    && (snapshot::is_unchanged(record, file, taken)
                        || content() == Some(record.digest))
            })
    };
    stamps.options == request.options
        && stamps.now <= request.now
        && stamps.next_moment.is_none_or(|next| request.now < next)
        && same(&request.root, &stamps.sources, files, stamps.sources_taken)
        && same(&request.out, &stamps.outputs, disk, stamps.outputs_taken)
}

fn known(cache: &Cache) -> Known {
    let sources = &cache.stamps.sources;
    Known {
        sources: sources.iter().map(|record| (record.path.clone(), record.clone())).collect(),
        taken: cache.stamps.sources_taken,
        cards: cache.cards(),
        images: cache.stamps.images.clone(),
    }
}

fn warnings(cache: &Cache) -> Vec<Diagnostic> {
    let mut cards: Vec<_> = cache.cards().into_iter().collect();
    cards.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let warnings = cards.into_iter().flat_map(|(_, known)| known.card.warnings.clone());
    warnings.chain(cache.stamps.more_warnings.iter().cloned()).collect()
}

/// Writes the cache, with the stamps of the outputs as they are now.
fn remember(
    request: &Request,
    (snapshot, outputs): (&Snapshot, &[Output]),
    before: &[(Question, Digest)],
    made: Vec<Made>,
    mut stamps: Stamps,
) -> io::Result<()> {
    let mut numbers: HashMap<Question, u32> = HashMap::new();
    let mut traces = Traces::default();
    let mut number = |query: &Question, digest: Digest| {
        *numbers.entry(query.clone()).or_insert_with(|| {
            traces.queries.push((query.clone(), digest));
            u32::try_from(traces.queries.len() - 1).expect("fewer than 4 billion queries")
        })
    };
    let mut made_of = Vec::with_capacity(made.len());
    for (output, made) in outputs.iter().zip(made) {
        let mut asked: Vec<u32> = match made.answers {
            Asked::Now(answers) => {
                answers.iter().map(|answer| number(&answer.question, answer.digest)).collect()
            }
            Asked::Before(asked) => asked
                .iter()
                .filter_map(|at| before.get(*at as usize))
                .map(|(query, digest)| number(query, *digest))
                .collect(),
        };
        asked.sort_unstable();
        made_of.push(Trace { view: made.view, theme: made.theme, asked });
        let stamp = match made.stamp {
            Some(stamp) => stamp,
            None => Stamp::of(&fs::symlink_metadata(request.out.join(&output.path))?),
        };
        let digest = made.digest;
        stamps.outputs.push(Record { path: output.path.clone(), stamp, digest });
    }
    traces.outputs = made_of;
    let cache_path = manifest::path(&request.root, &request.out);
    manifest::write(&cache_path, &stamps, &snapshot.cards, &traces)
}
