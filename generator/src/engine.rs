//! Takes a snapshot of a site: loads and parses its files, and assembles the site as of one moment;
//! then updates the snapshot, decides which outputs are stale, and makes them. Reads the disk.
//!
//! The build, which makes every output that is not fresh, and the local server, which makes outputs
//! on request, are both made of these operations.

mod assets;
mod file_names;
mod files;
mod forms;
mod linked;
mod output;
mod pages;
mod paths;
mod render;
mod settings;
mod take;
mod tracked_reader;
mod update;
mod validate;
mod warnings;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use hashbrown::{HashMap, HashSet};

use crate::attachment;
use crate::cache::{CachedPage, CachedPages, Record, Stamps};
use crate::diagnostic::Diagnostic;
use crate::embedded;
use crate::images::{self, ImageCache, ResponsiveImage};
use crate::parse::{self, Body};
use crate::query::QueryEngine;
use crate::render::{Renderer, Templates};
use crate::site::{PageId, PageVersion, Site};
use crate::source::git::History;
use crate::source::{self, Tree};

pub(crate) use linked::Linked;
pub use output::{Output, OutputSource};
use pages::SectionRules;
pub use pages::is_unchanged;
pub use render::RenderedOutput;
use take::with_commit_date;
pub(crate) use tracked_reader::changed;
pub use warnings::SourceWarnings;

/// What an earlier build or snapshot knows of the sources.
#[derive(Clone, Copy)]
pub struct KnownSources<'a> {
    /// The sources, ordered by path.
    pub sources: &'a [Record],
    /// When the sources' stamps were taken, in nanoseconds since 1970.
    pub taken: u64,
    /// The metadata of the pages.
    pub metadata: &'a CachedPages,
    /// What is known of images.
    pub images: &'a images::KnownImages,
    /// What is known of other files.
    pub attachments: &'a attachment::KnownAttachments,
    /// The last commit times of files.
    pub history: Option<&'a History>,
}

impl KnownSources<'_> {
    /// Knows nothing, as on a first build.
    pub const NOTHING: KnownSources<'static> = KnownSources {
        sources: &[],
        taken: 0,
        metadata: &CachedPages::NONE,
        images: &images::KnownImages::new(),
        attachments: &attachment::KnownAttachments::new(),
        history: None,
    };

    fn source(&self, path: &str) -> Option<&Record> {
        record(self.sources, path)
    }
}

fn record<'a>(sources: &'a [Record], path: &str) -> Option<&'a Record> {
    let at = sources.binary_search_by(|record| record.path.as_str().cmp(path)).ok()?;
    Some(&sources[at])
}

/// A site at one moment.
#[derive(Clone)]
pub struct Snapshot {
    /// The root folder.
    pub root: Arc<Path>,
    /// The compiled theme.
    pub templates: Arc<Templates>,
    /// The site, and the queries about it.
    pub queries: Arc<QueryEngine>,
    /// Renders the outputs.
    pub renderer: Arc<Renderer>,
    /// Every output, ordered by path, but those that others must link to first: images and files
    /// of `content/`.
    pub outputs: Arc<Vec<Output>>,
    /// The warnings about the sources.
    pub warnings: Arc<Vec<Diagnostic>>,
    /// Those that are not part of a page's metadata.
    pub more_warnings: Arc<SourceWarnings>,
    /// The next moment at which one of the warnings no longer applies, in seconds since 1970.
    pub doubtful_until: Option<i64>,
    /// Encodes images.
    pub image_cache: Arc<ImageCache>,
    taken: Arc<TakenFiles>,
    /// The files updated since, by path from the root.
    updated: Arc<BTreeMap<String, UpdatedFile>>,
    /// The bodies of pages that were parsed and not rendered yet, by path below `content/`.
    bodies: Arc<Mutex<HashMap<String, Body>>>,
}

/// The files that a snapshot was taken from. Its updates share them.
struct TakenFiles {
    /// The sources as they were read, ordered by path.
    sources: Arc<Vec<Record>>,
    /// The metadata of the pages, parsed or known.
    metadata: CachedPages,
    images: images::KnownImages,
    attachments: attachment::KnownAttachments,
    rules: SectionRules,
}

/// A file that was read again.
#[derive(Clone)]
struct UpdatedFile {
    record: Record,
    /// Its metadata, if it is a page.
    meta: Option<CachedPage>,
}

/// The number of pages a thread takes at once: few, so that no thread has many left when the others
/// are done.
pub(crate) const PAGES_PER_TASK: usize = 16;

/// The folders of a site's sources, below the root.
const FOLDERS: [&str; 2] = ["content", "themes"];

/// Lists the files under `content/` and the theme's folder. If the earlier walk `known` is still
/// valid, no folder is listed.
///
/// # Errors
/// Files and folders that cannot be read.
pub fn sources(root: &Path, known: Option<&source::KnownTree>) -> Result<Tree, Vec<Diagnostic>> {
    let is_known = |known: &source::KnownTree, folder: &str| {
        known.folders.iter().any(|known| known.path == folder) || !root.join(folder).exists()
    };
    if let Some(known) = known
        && FOLDERS.iter().all(|folder| is_known(known, folder))
        && let Some(tree) = source::rescan(root, known)
    {
        return Ok(tree);
    }
    let mut tree = Tree::default();
    let mut faults = Vec::new();
    for found in FOLDERS.map(|folder| source::walk(root, folder)) {
        match found {
            Ok(found) => tree.extend(found),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(tree) } else { Err(faults) }
}

/// Returns the text of a source or of a file of the built-in theme, by the path that diagnostics
/// use.
pub fn source_text(root: &Path, path: &str) -> Option<String> {
    embedded::source(path).or_else(|| source::text(root, path).ok())
}

impl Snapshot {
    /// The site.
    pub fn site(&self) -> &Arc<Site> {
        self.queries.site()
    }

    /// Assembles the same sources as of a later moment (seconds since 1970), and returns the errors
    /// that there will be.
    pub(crate) fn site_at(&self, moment: i64) -> (Site, Vec<Diagnostic>) {
        let site = self.site();
        let metadata =
            self.taken.metadata.iter().map(|known| {
                with_commit_date(known, site.history.as_deref(), &site.config.time_zone)
            });
        Site::assemble_partly(site.inputs(metadata.collect()), moment)
    }

    /// Returns a warning for each URL that a page had in the last build and that is dead now.
    /// `metadata` is the page metadata of that build, and `stamps` what else is known of it.
    pub fn lost_addresses(&self, metadata: &CachedPages, stamps: &Stamps) -> Vec<Diagnostic> {
        let is_made = |path: &str| {
            self.outputs.binary_search_by(|output| output.path.as_str().cmp(path)).is_ok()
        };
        let pages = stamps.outputs.iter().map(|record| record.path.as_str());
        let lost = pages.filter(|path| path.ends_with("index.html") && !is_made(path));
        let lost: HashSet<&str> = lost.collect();
        if lost.is_empty() {
            return Vec::new();
        }
        let versions = |metadata: &CachedPages| -> Vec<PageVersion> {
            metadata.iter().map(|known| (Arc::clone(&known.meta), known.source)).collect()
        };
        let is_lost = |path: &str| lost.contains(path);
        let before = (&versions(metadata)[..], stamps.now);
        self.site().lost_addresses(before, &versions(&self.taken.metadata), &is_lost)
    }

    /// Returns a source as it was read; `path` is from the root.
    pub fn source(&self, path: &str) -> Option<&Record> {
        let updated = self.updated.get(path).map(|file| &file.record);
        updated.or_else(|| record(&self.taken.sources, path))
    }

    /// Returns what a new snapshot need not read again. `taken` is the moment just before this one
    /// was taken, in nanoseconds since 1970.
    pub fn known(&self, taken: u64) -> KnownSources<'_> {
        let TakenFiles { sources, metadata, images, attachments, .. } = &*self.taken;
        KnownSources {
            sources,
            taken,
            metadata,
            images,
            attachments,
            history: self.site().history.as_deref(),
        }
    }

    /// Returns what the next build need not read again, for the cache.
    pub(crate) fn stamps(&self) -> Stamps {
        let TakenFiles { sources, images, attachments, .. } = &*self.taken;
        Stamps {
            sources: Arc::clone(sources),
            more_warnings: self.more_warnings.iter().cloned().collect(),
            warnings: u32::try_from(self.warnings.len()).unwrap_or(u32::MAX),
            doubtful_until: self.doubtful_until,
            next_moment: self.site().next_moment,
            drafts: self.site().drafts,
            images: images.clone(),
            attachments: attachments.clone(),
            history: self.site().history.as_deref().cloned(),
            ..Stamps::default()
        }
    }

    /// The sources when the snapshot was taken, ordered by path.
    pub(crate) fn taken_sources(&self) -> &[Record] {
        &self.taken.sources
    }

    /// The metadata of the pages when the snapshot was taken.
    pub(crate) fn taken_pages(&self) -> &CachedPages {
        &self.taken.metadata
    }

    /// Returns the output at `path` if it is published only where an output shows it or links to it:
    /// an image variant, a file of `content/`, or a file of the theme under its fingerprinted name.
    pub(crate) fn linkable(&self, path: &str) -> Option<Output> {
        let image = self.image(path).or_else(|| self.attachment(path));
        image.or_else(|| self.fingerprinted(path))
    }

    /// Returns the output at `path` if it is an image variant. Which variants are shown is known
    /// only after every page is rendered, so they are not among [`Snapshot::outputs`].
    pub fn image(&self, path: &str) -> Option<Output> {
        let variants = self.site().images.values().flat_map(ResponsiveImage::all);
        variants
            .chain(self.site().icons.iter())
            .find(|variant| variant.path == path)
            .map(Output::image)
    }

    /// Returns the output at `path` if it is a file of `content/` that pages may link to. Which
    /// ones are published is known only after every page is rendered.
    pub fn attachment(&self, path: &str) -> Option<Output> {
        let (path, attachment) = self.site().attachment(path)?;
        Some(Output::attachment(path, attachment.digest))
    }

    /// Returns the output at `path` if it is a file of the theme under its fingerprinted name, as
    /// returned by `asset`. Which ones are published is known only after every page is rendered.
    pub fn fingerprinted(&self, path: &str) -> Option<Output> {
        let mut assets = self.site().assets.values();
        let asset = assets.find(|asset| asset.url.strip_prefix('/') == Some(path))?;
        let plain = asset.plain.as_deref()?;
        let at = self.outputs.binary_search_by(|output| output.path.as_str().cmp(plain)).ok()?;
        Some(Output { path: path.to_owned(), source: self.outputs[at].source.clone() })
    }

    /// Returns the body of a page: from parsing, once; after that read and parsed again, so that
    /// the bodies of rendered pages do not stay in memory.
    ///
    /// # Errors
    /// The file can no longer be read, or has changed and has errors.
    pub fn body(&self, id: PageId) -> Result<Body, Vec<Diagnostic>> {
        let path = &self.site().page(id).meta.path;
        let mut bodies = self.bodies.lock().expect("nothing panics while it holds this");
        // In other languages it may be shown again as a fallback.
        let is_kept =
            self.site().config.is_translated() && self.site().page(id).language.is_first();
        let parsed = if is_kept { bodies.get(path).cloned() } else { bodies.remove(path) };
        drop(bodies);
        if let Some(body) = parsed {
            return Ok(body);
        }
        let file = format!("content/{path}");
        let (text, digest) =
            source::text_and_digest(&self.root, &file).map_err(|fault| vec![fault])?;
        // The links and components of a changed text would not match the metadata.
        if self.source(&file).is_none_or(|record| record.digest != digest) {
            return Err(vec![changed(&file)]);
        }
        let parsed = parse::parse(path, &text, &self.taken.rules.rules(path));
        parsed.page.map(|page| page.body).ok_or(parsed.diagnostics)
    }
}
