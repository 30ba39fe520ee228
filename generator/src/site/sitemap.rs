//! Orders the pages and lists that search engines may show.

use super::{ListPage, Page, PageId, Site};

/// What one URL of the sitemap leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Listed {
    /// A page.
    Page(PageId),
    /// A taxonomy, or the first page of a term's list.
    List(ListPage),
}

impl Listed {
    /// Its URL path.
    pub(crate) fn url(self, site: &Site) -> &str {
        match self {
            Listed::Page(page) | Listed::List(ListPage::Part { page, .. }) => &site.page(page).url,
            Listed::List(ListPage::Taxonomy(taxonomy)) => &site.taxonomies[taxonomy].url,
            Listed::List(ListPage::Term { taxonomy, term, .. }) => {
                &site.taxonomies[taxonomy].terms[term].url
            }
        }
    }
}

impl Site {
    /// The number of URLs in [`Site::sitemap`].
    pub(crate) fn sitemap_len(&self) -> usize {
        let pages = self.iter().filter(|(_, page)| is_listed(page)).count();
        pages + self.taxonomies.iter().map(|taxonomy| 1 + taxonomy.terms.len()).sum::<usize>()
    }

    /// Every page written in its language and every list, in the order of their URLs; computed on
    /// first use.
    pub(crate) fn sitemap(&self) -> &[Listed] {
        self.computed.sitemap.get_or_init(|| {
            let pages = self.iter().filter(|(_, page)| is_listed(page));
            let mut listed: Vec<Listed> = pages.map(|(id, _)| Listed::Page(id)).collect();
            for (at, taxonomy) in self.taxonomies.iter().enumerate() {
                listed.push(Listed::List(ListPage::Taxonomy(at)));
                let terms = 0..taxonomy.terms.len();
                let term = |term| ListPage::Term { taxonomy: at, term, number: 1 };
                listed.extend(terms.map(term).map(Listed::List));
            }
            listed.sort_unstable_by(|one, other| one.url(self).cmp(other.url(self)));
            listed
        })
    }
}

/// Whether search engines may show a page.
fn is_listed(page: &Page) -> bool {
    !page.is_fallback && page.meta.front.search != Some(false)
}
