//! Makes variants of pictures, each once, and keeps them. Reads the sources; reads and writes
//! `.daisy/images/`.
//!
//! A variant is named by what it is made of, so what is kept is never out of date; it is kept behind
//! its digest, so that what is damaged is made again.

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it touches the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, SystemTime};

use daisychain_functions::failpoint;
use rayon::prelude::*;

use super::{Format, ImageVariant, Refusal, encode};
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::source;

/// How long a variant that no page shows any more is kept.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The bytes that all decoders together may hold, about.
const DECODE_BUDGET_BYTES: u64 = 768 * 1024 * 1024;
/// The bytes that decoding takes for each pixel, at most: a progressive JPEG's coefficients, and
/// three bytes of what comes of them.
const PER_PIXEL: u64 = 10;

/// Where variants are made.
pub struct ImageCache {
    root: PathBuf,
    folder: PathBuf,
    /// The bytes in use.
    room: Mutex<u64>,
    left: Condvar,
    /// Tells apart the files that several threads are writing.
    drafts: AtomicUsize,
}

/// A part of the room, given back when it is dropped.
struct DecodePermit<'a>(&'a ImageCache, u64);

impl Drop for DecodePermit<'_> {
    fn drop(&mut self) {
        *self.0.room.lock().expect("nothing panics while it holds this") -= self.1;
        self.0.left.notify_all();
    }
}

impl ImageCache {
    /// The workshop of the site at `root`.
    pub fn new(root: &Path) -> Self {
        ImageCache {
            root: root.to_owned(),
            folder: root.join(".daisy/images"),
            room: Mutex::new(0),
            left: Condvar::new(),
            drafts: AtomicUsize::new(0),
        }
    }

    /// The bytes of a variant: those that are kept, or else made now.
    ///
    /// # Errors
    /// Its source cannot be read, was changed since, or is damaged.
    pub fn bytes(&self, variant: &ImageVariant) -> Result<Vec<u8>, Diagnostic> {
        if let Some(bytes) = self.kept(variant) {
            return Ok(bytes);
        }
        let mut made = self.encode(&[variant]).map_err(SourceError::into_diagnostic)?;
        let bytes = made.pop().expect("one variant was asked for");
        // Where it cannot be kept it is made again.
        let _ = self.keep(variant, &bytes);
        Ok(bytes)
    }

    /// Makes those of `variants` that are not kept, and keeps them; each source is decoded once,
    /// several at a time. `tell` hears how many sources of how many are done.
    ///
    /// # Errors
    /// Every source that cannot be read or is damaged; the disk's.
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

    /// Decodes the source of each of `variants` that is not kept, and keeps nothing: every source that cannot be
    /// read or is damaged.
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

    /// Removes what has not been needed for 30 days: what is kept, is old and is not `claimed`.
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

    /// Makes variants of one source.
    fn encode(&self, variants: &[&ImageVariant]) -> Result<Vec<Vec<u8>>, SourceError> {
        let Some(first) = variants.first() else { return Ok(Vec::new()) };
        let bytes = source::bytes(&self.root, &first.source).map_err(SourceError::Unread)?;
        if Digest::blake3(&bytes) != first.source_digest {
            let message = "this file was changed while the site was made";
            let fault = Diagnostic::error(&first.source, message).help("build again");
            return Err(SourceError::Unread(fault));
        }
        let _bench = self.bench(&bytes, variants);
        encode::encode(&bytes, variants)
            .map_err(|refusal| SourceError::Damaged { source: first.source.clone(), refusal })
    }

    /// Waits until there is room to decode a file.
    fn bench(&self, bytes: &[u8], variants: &[&ImageVariant]) -> DecodePermit<'_> {
        let drawing = variants.iter().all(|variant| variant.format == Format::Svg);
        let pixels = match super::probe::decoder(bytes) {
            Ok(decoder) if !drawing => {
                let (width, height) = decoder.dimensions();
                u64::from(width) * u64::from(height)
            }
            _ => 0,
        };
        // What needs more than all of it has it alone.
        let share = (pixels * PER_PIXEL).min(DECODE_BUDGET_BYTES);
        let mut used = self.room.lock().expect("nothing panics while it holds this");
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

/// Why no variant of a source can be made.
#[derive(Debug)]
pub enum SourceError {
    /// It cannot be read, or was changed since.
    Unread(Diagnostic),
    /// It is damaged.
    Damaged {
        /// Its path below the root.
        source: String,
        /// What is wrong with it.
        refusal: Refusal,
    },
}

impl SourceError {
    /// The fault, told at the file itself.
    pub fn into_diagnostic(self) -> Diagnostic {
        match self {
            SourceError::Unread(fault) => fault,
            SourceError::Damaged { source, refusal } => {
                Diagnostic::error(source, refusal.message).help(refusal.help)
            }
        }
    }
}

/// Why variants could not be made.
#[derive(Debug)]
pub enum ImageError {
    /// Their sources are at fault.
    Sources(Vec<SourceError>),
    /// They cannot be kept.
    Disk(io::Error),
}
