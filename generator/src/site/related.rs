//! Computes neighbours, related pages and backlinks.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::{Destination, PageId, Site, Term, destination, number};
use crate::config::LanguageId;
use crate::parse::{LinkKind, PageKind, folder_name};

/// The number of newest pages per term to consider for related pages. A term that half the site has
/// says little, and the work must not grow faster than the site.
const LOOKED_AT: usize = 200;

/// The maximum number of terms of a page to consider.
const MAX_TERMS: usize = u16::MAX as usize;

/// All pages ranked by date, newest first; pages with equal dates by path.
pub(super) struct RecencyRanks {
    /// The rank of each page.
    ranks: Vec<u32>,
    newest: Vec<PageId>,
}

impl Site {
    /// Returns the previous and next pages in the order of the section.
    pub fn neighbours(&self, id: PageId) -> (Option<PageId>, Option<PageId>) {
        let page = self.page(id);
        let Some(section) = self.section(page.language, &page.folder) else { return (None, None) };
        if page.meta.kind != PageKind::Page {
            return (None, None);
        }
        let at = page.position as usize;
        let previous = at.checked_sub(1).and_then(|at| section.pages.get(at));
        (previous.copied(), section.pages.get(at + 1).copied())
    }

    /// Returns the pages that share the most terms with one, newest first among equals.
    pub fn related(&self, id: PageId, limit: usize) -> Vec<PageId> {
        let page = self.page(id);
        let recency = self.recency();
        let terms = page.meta.front.taxonomies.iter().flat_map(|(taxonomy, terms)| {
            let language = page.written_in();
            terms
                .iter()
                .filter_map(move |term| self.term(language, taxonomy, &folder_name(&term.value)))
        });
        let lists: Vec<Cow<'_, [u32]>> =
            terms.take(MAX_TERMS).map(|term| self.ranks_of(term, page.language, recency)).collect();
        let oldest = lists.iter().flat_map(|list| list.iter()).max();
        let mut shared = vec![0_u16; oldest.map_or(0, |rank| *rank as usize + 1)];
        for rank in lists.iter().flat_map(|list| list.iter()) {
            shared[*rank as usize] += 1;
        }
        shared[..].get_mut(recency.ranks[id.index()] as usize).map(std::mem::take);
        // By the number of shared terms, then by age; the worst of the best is on top.
        let mut best: BinaryHeap<(Reverse<u16>, u32)> = BinaryHeap::new();
        for rank in lists.iter().flat_map(|list| list.iter()) {
            let terms = std::mem::take(&mut shared[*rank as usize]);
            let found = (Reverse(terms), *rank);
            if terms == 0 {
                continue;
            } else if best.len() < limit {
                best.push(found);
            } else if let Some(mut last) = best.peek_mut()
                && found < *last
            {
                *last = found;
            }
        }
        let best = best.into_sorted_vec().into_iter();
        best.map(|(_, rank)| recency.newest[rank as usize]).collect()
    }

    /// Returns the ranks of a term's newest pages, in the given language.
    fn ranks_of<'a>(
        &self,
        term: &'a Term,
        language: LanguageId,
        recency: &RecencyRanks,
    ) -> Cow<'a, [u32]> {
        let ranks = || {
            let pages = term.pages.iter().take(LOOKED_AT);
            let here = pages.filter_map(|page| self.counterpart(*page, language));
            here.map(|page| recency.ranks[page.index()]).collect()
        };
        if self.config.is_translated() {
            Cow::Owned(ranks())
        } else {
            Cow::Borrowed(term.ranks.get_or_init(ranks))
        }
    }

    /// Returns the pages ranked by date; computed on first use.
    fn recency(&self) -> &RecencyRanks {
        self.computed.ranks.get_or_init(|| {
            let sections = self.sections.iter().flat_map(BTreeMap::values);
            let mut newest = Vec::with_capacity(self.pages.len());
            let mut is_there = vec![false; self.pages.len()];
            // Sections are mostly sorted already, which makes the sort fast.
            let each = sections.flat_map(|section| section.pages.iter().copied());
            for id in each.chain((0..self.pages.len()).map(number)) {
                if !std::mem::replace(&mut is_there[id.index()], true) {
                    newest.push(id);
                }
            }
            newest.sort_by_key(|id| (Reverse(self.page(*id).day()), *id));
            let mut ranks = vec![0; newest.len()];
            for (rank, id) in (0..).zip(&newest) {
                ranks[id.index()] = rank;
            }
            RecencyRanks { ranks, newest }
        })
    }

    /// Returns the pages whose text links to one, ordered by path.
    pub fn backlinks(&self, id: PageId) -> &[PageId] {
        let all = self.computed.backlinks.get_or_init(|| self.find_backlinks());
        all.get(id.index()).map_or(&[], Vec::as_slice)
    }

    fn find_backlinks(&self) -> Vec<Vec<PageId>> {
        let mut backlinks = vec![Vec::new(); self.pages.len()];
        for (from, page) in self.iter() {
            for link in page.meta.links.iter().filter(|link| link.kind == LinkKind::Text) {
                let Ok(Destination::Inside(place)) = destination(page.name(), &link.target) else {
                    continue;
                };
                let Some(to) = self.page_at(page.language, &place.path) else { continue };
                let known: &mut Vec<PageId> = &mut backlinks[to.index()];
                // Pages come in order, so only the last one can be a duplicate.
                if to != from && known.last() != Some(&from) {
                    known.push(from);
                }
            }
        }
        backlinks
    }
}
