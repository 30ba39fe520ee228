//! Collects what pages refer to: style sheets, the theme's files, images and attachments.
//!
//! Only the theme's files and [`UNASKED`] are always published. Images and other files of
//! `content/` are published if an output shows or links to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha384};

use super::files::below_content;
use super::{Output, OutputSource};
use crate::attachment::{self, Attachment};
use crate::cache::Record;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::images::{self, ResponsiveImage};
use crate::media_type;
use crate::outputs::style::{self, Bundle, FileStatus};
use crate::site::Asset;
use crate::site::{ICONS, VECTOR_ICON};
use crate::source::{SourceKind, is_image};
use crate::theme::ThemeFiles;
use crate::url::BaseUrl;

/// The images under `content/`, by path below it.
pub(super) fn pictures(
    sources: &[Record],
    images: &images::KnownImages,
    settings: &images::ImageSettings,
) -> BTreeMap<String, ResponsiveImage> {
    let pictures = sources.iter().filter(|record| is_image(&record.path));
    pictures
        .filter_map(|Record { path, digest, .. }| {
            let probed = images.get(digest)?.clone();
            let picture = ResponsiveImage::new(path, *digest, probed, settings);
            Some((below_content(path).to_owned(), picture))
        })
        .collect()
}

/// Files that pages refer to, by the name that templates use.
pub(super) type ByName = BTreeMap<String, Asset>;

/// The file of `content/` that is published even if no page links to it: programs request it by
/// this name.
const UNASKED: &str = "content/robots.txt";

/// The files of `content/` that are neither pages nor images, by path below it.
pub(super) fn attachments(
    sources: &[Record],
    known: &attachment::KnownAttachments,
    drafts: bool,
) -> BTreeMap<String, Attachment> {
    let files = sources.iter().filter(|record| SourceKind::of(&record.path).is_attachment());
    let attachment = |Record { path, digest, .. }: &Record| {
        let content = known.get(digest).copied();
        (below_content(path).to_owned(), Attachment::new(path, *digest, content, drafts))
    };
    files.map(attachment).collect()
}

/// Returns the style sheets, bundled for a site at `base_url`, the theme's files and the site's own
/// files that are always published, and the errors of the style sheets. A sheet that is not valid
/// CSS is empty. `has_own_icon` says whether the site's own icon replaces those of the theme.
pub(super) fn assets(
    theme: &ThemeFiles,
    sources: &[Record],
    base_url: &BaseUrl,
    has_own_icon: bool,
) -> (ByName, Vec<Output>, Vec<Diagnostic>) {
    let mut assets = BTreeMap::new();
    let mut outputs = Vec::new();
    let mut add = |name: String, path: String, asset: Asset, source: OutputSource| {
        assets.insert(name, asset);
        outputs.push(Output { path, source });
    };
    let mut faults = Vec::new();
    for (name, file) in theme {
        if let Some(path) = name.strip_prefix("static/") {
            let digest = Digest::blake3(&file.bytes);
            // Browsers and programs request these by their own names.
            let plain = (!ICONS.contains(&path)).then(|| path.to_owned());
            let named = if plain.is_some() { fingerprinted(path, digest) } else { path.to_owned() };
            let is_checked = matches!(media_type::ending(path).as_str(), "css" | "js" | "mjs");
            let integrity = is_checked.then(|| integrity(&file.bytes));
            let asset = Asset { url: format!("/{named}"), plain, integrity, digest };
            let source = OutputSource::Bytes(Arc::new(file.bytes.clone()), digest);
            add(name.clone(), path.to_owned(), asset, source);
        } else if name == "styles/main.css" {
            let status_of = |path: &str| status_of(path, sources, has_own_icon);
            let bundled = style::bundle(theme, name, base_url, &status_of);
            let (css, found) = match bundled {
                Ok(Bundle { css, found }) => (css, found),
                Err(found) => (String::new(), found),
            };
            faults.extend(found);
            let digest = Digest::blake3(&css);
            let path = format!("styles/main.{}.css", digest.short());
            let integrity = Some(integrity(css.as_bytes()));
            let asset = Asset { url: format!("/{path}"), plain: None, integrity, digest };
            add(name.clone(), path, asset, OutputSource::Bytes(Arc::new(css.into()), digest));
        }
    }
    if let Some(Record { path, digest, .. }) = super::record(sources, UNASKED) {
        let output = Output::attachment(below_content(path), *digest);
        let url = format!("/{}", output.path);
        let asset = Asset { url, plain: None, integrity: None, digest: *digest };
        add(path.clone(), output.path, asset, output.source);
    }
    (assets, outputs, faults)
}

/// Classifies a path below the output folder for a style sheet, if the theme has no such file.
/// Pages and settings are never published as they are.
fn status_of(path: &str, sources: &[Record], has_own_icon: bool) -> FileStatus {
    let source = format!("content/{path}");
    if has_own_icon && ICONS.contains(&path) && path != VECTOR_ICON {
        return FileStatus::Published;
    }
    let Some(record) = super::record(sources, &source) else { return FileStatus::Missing };
    let may_be_linked = || {
        let attachment = Attachment::new(&source, record.digest, None, true);
        SourceKind::of(&source).is_attachment() && attachment.withheld.is_none()
    };
    match source.as_str() {
        UNASKED => FileStatus::Published,
        _ if is_image(&source) || may_be_linked() => FileStatus::OnDemand,
        _ => FileStatus::Missing,
    }
}

/// Inserts a file's digest before the extension: `play.0123456789abcdef.js`.
fn fingerprinted(path: &str, digest: Digest) -> String {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let slash = if folder.is_empty() { "" } else { "/" };
    format!("{folder}{slash}{stem}.{}{ending}", digest.short())
}

/// Subresource Integrity (W3C): `sha384-` and the digest in base 64.
pub(super) fn integrity(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let hash = Sha384::digest(bytes);
    let letters = hash.chunks(3).flat_map(|three| {
        // 48 bytes are 16 groups of three, so there is no padding.
        let bits = three.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(LETTERS[(bits >> shift) as usize & 63]))
    });
    format!("sha384-{}", letters.collect::<String>())
}
