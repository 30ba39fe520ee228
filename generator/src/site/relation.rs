//! Says which pages stand near which: before and after in a section, about the same things, linking
//! here. Pure.

use std::cmp::Reverse;

use super::{Assembled, Destination, PageId, destination, number};
use crate::parse::{Kind, slug};

/// How many pages of each term are looked at for related ones, the newest: a term that half the
/// site has says little, and the work must grow no faster than the site.
const LOOKED_AT: usize = 200;

/// The order of all pages by their days, the newest first; equals stand by path.
pub(super) struct Ages {
    /// The place of each page in it.
    ranks: Vec<u32>,
    newest: Vec<PageId>,
}

impl Assembled {
    /// The pages before and after one in the order of its section.
    pub fn neighbours(&self, id: PageId) -> (Option<PageId>, Option<PageId>) {
        let page = self.page(id);
        let Some(section) = self.section(page.language, &page.folder) else { return (None, None) };
        if page.card.kind != Kind::Page {
            return (None, None);
        }
        let at = page.position as usize;
        let previous = at.checked_sub(1).and_then(|at| section.pages.get(at));
        (previous.copied(), section.pages.get(at + 1).copied())
    }

    /// The pages that share the most terms with one, the newest of equals first.
    pub fn related(&self, id: PageId, limit: usize) -> Vec<PageId> {
        let page = self.page(id);
        let Ages { ranks, newest } = self.ages();
        let mut near: Vec<u32> = Vec::new();
        let mut lists = 0;
        for (taxonomy, terms) in &page.card.front.taxonomies {
            for term in terms {
                let pages = self.term(page.written_in(), taxonomy, &slug(&term.value));
                let pages = pages.map_or(&[][..], |term| &term.pages).iter().take(LOOKED_AT);
                let here = pages.filter_map(|other| self.counterpart(*other, page.language));
                near.extend(here.map(|other| ranks[other.index()]));
                lists += 1;
            }
        }
        near.sort_unstable();
        // By how many terms they share, each list from the newest on and no longer than it can matter.
        let mut shared: Vec<Vec<PageId>> = vec![Vec::new(); lists];
        for same in near.chunk_by(|a, b| a == b) {
            let (other, list) = (newest[same[0] as usize], &mut shared[same.len() - 1]);
            if other != id && list.len() < limit {
                list.push(other);
            }
        }
        shared.into_iter().rev().flatten().take(limit).collect()
    }

    /// Which pages are newer than which; found when first asked for.
    fn ages(&self) -> &Ages {
        self.ages.get_or_init(|| {
            let mut newest: Vec<PageId> = (0..self.pages.len()).map(number).collect();
            newest.sort_unstable_by_key(|id| (Reverse(self.day(*id)), *id));
            let mut ranks = vec![0; newest.len()];
            for (rank, id) in (0..).zip(&newest) {
                ranks[id.index()] = rank;
            }
            Ages { ranks, newest }
        })
    }

    /// The pages whose text links to one, ordered by path.
    pub fn backlinks(&self, id: PageId) -> &[PageId] {
        let all = self.backlinks.get_or_init(|| self.find_backlinks());
        all.get(id.index()).map_or(&[], Vec::as_slice)
    }

    fn find_backlinks(&self) -> Vec<Vec<PageId>> {
        let mut backlinks = vec![Vec::new(); self.pages.len()];
        for (from, page) in self.iter() {
            for link in page.card.links.iter().filter(|link| !link.image) {
                let Ok(Destination::Inside(place)) = destination(page.name(), &link.target) else {
                    continue;
                };
                let Some(to) = self.page_at(page.language, &place.path) else { continue };
                let known: &mut Vec<PageId> = &mut backlinks[to.index()];
                // Pages come in order, so the last one is the only one that can be here already.
                if to != from && known.last() != Some(&from) {
                    known.push(from);
                }
            }
        }
        backlinks
    }
}
