//! A page with its place in the site. Pure.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use tera::Value;

use crate::config::LanguageId;
use crate::digest::{Digest, Digester};
use crate::packed::Fixed;
use crate::parse::{Moment, PageMeta};

/// The number of a page in its site: pages are ordered by path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PageId(u32);

impl PageId {
    /// The position in `Assembled::pages`.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl Fixed<4> for PageId {
    fn to_bytes(self) -> [u8; 4] {
        self.0.to_bytes()
    }

    fn from_bytes(bytes: [u8; 4]) -> Self {
        PageId(u32::from_bytes(bytes))
    }
}

/// The number of the page at a position.
pub(super) fn number(index: usize) -> PageId {
    PageId(u32::try_from(index).expect("fewer than 4 billion pages"))
}

/// A page with its place in the site.
#[derive(Clone)]
pub struct Page {
    /// What its file says; of a translation, with what it takes over from the page it translates.
    pub card: Arc<PageMeta>,
    /// The language it belongs to: of its address, and of all around its own words.
    pub language: LanguageId,
    /// Whether it shows the words of the first language, for want of a translation.
    pub is_fallback: bool,
    /// The path of the page it translates, where that is not its own.
    pub(super) name: Option<Box<str>>,
    /// Its address from the site's root, such as `/stories/rose/`.
    pub url: String,
    /// The folder of its section, `""` for the home page's.
    pub folder: String,
    /// Its place in the order of its section's pages, from 0 on.
    pub(super) position: u32,
    /// The digest of everything that the page shows of itself.
    pub page_digest: Digest,
    /// The digest of everything that other pages may show of it.
    pub summary_digest: Digest,
    pub(super) values: Values,
}

/// What templates see of a page from elsewhere, made when it is first looked at.
#[derive(Clone, Default)]
pub(super) struct Values {
    listing: OnceLock<Value>,
    above: OnceLock<Box<Value>>,
}

impl Page {
    /// The path that it has in every language: `stories/rose.md` for `stories/rose.pa.md`.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.card.path)
    }

    /// The language that its own words are written in.
    pub fn written_in(&self) -> LanguageId {
        if self.is_fallback { LanguageId::default() } else { self.language }
    }

    /// What templates see of it on other pages, which `make` makes if it is not there yet.
    pub(crate) fn listing_value(&self, make: impl FnOnce() -> Value) -> Value {
        self.values.listing.get_or_init(make).clone()
    }

    /// What the templates of the pages below it see of it, which `make` makes where it is not there yet.
    pub(crate) fn value_above(&self, make: impl FnOnce() -> Value) -> Value {
        (**self.values.above.get_or_init(|| Box::new(make()))).clone()
    }

    /// The day that lists and feeds sort it by: when it was written, or else last changed, if it says
    /// so. A commit is no news: it may mend a comma.
    pub fn day(&self) -> Option<Moment> {
        let front = &self.card.front;
        let updated = front.updated.as_ref().filter(|_| !front.committed);
        front.date.as_ref().or(updated).map(|moment| moment.value)
    }
}

/// The digest of what a page's own text says, at its address.
pub(super) fn own_view(source: Digest, url: &str) -> Digest {
    Digester::new().digest(source).part(url).finish()
}

/// Everything that a list may show of a page. What is left out here must not be in
/// `view::listing`, or a list would not follow a change.
pub(super) fn listing_fields(card: &PageMeta) -> impl serde::Serialize + use<'_> {
    let front = &card.front;
    (
        (&card.path, &card.title, &card.summary, card.words),
        front.date.as_ref().map(|date| date.value),
        front.updated.as_ref().map(|date| date.value),
        front.author.as_ref().map(|author| &author.value),
        (front.draft, front.search, &front.extra, &front.taxonomies),
        front.image.as_ref().map(|image| (&image.src.value, &image.alt, &image.credit)),
    )
}
