//! Localizes pages: matches translations with their originals, adds fallbacks for missing
//! translations, and finds a page's URLs in other languages.

use std::sync::Arc;

use super::{ListPage, Page, PageId, Site};
use crate::config::{Config, LanguageId};
use crate::diagnostic::Diagnostic;
use crate::digest::{Digest, Digester};
use crate::parse::{Consent, PageKind, PageMeta};
use hashbrown::HashMap;

/// A page in the language in which it is shown.
#[derive(Clone)]
pub(super) struct LocalizedPage {
    pub(super) meta: Arc<PageMeta>,
    /// The digest of everything the metadata was parsed from.
    pub(super) source: Digest,
    pub(super) language: LanguageId,
    /// The path of the page it translates, if it is a translation.
    pub(super) name: Option<Box<str>>,
    pub(super) is_fallback: bool,
}

impl LocalizedPage {
    /// Drops its own `path` and `slug`, so that its URL follows from its file.
    pub(super) fn at_its_file(mut self) -> LocalizedPage {
        let mut meta = PageMeta::clone(&self.meta);
        (meta.front.path, meta.front.slug) = (None, None);
        self.meta = Arc::new(meta);
        self
    }

    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.meta.path)
    }
}

/// The location of a page or list in a language of the site.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Translation {
    /// Its language.
    #[serde(skip)]
    pub language: LanguageId,
    /// Its URL in that language, or that of the language's home page if it has none.
    pub url: String,
    /// Whether it is written in that language.
    pub is_written: bool,
}

/// An empty home page, for a site that is shown although it has none.
pub(super) fn empty_home(config: &Config) -> LocalizedPage {
    let (path, title) = (super::HOME.to_owned(), config.title.clone());
    let meta = Arc::new(PageMeta { path, kind: PageKind::Home, title, ..PageMeta::unread() });
    let (source, language) = (Digest::default(), LanguageId::FIRST);
    LocalizedPage { meta, source, language, name: None, is_fallback: false }
}

/// Localizes every page in the language of its file. A translation inherits from its original what
/// it does not set itself.
pub(super) fn localize(
    config: &Config,
    metadata: Vec<(Arc<PageMeta>, Digest)>,
) -> Vec<LocalizedPage> {
    let mut frames: Vec<LocalizedPage> = metadata
        .into_iter()
        .map(|(meta, source)| {
            let (language, name) = config.part(&meta.path);
            let name = (!language.is_first()).then(|| name.into_owned().into_boxed_str());
            LocalizedPage { meta, source, language, name, is_fallback: false }
        })
        .collect();
    if !config.is_translated() {
        return frames;
    }
    let first = frames.iter().filter(|frame| frame.language.is_first());
    let originals: HashMap<String, LocalizedPage> =
        first.map(|frame| (frame.meta.path.clone(), frame.clone())).collect();
    for frame in &mut frames {
        if let Some(original) = frame.name.as_deref().and_then(|name| originals.get(name)) {
            let source = Digester::new().digest(frame.source).digest(original.source).finish();
            frame.meta = Arc::new(translated(&frame.meta, &original.meta));
            frame.source = source;
        }
    }
    frames
}

/// Returns a translation's metadata with everything but text inherited from its original.
fn translated(meta: &PageMeta, original: &PageMeta) -> PageMeta {
    let mut meta = meta.clone();
    let (front, first) = (&mut meta.front, &original.front);
    let or = |own: &mut Option<_>, first: &Option<_>| {
        if own.is_none() {
            own.clone_from(first);
        }
    };
    or(&mut front.date, &first.date);
    or(&mut front.publish_on, &first.publish_on);
    or(&mut front.expires_on, &first.expires_on);
    if front.slug.is_none() && front.path.is_none() {
        front.slug.clone_from(&first.slug);
        front.path.clone_from(&first.path);
    }
    front.author = front.author.take().or_else(|| first.author.clone());
    front.template = front.template.take().or_else(|| first.template.clone());
    front.weight = front.weight.take().or_else(|| first.weight.clone());
    front.search = front.search.or(first.search);
    if let Some(consent) = &first.consent {
        front.consent = Some(Consent::of_translation(front.consent.as_ref(), consent));
    }
    // A page that is unpublished in one language is unpublished in all.
    front.draft |= first.draft;
    if front.menu.is_empty() {
        front.menu.clone_from(&first.menu);
    }
    let (own, first) = (&mut front.section, &first.section);
    own.sort_by = own.sort_by.or(first.sort_by);
    own.reverse |= first.reverse;
    own.paginate_by = own.paginate_by.take().or_else(|| first.paginate_by.clone());
    own.page_template = own.page_template.take().or_else(|| first.page_template.clone());
    own.feed = own.feed.or(first.feed);
    own.future_dates = own.future_dates.or(first.future_dates);
    own.require_consent = own.require_consent.or(first.require_consent);
    meta
}

/// Checks pages as translations and returns the errors.
pub(super) fn faults(frames: &[LocalizedPage]) -> Vec<Diagnostic> {
    let of_first = frames.iter().filter(|frame| frame.language.is_first());
    of_first
        .filter_map(|frame| {
            let place = frame.meta.front.unreviewed?;
            let path = format!("content/{}", frame.meta.path);
            let fault =
                Diagnostic::error(path, "only translations can have `unreviewed`").at(place);
            Some(fault.help("use `draft: true` for a page that is not ready"))
        })
        .collect()
}

/// Adds fallbacks for untranslated pages in each language; ordered by language and path.
pub(super) fn with_fallbacks(config: &Config, shown: Vec<LocalizedPage>) -> Vec<LocalizedPage> {
    if !config.is_translated() {
        return shown;
    }
    let mut all: Vec<LocalizedPage> = Vec::with_capacity(shown.len() * config.languages.len());
    for (language, _) in config.languages() {
        let own = shown.iter().filter(|frame| frame.language == language);
        let mut frames: HashMap<&str, LocalizedPage> = HashMap::new();
        if !language.is_first() {
            let first = shown.iter().filter(|frame| frame.language.is_first());
            frames.extend(first.map(|frame| {
                (frame.name(), LocalizedPage { language, is_fallback: true, ..frame.clone() })
            }));
        }
        frames.extend(own.map(|frame| (frame.name(), frame.clone())));
        let start = all.len();
        all.extend(frames.into_values());
        all[start..].sort_unstable_by(|one, other| one.name().cmp(other.name()));
    }
    all
}

impl Site {
    /// Returns the same page in another language.
    pub fn counterpart(&self, id: PageId, language: LanguageId) -> Option<PageId> {
        if !self.config.is_translated() {
            return Some(id);
        }
        let page = self.page(id);
        if page.language == language {
            return Some(id);
        }
        self.localized(language, page.name())
    }

    /// Returns the page whose text a fallback shows; `None` for other pages.
    pub fn original(&self, page: &Page) -> Option<&Page> {
        let id = self.localized(LanguageId::FIRST, page.name()).filter(|_| page.is_fallback)?;
        Some(self.page(id))
    }

    /// Returns the locations of a page in each language; empty for a site with one language.
    pub fn translations(&self, page: &Page) -> Vec<Translation> {
        if !self.config.is_translated() {
            return Vec::new();
        }
        let languages = self.config.languages();
        let there = |language: LanguageId| {
            let id = self.localized(language, page.name())?;
            let page = self.page(id);
            let (url, is_written) = (page.url.clone(), !page.is_fallback);
            Some(Translation { language, url, is_written })
        };
        languages
            .map(|(language, _)| there(language).unwrap_or_else(|| self.at_home(language)))
            .collect()
    }

    /// Returns the locations of a list in each language; empty for a site with one language.
    pub fn list_translations(&self, page: ListPage) -> Vec<Translation> {
        let (taxonomy, term) = match page {
            ListPage::Part { page, .. } => return self.translations(self.page(page)),
            ListPage::Taxonomy(taxonomy) => (&self.taxonomies[taxonomy], None),
            ListPage::Term { taxonomy, term, .. } => {
                let taxonomy = &self.taxonomies[taxonomy];
                (taxonomy, Some(&taxonomy.terms[term]))
            }
        };
        if !self.config.is_translated() {
            return Vec::new();
        }
        let name = &taxonomy.settings.name.value;
        let there = |language: LanguageId| {
            let url = match term {
                Some(term) => self.term(language, name, &term.slug)?.url.clone(),
                None => self.taxonomy(language, name)?.url.clone(),
            };
            Some(Translation { language, url, is_written: true })
        };
        let languages = self.config.languages();
        languages
            .map(|(language, _)| there(language).unwrap_or_else(|| self.at_home(language)))
            .collect()
    }

    fn at_home(&self, language: LanguageId) -> Translation {
        let url = self.config.language(language).address("/");
        Translation { language, url, is_written: false }
    }

    /// Returns the digest of what a page without a source shows of itself.
    pub(crate) fn synthetic_page_digest(&self, language: LanguageId) -> Digest {
        let mut digester = Digester::new();
        digester.part(self.base_url.as_str());
        self.digest_language(language, &mut digester);
        digester.finish()
    }

    /// Digests what a page shows of the site's languages.
    pub(super) fn digest_languages(&self, page: &Page, digester: &mut Digester) {
        self.digest_language(page.language, digester);
        if self.config.is_translated() {
            digester.value(&self.translations(page));
        }
    }

    /// Digests what every page of a language shows of it and of the others.
    pub(super) fn digest_language(&self, language: LanguageId, digester: &mut Digester) {
        // The index too: queries identify their language by it.
        digester.value(&language);
        for each in &self.config.languages {
            digester.value(&(&each.code, &each.name, each.direction, &each.prefix));
        }
    }
}
