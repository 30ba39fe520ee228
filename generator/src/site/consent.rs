//! Applies the records of consent: which pages need one, which pages consent does not let be published,
//! and what to tell the editor.

use std::collections::{BTreeMap, HashSet};

use located_yaml::Place;

use super::image::{picture_path, shown_by};
use super::language::LocalizedPage;
use super::{Page, Site, Unread, section};
use crate::diagnostic::Diagnostic;
use crate::key_tables;
use crate::parse::{Consent, Covered, End, EndReason, PageKind, PageMeta, Purpose};

/// The sections that decide whether their pages need a record of consent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Requirements {
    /// By folder: whether a record is needed, and the section's file below `content/`.
    sections: BTreeMap<String, (bool, String)>,
}

impl Requirements {
    pub(super) fn new(pages: &[LocalizedPage]) -> Requirements {
        let sections = pages.iter().filter(|page| page.language.is_first()).filter_map(|page| {
            let required = page.meta.front.section.require_consent?;
            let folder = section::folder(&page.meta, page.name());
            Some((folder, (required, page.meta.path.clone())))
        });
        Requirements { sections: sections.collect() }
    }

    /// Returns the file of the section that requires consent for a page; `None` if none does. `name` is
    /// the path shared by all translations.
    fn requiring(&self, meta: &PageMeta, name: &str) -> Option<&str> {
        if self.sections.is_empty() || meta.kind != PageKind::Page {
            return None;
        }
        let folder = section::folder(meta, name);
        let mut folder = folder.as_str();
        loop {
            if let Some((required, path)) = self.sections.get(folder) {
                return required.then_some(path.as_str());
            }
            if folder.is_empty() {
                return None;
            }
            folder = folder.rfind('/').map_or("", |end| &folder[..end]);
        }
    }

    /// Whether consent, or that none is needed, allows a page to be on the site. Whether it has ended is
    /// another question.
    pub(super) fn allow(&self, meta: &PageMeta, name: &str) -> bool {
        match &meta.front.consent {
            Some(consent) => consent.is_for_site(),
            None => self.requiring(meta, name).is_none(),
        }
    }
}

/// What consent does not allow at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Consents {
    /// The errors.
    pub(super) faults: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
    /// The images that consent covered until it ended, by path below `content/`, each with its page.
    ended_images: BTreeMap<String, (String, EndReason)>,
}

impl Consents {
    /// Examines every page for a site that is made for a purpose, at a moment (seconds since 1970), with
    /// drafts or without.
    pub(super) fn new(
        pages: &[LocalizedPage],
        requirements: &Requirements,
        unread: &Unread,
        (purpose, now, drafts): (Purpose, i64, bool),
    ) -> Consents {
        let mut consents = Consents::default();
        let is_relevant = |page: &&LocalizedPage| {
            let front = &page.meta.front;
            (front.consent.is_some() || requirements.requiring(&page.meta, page.name()).is_some())
                && !front.draft
                && !unread.pages.contains(&page.meta.path)
        };
        let relevant: Vec<&LocalizedPage> = pages.iter().filter(is_relevant).collect();
        let originals: HashSet<&str> = relevant
            .iter()
            .filter(|page| page.language.is_first())
            .map(|page| page.name())
            .collect();
        let mut found = Vec::new();
        for page in &relevant {
            let meta = &page.meta;
            // What concerns all translations is reported at the original.
            let is_reported = page.language.is_first() || !originals.contains(page.name());
            let ended = meta.front.end().filter(|end| end.moment.seconds <= now);
            match (&meta.front.consent, ended) {
                (None, _) => {
                    let by = requirements.requiring(meta, page.name()).filter(|_| is_reported);
                    found.extend(by.map(|by| without_consent(meta, by, purpose)));
                }
                (Some(consent), Some(end)) => {
                    consents.add_images(meta, consent, end);
                    found.extend(ended_warning(meta, end).filter(|_| is_reported && !drafts));
                }
                (Some(consent), None) => {
                    let elsewhere = (!consent.is_for_site() && is_reported && !drafts)
                        .then(|| not_for_site(meta, consent));
                    found.extend(elsewhere);
                    found.extend(uncovered_image(meta, consent, purpose));
                }
            }
        }
        (consents.faults, consents.warnings) = found.into_iter().partition(Diagnostic::is_error);
        consents
    }

    /// Notes the images of a page for which consent has ended.
    fn add_images(&mut self, meta: &PageMeta, consent: &Consent, end: End) {
        if end.reason == EndReason::Expired || !consent.covers(Covered::Photo) {
            return;
        }
        for (written, _) in shown_by(meta) {
            if let Ok(image) = picture_path(&meta.path, written) {
                self.ended_images.insert(image, (meta.path.clone(), end.reason));
            }
        }
    }
}

impl Site {
    /// Whether the published site does not have a page because it lacks the consent that it needs.
    pub(crate) fn is_withheld_for_consent(&self, page: &Page) -> bool {
        !self.requirements.allow(&page.meta, page.name())
    }

    /// Returns the warnings about consent, and one for each image that a published page still shows
    /// although the consent for it has ended.
    pub(crate) fn consent_warnings(&self) -> Vec<Diagnostic> {
        let mut warnings = self.consents.warnings.clone();
        if self.consents.ended_images.is_empty() {
            return warnings;
        }
        for page in self.pages().filter(|page| !page.is_fallback) {
            // Previews also show the pages for which consent has ended.
            let is_ended = self
                .consents
                .ended_images
                .values()
                .any(|(path, _)| self.config.part(path).1 == page.name());
            for (written, place) in shown_by(&page.meta).filter(|_| !is_ended) {
                let image = picture_path(&page.meta.path, written).ok();
                let ended = image.and_then(|image| self.consents.ended_images.get(&image));
                warnings.extend(ended.map(|(of, reason)| still_shown(page, place, of, *reason)));
            }
        }
        warnings
    }
}

fn file(meta: &PageMeta) -> String {
    format!("content/{}", meta.path)
}

/// Reports a page without the consent that its section requires. While previewing, the editor can still
/// add it.
fn without_consent(meta: &PageMeta, by: &str, purpose: Purpose) -> Diagnostic {
    let place = Place { line: 1, column: 1, length: 3 };
    let message = "this page has no record of consent";
    let diagnostic = match purpose {
        Purpose::Publishing => Diagnostic::error(file(meta), message),
        Purpose::Writing => Diagnostic::warning(file(meta), message),
    };
    diagnostic
        .at(place)
        .label(format!("content/{by} has `require_consent: true`"))
        .help(
            "in its front matter, between two lines of `---` at the top, write `consent:`, and below it \
             two indented lines: `  by:` with the name of the person, and `  on:` with the \
             date\nuntil they consent, write `draft: true` instead",
        )
}

/// Warns that a page is not published because consent has ended. After a withdrawal there is nothing to
/// warn of once the text is deleted.
fn ended_warning(meta: &PageMeta, end: End) -> Option<Diagnostic> {
    let date = end.moment.iso();
    let (message, help) = match end.reason {
        EndReason::Expired => return None,
        EndReason::ConsentEnded => (
            format!("this page is not published: consent for it ended on {date}"),
            "ask for consent again and write a later `until`; or delete the page",
        ),
        EndReason::ConsentWithdrawn => {
            let front = &meta.front;
            if meta.words == 0 && front.summary.is_none() && front.image.is_none() {
                return None;
            }
            (
                format!("this page is not published: consent for it was withdrawn on {date}"),
                "delete its text, `summary` and `image`, which this file still has; keep `title` and \
                 `consent`, so that its address says that the page was removed",
            )
        }
    };
    Some(Diagnostic::warning(file(meta), message).at(end.place).help(help))
}

fn not_for_site(meta: &PageMeta, consent: &Consent) -> Diagnostic {
    Diagnostic::warning(file(meta), "this page is not published: consent does not cover the site")
        .at(consent.place)
        .label("`where` has no `site`")
        .help("if they consent to that too, write `where: [site, newsletter]`")
}

/// Reports the first image of a page whose consent does not cover images.
fn uncovered_image(meta: &PageMeta, consent: &Consent, purpose: Purpose) -> Option<Diagnostic> {
    if consent.covers(Covered::Photo) {
        return None;
    }
    let (_, place) = shown_by(meta).next()?;
    let words =
        [Covered::Words, Covered::Name, Covered::Photo].into_iter().zip(key_tables::COVERED);
    let words: Vec<&str> = words
        .filter(|(what, _)| *what == Covered::Photo || consent.covers(*what))
        .map(|(_, word)| word)
        .collect();
    let message = "consent for this page does not cover its images";
    let diagnostic = match purpose {
        Purpose::Publishing => Diagnostic::error(file(meta), message),
        Purpose::Writing => Diagnostic::warning(file(meta), message),
    };
    let help = format!(
        "if they consented to the images too, write `covers: [{}]` under `consent`; if not, remove \
         the images",
        words.join(", ")
    );
    Some(diagnostic.at(place).label("`covers` has no `photo`").help(help))
}

fn still_shown(page: &Page, place: Place, of: &str, reason: EndReason) -> Diagnostic {
    let (ended, help) = match reason {
        EndReason::ConsentWithdrawn => {
            ("was withdrawn", "if it shows the person, remove it from this page too")
        }
        _ => (
            "has ended",
            "if it shows the person, remove it from this page too, or ask for consent again",
        ),
    };
    let message = format!("consent for this image {ended}, but this page still shows it");
    Diagnostic::warning(file(&page.meta), message)
        .at(place)
        .label(format!("it is an image of content/{of}"))
        .help(help)
}
