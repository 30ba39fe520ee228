//! Determines a file's media type from its name, and whether it may be published.
//!
//! The only such table of the project. The types are those registered with IANA, from the crate `mime_guess`; [`OWN`]
//! corrects it where browsers or hosts expect others.

use std::borrow::Cow;

/// Corrections of `mime_guess`, which has these types under former or private names.
const OWN: [(&str, &str); 11] = [
    ("m4a", "audio/mp4"),
    ("m4v", "video/mp4"),
    ("mjs", "text/javascript"),
    ("otf", "font/otf"),
    ("pages", "application/vnd.apple.pages"),
    ("srt", "text/plain"),
    ("vcf", "text/vcard"),
    ("woff", "font/woff"),
    // For feeds too: browsers do not display `application/atom+xml`.
    ("xml", "application/xml"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
];

/// The type of unknown files: browsers save them and run nothing in them.
const UNKNOWN: &str = "application/octet-stream";

/// The `Content-Type` of the file at `path`, by its extension in any case. Text is UTF-8.
pub(crate) fn of(path: &str) -> Cow<'static, str> {
    let kind = essence(path);
    match kind.starts_with("text/") || kind == "application/xml" {
        true => Cow::Owned(format!("{kind}; charset=utf-8")),
        false => Cow::Borrowed(kind),
    }
}

/// The media type of the file at `path`, without its parameters.
pub(crate) fn essence(path: &str) -> &'static str {
    of_extension(&ending(path))
}

/// The media type for an extension in lower case, without parameters.
pub(crate) fn of_extension(extension: &str) -> &'static str {
    match OWN.iter().find(|(known, _)| *known == extension) {
        Some((_, kind)) => kind,
        None => mime_guess::from_ext(extension).first_raw().unwrap_or(UNKNOWN),
    }
}

/// The extension of a file's name in lower case; empty if it has none.
pub(crate) fn ending(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase())
}

/// What a file does on a visitor's computer, as far as publishing depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// It is only read, heard or viewed.
    Document,
    /// It is an image, whose metadata may say where it was taken.
    Picture,
    /// The operating system runs it.
    Program,
    /// A browser runs its content with all permissions of the site.
    Active,
}

/// Extensions of programs, installers and scripts.
const PROGRAMS: [&str; 97] = [
    "aab",
    "action",
    "apk",
    "app",
    "appimage",
    "application",
    "appx",
    "appxbundle",
    "asp",
    "aspx",
    "bash",
    "bat",
    "bin",
    "bundle",
    "cgi",
    "chm",
    "cmd",
    "com",
    "command",
    "cpl",
    "crx",
    "csh",
    "deb",
    "desktop",
    "dll",
    "dmg",
    "dylib",
    "elf",
    "exe",
    "fish",
    "flatpak",
    "flatpakref",
    "gadget",
    "hlp",
    "inf",
    "ins",
    "ipa",
    "iso",
    "jar",
    "jnlp",
    "jse",
    "jsp",
    "ksh",
    "lnk",
    "lua",
    "mpkg",
    "msc",
    "msh",
    "msi",
    "msix",
    "msixbundle",
    "msp",
    "mst",
    "msu",
    "ocx",
    "phar",
    "php",
    "php3",
    "php4",
    "php5",
    "phtml",
    "pif",
    "pkg",
    "pl",
    "pm",
    "ps1",
    "psd1",
    "psm1",
    "py",
    "pyc",
    "pyw",
    "rb",
    "reg",
    "rpm",
    "run",
    "scf",
    "scpt",
    "scr",
    "sct",
    "service",
    "sh",
    "snap",
    "so",
    "sys",
    "tcsh",
    "url",
    "vb",
    "vbe",
    "vbs",
    "webloc",
    "workflow",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "xpi",
    "zsh",
];

/// Extensions of content that a browser runs, besides HTML, XML and scripts, which are recognized by media type.
const ACTIVE: [&str; 10] =
    ["hta", "htc", "mht", "mhtml", "shtml", "svgz", "swf", "wasm", "xap", "xht"];

/// The behaviour of the file at `path`, by its extension in any case.
pub(crate) fn behaviour(path: &str) -> Behaviour {
    let ending = ending(path);
    let is_in = |list: &[&str]| list.contains(&ending.as_str());
    let kind = essence(path);
    let is_markup = kind.ends_with("+xml") || kind.ends_with("/xml") || kind == "text/html";
    if is_in(&PROGRAMS) {
        Behaviour::Program
    } else if is_markup || kind.ends_with("javascript") || is_in(&ACTIVE) {
        Behaviour::Active
    } else if kind.starts_with("image/") {
        Behaviour::Picture
    } else {
        Behaviour::Document
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_determines_the_type_in_any_case() {
        for (path, kind) in [
            ("index.html", "text/html; charset=utf-8"),
            ("styles/main.0123456789abcdef.css", "text/css; charset=utf-8"),
            ("script.mjs", "text/javascript; charset=utf-8"),
            ("stories/feed.xml", "application/xml; charset=utf-8"),
            ("manifest.webmanifest", "application/manifest+json"),
            ("favicon.ico", "image/x-icon"),
            ("images/leaf.svg", "image/svg+xml"),
            ("fonts/a.woff", "font/woff"),
            ("fonts/a.woff2", "font/woff2"),
            ("Scan.PDF", "application/pdf"),
            ("song.MP3", "audio/mpeg"),
            ("talk.m4a", "audio/mp4"),
            ("film.MP4", "video/mp4"),
            ("captions.vtt", "text/vtt; charset=utf-8"),
            ("diary.ics", "text/calendar; charset=utf-8"),
            ("rose.vcf", "text/vcard; charset=utf-8"),
            ("list.csv", "text/csv; charset=utf-8"),
            ("notes.txt", "text/plain; charset=utf-8"),
            ("budget.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (
                "talk.pptx",
                "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            ),
            (
                "letter.Docx",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            ("letter.odt", "application/vnd.oasis.opendocument.text"),
            ("book.epub", "application/epub+zip"),
            ("all.zip", "application/zip"),
            ("LICENSE", "application/octet-stream"),
            ("folder.d/LICENSE", "application/octet-stream"),
            ("what.ever", "application/octet-stream"),
        ] {
            assert_eq!(of(path), kind, "{path}");
        }
    }

    #[test]
    fn programs_are_distinguished_from_documents() {
        let table = [
            (
                Behaviour::Document,
                "a.pdf a.PDF a.mp3 a.pptx a.xlsx a.docx a.odt a.csv a.txt a.ics a.vtt a.epub a.zip a.json \
                 a.mp4 a.webm a.rtf a.doc a.kmz a a.unknown a.md a.css a.yaml",
            ),
            (Behaviour::Picture, "a.heic a.HEIF a.tif a.tiff a.avif a.bmp a.jpg a.ico a.psd.jpeg"),
            (
                Behaviour::Program,
                "a.exe a.EXE a.msi a.bat a.cmd a.sh a.jar a.apk a.dmg a.ps1 a.vbs a.deb a.lnk a.php a.py \
                 leaflet.pdf.exe a.com",
            ),
            (
                Behaviour::Active,
                "a.html a.HTM a.xhtml a.xht a.shtml a.xml a.rss a.atom a.xsl a.svg a.svgz a.js a.mjs \
                 a.wasm a.gpx a.kml a.mathml a.swf a.mht a.hta",
            ),
        ];
        for (expected, paths) in table {
            for path in paths.split_whitespace() {
                assert_eq!(behaviour(path), expected, "{path}");
            }
        }
    }
}
