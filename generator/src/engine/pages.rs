//! Parses page files into metadata and bodies, or reuses known metadata. Reads the disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::KnownSources;
use super::files::below_content;
use crate::attachment;
use crate::cache::Record;
use crate::config::{Config, LanguageId};
use crate::diagnostic::Diagnostic;
use crate::digest::{Digest, Digester};
use crate::images;
use crate::parse::{self, Body, PageMeta, ParseOptions};
use crate::source::{self, File, SourceKind};
use crate::translations::{Table, Words};

/// What parsing depends on besides the text; kept so that a body can be parsed later.
pub(super) struct SectionRules {
    pub(super) config: Arc<Config>,
    pub(super) components: BTreeMap<String, parse::ComponentShape>,
    pub(super) strings: Arc<Vec<Table>>,
    pub(super) ids: parse::Ids,
    pub(super) taxonomies: Vec<String>,
    pub(super) purpose: parse::Purpose,
    /// Whether sections allow raw HTML, by the folder of each section that sets it.
    pub(super) raw_html: BTreeMap<String, bool>,
    /// The schemas of sections, by the folder of each section that sets one.
    pub(super) schemas: BTreeMap<String, parse::Schema>,
    /// The digests of what the pages of each language share, without raw HTML and with it.
    pub(super) digests: Vec<[Digest; 2]>,
}

impl SectionRules {
    pub(super) fn rules(&self, path: &str) -> ParseOptions<'_> {
        let (language, _) = self.config.part(path);
        self.rules_in(language, path)
    }

    fn rules_in(&self, language: LanguageId, path: &str) -> ParseOptions<'_> {
        let folder = path.rfind('/').map_or("", |end| &path[..end]);
        ParseOptions {
            components: &self.components,
            raw_html: nearest(&self.raw_html, folder).copied().unwrap_or_default(),
            time_zone: &self.config.time_zone,
            taxonomies: &self.taxonomies,
            purpose: self.purpose,
            smart_punctuation: self.config.smart_punctuation,
            schema: nearest(&self.schemas, folder),
            ids: &self.ids,
            footnotes: self.word(language, "footnotes", "Footnotes"),
            footnote_return: self.word(language, "footnote_return", "Back to the text"),
        }
    }

    /// Returns the theme's string for `key`, or `english` if the theme does not define it.
    pub(super) fn word<'a>(&'a self, of: LanguageId, key: &str, english: &'a str) -> &'a str {
        match self.strings[of.index()].get(key).map(|text| &text.words) {
            Some(Words::Plain(words)) => words,
            _ => english,
        }
    }

    /// Returns the digest of what parsing a page depends on besides its text.
    pub(super) fn digest(&self, path: &str) -> Digest {
        let (language, _) = self.config.part(path);
        let rules = self.rules_in(language, path);
        let shared = self.digests[language.index()][usize::from(rules.raw_html)];
        match rules.schema {
            Some(schema) => Digester::new().digest(shared).value(schema).finish(),
            None => shared,
        }
    }

    /// Returns that digest without the rules of sections.
    pub(super) fn shared_digest(&self, path: &str) -> Digest {
        self.digests[self.config.part(path).0.index()][0]
    }

    /// Computes the digests of what pages share, without raw HTML and with it.
    pub(super) fn with_digests(mut self) -> Self {
        let digest = |language: LanguageId, raw_html: bool| {
            let rules = self.rules_in(language, "");
            Digester::new()
                .part(format!("{:?} {:?}", rules.components, rules.purpose))
                .part(format!("{:?}", rules.time_zone.iana_name()))
                .value(&(raw_html, rules.smart_punctuation, rules.taxonomies))
                .value(&(rules.footnotes, rules.footnote_return))
                .value(rules.ids)
                .finish()
        };
        let languages = self.config.languages();
        self.digests = languages.map(|(id, _)| [digest(id, false), digest(id, true)]).collect();
        self
    }

    /// Applies the rules of sections; they hold for all folders below unless a deeper section
    /// overrides them.
    pub(super) fn apply_sections<'a>(&mut self, sections: impl Iterator<Item = &'a PageMeta>) {
        for meta in sections {
            let folder = meta.path.rfind('/').map_or("", |end| &meta.path[..end]);
            let settings = &meta.front.section;
            if let Some(raw_html) = settings.raw_html {
                self.raw_html.insert(folder.to_owned(), raw_html);
            }
            if let Some(schema) = &settings.schema {
                self.schemas.insert(folder.to_owned(), schema.clone());
            }
        }
    }
}

/// Returns the value of the nearest folder: `folder` itself, or else its closest ancestor.
fn nearest<'a, T>(said: &'a BTreeMap<String, T>, folder: &str) -> Option<&'a T> {
    if said.is_empty() {
        return None;
    }
    let mut folder = folder;
    loop {
        if let Some(found) = said.get(folder) {
            return Some(found);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder.rfind('/').map_or("", |end| &folder[..end]);
    }
}

pub(super) struct Reader<'a> {
    pub(super) root: &'a Path,
    pub(super) known: KnownSources<'a>,
    pub(super) rules: &'a SectionRules,
}

/// A file that is not a page.
pub(super) struct ReadFile {
    pub(super) record: Record,
    /// The facts about it, if it is an image.
    pub(super) probed: Option<images::Probed>,
    /// What its content reveals, if it is an attachment.
    pub(super) content: Option<attachment::Content>,
}

pub(super) struct ReadPage {
    pub(super) path: String,
    pub(super) record: Record,
    pub(super) page: Result<(Arc<PageMeta>, Option<Body>), Vec<Diagnostic>>,
}

impl Reader<'_> {
    /// Returns a file that is not a page: from what is known if it is unchanged, or else by reading
    /// it.
    pub(super) fn file(&self, file: &File) -> Result<ReadFile, Diagnostic> {
        let images = self.known.images;
        let record = |digest| Record { path: file.path.clone(), stamp: file.stamp, digest };
        let kind = SourceKind::of(&file.path);
        let (is_picture, is_attachment) = (kind == SourceKind::Image, kind.is_attachment());
        if let Some(source) = self.known.source(&file.path)
            && is_unchanged(source, file, self.known.taken)
        {
            let probed = images.get(&source.digest).cloned();
            if !is_picture || probed.is_some() {
                let probed = probed.filter(|_| is_picture);
                let content = self.known.attachments.get(&source.digest).copied();
                let content = content.filter(|_| is_attachment);
                return Ok(ReadFile { record: record(source.digest), probed, content });
            }
        }
        let bytes = source::bytes(self.root, &file.path)?;
        let digest = Digest::blake3(&bytes);
        let probe = || images.get(&digest).cloned().unwrap_or_else(|| images::probe::probe(&bytes));
        let content = if is_attachment { attachment::look(&bytes) } else { None };
        Ok(ReadFile { record: record(digest), probed: is_picture.then(probe), content })
    }

    /// Returns the outlines of the pages with errors, by path below `content/`, each with the
    /// digest of what it was made from.
    pub(super) fn outlines<'p>(
        &self,
        pages: impl IntoIterator<Item = &'p ReadPage>,
    ) -> BTreeMap<String, (Arc<PageMeta>, Digest)> {
        let unread = pages.into_iter().filter(|page| page.page.is_err());
        let outline = |page: &ReadPage| {
            let path = page.path.as_str();
            // A file that cannot be read still has a name.
            let text = source::text(self.root, &page.record.path).unwrap_or_default();
            let meta = parse::outline(path, &text, &self.rules.rules(path));
            let digest = Digester::new().part("outline").part(&text).finish();
            (path.to_owned(), (Arc::new(meta), digest))
        };
        unread.map(outline).collect()
    }

    /// Returns a page's metadata: as known if the file is unchanged, or else parsed.
    pub(super) fn page(&self, file: &File) -> ReadPage {
        let path = below_content(&file.path);
        let record = |digest| Record { path: file.path.clone(), stamp: file.stamp, digest };
        let rules = self.rules.digest(path);
        let known = self.known.metadata.get(path).filter(|known| known.rules == rules);
        if let (Some(known), Some(source)) = (known, self.known.source(&file.path))
            && is_unchanged(source, file, self.known.taken)
            && source.digest == known.source
        {
            let page = Ok((Arc::clone(&known.meta), None));
            return ReadPage { path: path.to_owned(), record: record(known.source), page };
        }
        let (text, digest) = match source::text_and_digest(self.root, &file.path) {
            Ok(read) => read,
            Err(fault) => {
                let page = Err(vec![fault]);
                return ReadPage { path: path.to_owned(), record: record(Digest::default()), page };
            }
        };
        let page = match known.filter(|known| known.source == digest) {
            Some(known) => Ok((Arc::clone(&known.meta), None)),
            None => {
                let parsed = parse::parse(path, &text, &self.rules.rules(path));
                match parsed.page {
                    Some(page) => Ok((Arc::new(page.meta), Some(page.body))),
                    None => Err(parsed.diagnostics),
                }
            }
        };
        ReadPage { path: path.to_owned(), record: record(digest), page }
    }
}

/// Whether a file is unchanged, judging by its stamp. A stamp that is not clearly older than the
/// record proves nothing: the file may have changed within one tick of the clock.
pub fn is_unchanged(record: &Record, file: &File, taken: u64) -> bool {
    record.stamp == file.stamp && file.stamp.is_clearly_before(taken)
}
