//! Takes a snapshot of a site: loads and parses its files, and assembles the site as of one moment.
//! Reads the disk.
//!
//! Snapshots are shared by the build, which renders every output that is not fresh, and the local
//! server, which renders outputs on request.

mod assets;
mod files;
mod linked;
mod pages;
mod paths;
mod restore;
mod settings;
mod tracked_reader;
mod update;
mod validate;

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use daisychain_functions::form::Form;
use daisychain_functions::form::html::{self, FormState};
use hashbrown::{HashMap, HashSet};
use jiff::tz::TimeZone;
use located_yaml::Place;
use rayon::prelude::*;

use crate::attachment;
use crate::cache::{Cards, KnownCard, Record, Stamps};
use crate::diagnostic::Diagnostic;
use crate::digest::{Digest, Digester};
use crate::embedded;
use crate::images::{self, ImageCache, ImageVariant, ResponsiveImage};
use crate::outputs;
use crate::parse::{self, Body, Located, Moment, PageMeta};
use crate::query::QueryEngine;
use crate::render::{Renderer, Templates};
use crate::site::{ListPage, Options, PageId, Site, Version};
use crate::source::git::History;
use crate::source::{self, File, Tree};
use crate::theme;
use crate::url::BaseUrl;

pub(crate) use assets::attachment_output;
pub(crate) use files::is_page;
use files::{below_content, not_a_page};
pub(crate) use linked::Linked;
pub use pages::is_unchanged;
use pages::{ReadPage, ReadPages, Reader, SectionRules};
use settings::Settings;
pub(crate) use tracked_reader::changed;
pub use update::PageUpdate;
use validate::{doubts, missing_templates};

/// What earlier builds know of the sources.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The sources, ordered by path.
    pub sources: &'a [Record],
    /// When the sources' stamps were taken, in nanoseconds since 1970.
    pub taken: u64,
    /// The metadata of the pages.
    pub cards: &'a Cards,
    /// What is known of images.
    pub images: &'a images::Known,
    /// What is known of other files.
    pub attachments: &'a attachment::Known,
    /// The last commit times of files.
    pub history: Option<&'a History>,
}

impl Known<'_> {
    /// Knows nothing, as on a first build.
    pub const NOTHING: Known<'static> = Known {
        sources: &[],
        taken: 0,
        cards: &Cards::NONE,
        images: &images::Known::new(),
        attachments: &attachment::Known::new(),
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

/// A file of the output folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its path below the output folder, such as `stories/rose/index.html`.
    pub path: String,
    /// What it is made from.
    pub source: Source,
}

/// What an output is made from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A page, rendered by its template.
    Page(PageId),
    /// A generated page: of a list, a taxonomy or a term.
    List(ListPage),
    /// The 404 page, rendered by its own template.
    NotFound,
    /// A file copied unchanged, by path below the root.
    Copy(String, Digest),
    /// A file generated from others or from the whole site, or a file of the built-in theme.
    Bytes(Arc<Vec<u8>>, Digest),
    /// An image at one width, encoded on demand.
    Image(Box<ImageVariant>),
}

impl Source {
    /// The page whose text it shows.
    pub fn page(&self) -> Option<PageId> {
        match self {
            Source::Page(page) | Source::List(ListPage::Part { page, .. }) => Some(*page),
            _ => None,
        }
    }
}

/// A site at one moment.
pub struct Snapshot {
    taken: Arc<SnapshotData>,
    /// Every output, ordered by path.
    pub outputs: Arc<Vec<Output>>,
    /// The site, and the queries about it.
    pub answers: Arc<QueryEngine>,
    /// Renders the outputs.
    pub renderer: Arc<Renderer>,
    /// The pages updated since, by path from the root.
    amended: BTreeMap<String, PageUpdate>,
    bodies: Mutex<HashMap<String, Body>>,
}

/// The data that a snapshot shares with its updates.
pub struct SnapshotData {
    /// The root folder.
    pub root: PathBuf,
    /// The compiled theme.
    pub templates: Arc<Templates>,
    /// The warnings about the sources.
    pub warnings: Vec<Diagnostic>,
    /// Those that are not part of a page's metadata.
    pub more_warnings: Vec<Diagnostic>,
    /// The next moment at which one of the warnings no longer applies, in seconds since 1970.
    pub doubtful_until: Option<i64>,
    /// The sources as they were read.
    pub sources: Arc<Vec<Record>>,
    /// The metadata of the pages, parsed or known.
    pub cards: Cards,
    /// What is known of images.
    pub images: images::Known,
    /// What is known of other files.
    pub attachments: attachment::Known,
    /// Encodes images.
    pub workshop: ImageCache,
    rules: SectionRules,
}

impl Deref for Snapshot {
    type Target = SnapshotData;

    fn deref(&self) -> &SnapshotData {
        &self.taken
    }
}

/// How to handle a site with errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnError {
    /// Stop after the first stage with errors.
    Stop,
    /// Leave out what has errors.
    Skip,
}

impl OnError {
    /// Ends a stage that found `faults`.
    fn after_stage(self, faults: &mut Vec<Diagnostic>) -> Result<(), Vec<Diagnostic>> {
        match self {
            OnError::Stop if !faults.is_empty() => Err(std::mem::take(faults)),
            OnError::Stop | OnError::Skip => Ok(()),
        }
    }
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
pub fn sources(root: &Path, known: Option<&source::Known>) -> Result<Tree, Vec<Diagnostic>> {
    let is_known = |known: &source::Known, folder: &str| {
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
    /// Takes a snapshot of `files` below `root`, ordered by path, at `now` (seconds since 1970).
    ///
    /// # Errors
    /// Every error of the first stage that finds any.
    pub fn take(
        root: &Path,
        files: Vec<File>,
        options: &Options,
        now: i64,
        known: Known<'_>,
    ) -> Result<Snapshot, Vec<Diagnostic>> {
        let (snapshot, _) = Snapshot::gather(root, files, options, now, known, OnError::Stop)?;
        Ok(snapshot)
    }

    /// Like [`Snapshot::take`], but leaves out what has errors. A page with errors is reduced to an
    /// outline, so that other pages can list it and link to it. Also returns the errors of every
    /// stage.
    ///
    /// # Errors
    /// Every error found, if they leave no site at all.
    pub fn take_partly(
        root: &Path,
        files: Vec<File>,
        options: &Options,
        now: i64,
        known: Known<'_>,
    ) -> Result<(Snapshot, Vec<Diagnostic>), Vec<Diagnostic>> {
        Snapshot::gather(root, files, options, now, known, OnError::Skip)
    }

    fn gather(
        root: &Path,
        files: Vec<File>,
        options: &Options,
        now: i64,
        known: Known<'_>,
        on_error: OnError,
    ) -> Result<(Snapshot, Vec<Diagnostic>), Vec<Diagnostic>> {
        let mut settings = Settings::read(root, &files, options, on_error)?;
        let mut faults = std::mem::take(&mut settings.faults);
        let mut more_warnings = std::mem::take(&mut settings.warnings);
        let mut book = settings.rules(options);
        let mut reader = Reader { root, known, book: &book };
        let (sections, pages): (Vec<&File>, Vec<&File>) = files
            .iter()
            .filter(|file| is_page(&file.path))
            .partition(|file| parse::Kind::of(below_content(&file.path)) != parse::Kind::Page);
        let mut read_sections: Vec<ReadPage> =
            sections.iter().map(|file| reader.page(file)).collect();
        let mut outlines = match on_error {
            OnError::Stop => BTreeMap::new(),
            OnError::Skip => reader.outlines(&read_sections),
        };
        let cards = read_sections.iter().filter_map(|section| section.page.as_ref().ok());
        book.apply_sections(
            cards.map(|(card, _)| &**card).chain(outlines.values().map(|(card, _)| &**card)),
        );
        reader = Reader { root, known, book: &book };
        // A section's rules apply to its own page too, and are only known now.
        for (page, file) in read_sections.iter_mut().zip(&sections) {
            if book.digest(&page.path) != book.shared_digest(&page.path) {
                *page = reader.page(file);
            }
        }
        let pages = pages.par_iter().with_max_len(PAGES_PER_TASK);
        let read_pages: Vec<ReadPage> = pages.map(|file| reader.page(file)).collect();
        if on_error == OnError::Skip {
            outlines = reader.outlines(read_sections.iter().chain(&read_pages));
            settings.unread.pages.extend(outlines.keys().cloned());
        }

        let mut cards = Vec::with_capacity(sections.len() + read_pages.len());
        let mut bodies = HashMap::new();
        let mut sources: Vec<Record> = Vec::with_capacity(files.len());
        let mut warnings = Vec::new();
        for page in in_order(read_sections, read_pages, |page| &page.path) {
            match page.page {
                Ok((card, body)) => {
                    warnings.extend(card.warnings.iter().cloned());
                    if let Some(body) = body {
                        bodies.insert(card.path.clone(), body);
                    }
                    let rules = book.digest(&card.path);
                    cards.push(KnownCard { source: page.record.digest, rules, card });
                    sources.push(page.record);
                }
                Err(found) => {
                    faults.extend(found);
                    sources.push(page.record);
                }
            }
        }
        on_error.after_stage(&mut faults)?;
        let others: Vec<&File> = files.iter().filter(|file| !is_page(&file.path)).collect();
        let others: Vec<Result<ReadPages, Diagnostic>> =
            others.par_iter().map(|file| reader.look(file)).collect();
        let mut images = images::Known::new();
        let mut attachments = attachment::Known::new();
        for other in others {
            let ReadPages { record, probed, content } = match other {
                Ok(looked) => looked,
                Err(fault) => {
                    faults.push(fault);
                    on_error.after_stage(&mut faults)?;
                    continue;
                }
            };
            if settings.read.get(&record.path).is_some_and(|digest| *digest != record.digest) {
                return Err(vec![changed(&record.path)]);
            }
            if let Some(probed) = probed {
                images.insert(record.digest, probed);
            }
            if let Some(content) = content {
                more_warnings.extend(not_a_page(&files, &record.path, content));
                attachments.insert(record.digest, content);
            }
            sources.push(record);
        }
        // Pages are sorted already, which makes this sort fast.
        sources.sort_by(|a, b| a.path.cmp(&b.path));

        let base_url = BaseUrl::new(&settings.config.base_url);
        let (assets, mut outputs, found) =
            assets::assets(&settings.theme_files, &sources, &base_url);
        let (wrong, doubtful): (Vec<Diagnostic>, Vec<Diagnostic>) =
            found.into_iter().partition(Diagnostic::is_error);
        faults.extend(wrong);
        more_warnings.extend(doubtful);
        on_error.after_stage(&mut faults)?;
        let statics = settings.statics();
        let history = settings.config.git_dates.then(|| match known.history {
            Some(known) => History::read(root, known),
            None => History::read(root, &History::default()),
        });
        let zone = settings.config.time_zone.clone();
        let known = (&images, &attachments);
        let (templates, mut materials) =
            settings.into_materials(&sources, known, assets, options, history.clone());
        let cards = Cards::new(cards);
        materials.cards = with_updates(&cards, history.as_ref(), &zone);
        materials.cards.extend(outlines.into_values());
        materials.cards.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
        let site = match on_error {
            OnError::Stop => Site::assemble(materials, now)?,
            OnError::Skip => {
                let (site, found) = Site::assemble_partly(materials, now);
                faults.extend(found);
                site
            }
        };
        if !site.icons.is_empty() {
            // The site's own icons replace the theme's.
            outputs.retain(|output| !crate::site::ICONS.contains(&output.path.as_str()));
        }
        faults.extend(missing_templates(&site, &templates));
        if templates.has("not_found.html") {
            outputs.push(Output { path: "404.html".to_owned(), source: Source::NotFound });
        }
        let index = |url: &str| format!("{}index.html", url.trim_start_matches('/'));
        outputs.extend(
            site.iter()
                .map(|(id, page)| Output { path: index(&page.url), source: Source::Page(id) }),
        );
        outputs.extend(
            site.list_pages()
                .into_iter()
                .map(|(url, page)| Output { path: index(&url), source: Source::List(page) }),
        );
        outputs.extend(outputs::files(&site).into_iter().map(|(path, text)| {
            let digest = Digest::xxh3(&text);
            Output { path, source: Source::Bytes(Arc::new(text.into_bytes()), digest) }
        }));
        outputs.sort_by(|a, b| a.path.cmp(&b.path));
        let (wrong, doubtful): (Vec<Diagnostic>, Vec<Diagnostic>) =
            paths::faults(&site, &outputs, &statics).into_iter().partition(Diagnostic::is_error);
        faults.extend(wrong);
        more_warnings.extend(doubtful);
        on_error.after_stage(&mut faults)?;
        // The first of two outputs with one path wins.
        outputs.dedup_by(|later, first| later.path == first.path);
        more_warnings.extend(doubts(&site));
        let (future, doubtful_until) = site.future_dates(now);
        more_warnings.extend(future);
        warnings.extend(more_warnings.iter().cloned());
        let answers = Arc::new(QueryEngine::new(Arc::new(site)));
        let renderer = Arc::new(Renderer::new(Arc::clone(&answers), Arc::clone(&templates)));
        let workshop = ImageCache::new(root);
        let root = root.to_owned();
        let taken = SnapshotData {
            root,
            templates,
            warnings,
            more_warnings,
            doubtful_until,
            sources: Arc::new(sources),
            cards,
            images,
            attachments,
            workshop,
            rules: book,
        };
        let (amended, bodies) = (BTreeMap::new(), Mutex::new(bodies));
        let (taken, outputs) = (Arc::new(taken), Arc::new(outputs));
        Ok((Snapshot { taken, outputs, answers, renderer, amended, bodies }, faults))
    }

    /// The site.
    pub fn site(&self) -> &Arc<Site> {
        self.answers.site()
    }

    /// Assembles the same sources as of a later moment (seconds since 1970), and returns the errors
    /// that there will be.
    pub(crate) fn site_at(&self, moment: i64) -> (Site, Vec<Diagnostic>) {
        let site = self.site();
        let cards = with_updates(&self.cards, site.history.as_ref(), &site.config.time_zone);
        Site::assemble_partly(site.materials(cards), moment)
    }

    /// Returns a warning for each URL that a page had in the last build and that is dead now.
    /// `cards` is the page metadata of that build, and `stamps` what else is known of it.
    pub fn lost_addresses(&self, cards: &Cards, stamps: &Stamps) -> Vec<Diagnostic> {
        let is_made = |path: &str| {
            self.outputs.binary_search_by(|output| output.path.as_str().cmp(path)).is_ok()
        };
        let pages = stamps.outputs.iter().map(|record| record.path.as_str());
        let lost = pages.filter(|path| path.ends_with("index.html") && !is_made(path));
        let lost: HashSet<&str> = lost.collect();
        if lost.is_empty() {
            return Vec::new();
        }
        let versions = |cards: &Cards| -> Vec<Version> {
            cards.iter().map(|known| (Arc::clone(&known.card), known.source)).collect()
        };
        let is_lost = |path: &str| lost.contains(path);
        let before = (&versions(cards)[..], stamps.now);
        self.site().lost_addresses(before, &versions(&self.cards), &is_lost)
    }

    /// Returns a source as it was read; `path` is from the root.
    pub fn source(&self, path: &str) -> Option<&Record> {
        let amended = self.amended.get(path).map(|amendment| &amendment.record);
        amended.or_else(|| record(&self.sources, path))
    }

    /// Returns the output at `path` if it is an image variant. Which variants are shown is known
    /// only after every page is rendered, so they are not among [`Snapshot::outputs`].
    pub fn image(&self, path: &str) -> Option<Output> {
        let variants = self.site().images.values().flat_map(ResponsiveImage::all);
        variants.chain(&self.site().icons).find(|variant| variant.path == path).map(image_output)
    }

    /// Returns the output at `path` if it is a file of `content/` that pages may link to. Which
    /// ones are published is known only after every page is rendered.
    pub fn attachment(&self, path: &str) -> Option<Output> {
        let (path, attachment) = self.site().attachment(path)?;
        Some(attachment_output(path, attachment.digest))
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
        let path = &self.site().page(id).card.path;
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
        let parsed = parse::parse(path, &text, &self.rules.rules(path));
        parsed.page.map(|page| page.body).ok_or(parsed.diagnostics)
    }
}

/// Merges two lists, each ordered by path.
fn in_order<T>(some: Vec<T>, others: Vec<T>, path: impl Fn(&T) -> &str) -> impl Iterator<Item = T> {
    debug_assert!(some.is_sorted_by(|a, b| path(a) < path(b)));
    debug_assert!(others.is_sorted_by(|a, b| path(a) < path(b)));
    let (mut some, mut others) = (some.into_iter().peekable(), others.into_iter().peekable());
    std::iter::from_fn(move || match (some.peek(), others.peek()) {
        (Some(one), Some(other)) if path(other) < path(one) => others.next(),
        (Some(_), _) => some.next(),
        (None, _) => others.next(),
    })
}

/// Applies [`with_update`] to the metadata of every page.
fn with_updates(
    cards: &Cards,
    history: Option<&History>,
    zone: &TimeZone,
) -> Vec<(Arc<PageMeta>, Digest)> {
    let updated = cards.par_iter().map(|known| {
        let source = Digester::new().digest(known.source).digest(known.rules).finish();
        with_update(&known.card, source, history, zone)
    });
    updated.collect()
}

/// Returns a page's metadata and the digest of everything it was made from. The last commit is used
/// as the date of the last change if the text does not state one.
fn with_update(
    card: &Arc<PageMeta>,
    source: Digest,
    history: Option<&History>,
    zone: &TimeZone,
) -> (Arc<PageMeta>, Digest) {
    let committed = history.and_then(|history| history.last_commits.get(&card.path));
    let Some(committed) = committed.filter(|_| card.front.updated.is_none()) else {
        return (Arc::clone(card), source);
    };
    let updated = Moment::of(*committed, zone);
    let mut card = PageMeta::clone(card);
    let place = Place { line: 1, column: 1, length: 1 };
    card.front.updated = Some(Located { value: updated, place });
    card.front.committed = true;
    (Arc::new(card), Digester::new().digest(source).value(&updated).finish())
}

/// The anchors that pages cannot use: the theme's and those of every form.
fn ids(theme: &theme::Theme, forms: &BTreeMap<String, Form>) -> parse::Ids {
    let html: Vec<String> =
        forms.values().map(|form| html::render(form, &FormState::default())).collect();
    let mut ids = theme.ids.clone();
    ids.reserved.extend(theme::ids(html.iter().map(String::as_str)).reserved);
    ids
}

/// Returns the output of an image variant.
pub(crate) fn image_output(variant: &ImageVariant) -> Output {
    Output { path: variant.path.clone(), source: Source::Image(Box::new(variant.clone())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_pages_are_ordered_by_path() {
        let sections = vec!["_index.md", "b/_index.md"];
        let pages = vec!["2020.md", "a.md", "b/1.md", "b/c.md"];
        let all: Vec<&str> = in_order(sections, pages, |path| path).collect();
        assert_eq!(all, ["2020.md", "_index.md", "a.md", "b/1.md", "b/_index.md", "b/c.md"]);
        assert!(all.is_sorted());
    }
}
