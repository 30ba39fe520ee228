//! Paginates long lists: each page of a list has a URL of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{PageId, Site, Term};
use crate::config::LanguageId;
use crate::digest::{Digest, Digester};
use crate::parse::PageKind;

/// A list of pages that may be paginated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum List {
    /// The pages of a section, by folder.
    Section(String),
    /// The pages of a term.
    Term {
        /// The name of its taxonomy.
        taxonomy: String,
        /// The term's slug.
        slug: String,
    },
}

/// A generated page, without a source file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ListPage {
    /// A page of a section's list, from the second on; the first is the section's own page.
    Part {
        /// The section's page.
        page: PageId,
        /// The number of the page of the list.
        number: u32,
    },
    /// The terms of a taxonomy, by index in [`Site::taxonomies`].
    Taxonomy(usize),
    /// A page of a term's list.
    Term {
        /// The index in [`Site::taxonomies`].
        taxonomy: usize,
        /// The index in its terms.
        term: usize,
        /// The number of the page of the list, from 1 on.
        number: u32,
    },
}

/// One page of a list.
pub struct ListPart<'a> {
    /// The pages it lists.
    pub pages: &'a [PageId],
    /// Its number, from 1 on.
    pub number: u32,
    /// The total number of pages of the list.
    pub count: u32,
    /// The URL of the first.
    pub home: &'a str,
}

/// Returns the URL of a page of the list at `home`.
pub fn part_url(home: &str, number: u32) -> String {
    if number == 1 { home.to_owned() } else { format!("{home}page/{number}/") }
}

impl Site {
    /// Returns a page of a list; `None` if there is no such list or page.
    pub fn part(&self, language: LanguageId, list: &List, number: u32) -> Option<ListPart<'_>> {
        let (pages, paginate_by, home) = match list {
            List::Section(folder) => {
                let section = self.section(language, folder)?;
                let page = self.page(section.index?);
                let paginate_by = page.meta.front.section.paginate_by.as_ref();
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
        (number <= count).then(|| ListPart { pages: &pages[start..end], number, count, home })
    }

    /// Returns the paginated list that a page shows, if its section has one.
    pub fn list_of(&self, id: PageId) -> Option<List> {
        let page = self.page(id);
        page.meta.front.section.paginate_by.as_ref()?;
        (page.meta.kind != PageKind::Page).then(|| List::Section(page.folder.clone()))
    }

    /// Returns every generated page with its URL.
    pub fn list_pages(&self) -> Vec<(String, ListPage)> {
        let mut made = Vec::new();
        for section in self.sections.iter().flat_map(BTreeMap::values) {
            let Some(page) = section.index else { continue };
            let paginate_by = self.page(page).meta.front.section.paginate_by.as_ref();
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

    /// Returns the digest of what such a page shows of itself; the pages it lists are covered by
    /// queries.
    pub(crate) fn list_page_digest(&self, page: ListPage) -> Digest {
        let mut digester = Digester::new();
        digester.part(self.base_url.as_str());
        // The home page is an ancestor of every list.
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

/// The number of pages of a list of `length` items: at least one, even if the list is empty.
fn count(length: usize, paginate_by: Option<u32>) -> u32 {
    let size = paginate_by.map_or(usize::MAX, |size| size.max(1) as usize);
    u32::try_from(length.div_ceil(size).max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{count, part_url};

    #[test]
    fn list_pages_are_counted_and_have_urls() {
        assert_eq!(count(0, Some(2)), 1);
        assert_eq!(count(4, Some(2)), 2);
        assert_eq!(count(5, Some(2)), 3);
        assert_eq!(count(5, None), 1);
        assert_eq!(part_url("/stories/", 1), "/stories/");
        assert_eq!(part_url("/stories/", 2), "/stories/page/2/");
    }
}
