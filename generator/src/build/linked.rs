//! Finds the pictures that outputs show and the files that they link to, and makes the pictures. No others are
//! ever published. Reads the sources; writes `.daisy/images/`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, UNIX_EPOCH};

use super::{Asked, Failure, Made, Maker, Progress, cannot_write};
use crate::clock;
use crate::derive::image::Variant;
use crate::derive::image::workshop::Unmade;
use crate::digest::Digest;
use crate::query::{Query, Question, Recorded};
use crate::site::LinkedFile;
use crate::snapshot::{Output, Snapshot, Source, attachment_output, image_output};

/// What outputs show and link to.
#[derive(Default)]
pub(super) struct Linked {
    /// Every variant of every picture that is shown, and of those that are linked to the largest, by path.
    pub(super) pictures: Vec<Output>,
    /// The other files, by path.
    pub(super) attachments: Vec<Output>,
}

/// What outputs asked for that is published for them: now, or when they were last made, with queries that
/// `before` numbers.
pub(super) fn find(snapshot: &Snapshot, before: &[(Question, Digest)], made: &[Made]) -> Linked {
    let site = snapshot.site();
    let mut paths = BTreeSet::new();
    let mut attachments = BTreeMap::new();
    let mut variants: BTreeMap<&str, &Variant> =
        site.icons.iter().map(|icon| (icon.path.as_str(), icon)).collect();
    let mut note = |question: &Question| match &question.query {
        Query::Image(path) => drop(paths.insert(path.clone())),
        Query::Shared(path) => {
            let shared = site
                .shared(question.language, path)
                .map(|(variant, _)| (variant.path.as_str(), variant));
            variants.extend(shared);
        }
        _ => {
            for file in snapshot.answers.linked_files(question) {
                match file {
                    LinkedFile::Picture(variant) => {
                        variants.insert(variant.path.as_str(), variant);
                    }
                    LinkedFile::Attachment(path, file) => {
                        attachments.insert(path, file.digest);
                    }
                }
            }
        }
    };
    let now = made.iter().filter_map(|one| match &one.answers {
        Asked::Now(asked) => Some(asked),
        Asked::Before(_) => None,
    });
    Recorded::of_all(now).for_each(|answer| note(&answer.question));
    for one in made {
        if let Asked::Before(asked) = &one.answers {
            let asked = asked.iter().filter_map(|at| before.get(*at as usize));
            asked.for_each(|(question, _)| note(question));
        }
    }
    let pictures = paths.iter().filter_map(|path| site.images.get(path));
    // Two files of the same bytes have the same variants.
    let shown = pictures.flat_map(|picture| &picture.variants);
    variants.extend(shown.map(|variant| (variant.path.as_str(), variant)));
    // What is published in any case is among the outputs already.
    let is_output = |path: &str| {
        snapshot.outputs.binary_search_by(|output| output.path.as_str().cmp(path)).is_ok()
    };
    let attachments = attachments.into_iter().filter(|(path, _)| !is_output(path));
    Linked {
        pictures: variants.into_values().map(image_output).collect(),
        attachments: attachments.map(|(path, digest)| attachment_output(path, digest)).collect(),
    }
}

/// Makes those pictures that are neither in the output folder nor kept.
pub(super) fn prepare(maker: &Maker, pictures: &[Output]) -> Result<(), Failure> {
    let missing = pictures.iter().filter(|output| {
        let before = maker.freshness.before(&output.path);
        !before.is_some_and(|(record, _)| maker.is_intact(record))
    });
    let missing: Vec<&Variant> = missing.filter_map(variant).collect();
    let tell = |done, total| {
        if let Some(progress) = maker.request.progress {
            progress(Progress { done, total });
        }
    };
    maker.snapshot.workshop.prepare(&missing, &tell).map_err(|unmade| match unmade {
        Unmade::Faults(faults) => Failure::Content(faults),
        Unmade::Disk(error) => cannot_write(&maker.request.root.join(".daisy/images"), &error),
    })
}

/// Lets go of what has been kept long for pages that show it no more.
pub(super) fn tidy(snapshot: &Snapshot, outputs: &[Output]) {
    let claimed = outputs.iter().filter_map(variant).map(Variant::name).collect();
    let now = UNIX_EPOCH + Duration::from_nanos(clock::nanoseconds());
    snapshot.workshop.tidy(&claimed, now);
}

fn variant(output: &Output) -> Option<&Variant> {
    match &output.source {
        Source::Image(variant) => Some(variant),
        _ => None,
    }
}
