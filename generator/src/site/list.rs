//! Divides long lists into parts, each a page with an address of its own. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Assembled, PageId, Term};
use crate::config::LanguageId;
use crate::digest::{Digest, Digester};
use crate::parse::Kind;

/// A list of pages that may be shown in parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum List {
    /// The pages of a section, by its folder.
    Section(String),
    /// The pages of a term.
    Term {
        /// The name of its taxonomy.
        taxonomy: String,
        /// Its slug.
        slug: String,
    },
}

/// A page that no file of its own makes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ListPage {
    /// A part of a section's list, from the second on; the first is the section's own page.
    Part {
        /// The section's page.
        page: PageId,
        /// Which part.
        number: u32,
    },
    /// The terms of a taxonomy, by its place in [`Assembled::taxonomies`].
    Taxonomy(usize),
    /// A part of a term's list.
    Term {
        /// The place in [`Assembled::taxonomies`].
        taxonomy: usize,
        /// The place in its terms.
        term: usize,
        /// Which part, from 1 on.
        number: u32,
    },
}

/// One part of a list.
pub struct Part<'a> {
    /// Its pages.
    pub pages: &'a [PageId],
    /// Which part, from 1 on.
    pub number: u32,
    /// How many parts there are.
    pub count: u32,
    /// The address of the first.
    pub home: &'a str,
}

/// The address of a part of the list at `home`.
pub fn part_url(home: &str, number: u32) -> String {
    if number == 1 { home.to_owned() } else { format!("{home}page/{number}/") }
}

impl Assembled {
    /// A part of a list; `None` where there is no such list or no such part.
    pub fn part(&self, language: LanguageId, list: &List, number: u32) -> Option<Part<'_>> {
        let (pages, paginate_by, home) = match list {
            List::Section(folder) => {
                let section = self.section(language, folder)?;
                let page = self.page(section.index?);
                let paginate_by = page.card.front.section.paginate_by.as_ref();
                (&section.pages, paginate_by.map(|number| number.value), &page.url)
            }
            List::Term { taxonomy, slug } => {
                let term = self.term(language, taxonomy, slug)?;
                let settings = &self.taxonomy(language, taxonomy)?.settings;
                (&term.pages, settings.paginate_by, &term.url)
            }
        };
        let size = paginate_by.map_or(usize::MAX, |size| size as usize);
        let count = count(pages.len(), paginate_by);
        let start = (number as usize).checked_sub(1)?.saturating_mul(size).min(pages.len());
        let end = start.saturating_add(size).min(pages.len());
        (number <= count).then(|| Part { pages: &pages[start..end], number, count, home })
    }

    /// The list that a page shows in parts, if its section says so.
    pub fn list_of(&self, id: PageId) -> Option<List> {
        let page = self.page(id);
        page.card.front.section.paginate_by.as_ref()?;
        (page.card.kind != Kind::Page).then(|| List::Section(page.folder.clone()))
    }

    /// Every page that no file of its own makes, with its address.
    pub fn list_pages(&self) -> Vec<(String, ListPage)> {
        let mut made = Vec::new();
        for section in self.sections.iter().flat_map(BTreeMap::values) {
            let Some(page) = section.index else { continue };
            let paginate_by = self.page(page).card.front.section.paginate_by.as_ref();
            let count = count(section.pages.len(), paginate_by.map(|number| number.value));
            let home = &self.page(page).url;
            made.extend(
                (2..=count).map(|number| (part_url(home, number), ListPage::Part { page, number })),
            );
        }
        for (index, taxonomy) in self.taxonomies.iter().enumerate() {
            made.push((taxonomy.url.clone(), ListPage::Taxonomy(index)));
            for (place, term) in taxonomy.terms.iter().enumerate() {
                let count = count(term.pages.len(), taxonomy.settings.paginate_by);
                made.extend((1..=count).map(|number| {
                    let page = ListPage::Term { taxonomy: index, term: place, number };
                    (part_url(&term.url, number), page)
                }));
            }
        }
        made
    }

    /// The digest of what such a page shows of itself; what it lists comes through queries.
    pub(crate) fn list_view(&self, page: ListPage) -> Digest {
        let mut digester = Digester::new();
        digester.part(self.base_url.as_str());
        // The home page stands above every list.
        if let Some(home) = self.section(self.language_of(page), "").and_then(|home| home.index) {
            digester.digest(self.page(home).summary_digest);
        }
        match page {
            ListPage::Part { page, number } => {
                digester.digest(self.page(page).page_digest).value(&number);
            }
            ListPage::Taxonomy(taxonomy) => {
                self.digest_taxonomy(taxonomy, &mut digester);
            }
            ListPage::Term { taxonomy, term, number } => {
                let Term { name, url, pages, .. } = &self.taxonomies[taxonomy].terms[term];
                self.digest_taxonomy(taxonomy, &mut digester);
                digester.value(&(name, url, pages.len(), number));
            }
        }
        let translations = self.list_translations(page).into_iter().map(|each| each.url);
        digester.value(&translations.collect::<Vec<_>>()).finish()
    }

    fn language_of(&self, page: ListPage) -> LanguageId {
        match page {
            ListPage::Part { page, .. } => self.page(page).language,
            ListPage::Taxonomy(taxonomy) | ListPage::Term { taxonomy, .. } => {
                self.taxonomies[taxonomy].language
            }
        }
    }

    fn digest_taxonomy(&self, taxonomy: usize, digester: &mut Digester) {
        let taxonomy = &self.taxonomies[taxonomy];
        digester.part(&taxonomy.settings.name.value).part(&taxonomy.title).part(&taxonomy.url);
        self.digest_language(taxonomy.language, digester);
    }
}

/// How many parts a list of `length` pages has: at least one, though it be empty.
fn count(length: usize, paginate_by: Option<u32>) -> u32 {
    let size = paginate_by.map_or(usize::MAX, |size| size.max(1) as usize);
    u32::try_from(length.div_ceil(size).max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{count, part_url};

    #[test]
    fn parts_are_counted_and_addressed() {
        assert_eq!(count(0, Some(2)), 1);
        assert_eq!(count(4, Some(2)), 2);
        assert_eq!(count(5, Some(2)), 3);
        assert_eq!(count(5, None), 1);
        assert_eq!(part_url("/stories/", 1), "/stories/");
        assert_eq!(part_url("/stories/", 2), "/stories/page/2/");
    }
}
