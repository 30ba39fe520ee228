//! A page and its place in the site.

use std::sync::{Arc, OnceLock};

use tera::Value;

use crate::config::LanguageId;
use crate::digest::{Digest, Digester};
use crate::parse::{Moment, PageMeta};

/// The number of a page in its site; pages are ordered by language and path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageId(u32);

impl PageId {
    /// Its index among the pages of its site.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The number of the page at an index.
pub(super) fn number(index: usize) -> PageId {
    PageId(u32::try_from(index).expect("fewer than 4 billion pages"))
}

/// A page and its place in the site.
#[derive(Clone)]
pub struct Page {
    /// Its metadata; a translation's includes what it inherits from its original.
    pub meta: Arc<PageMeta>,
    /// The language of its URL and of everything around its own text.
    pub language: LanguageId,
    /// Whether it shows the text of the first language because it is not translated.
    pub is_fallback: bool,
    /// The path of the page it translates, if it is a translation.
    pub(super) name: Option<Box<str>>,
    /// Its URL path, such as `/stories/rose/`.
    pub url: String,
    /// The folder of its section; `""` for the home page's.
    pub folder: String,
    /// Its index in its section's pages.
    pub(super) position: u32,
    /// The digest of everything that the page shows of itself.
    pub page_digest: Digest,
    /// The digest of everything that other pages may show of it.
    pub summary_digest: Digest,
    pub(super) values: Values,
}

/// The template values of a page as seen from other pages, created on first use.
#[derive(Clone, Default)]
pub(super) struct Values {
    listing: OnceLock<Value>,
    above: OnceLock<Box<Value>>,
}

impl Page {
    /// The path shared by all its translations: `stories/rose.md` for `stories/rose.pa.md`.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.meta.path)
    }

    /// The language that its own text is written in.
    pub fn written_in(&self) -> LanguageId {
        if self.is_fallback { LanguageId::default() } else { self.language }
    }

    /// Returns its template value on other pages, calling `make` on first use.
    pub(crate) fn listing_value(&self, make: impl FnOnce() -> Value) -> Value {
        self.values.listing.get_or_init(make).clone()
    }

    /// Returns its template value as an ancestor, calling `make` on first use.
    pub(crate) fn value_above(&self, make: impl FnOnce() -> Value) -> Value {
        (**self.values.above.get_or_init(|| Box::new(make()))).clone()
    }

    /// The date that lists and feeds sort it by: its `date`, or else the last change that its front
    /// matter states. Commits do not count: one may only fix a comma.
    pub fn day(&self) -> Option<Moment> {
        let front = &self.meta.front;
        let updated = front.updated.as_ref().filter(|_| !front.committed);
        front.date.as_ref().or(updated).map(|moment| moment.value)
    }
}

/// Returns the digest of a page's own text at its URL.
pub(super) fn own_page_digest(source: Digest, url: &str) -> Digest {
    Digester::new().digest(source).part(url).finish()
}

/// Everything that a list may show of a page. A field that is missing here must not be in
/// `view::listing`, or lists would become stale.
pub(super) fn summary_fields(meta: &PageMeta) -> impl serde::Serialize + use<'_> {
    let front = &meta.front;
    (
        (&meta.path, &meta.title, &meta.summary, meta.words),
        front.date.as_ref().map(|date| date.value),
        front.updated.as_ref().map(|date| date.value),
        front.author.as_ref().map(|author| &author.value),
        (front.draft, front.search, &front.extra, &front.taxonomies),
        front.image.as_ref().map(|image| (&image.src.value, &image.alt, &image.credit)),
    )
}
