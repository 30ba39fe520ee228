//! Generates image variants and caches them. Reads the sources; reads and writes `.daisy/images/`.
//!
//! A variant is named by a digest of its inputs, so a cached file is never out of date; a digest of its bytes is
//! appended to it, so a damaged file is detected and generated again.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, SystemTime};

use daisychain_functions::failpoint;
use rayon::prelude::*;

use super::{Format, ImageRefusal, ImageVariant, encode};
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::source;

/// How long an unused variant is kept.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The approximate number of bytes that all decoders together may hold.
const DECODE_BUDGET_BYTES: u64 = 768 * 1024 * 1024;
/// The most bytes that decoding takes for each pixel: the coefficients of a progressive JPEG, and three bytes of
/// output.
const PER_PIXEL: u64 = 10;

/// Generates and caches image variants.
pub struct ImageCache {
    root: PathBuf,
    folder: PathBuf,
    /// The bytes in use.
    used_bytes: Mutex<u64>,
    left: Condvar,
    /// Numbers the temporary files of concurrent threads.
    drafts: AtomicUsize,
}

/// A share of the decode budget, released when dropped.
struct DecodePermit<'a>(&'a ImageCache, u64);

impl Drop for DecodePermit<'_> {
    fn drop(&mut self) {
        *self.0.used_bytes.lock().expect("nothing panics while it holds this") -= self.1;
        self.0.left.notify_all();
    }
}

impl ImageCache {
    /// The cache of the site at `root`.
    pub fn new(root: &Path) -> Self {
        ImageCache {
            root: root.to_owned(),
            folder: root.join(".daisy/images"),
            used_bytes: Mutex::new(0),
            left: Condvar::new(),
            drafts: AtomicUsize::new(0),
        }
    }

    /// The bytes of a variant, from the cache or newly generated.
    ///
    /// # Errors
    /// The source cannot be read, has changed, or is damaged.
    pub fn bytes(&self, variant: &ImageVariant) -> Result<Vec<u8>, Diagnostic> {
        if let Some(bytes) = self.kept(variant) {
            return Ok(bytes);
        }
        let mut made = self.encode(&[variant]).map_err(SourceError::into_diagnostic)?;
        let bytes = made.pop().expect("one variant was asked for");
        // If it cannot be cached, it is generated again next time.
        let _ = self.keep(variant, &bytes);
        Ok(bytes)
    }

    /// Generates and caches those of `variants` that are missing; each source is decoded once, several in parallel.
    /// `tell` is called with the number of finished sources and their total.
    ///
    /// # Errors
    /// All sources that cannot be read or are damaged; an I/O error of the cache.
    pub fn prepare(
        &self,
        variants: &[&ImageVariant],
        tell: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<(), ImageError> {
        let mut sources: BTreeMap<&str, Vec<&ImageVariant>> = BTreeMap::new();
        for variant in variants.iter().filter(|variant| self.kept(variant).is_none()) {
            sources.entry(&variant.source).or_default().push(variant);
        }
        let done = AtomicUsize::new(0);
        let total = sources.len();
        let made: Vec<Result<(), ImageError>> = sources
            .into_values()
            .collect::<Vec<_>>()
            .par_iter()
            .map(|variants| {
                let made =
                    self.encode(variants).map_err(|fault| ImageError::Sources(vec![fault]))?;
                for (variant, bytes) in variants.iter().zip(made) {
                    self.keep(variant, &bytes).map_err(ImageError::Disk)?;
                }
                tell(done.fetch_add(1, Ordering::Relaxed) + 1, total);
                Ok(())
            })
            .collect();
        let mut faults = Vec::new();
        for one in made {
            match one {
                Ok(()) => {}
                Err(ImageError::Sources(found)) => faults.extend(found),
                Err(disk) => return Err(disk),
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(ImageError::Sources(faults)) }
    }

    /// Decodes the source of each of `variants` that is not cached, without caching anything, and returns all sources
    /// that cannot be read or are damaged.
    pub fn unmakable(&self, variants: &[&ImageVariant]) -> Vec<SourceError> {
        let mut sources: BTreeMap<&str, &ImageVariant> = BTreeMap::new();
        for variant in variants.iter().filter(|variant| self.kept(variant).is_none()) {
            let first = sources.entry(&variant.source).or_insert(variant);
            if variant.width < first.width {
                *first = variant;
            }
        }
        let sources: Vec<&ImageVariant> = sources.into_values().collect();
        sources.par_iter().filter_map(|variant| self.encode(&[variant]).err()).collect()
    }

    /// Removes cached files that are older than 30 days and not in `claimed`.
    pub fn tidy(&self, claimed: &BTreeSet<String>, now: SystemTime) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let is_claimed = name.to_str().is_some_and(|name| claimed.contains(name));
            let age = entry.metadata().and_then(|metadata| metadata.modified()).ok();
            let age = age.and_then(|modified| now.duration_since(modified).ok());
            if !is_claimed && age.is_some_and(|age| age > KEPT) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Generates variants of one source.
    fn encode(&self, variants: &[&ImageVariant]) -> Result<Vec<Vec<u8>>, SourceError> {
        let Some(first) = variants.first() else { return Ok(Vec::new()) };
        let bytes = source::bytes(&self.root, &first.source).map_err(SourceError::Unread)?;
        if Digest::blake3(&bytes) != first.source_digest {
            let message = "this file changed during the build";
            let fault = Diagnostic::error(&first.source, message).help("build again");
            return Err(SourceError::Unread(fault));
        }
        let _bench = self.bench(&bytes, variants);
        encode::encode(&bytes, variants)
            .map_err(|refusal| SourceError::Damaged { source: first.source.clone(), refusal })
    }

    /// Waits until the decode budget allows decoding a file.
    fn bench(&self, bytes: &[u8], variants: &[&ImageVariant]) -> DecodePermit<'_> {
        let drawing = variants.iter().all(|variant| variant.format == Format::Svg);
        let pixels = match super::probe::decoder(bytes) {
            Ok(decoder) if !drawing => {
                let (width, height) = decoder.dimensions();
                u64::from(width) * u64::from(height)
            }
            _ => 0,
        };
        // A file that exceeds the whole budget is decoded alone.
        let share = (pixels * PER_PIXEL).min(DECODE_BUDGET_BYTES);
        let mut used = self.used_bytes.lock().expect("nothing panics while it holds this");
        while *used + share > DECODE_BUDGET_BYTES {
            used = self.left.wait(used).expect("nothing panics while it holds this");
        }
        *used += share;
        DecodePermit(self, share)
    }

    fn path(&self, variant: &ImageVariant) -> PathBuf {
        self.folder.join(variant.name())
    }

    fn kept(&self, variant: &ImageVariant) -> Option<Vec<u8>> {
        let mut bytes = fs::read(self.path(variant)).ok()?;
        let digest = bytes.split_off(bytes.len().checked_sub(32)?);
        (digest == Digest::blake3(&bytes).hex().into_bytes()).then_some(bytes)
    }

    fn keep(&self, variant: &ImageVariant, bytes: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut whole = bytes.to_vec();
        whole.extend_from_slice(Digest::blake3(bytes).hex().as_bytes());
        let number = self.drafts.fetch_add(1, Ordering::Relaxed);
        let draft = self.folder.join(format!("draft-{}-{number}", std::process::id()));
        failpoint::pass("build: keep an image");
        fs::write(&draft, whole)?;
        failpoint::pass("build: name a kept image");
        fs::rename(draft, self.path(variant))
    }
}

/// Why no variant of a source can be generated.
#[derive(Debug)]
pub enum SourceError {
    /// It cannot be read, or has changed.
    Unread(Diagnostic),
    /// It is damaged.
    Damaged {
        /// Its path, relative to the root.
        source: String,
        /// The problem.
        refusal: ImageRefusal,
    },
}

impl SourceError {
    /// The error as a diagnostic of the source.
    pub fn into_diagnostic(self) -> Diagnostic {
        match self {
            SourceError::Unread(fault) => fault,
            SourceError::Damaged { source, refusal } => {
                Diagnostic::error(source, refusal.message).help(refusal.help)
            }
        }
    }
}

/// Why variants could not be generated.
#[derive(Debug)]
pub enum ImageError {
    /// Errors of their sources.
    Sources(Vec<SourceError>),
    /// They cannot be written to the cache.
    Disk(io::Error),
}
