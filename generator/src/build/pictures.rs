//! Makes the pictures that pages show, and no others: what nobody shows is never published. Reads the
//! sources; writes `.daisy/images/`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, UNIX_EPOCH};

use super::{Asked, Failure, Made, Maker, Progress, cannot_write};
use crate::clock;
use crate::derive::image::Variant;
use crate::derive::image::workshop::Unmade;
use crate::digest::Digest;
use crate::query::{Query, Question, Recorded};
use crate::snapshot::{Output, Snapshot, Source};

/// Every variant of every picture that an output asked for, by path: now, or when it was last made,
/// with queries that `before` numbers.
pub(super) fn shown<'a>(
    snapshot: &'a Snapshot,
    before: &[(Question, Digest)],
    made: &[Made],
) -> Vec<&'a Variant> {
    let site = snapshot.site();
    let mut paths = BTreeSet::new();
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
        _ => {}
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
    variants.into_values().collect()
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
