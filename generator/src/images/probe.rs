//! Reads the properties of an image from its header, or why it cannot be shown.

use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{AnimationDecoder, ImageDecoder, ImageFormat, ImageResult, Limits};

use super::{Facts, ImageKind, ImageRefusal, Probed, jpeg, svg};

/// The most pixels that are decoded: the largest photos of phones, except those that no site shows in full.
pub(crate) const MAX_PIXELS: u64 = 64_000_000;
/// The longest side: the limit of WebP (RFC 9649, 2.5).
pub(crate) const MAX_SIDE_PIXELS: u32 = 16_383;
/// What a decoder may allocate, in bytes; a file that needs more has a false header.
pub(crate) const MAX_MEMORY_BYTES: u64 = 1024 * 1024 * 1024;

/// Probes a file; decodes only drawings and the first frames of animations.
pub(crate) fn probe(bytes: &[u8]) -> Probed {
    if looks_like_svg(bytes) {
        let drawing = svg::clean(bytes)?;
        let (width, height) = (drawing.width, drawing.height);
        return Ok(Facts { width, height, kind: ImageKind::Drawing, moving: false });
    }
    let mut decoder = decoder(bytes)?;
    let (width, height) = decoder.dimensions();
    let turned = matches!(
        decoder.orientation().unwrap_or(Orientation::NoTransforms),
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let kind =
        if decoder.color_type().has_alpha() { ImageKind::Translucent } else { ImageKind::Opaque };
    drop(decoder);
    let (width, height) = if turned { (height, width) } else { (width, height) };
    Ok(Facts { width, height, kind, moving: moves(bytes).unwrap_or(false) })
}

/// A decoder of pixels, within our limits.
pub(super) fn decoder(bytes: &[u8]) -> Result<Box<dyn ImageDecoder + '_>, ImageRefusal> {
    let cursor = Cursor::new(bytes);
    let open = || -> ImageResult<Box<dyn ImageDecoder + '_>> {
        Ok(match image::guess_format(bytes)? {
            ImageFormat::Jpeg => Box::new(JpegDecoder::new(cursor)?),
            ImageFormat::Png => Box::new(PngDecoder::with_limits(cursor, limits())?),
            ImageFormat::WebP => Box::new(WebPDecoder::new(cursor)?),
            ImageFormat::Gif => Box::new(GifDecoder::new(cursor)?),
            other => {
                let hint = image::error::ImageFormatHint::Exact(other);
                return Err(image::ImageError::Unsupported(hint.into()));
            }
        })
    };
    if let Some(refusal) = foreign(bytes) {
        return Err(refusal);
    }
    let mut decoder = open().map_err(|error| damaged(&error))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(ImageRefusal::new(
            "this image is empty: it has no pixels",
            "save it again, or choose another one",
        ));
    }
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS || width.max(height) > MAX_SIDE_PIXELS {
        return Err(ImageRefusal::new(
            format!(
                "this image is too large: {width} × {height} pixels (the maximum is {} million \
                 pixels)",
                MAX_PIXELS / 1_000_000
            ),
            "save a copy that is 3000 pixels wide; pages never show a larger image",
        ));
    }
    if jpeg::is_cut_short(bytes) {
        return Err(ImageRefusal::new(
            "this image is incomplete: the file ends too early",
            "copy the file again; browsers would show the missing part in grey",
        ));
    }
    decoder.set_limits(limits()).map_err(|error| damaged(&error))?;
    Ok(decoder)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE_PIXELS.max(65_535));
    limits.max_image_height = Some(MAX_SIDE_PIXELS.max(65_535));
    limits.max_alloc = Some(MAX_MEMORY_BYTES);
    limits
}

pub(super) fn damaged(error: &image::ImageError) -> ImageRefusal {
    let why = error.to_string();
    let why = why.lines().next().unwrap_or_default().trim_end_matches('.').to_owned();
    ImageRefusal::new(
        format!("this image cannot be read: {why}"),
        "open it in an image editor, and save it again as JPEG or PNG",
    )
}

/// Detects files of another format than their name says.
fn foreign(bytes: &[u8]) -> Option<ImageRefusal> {
    let brand = bytes.get(4..12)?;
    let what = match brand {
        b"ftypheic" | b"ftypheix" | b"ftyphevc" | b"ftypmif1" | b"ftypmsf1" => {
            "this is a HEIC photo with the wrong file extension"
        }
        b"ftypavif" | b"ftypavis" => "this is an AVIF image with the wrong file extension",
        _ => return None,
    };
    Some(ImageRefusal::new(
        what,
        "renaming a file does not convert it: open the photo, and export or save it as JPEG",
    ))
}

fn looks_like_svg(bytes: &[u8]) -> bool {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    start.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<')
}

/// Whether the file has more than one frame.
fn moves(bytes: &[u8]) -> ImageResult<bool> {
    let cursor = Cursor::new(bytes);
    match image::guess_format(bytes)? {
        ImageFormat::Gif => {
            let mut decoder = GifDecoder::new(cursor)?;
            decoder.set_limits(limits())?;
            Ok(decoder.into_frames().take(2).filter(Result::is_ok).count() == 2)
        }
        ImageFormat::WebP => Ok(WebPDecoder::new(cursor)?.has_animation()),
        ImageFormat::Png => PngDecoder::new(cursor)?.is_apng(),
        _ => Ok(false),
    }
}
