//! Small images, with and without metadata that must never be published.

use std::io::Cursor;

use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, Frame, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

/// The text that every kind of metadata in these images contains. It appears nowhere else.
pub const SECRET: &str = "14 Rose Lane";

/// An image with a light left half and a dark right half.
pub fn pixels(width: u32, height: u32, shade: u8) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        if x < width / 2 { Rgb([240, 240 - shade, 200]) } else { Rgb([20, 40 + shade, 60]) }
    })
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

pub fn png(width: u32, height: u32, shade: u8, translucent: bool) -> Vec<u8> {
    let rgb = pixels(width, height, shade);
    if !translucent {
        return encoded(&rgb.into(), ImageFormat::Png);
    }
    let rgba = RgbaImage::from_fn(width, height, |x, y| {
        let Rgb([r, g, b]) = *rgb.get_pixel(x, y);
        Rgba([r, g, b, if y < height / 2 { 0 } else { 255 }])
    });
    encoded(&rgba.into(), ImageFormat::Png)
}

/// An animation of two frames.
pub fn gif(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for shade in [0, 90] {
        let image = DynamicImage::from(pixels(width, height, shade)).into_rgba8();
        encoder.encode_frame(Frame::new(image)).unwrap();
    }
    drop(encoder);
    bytes
}

/// A photo as a phone takes it: rotated (EXIF orientation 6), with its location, a thumbnail, XMP, IPTC
/// and a comment.
pub fn photo(width: u32, height: u32) -> Vec<u8> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 90).encode_image(&pixels(width, height, 0)).unwrap();
    let mut bytes = jpeg[..2].to_vec();
    segment(&mut bytes, 0xe1, &[b"Exif\0\0".as_slice(), &exif()].concat());
    let xmp = format!("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>{SECRET}</x:xmpmeta>");
    segment(&mut bytes, 0xe1, xmp.as_bytes());
    // A Photoshop block with IPTC (IIM 2:90, the city).
    let city = [&[0x1c, 2, 90, 0, 12], SECRET.as_bytes()].concat();
    let length = u32::try_from(city.len()).unwrap().to_be_bytes();
    let iptc = [b"Photoshop 3.0\x008BIM\x04\x04\0\0".as_slice(), &length, &city, b"\0"].concat();
    segment(&mut bytes, 0xed, &iptc);
    segment(&mut bytes, 0xfe, SECRET.as_bytes());
    bytes.extend_from_slice(&jpeg[2..]);
    bytes
}

fn segment(bytes: &mut Vec<u8>, marker: u8, body: &[u8]) {
    let length = u16::try_from(body.len() + 2).unwrap();
    bytes.extend_from_slice(&[0xff, marker]);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(body);
}

/// TIFF, big-endian (EXIF 2.3, 4.6): orientation, artist, location and thumbnail.
pub fn exif() -> Vec<u8> {
    let mut thumbnail = Vec::new();
    JpegEncoder::new(&mut thumbnail).encode_image(&pixels(16, 16, 7)).unwrap();
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        let mut bytes = tag.to_be_bytes().to_vec();
        bytes.extend_from_slice(&kind.to_be_bytes());
        bytes.extend_from_slice(&count.to_be_bytes());
        bytes.extend_from_slice(&value);
        bytes
    };
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap();
    // 8 bytes of header, 2 + 3 * 12 + 4 of the first IFD, 2 + 12 + 4 of the GPS IFD, 2 + 2 * 12 + 4 of
    // the second.
    let (places, second, data) = (50_u32, 68_u32, 98_u32);
    let artist = [SECRET.as_bytes(), b"\0"].concat();
    let first = [
        entry(0x0112, 3, 1, [0, 6, 0, 0]),
        entry(0x013b, 2, length(&artist), data.to_be_bytes()),
        entry(0x8825, 4, 1, places.to_be_bytes()),
    ];
    let shot = data + length(&artist);
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x03".to_vec();
    exif.extend(first.concat());
    exif.extend(second.to_be_bytes());
    exif.extend([0, 1]);
    exif.extend(entry(0x0001, 2, 2, *b"N\0\0\0"));
    exif.extend([0; 4]);
    exif.extend([0, 2]);
    exif.extend(entry(0x0201, 4, 1, shot.to_be_bytes()));
    exif.extend(entry(0x0202, 4, 1, length(&thumbnail).to_be_bytes()));
    exif.extend([0; 4]);
    exif.extend(artist);
    exif.extend(thumbnail);
    exif
}

/// A PNG with text, XMP and EXIF.
pub fn telling_png(width: u32, height: u32) -> Vec<u8> {
    let png = png(width, height, 0, false);
    // After the signature and `IHDR`.
    let mut bytes = png[..33].to_vec();
    let text = [b"Comment\0".as_slice(), SECRET.as_bytes()].concat();
    let xmp = [b"XML:com.adobe.xmp\0\0\0\0\0".as_slice(), SECRET.as_bytes()].concat();
    for (kind, body) in [(b"tEXt", text), (b"iTXt", xmp), (b"eXIf", exif())] {
        let length = u32::try_from(body.len()).unwrap();
        let whole = [kind.as_slice(), &body].concat();
        bytes.extend(length.to_be_bytes());
        bytes.extend(&whole);
        bytes.extend(crc(&whole).to_be_bytes());
    }
    bytes.extend_from_slice(&png[33..]);
    bytes
}

/// A WebP with EXIF and XMP after its pixels (RFC 9649, 2.7).
pub fn telling_webp(width: u32, height: u32) -> Vec<u8> {
    let plain = encoded(&pixels(width, height, 0).into(), ImageFormat::WebP);
    let mut body = b"WEBP".to_vec();
    let size = |length: u32| (length - 1).to_le_bytes()[..3].to_vec();
    // The flags announce EXIF and XMP.
    chunk(&mut body, b"VP8X", &[vec![0b1100, 0, 0, 0], size(width), size(height)].concat());
    body.extend_from_slice(&plain[12..]);
    chunk(&mut body, b"EXIF", &exif());
    chunk(&mut body, b"XMP ", SECRET.as_bytes());
    let length = u32::try_from(body.len()).unwrap().to_le_bytes();
    [b"RIFF".as_slice(), &length, &body].concat()
}

fn chunk(bytes: &mut Vec<u8>, kind: &[u8; 4], body: &[u8]) {
    bytes.extend_from_slice(kind);
    bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(body);
    if body.len() % 2 == 1 {
        bytes.push(0);
    }
}

/// CRC-32 (ISO 3309), as used by PNG.
pub fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}

/// A PNG of a few bytes that declares this size.
pub fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut png = png(4, 4, 0, false);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}
