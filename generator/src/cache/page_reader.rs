//! Loads cached page metadata on demand. Reads the cache file.

use std::fs;
use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;

use super::{CARDS, KnownCard, open, range};
use crate::parse::PageMeta;

/// Page metadata that is read on demand.
pub struct PageReader {
    pub(super) file: fs::File,
    pub(super) chunks: Vec<Range<u64>>,
    /// Metadata that was parsed since the cache was written, by index.
    pub(super) newer: HashMap<u32, Arc<PageMeta>>,
}

impl PageReader {
    /// Returns the metadata at an index; `None` if it cannot be read.
    pub fn card(&self, at: u32) -> Option<Arc<PageMeta>> {
        if let Some(card) = self.newer.get(&at) {
            return Some(Arc::clone(card));
        }
        let at = at as usize;
        let chunk = self.chunks.get(at / CARDS)?;
        let cards: Vec<KnownCard> = open(&range(&self.file, chunk).ok()?)?;
        Some(Arc::clone(&cards.get(at % CARDS)?.card))
    }
}
