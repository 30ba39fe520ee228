//! Finds pages by a key, such as their path or URL.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::PageId;
use crate::packed;

/// Pages by key.
pub(super) enum Index {
    /// Built while assembling: fast to query.
    Gathered(HashMap<String, PageId>),
    /// Read from the cache: fast to load.
    Kept(Names),
}

impl Default for Index {
    fn default() -> Self {
        Index::Gathered(HashMap::new())
    }
}

impl Index {
    /// Reserves capacity for `count` more pages.
    pub(super) fn reserve(&mut self, count: usize) {
        if let Index::Gathered(pages) = self {
            pages.reserve(count);
        }
    }

    /// Adds a page to a gathered index.
    pub(super) fn insert(&mut self, name: &str, page: PageId) {
        if let Index::Gathered(pages) = self {
            pages.insert(name.to_owned(), page);
        }
    }

    /// Returns the page with this key.
    pub(super) fn get(&self, name: &str) -> Option<PageId> {
        match self {
            Index::Gathered(pages) => pages.get(name).copied(),
            Index::Kept(names) => names.get(name),
        }
    }
}

/// Sorted keys in one string, so that tens of thousands load at once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Names {
    text: String,
    /// The end of each key in the string.
    #[serde(with = "packed")]
    ends: Vec<u32>,
    /// The page of each key.
    #[serde(with = "packed")]
    pages: Vec<PageId>,
}

impl Names {
    /// Creates the index from keys in any order.
    pub(super) fn new<'a>(pages: impl Iterator<Item = (&'a str, PageId)>) -> Names {
        let mut pages: Vec<(&str, PageId)> = pages.collect();
        pages.sort_unstable();
        let mut names = Names::default();
        for (name, page) in pages {
            names.text.push_str(name);
            let end = u32::try_from(names.text.len()).expect("names are fewer than 4 GB");
            names.ends.push(end);
            names.pages.push(page);
        }
        names
    }

    fn get(&self, wanted: &str) -> Option<PageId> {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.name(middle)?.cmp(wanted) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return self.pages.get(middle).copied(),
            }
        }
        None
    }

    /// Returns the key at an index; `None` if the string is corrupt.
    fn name(&self, at: usize) -> Option<&str> {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start as usize..self.ends[at] as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::number;
    use super::*;

    #[test]
    fn finds_only_exact_keys() {
        let pages = ["/b/", "/", "/a/", "/ਰੋਜ਼/", "/a/b/"];
        let names = Names::new(pages.into_iter().zip((0..).map(number)));
        for (name, id) in pages.into_iter().zip((0..).map(number)) {
            assert_eq!(names.get(name), Some(id));
        }
        for name in ["", "/a", "/a/b/c/", "/z/", "b"] {
            assert_eq!(names.get(name), None);
        }
        let pages = vec![number(0), number(1)];
        let broken = Names { text: "ab".to_owned(), ends: vec![9, 1], pages };
        assert_eq!(broken.get("a"), None);
    }
}
