//! Gathers what pages refer to: styles, the theme's own files, pictures, and files beside pages. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha384};

use super::files::below_content;
use super::{Output, Source};
use crate::derive::image::{self, Picture};
use crate::derive::style;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::load::File;
use crate::manifest::Record;
use crate::site::Asset;
use crate::theme::ThemeFiles;

/// The pictures under `content/`, by their path below it.
pub(super) fn pictures(
    sources: &[Record],
    images: &image::Known,
    settings: &image::Settings,
) -> BTreeMap<String, Picture> {
    let pictures = sources.iter().filter(|record| image::is_picture(&record.path));
    pictures
        .filter_map(|Record { path, digest, .. }| {
            let probed = images.get(digest)?.clone();
            let picture = Picture::new(path, *digest, probed, settings);
            Some((below_content(path).to_owned(), picture))
        })
        .collect()
}

/// Files that pages refer to, by the name that templates call them.
pub(super) type ByName = BTreeMap<String, Asset>;

/// Styles bundled, the theme's own files, and files beside pages.
pub(super) fn assets(
    theme: &ThemeFiles,
    files: &[File],
    sources: &[Record],
) -> Result<(ByName, Vec<Output>), Vec<Diagnostic>> {
    let mut assets = BTreeMap::new();
    let mut outputs = Vec::new();
    let mut add = |name: String, path: String, asset: Asset, source: Source| {
        assets.insert(name, asset);
        outputs.push(Output { path, source });
    };
    let mut faults = Vec::new();
    for (name, file) in theme {
        if let Some(path) = name.strip_prefix("static/") {
            let digest = Digest::of(&file.bytes);
            let asset = Asset { url: format!("/{path}"), integrity: None, digest };
            let source = Source::Bytes(Arc::new(file.bytes.clone()), digest);
            add(name.clone(), path.to_owned(), asset, source);
        } else if name == "styles/main.css" {
            match style::bundle(theme, name) {
                Ok(css) => {
                    let digest = Digest::of(&css);
                    let path = format!("styles/main.{}.css", digest.short());
                    let integrity = Some(integrity(css.as_bytes()));
                    let asset = Asset { url: format!("/{path}"), integrity, digest };
                    add(name.clone(), path, asset, Source::Bytes(Arc::new(css.into()), digest));
                }
                Err(fault) => faults.push(fault),
            }
        }
    }
    for file in files.iter().filter(|file| is_attachment(&file.path)) {
        let at = sources.binary_search_by(|record| record.path.as_str().cmp(&file.path));
        let digest = sources[at.expect("every file was recorded")].digest;
        let path = below_content(&file.path).to_owned();
        let asset = Asset { url: format!("/{path}"), integrity: None, digest };
        add(file.path.clone(), path, asset, Source::Copy(file.path.clone(), digest));
    }
    if faults.is_empty() { Ok((assets, outputs)) } else { Err(faults) }
}

/// Files that lie beside pages for people to fetch, such as a leaflet.
pub(super) fn is_attachment(path: &str) -> bool {
    const KINDS: [&str; 9] = ["pdf", "txt", "csv", "ics", "vtt", "odt", "docx", "xlsx", "epub"];
    path.starts_with("content/")
        && !path.starts_with("content/forms/")
        && !path.starts_with("content/data/")
        && !path.starts_with("content/strings/")
        && path.rsplit_once('.').is_some_and(|(_, kind)| KINDS.contains(&kind))
}

/// Subresource Integrity (W3C): `sha384-` and the digest in base 64.
pub(super) fn integrity(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let hash = Sha384::digest(bytes);
    let letters = hash.chunks(3).flat_map(|three| {
        // 48 bytes are 16 threes: there is never a rest to pad.
        let bits = three.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(LETTERS[(bits >> shift) as usize & 63]))
    });
    format!("sha384-{}", letters.collect::<String>())
}
