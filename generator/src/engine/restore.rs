//! Restores the snapshot of the last build; pages are loaded on demand. Reads the disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use hashbrown::HashMap;
use memchr::memmem;

use super::files::{below_content, is_page};
use super::settings::Settings;
use super::{OnError, Snapshot, SnapshotData, with_update};
use crate::cache::{Cache, Cards};
use crate::digest::Digest;
use crate::images::ImageCache;
use crate::parse::{self, PageMeta};
use crate::query::QueryEngine;
use crate::render::Renderer;
use crate::site::Site;
use crate::source::File;

impl Snapshot {
    /// Restores the site in `cache` if all of `files` but pages are unchanged. It has no outputs
    /// and no page metadata: callers request what they need.
    ///
    /// `None` if the cache has no such site, or something is wrong.
    pub fn restored(root: &Path, files: &[File], cache: &Cache) -> Option<Snapshot> {
        // The set of pages is unchanged, and so are the warnings about file names.
        let settings = || {
            let others = files.iter().filter(|file| !is_page(&file.path));
            let others: Vec<File> = others.cloned().collect();
            Settings::read(root, &others, &cache.stamps.options, OnError::Stop)
        };
        let (kept, settings) = rayon::join(|| cache.site(), settings);
        let (kept, settings) = (kept?, settings.ok().filter(|read| read.faults.is_empty())?);
        let stamps = &cache.stamps;
        let is_known = |(path, digest): (&String, &Digest)| {
            super::record(&stamps.sources, path).is_some_and(|record| record.digest == *digest)
        };
        // A file was saved since it was checked.
        if !settings.read.iter().all(is_known) {
            return None;
        }
        let mut rules = settings.rules(&stamps.options);
        let paths: Vec<&str> = stamps
            .sources
            .iter()
            .filter(|record| is_page(&record.path))
            .map(|record| below_content(&record.path))
            .collect();
        let shelf = cache.shelf().ok()?;
        let index = memmem::Finder::new("_index.");
        let is_section = |path: &str| {
            // Only few names need the second check.
            index.find(path.as_bytes()).is_some() && parse::Kind::of(path) != parse::Kind::Page
        };
        let sections = (0..).zip(&paths).filter(|(_, path)| is_section(path));
        let sections: Option<Vec<Arc<PageMeta>>> = sections.map(|(at, _)| shelf.card(at)).collect();
        rules.apply_sections(sections?.iter().map(|card| &**card));
        let (history, zone) = (stamps.history.clone(), settings.config.time_zone.clone());
        let (templates, materials) = settings.into_materials(
            &stamps.sources,
            (&stamps.images, &stamps.attachments),
            BTreeMap::new(),
            &stamps.options,
            history.clone(),
        );
        let read = move |at| {
            let card = shelf.card(at)?;
            Some(with_update(&card, Default::default(), history.as_ref(), &zone).0)
        };
        let site = Site::restored(materials, kept, Box::new(read))?;
        let answers = Arc::new(QueryEngine::new(Arc::new(site)));
        let renderer = Arc::new(Renderer::new(Arc::clone(&answers), Arc::clone(&templates)));
        let taken = SnapshotData {
            root: root.to_owned(),
            templates,
            warnings: Vec::new(),
            more_warnings: stamps.more_warnings.clone(),
            doubtful_until: stamps.doubtful_until,
            sources: Arc::clone(&stamps.sources),
            cards: Cards::NONE,
            images: stamps.images.clone(),
            attachments: stamps.attachments.clone(),
            workshop: ImageCache::new(root),
            rules,
        };
        Some(Snapshot {
            taken: Arc::new(taken),
            outputs: Arc::default(),
            answers,
            renderer,
            amended: BTreeMap::new(),
            bodies: Mutex::new(HashMap::new()),
        })
    }
}
