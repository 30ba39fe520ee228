//! The outputs of five complete sites do not change by a byte.
//!
//! `golden/` has a digest of every output of each site, and for a thousand stories one of each folder.
//! `BLESS=1 cargo test --test golden` rewrites them after an intended change; the difference in Git
//! shows which outputs changed.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use support::{stories, tree};
use tempfile::TempDir;

/// The maximum number of changed outputs that a failure names.
const MAX_NAMED: usize = 40;

#[test]
fn the_campaign() {
    let site = empty_folder();
    copy(&workspace().join("content"), &site.path().join("content"));
    copy(&workspace().join("themes"), &site.path().join("themes"));
    is_kept("campaign", &digests(&build(site.path())));
}

#[test]
fn the_starter() {
    let site = empty_folder();
    let answers =
        ["--title", "Hearsall together", "--language", "en-GB", "--email", "us@hearsall.test"];
    daisy(site.path(), &[&["init"], &answers[..]].concat());
    // `daisy init` dates it today.
    let story = site.path().join("content/stories/our-first-story.md");
    let text = fs::read_to_string(&story).unwrap();
    let dated = text.lines().map(|line| match line.starts_with("date: ") {
        true => "date: 2026-11-30\n".to_owned(),
        false => format!("{line}\n"),
    });
    write(&story, dated.collect::<String>().as_bytes());
    is_kept("starter", &digests(&build(site.path())));
}

#[test]
fn the_kitchen_sink() {
    let site = empty_folder();
    copy(&workspace().join("tests/sites/kitchen-sink"), site.path());
    is_kept("kitchen-sink", &digests(&build(site.path())));
}

/// Uses the built-in theme, so that its own texts are shown in each language; the component is from
/// another theme.
#[test]
fn a_translated_site() {
    let site = empty_folder();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites/languages/content");
    for (path, bytes) in tree(&folder) {
        let text = String::from_utf8(bytes).unwrap().replace("{{<hours />}}", "");
        write(&site.path().join("content").join(path), text.as_bytes());
    }
    is_kept("languages", &digests(&build(site.path())));
}

#[test]
fn a_thousand_stories() {
    let site = empty_folder();
    for (path, text) in stories::site(1000) {
        write(&site.path().join(path), text.as_bytes());
    }
    is_kept("stories", &digests_of_folders(&build(site.path())));
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// An empty folder in memory, if the system has one there.
fn empty_folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn copy(from: &Path, to: &Path) {
    for (path, bytes) in tree(from) {
        write(&to.join(path), &bytes);
    }
}

fn write(file: &Path, bytes: &[u8]) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, bytes).unwrap();
}

fn daisy(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daisy"));
    command.args(arguments).current_dir(folder).env_remove("SOURCE_DATE_EPOCH").env("TZ", "UTC");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The outputs of a build on 1 May 2026, by path.
fn build(site: &Path) -> BTreeMap<String, Vec<u8>> {
    daisy(
        site,
        &["build", "--now", "2026-05-01T09:00Z", "--base-url", "https://hearsall.test/site"],
    );
    tree(&site.join("dist"))
}

fn digests(outputs: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, String> {
    outputs.iter().map(|(path, bytes)| (path.clone(), digest(bytes))).collect()
}

/// One digest for each folder with pages, and one for each other output.
fn digests_of_folders(outputs: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, String> {
    let mut folders: BTreeMap<String, String> = BTreeMap::new();
    for (path, bytes) in outputs {
        match path.split_once('/').filter(|_| path.ends_with("/index.html")) {
            Some((folder, _)) => {
                let listed = folders.entry(format!("{folder}/**/index.html")).or_default();
                writeln!(listed, "{path} {}", digest(bytes)).unwrap();
            }
            None => drop(folders.insert(path.clone(), digest(bytes))),
        }
    }
    let short = |listed: String| match listed.lines().count() {
        0 | 1 => listed,
        count => format!("{} of {count} pages", digest(listed.as_bytes())),
    };
    folders.into_iter().map(|(path, listed)| (path, short(listed))).collect()
}

/// Only the size of images: rounding of pixels may depend on the processor's vector instructions.
fn digest(bytes: &[u8]) -> String {
    let image = image::ImageReader::new(Cursor::new(bytes)).with_guessed_format().unwrap();
    if let Some(format) = image.format() {
        let (width, height) = image.into_dimensions().unwrap_or_default();
        return format!("{format:?} {width}x{height}");
    }
    blake3::hash(bytes).to_hex()[..16].to_owned()
}

/// Compares with the file of this name in `golden/`, or writes it.
fn is_kept(name: &str, outputs: &BTreeMap<String, String>) {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.txt"));
    if std::env::var_os("BLESS").is_some() {
        let lines = outputs.iter().map(|(path, digest)| format!("{path}  {digest}\n"));
        return write(&file, lines.collect::<String>().as_bytes());
    }
    let text = fs::read_to_string(&file).unwrap();
    let kept: BTreeMap<String, String> = text
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(path, digest)| (path.to_owned(), digest.to_owned()))
        .collect();
    let differences = differences(&kept, outputs);
    assert!(
        differences.is_empty(),
        "{name}: {} outputs differ from {}:\n{}",
        differences.len(),
        file.display(),
        differences[..differences.len().min(MAX_NAMED)].join("\n")
    );
}

fn differences(kept: &BTreeMap<String, String>, outputs: &BTreeMap<String, String>) -> Vec<String> {
    let changed = outputs.iter().filter_map(|(path, digest)| match kept.get(path) {
        None => Some(format!("new      {path}")),
        Some(before) if before != digest => Some(format!("changed  {path}")),
        Some(_) => None,
    });
    let gone = kept.keys().filter(|path| !outputs.contains_key(*path));
    changed.chain(gone.map(|path| format!("gone     {path}"))).collect()
}

#[test]
fn a_changed_output_is_named() {
    let outputs = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(path, digest)| ((*path).to_owned(), (*digest).to_owned())).collect()
    };
    let kept = outputs(&[("a", "1"), ("b", "2"), ("c", "3")]);
    let now = outputs(&[("a", "1"), ("b", "5"), ("d", "4")]);
    assert_eq!(differences(&kept, &now), ["changed  b", "new      d", "gone     c"]);
    assert_eq!(differences(&kept, &kept), [""; 0]);
}
