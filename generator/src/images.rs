//! Converts images into what pages show: several widths, two formats, no metadata.
//!
//! [`probe`] reads a file's header, which determines every address, width and height before anything is decoded;
//! [`encode`] produces the bytes; [`cache`] stores them on disk, so that each variant is encoded once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, Digester};
use crate::media_type;

pub(crate) mod cache;
pub(crate) mod encode;
mod jpeg;
pub(crate) mod probe;
pub(crate) mod settings;
pub(crate) mod svg;

pub(crate) use cache::ImageCache;
pub(crate) use settings::ImageSettings;

/// Part of every variant's name. Change it whenever the same file and parameters would give other bytes: with a codec,
/// or with the way it is used.
const ENCODER: &str = "2: image 0.25, fast_image_resize 6, moxcms 0.8, webp 0.3";

/// The kind of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImageKind {
    /// Pixels without transparency.
    Opaque,
    /// Pixels with transparency.
    Translucent,
    /// A vector drawing (SVG).
    Drawing,
}

/// The properties in an image's header.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Width in pixels, after applying the EXIF orientation.
    pub width: u32,
    /// Height in pixels, after applying the EXIF orientation.
    pub height: u32,
    /// The kind of image.
    pub kind: ImageKind,
    /// Whether it is animated; pages show a still image.
    pub moving: bool,
}

/// Why a file cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageRefusal {
    /// The problem.
    pub message: String,
    /// How to fix it.
    pub help: String,
}

impl ImageRefusal {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        ImageRefusal { message: message.into(), help: help.into() }
    }
}

/// The result of probing a file.
pub(crate) type Probed = Result<Facts, ImageRefusal>;

/// Probe results by the digest of the file's bytes.
pub(crate) type KnownImages = BTreeMap<Digest, Probed>;

/// The file format of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Lossy WebP, which nearly every browser shows.
    Webp,
    /// The fallback for opaque images.
    Jpeg,
    /// The fallback for images with transparency.
    Png,
    /// A sanitized drawing.
    Svg,
    /// An icon for browser tabs: a PNG in an ICO container.
    Ico,
}

impl Format {
    fn ending(self) -> &'static str {
        match self {
            Format::Webp => "webp",
            Format::Jpeg => "jpg",
            Format::Png => "png",
            Format::Svg => "svg",
            Format::Ico => "ico",
        }
    }

    /// Its media type (IANA).
    pub fn media_type(self) -> &'static str {
        media_type::of_extension(self.ending())
    }
}

/// A file derived from an image.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageVariant {
    /// Its path in the output folder: `images/`, its digest, its width.
    pub path: String,
    /// The source image, relative to the root.
    pub source: String,
    /// The digest of the source.
    pub source_digest: Digest,
    /// The digest of the source, the parameters and the encoder.
    pub digest: Digest,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Its format.
    pub format: Format,
    /// 1 to 100, for lossy formats.
    pub quality: u8,
    /// Whether it is a centre crop, with transparency filled white, because its aspect ratio differs from the source's.
    pub middle: bool,
}

impl ImageVariant {
    /// Its file name in the cache: derived from its content's inputs, independent of its address.
    pub fn name(&self) -> String {
        format!("{}-{}.{}", self.digest.short(), self.width, self.format.ending())
    }
}

impl ImageVariant {
    /// The variant as a centre crop, with its own digest and path.
    fn middle(self) -> Self {
        let digest = Digester::new().digest(self.digest).part("middle").finish();
        let path = format!("images/{}-{}.{}", digest.short(), self.width, self.format.ending());
        ImageVariant { path, digest, middle: true, ..self }
    }
}

/// An image of the site with its variants.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponsiveImage {
    /// Its properties, or why it cannot be shown.
    pub probed: Probed,
    /// Its variants, by format and then by width; empty if it cannot be shown.
    pub variants: Vec<ImageVariant>,
    /// The target of a link to the image: full width, in a format that every browser shows.
    pub largest: Option<ImageVariant>,
    /// The variant for link previews on other sites.
    pub shared: Option<ImageVariant>,
    /// The width at which the theme shows images, as the attribute `sizes` (HTML, 4.8.4.2.1).
    pub sizes: String,
}

impl ResponsiveImage {
    /// The image in the file `source` (relative to the root), whose bytes have this digest.
    pub fn new(source: &str, digest: Digest, probed: Probed, settings: &ImageSettings) -> Self {
        let mut variants = Vec::new();
        if let Ok(facts) = &probed {
            let formats: &[Format] = match facts.kind {
                ImageKind::Opaque | ImageKind::Translucent => {
                    &[Format::Webp, usual_format(facts.kind)]
                }
                ImageKind::Drawing => &[Format::Svg],
            };
            let widths = match facts.kind {
                ImageKind::Drawing => vec![facts.width],
                _ => widths(facts.width, &settings.widths),
            };
            for format in formats {
                variants.extend(widths.iter().map(|width| {
                    let size = (*width, height(facts, *width));
                    variant(source, digest, size, *format, settings.quality)
                }));
            }
        }
        let largest = probed.as_ref().ok().map(|facts| {
            let format = usual_format(facts.kind);
            variant(source, digest, (facts.width, facts.height), format, settings.quality)
        });
        let shared = probed.as_ref().ok().and_then(|facts| {
            let size = shared_size(facts)?;
            Some(variant(source, digest, size, Format::Jpeg, settings.quality).middle())
        });
        ResponsiveImage { probed, variants, largest, shared, sizes: settings.sizes.clone() }
    }

    /// Every file that may be derived from it, possibly with duplicates.
    pub fn all(&self) -> impl Iterator<Item = &ImageVariant> {
        self.variants.iter().chain(&self.largest).chain(&self.shared)
    }

    /// The variants in the format that every browser shows, by width.
    pub fn fallback(&self) -> impl Iterator<Item = &ImageVariant> {
        self.variants.iter().filter(|variant| variant.format != Format::Webp)
    }

    /// The WebP variants, by width.
    pub fn webp(&self) -> impl Iterator<Item = &ImageVariant> {
        self.variants.iter().filter(|variant| variant.format == Format::Webp)
    }
}

/// The format that every browser shows.
fn usual_format(kind: ImageKind) -> Format {
    match kind {
        ImageKind::Opaque => Format::Jpeg,
        ImageKind::Translucent => Format::Png,
        ImageKind::Drawing => Format::Svg,
    }
}

fn variant(
    source: &str,
    source_digest: Digest,
    (width, height): (u32, u32),
    format: Format,
    quality: u8,
) -> ImageVariant {
    let quality = if matches!(format, Format::Webp | Format::Jpeg) { quality } else { 100 };
    let digest = Digester::new()
        .digest(source_digest)
        .part(ENCODER)
        .value(&(width, height, quality))
        .part(format.ending())
        .finish();
    let path = format!("images/{}-{width}.{}", digest.short(), format.ending());
    ImageVariant {
        path,
        source: source.to_owned(),
        source_digest,
        digest,
        width,
        height,
        format,
        quality,
        middle: false,
    }
}

/// The height of an image scaled to this width.
fn height(facts: &Facts, width: u32) -> u32 {
    let height = u64::from(width) * u64::from(facts.height) / u64::from(facts.width.max(1));
    u32::try_from(height).unwrap_or(u32::MAX).max(1)
}

/// The size for link previews: 1200 by 630 (Open Graph, as Facebook and others read it), or as large as the image
/// allows. `None` if it would be too small for any of them, and for drawings, which they do not show.
fn shared_size(facts: &Facts) -> Option<(u32, u32)> {
    const WIDTH: u32 = 1200;
    const HEIGHT: u32 = 630;
    let width = WIDTH.min(facts.width).min(facts.height.saturating_mul(WIDTH) / HEIGHT);
    (facts.kind != ImageKind::Drawing && width >= 200).then_some((width, width * HEIGHT / WIDTH))
}

/// The icons for tabs, home screens and the web app manifest, derived from a square image; `None` if the image is too
/// small.
pub(crate) fn icons(source: &str, digest: Digest, facts: &Facts) -> Option<Vec<ImageVariant>> {
    const ICONS: [(&str, u32, Format); 4] = [
        ("favicon.ico", 32, Format::Ico),
        ("apple-touch-icon.png", 180, Format::Png),
        ("icon-192.png", 192, Format::Png),
        ("icon-512.png", 512, Format::Png),
    ];
    if facts.kind == ImageKind::Drawing || facts.width.min(facts.height) < 512 {
        return None;
    }
    let icon = |(path, size, format): (&str, u32, Format)| ImageVariant {
        path: path.to_owned(),
        ..variant(source, digest, (size, size), format, 100).middle()
    };
    Some(ICONS.into_iter().map(icon).collect())
}

/// The widths to generate for an image that is `own` pixels wide: those of the theme that are clearly smaller, and the
/// image's own width if the theme would show more. Images are never enlarged.
fn widths(own: u32, wanted: &[u32]) -> Vec<u32> {
    let widest = wanted.iter().copied().max().unwrap_or(own).min(own);
    // A width just below the widest would be almost a copy of it.
    let mut widths: Vec<u32> =
        wanted.iter().copied().filter(|width| width * 10 <= widest * 9).collect();
    widths.push(widest);
    widths.sort_unstable();
    widths.dedup();
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_never_enlarged() {
        let wanted = [480, 800, 1200, 1600];
        assert_eq!(widths(4032, &wanted), [480, 800, 1200, 1600]);
        assert_eq!(widths(1000, &wanted), [480, 800, 1000]);
        assert_eq!(widths(810, &wanted), [480, 810]);
        assert_eq!(widths(48, &wanted), [48]);
        assert_eq!(widths(48, &[]), [48]);
    }

    #[test]
    fn the_name_depends_on_bytes_width_and_format() {
        let facts = Facts { width: 900, height: 300, kind: ImageKind::Opaque, moving: false };
        let settings = ImageSettings::default();
        let of = |text: &str| {
            ResponsiveImage::new(
                "content/a.jpg",
                Digest::blake3(text),
                Ok(facts.clone()),
                &settings,
            )
        };
        let (one, other) = (of("a"), of("b"));
        let mut names: Vec<&str> =
            one.variants.iter().chain(&other.variants).map(|each| each.path.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 2 * one.variants.len());
        assert_eq!((one.variants[0].width, one.variants[0].height), (480, 160));
        assert!(names[0].starts_with("images/"));
    }
}
