//! The names in Office documents (ECMA-376, `docProps`) and in OpenDocument (`meta.xml`). Pure.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use super::{Named, Role, xml};

/// As much of a file of properties is read, in bytes. Real ones have a few hundred.
const MOST_BYTES: u64 = 1024 * 1024;

pub(super) fn names(bytes: &[u8]) -> Vec<Named> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return Vec::new() };
    let mut read = |name: &str, role: &dyn Fn(&str) -> Option<Role>| {
        let text = text(&mut archive, name).unwrap_or_default();
        xml::names(&text, role)
    };
    let mut found = read("docProps/core.xml", &of_office);
    found.extend(read("docProps/app.xml", &of_office));
    found.extend(read("meta.xml", &of_opendocument));
    found
}

fn text(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Option<String> {
    let mut bytes = Vec::new();
    // What was read before an error is enough.
    let _ = archive.by_name(name).ok()?.take(MOST_BYTES).read_to_end(&mut bytes);
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

/// OpenDocument 1.3, part 3, 4.3: `dc:creator` is whoever saved it last.
fn of_opendocument(name: &str) -> Option<Role> {
    match name {
        "initial-creator" => Some(Role::Author),
        "creator" => Some(Role::LastModifiedBy),
        _ => None,
    }
}
