//! Runs the stages: takes a snapshot, renders what is not fresh, commits it. Writes the output
//! folder and the cache.
//!
//! An output is fresh if its page, the theme and every answer it was given are as they were, by
//! their digests. *After any sequence of edits, what a warm build leaves equals what a cold one
//! would make, byte for byte.*

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it touches the disk")]

mod freshness;
mod pictures;
mod why;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::clock;
use crate::commit::Stage;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::load::{self, Stamp};
use crate::manifest::{self, Cache, Read, Record, Stamps, Trace, Traces};
use crate::query::{Answer, Query};
use crate::render;
use crate::site::{ListPage, Options};
use crate::snapshot::{self, Known, Output, Snapshot, Source};

use freshness::Freshness;
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
    let same = |records: &[Record], files: &[load::File], taken| {
        records.len() == files.len()
            && records.iter().zip(files).all(|(record, file)| {
                record.path == file.path && snapshot::is_unchanged(record, file, taken)
            })
    };
    stamps.options == request.options
        && stamps.now <= request.now
        && stamps.next_moment.is_none_or(|next| request.now < next)
        && same(&stamps.sources, files, stamps.sources_taken)
        && same(&stamps.outputs, disk, stamps.outputs_taken)
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

/// One output after its turn.
struct Made {
    digest: Digest,
    view: Digest,
    theme: Digest,
    answers: Asked,
    staged: bool,
    /// Its stamp, where it stays as it is on disk.
    stamp: Option<Stamp>,
}

/// An output's bytes, shared with the snapshot where they lie in it.
type Bytes = Arc<Vec<u8>>;

/// What an output asked: now, or when it was last rendered.
enum Asked {
    Now(Vec<Arc<Answer>>),
    Before(Vec<u32>),
}

struct Maker<'a> {
    request: &'a Request,
    snapshot: &'a Snapshot,
    freshness: &'a Freshness<'a>,
    disk: &'a HashMap<&'a str, Stamp>,
    stage: &'a Stage,
}

impl Maker<'_> {
    /// Every output, made or found fresh, ordered by path: first what templates make, and then the
    /// pictures that it shows.
    fn all(&self) -> Result<(Vec<Output>, Vec<Made>), Failure> {
        let outputs = &self.snapshot.outputs;
        let made = all(outputs.par_iter().map(|output| self.make(output)).collect())?;
        let shown = pictures::shown(self.snapshot, self.freshness.queries(), &made);
        let pictures: Vec<Output> = shown.into_iter().map(snapshot::image_output).collect();
        pictures::prepare(self, &pictures)?;
        let more = all(pictures.par_iter().map(|output| self.make(output)).collect())?;
        let both = outputs.iter().cloned().zip(made);
        let mut both: Vec<(Output, Made)> = both.chain(pictures.into_iter().zip(more)).collect();
        both.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
        Ok(both.into_iter().unzip())
    }

    fn make(&self, output: &Output) -> Result<Made, Failure> {
        let (view, theme) = self.snapshot.digests(output);
        let before = self.freshness.before(&output.path);
        let intact = before.is_some_and(|(record, _)| self.is_intact(record));
        if let Some((record, trace)) = before
            && intact
            && trace.view == view
            && trace.theme == theme
            && self.freshness.all_fresh(&trace.asked)
        {
            let answers = Asked::Before(trace.asked.clone());
            let stamp = self.disk.get(output.path.as_str()).copied();
            return Ok(Made { digest: record.digest, view, theme, answers, staged: false, stamp });
        }
        let (bytes, answers) = self.bytes(output)?;
        let digest = Digest::of(bytes.as_slice());
        let stays = match before {
            Some((record, _)) if intact => record.digest == digest,
            _ => self.digest_on_disk(&output.path) == Some(digest),
        };
        if !stays {
            self.stage
                .write(&output.path, &bytes)
                .map_err(|error| cannot_write(&self.request.out.join(&output.path), &error))?;
        }
        let stamp = self.disk.get(output.path.as_str()).copied().filter(|_| stays);
        Ok(Made { digest, view, theme, answers: Asked::Now(answers), staged: !stays, stamp })
    }

    fn bytes(&self, output: &Output) -> Result<(Bytes, Vec<Arc<Answer>>), Failure> {
        match &output.source {
            Source::Bytes(bytes, _) => Ok((Arc::clone(bytes), Vec::new())),
            Source::Copy(path, _) => {
                let bytes = load::bytes(&self.request.root, path).map_err(|fault| vec![fault])?;
                Ok((Arc::new(bytes), Vec::new()))
            }
            Source::Image(variant) => {
                let bytes = self.snapshot.workshop.bytes(variant).map_err(|fault| vec![fault])?;
                Ok((Arc::new(bytes), Vec::new()))
            }
            Source::Page(_) | Source::List(_) | Source::NotFound => {
                let rendered = self.snapshot.render(output)?;
                Ok((Arc::new(rendered.html), rendered.answers))
            }
        }
    }

    /// Whether the file on disk is the one we wrote: by its stamp, or else by its content.
    fn is_intact(&self, record: &Record) -> bool {
        let Some(stamp) = self.disk.get(record.path.as_str()) else { return false };
        let trusted = *stamp == record.stamp && stamp.is_clearly_before(self.freshness.taken());
        trusted || self.digest_on_disk(&record.path) == Some(record.digest)
    }

    fn digest_on_disk(&self, path: &str) -> Option<Digest> {
        self.disk.get(path).filter(|stamp| **stamp != Stamp::default())?;
        fs::read(self.request.out.join(path)).ok().map(Digest::of)
    }
}

impl Snapshot {
    /// Renders an output that a template makes.
    ///
    /// # Errors
    /// The template's fault, or the source's where it was changed since.
    pub fn render(&self, output: &Output) -> Result<render::Rendered, Vec<Diagnostic>> {
        let rendered = match &output.source {
            Source::Page(id) => {
                render::page(&self.theme, &self.answers, (*id, 1), &self.body(*id)?)
            }
            Source::List(ListPage::Part { page, number }) => {
                render::page(&self.theme, &self.answers, (*page, *number), &self.body(*page)?)
            }
            Source::List(ListPage::Taxonomy(index)) => {
                let taxonomy = &self.site().taxonomies[*index];
                render::taxonomy(&self.theme, &self.answers, taxonomy)
            }
            Source::List(ListPage::Term { taxonomy, term, number }) => {
                let taxonomy = &self.site().taxonomies[*taxonomy];
                let term = (taxonomy, &taxonomy.terms[*term]);
                render::term(&self.theme, &self.answers, term, *number)
            }
            _ => render::bare(&self.theme, &self.answers, "not_found.html", "not_found", "", ""),
        };
        rendered.map_err(|fault| vec![fault])
    }

    /// What an output shows of itself, and the theme it is made by.
    pub(crate) fn digests(&self, output: &Output) -> (Digest, Digest) {
        match &output.source {
            Source::Page(id) => (self.site().page(*id).view, self.theme.digest),
            Source::List(page) => (self.site().list_view(*page), self.theme.digest),
            Source::NotFound => (Digest::of(&self.site().config.language), self.theme.digest),
            Source::Copy(_, digest) | Source::Bytes(_, digest) => (*digest, Digest::default()),
            Source::Image(variant) => (variant.digest, Digest::default()),
        }
    }
}

/// Everything made, or every fault found.
fn all(made: Vec<Result<Made, Failure>>) -> Result<Vec<Made>, Failure> {
    let mut good = Vec::with_capacity(made.len());
    let mut faults = Vec::new();
    for one in made {
        match one {
            Ok(one) => good.push(one),
            Err(Failure::Content(found)) => faults.extend(found),
            Err(machine) => return Err(machine),
        }
    }
    if faults.is_empty() { Ok(good) } else { Err(Failure::Content(once(faults))) }
}

/// A fault of a template that every page meets is told once, with the first page that met it.
fn once(faults: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut told: Vec<(Diagnostic, usize)> = Vec::new();
    for fault in faults {
        let same = |(earlier, _): &&mut (Diagnostic, usize)| {
            earlier.place.is_some()
                && (&earlier.path, earlier.place, &earlier.message)
                    == (&fault.path, fault.place, &fault.message)
        };
        match told.iter_mut().find(same) {
            Some((_, again)) => *again += 1,
            None => told.push((fault, 0)),
        }
    }
    let counted = |(mut fault, again): (Diagnostic, usize)| {
        if let (Some(note), 1..) = (&mut fault.note, again) {
            let pages = if again == 1 { "page" } else { "pages" };
            *note = format!("{note}, and {again} more {pages}").into();
        }
        fault
    };
    told.into_iter().map(counted).collect()
}

/// The staged outputs in the order in which they take their places: what is linked to before what
/// links to it. Files first, then pages that are new, then those that change, then lists of pages.
fn in_order<'a>(outputs: &'a [Output], made: &[Made], disk: &HashMap<&str, Stamp>) -> Vec<&'a str> {
    let turn = |path: &str| match path.rsplit_once('.').map(|(_, kind)| kind) {
        Some("html") if disk.contains_key(path) => 2,
        Some("html") => 1,
        Some("xml") => 3,
        _ => 0,
    };
    let mut staged: Vec<&str> = outputs
        .iter()
        .zip(made)
        .filter(|(_, made)| made.staged)
        .map(|(output, _)| output.path.as_str())
        .collect();
    staged.sort_by_key(|path| turn(path));
    staged
}

/// Writes the cache, with the stamps of the outputs as they are now.
fn remember(
    request: &Request,
    (snapshot, outputs): (&Snapshot, &[Output]),
    before: &[(Query, Digest)],
    made: Vec<Made>,
    mut stamps: Stamps,
) -> io::Result<()> {
    let mut numbers: HashMap<Query, u32> = HashMap::new();
    let mut traces = Traces::default();
    let mut number = |query: &Query, digest: Digest| {
        *numbers.entry(query.clone()).or_insert_with(|| {
            traces.queries.push((query.clone(), digest));
            u32::try_from(traces.queries.len() - 1).expect("fewer than 4 billion queries")
        })
    };
    let mut made_of = Vec::with_capacity(made.len());
    for (output, made) in outputs.iter().zip(made) {
        let mut asked: Vec<u32> = match made.answers {
            Asked::Now(answers) => {
                answers.iter().map(|answer| number(&answer.query, answer.digest)).collect()
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
