//! Updates a snapshot after edits that do not affect relations between pages: only the edited files
//! are read, and everything else is shared. Reads the disk.
//!
//! Most edits are of this kind. An update is as fast in a large site as in a small one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use hashbrown::HashMap;

use super::files::{ReadData, below_content, read_data};
use super::forms::{ContactDetails, ReadForms, read_forms};
use super::take::{ids, with_commit_date};
use super::tracked_reader::TrackedReader;
use super::warnings::SourceWarnings;
use super::{Snapshot, UpdatedFile};
use crate::cache::{CachedPage, Record};
use crate::digest::Digest;
use crate::parse;
use crate::query::QueryEngine;
use crate::render::Renderer;
use crate::site::{PageVersion, Site};
use crate::source::{self, File, SourceKind};

impl Snapshot {
    /// Returns the snapshot with the current content of `files`, which are some of its sources;
    /// `None` if relations between pages may have changed, or there are errors, or warnings that
    /// depend on more than these files, so that a new snapshot must be taken.
    pub fn update(&self, files: &[File]) -> Option<Snapshot> {
        files.iter().try_fold(self.clone(), |snapshot, file| snapshot.update_file(file))
    }

    fn update_file(&self, file: &File) -> Option<Snapshot> {
        self.source(&file.path)?;
        // Warnings that depend on the whole site need a whole snapshot.
        if self.more_warnings.depend_on(&file.path) {
            return None;
        }
        match SourceKind::of(&file.path) {
            SourceKind::Page => self.update_page(file),
            SourceKind::Form => self.update_forms(file),
            SourceKind::Data => self.update_data(file),
            _ => None,
        }
    }

    fn update_page(&self, file: &File) -> Option<Snapshot> {
        let path = below_content(&file.path);
        let rules = &self.taken.rules;
        let (text, digest) = source::text_and_digest(&self.root, &file.path).ok()?;
        let parsed = parse::parse(path, &text, &rules.rules(path));
        let page = parsed.page.filter(|_| parsed.diagnostics.is_empty())?;
        let known =
            CachedPage { source: digest, rules: rules.digest(path), meta: Arc::new(page.meta) };
        let site = self.site().with_page(path, self.versions(&known))?;
        let record = Record { path: file.path.clone(), stamp: file.stamp, digest };
        let updated = UpdatedFile { record, meta: Some(known) };
        let bodies = HashMap::from([(path.to_owned(), page.body)]);
        Some(Snapshot {
            bodies: Arc::new(Mutex::new(bodies)),
            ..self.with_site(site, [updated].into())
        })
    }

    /// Returns the metadata of a page in all languages: `known` and the others as they are.
    fn versions(&self, known: &CachedPage) -> Vec<PageVersion> {
        let site = self.site();
        let (_, name) = site.config.part(&known.meta.path);
        let codes = site.config.languages.iter().skip(1).map(|language| &language.code);
        let stem = name.strip_suffix(".md").unwrap_or(&name);
        let translations = codes.map(|code| format!("{stem}.{code}.md"));
        let paths = std::iter::once(name.to_string()).chain(translations);
        let metadata = paths.filter_map(|path| match path == known.meta.path {
            true => Some(known),
            false => self.meta(&path),
        });
        let zone = &site.config.time_zone;
        metadata.map(|meta| with_commit_date(meta, site.history.as_deref(), zone)).collect()
    }

    /// Returns the current metadata of the page at `path` below `content/`.
    fn meta(&self, path: &str) -> Option<&CachedPage> {
        let updated = self.updated.get(&format!("content/{path}"));
        updated.and_then(|file| file.meta.as_ref()).or_else(|| self.taken.metadata.get(path))
    }

    fn update_forms(&self, file: &File) -> Option<Snapshot> {
        let site = self.site();
        let files = self.files_in("content/forms/", file);
        let reader = TrackedReader::new(&self.root, &files);
        let details = ContactDetails::new(Some(&site.config));
        let ReadForms { forms, links, warnings, faults } =
            read_forms(&reader, &details, site.base_url.folder());
        // Pages cannot use the anchors of forms, and the pages that forms link to must exist.
        let is_alike = faults.is_empty()
            && forms.keys().eq(site.forms.keys())
            && site.links_to_same(&links)
            && forms.values().zip(site.forms.values()).all(|(new, old)| {
                new.translations().eq(old.translations()) && new.language() == old.language()
            })
            && ids(&self.templates.theme, &forms) == self.taken.rules.ids;
        let updated = self.updated_records(&files, reader.digests()).filter(|_| is_alike)?;
        let warnings = SourceWarnings { forms: warnings, ..self.more_warnings.as_ref().clone() };
        Some(self.with_site(site.with_forms(forms, links), updated).with_warnings(warnings))
    }

    fn update_data(&self, file: &File) -> Option<Snapshot> {
        let files = self.files_in("content/data/", file);
        let reader = TrackedReader::new(&self.root, &files);
        let ReadData { data, warnings, faults } = read_data(&reader);
        let is_alike = faults.is_empty() && data.keys().eq(self.site().data.keys());
        let updated = self.updated_records(&files, reader.digests()).filter(|_| is_alike)?;
        let warnings = SourceWarnings { data: warnings, ..self.more_warnings.as_ref().clone() };
        Some(self.with_site(self.site().with_data(data), updated).with_warnings(warnings))
    }

    /// Returns the snapshot with other warnings besides those of its pages.
    fn with_warnings(self, warnings: SourceWarnings) -> Snapshot {
        if self.more_warnings.iter().eq(warnings.iter()) {
            return self;
        }
        let of_pages = self.warnings.len() - self.more_warnings.iter().count();
        let of_pages = self.warnings[..of_pages].iter();
        Snapshot {
            warnings: Arc::new(of_pages.chain(warnings.iter()).cloned().collect()),
            more_warnings: Arc::new(warnings),
            ..self
        }
    }

    /// Returns the sources in a folder, `file` with its current stamp.
    fn files_in(&self, folder: &str, file: &File) -> Vec<File> {
        let sources = self.taken.sources.iter().filter(|record| record.path.starts_with(folder));
        let current = sources.filter_map(|record| match record.path == file.path {
            true => Some(file.clone()),
            false => {
                let Record { path, stamp, .. } = self.source(&record.path)?;
                Some(File { path: path.clone(), stamp: *stamp })
            }
        });
        current.collect()
    }

    /// Returns the new record of each file whose content has changed.
    fn updated_records(
        &self,
        files: &[File],
        digests: BTreeMap<String, Digest>,
    ) -> Option<Vec<UpdatedFile>> {
        let mut updated = Vec::new();
        for (path, digest) in digests {
            let file = &files[files.binary_search_by(|file| file.path.cmp(&path)).ok()?];
            let record = Record { path, stamp: file.stamp, digest };
            if self.source(&record.path)? != &record {
                updated.push(UpdatedFile { record, meta: None });
            }
        }
        Some(updated)
    }

    /// Returns the snapshot with an updated site. Its outputs are the same.
    fn with_site(&self, site: Site, files: Vec<UpdatedFile>) -> Snapshot {
        let queries = Arc::new(QueryEngine::new(Arc::new(site)));
        let renderer = Renderer::new(Arc::clone(&queries), Arc::clone(&self.templates));
        let mut updated = BTreeMap::clone(&self.updated);
        updated.extend(files.into_iter().map(|file| (file.record.path.clone(), file)));
        Snapshot {
            queries,
            renderer: Arc::new(renderer),
            updated: Arc::new(updated),
            bodies: Arc::default(),
            ..self.clone()
        }
    }

    /// Whether another snapshot has the same outputs, made from the same files except for updates.
    pub fn shares_outputs(&self, other: &Snapshot) -> bool {
        Arc::ptr_eq(&self.taken, &other.taken)
    }
}
