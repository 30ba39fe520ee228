//! Groups pages into the terms of taxonomies, with their URLs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use super::{Page, PageId, Site};
use crate::config::{self, Language, LanguageId};
use crate::diagnostic::Diagnostic;
use crate::parse::{Located, folder_name};

/// A taxonomy that is in use, in one language.
pub struct Taxonomy {
    /// The language of its terms and their pages.
    pub language: LanguageId,
    /// Its title for readers.
    pub title: String,
    /// Its settings in `site.yaml`.
    pub settings: config::TaxonomySettings,
    /// The URL of the list of its terms, such as `/tags/`.
    pub url: String,
    /// Its terms, in alphabetical order.
    pub terms: Vec<Term>,
    /// The index of each term by its slug: related pages look up terms often.
    by_slug: HashMap<String, usize>,
}

/// A term with its pages.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// As editors write it.
    pub name: String,
    /// Its slug.
    pub slug: String,
    /// Its URL, such as `/tags/growing-food/`.
    pub url: String,
    /// Its pages, newest first.
    pub pages: Vec<PageId>,
    /// The ranks of its newest pages among all pages; computed on first use.
    pub(super) ranks: OnceLock<Vec<u32>>,
    /// Its template value on a page that has it; created on first use.
    pub(crate) value: OnceLock<tera::Value>,
}

/// Returns the URL of a term, whether or not a page has it.
pub(crate) fn term_url(language: &Language, taxonomy: &str, name: &str) -> String {
    language.address(&format!("/{taxonomy}/{}/", folder_name(name)))
}

/// Returns the URL of the list of a taxonomy's terms.
pub(super) fn list_url(language: &Language, taxonomy: &str) -> String {
    language.address(&format!("/{taxonomy}/"))
}

impl Taxonomy {
    /// Creates a taxonomy in the language `own`, with sorted terms.
    pub(super) fn new(
        own: &Language,
        language: LanguageId,
        settings: config::TaxonomySettings,
        terms: Vec<Term>,
    ) -> Taxonomy {
        let name = &settings.name.value;
        let url = list_url(own, name);
        let title = own.taxonomies.get(name).unwrap_or(&settings.title).clone();
        let places = terms.iter().enumerate();
        let by_slug = places.map(|(place, term)| (term.slug.clone(), place)).collect();
        Taxonomy { language, title, settings, url, terms, by_slug }
    }
}

impl Site {
    /// Returns the taxonomy of this name in a language, if it is in use.
    pub fn taxonomy(&self, language: LanguageId, name: &str) -> Option<&Taxonomy> {
        let mut all = self.taxonomies.iter();
        all.find(|each| each.language == language && each.settings.name.value == name)
    }

    /// Returns a term by its slug.
    pub fn term(&self, language: LanguageId, taxonomy: &str, slug: &str) -> Option<&Term> {
        let taxonomy = self.taxonomy(language, taxonomy)?;
        taxonomy.by_slug.get(slug).map(|place| &taxonomy.terms[*place])
    }

    /// Returns every taxonomy that is in use, by language, in the order of `site.yaml`, and the
    /// errors found: two terms with one URL, or a term without one.
    pub(super) fn make_taxonomies(&self) -> (Vec<Taxonomy>, Vec<Diagnostic>) {
        let mut faults = Vec::new();
        let mut taxonomies = Vec::new();
        for (language, own) in self.config.languages() {
            for settings in &self.config.taxonomies {
                let name = settings.name.value.as_str();
                let terms = self.terms(language, name, &mut faults);
                if !terms.is_empty() {
                    taxonomies.push(Taxonomy::new(own, language, settings.clone(), terms));
                }
            }
        }
        (taxonomies, faults)
    }

    /// Returns the terms of the pages written in a language. An untranslated page is listed only
    /// under the terms of the first language.
    fn terms(
        &self,
        language: LanguageId,
        taxonomy: &str,
        faults: &mut Vec<Diagnostic>,
    ) -> Vec<Term> {
        struct Found<'a> {
            by: &'a Page,
            term: &'a Located<String>,
            pages: Vec<PageId>,
        }
        let mut found: BTreeMap<String, Found<'_>> = BTreeMap::new();
        let mut told: BTreeSet<&str> = BTreeSet::new();
        let is_own = |page: &Page| page.language == language && !page.is_fallback;
        for (id, page) in self.iter().filter(|(_, page)| is_own(page)) {
            for term in page.meta.front.taxonomies.get(taxonomy).into_iter().flatten() {
                let slug = folder_name(&term.value);
                if slug.is_empty() {
                    faults.push(without_slug(page, term));
                    continue;
                }
                let known = found.entry(slug).or_insert_with(|| Found {
                    by: page,
                    term,
                    pages: Vec::new(),
                });
                if known.term.value == term.value {
                    known.pages.push(id);
                } else if told.insert(&term.value) {
                    faults.push(two_names(page, term, (known.by, known.term)));
                }
            }
        }
        let mut terms: Vec<Term> = found
            .into_iter()
            .map(|(slug, mut found)| {
                found.pages.sort_by_key(|id| Reverse(self.page(*id).day()));
                let url = self.config.language(language).address(&format!("/{taxonomy}/{slug}/"));
                let (name, pages) = (found.term.value.clone(), found.pages);
                Term { name, slug, url, pages, ranks: OnceLock::new(), value: OnceLock::new() }
            })
            .collect();
        let locale = self.locale(&self.config.language(language).code);
        terms.sort_by(|one, other| {
            locale.compare(&one.name, &other.name).then_with(|| one.slug.cmp(&other.slug))
        });
        terms
    }
}

fn without_slug(page: &Page, term: &Located<String>) -> Diagnostic {
    let path = format!("content/{}", page.meta.path);
    Diagnostic::error(
        path,
        format!(
            "`{}` contains no letters or digits, so it cannot have an \
                                     address",
            term.value
        ),
    )
    .at(term.place)
    .help("use letters or digits")
}

fn two_names(page: &Page, term: &Located<String>, first: (&Page, &Located<String>)) -> Diagnostic {
    let (other, known) = first;
    let path = format!("content/{}", page.meta.path);
    let message = format!("`{}` and `{}` would have the same address", term.value, known.value);
    let label = format!("content/{}:{} has `{}`", other.meta.path, known.place.line, known.value);
    Diagnostic::error(path, message)
        .at(term.place)
        .label(label)
        .help("write the term the same way everywhere")
}
