//! Walks folders and lists their files with stamps. Reads the file system.
//!
//! A path outside the root is always an error: links that lead outside are rejected here. Folders, and the files of a
//! large folder, are read in parallel.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::{File, Stamp, Tree, cannot_read, on_disk};
use crate::diagnostic::Diagnostic;
use crate::fs::OUTPUT_MARKER;
use crate::nfc::nfc;

/// How many files of a folder a task reads.
const BATCH_SIZE: usize = 256;

/// Everything under `root/folder`; empty if there is no such folder.
///
/// Hidden files and the backup and temporary files of editors (`x~`, `#x#`, `.swp`) are ignored.
///
/// # Errors
/// A folder that cannot be read, a name that is not UTF-8, a link out of the root.
pub fn walk(root: &Path, folder: &str) -> Result<Tree, Vec<Diagnostic>> {
    if !root.join(folder).exists() {
        return Ok(Tree::default());
    }
    let real_root = root.canonicalize().map_err(|error| vec![cannot_read(folder, &error)])?;
    let walk = Walk { root, real_root };
    let top = walk.looked(folder.to_owned(), true).map_err(|fault| vec![*fault])?;
    match top {
        ScannedFile::Folder(top) => walk.below(top).map(Tree::sorted),
        ScannedFile::File(file) => Ok(Tree { files: vec![file], folders: Vec::new() }),
        ScannedFile::Nothing => Ok(Tree::default()),
    }
}

struct Walk<'a> {
    root: &'a Path,
    real_root: PathBuf,
}

enum ScannedFile {
    File(File),
    Folder(File),
    /// Neither, or removed meanwhile.
    Nothing,
}

impl Walk<'_> {
    fn below(&self, folder: File) -> Result<Tree, Vec<Diagnostic>> {
        let names = match self.names(&folder.path) {
            Ok(names) => names,
            Err(fault) => return Err(vec![*fault]),
        };
        let looked: Vec<_> = names
            .into_par_iter()
            .with_min_len(BATCH_SIZE)
            .map(|(path, is_link)| self.looked(path, is_link))
            .collect();
        let mut tree = Tree::default();
        let mut folders = Vec::new();
        let mut faults = Vec::new();
        for one in looked {
            match one {
                Ok(ScannedFile::File(file)) => tree.files.push(file),
                Ok(ScannedFile::Folder(folder)) => folders.push(folder),
                Ok(ScannedFile::Nothing) => {}
                Err(fault) => faults.push(*fault),
            }
        }
        tree.folders.push(folder);
        let found: Vec<_> = folders.into_par_iter().map(|folder| self.below(folder)).collect();
        for below in found {
            match below {
                Ok(below) => tree.extend(below),
                Err(found) => faults.extend(found),
            }
        }
        if faults.is_empty() { Ok(tree) } else { Err(faults) }
    }

    /// The paths in a folder, each with whether it is a link.
    fn names(&self, folder: &str) -> Result<Vec<(String, bool)>, Box<Diagnostic>> {
        let unread = |error: io::Error| Box::new(cannot_read(folder, &error));
        let mut names = Vec::new();
        let mut others: Vec<String> = Vec::new();
        for entry in fs::read_dir(on_disk(self.root, folder)).map_err(unread)? {
            let entry = entry.map_err(unread)?;
            if is_ignored(&entry.file_name().to_string_lossy()) {
                continue;
            }
            let name = name(folder, &entry)?;
            if !name.is_ascii() {
                others.push(name.clone());
            }
            let is_link = entry.file_type().map_err(unread)?.is_symlink();
            names.push((format!("{folder}/{name}"), is_link));
        }
        others.sort_unstable();
        match others.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(Box::new(same_name(folder, &pair[0]))),
            None => Ok(names),
        }
    }

    fn looked(&self, path: String, is_link: bool) -> Result<ScannedFile, Box<Diagnostic>> {
        let full = on_disk(self.root, &path);
        if is_link {
            self.check_link(&path, &full)?;
        }
        let metadata = match fs::metadata(&full) {
            Ok(metadata) => metadata,
            Err(error) if !is_link && error.kind() == io::ErrorKind::NotFound => {
                return Ok(ScannedFile::Nothing);
            }
            Err(error) => return Err(Box::new(unseen(&path, &error))),
        };
        let file = File { path, stamp: Stamp::of(&metadata) };
        Ok(match metadata.file_type() {
            kind if kind.is_dir() => ScannedFile::Folder(file),
            kind if kind.is_file() => ScannedFile::File(file),
            _ => ScannedFile::Nothing,
        })
    }

    fn check_link(&self, path: &str, full: &Path) -> Result<(), Box<Diagnostic>> {
        let target = full.canonicalize().map_err(|error| Box::new(unseen(path, &error)))?;
        if !target.starts_with(&self.real_root) {
            let fault = Diagnostic::error(
                path,
                "this symbolic link points outside the site's \
                                                 folder",
            )
            .help("replace the link with a copy of the file");
            return Err(Box::new(fault));
        }
        let above = full.parent().and_then(|above| above.canonicalize().ok());
        if above.is_some_and(|above| above.starts_with(&target)) {
            let fault = Diagnostic::error(
                path,
                "this symbolic link points to a folder that \
                                                 contains it",
            );
            return Err(Box::new(fault.help("remove the link")));
        }
        Ok(())
    }
}

/// Reports two files whose names differ in Unicode normalization only.
fn same_name(folder: &str, name: &str) -> Diagnostic {
    let message = "two files have this name, with the same letters encoded in different ways";
    Diagnostic::error(format!("{folder}/{name}"), message).help("rename one of them, or remove it")
}

/// The name of an entry in NFC.
fn name(folder: &str, entry: &DirEntry) -> Result<String, Box<Diagnostic>> {
    let name = entry.file_name().into_string();
    name.map(|name| nfc(&name).into_owned()).map_err(|name| {
        let path = format!("{folder}/{}", name.to_string_lossy());
        let fault = Diagnostic::error(path, "this file name cannot be read")
            .help("rename the file, using letters, digits and hyphens");
        Box::new(fault)
    })
}

/// Whether a name is ignored: hidden files, and files left by editors and systems.
pub(crate) fn is_ignored(name: &str) -> bool {
    name.starts_with('.')
        || name.starts_with("~$")
        || name.ends_with('~')
        || (name.starts_with('#') && name.ends_with('#'))
        || matches!(name, "4913" | "Thumbs.db" | "desktop.ini")
}

fn unseen(path: &str, error: &io::Error) -> Diagnostic {
    if error.kind() == io::ErrorKind::NotFound {
        return Diagnostic::error(path, "this symbolic link points to a file that does not exist")
            .help("remove the link, or put the file in that place");
    }
    cannot_read(path, error)
}

/// Everything in an output folder except its marker file and `.gitignore`; the folder itself has the path `""`. A link
/// is a file with the default stamp: we write no links, so it never matches.
///
/// # Errors
/// I/O errors.
pub fn walk_output(out: &Path) -> io::Result<Tree> {
    let stamp = Stamp::of(&fs::symlink_metadata(out)?);
    output_below(out, File { path: String::new(), stamp }).map(Tree::sorted)
}

fn output_below(out: &Path, folder: File) -> io::Result<Tree> {
    let mut names = Vec::new();
    for entry in fs::read_dir(out.join(&folder.path))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if folder.path.is_empty() && is_ours(&name) {
            continue;
        }
        let path = match folder.path.as_str() {
            "" => name,
            folder => format!("{folder}/{name}"),
        };
        names.push((path, entry.file_type()?));
    }
    let looked: Vec<_> = names
        .into_par_iter()
        .with_min_len(BATCH_SIZE)
        .map(|(path, kind)| {
            if !kind.is_dir() && !kind.is_file() {
                return Ok((File { path, stamp: Stamp::default() }, false));
            }
            let stamp = Stamp::of(&fs::symlink_metadata(out.join(&path))?);
            Ok((File { path, stamp }, kind.is_dir()))
        })
        .collect::<io::Result<_>>()?;
    let (folders, files): (Vec<_>, Vec<_>) =
        looked.into_iter().partition(|(_, is_folder)| *is_folder);
    let mut tree = Tree::default();
    tree.files.extend(files.into_iter().map(|(file, _)| file));
    tree.folders.push(folder);
    let below: Vec<Tree> = folders
        .into_par_iter()
        .map(|(folder, _)| output_below(out, folder))
        .collect::<io::Result<_>>()?;
    below.into_iter().for_each(|below| tree.extend(below));
    Ok(tree)
}

/// Whether this name at the top of an output folder is ours and not an output.
pub(super) fn is_ours(name: &str) -> bool {
    name == ".gitignore" || name == OUTPUT_MARKER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_sorted_and_editors_files_are_ignored() {
        let root = tempfile::tempdir().unwrap();
        let content = root.path().join("content");
        fs::create_dir_all(content.join("stories")).unwrap();
        for name in ["stories/b.md", "a.md", "a.md~", "~$a.md", ".a.md.swp", "#a.md#", "4913"] {
            fs::write(content.join(name), "x").unwrap();
        }
        let files = walk(root.path(), "content").unwrap().files;
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
        assert_eq!(walk(root.path(), "content").unwrap().files.len(), 2);
        link(outside.path(), "out");
        let faults = walk(root.path(), "content").unwrap_err();
        assert_eq!(faults[0].message, "this symbolic link points outside the site's folder");
        assert_eq!(faults[0].path, "content/out");
    }
}
