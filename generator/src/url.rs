//! Reads and writes addresses: schemes and hosts, relative paths, percent-encoding (RFC 3986), and the site's own address.
//!
//! Within the generator a path is plain text, such as `/stories/50% off?/`. It is encoded once, on output ([`href`],
//! [`encode`], [`BaseUrl`]), and decoded once, on input from a person or a browser ([`decode`], [`request_path`]). To
//! keep both consistent, no other code converts paths to addresses.

mod base;
mod path;
mod scheme;

use std::borrow::Cow;

use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};

use crate::nfc::nfc;
pub(crate) use base::BaseUrl;
pub(crate) use path::{Resolved, parent, push, relative, resolve, resolve_with};
pub(crate) use scheme::{host, is_absolute, is_web, leaves_site, scheme};

/// Encoded in a path: everything but `/` and the unreserved characters (RFC 3986, 2.3). A path may contain more, but
/// `(` ends a `url()` of CSS, `,` an entry of a `srcset`, and `*` and `:` have a meaning in the configuration of hosts.
/// One encoding has to be right in all of them.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Encoded in a fragment (RFC 3986, 3.5).
const FRAGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Characters with a meaning in a link: the end of its path, and an escape.
const IN_LINKS: &AsciiSet = &CONTROLS.add(b'#').add(b'?').add(b'%');

/// Characters not allowed in any address (RFC 3986, 2).
const IN_NO_ADDRESS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A path in ASCII, for feeds, sitemaps, headers and the configuration of hosts.
pub(crate) fn encode(path: &str) -> Cow<'_, str> {
    utf8_percent_encode(path, PATH).into()
}

/// A path as written in HTML. Letters of every script are kept (an IRI, RFC 3987): browsers encode them, and people can
/// read them.
pub(crate) fn href(path: &str) -> Cow<'_, str> {
    readable(path, PATH)
}

/// A fragment as written in HTML, without the `#`.
pub(crate) fn fragment(anchor: &str) -> Cow<'_, str> {
    readable(anchor, FRAGMENT)
}

/// Characters that end a link in Markdown (CommonMark, 6.3), besides those in [`IN_LINKS`].
const IN_MARKDOWN: &AsciiSet = &IN_LINKS.add(b' ').add(b'(').add(b')');

/// A segment of a path, or a value in a query: as [`encode`], with `/` encoded too.
#[cfg(any(feature = "publish", test))]
pub(crate) fn encode_component(text: &str) -> Cow<'_, str> {
    const COMPONENT: &AsciiSet = &PATH.add(b'/');
    utf8_percent_encode(text, COMPONENT).into()
}

/// A path as the target of a link in Markdown.
pub(crate) fn markdown_link(path: &str) -> Cow<'_, str> {
    readable(path, IN_MARKDOWN)
}

/// A link in which `?` and `#` are part of a name, for messages that suggest one; what is already encoded is kept.
pub(crate) fn literal(written: &str) -> Cow<'_, str> {
    const DELIMITERS: &AsciiSet = &AsciiSet::EMPTY.add(b'?').add(b'#');
    readable(written, DELIMITERS)
}

/// A path as written by hand in a link, for messages that suggest one.
pub(crate) fn link_to(path: &str) -> Cow<'_, str> {
    readable(path, IN_LINKS)
}

/// An external address as written in HTML: what is already encoded is kept. A phone number keeps its spaces, as do all
/// other addresses that are not web addresses.
pub(crate) fn outside(written: &str) -> Cow<'_, str> {
    if is_web(written) || written.starts_with("//") {
        readable(written, IN_NO_ADDRESS)
    } else {
        Cow::Borrowed(written)
    }
}

/// An already encoded address in ASCII (RFC 3987, 3.1).
pub(crate) fn ascii(address: &str) -> Cow<'_, str> {
    utf8_percent_encode(address, CONTROLS).into()
}

/// Encodes the ASCII characters of `set`, and keeps everything beyond ASCII.
fn readable<'a>(text: &'a str, set: &'static AsciiSet) -> Cow<'a, str> {
    if text.is_ascii() {
        return utf8_percent_encode(text, set).into();
    }
    let mut encoded = String::with_capacity(text.len() + 8);
    for part in text.split_inclusive(|character: char| !character.is_ascii()) {
        let ascii = part.trim_end_matches(|character: char| !character.is_ascii());
        encoded.extend(utf8_percent_encode(ascii, set));
        encoded.push_str(&part[ascii.len()..]);
    }
    Cow::Owned(encoded)
}

/// Decodes percent-encoding as people write it, and normalizes to NFC: a `%` that encodes nothing is kept, and so is
/// text that would not be UTF-8.
pub(crate) fn decode(written: &str) -> Cow<'_, str> {
    match percent_decode_str(written).decode_utf8().unwrap_or(Cow::Borrowed(written)) {
        Cow::Borrowed(name) => nfc(name),
        Cow::Owned(name) => Cow::Owned(nfc(&name).into_owned()),
    }
}

/// The decoded path of a request without its first `/` (RFC 3986, 2.1). `None` if it cannot name a file: not UTF-8,
/// `..`, an empty segment, a segment that contains `/` or `\`, a control character, a `%` that encodes nothing.
pub(crate) fn request_path(path: &str) -> Option<String> {
    let path = path.strip_prefix('/')?;
    let mut parts = path.split('/').peekable();
    let mut decoded = String::with_capacity(path.len());
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let part = strictly_decoded(part)?;
        let is_name = match &*part {
            "" => is_last,
            "." | ".." => false,
            part => !part.contains(is_in_no_name),
        };
        if !is_name {
            return None;
        }
        decoded.push_str(&part);
        if !is_last {
            decoded.push('/');
        }
    }
    Some(nfc(&decoded).into_owned())
}

/// Whether this character is forbidden in the names of published files: browsers read `\` as `/`, and remove control
/// characters (URL Standard, 4.4).
pub(crate) fn is_in_no_name(character: char) -> bool {
    matches!(character, '/' | '\\') || character.is_control()
}

fn strictly_decoded(part: &str) -> Option<Cow<'_, str>> {
    let is_encoded = |rest: &str| {
        rest.as_bytes().get(..2).is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
    };
    let is_valid = part.split('%').skip(1).all(is_encoded);
    percent_decode_str(part).decode_utf8().ok().filter(|_| is_valid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_of_a_path_are_encoded() {
        assert_eq!(encode("/ਰੋਜ਼ $a/*"), "/%E0%A8%B0%E0%A9%8B%E0%A8%9C%E0%A8%BC%20%24a/%2A");
        assert_eq!(encode("/old-1_a.html"), "/old-1_a.html");
        assert_eq!(href("/ਰੋਜ਼ 50%?#(a),'b'/"), "/ਰੋਜ਼%2050%25%3F%23%28a%29%2C%27b%27/");
        assert_eq!(href("é/ /ü"), "é/%20/ü");
        assert_eq!(fragment("a b:c%é"), "a%20b:c%25é");
        assert_eq!(literal("é?/a%20b#c"), "é%3F/a%20b%23c");
        assert_eq!(encode_component("/a b&c=é"), "%2Fa%20b%26c%3D%C3%A9");
        assert_eq!(markdown_link("é (a)/b c?#%.md"), "é%20%28a%29/b%20c%3F%23%25.md");
        assert_eq!(ascii("https://a.org/caf%C3%A9/é"), "https://a.org/caf%C3%A9/%C3%A9");
        assert_eq!(outside("https://é.org/a b%20?c={d}#e"), "https://é.org/a%20b%20?c=%7Bd%7D#e");
        assert_eq!(outside("tel:+44 1632 960123"), "tel:+44 1632 960123");
        assert!(matches!(href("/stories/rose/"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_percent_sign_that_encodes_nothing_is_kept() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%41%+1"), "%zzA%+1");
        assert_eq!(decode("%ff"), "%ff");
        assert_eq!(decode("a%20b.md"), "a b.md");
        assert_eq!(decode("cafe%CC%81.md"), decode("cafe\u{301}.md"));
        assert_eq!(decode("cafe\u{301}.md"), "café.md");
    }

    #[test]
    fn the_path_of_a_request_is_decoded() {
        assert_eq!(request_path("/").as_deref(), Some(""));
        assert_eq!(request_path("/stories/rose/").as_deref(), Some("stories/rose/"));
        assert_eq!(request_path("/caf%C3%A9%20a/").as_deref(), Some("café a/"));
        assert_eq!(request_path("/a%23b%3F100%25.pdf").as_deref(), Some("a#b?100%.pdf"));
    }

    #[test]
    fn paths_that_cannot_name_a_file_are_refused() {
        let bad = [
            "",
            "x",
            "//",
            "//a",
            "/a//b",
            "/..",
            "/../a",
            "/a/../b",
            "/./a",
            "/%2e%2e/a",
            "/a%2f..",
            "/%5c",
            "/a\\b",
            "/%00",
            "/a%0d%0a",
            "/%",
            "/%4",
            "/%zz",
            "/%+1",
            "/%ff",
            "*",
        ];
        for path in bad {
            assert_eq!(request_path(path), None, "{path}");
        }
    }
}
