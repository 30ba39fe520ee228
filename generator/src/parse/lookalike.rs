//! Detects files that are not pages but begin like one: a copy, a backup, a page saved with another extension.

use super::split_front_matter::{Lines, is_dashes};
use crate::key_tables;

/// The state of such a file, according to its front matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookalike {
    /// Nothing keeps the text from being published.
    Open,
    /// It is a draft, or scheduled.
    Withheld,
}

/// How many lines of front matter are read; pages have fewer.
const MAX_LINES: usize = 1_000;

/// The keys that keep a page from being published, always or for some time.
const WITHHOLDING: [&str; 6] =
    ["draft", "publish_on", "expires_on", "unreviewed", "until", "withdrawn"];

/// Reads the beginning of a file. `None` if it has no front matter with a built-in key.
pub(crate) fn lookalike(bytes: &[u8]) -> Option<Lookalike> {
    let text = decode(bytes);
    let mut lines = Lines::of(&text).map(|line| line.words.trim()).take(MAX_LINES);
    let first = lines.by_ref().find(|words| !words.is_empty())?;
    if !is_line_of_dashes(first) {
        return None;
    }
    let (mut has_key, mut withheld, mut closed) = (false, false, false);
    for words in lines {
        if is_line_of_dashes(words) {
            closed = true;
            break;
        }
        let Some((key, value)) = words.split_once(':') else { continue };
        let key = key.trim().trim_matches(['"', '\'']).to_lowercase();
        let value = value.split(" #").next().unwrap_or(value).trim().to_lowercase();
        has_key |= key_tables::is_page_key(&key);
        withheld |= WITHHOLDING.contains(&key.as_str()) && !matches!(&*value, "" | "false" | "no");
    }
    match (has_key && closed, withheld) {
        (false, _) => None,
        (true, false) => Some(Lookalike::Open),
        (true, true) => Some(Lookalike::Withheld),
    }
}

fn is_line_of_dashes(words: &str) -> bool {
    words == "---" || is_dashes(words)
}

/// Decodes the text, whatever encoding an editor used; the byte order mark identifies UTF-16.
fn decode(bytes: &[u8]) -> String {
    let units = |bytes: &[u8], read: fn([u8; 2]) -> u16| -> String {
        let pairs = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
        char::decode_utf16(pairs).map(|read| read.unwrap_or('\u{fffd}')).collect()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
            .into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_recognized_in_any_encoding() {
        let utf_16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(
                "---\r\ntitle: Rose\r\ndraft: true\r\n---\r\n"
                    .encode_utf16()
                    .flat_map(u16::to_le_bytes),
            )
            .collect();
        for (text, expected) in [
            (&b"---\ntitle: Rose\n---\nWords\n"[..], Some(Lookalike::Open)),
            (b"\n---\r\ntitle: Rose\r\ndraft: true\r\n---\r\n", Some(Lookalike::Withheld)),
            (b"\xef\xbb\xbf---\nsummary: x\n---\n", Some(Lookalike::Open)),
            (b"---\ntitle: Caf\xe9\nDraft: yes # not yet\n---\n", Some(Lookalike::Withheld)),
            (b"---\ntitle: a\ndraft: false\n---\n", Some(Lookalike::Open)),
            (b"---\ntitle: a\npublish_on: 2099-01-01\n---\n", Some(Lookalike::Withheld)),
            (b"---\ntitle: a\nexpires_on: 2001-01-01\n---\n", Some(Lookalike::Withheld)),
            ("\u{2014}\ntitle: a\n\u{2014}\n".as_bytes(), Some(Lookalike::Open)),
            (&utf_16, Some(Lookalike::Withheld)),
            (b"", None),
            (b"%PDF-1.7\n---\ntitle: a\n---\n", None),
            (b"title: a\ndraft: true\n", None),
            (b"---\nopenapi: 3.1.0\n---\n", None),
            (b"---\ntitle: a document of YAML that nothing ends\n", None),
            (b"WEBVTT\n\n00:01 --> 00:02\nHello\n", None),
        ] {
            assert_eq!(lookalike(text), expected, "{}", String::from_utf8_lossy(text));
        }
    }
}
