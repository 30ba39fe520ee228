//! Finds the files that outputs show and link to, and encodes images. Reads the sources; writes
//! `.daisy/images/`.

use std::time::{Duration, UNIX_EPOCH};

use super::{Asked, OutputRenderer, Progress, RenderedOutput, cannot_write};
use crate::clock;
use crate::digest::Digest;
use crate::engine::{self, Output, Snapshot, Source, attachment_output, image_output};
use crate::failure::Failure;
use crate::images::ImageVariant;
use crate::images::cache::ImageError;
use crate::query::{LocalizedQuery, RecordedQueries};

/// The files that outputs show and link to.
#[derive(Default)]
pub(super) struct Linked {
    /// Every variant of each image that is shown, and the largest of each that is only linked to,
    /// by path.
    pub(super) pictures: Vec<Output>,
    /// The other files: those of `content/` and those of the theme.
    pub(super) attachments: Vec<Output>,
}

/// Finds the files to publish, from the queries of all outputs: those made now, and those made when
/// an output was last rendered, which are indices in `before`.
pub(super) fn find(
    snapshot: &Snapshot,
    before: &[(LocalizedQuery, Digest)],
    made: &[RenderedOutput],
) -> Linked {
    let mut linked = engine::Linked::new(snapshot);
    let now = made.iter().filter_map(|one| match &one.answers {
        Asked::Now(asked) => Some(asked),
        Asked::Before(_) => None,
    });
    RecordedQueries::of_all(now).for_each(|answer| linked.add(&answer.question));
    for one in made {
        if let Asked::Before(asked) = &one.answers {
            let asked = asked.iter().filter_map(|at| before.get(*at as usize));
            asked.for_each(|(question, _)| linked.add(question));
        }
    }
    // Files that are always published are among the outputs already.
    let is_output = |path: &str| {
        snapshot.outputs.binary_search_by(|output| output.path.as_str().cmp(path)).is_ok()
    };
    let attachments = linked.attachments.into_iter().filter(|(path, _)| !is_output(path));
    let attachments = attachments.map(|(path, digest)| attachment_output(path, digest));
    let fingerprinted = linked.fingerprinted.iter().filter(|path| !is_output(path));
    let fingerprinted = fingerprinted.filter_map(|path| snapshot.fingerprinted(path));
    Linked {
        pictures: linked.variants.into_values().map(image_output).collect(),
        attachments: attachments.chain(fingerprinted).collect(),
    }
}

/// Encodes the images that are neither in the output folder nor in the image cache.
pub(super) fn prepare(maker: &OutputRenderer, pictures: &[Output]) -> Result<(), Failure> {
    let missing = pictures.iter().filter(|output| {
        let before = maker.freshness.before(&output.path);
        !before.is_some_and(|(record, _)| maker.is_intact(record))
    });
    let missing: Vec<&ImageVariant> = missing.filter_map(variant).collect();
    let tell = |done, total| {
        if let Some(progress) = maker.request.progress {
            progress(Progress { done, total });
        }
    };
    maker.snapshot.workshop.prepare(&missing, &tell).map_err(|unmade| match unmade {
        ImageError::Sources(faults) => {
            let site = maker.snapshot.site();
            Failure::Content(faults.into_iter().map(|fault| site.unmakable(fault)).collect())
        }
        ImageError::Disk(error) => cannot_write(&maker.request.root.join(".daisy/images"), &error),
    })
}

/// Removes images from the cache that no page has shown for a long time.
pub(super) fn tidy(snapshot: &Snapshot, outputs: &[Output]) {
    let claimed = outputs.iter().filter_map(variant).map(ImageVariant::name).collect();
    let now = UNIX_EPOCH + Duration::from_nanos(clock::nanoseconds());
    snapshot.workshop.tidy(&claimed, now);
}

fn variant(output: &Output) -> Option<&ImageVariant> {
    match &output.source {
        Source::Image(variant) => Some(variant),
        _ => None,
    }
}
