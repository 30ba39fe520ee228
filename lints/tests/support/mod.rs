//! Reads the workspace's own files.

#![allow(dead_code, reason = "each test takes what it needs")]
#![allow(clippy::disallowed_methods, reason = "reads the sources of the workspace")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate is in a folder of the workspace")
}

pub(crate) fn read(file: &Path) -> String {
    let bytes = std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The texts of the files below a folder, by path below it, of which the paths are wanted.
pub(crate) fn texts_of(
    folder: &Path,
    is_wanted: impl Fn(&Path) -> bool,
) -> BTreeMap<PathBuf, String> {
    let files = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("the folder can be read"));
    let files = files.filter(|entry| entry.file_type().is_file()).filter_map(|entry| {
        let path = entry.path().strip_prefix(folder).expect("a walk stays below its folder");
        is_wanted(path).then(|| (path.to_owned(), read(entry.path())))
    });
    files.collect()
}

pub(crate) fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "rs")
}
