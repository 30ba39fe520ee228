//! Turns a picture's file into what pages show of it: several widths, two formats, no metadata. Pure.
//!
//! [`probe`] reads a file's head, from which every address, width and height follows before anything
//! is decoded; [`encode`] makes the bytes; [`workshop`] keeps them on disk, so that each is made once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, Digester};

pub mod cache;
pub mod encode;
mod jpeg;
pub mod probe;
pub mod settings;
pub mod svg;

pub use cache::ImageCache;
pub use settings::Settings;

/// Changes whenever the same file and the same parameters would give other bytes: with a codec, or
/// with how we use it. It is in every variant's name.
const ENCODER: &str = "2: image 0.25, fast_image_resize 6, moxcms 0.8, webp 0.3";

/// What kind of file a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Pixels, without any that one can see through.
    Opaque,
    /// Pixels, some of which may let through what is behind.
    Translucent,
    /// A drawing (SVG).
    Drawing,
}

/// What the head of a file tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Pixels across, as it is shown: turned as the camera says.
    pub width: u32,
    /// Pixels down, as it is shown.
    pub height: u32,
    /// What it is made of.
    pub kind: Kind,
    /// Whether it moves; what pages show stands still.
    pub moving: bool,
}

/// Why a file cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What is wrong with it.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Refusal {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Refusal { message: message.into(), help: help.into() }
    }
}

/// What looking at a file gave.
pub type Probed = Result<Facts, Refusal>;

/// What was found in files, by the digest of their bytes.
pub type Known = BTreeMap<Digest, Probed>;

/// The format of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Lossy WebP, which nearly every browser shows.
    Webp,
    /// For the others.
    Jpeg,
    /// For the others, where one can see through it.
    Png,
    /// A drawing, cleaned.
    Svg,
    /// A picture for a browser's tab: a PNG within the frame that all of them know.
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
        match self {
            Format::Webp => "image/webp",
            Format::Jpeg => "image/jpeg",
            Format::Png => "image/png",
            Format::Svg => "image/svg+xml",
            Format::Ico => "image/vnd.microsoft.icon",
        }
    }
}

/// One file made of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageVariant {
    /// Its path below the output folder: `images/`, its digest, its width.
    pub path: String,
    /// The picture's file, from the root.
    pub source: String,
    /// The digest of that file.
    pub source_digest: Digest,
    /// The digest of the file, the parameters and the encoder.
    pub digest: Digest,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// How it is encoded.
    pub format: Format,
    /// 1 to 100, for formats that lose something.
    pub quality: u8,
    /// Whether it shows the middle of the picture, on white where one could see through, because its
    /// shape is not the picture's.
    pub middle: bool,
}

impl ImageVariant {
    /// The name under which it is kept: by what it is made of, whatever its address is.
    pub fn name(&self) -> String {
        format!("{}-{}.{}", self.digest.short(), self.width, self.format.ending())
    }
}

impl ImageVariant {
    /// The same of the picture's middle, which is another file.
    fn middle(self) -> Self {
        let digest = Digester::new().digest(self.digest).part("middle").finish();
        let path = format!("images/{}-{}.{}", digest.short(), self.width, self.format.ending());
        ImageVariant { path, digest, middle: true, ..self }
    }
}

/// A picture of the site.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponsiveImage {
    /// What its file is, or why it cannot be shown.
    pub probed: Probed,
    /// What is made of it, by format and then by width; nothing where it cannot be shown.
    pub variants: Vec<ImageVariant>,
    /// What a link to the picture leads to: as wide as the picture is, in a format that every browser shows.
    pub largest: Option<ImageVariant>,
    /// What other sites show of it, where they show a page's link as a card.
    pub shared: Option<ImageVariant>,
    /// How wide the theme shows pictures, as `sizes` says it (HTML, 4.8.4.2.1).
    pub sizes: String,
}

impl ResponsiveImage {
    /// The picture in the file `source` (from the root) with these bytes.
    pub fn new(source: &str, digest: Digest, probed: Probed, settings: &Settings) -> Self {
        let mut variants = Vec::new();
        if let Ok(facts) = &probed {
            let formats: &[Format] = match facts.kind {
                Kind::Opaque | Kind::Translucent => &[Format::Webp, usual_format(facts.kind)],
                Kind::Drawing => &[Format::Svg],
            };
            let widths = match facts.kind {
                Kind::Drawing => vec![facts.width],
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

    /// Every file that may be made of it; some may come twice.
    pub fn all(&self) -> impl Iterator<Item = &ImageVariant> {
        self.variants.iter().chain(&self.largest).chain(&self.shared)
    }

    /// The variants of the format that every browser shows, by width.
    pub fn fallback(&self) -> impl Iterator<Item = &ImageVariant> {
        self.variants.iter().filter(|variant| variant.format != Format::Webp)
    }

    /// The variants in WebP, by width.
    pub fn webp(&self) -> impl Iterator<Item = &ImageVariant> {
        self.variants.iter().filter(|variant| variant.format == Format::Webp)
    }
}

/// The format that every browser shows.
fn usual_format(kind: Kind) -> Format {
    match kind {
        Kind::Opaque => Format::Jpeg,
        Kind::Translucent => Format::Png,
        Kind::Drawing => Format::Svg,
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

/// How high a picture is where it is this wide.
fn height(facts: &Facts, width: u32) -> u32 {
    let height = u64::from(width) * u64::from(facts.height) / u64::from(facts.width.max(1));
    u32::try_from(height).unwrap_or(u32::MAX).max(1)
}

/// The size of what other sites show: 1200 by 630 (Open Graph as Facebook and others read it), or as
/// large as the picture allows. `None` where that is too small for any of them, and for drawings,
/// which they do not show.
fn shared_size(facts: &Facts) -> Option<(u32, u32)> {
    const WIDTH: u32 = 1200;
    const HEIGHT: u32 = 630;
    let width = WIDTH.min(facts.width).min(facts.height.saturating_mul(WIDTH) / HEIGHT);
    (facts.kind != Kind::Drawing && width >= 200).then_some((width, width * HEIGHT / WIDTH))
}

/// What a square picture of the site becomes for tabs, home screens and the site's manifest; `None`
/// where the picture is too small.
pub fn icons(source: &str, digest: Digest, facts: &Facts) -> Option<Vec<ImageVariant>> {
    const ICONS: [(&str, u32, Format); 4] = [
        ("favicon.ico", 32, Format::Ico),
        ("apple-touch-icon.png", 180, Format::Png),
        ("icon-192.png", 192, Format::Png),
        ("icon-512.png", 512, Format::Png),
    ];
    if facts.kind == Kind::Drawing || facts.width.min(facts.height) < 512 {
        return None;
    }
    let icon = |(path, size, format): (&str, u32, Format)| ImageVariant {
        path: path.to_owned(),
        ..variant(source, digest, (size, size), format, 100).middle()
    };
    Some(ICONS.into_iter().map(icon).collect())
}

/// The widths to make of a picture that is `own` pixels wide: those of the theme that are clearly
/// less, and the picture's own where the theme would show more. Never more than it has.
fn widths(own: u32, wanted: &[u32]) -> Vec<u32> {
    let widest = wanted.iter().copied().max().unwrap_or(own).min(own);
    // A width just below the widest would be a second copy of it.
    let mut widths: Vec<u32> =
        wanted.iter().copied().filter(|width| width * 10 <= widest * 9).collect();
    widths.push(widest);
    widths.sort_unstable();
    widths.dedup();
    widths
}

/// Whether a file is a picture that pages may show, by its name.
pub fn is_picture(path: &str) -> bool {
    path.starts_with("content/")
        && !path.starts_with("content/forms/")
        && !path.starts_with("content/data/")
        && is_named_as_picture(path)
}

/// Whether a name ends as those of the pictures do that are read here.
pub fn is_named_as_picture(path: &str) -> bool {
    const ENDINGS: [&str; 6] = ["gif", "jpeg", "jpg", "png", "svg", "webp"];
    path.rsplit_once('.')
        .is_some_and(|(_, ending)| ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_made_wider_than_it_is() {
        let wanted = [480, 800, 1200, 1600];
        assert_eq!(widths(4032, &wanted), [480, 800, 1200, 1600]);
        assert_eq!(widths(1000, &wanted), [480, 800, 1000]);
        assert_eq!(widths(810, &wanted), [480, 810]);
        assert_eq!(widths(48, &wanted), [48]);
        assert_eq!(widths(48, &[]), [48]);
    }

    #[test]
    fn other_bytes_another_width_or_format_are_another_name() {
        let facts = Facts { width: 900, height: 300, kind: Kind::Opaque, moving: false };
        let settings = Settings::default();
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

    #[test]
    fn pictures_are_known_by_their_names() {
        assert!(is_picture("content/stories/Rose.JPG"));
        assert!(is_picture("content/images/logo.svg"));
        assert!(!is_picture("content/data/team.png"));
        assert!(!is_picture("themes/daisy/static/favicon.svg"));
        assert!(!is_picture("content/rose.md"));
    }
}
