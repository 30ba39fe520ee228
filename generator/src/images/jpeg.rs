//! Parses the structure of a JPEG file without decoding it.

use memchr::memchr;

const START_OF_IMAGE: u8 = 0xd8;
const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;

/// Whether a file ends before its image does (ITU-T T.81, B.1): an interrupted download, which decoders fill with grey.
pub(super) fn is_cut_short(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, START_OF_IMAGE]) && !has_end(&bytes[2..])
}

/// Whether the end marker follows the segments and scans.
fn has_end(mut rest: &[u8]) -> bool {
    loop {
        // Bytes between two segments are skipped, as decoders do.
        let Some(at) = memchr(0xff, rest) else { return false };
        rest = &rest[at + 1..];
        let Some(marker) = rest.first().copied() else { return false };
        if !is_marker(marker) {
            continue;
        }
        rest = &rest[1..];
        if marker == END_OF_IMAGE {
            return true;
        }
        // The data of a scan follow its header up to the next marker, which is found in the same way.
        let has_segment = marker != 0x01 && marker != START_OF_IMAGE;
        if has_segment {
            let length = rest.first_chunk().map(|length| usize::from(u16::from_be_bytes(*length)));
            let Some(after) = length.and_then(|length| rest.get(length..)) else { return false };
            rest = after;
        }
        if marker == START_OF_SCAN && rest.is_empty() {
            return false;
        }
    }
}

/// Whether this byte after `0xff` makes a marker: no stuffed zero, no fill byte, no restart within a scan.
fn is_marker(byte: u8) -> bool {
    !matches!(byte, 0x00 | 0xff | 0xd0..=0xd7)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo() -> Vec<u8> {
        let mut bytes = Vec::new();
        let pixel = |x: u32, y: u32| image::Rgb([(x * 7) as u8, (y * 13) as u8, (x * y) as u8]);
        let image = image::RgbImage::from_fn(96, 64, pixel);
        let mut cursor = std::io::Cursor::new(&mut bytes);
        image.write_to(&mut cursor, image::ImageFormat::Jpeg).unwrap();
        bytes
    }

    #[test]
    fn a_file_that_ends_early_is_cut_short_wherever_it_ends() {
        let whole = photo();
        assert!(!is_cut_short(&whole));
        for end in 2..whole.len() - 1 {
            assert!(is_cut_short(&whole[..end]), "{end} of {}", whole.len());
        }
        // The missing part of a download is often filled with zeros.
        let mut zeros = whole[..whole.len() / 2].to_vec();
        zeros.resize(whole.len(), 0);
        assert!(is_cut_short(&zeros));
    }

    #[test]
    fn other_data_in_a_file_does_not_cut_it_short() {
        let whole = photo();
        let mut trailing = whole.clone();
        trailing.extend_from_slice(b"\xff\xd8 a second image, or anything");
        assert!(!is_cut_short(&trailing));
        // A thumbnail within a segment has its own end marker.
        let mut thumbnail = vec![0xff, 0xd8, 0xff, 0xe1, 0x00, 0x06, 0xff, 0xd8, 0xff, 0xd9];
        assert!(is_cut_short(&thumbnail));
        thumbnail.extend_from_slice(&whole[2..]);
        assert!(!is_cut_short(&thumbnail));
        // Two scans, with a stuffed zero, a restart and fill bytes.
        let scans = b"\xff\xd8\xff\xda\x00\x02ab\xff\x00c\xff\xd0d\xff\xff\xda\x00\x02e\xff\xd9";
        assert!(!is_cut_short(scans));
        assert!(is_cut_short(&scans[..scans.len() - 2]));
        assert!(!is_cut_short(b"\x89PNG"));
    }
}
