//! Decides which linked files of `content/` may be published: no pages, images, data, settings or executable content.
//!
//! A file that no page links to is not published. Which files are linked is known when every page is rendered, as for
//! images.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::media_type::{self, Behaviour};
use crate::parse::{self, Lookalike};
use crate::source::SourceKind;

/// A file of `content/` that is neither a page nor an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Attachment {
    /// The digest of its bytes.
    pub digest: Digest,
    /// Why it is never published, even if a page links to it.
    pub withheld: Option<Withheld>,
}

/// Why a file is never published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// A browser would run its content as part of the site.
    Active,
    /// It begins like a draft or a scheduled page.
    Draft,
    /// It is an image of a format whose metadata cannot be removed.
    Picture,
    /// It is a program, an installer or a script.
    Program,
    /// It configures the site: settings, forms, texts of the theme.
    Settings,
}

/// What a file's bytes reveal, if relevant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// It begins like a page.
    Page,
    /// It begins like a draft or a scheduled page.
    Draft,
    /// It is executable, whatever its name.
    Program,
}

/// The content of files, by the digest of their bytes. Most files are not in it.
pub(crate) type KnownAttachments = BTreeMap<Digest, Content>;

/// How much of a file is examined, in bytes.
const LOOKED_AT: usize = 64 * 1024;

/// Examines the bytes of a file.
pub(crate) fn look(bytes: &[u8]) -> Option<Content> {
    /// Linux, a script, and macOS in both byte orders and for several processors.
    const PROGRAMS: [&[u8]; 6] = [
        b"\x7fELF",
        b"#!",
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
    ];
    // Text may begin like a Windows program, but has no zero bytes.
    let is_windows = bytes.starts_with(b"MZ") && bytes.iter().take(64).any(|byte| *byte == 0);
    if is_windows || PROGRAMS.iter().any(|start| bytes.starts_with(start)) {
        return Some(Content::Program);
    }
    Some(match parse::lookalike(&bytes[..bytes.len().min(LOOKED_AT)])? {
        Lookalike::Open => Content::Page,
        Lookalike::Withheld => Content::Draft,
    })
}

impl Attachment {
    /// The file at `path`, from the root, with these bytes.
    pub fn new(path: &str, digest: Digest, content: Option<Content>, drafts: bool) -> Attachment {
        let kind = SourceKind::of(path);
        let is_settings =
            matches!(kind, SourceKind::Settings | SourceKind::Form | SourceKind::Strings);
        let withheld = match (media_type::behaviour(path), content) {
            _ if is_settings => Some(Withheld::Settings),
            (Behaviour::Active, _) => Some(Withheld::Active),
            (Behaviour::Picture, _) => Some(Withheld::Picture),
            (Behaviour::Program, _) | (_, Some(Content::Program)) => Some(Withheld::Program),
            (_, Some(Content::Draft)) if !drafts => Some(Withheld::Draft),
            (Behaviour::Document, _) => None,
        };
        Attachment { digest, withheld }
    }
}

/// The name that would make a file a page: `rose.md` for `rose.md.txt` and for `rose.txt`.
pub(crate) fn page_name(path: &str) -> String {
    const ENDINGS: [&str; 11] = [
        ".markdown",
        ".mdown",
        ".txt",
        ".text",
        ".bak",
        ".old",
        ".orig",
        ".save",
        ".docx",
        ".odt",
        ".md",
    ];
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut stem = name.len();
    let lower = name.to_ascii_lowercase();
    while let Some(ending) = ENDINGS.iter().find(|ending| lower[..stem].ends_with(**ending)) {
        stem -= ending.len();
    }
    if stem == name.len() {
        // The name is everything before an unknown extension.
        stem = name.rfind('.').filter(|at| *at > 0).unwrap_or(stem);
    }
    format!("{}.md", &name[..stem])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_named_after_its_file() {
        for (file, page) in [
            ("stories/rose.md.txt", "rose.md"),
            ("Copy of rose.txt", "Copy of rose.md"),
            ("rose.MD.bak", "rose.md"),
            ("rose.md.2", "rose.md.md"),
            ("rose", "rose.md"),
            ("rose.page", "rose.md"),
            ("ਰੋਜ਼.txt", "ਰੋਜ਼.md"),
        ] {
            assert_eq!(page_name(file), page, "{file}");
        }
    }

    #[test]
    fn private_files_are_withheld_for_the_first_reason() {
        let page = b"---\ntitle: Rose\n---\n".as_slice();
        let draft = b"---\ntitle: Rose\ndraft: true\n---\n".as_slice();
        for (path, bytes, withheld) in [
            ("content/leaflet.pdf", &b"%PDF-1.7"[..], None),
            ("content/song.MP3", b"ID3", None),
            ("content/LICENSE", b"Words", None),
            ("content/data/streets.csv", b"street\n", None),
            ("content/rose.txt", page, None),
            ("content/rose.md.txt", draft, Some(Withheld::Draft)),
            ("content/rose.bak", draft, Some(Withheld::Draft)),
            ("content/rose.docx", draft, Some(Withheld::Draft)),
            ("content/setup.exe", b"", Some(Withheld::Program)),
            ("content/leaflet.pdf", b"MZ\x90\0", Some(Withheld::Program)),
            ("content/install", b"#!/bin/sh\n", Some(Withheld::Program)),
            ("content/old.HTML", b"", Some(Withheld::Active)),
            ("content/walk.gpx", b"<gpx/>", Some(Withheld::Active)),
            ("content/photo.heic", b"", Some(Withheld::Picture)),
            ("content/data/photo.jpg", b"", Some(Withheld::Picture)),
            ("content/site.yaml", b"title: A site\n", Some(Withheld::Settings)),
            ("content/forms/chat.yaml", b"", Some(Withheld::Settings)),
            ("content/strings/pa.yaml", b"", Some(Withheld::Settings)),
            ("content/strings/pa.png", b"", Some(Withheld::Settings)),
        ] {
            let file = Attachment::new(path, Digest::blake3(bytes), look(bytes), false);
            assert_eq!(file.withheld, withheld, "{path}");
        }
        let shown = Attachment::new("content/a.txt", Digest::blake3(draft), look(draft), true);
        assert_eq!(shown.withheld, None);
    }
}
