//! Takes the root folder, gives the files under it with their stamps, and their text. Reads the disk.
//!
//! The one room that walks folders. A path that leaves the root is an error wherever it comes from:
//! a link that points outside is refused here.

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it touches the disk")]

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use walkdir::{DirEntry, WalkDir};

use crate::diagnostic::Diagnostic;
use daisychain_functions::yaml::Place;

/// The largest text that is read, in bytes. A story of this size is a book; a larger file is a
/// mistake, and parsing it would hold everyone else up.
pub const LARGEST_TEXT: u64 = 4 * 1024 * 1024;

/// What the file system says of a file; a shortcut for "unchanged", never the truth.
///
/// Times are nanoseconds since 1970; 0 where the system has no such thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    size: u64,
    modified: u64,
    changed: u64,
    inode: u64,
}

impl Stamp {
    /// The stamp in `metadata`.
    pub fn of(metadata: &Metadata) -> Self {
        let modified = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .map_or(0, |age| u64::try_from(age.as_nanos()).unwrap_or(u64::MAX));
        #[cfg(unix)]
        let (changed, inode) = {
            use std::os::unix::fs::MetadataExt;
            let seconds = u64::try_from(metadata.ctime()).unwrap_or(0);
            let nanoseconds = u64::try_from(metadata.ctime_nsec()).unwrap_or(0);
            (seconds * 1_000_000_000 + nanoseconds, metadata.ino())
        };
        #[cfg(not(unix))]
        let (changed, inode) = (0, 0);
        Stamp { size: metadata.len(), modified, changed, inode }
    }

    /// Whether the file was last touched clearly before `moment` (nanoseconds since 1970), so that
    /// a later change must show in the stamp.
    ///
    /// File systems with fractions of seconds tick at least every 10 ms; others every 2 s.
    pub fn is_clearly_before(&self, moment: u64) -> bool {
        let newest = self.modified.max(self.changed);
        let fine = !newest.is_multiple_of(1_000_000_000);
        newest + if fine { 20_000_000 } else { 2_000_000_000 } <= moment
    }
}

/// A file under the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path from the root, with `/`.
    pub path: String,
    /// Its stamp when it was walked.
    pub stamp: Stamp,
}

/// Every file under `root/folder`, sorted by path; none where there is no such folder.
///
/// Hidden files and what editors leave beside a file (`x~`, `#x#`, `.swp`) are passed over.
///
/// # Errors
/// A folder that cannot be read, a name that is not UTF-8, a link that leaves the root.
pub fn walk(root: &Path, folder: &str) -> Result<Vec<File>, Vec<Diagnostic>> {
    let start = root.join(folder);
    if !start.exists() {
        return Ok(Vec::new());
    }
    let real_root = root.canonicalize().map_err(|error| vec![cannot_read(folder, &error)])?;
    let mut files = Vec::new();
    let mut faults = Vec::new();
    let walker = WalkDir::new(&start)
        .follow_links(true)
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_ignored(entry));
    for entry in walker {
        match entry {
            Ok(entry) => match file(root, &real_root, &entry) {
                Ok(found) => files.extend(found),
                Err(fault) => faults.push(*fault),
            },
            Err(error) => faults.push(walk_fault(root, folder, &error)),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn file(root: &Path, real_root: &Path, entry: &DirEntry) -> Result<Option<File>, Box<Diagnostic>> {
    let path = relative(root, entry.path())?;
    if entry.path_is_symlink() {
        let target = entry.path().canonicalize().map_err(|error| cannot_read(&path, &error))?;
        if !target.starts_with(real_root) {
            let fault = Diagnostic::error(&path, "this link points outside the site's folder")
                .help("put the file itself here, in place of the link");
            return Err(Box::new(fault));
        }
    }
    if !entry.file_type().is_file() {
        return Ok(None);
    }
    let metadata = entry.metadata().map_err(|error| cannot_read(&path, &error.into()))?;
    Ok(Some(File { path, stamp: Stamp::of(&metadata) }))
}

fn relative(root: &Path, path: &Path) -> Result<String, Box<Diagnostic>> {
    let below = path.strip_prefix(root).unwrap_or(path);
    let Some(text) = below.to_str() else {
        let fault = Diagnostic::error(below.to_string_lossy(), "this file's name cannot be read")
            .help("rename the file, using letters, digits and dashes");
        return Err(Box::new(fault));
    };
    Ok(if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() })
}

fn is_ignored(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    name.starts_with('.')
        || name.starts_with("~$")
        || name.ends_with('~')
        || (name.starts_with('#') && name.ends_with('#'))
        || matches!(&*name, "4913" | "Thumbs.db" | "desktop.ini")
}

fn walk_fault(root: &Path, folder: &str, error: &walkdir::Error) -> Diagnostic {
    let path = error.path().and_then(|path| relative(root, path).ok());
    let path = path.unwrap_or_else(|| folder.to_owned());
    if error.loop_ancestor().is_some() {
        return Diagnostic::error(&path, "this link leads back to a folder it stands in")
            .help("remove the link");
    }
    match error.io_error() {
        Some(error) if error.kind() == io::ErrorKind::NotFound => {
            Diagnostic::error(&path, "this link points to a file that does not exist")
                .help("remove the link, or put the file in its place")
        }
        Some(error) => cannot_read(&path, error),
        None => Diagnostic::error(&path, "this file cannot be read"),
    }
}

fn cannot_read(path: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error(path, format!("this file cannot be read: {error}"))
        .help("check that it still exists and that you may open it")
}

/// Every file in an output folder, sorted by path, without its mark and `.gitignore`. A link is a
/// file with no stamp: we write none, so it never matches.
///
/// # Errors
/// The disk's.
pub fn walk_output(out: &Path) -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    let ours = |entry: &DirEntry| {
        entry.depth() == 1
            && (entry.file_name() == ".gitignore" || entry.file_name() == crate::commit::MARK)
    };
    for entry in WalkDir::new(out).into_iter().filter_entry(|entry| !ours(entry)) {
        let entry = entry?;
        if entry.file_type().is_dir() {
            continue;
        }
        let path = entry.path().strip_prefix(out).unwrap_or(entry.path()).to_string_lossy();
        let path = if cfg!(windows) { path.replace('\\', "/") } else { path.into_owned() };
        let stamp = if entry.file_type().is_file() {
            Stamp::of(&entry.metadata()?)
        } else {
            Stamp::default()
        };
        files.push(File { path, stamp });
    }
    files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The bytes of the file at `path` below `root`.
///
/// # Errors
/// The file cannot be read.
pub fn bytes(root: &Path, path: &str) -> Result<Vec<u8>, Diagnostic> {
    fs::read(root.join(path)).map_err(|error| cannot_read(path, &error))
}

/// The text of the file at `path` below `root`, without a byte order mark.
///
/// # Errors
/// The file cannot be read, is larger than [`LARGEST_TEXT`], or is not UTF-8.
pub fn text(root: &Path, path: &str) -> Result<String, Diagnostic> {
    let full: PathBuf = root.join(path);
    let size = fs::metadata(&full).map_err(|error| cannot_read(path, &error))?.len();
    if size > LARGEST_TEXT {
        let message = format!(
            "this file is too large: {:.1} MB, and a text may have {} MB",
            size as f64 / 1_048_576.0,
            LARGEST_TEXT / 1_048_576
        );
        return Err(Diagnostic::error(path, message)
            .help("divide it into several pages; a photo or a film belongs in a file of its own"));
    }
    let bytes = fs::read(&full).map_err(|error| cannot_read(path, &error))?;
    decode(path, bytes)
}

fn decode(path: &str, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    // A document of Word or LibreOffice is a ZIP file (APPNOTE, 4.3.7), whatever its name says.
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(Diagnostic::error(path, "this is a document of a word processor, not text")
            .help("open it there, copy its words, and paste them into a new text file"));
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
        let start = good.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let column = 1 + String::from_utf8_lossy(&good[start..]).chars().count();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let place = Place { line: number(line), column: number(column), length: 1 };
        Diagnostic::error(path, "this file is not saved as UTF-8 text")
            .at(place)
            .help("in your editor choose Save As, and the encoding UTF-8")
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_sorted_and_what_editors_leave_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let content = root.path().join("content");
        fs::create_dir_all(content.join("stories")).unwrap();
        for name in ["stories/b.md", "a.md", "a.md~", "~$a.md", ".a.md.swp", "#a.md#", "4913"] {
            fs::write(content.join(name), "x").unwrap();
        }
        let files = walk(root.path(), "content").unwrap();
        let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["content/a.md", "content/stories/b.md"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_root_is_refused_and_one_within_is_followed() {
        let root = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("content")).unwrap();
        fs::write(outside.path().join("secret.md"), "x").unwrap();
        fs::write(root.path().join("content/a.md"), "x").unwrap();
        let link = |to: &Path, name: &str| {
            std::os::unix::fs::symlink(to, root.path().join("content").join(name)).unwrap();
        };
        link(&root.path().join("content/a.md"), "b.md");
        assert_eq!(walk(root.path(), "content").unwrap().len(), 2);
        link(outside.path(), "out");
        let faults = walk(root.path(), "content").unwrap_err();
        assert_eq!(faults[0].message, "this link points outside the site's folder");
        assert_eq!(faults[0].path, "content/out");
    }

    #[test]
    fn text_that_is_not_utf_8_is_shown_at_its_line() {
        let fault = decode("content/a.md", b"one\ntw\xff".to_vec()).unwrap_err();
        let place = fault.place.unwrap();
        assert_eq!((place.line, place.column), (2, 3));
    }

    #[test]
    fn a_stamp_of_this_very_moment_is_not_trusted() {
        let stamp = Stamp { size: 1, modified: 1_000_000_001, changed: 1_000_000_001, inode: 1 };
        assert!(!stamp.is_clearly_before(1_000_000_002));
        assert!(stamp.is_clearly_before(1_030_000_000));
        let coarse = Stamp { modified: 1_000_000_000, changed: 1_000_000_000, ..stamp };
        assert!(!coarse.is_clearly_before(2_000_000_000));
        assert!(coarse.is_clearly_before(3_000_000_000));
    }
}
