//! Finds addresses in finished HTML, fast enough for every rendered page.
//!
//! Tags and attributes are read as by HTML's tokenizer (HTML, 13.2.5), without a tree: `daisy check`, which needs one,
//! has its own parser.

pub(crate) mod document;
pub(crate) mod email;
mod escape;
mod expired;
pub(crate) mod links;
pub(crate) mod plain_text;

use std::borrow::Cow;

use memchr::{memchr, memchr2, memmem};

use crate::url::{BaseUrl, decode, is_web, resolve_with};

pub(crate) use escape::{escape, escape_attribute, escape_text, escaped};
pub(crate) use expired::{EXPIRED, without_expired};

/// The kinds of bytes that delimit tags and attributes, as bits.
mod kind {
    pub(super) const SPACE: u8 = 1;
    pub(super) const SLASH: u8 = 2;
    pub(super) const CLOSE: u8 = 4;
    pub(super) const EQUALS: u8 = 8;
}

/// The kind of each byte, so that one look-up decides it.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        kinds[byte] = match byte as u8 {
            b'/' => kind::SLASH,
            b'>' => kind::CLOSE,
            b'=' => kind::EQUALS,
            byte if byte.is_ascii_whitespace() => kind::SPACE,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

/// The attributes that name targets or resources of a page, by their last part, so that `data-src` and `xlink:href`
/// match too.
const ATTRIBUTES: [&[u8]; 5] = [b"href", b"src", b"poster", b"data", b"content"];

/// The addresses in a page, with HTML escapes resolved.
pub(crate) fn addresses(html: &[u8]) -> Addresses<'_> {
    Addresses { html, at: 0, in_tag: false }
}

/// Where the content of `<body>` begins; `None` if the page has no such tag.
pub(crate) fn body_start(html: &[u8]) -> Option<usize> {
    let mut tags = addresses(html);
    loop {
        tags.go_into_tag()?;
        let is_body = html[..tags.at]
            .len()
            .checked_sub(5)
            .is_some_and(|from| html[from..tags.at].eq_ignore_ascii_case(b"<body"));
        while tags.attribute().is_some() {}
        tags.in_tag = false;
        if is_body {
            // The tag may be truncated.
            return html.get(tags.at).map(|_| tags.at + 1);
        }
    }
}

/// The addresses in a page, in order.
pub(crate) struct Addresses<'a> {
    html: &'a [u8],
    at: usize,
    in_tag: bool,
}

impl<'a> Iterator for Addresses<'a> {
    type Item = Cow<'a, str>;

    fn next(&mut self) -> Option<Cow<'a, str>> {
        loop {
            if !self.in_tag {
                self.go_into_tag()?;
            }
            let Some((name, value)) = self.attribute() else {
                self.in_tag = false;
                continue;
            };
            // Few attributes end like one of them.
            if !name.last().is_some_and(|last| b"fcrat".contains(&last.to_ascii_lowercase())) {
                continue;
            }
            let end = name.rsplit(|byte| matches!(byte, b'-' | b':')).next().unwrap_or(name);
            if !ATTRIBUTES.iter().any(|known| known.eq_ignore_ascii_case(end)) {
                continue;
            }
            let Ok(value) = std::str::from_utf8(value) else { continue };
            let value = value.trim_ascii();
            // The content of a `<meta>` is usually text: only a complete address counts.
            if end.eq_ignore_ascii_case(b"content") && !is_web(value) {
                continue;
            }
            return Some(match value.contains('&') {
                true => quick_xml::escape::unescape(value).unwrap_or(Cow::Borrowed(value)),
                false => Cow::Borrowed(value),
            });
        }
    }
}

impl<'a> Addresses<'a> {
    /// Moves to the end of the next tag's name. `None` if there is none.
    fn go_into_tag(&mut self) -> Option<()> {
        loop {
            let rest = self.html.get(self.at..)?;
            self.at += memchr(b'<', rest)? + 1;
            let rest = &self.html[self.at..];
            if let Some(comment) = rest.strip_prefix(b"!--") {
                self.at += 3 + memmem::find(comment, b"-->")?;
            } else if rest.first().is_some_and(u8::is_ascii_alphabetic) {
                self.skip_to(kind::SLASH | kind::CLOSE | kind::SPACE);
                self.in_tag = true;
                return Some(());
            }
        }
    }

    /// The next attribute of the tag, its value without quotation marks; `None` at the tag's end.
    fn attribute(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        self.skip(kind::SLASH | kind::SPACE);
        if self.html.get(self.at).is_none_or(|byte| *byte == b'>') {
            return None;
        }
        // A leading `=` is part of a name.
        let start = self.at;
        self.at += 1;
        self.skip_to(kind::EQUALS | kind::SLASH | kind::CLOSE | kind::SPACE);
        let name = &self.html[start..self.at];
        let before = self.at;
        self.skip(kind::SPACE);
        if self.html.get(self.at) != Some(&b'=') {
            self.at = before;
            return Some((name, b""));
        }
        self.at += 1;
        self.skip(kind::SPACE);
        let rest = &self.html[self.at..];
        Some((
            name,
            match rest.first() {
                Some(quote @ (b'"' | b'\'')) => {
                    let length = memchr(*quote, &rest[1..]).unwrap_or(rest.len() - 1);
                    self.at += (length + 2).min(rest.len());
                    &rest[1..=length]
                }
                _ => {
                    let from = self.at;
                    self.skip_to(kind::CLOSE | kind::SPACE);
                    &self.html[from..self.at]
                }
            },
        ))
    }

    /// Skips bytes of these kinds.
    fn skip(&mut self, kinds: u8) {
        self.skip_while(|byte| KINDS[usize::from(byte)] & kinds != 0);
    }

    /// Skips bytes of all other kinds.
    fn skip_to(&mut self, kinds: u8) {
        self.skip_while(|byte| KINDS[usize::from(byte)] & kinds == 0);
    }

    fn skip_while(&mut self, is_skipped: impl Fn(u8) -> bool) {
        let rest = self.html.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| !is_skipped(*byte)).unwrap_or(rest.len());
    }
}

/// The path below the output folder of the file that an address refers to, as written on the page at `from` (such as
/// `/stories/rose/`) of a site at `base_url`. `None` for other sites, fragments of the same page, addresses outside the
/// site and addresses of pages, which end with `/`.
pub(crate) fn file<'a>(written: &'a str, from: &str, base_url: &BaseUrl) -> Option<Cow<'a, str>> {
    let written = match base_url.within(written) {
        Some(rest) => rest,
        None if written.starts_with('/') => return None,
        None => written,
    };
    let path = &written[..memchr2(b'?', b'#', written.as_bytes()).unwrap_or(written.len())];
    if path.is_empty() || path.ends_with('/') || path.starts_with("//") {
        return None;
    }
    let first = path.split('/').next().unwrap_or(path);
    if first.contains(':') {
        return None;
    }
    let is_plain = |path: &str| {
        !path.contains('%') && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
    };
    if let Some(path) = path.strip_prefix('/').filter(|path| is_plain(path)) {
        return Some(Cow::Borrowed(path));
    }
    let folder = if path.starts_with('/') { "" } else { &from[..=from.rfind('/')?] };
    let resolved = resolve_with(folder, path, decode);
    (!resolved.above_root).then_some(Cow::Owned(resolved.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_browsers_read_them() {
        let html = "<!DOCTYPE html><a href=\"/a.pdf\">1</a><a class=x HREF = '/b b.pdf' >2</a>\
            <a href=/c.pdf>3</a><img alt=\"x > y\" src='d.mp3'/><audio data-src=\"/e?f&amp;g\"></audio>\
            <use xlink:href=\"#i\"/><a title=\"href=/no.pdf\">4</a><!-- <a href=/no.pdf> -->\
            <p>href=\"/no.pdf\" &lt;a href=/no.pdf&gt; 1 < 2 </p>\
            <meta property=og:audio content=https://a.org/h.mp3><a href>5</a><a href=\" /i.pdf\n\">6</a>\
            <object data=j.pdf></object><video poster=k.png src><a href=\"/open";
        let found: Vec<_> = addresses(html.as_bytes()).collect();
        assert_eq!(
            found,
            [
                "/a.pdf",
                "/b b.pdf",
                "/c.pdf",
                "d.mp3",
                "/e?f&g",
                "#i",
                "https://a.org/h.mp3",
                "",
                "/i.pdf",
                "j.pdf",
                "k.png",
                "",
                "/open"
            ]
        );
        for end in 0..html.len() {
            // Truncated input is parsed without a panic.
            let _ = addresses(&html.as_bytes()[..end]).count();
        }
    }

    #[test]
    fn an_address_is_resolved_from_its_page() {
        let (base, none) = (BaseUrl::new("https://a.org"), BaseUrl::default());
        for (written, path) in [
            ("/leaflet.pdf", Some("leaflet.pdf")),
            ("leaflet.pdf", Some("stories/rose/leaflet.pdf")),
            ("../a%20b.pdf#page=3", Some("stories/a b.pdf")),
            ("/a/../b%23.pdf?x", Some("b#.pdf")),
            ("https://a.org/a.pdf", Some("a.pdf")),
            ("https://a.org.evil/a.pdf", None),
            ("https://b.org/a.pdf", None),
            ("//b.org/a.pdf", None),
            ("mailto:a@b.org", None),
            ("../../../a.pdf", None),
            ("/stories/", None),
            ("#top", None),
            ("?a=b", None),
            ("", None),
        ] {
            assert_eq!(file(written, "/stories/rose/", &base).as_deref(), path, "{written}");
        }
        assert_eq!(file("a.pdf", "", &none).as_deref(), None);
        assert_eq!(file("/a.pdf", "", &none).as_deref(), Some("a.pdf"));
        assert_eq!(file("a.pdf", "/404.html", &none).as_deref(), Some("a.pdf"));
    }
}
