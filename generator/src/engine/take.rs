//! Takes a snapshot: reads and parses the files, and assembles the site. Reads the disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use daisychain_functions::form::Form;
use daisychain_functions::form::html::{self, FormState};
use hashbrown::HashMap;
use jiff::tz::TimeZone;
use located_yaml::Place;
use rayon::prelude::*;

use super::file_names::not_a_page;
use super::files::below_content;
use super::pages::{ReadFile, ReadPage, Reader, SectionRules};
use super::settings::ReadSettings;
use super::validate::{doubts, missing_templates};
use super::warnings::SourceWarnings;
use super::{KnownSources, PAGES_PER_TASK, Snapshot, TakenFiles, assets, changed, output, paths};
use crate::attachment;
use crate::cache::{CachedPage, CachedPages, Record};
use crate::diagnostic::Diagnostic;
use crate::digest::Digester;
use crate::images::{self, ImageCache};
use crate::parse::{self, Body, Located, Moment, PageMeta};
use crate::query::QueryEngine;
use crate::render::Renderer;
use crate::site::{ICONS, Options, PageVersion, Site, VECTOR_ICON};
use crate::source::git::History;
use crate::source::{File, is_page};
use crate::theme;
use crate::url::BaseUrl;

/// How to handle a site with errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnError {
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

/// The errors and warnings found so far.
#[derive(Default)]
struct Findings {
    faults: Vec<Diagnostic>,
    /// The warnings that are not part of a page's metadata.
    warnings: SourceWarnings,
}

impl Findings {
    fn extend(&mut self, found: Vec<Diagnostic>) {
        let (faults, warnings): (Vec<_>, Vec<_>) =
            found.into_iter().partition(Diagnostic::is_error);
        self.faults.extend(faults);
        self.warnings.site.extend(warnings);
    }
}

/// The pages of a site, read and parsed.
struct ReadPages {
    metadata: CachedPages,
    /// Those that were parsed now, by path below `content/`.
    bodies: HashMap<String, Body>,
    /// The outlines of pages with errors, by path below `content/`.
    outlines: BTreeMap<String, PageVersion>,
    records: Vec<Record>,
    rules: SectionRules,
    faults: Vec<Diagnostic>,
}

/// The files of a site that are not pages.
#[derive(Default)]
struct ReadFiles {
    records: Vec<Record>,
    images: images::KnownImages,
    attachments: attachment::KnownAttachments,
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
        known: KnownSources<'_>,
    ) -> Result<Snapshot, Vec<Diagnostic>> {
        let (snapshot, _) = take(root, &files, (options, now), known, OnError::Stop)?;
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
        known: KnownSources<'_>,
    ) -> Result<(Snapshot, Vec<Diagnostic>), Vec<Diagnostic>> {
        take(root, &files, (options, now), known, OnError::Skip)
    }
}

fn take(
    root: &Path,
    files: &[File],
    (options, now): (&Options, i64),
    known: KnownSources<'_>,
    on_error: OnError,
) -> Result<(Snapshot, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut settings = ReadSettings::read(root, files, options, on_error)?;
    let mut found = Findings {
        faults: std::mem::take(&mut settings.faults),
        warnings: std::mem::take(&mut settings.warnings),
    };
    let pages = read_pages(root, files, known, settings.rules(options), on_error);
    let ReadPages { metadata, bodies, outlines, records, rules, faults } = pages;
    settings.unread.pages.extend(outlines.keys().cloned());
    found.faults.extend(faults);
    on_error.after_stage(&mut found.faults)?;
    let reader = Reader { root, known, rules: &rules };
    let read = read_files(&reader, files, &settings, on_error, &mut found)?;
    let ReadFiles { records: others, images, attachments } = read;
    let mut sources = records;
    sources.extend(others);
    // Pages are sorted already, which makes this sort fast.
    sources.sort_by(|a, b| a.path.cmp(&b.path));

    let base_url = BaseUrl::new(&settings.config.base_url);
    let has_own_icon = settings.config.icon.is_some();
    if has_own_icon {
        settings.theme_files.remove(&format!("static/{VECTOR_ICON}"));
    }
    let (assets, mut outputs, wrong) =
        assets::assets(&settings.theme_files, &sources, &base_url, has_own_icon);
    found.extend(wrong);
    on_error.after_stage(&mut found.faults)?;
    let statics = settings.statics();
    let history = settings.config.git_dates.then(|| match known.history {
        Some(known) => History::read(root, known),
        None => History::read(root, &History::default()),
    });
    let zone = settings.config.time_zone.clone();
    let of_files = (&images, &attachments);
    let (templates, mut inputs) =
        settings.into_inputs(&sources, of_files, assets, options, history);
    let dated = metadata.par_iter();
    inputs.metadata =
        dated.map(|known| with_commit_date(known, inputs.history.as_deref(), &zone)).collect();
    inputs.metadata.extend(outlines.into_values());
    inputs.metadata.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
    let site = match on_error {
        OnError::Stop => Site::assemble(inputs, now)?,
        OnError::Skip => {
            let (site, faults) = Site::assemble_partly(inputs, now);
            found.faults.extend(faults);
            site
        }
    };
    if !site.icons.is_empty() {
        // The site's own icons replace the theme's.
        outputs.retain(|output| !ICONS.contains(&output.path.as_str()));
    }
    found.faults.extend(missing_templates(&site, &templates));
    outputs.extend(output::of_site(&site, templates.has("not_found.html")));
    outputs.sort_by(|a, b| a.path.cmp(&b.path));
    found.extend(paths::faults(&site, &outputs, &statics));
    on_error.after_stage(&mut found.faults)?;
    // The first of two outputs with one path wins.
    outputs.dedup_by(|later, first| later.path == first.path);
    found.warnings.site.extend(doubts(&site));
    let (future, doubtful_until) = site.future_dates(now);
    found.warnings.site.extend(future);
    let of_pages = metadata.iter().flat_map(|known| known.meta.warnings.iter());
    let warnings: Vec<Diagnostic> = of_pages.chain(found.warnings.iter()).cloned().collect();
    let taken = TakenFiles { sources: Arc::new(sources), metadata, images, attachments, rules };
    let queries = Arc::new(QueryEngine::new(Arc::new(site)));
    let snapshot = Snapshot {
        root: Arc::from(root),
        renderer: Arc::new(Renderer::new(Arc::clone(&queries), Arc::clone(&templates))),
        templates,
        queries,
        outputs: Arc::new(outputs),
        warnings: Arc::new(warnings),
        more_warnings: Arc::new(found.warnings),
        doubtful_until,
        image_cache: Arc::new(ImageCache::new(root)),
        taken: Arc::new(taken),
        updated: Arc::default(),
        bodies: Arc::new(Mutex::new(bodies)),
    };
    Ok((snapshot, found.faults))
}

/// Reads every page, sections first: their rules apply to the pages below.
fn read_pages(
    root: &Path,
    files: &[File],
    known: KnownSources<'_>,
    mut rules: SectionRules,
    on_error: OnError,
) -> ReadPages {
    let pages = files.iter().filter(|file| is_page(&file.path));
    let (sections, pages): (Vec<&File>, Vec<&File>) = pages
        .partition(|file| parse::PageKind::of(below_content(&file.path)) != parse::PageKind::Page);
    let reader = Reader { root, known, rules: &rules };
    let mut read_sections: Vec<ReadPage> = sections.iter().map(|file| reader.page(file)).collect();
    let outlines = match on_error {
        OnError::Stop => BTreeMap::new(),
        OnError::Skip => reader.outlines(&read_sections),
    };
    let metadata = read_sections.iter().filter_map(|section| section.page.as_ref().ok());
    rules.apply_sections(
        metadata.map(|(meta, _)| &**meta).chain(outlines.values().map(|(meta, _)| &**meta)),
    );
    let reader = Reader { root, known, rules: &rules };
    // A section's rules apply to its own page too, and are only known now.
    for (page, file) in read_sections.iter_mut().zip(&sections) {
        if rules.digest(&page.path) != rules.shared_digest(&page.path) {
            *page = reader.page(file);
        }
    }
    let pages = pages.par_iter().with_max_len(PAGES_PER_TASK);
    let read_pages: Vec<ReadPage> = pages.map(|file| reader.page(file)).collect();
    let outlines = match on_error {
        OnError::Stop => BTreeMap::new(),
        OnError::Skip => reader.outlines(read_sections.iter().chain(&read_pages)),
    };
    let count = read_sections.len() + read_pages.len();
    let (mut metadata, mut records) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let (mut bodies, mut faults) = (HashMap::new(), Vec::new());
    for ReadPage { record, page, .. } in in_order(read_sections, read_pages, |page| &page.path) {
        match page {
            Ok((meta, body)) => {
                if let Some(body) = body {
                    bodies.insert(meta.path.clone(), body);
                }
                let digest = rules.digest(&meta.path);
                metadata.push(CachedPage { source: record.digest, rules: digest, meta });
            }
            Err(found) => faults.extend(found),
        }
        records.push(record);
    }
    ReadPages { metadata: CachedPages::new(metadata), bodies, outlines, records, rules, faults }
}

/// Reads the files that are not pages.
fn read_files(
    reader: &Reader,
    files: &[File],
    settings: &ReadSettings,
    on_error: OnError,
    found: &mut Findings,
) -> Result<ReadFiles, Vec<Diagnostic>> {
    let others: Vec<&File> = files.iter().filter(|file| !is_page(&file.path)).collect();
    let others: Vec<Result<ReadFile, Diagnostic>> =
        others.par_iter().map(|file| reader.file(file)).collect();
    let mut read = ReadFiles::default();
    for other in others {
        let ReadFile { record, probed, content } = match other {
            Ok(file) => file,
            Err(fault) => {
                found.faults.push(fault);
                on_error.after_stage(&mut found.faults)?;
                continue;
            }
        };
        if settings.read.get(&record.path).is_some_and(|digest| *digest != record.digest) {
            return Err(vec![changed(&record.path)]);
        }
        if let Some(probed) = probed {
            read.images.insert(record.digest, probed);
        }
        if let Some(content) = content {
            found.warnings.site.extend(not_a_page(files, &record.path, content));
            read.attachments.insert(record.digest, content);
        }
        read.records.push(record);
    }
    Ok(read)
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

/// Returns a page's metadata and the digest of everything it was made from. The last commit is used
/// as the date of the last change if the text does not state one.
pub(super) fn with_commit_date(
    known: &CachedPage,
    history: Option<&History>,
    zone: &TimeZone,
) -> PageVersion {
    let source = Digester::new().digest(known.source).digest(known.rules).finish();
    let committed = history.and_then(|history| history.last_commits.get(&known.meta.path));
    let Some(committed) = committed.filter(|_| known.meta.front.updated.is_none()) else {
        return (Arc::clone(&known.meta), source);
    };
    let updated = Moment::of(*committed, zone);
    let mut meta = PageMeta::clone(&known.meta);
    let place = Place { line: 1, column: 1, length: 1 };
    meta.front.updated = Some(Located { value: updated, place });
    meta.front.committed = true;
    (Arc::new(meta), Digester::new().digest(source).value(&updated).finish())
}

/// The anchors that pages cannot use: the theme's and those of every form.
pub(super) fn ids(theme: &theme::Theme, forms: &BTreeMap<String, Form>) -> parse::Ids {
    let html: Vec<String> =
        forms.values().map(|form| html::render(form, &FormState::default())).collect();
    let mut ids = theme.ids.clone();
    ids.reserved.extend(theme::ids(html.iter().map(String::as_str)).reserved);
    ids
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
