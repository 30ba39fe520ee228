//! Reads the names in Office documents (ECMA-376: `docProps`, comments, tracked changes) and in OpenDocument
//! (`meta.xml`, `content.xml`).

use std::borrow::Cow;
use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use super::{Named, Role, xml};

/// The most bytes read of a part. Properties have a few hundred.
const MAX_BYTES: u64 = 1024 * 1024;

/// The most parts searched for comments and tracked changes.
const MAX_PARTS: usize = 32;

pub(super) fn names(bytes: &[u8]) -> Vec<Named> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return Vec::new() };
    let parts = archive.file_names().flatten().map(Cow::into_owned);
    let parts: Vec<String> = parts.filter(|name| is_reviewed(name)).take(MAX_PARTS).collect();
    let mut read = |name: &str, role: &dyn Fn(&str) -> Option<Role>| {
        let text = text(&mut archive, name).unwrap_or_default();
        xml::names(&text, role)
    };
    let mut found = read("docProps/core.xml", &of_office);
    found.extend(read("docProps/app.xml", &of_office));
    found.extend(read("meta.xml", &of_opendocument));
    for part in parts {
        let role = |name: &str| is_reviewer(&part, name).then_some(Role::Reviewer);
        found.extend(read(&part, &role));
    }
    found
}

/// Whether a part of a document may contain comments or tracked changes.
fn is_reviewed(part: &str) -> bool {
    const OF_WORD: [&str; 7] =
        ["comments", "document", "endnotes", "footer", "footnotes", "header", "people"];
    match part.split_once('/') {
        Some(("word", name)) => OF_WORD.iter().any(|known| name.starts_with(known)),
        Some(("ppt", name)) => matches!(name, "commentAuthors.xml" | "authors.xml"),
        Some(("xl", name)) => name.starts_with("comments") || name.starts_with("persons/"),
        _ => part == "content.xml",
    }
}

/// Whether an element or attribute of such a part holds the name of a reviewer.
fn is_reviewer(part: &str, name: &str) -> bool {
    match part.split('/').next() {
        Some("ppt") => name == "name",
        Some("content.xml") => name == "creator",
        _ => matches!(name, "author" | "displayName"),
    }
}

fn text(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Option<String> {
    let mut bytes = Vec::new();
    // What was read before an error is enough.
    let _ = archive.by_name(name).ok()?.take(MAX_BYTES).read_to_end(&mut bytes);
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn of_office(name: &str) -> Option<Role> {
    match name {
        "creator" => Some(Role::Author),
        "lastModifiedBy" => Some(Role::LastModifiedBy),
        "Company" => Some(Role::Company),
        "Manager" => Some(Role::Manager),
        _ => None,
    }
}

/// OpenDocument 1.3, part 3, 4.3: `dc:creator` is the person who last saved it.
fn of_opendocument(name: &str) -> Option<Role> {
    match name {
        "initial-creator" => Some(Role::Author),
        "creator" => Some(Role::LastModifiedBy),
        _ => None,
    }
}
