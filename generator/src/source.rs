//! Lists the files under the root folder with their stamps, and reads their text. Reads the file system.
//!
//! The only module that walks folders (`walk`) or checks the files of an earlier walk (`rescan`).

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

pub mod git;
mod kind;
mod rescan;
mod walk;

use std::fs::{self, Metadata};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::nfc::nfc;
use located_yaml::Place;

pub(crate) use kind::{SETTINGS_PATH, SourceKind, is_image, is_named_as_image, is_page};
pub use rescan::{KnownTree, listed, rescan, settled, stamps, touched};
pub(crate) use walk::is_ignored;
pub use walk::{walk, walk_output};

/// The largest text that is read, in bytes: the size of a book. A larger file is a mistake, and would be slow to parse.
pub const LARGEST_TEXT: u64 = 4 * 1024 * 1024;

/// A file's metadata: a quick check for unchanged files, which is never taken as proof.
///
/// Times are nanoseconds since 1970; 0 if the system does not provide them.
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

    /// Whether the file was last touched clearly before `moment` (nanoseconds since 1970, by the clock of its file
    /// system), so that any later change must change the stamp.
    ///
    /// A clock gives all changes within a tick the same time, so one tick earlier is early enough.
    pub fn is_clearly_before(&self, moment: u64) -> bool {
        let last = self.last_touched();
        last + coarse_tick(last) < moment
    }

    fn last_touched(&self) -> u64 {
        self.modified.max(self.changed)
    }

    /// Whether the file's content, or the list of names in the folder, last changed clearly before `moment`, even if it
    /// was renamed since.
    pub fn was_written_before(&self, moment: u64) -> bool {
        Stamp { changed: 0, ..*self }.is_clearly_before(moment)
    }

    /// Whether the file's content last changed at or before `moment`; on a file system with a coarse clock, clearly
    /// before it.
    pub fn was_written_by(&self, moment: u64) -> bool {
        self.modified + coarse_tick(self.modified) <= moment
    }

    /// Whether the file system keeps fractions of seconds, as far as one stamp shows.
    fn is_fine(&self) -> bool {
        !self.last_touched().is_multiple_of(1_000_000_000)
    }
}

/// Two ticks of the clock from which `time` may come, in nanoseconds, if it is a coarse one: times of whole seconds, or
/// of hundredths, may come from a file system with that resolution. 0 for all others.
fn coarse_tick(time: u64) -> u64 {
    match time {
        time if time.is_multiple_of(1_000_000_000) => 2_000_000_000,
        time if time.is_multiple_of(10_000_000) => 20_000_000,
        _ => 0,
    }
}

/// The current time of the clock with which the file system of `file` stamps files, in nanoseconds since 1970: no later
/// change has an earlier stamp. Writes into `file`, whose content is not used.
///
/// # Errors
/// I/O errors.
pub fn filesystem_now(mut file: &fs::File) -> io::Result<u64> {
    file.rewind()?;
    file.write_all(b"daisy\n")?;
    Ok(Stamp::of(&file.metadata()?).last_touched())
}

/// A file or folder with its stamp.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its path from the root, with `/` as the separator.
    pub path: String,
    /// Its stamp at the time of the walk.
    pub stamp: Stamp,
}

/// The content of a folder, each list sorted by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The files.
    pub files: Vec<File>,
    /// The folders, including the root of the walk. Their stamps were taken before their lists.
    pub folders: Vec<File>,
}

impl Tree {
    /// Appends another tree, whose paths come after the ones here.
    pub(crate) fn extend(&mut self, other: Tree) {
        self.files.extend(other.files);
        self.folders.extend(other.folders);
    }

    fn sorted(mut self) -> Tree {
        self.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        self.folders.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        self
    }
}

fn cannot_read(path: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error(path, format!("this file cannot be read: {error}"))
        .help("check that it still exists, and that you have permission to read it")
}

/// The location of the file or folder at `path` below `root`. Paths are in NFC, but the file system may hold another
/// form of a name: then the folder is listed, and the file opened by its actual name.
pub(crate) fn on_disk(root: &Path, path: &str) -> PathBuf {
    let is_there = |full: &Path| fs::symlink_metadata(full).is_ok();
    let full = root.join(path);
    if path.is_ascii() || is_there(&full) {
        return full;
    }
    let mut found = root.to_owned();
    for name in path.split('/') {
        let next = found.join(name);
        let other = || {
            let entries = fs::read_dir(&found).ok()?.flatten();
            let is_it = |entry: &fs::DirEntry| {
                entry.file_name().to_str().is_some_and(|other| nfc(other) == name)
            };
            entries.into_iter().find(is_it).map(|entry| entry.path())
        };
        let other = if name.is_ascii() || is_there(&next) { None } else { other() };
        found = other.unwrap_or(next);
    }
    found
}

/// The bytes of the file at `path` below `root`.
///
/// # Errors
/// The file cannot be read.
pub fn bytes(root: &Path, path: &str) -> Result<Vec<u8>, Diagnostic> {
    fs::read(on_disk(root, path)).map_err(|error| cannot_read(path, &error))
}

/// The size of the file at `path` below `root`, in bytes; `None` if it cannot be read.
pub(crate) fn size(root: &Path, path: &str) -> Option<u64> {
    fs::metadata(on_disk(root, path)).ok().map(|metadata| metadata.len())
}

/// The bytes of an output.
///
/// # Errors
/// I/O errors.
#[cfg(feature = "publish")]
pub(crate) fn output(out: &Path, path: &str) -> std::io::Result<Vec<u8>> {
    fs::read(out.join(path))
}

/// The text of the file at `path` below `root`, without a byte order mark.
///
/// # Errors
/// The file cannot be read, is larger than [`LARGEST_TEXT`], or is not UTF-8.
pub fn text(root: &Path, path: &str) -> Result<String, Diagnostic> {
    decode(path, text_bytes(root, path)?)
}

/// The text of a file as returned by [`text`], and the digest of its bytes.
///
/// # Errors
/// As [`text`].
pub fn text_and_digest(root: &Path, path: &str) -> Result<(String, Digest), Diagnostic> {
    let bytes = text_bytes(root, path)?;
    let digest = Digest::blake3(&bytes);
    Ok((decode(path, bytes)?, digest))
}

fn text_bytes(root: &Path, path: &str) -> Result<Vec<u8>, Diagnostic> {
    let unread = |error: io::Error| cannot_read(path, &error);
    let full = on_disk(root, path);
    let file = fs::File::open(&full).map_err(unread)?;
    let size = file.metadata().map_err(unread)?.len();
    if size > LARGEST_TEXT {
        let message = format!(
            "this file is too large: {:.1} MB (the maximum for text is {} MB)",
            size as f64 / 1_048_576.0,
            LARGEST_TEXT / 1_048_576
        );
        return Err(Diagnostic::error(path, message)
            .help("split it into several pages; put a photo or video into a file of its own"));
    }
    // One byte more than the file's size, so that the end is detected without growing the buffer.
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    // Limited to the largest text, so that the size is not queried again.
    file.take(LARGEST_TEXT + 1).read_to_end(&mut bytes).map_err(unread)?;
    Ok(bytes)
}

fn decode(path: &str, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    // Documents of Word or LibreOffice are ZIP files (APPNOTE, 4.3.7), whatever their names.
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(Diagnostic::error(path, "this is a word processor document, not text").help(
            "open it in the word processor, copy the text, and paste it into a new text file",
        ));
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
            .help("in your editor, choose Save As and the encoding UTF-8")
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
    fn invalid_utf_8_is_reported_at_its_line() {
        let fault = decode("content/a.md", b"one\ntw\xff".to_vec()).unwrap_err();
        let place = fault.place.unwrap();
        assert_eq!((place.line, place.column), (2, 3));
    }

    #[test]
    fn a_stamp_of_the_current_tick_is_not_trusted() {
        let at = |time| Stamp { size: 1, modified: time, changed: time, inode: 1 };
        let fine = at(1_004_000_123);
        assert!(!fine.is_clearly_before(1_004_000_123));
        assert!(fine.is_clearly_before(1_008_000_123));
        let hundredths = at(1_010_000_000);
        assert!(!hundredths.is_clearly_before(1_018_000_000));
        assert!(hundredths.is_clearly_before(1_040_000_000));
        let seconds = at(1_000_000_000);
        assert!(!seconds.is_clearly_before(2_500_000_000));
        assert!(seconds.is_clearly_before(3_500_000_000));
        // Its content may have changed again after the moment, within the same tick.
        assert!(fine.was_written_by(1_004_000_123));
        assert!(!fine.was_written_by(1_004_000_122));
        assert!(!hundredths.was_written_by(1_010_000_000));
        assert!(hundredths.was_written_by(1_030_000_000));
        assert!(!seconds.was_written_by(1_000_000_000));
        assert!(seconds.was_written_by(3_000_000_000));
    }

    #[test]
    fn later_changes_have_no_earlier_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let clock = fs::File::create(folder.path().join("clock")).unwrap();
        for _ in 0..200 {
            let before = filesystem_now(&clock).unwrap();
            let path = folder.path().join("file");
            fs::write(&path, "x").unwrap();
            let stamp = Stamp::of(&fs::metadata(&path).unwrap());
            assert!(before <= stamp.last_touched() && !stamp.is_clearly_before(before));
        }
    }
}
