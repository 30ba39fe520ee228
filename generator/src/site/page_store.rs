//! Holds the pages of a site, so that some can be replaced without copying the others.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::page::number;
use super::{Page, PageId};

/// The pages of a site by number. A clone shares them.
#[derive(Clone, Default)]
pub(super) struct PageStore {
    /// The pages as the site was assembled.
    assembled: Arc<Vec<Page>>,
    /// Those that have been replaced since.
    replaced: BTreeMap<PageId, Arc<Page>>,
}

impl PageStore {
    pub(super) fn new(pages: Vec<Page>) -> PageStore {
        PageStore { assembled: Arc::new(pages), replaced: BTreeMap::new() }
    }

    /// Returns the page with this number.
    pub(super) fn get(&self, id: PageId) -> &Page {
        match self.replaced.get(&id) {
            Some(page) => page,
            None => &self.assembled[id.index()],
        }
    }

    /// Returns the page with this number while the site is being assembled.
    pub(super) fn get_mut(&mut self, id: PageId) -> &mut Page {
        let pages = Arc::get_mut(&mut self.assembled).expect("only a complete site is shared");
        &mut pages[id.index()]
    }

    /// Replaces a page.
    pub(super) fn replace(&mut self, id: PageId, page: Page) {
        self.replaced.insert(id, Arc::new(page));
    }

    /// The number of pages.
    pub(super) fn len(&self) -> usize {
        self.assembled.len()
    }

    /// Iterates over the pages in order.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Page> {
        (0..self.len()).map(|index| self.get(number(index)))
    }
}
