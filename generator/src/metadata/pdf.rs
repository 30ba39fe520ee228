//! Reads the names in a PDF, from its document information dictionary and its XMP packet (ISO 32000-2, 14.3).
//!
//! The file is searched rather than traversed by its cross-references, which hostile files forge and broken ones lack.
//! So names of former revisions, which a PDF keeps, are found too.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use memchr::memmem;

use super::{Named, Role, xml};

/// The most decompressed bytes read of one file.
const MAX_UNPACKED_BYTES: u64 = 32 * 1024 * 1024;
/// The most streams decompressed.
const MAX_STREAMS: usize = 20_000;
/// The most strings read.
const MAX_STRINGS: usize = 1_000;
/// How many bytes before a stream are searched for its dictionary.
const MAX_DICTIONARY_BYTES: usize = 4 * 1024;
/// The longest string that is read, in bytes.
const MAX_STRING_BYTES: usize = 4 * 1024;

const KEYS: [(&[u8], Role); 4] = [
    (b"/Author", Role::Author),
    (b"/LastModifiedBy", Role::LastModifiedBy),
    (b"/Company", Role::Company),
    (b"/Manager", Role::Manager),
];

/// Whether a file is a PDF: programs accept the header anywhere in the first kilobyte.
pub(super) fn is_pdf(bytes: &[u8]) -> bool {
    memmem::find(&bytes[..bytes.len().min(1024)], b"%PDF-").is_some()
}

pub(super) fn names(bytes: &[u8]) -> Vec<Named> {
    let mut found = Vec::new();
    let mut parts: Vec<Vec<u8>> = Vec::new();
    packets(bytes, &mut found);
    let mut left = MAX_UNPACKED_BYTES;
    for part in streams(bytes).take(MAX_STREAMS) {
        let mut unpacked = Vec::new();
        // What was read before an error is enough.
        let _ = ZlibDecoder::new(part.bytes).take(left).read_to_end(&mut unpacked);
        left -= unpacked.len() as u64;
        if part.is_packet {
            packets(&unpacked, &mut found);
        } else {
            parts.push(unpacked);
        }
        if left == 0 {
            break;
        }
    }
    // The strings of an encrypted file are unreadable without the key.
    if memmem::find(bytes, b"/Encrypt").is_none() {
        strings(bytes, bytes, &mut found);
        for part in &parts {
            strings(part, bytes, &mut found);
        }
    }
    found
}

/// A compressed stream of a file.
struct Stream<'a> {
    bytes: &'a [u8],
    /// Whether it holds XMP; otherwise objects.
    is_packet: bool,
}

/// The streams that may hold properties and use the usual compression.
fn streams(bytes: &[u8]) -> impl Iterator<Item = Stream<'_>> {
    memmem::find_iter(bytes, b"stream").filter_map(move |at| {
        let begins = match bytes.get(at + 6..)? {
            [b'\r', b'\n', rest @ ..] | [b'\n' | b'\r', rest @ ..] => rest,
            _ => return None,
        };
        let before = &bytes[at.saturating_sub(MAX_DICTIONARY_BYTES)..at];
        let dictionary = &before[memmem::rfind(before, b" obj")?..];
        let has = |name: &[u8]| memmem::find(dictionary, name).is_some();
        let is_packet = has(b"/Metadata");
        ((is_packet || has(b"/ObjStm")) && has(b"/FlateDecode"))
            .then_some(Stream { bytes: begins, is_packet })
    })
}

/// The names in uncompressed XMP packets.
fn packets(bytes: &[u8], found: &mut Vec<Named>) {
    const BEGIN: &[u8] = b"<rdf:RDF";
    const END: &[u8] = b"</rdf:RDF>";
    let mut at = 0;
    while let Some(begin) = memmem::find(&bytes[at..], BEGIN).map(|begin| at + begin) {
        let Some(length) = memmem::find(&bytes[begin..], END) else { break };
        let end = begin + length + END.len();
        let text = String::from_utf8_lossy(&bytes[begin..end]);
        found.extend(xml::names(&text, &of_xmp));
        at = end;
    }
}

fn of_xmp(name: &str) -> Option<Role> {
    match name {
        "creator" | "Author" => Some(Role::Author),
        "LastModifiedBy" | "lastModifiedBy" => Some(Role::LastModifiedBy),
        "Company" => Some(Role::Company),
        "Manager" => Some(Role::Manager),
        _ => None,
    }
}

/// The names in the objects of `part`; objects they refer to may be anywhere in `whole`.
fn strings(part: &[u8], whole: &[u8], found: &mut Vec<Named>) {
    for (key, role) in KEYS {
        for at in memmem::find_iter(part, key).take(MAX_STRINGS) {
            let rest = part[at + key.len()..].trim_ascii_start();
            let is_whole_key = part.get(at + key.len()).is_some_and(|byte| {
                byte.is_ascii_whitespace() || matches!(byte, b'(' | b'<' | b'/' | b'[')
            });
            if !is_whole_key {
                continue;
            }
            let name = string(rest).or_else(|| string(referred(rest, whole)?));
            found.extend(name.map(|name| (role, name)));
        }
    }
}

/// The target of an indirect reference such as `12 0 R`.
fn referred<'a>(reference: &[u8], whole: &'a [u8]) -> Option<&'a [u8]> {
    let words = std::str::from_utf8(
        reference.get(..reference.len().min(24))?.split(|byte| !byte.is_ascii()).next()?,
    );
    let mut words = words.ok()?.split_ascii_whitespace();
    let (number, generation): (u32, u32) =
        (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    if !words.next()?.starts_with('R') {
        return None;
    }
    let name = format!("{number} {generation} obj");
    let at = memmem::find_iter(whole, name.as_bytes())
        .find(|at| at.checked_sub(1).is_none_or(|before| !whole[before].is_ascii_digit()))?;
    Some(whole[at + name.len()..].trim_ascii_start())
}

/// Parses the string object at the start of `bytes` (ISO 32000-2, 7.3.4).
fn string(bytes: &[u8]) -> Option<String> {
    let bytes = &bytes[..bytes.len().min(MAX_STRING_BYTES)];
    let raw = match bytes {
        [b'(', rest @ ..] => literal(rest),
        [b'<', b'<', ..] => return None,
        [b'<', rest @ ..] => hexadecimal(rest),
        _ => return None,
    };
    Some(text(&raw))
}

fn literal(bytes: &[u8]) -> Vec<u8> {
    let mut read = Vec::new();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b')' if depth == 0 => break,
            b'(' => depth += 1,
            b')' => depth -= 1,
            b'\\' => {
                let Some(escaped) = bytes.get(at) else { break };
                at += 1;
                match escaped {
                    b'n' => read.push(b'\n'),
                    b'r' => read.push(b'\r'),
                    b't' => read.push(b'\t'),
                    b'b' | b'f' => {}
                    // A line continuation.
                    b'\n' => {}
                    b'\r' => at += usize::from(bytes.get(at) == Some(&b'\n')),
                    b'0'..=b'7' => {
                        let digits = bytes[at - 1..].iter().take(3);
                        let digits: Vec<u8> = digits
                            .copied()
                            .take_while(|byte| (b'0'..=b'7').contains(byte))
                            .collect();
                        at += digits.len() - 1;
                        let code = digits
                            .iter()
                            .fold(0_u32, |code, byte| code * 8 + u32::from(byte - b'0'));
                        read.push(u8::try_from(code & 0xff).unwrap_or_default());
                    }
                    other => read.push(*other),
                }
                continue;
            }
            _ => {}
        }
        read.push(*byte);
    }
    read
}

fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    let digits = bytes.iter().take_while(|byte| **byte != b'>');
    let digits: Vec<u8> = digits
        .filter_map(|byte| char::from(*byte).to_digit(16))
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or_default()).collect()
}

/// Decodes a text string (ISO 32000-2, 7.9.2.2): UTF-16, UTF-8 or PDFDocEncoding.
fn text(raw: &[u8]) -> String {
    /// PDFDocEncoding from 0x80 on, where it differs from Latin-1.
    const PDF_DOC: [char; 33] = [
        '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚',
        '™', 'ﬁ', 'ﬂ', 'Ł', 'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{fffd}', '€',
    ];
    match raw {
        [0xfe, 0xff, rest @ ..] => {
            let units = rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|read| read.unwrap_or('\u{fffd}')).collect()
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => {
            let character = |byte: &u8| match byte {
                0x80..=0xa0 => PDF_DOC[usize::from(byte - 0x80)],
                byte => char::from(*byte),
            };
            raw.iter().map(character).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_decoded() {
        for (written, meant) in [
            (&b"(Ann Example)"[..], Some("Ann Example")),
            (b"(Ann \\(or Tom\\) (both)\\\nhere) (no)", Some("Ann (or Tom) (both)here")),
            (b"(Ren\\351 \\0501\\51)", Some("René (1)")),
            (b"<416E6E>", Some("Ann")),
            (b"<41 6e 6>", Some("An`")),
            (b"<feff0a300a4b>", Some("ਰੋ")),
            (b"(\xef\xbb\xbfZo\xc3\xab)", Some("Zoë")),
            (b"(\x8dAnn\x8e)", Some("“Ann”")),
            (b"(not closed", Some("not closed")),
            (b"(\\", Some("")),
            (b"<</Title (x)>>", None),
            (b"12 0 R", None),
            (b"", None),
        ] {
            assert_eq!(string(written).as_deref(), meant, "{}", String::from_utf8_lossy(written));
        }
    }
}
