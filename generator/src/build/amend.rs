//! Builds after an edit that does not affect relations between pages: renders what shows the edited
//! pages, and reads, assembles and writes nothing else. Reads the disk; writes the output folder,
//! and appends to the cache.
//!
//! Which outputs show a page is known from the queries they made when they were last rendered. In
//! any case of doubt nothing is changed, and a full build follows.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use hashbrown::HashMap;
use rayon::prelude::*;

use super::changes::Changes;
use super::make::Bytes;
use super::{Leftovers, Lock, Report, Request, cannot_write};
use crate::cache::{self, Asked, Cache, Entry, OutputDependencies, Shown};
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::engine::{self, Output, Snapshot, Source};
use crate::failure::Failure;
use crate::install::{Stage, publish_order};
use crate::outputs;
use crate::query::{Answer, LocalizedQuery};
use crate::site::{PageId, Site};
use crate::source::{self, File, Stamp, Tree};

/// The maximum number of edited pages; with more, a full build is as fast.
const MAX_UPDATED_PAGES: usize = 32;

/// The inputs of an incremental build.
pub(super) struct IncrementalBuild<'a> {
    pub(super) request: &'a Request,
    pub(super) lock: &'a Lock,
    pub(super) cache: &'a Cache,
    /// When the build began to look at the disk, in nanoseconds since 1970.
    pub(super) begun: u64,
    pub(super) sources: &'a Tree,
    pub(super) look: &'a Changes,
}

/// An output to render again.
struct Touched<'a> {
    /// Its index among the outputs.
    at: usize,
    /// The queries that it made before.
    asked: &'a [u32],
    output: Output,
}

/// An output that was rendered again.
struct Made {
    /// Its index among the outputs.
    at: usize,
    bytes: Bytes,
    digest: Digest,
    view: Digest,
    theme: Digest,
    answers: Vec<Arc<Answer>>,
}

impl IncrementalBuild<'_> {
    /// Builds what the edits affect; `None` if a full build is needed or something is wrong.
    pub(super) fn build(&self, warnings: Vec<Diagnostic>) -> Result<Option<Report>, Failure> {
        let edited: Vec<(&File, Digest)> = self
            .look
            .sources
            .iter()
            .filter(|found| found.is_changed)
            .map(|found| (&self.sources.files[found.at], found.digest))
            .collect();
        let are_outputs_whole = !self.look.outputs.iter().any(|found| found.is_changed);
        let are_pages = edited.iter().all(|(file, _)| engine::is_page(&file.path));
        if !are_outputs_whole
            || !are_pages
            || edited.len() > MAX_UPDATED_PAGES
            || self.cache.is_worn()
        {
            return Ok(None);
        }
        let (snapshot, shown) = rayon::join(|| self.amended(&edited), || self.cache.shown());
        let (Some((before, snapshot)), Some(shown)) = (snapshot, shown) else { return Ok(None) };
        let Some(made) = self.made(before.site(), &snapshot, &shown) else { return Ok(None) };
        let report = self.put(&snapshot, &shown, made)?;
        let leftovers = Leftovers::of((before, snapshot, shown));
        Ok(Some(Report { warnings, leftovers, ..report }))
    }

    /// Returns the site before and after the edits.
    fn amended(&self, edited: &[(&File, Digest)]) -> Option<(Snapshot, Snapshot)> {
        let root = &self.request.root;
        let before = Snapshot::restored(root, &self.sources.files, self.cache)?;
        let mut snapshot: Option<Snapshot> = None;
        for (file, digest) in edited {
            snapshot = Some(snapshot.as_ref().unwrap_or(&before).updated(file)?);
            let read = snapshot.as_ref()?.source(&file.path)?.digest;
            // The file was saved since it was checked.
            if read != *digest {
                return None;
            }
        }
        Some((before, snapshot?))
    }

    /// Renders every output that shows an edited page; `None` if one has errors, or shows or links
    /// to other files than before.
    fn made(&self, before: &Site, snapshot: &Snapshot, shown: &Shown) -> Option<Vec<Made>> {
        let site = snapshot.site();
        let listed: HashSet<PageId> = site
            .amendments()
            .filter(|(id, page)| before.page(*id).summary_digest != page.summary_digest)
            .map(|(id, _)| id)
            .collect();
        let mut made: Vec<Made> = self
            .touched(site, shown, &listed)?
            .par_iter()
            .map(|touched| {
                let output = &touched.output;
                let rendered = snapshot.render(output).ok()?;
                let (view, theme) = snapshot.digests(output);
                let (bytes, answers) = (Arc::new(rendered.html), rendered.asked.distinct());
                let digest = Digest::xxh3(bytes.as_slice());
                let made = Made { at: touched.at, bytes, digest, view, theme, answers };
                same_files(snapshot, shown, touched.asked, &made).then_some(made)
            })
            .collect::<Option<_>>()?;
        let records = &self.cache.stamps.outputs;
        for (path, text) in outputs::showing(site, &listed) {
            let at = records.binary_search_by(|record| record.path.as_str().cmp(&path)).ok()?;
            let digest = Digest::xxh3(&text);
            let (bytes, view) = (Arc::new(text.into_bytes()), digest);
            let (theme, answers) = (Digest::default(), Vec::new());
            made.push(Made { at, bytes, digest, view, theme, answers });
        }
        made.sort_unstable_by_key(|made| made.at);
        site.is_whole().then_some(made)
    }

    /// Returns the outputs of edited pages, and those that queried `listed` pages; `None` if one is
    /// of an unknown kind.
    fn touched<'a>(
        &self,
        site: &Site,
        shown: &'a Shown,
        listed: &HashSet<PageId>,
    ) -> Option<Vec<Touched<'a>>> {
        let records = &self.cache.stamps.outputs;
        let mut is_listed = vec![false; site.count()];
        listed.iter().for_each(|id| is_listed[id.index()] = true);
        let shows = |page: &PageId| is_listed.get(page.index()).is_none_or(|listed| *listed);
        let follows: Vec<bool> = shown.pages.iter().map(|pages| pages.iter().any(shows)).collect();
        let place =
            |path: &str| records.binary_search_by(|record| record.path.as_str().cmp(path)).ok();
        let own: Option<BTreeSet<usize>> =
            site.amendments().map(|(_, page)| place(&index(&page.url))).collect();
        let own = own?;
        let lists: HashMap<String, Source> = site
            .list_pages()
            .into_iter()
            .map(|(url, page)| (index(&url), Source::List(page)))
            .collect();
        let source = |path: &str| match lists.get(path) {
            Some(list) => Some(list.clone()),
            None if path == "404.html" => Some(Source::NotFound),
            None => Some(Source::Page(site.at_url(&url(path)?)?)),
        };
        let asks = |number: &u32| follows.get(*number as usize).is_none_or(|follows| *follows);
        let touched = shown
            .asked()
            .enumerate()
            .filter(|(at, asked)| asked.iter().any(asks) || own.contains(at));
        touched
            .map(|(at, asked)| {
                let path = records[at].path.clone();
                let source = source(&path)?;
                Some(Touched { at, asked, output: Output { path, source } })
            })
            .collect()
    }

    /// Installs the rendered outputs and appends to the cache.
    fn put(&self, snapshot: &Snapshot, shown: &Shown, made: Vec<Made>) -> Result<Report, Failure> {
        let (request, stamps) = (self.request, &self.cache.stamps);
        let path = |made: &Made| stamps.outputs[made.at].path.as_str();
        let stage =
            Stage::open(&request.out).map_err(|refusal| Failure::Machine(refusal.to_string()))?;
        let others: Vec<&Made> =
            made.iter().filter(|made| made.digest != stamps.outputs[made.at].digest).collect();
        for made in &others {
            let cannot = |error| cannot_write(&request.out.join(path(made)), &error);
            stage.write(path(made), &made.bytes).map_err(cannot)?;
        }
        let committed = self.lock.moment()?;
        let mut staged: Vec<&str> = others.iter().map(|made| path(made)).collect();
        staged.sort_by_key(|path| publish_order(path, true));
        stage.commit(&staged, &[]).map_err(|error| cannot_write(&request.out, &error))?;
        let mut entry = self.entry(committed, &others)?;
        self.note_pages(snapshot, &mut entry);
        note_traces(snapshot, shown, &made, &mut entry);
        let cache = cache::path(&request.root, &request.out);
        self.cache.append(&entry).map_err(|error| cannot_write(&cache, &error))?;
        Ok(Report {
            outputs: stamps.outputs.len(),
            written: staged.len(),
            next_moment: stamps.next_moment,
            snippet: super::snippet_path(request),
            ..Report::default()
        })
    }

    /// Returns the cache entry for the state of the disk after `written` were installed.
    fn entry(&self, committed: u64, written: &[&Made]) -> Result<Entry, Failure> {
        let (stamps, out) = (&self.cache.stamps, &self.request.out);
        let cannot = |error| cannot_write(out, &error);
        let mut entry = self.look.entry(self.begun, self.request.now);
        let paths: Vec<&str> =
            written.iter().map(|made| stamps.outputs[made.at].path.as_str()).collect();
        entry.outputs_taken = self.lock.moment()?;
        let now = source::stamps(out, &paths).map_err(cannot)?;
        for (made, stamp) in written.iter().zip(now) {
            // A file changed by another program since it was staged is read by the next build.
            let stamp = if stamp.was_written_by(committed) { stamp } else { Stamp::default() };
            entry.outputs.push((place(made.at), stamp, made.digest));
        }
        let above = |path: &&str| path.rsplit_once('/').map_or("", |(above, _)| above).to_owned();
        let folders: BTreeSet<String> = paths.iter().map(above).collect();
        let known = source::Known {
            files: stamps.outputs.iter().map(|record| record.path.as_str()).collect(),
            folders: &stamps.output_folders,
            taken: 0,
            sources: false,
        };
        let folders = folders.iter().map(String::as_str);
        entry.output_folders.extend(source::listed(out, &known, folders).map_err(cannot)?);
        Ok(entry)
    }

    /// Records the metadata and digests of edited pages.
    fn note_pages(&self, snapshot: &Snapshot, entry: &mut Entry) {
        let pages = self.cache.stamps.sources.iter();
        let pages = pages.filter(|record| engine::is_page(&record.path));
        let cards = (0..).zip(pages);
        let amended = snapshot.amendments();
        entry.cards = cards
            .filter_map(|(at, record)| Some((at, amended.get(&record.path)?.known.clone())))
            .collect();
        let pages = snapshot.site().amendments();
        entry.views = pages.map(|(id, page)| (id, page.page_digest)).collect();
    }
}

/// Records the dependencies of each rendered output.
fn note_traces(snapshot: &Snapshot, shown: &Shown, made: &[Made], entry: &mut Entry) {
    let answers = &snapshot.answers;
    let mut numbers: HashMap<u32, u32> = HashMap::new();
    for made in made {
        let number = |answer: &Arc<Answer>| {
            *numbers.entry(answer.number).or_insert_with(|| {
                entry.queries.push(Asked {
                    question: answer.question.clone(),
                    digest: answer.digest,
                    shown: answers.shown(answer),
                    publishes: answers.publishes(&answer.question),
                });
                place(shown.pages.len() + entry.queries.len() - 1)
            })
        };
        let mut asked: Vec<u32> = made.answers.iter().map(number).collect();
        asked.sort_unstable();
        let trace = OutputDependencies { view: made.view, theme: made.theme, asked };
        entry.traces.push((place(made.at), trace));
    }
}

/// Whether an output shows the same images and links to the same files as before. Otherwise, files
/// would have to be published or removed.
fn same_files(snapshot: &Snapshot, shown: &Shown, asked: &[u32], made: &Made) -> bool {
    let before: HashSet<&LocalizedQuery> =
        asked.iter().filter_map(|number| shown.files.get(number)).collect();
    let questions = made.answers.iter().map(|answer| &answer.question);
    let now: HashSet<&LocalizedQuery> =
        questions.filter(|question| snapshot.answers.publishes(question)).collect();
    before == now
}

/// An index in a list of the cache.
pub(super) fn place(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 4 billion outputs and queries")
}

/// Returns the output path of the page at a URL.
fn index(url: &str) -> String {
    format!("{}index.html", url.trim_start_matches('/'))
}

/// Returns the URL of the page at an output path.
fn url(path: &str) -> Option<String> {
    path.strip_suffix("index.html").map(|folder| format!("/{folder}"))
}
