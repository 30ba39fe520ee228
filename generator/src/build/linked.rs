//! Finds the files that outputs show and link to, and encodes images. Reads the sources; writes
//! `.daisy/images/`.

use std::time::{Duration, UNIX_EPOCH};

use super::error::cannot_write;
use super::outputs::OutputBuilder;
use super::{Error, Progress};
use crate::clock;
use crate::engine::{self, Output, OutputSource, Snapshot};
use crate::images::ImageVariant;
use crate::images::cache::ImageError;
use crate::query::Dependencies;

/// The files that outputs show and link to.
pub(super) struct LinkedOutputs {
    /// Every variant of each image that is shown, and the largest of each that is only linked to,
    /// by path.
    pub(super) images: Vec<Output>,
    /// The other files: those of `content/` and those of the theme.
    pub(super) files: Vec<Output>,
}

/// Finds the files to publish, from the dependencies of all other outputs and of the page around
/// the responses to forms.
pub(super) fn find<'d>(
    snapshot: &Snapshot,
    dependencies: impl Iterator<Item = &'d Dependencies>,
) -> LinkedOutputs {
    let mut linked = engine::Linked::new(snapshot);
    linked.add_all(dependencies);
    // Files that are always published are among the outputs already.
    let is_output = |path: &str| {
        snapshot.outputs.binary_search_by(|output| output.path.as_str().cmp(path)).is_ok()
    };
    let attachments = linked.attachments.into_iter().filter(|(path, _)| !is_output(path));
    let attachments = attachments.map(|(path, digest)| Output::attachment(path, digest));
    let fingerprinted = linked.fingerprinted.iter().filter(|path| !is_output(path));
    let fingerprinted = fingerprinted.filter_map(|path| snapshot.fingerprinted(path));
    LinkedOutputs {
        images: linked.variants.into_values().map(Output::image).collect(),
        files: attachments.chain(fingerprinted).collect(),
    }
}

/// Encodes the images that are neither in the output folder nor in the image cache.
pub(super) fn prepare(builder: &OutputBuilder, images: &[Output]) -> Result<(), Error> {
    let missing = images.iter().filter(|output| !builder.is_kept(output));
    let missing: Vec<&ImageVariant> = missing.filter_map(variant).collect();
    let on_progress = |done, total| {
        if let Some(progress) = builder.request.progress {
            progress(Progress { done, total });
        }
    };
    builder.snapshot.image_cache.prepare(&missing, &on_progress).map_err(|unmade| match unmade {
        ImageError::Sources(faults) => {
            let site = builder.snapshot.site();
            Error::Content(faults.into_iter().map(|fault| site.unmakable(fault)).collect())
        }
        ImageError::Disk(error) => cannot_write(&builder.request.root.join(".daisy/images"), error),
    })
}

/// Removes images from the cache that no page has shown for a long time.
pub(super) fn tidy(snapshot: &Snapshot, outputs: &[Output]) {
    let claimed = outputs.iter().filter_map(variant).map(ImageVariant::name).collect();
    let now = UNIX_EPOCH + Duration::from_nanos(clock::nanoseconds());
    snapshot.image_cache.tidy(&claimed, now);
}

fn variant(output: &Output) -> Option<&ImageVariant> {
    match &output.source {
        OutputSource::Image(variant) => Some(variant),
        _ => None,
    }
}
