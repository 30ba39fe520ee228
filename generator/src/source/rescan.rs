//! Checks the tree of an earlier walk for changes: its files and their stamps. Reads the file system.
//!
//! A folder's stamp changes whenever a name is added or removed. So an unchanged folder need not be listed again, and
//! one `stat` for each file and folder proves a tree unchanged.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fs;
use std::io;
use std::path::Path;

use rayon::prelude::*;

use super::walk::{is_ignored, is_ours};
use super::{File, Stamp, Tree};

/// How many files a task checks: few enough that no thread waits long for another at the end.
const BATCH_SIZE: usize = 256;

/// The result of an earlier walk, each list sorted by path.
pub struct KnownTree<'a> {
    /// The files' paths.
    pub files: Vec<&'a str>,
    /// The folders.
    pub folders: &'a [File],
    /// When the folders were stamped, in nanoseconds since 1970.
    pub taken: u64,
    /// Whether these are sources, where links are followed and some names ignored, or outputs.
    pub sources: bool,
}

/// The tree below `base` with its current stamps, if it has exactly the known files and folders; `None` if it has to be
/// walked.
pub fn rescan(base: &Path, known: &KnownTree<'_>) -> Option<Tree> {
    let disk = Disk::open(base, known.sources).ok()?;
    let (folders, files) = rayon::join(
        || looked(known.folders.par_iter().map(|folder| folder.path.as_str()), &disk, true),
        || looked(known.files.par_iter().copied(), &disk, false),
    );
    let (folders, files) = (folders?, files?);
    let changed = folders.par_iter().zip(known.folders).filter(|(now, before)| {
        // A file system with a resolution of seconds may not update the times of folders either.
        now.stamp != before.stamp
            || !now.stamp.is_fine()
            || !now.stamp.is_clearly_before(known.taken)
    });
    let same = changed.all(|(folder, _)| has_same_names(base, &folder.path, known));
    same.then_some(Tree { files, folders })
}

/// The changed source files among `paths` below `root`, with their current stamps; `None` if a file was or may have
/// been added or removed. `known` holds all sources, ordered by path.
pub fn touched<'a>(
    root: &Path,
    known: &[File],
    paths: impl IntoIterator<Item = &'a Path>,
) -> Option<Vec<File>> {
    let mut files = Vec::new();
    for path in paths {
        let name = path.file_name()?.to_str()?;
        if is_ignored(name) {
            continue;
        }
        let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
        let path = parts?.join("/");
        let at = known.partition_point(|file| file.path < path);
        let is_known = known.get(at).is_some_and(|file| file.path == path);
        match fs::symlink_metadata(root.join(&path)) {
            Ok(metadata) if is_known && metadata.is_file() => {
                files.push(File { path, stamp: Stamp::of(&metadata) });
            }
            // A temporary file of an editor.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_known => {
                let folder = format!("{path}/");
                let at = known.partition_point(|file| file.path < folder);
                if known.get(at).is_some_and(|file| file.path.starts_with(&folder)) {
                    return None;
                }
            }
            _ => return None,
        }
    }
    Some(files)
}

/// The stamps of the files below `base`; the default stamp for links and anything that is not a file.
///
/// # Errors
/// The folder does not exist.
pub fn stamps(base: &Path, paths: &[&str]) -> io::Result<Vec<Stamp>> {
    let disk = Disk::open(base, false)?;
    let paths = paths.par_iter().with_max_len(BATCH_SIZE);
    Ok(paths.map(|path| disk.stamp(path, false).unwrap_or_default()).collect())
}

/// The folders at `paths` below `base` with stamps that prove their content: either `is_settled` trusts the stamp, or
/// the folder is listed and has the known names. Other folders get the default stamp, so that they are listed at the
/// next check.
///
/// # Errors
/// The folder does not exist.
pub fn settled(
    base: &Path,
    files: Vec<&str>,
    paths: &[&str],
    is_settled: impl Fn(&File) -> bool + Sync,
) -> io::Result<Vec<File>> {
    let disk = Disk::open(base, false)?;
    let stamped = |path: &&str| File {
        path: (*path).to_owned(),
        stamp: disk.stamp(path, true).unwrap_or_default(),
    };
    let mut folders: Vec<File> = paths.par_iter().with_max_len(BATCH_SIZE).map(stamped).collect();
    let known = KnownTree { files, folders: &folders, taken: 0, sources: false };
    let is_proven =
        |folder: &File| is_settled(folder) || has_same_names(base, &folder.path, &known);
    let proven: Vec<bool> = folders.par_iter().map(is_proven).collect();
    for (folder, _) in folders.iter_mut().zip(proven).filter(|(_, proven)| !proven) {
        folder.stamp = Stamp::default();
    }
    Ok(folders)
}

/// The stamps of the `known` folders at `paths`, with their indices. A folder with other names than the known ones gets
/// the default stamp.
///
/// # Errors
/// The folder does not exist.
pub fn listed<'a>(
    base: &Path,
    known: &KnownTree<'_>,
    paths: impl IntoIterator<Item = &'a str>,
) -> io::Result<Vec<(u32, Stamp)>> {
    let disk = Disk::open(base, false)?;
    let stamp = |path: &str| {
        let stamp = disk.stamp(path, true).unwrap_or_default();
        if has_same_names(base, path, known) { stamp } else { Stamp::default() }
    };
    let place = |path| u32::try_from(place_of(known.folders, path)?).ok();
    Ok(paths.into_iter().filter_map(|path| Some((place(path)?, stamp(path)))).collect())
}

fn looked<'a>(
    paths: impl IndexedParallelIterator<Item = &'a str>,
    disk: &Disk,
    is_folder: bool,
) -> Option<Vec<File>> {
    let look = |path: &str| {
        let stamp = disk.stamp(path, is_folder)?;
        Some(File { path: path.to_owned(), stamp })
    };
    paths.with_max_len(BATCH_SIZE).map(look).collect()
}

/// Whether a folder has exactly the known names, each still a file or a folder.
fn has_same_names(base: &Path, folder: &str, known: &KnownTree<'_>) -> bool {
    let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let is_child = |path: &str| {
        path.strip_prefix(start.as_str())
            .is_some_and(|name| !name.is_empty() && !name.contains('/'))
    };
    let Ok(entries) = fs::read_dir(base.join(folder)) else { return false };
    let mut found = 0;
    for entry in entries {
        let Ok(entry) = entry else { return false };
        let Ok(name) = entry.file_name().into_string() else { return false };
        if (known.sources && is_ignored(&name))
            || (!known.sources && folder.is_empty() && is_ours(&name))
        {
            continue;
        }
        let path = format!("{start}{name}");
        let is_file = known.files.binary_search(&path.as_str()).is_ok();
        if !is_file && place_of(known.folders, &path).is_none() {
            return false;
        }
        found += 1;
    }
    let files = children(&known.files, |path| path, &start, is_child);
    found == files + children(known.folders, |folder| &folder.path, &start, is_child)
}

/// How many of `items`, which are ordered by path, are in the folder whose paths begin with `start`.
fn children<T>(
    items: &[T],
    path: impl Fn(&T) -> &str,
    start: &str,
    is_child: impl Fn(&str) -> bool,
) -> usize {
    let from = items.partition_point(|item| path(item) < start);
    let below = items[from..].iter().take_while(|item| path(item).starts_with(start));
    below.filter(|item| is_child(path(item))).count()
}

fn place_of(folders: &[File], path: &str) -> Option<usize> {
    folders.binary_search_by(|folder| folder.path.as_str().cmp(path)).ok()
}

/// An open folder, so that its path is resolved once and not for every file.
#[cfg(target_os = "linux")]
struct Disk {
    base: fs::File,
    flags: rustix::fs::AtFlags,
}

#[cfg(target_os = "linux")]
impl Disk {
    fn open(base: &Path, follow: bool) -> io::Result<Disk> {
        use rustix::fs::AtFlags;
        let flags = if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
        Ok(Disk { base: fs::File::open(base)?, flags })
    }

    /// The stamp of the file or folder at `path`; `None` if it is not one.
    fn stamp(&self, path: &str, is_folder: bool) -> Option<Stamp> {
        use rustix::fs::{FileType, StatxFlags, statx};
        let path = if path.is_empty() { "." } else { path };
        let found = statx(&self.base, path, self.flags, StatxFlags::BASIC_STATS).ok()?;
        let kind = FileType::from_raw_mode(found.stx_mode.into());
        let wanted = if is_folder { FileType::Directory } else { FileType::RegularFile };
        let nanoseconds = |time: rustix::fs::StatxTimestamp| {
            u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::from(time.tv_nsec)
        };
        (kind == wanted).then(|| Stamp {
            size: found.stx_size,
            modified: nanoseconds(found.stx_mtime),
            changed: nanoseconds(found.stx_ctime),
            inode: found.stx_ino,
        })
    }
}

#[cfg(not(target_os = "linux"))]
struct Disk {
    base: std::path::PathBuf,
    follow: bool,
}

#[cfg(not(target_os = "linux"))]
impl Disk {
    fn open(base: &Path, follow: bool) -> io::Result<Disk> {
        Ok(Disk { base: base.to_owned(), follow })
    }

    /// The stamp of the file or folder at `path`; `None` if it is not one.
    fn stamp(&self, path: &str, is_folder: bool) -> Option<Stamp> {
        let full = self.base.join(path);
        let found =
            if self.follow { fs::metadata(full) } else { fs::symlink_metadata(full) }.ok()?;
        let kind = if is_folder { found.is_dir() } else { found.is_file() };
        kind.then(|| Stamp::of(&found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::walk;

    /// Late enough that all stamps are trusted.
    const LATER: u64 = u64::MAX / 2;

    fn look_again(root: &Path, tree: &Tree) -> Option<Tree> {
        let files = tree.files.iter().map(|file| file.path.as_str()).collect();
        rescan(root, &KnownTree { files, folders: &tree.folders, taken: LATER, sources: true })
    }

    #[test]
    fn an_unchanged_tree_is_reused_and_added_or_removed_names_need_a_walk() {
        let root = tempfile::tempdir().unwrap();
        let full = |path: &str| root.path().join(path);
        fs::create_dir_all(full("content/a/b")).unwrap();
        for path in ["content/x.md", "content/a/y.md", "content/a/b/z.md"] {
            fs::write(full(path), "x").unwrap();
        }
        let tree = walk(root.path(), "content").unwrap();
        assert_eq!(tree.folders.len(), 3);
        assert_eq!(look_again(root.path(), &tree), Some(tree.clone()));

        // Ignored names change a folder's stamp and nothing else.
        fs::write(full("content/a/y.md~"), "x").unwrap();
        fs::write(full("content/a/y.md"), "longer").unwrap();
        let now = look_again(root.path(), &tree).unwrap();
        assert_eq!(now.files.len(), 3);
        assert_ne!(now.files, tree.files);

        fs::write(full("content/a/b/new.md"), "x").unwrap();
        assert_eq!(look_again(root.path(), &tree), None);
        fs::remove_file(full("content/a/b/new.md")).unwrap();
        assert!(look_again(root.path(), &tree).is_some());
        fs::rename(full("content/a/b"), full("content/a/c")).unwrap();
        assert_eq!(look_again(root.path(), &tree), None);
    }

    #[test]
    fn changed_files_are_distinguished_from_added_and_removed_ones() {
        let root = tempfile::tempdir().unwrap();
        let full = |path: &str| root.path().join(path);
        fs::create_dir_all(full("content/a/b")).unwrap();
        for path in ["content/a.md", "content/a/b/z.md", "content/new.md"] {
            fs::write(full(path), "x").unwrap();
        }
        let known = ["content/a.md", "content/a/b/z.md", "content/gone.md", "content/was/z.md"];
        let known = known.map(|path| File { path: path.to_owned(), stamp: Stamp::default() });
        let touched = |paths: &[&str]| {
            let found = touched(root.path(), &known, paths.iter().map(Path::new))?;
            Some(found.into_iter().map(|file| file.path).collect::<Vec<_>>())
        };
        let left_behind = ["content/a.md~", "content/.a.md.swp", "content/a.md.tmp"];
        assert_eq!(touched(&left_behind), Some(vec![]));
        assert_eq!(touched(&["content/a.md", "content/a.md~"]), Some(vec!["content/a.md".into()]));
        for path in ["content/new.md", "content/gone.md", "content/a", "content/was", "content"] {
            assert_eq!(touched(&["content/a.md", path]), None, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_replaced_by_a_link_is_changed() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("a"), "x").unwrap();
        let tree = crate::source::walk_output(root.path()).unwrap();
        let known =
            || KnownTree { files: vec!["a"], folders: &tree.folders, taken: LATER, sources: false };
        assert!(rescan(root.path(), &known()).is_some());
        fs::rename(root.path().join("a"), root.path().join("b")).unwrap();
        std::os::unix::fs::symlink("b", root.path().join("a")).unwrap();
        assert!(rescan(root.path(), &known()).is_none());
    }
}
