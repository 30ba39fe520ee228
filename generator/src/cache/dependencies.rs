//! Of what every output was made. Pure.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::Lists;
use crate::digest::Digest;
use crate::query::LocalizedQuery;
use crate::site::PageId;

/// Of what every output was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traces {
    /// Every distinct question of the build with the digest of its answer.
    pub queries: Vec<(LocalizedQuery, Digest)>,
    /// The pages that each answer shows, where the site has one language.
    pub shown: Lists<PageId>,
    /// The queries that publish a picture or another file, as positions in `queries`.
    pub files: Vec<u32>,
    /// One for each output, in the order of [`Stamps::outputs`](super::Stamps::outputs).
    pub outputs: Vec<OutputDependencies>,
}

/// As much of [`Traces`] as says which outputs show a page.
pub struct Shown {
    /// The pages that the answer to each query shows.
    pub pages: Lists<PageId>,
    /// The queries that publish a picture or another file.
    pub files: HashMap<u32, LocalizedQuery>,
    pub(super) asked: Lists<u32>,
    /// What outputs asked that were made again since, by their places.
    pub(super) newer: HashMap<u32, Vec<u32>>,
}

impl Shown {
    /// The queries that each output made, in the order of [`Stamps::outputs`](super::Stamps::outputs).
    pub fn asked(&self) -> impl Iterator<Item = &[u32]> {
        let newer = |at| self.newer.get(&at).map(Vec::as_slice);
        (0..).zip(self.asked.iter()).map(move |(at, asked)| newer(at).unwrap_or(asked))
    }
}

/// Of what one output was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutputDependencies {
    /// The digest of what it shows of itself: of its page, or of its bytes.
    pub view: Digest,
    /// The digest of the theme; zero where none was used.
    pub theme: Digest,
    /// The queries it made, as positions in [`Traces::queries`], ascending.
    pub asked: Vec<u32>,
}
