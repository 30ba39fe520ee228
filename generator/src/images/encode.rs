//! Encodes the variants of an image.
//!
//! Only pixels are copied from a source into a variant, so its metadata (where and by whom it was taken, a thumbnail of
//! the uncropped image) is never published.

use std::io::Cursor;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, RgbImage, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::{Format, ImageRefusal, ImageVariant, probe, svg};

/// The pixels of a file in their stored order, and how to interpret them.
struct Pixels {
    width: u32,
    height: u32,
    /// Three or four bytes per pixel.
    bytes: Vec<u8>,
    alpha: bool,
    orientation: Orientation,
    profile: Option<ColorProfile>,
}

/// Encodes `variants`, all of which derive from the file with these bytes; it is decoded once.
///
/// # Errors
/// The file is damaged.
pub(crate) fn encode(
    bytes: &[u8],
    variants: &[&ImageVariant],
) -> Result<Vec<Vec<u8>>, ImageRefusal> {
    if variants.iter().any(|variant| variant.format == Format::Svg) {
        let drawing = svg::clean(bytes)?;
        return Ok(vec![drawing.bytes; variants.len()]);
    }
    let pixels = decode(bytes)?;
    // Variants of one size are adjacent, so that each size is resized once.
    let mut order: Vec<usize> = (0..variants.len()).collect();
    order.sort_by_key(|at| (variants[*at].width, variants[*at].height));
    let mut made = vec![Vec::new(); variants.len()];
    let mut sized: Option<((u32, u32, bool), DynamicImage)> = None;
    for at in order {
        let variant = variants[at];
        let size = (variant.width, variant.height, variant.middle);
        let fits = sized.take().filter(|(before, _)| *before == size);
        let image = match fits {
            Some((_, image)) => image,
            None => resize(&pixels, variant)?,
        };
        made[at] = write(&image, variant)?;
        sized = Some((size, image));
    }
    Ok(made)
}

fn decode(bytes: &[u8]) -> Result<Pixels, ImageRefusal> {
    let mut decoder = probe::decoder(bytes)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let profile = profile.and_then(|profile| ColorProfile::new_from_slice(&profile).ok());
    let image = DynamicImage::from_decoder(decoder).map_err(|error| probe::damaged(&error))?;
    let (width, height) = (image.width(), image.height());
    let alpha = image.color().has_alpha();
    let bytes = if alpha { image.into_rgba8().into_raw() } else { image.into_rgb8().into_raw() };
    // A CMYK profile does not apply to pixels already converted to RGB.
    let profile = profile.filter(|profile| profile.color_space == DataColorSpace::Rgb);
    Ok(Pixels { width, height, bytes, alpha, orientation, profile })
}

/// The image at a variant's size, upright, in sRGB.
fn resize(pixels: &Pixels, variant: &ImageVariant) -> Result<DynamicImage, ImageRefusal> {
    let ImageVariant { width, height, middle, .. } = *variant;
    let turned = matches!(
        pixels.orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let (across, down) = if turned { (height, width) } else { (width, height) };
    let kind = if pixels.alpha { PixelType::U8x4 } else { PixelType::U8x3 };
    let bytes = if (across, down) == (pixels.width, pixels.height) {
        pixels.bytes.clone()
    } else {
        let source = ImageRef::new(pixels.width, pixels.height, &pixels.bytes, kind)
            .map_err(|error| failed(&error))?;
        let mut sized = Image::new(across, down, kind);
        let options = ResizeOptions::new();
        let options = if middle { options.fit_into_destination(None) } else { options };
        Resizer::new()
            .resize(&source, &mut sized, Some(&options))
            .map_err(|error| failed(&error))?;
        sized.into_vec()
    };
    let bytes = match &pixels.profile {
        Some(profile) => in_srgb(bytes, profile, pixels.alpha),
        None => bytes,
    };
    let mut image = if pixels.alpha {
        RgbaImage::from_raw(across, down, bytes).map(DynamicImage::from)
    } else {
        RgbImage::from_raw(across, down, bytes).map(DynamicImage::from)
    }
    .expect("the bytes are of this size");
    image.apply_orientation(pixels.orientation);
    Ok(image)
}

/// Converts to sRGB: phones take photos in wider colour spaces, which would look dull without the profile, and the
/// profile is removed. Pixels are left unchanged if the profile cannot be used.
fn in_srgb(bytes: Vec<u8>, profile: &ColorProfile, alpha: bool) -> Vec<u8> {
    let layout = if alpha { Layout::Rgba } else { Layout::Rgb };
    let srgb = ColorProfile::new_srgb();
    let transform =
        profile.create_transform_8bit(layout, &srgb, layout, TransformOptions::default());
    let mut converted = vec![0; bytes.len()];
    match transform.map(|transform| transform.transform(&bytes, &mut converted)) {
        Ok(Ok(())) => converted,
        _ => bytes,
    }
}

fn write(image: &DynamicImage, variant: &ImageVariant) -> Result<Vec<u8>, ImageRefusal> {
    let mut bytes = Vec::new();
    let (width, height) = (image.width(), image.height());
    let flat;
    let image = if variant.middle && variant.format != Format::Ico {
        flat = on_white(image);
        &flat
    } else {
        image
    };
    match variant.format {
        Format::Ico => {
            let png = ImageVariant { format: Format::Png, middle: false, ..variant.clone() };
            return Ok(ico(&write(image, &png)?, width));
        }
        Format::Webp => return webp(image, variant.quality),
        Format::Jpeg => {
            let rgb = image.to_rgb8();
            JpegEncoder::new_with_quality(&mut bytes, variant.quality)
                .write_image(rgb.as_raw(), width, height, ExtendedColorType::Rgb8)
                .map_err(|error| failed(&error))?;
        }
        Format::Png => {
            let cursor = Cursor::new(&mut bytes);
            PngEncoder::new_with_quality(cursor, CompressionType::Default, FilterType::Adaptive)
                .write_image(image.as_bytes(), width, height, image.color().into())
                .map_err(|error| failed(&error))?;
        }
        Format::Svg => {}
    }
    Ok(bytes)
}

/// Puts transparency on a white background: other sites and home screens would use black.
fn on_white(image: &DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return image.clone();
    }
    let mut rgba = image.to_rgba8();
    for pixel in rgba.pixels_mut() {
        let alpha = u16::from(pixel.0[3]);
        for channel in &mut pixel.0[..3] {
            let mixed = (u16::from(*channel) * alpha + 255 * (255 - alpha)) / 255;
            *channel = u8::try_from(mixed).unwrap_or(u8::MAX);
        }
        pixel.0[3] = u8::MAX;
    }
    DynamicImage::from(DynamicImage::from(rgba).to_rgb8())
}

/// A PNG of this size, less than 256, in an ICO container (Microsoft's format: six bytes of header with one icon,
/// sixteen bytes of directory entry, then the image).
fn ico(png: &[u8], size: u32) -> Vec<u8> {
    let size = u8::try_from(size).unwrap_or(0);
    let length = u32::try_from(png.len()).unwrap_or(u32::MAX);
    let mut bytes = vec![0, 0, 1, 0, 1, 0, size, size, 0, 0, 1, 0, 32, 0];
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&22_u32.to_le_bytes());
    bytes.extend_from_slice(png);
    bytes
}

fn webp(image: &DynamicImage, quality: u8) -> Result<Vec<u8>, ImageRefusal> {
    let (width, height) = (image.width(), image.height());
    let encoder = match image.as_rgba8() {
        Some(rgba) => webp::Encoder::from_rgba(rgba, width, height),
        None => {
            let rgb = image.as_rgb8().expect("a pixel is three or four bytes");
            webp::Encoder::from_rgb(rgb, width, height)
        }
    };
    let encoded = encoder.encode_simple(false, f32::from(quality));
    encoded.map(|bytes| bytes.to_vec()).map_err(|error| failed(&format!("{error:?}")))
}

fn failed(error: &dyn std::fmt::Display) -> ImageRefusal {
    ImageRefusal::new(
        format!("this image cannot be resized: {error}"),
        "open it in an image editor, and save it again as JPEG or PNG",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

    #[test]
    fn encoding_errors_are_reported() {
        let mut png = Vec::new();
        PngEncoder::new(&mut png).write_image(&[0, 0, 0], 1, 1, ExtendedColorType::Rgb8).unwrap();
        let digest = Digest::blake3(&png);
        let wide = ImageVariant {
            path: String::new(),
            source: String::new(),
            source_digest: digest,
            digest,
            width: probe::MAX_SIDE_PIXELS + 1,
            height: 1,
            format: Format::Webp,
            quality: 80,
            middle: false,
        };
        let refusal = encode(&png, &[&wide]).unwrap_err();
        assert_eq!(
            (refusal.message.as_str(), refusal.help.as_str()),
            (
                "this image cannot be resized: VP8_ENC_ERROR_BAD_DIMENSION",
                "open it in an image editor, and save it again as JPEG or PNG"
            )
        );
    }
}
