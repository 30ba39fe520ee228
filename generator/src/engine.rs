//! Takes a root folder and what is known of it, gives the whole site as it stands at one moment.
//! Reads the disk.
//!
//! The first three stages of the way (load, parse, assemble) for whoever wants a site: a build,
//! which renders all of it that is not fresh, and the local server, which renders what is asked for.

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

/// What earlier builds knew of the sources.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The sources, ordered by path.
    pub sources: &'a [Record],
    /// When the sources were stamped, in nanoseconds since 1970.
    pub taken: u64,
    /// The cards.
    pub cards: &'a Cards,
    /// What pictures were found to be.
    pub images: &'a images::Known,
    /// What was found in other files.
    pub attachments: &'a attachment::Known,
    /// When files were last committed.
    pub history: Option<&'a History>,
}

impl Known<'_> {
    /// Nothing is known.
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

/// One file that the site is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its path below the output folder, such as `stories/rose/index.html`.
    pub path: String,
    /// What makes it.
    pub source: Source,
}

/// What makes an output.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A page, by its template.
    Page(PageId),
    /// A page that no file of its own makes: of a list, of a taxonomy, of a term.
    List(ListPage),
    /// The page for a wrong address, by a template of its own.
    NotFound,
    /// A file as it is: its path below the root.
    Copy(String, Digest),
    /// A file made of others or of the whole site, or carried by the theme.
    Bytes(Arc<Vec<u8>>, Digest),
    /// A picture at one width, made when it is needed.
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

/// The site at one moment.
pub struct Snapshot {
    taken: Arc<SnapshotData>,
    /// Everything to be made, ordered by path.
    pub outputs: Arc<Vec<Output>>,
    /// The site, and what is answered about it.
    pub answers: Arc<QueryEngine>,
    /// Renders its outputs.
    pub renderer: Arc<Renderer>,
    /// The pages that were read again since, by path from the root.
    amended: BTreeMap<String, PageUpdate>,
    bodies: Mutex<HashMap<String, Body>>,
}

/// What a snapshot shares with those that amend it.
pub struct SnapshotData {
    /// The root folder.
    pub root: PathBuf,
    /// The theme, compiled.
    pub templates: Arc<Templates>,
    /// What is doubtful in the sources.
    pub warnings: Vec<Diagnostic>,
    /// Those of them that no card holds.
    pub more_warnings: Vec<Diagnostic>,
    /// The next moment at which one of the warnings is no longer true, in seconds since 1970.
    pub doubtful_until: Option<i64>,
    /// The sources as they were read.
    pub sources: Arc<Vec<Record>>,
    /// The cards as they were parsed or known.
    pub cards: Cards,
    /// What pictures were found to be.
    pub images: images::Known,
    /// What was found in other files.
    pub attachments: attachment::Known,
    /// Where pictures are made.
    pub workshop: ImageCache,
    rules: SectionRules,
}

impl Deref for Snapshot {
    type Target = SnapshotData;

    fn deref(&self) -> &SnapshotData {
        &self.taken
    }
}

/// What becomes of a site with errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnError {
    /// There is none: the first stage that finds errors is the last.
    Stop,
    /// It is taken without what has errors.
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

/// How many pages a thread takes at once: few, so that none has many left when the others are done.
pub(crate) const PAGES_PER_TASK: usize = 16;

/// The folders below the root that a site is made of.
const FOLDERS: [&str; 2] = ["content", "themes"];

/// The files under `content/` and the theme's folder, as they are now. Where an earlier walk is
/// `known` and still holds, no folder is listed.
///
/// # Errors
/// What cannot be read.
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

/// The text of a source or of a file of the built-in theme, by the path that diagnostics give for it.
pub fn source_text(root: &Path, path: &str) -> Option<String> {
    embedded::source(path).or_else(|| source::text(root, path).ok())
}

impl Snapshot {
    /// Takes the site of `files` below `root`, ordered by path, at `now` (seconds since 1970).
    ///
    /// # Errors
    /// Everything found wrong in the first stage that finds anything.
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

    /// As [`Snapshot::take`], without what has errors: of a page with errors there is but an outline, so that
    /// others can list it and link to it. Gives everything found wrong in any stage too.
    ///
    /// # Errors
    /// Everything found wrong, where it leaves no site at all.
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
        // What a section allows and asks holds for its own page too, which says so only now.
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
        // Pages are in order already, which this sort makes use of.
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
            // The site's own icon takes the place of the theme's.
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
        // Of two with one path the first is shown.
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

    /// The same sources assembled as the site will be at a later moment (seconds since 1970), and what will be
    /// wrong then.
    pub(crate) fn site_at(&self, moment: i64) -> (Site, Vec<Diagnostic>) {
        let site = self.site();
        let cards = with_updates(&self.cards, site.history.as_ref(), &site.config.time_zone);
        Site::assemble_partly(site.materials(cards), moment)
    }

    /// A warning for each address that a page had in the last build, and that leads nowhere now. `cards` are the
    /// cards of that build, and `stamps` what else is known of it.
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

    /// A source as it was read; `path` is from the root.
    pub fn source(&self, path: &str) -> Option<&Record> {
        let amended = self.amended.get(path).map(|amendment| &amendment.record);
        amended.or_else(|| record(&self.sources, path))
    }

    /// The output at `path`, where that is a picture of the site at one width. Those that pages show
    /// are known only when every page is rendered, so they are not among [`Snapshot::outputs`].
    pub fn image(&self, path: &str) -> Option<Output> {
        let variants = self.site().images.values().flat_map(ResponsiveImage::all);
        variants.chain(&self.site().icons).find(|variant| variant.path == path).map(image_output)
    }

    /// The output at `path`, where that is a file of `content/` to which pages may link. Which of them are
    /// published is known only when every page is rendered.
    pub fn attachment(&self, path: &str) -> Option<Output> {
        let (path, attachment) = self.site().attachment(path)?;
        Some(attachment_output(path, attachment.digest))
    }

    /// The output at `path`, where that is a file of the theme under the name that `asset` gives: with its digest.
    /// Which of them are published is known only when every page is rendered.
    pub fn fingerprinted(&self, path: &str) -> Option<Output> {
        let mut assets = self.site().assets.values();
        let asset = assets.find(|asset| asset.url.strip_prefix('/') == Some(path))?;
        let plain = asset.plain.as_deref()?;
        let at = self.outputs.binary_search_by(|output| output.path.as_str().cmp(plain)).ok()?;
        Some(Output { path: path.to_owned(), source: self.outputs[at].source.clone() })
    }

    /// The body of a page: as it was parsed, once; after that read and parsed again, so that
    /// bodies of rendered pages are not all held.
    ///
    /// # Errors
    /// The file cannot be read any more, or was changed and is wrong now.
    pub fn body(&self, id: PageId) -> Result<Body, Vec<Diagnostic>> {
        let path = &self.site().page(id).card.path;
        let mut bodies = self.bodies.lock().expect("nothing panics while it holds this");
        // In other languages it may be shown again, in place of a translation.
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
        // Another text's links and components are not those of the card.
        if self.source(&file).is_none_or(|record| record.digest != digest) {
            return Err(vec![changed(&file)]);
        }
        let parsed = parse::parse(path, &text, &self.rules.rules(path));
        parsed.page.map(|page| page.body).ok_or(parsed.diagnostics)
    }
}

/// Two lists as one, each ordered by path.
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

/// Every card as [`with_update`] gives it.
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

/// The card of a page, and the digest of all that it was made of: where the text does not say when it
/// was last changed, its last commit does.
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

/// The anchors that are not a page's to give: the theme's own, and those of every form.
fn ids(theme: &theme::Theme, forms: &BTreeMap<String, Form>) -> parse::Ids {
    let html: Vec<String> =
        forms.values().map(|form| html::render(form, &FormState::default())).collect();
    let mut ids = theme.ids.clone();
    ids.reserved.extend(theme::ids(html.iter().map(String::as_str)).reserved);
    ids
}

/// The output that a picture at one width is.
pub(crate) fn image_output(variant: &ImageVariant) -> Output {
    Output { path: variant.path.clone(), source: Source::Image(Box::new(variant.clone())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_pages_come_in_the_order_of_their_paths() {
        let sections = vec!["_index.md", "b/_index.md"];
        let pages = vec!["2020.md", "a.md", "b/1.md", "b/c.md"];
        let all: Vec<&str> = in_order(sections, pages, |path| path).collect();
        assert_eq!(all, ["2020.md", "_index.md", "a.md", "b/1.md", "b/_index.md", "b/c.md"]);
        assert!(all.is_sorted());
    }
}
