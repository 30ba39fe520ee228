//! The dependencies of every output.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::Lists;
use crate::digest::Digest;
use crate::query::LocalizedQuery;
use crate::site::PageId;

/// The dependencies of every output.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traces {
    /// Every distinct query of the build with the digest of its result.
    pub queries: Vec<(LocalizedQuery, Digest)>,
    /// The pages that each result shows, if the site has one language.
    pub shown: Lists<PageId>,
    /// The queries that publish an image or another file, as indices in `queries`.
    pub files: Vec<u32>,
    /// One for each output, in the order of [`Stamps::outputs`](super::Stamps::outputs).
    pub outputs: Vec<OutputDependencies>,
}

/// The part of [`Traces`] that says which outputs show a page.
pub struct Shown {
    /// The pages that the result of each query shows.
    pub pages: Lists<PageId>,
    /// The queries that publish an image or another file.
    pub files: HashMap<u32, LocalizedQuery>,
    pub(super) asked: Lists<u32>,
    /// The queries of outputs that were rendered again since, by index.
    pub(super) newer: HashMap<u32, Vec<u32>>,
}

impl Shown {
    /// The queries that each output made, in the order of
    /// [`Stamps::outputs`](super::Stamps::outputs).
    pub fn asked(&self) -> impl Iterator<Item = &[u32]> {
        let newer = |at| self.newer.get(&at).map(Vec::as_slice);
        (0..).zip(self.asked.iter()).map(move |(at, asked)| newer(at).unwrap_or(asked))
    }
}

/// The dependencies of one output.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutputDependencies {
    /// The digest of what it shows of itself: of its page, or of its bytes.
    pub view: Digest,
    /// The digest of the theme; zero if none was used.
    pub theme: Digest,
    /// The queries it made, as ascending indices in [`Traces::queries`].
    pub asked: Vec<u32>,
}
