//! Installs staged files atomically: each is old or new, never partial. Writes the output folder.
//!
//! Outputs are written into a stage beside the output folder, on the same file system, while the
//! folder still contains the last good site. Only when all are written are they renamed into place:
//! link targets before the pages that link to them, and removals last.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use daisychain_functions::failpoint;
use hashbrown::{HashMap, HashSet};
use same_file::is_same_file;

use crate::fs::OUTPUT_MARKER;
use crate::nfc::nfc;

const MARK_TEXT: &str = "This folder is made by `daisy build`: what you change in it is overwritten, \
                         and what you add is removed.\n";

/// The order in which files are installed, link targets before the pages that link to them: files
/// (0), new pages (1), changed pages (2), feeds and sitemaps (3).
pub(crate) fn publish_order(path: &str, is_there: bool) -> usize {
    match path.rsplit_once('.').map(|(_, kind)| kind) {
        // On a first build the home page comes last, since visitors enter there.
        Some("html") if path == "index.html" || is_there => 2,
        Some("html") => 1,
        Some("xml") => 3,
        _ => 0,
    }
}

/// Why a folder cannot be used for output.
#[derive(Debug, thiserror::Error)]
pub enum OutputRefusal {
    /// It contains files but no marker file of daisy.
    #[error(
        "{} contains files that daisy did not create; choose another folder with `--out`, or empty this one yourself",
        .0.display()
    )]
    NotOurs(PathBuf),
    /// An I/O error.
    #[error("cannot write {}: {}", .0.display(), .1)]
    Disk(PathBuf, #[source] io::Error),
}

/// A file in the output folder that is no longer an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stale<'a> {
    path: &'a str,
    /// The new output whose path a file system may not distinguish from this one, so that both may
    /// name one file.
    renamed_to: Option<&'a str>,
}

/// Returns the files `on_disk` that are not among `outputs`, which are ordered; ordered by path.
pub(crate) fn stale<'a>(
    on_disk: impl Iterator<Item = &'a str> + Clone,
    outputs: &[&'a str],
) -> Vec<Stale<'a>> {
    let is_output = |path: &&str| outputs.binary_search(path).is_ok();
    let mut stale: Vec<&str> = on_disk.clone().filter(|path| !is_output(path)).collect();
    if stale.is_empty() {
        return Vec::new();
    }
    stale.sort_unstable();
    // An output that was listed beside the stale file is another file.
    let listed: HashSet<&str> = on_disk.collect();
    let new = outputs.iter().filter(|path| !listed.contains(**path));
    let new: HashMap<String, &str> = new.map(|path| (folded(path), *path)).collect();
    let renamed_to = |path: &str| new.get(&folded(path)).copied();
    stale.into_iter().map(|path| Stale { path, renamed_to: renamed_to(path) }).collect()
}

/// Folds a path, so that two paths that some file system takes for one are equal: those of macOS and
/// Windows ignore case, and that of macOS how accents are encoded.
fn folded(path: &str) -> String {
    // Upper case first, since `ß` and `SS` are one name on some.
    nfc(&nfc(path).to_uppercase()).to_lowercase()
}

/// The output folder with its stage.
pub(crate) struct Stage {
    out: PathBuf,
    stage: PathBuf,
}

impl Stage {
    /// Opens `out` as the output folder, and clears the stage beside it. Changes nothing in `out`.
    ///
    /// # Errors
    /// The folder is not empty and has no marker file; an I/O error.
    pub(crate) fn open(out: &Path) -> Result<Stage, OutputRefusal> {
        let disk = |path: &Path| {
            let path = path.to_owned();
            move |error| OutputRefusal::Disk(path, error)
        };
        if out.exists() && !out.join(OUTPUT_MARKER).exists() {
            let mut entries = fs::read_dir(out).map_err(disk(out))?;
            if entries.any(|entry| entry.is_ok_and(|entry| entry.file_name() != ".gitignore")) {
                return Err(OutputRefusal::NotOurs(out.to_owned()));
            }
        }
        let name = out.file_name().unwrap_or_default().to_string_lossy();
        let stage = out.with_file_name(format!(".{name}.stage"));
        match fs::remove_dir_all(&stage) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(OutputRefusal::Disk(stage, error));
            }
            _ => {}
        }
        Ok(Stage { out: out.to_owned(), stage })
    }

    /// Writes one output into the stage. `path` is relative to the output folder.
    ///
    /// # Errors
    /// An I/O error.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        failpoint::pass("build: stage an output");
        let target = self.stage.join(path);
        // Most pages have their own folder, which does not exist yet.
        if path.ends_with("/index.html")
            && let Some(folder) = target.parent()
        {
            let _ = fs::create_dir(folder);
        }
        let mut file = match File::create(&target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Some(folder) = target.parent() {
                    fs::create_dir_all(folder)?;
                }
                File::create(&target)?
            }
            other => other?,
        };
        failpoint::pass("build: write a staged output");
        file.write_all(bytes)
    }

    /// Renames the staged outputs into place, in the order given, then removes `stale` and the
    /// folders that this empties, and then syncs the file system.
    ///
    /// # Errors
    /// An I/O error. Every file is then still entirely old or entirely new.
    pub(crate) fn commit(self, staged: &[&str], stale: &[Stale<'_>]) -> io::Result<()> {
        failpoint::pass("build: begin to install");
        fs::create_dir_all(&self.out)?;
        let mark = self.out.join(OUTPUT_MARKER);
        if !mark.exists() {
            fs::write(&mark, MARK_TEXT)?;
        }
        let mut moved = HashSet::new();
        for path in staged {
            failpoint::pass("build: install an output");
            self.place(path, &mut moved)?;
        }
        for stale in stale {
            failpoint::pass("build: remove an output");
            self.remove(stale)?;
        }
        failpoint::pass("build: sync");
        if !staged.is_empty() || !stale.is_empty() {
            sync(&self.out)?;
        }
        Ok(())
    }

    /// Removes a file and the folders that this empties, unless an output replaced it under another
    /// spelling of its path.
    fn remove(&self, stale: &Stale<'_>) -> io::Result<()> {
        let target = self.out.join(stale.path);
        if let Some(new) = stale.renamed_to
            && is_same_file(&target, self.out.join(new)).unwrap_or(false)
        {
            self.respell(stale.path, new);
            return Ok(());
        }
        match fs::remove_file(&target) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut folder = target.parent();
        while let Some(empty) = folder.filter(|folder| *folder != self.out) {
            if fs::remove_dir(empty).is_err() {
                break;
            }
            folder = empty.parent();
        }
        Ok(())
    }

    /// Gives a file and its folders the spelling of its new path. If that fails, links work all the
    /// same, since the file system takes both spellings for one.
    fn respell(&self, old: &str, new: &str) {
        let ends = |path: &str| -> Vec<usize> {
            path.match_indices('/').map(|(end, _)| end).chain([path.len()]).collect()
        };
        for (old_end, new_end) in ends(old).into_iter().zip(ends(new)) {
            let (old, new) = (&old[..old_end], &new[..new_end]);
            if old != new {
                let _ = fs::rename(self.out.join(old), self.out.join(new));
            }
        }
    }

    /// Renames one output into place. A new folder is renamed as a whole and recorded in `moved`:
    /// everything in it is new too, and nothing links to it yet.
    fn place<'a>(&self, path: &'a str, moved: &mut HashSet<&'a str>) -> io::Result<()> {
        let above = |path: &'a str| path.rsplit_once('/').map(|(folder, _)| folder);
        if std::iter::successors(above(path), |folder| above(folder)).any(|it| moved.contains(it)) {
            return Ok(());
        }
        let (from, to) = (self.stage.join(path), self.out.join(path));
        let Err(error) = fs::rename(&from, &to) else { return Ok(()) };
        if !from.exists() {
            return Err(error);
        }
        let ends = path.match_indices('/').map(|(end, _)| &path[..end]);
        let missing = |folder: &&str| fs::symlink_metadata(self.out.join(folder)).is_err();
        if let Some(folder) = ends.into_iter().find(missing)
            && fs::rename(self.stage.join(folder), self.out.join(folder)).is_ok()
        {
            moved.insert(folder);
            return Ok(());
        }
        // A folder is missing, or something that is not an output is in the way: a file in place of
        // a folder, or a folder in place of a file.
        let mut folder = self.out.clone();
        let parent = Path::new(path).parent().unwrap_or(Path::new(""));
        for part in parent {
            folder.push(part);
            if fs::symlink_metadata(&folder).is_ok_and(|metadata| !metadata.is_dir()) {
                fs::remove_file(&folder)?;
            }
        }
        fs::create_dir_all(&folder)?;
        if to.is_dir() {
            fs::remove_dir_all(&to)?;
        }
        fs::rename(&from, &to)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // If this fails, the next build clears the stage.
        let _ = fs::remove_dir_all(&self.stage);
    }
}

/// Waits until the file system of `folder` has written everything to disk: one call for all files,
/// since one per file would take a thousand times as long.
fn sync(folder: &Path) -> io::Result<()> {
    let folder = File::open(folder)?;
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(&folder)?;
    #[cfg(not(target_os = "linux"))]
    let _ = folder.sync_all();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_folder_is_refused_and_unchanged() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("dist");
        fs::create_dir(&out).unwrap();
        fs::write(out.join("thesis.doc"), "x").unwrap();
        assert!(matches!(Stage::open(&out), Err(OutputRefusal::NotOurs(_))));
        assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
    }

    #[test]
    fn an_uncommitted_stage_changes_nothing() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("dist");
        let stage = Stage::open(&out).unwrap();
        stage.write("a/index.html", b"new").unwrap();
        drop(stage);
        assert!(!out.join("a").exists());
        assert!(!root.path().join(".dist.stage").exists());
    }

    #[test]
    fn a_new_folder_is_renamed_whole_and_an_existing_one_stays() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("dist");
        let stage = Stage::open(&out).unwrap();
        let new = ["a/b/one", "a/b/two", "a/c/three"];
        for path in new {
            stage.write(path, path.as_bytes()).unwrap();
        }
        stage.commit(&new, &[]).unwrap();
        let stage = Stage::open(&out).unwrap();
        let more = ["a/b/four", "a/d/five", "a/b/one"];
        for path in more {
            stage.write(path, b"new").unwrap();
        }
        stage.commit(&more, &[]).unwrap();
        for (path, text) in [("a/b/two", "a/b/two"), ("a/d/five", "new"), ("a/b/one", "new")] {
            assert_eq!(fs::read_to_string(out.join(path)).unwrap(), text);
        }
        assert!(out.join("a/b/four").exists() && out.join("a/c/three").exists());
    }

    #[test]
    fn obstacles_are_replaced_and_empty_folders_removed() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("dist");
        let stage = Stage::open(&out).unwrap();
        stage.write("a", b"file").unwrap();
        stage.write("old/deep/index.html", b"x").unwrap();
        stage.commit(&["a", "old/deep/index.html"], &[]).unwrap();
        let stage = Stage::open(&out).unwrap();
        stage.write("a/index.html", b"page").unwrap();
        let stale = [Stale { path: "old/deep/index.html", renamed_to: None }];
        stage.commit(&["a/index.html"], &stale).unwrap();
        assert_eq!(fs::read(out.join("a/index.html")).unwrap(), b"page");
        assert!(!out.join("old").exists());
    }

    #[test]
    fn a_new_spelling_of_a_path_is_not_another_file() {
        let found = |on_disk: &[&'static str], outputs: &[&'static str]| -> Vec<_> {
            let stale = stale(on_disk.iter().copied(), outputs);
            stale.into_iter().map(|stale| (stale.path, stale.renamed_to)).collect()
        };
        for (old, new) in [
            ("Map.pdf", "map.pdf"),
            ("Files/Map.pdf", "files/map.PDF"),
            ("\u{c9}t\u{e9}.pdf", "e\u{301}te\u{301}.pdf"),
            ("STRASSE/index.html", "straße/index.html"),
            ("ΣΟΦΟΣ.pdf", "σοφος.pdf"),
        ] {
            assert_eq!(found(&[old], &[new]), [(old, Some(new))]);
            assert_eq!(found(&[new], &[old]), [(new, Some(old))]);
            // Both are listed, so the file system distinguishes them.
            assert_eq!(found(&[old, new], &[new]), [(old, None)]);
        }
        assert_eq!(found(&["a", "c", "b"], &["a", "d"]), [("b", None), ("c", None)]);
        assert_eq!(found(&["a"], &["A", "a"]), []);
    }

    /// A file system that ignores case takes two spellings for one file; here a link does.
    #[cfg(unix)]
    #[test]
    fn a_file_is_not_removed_under_its_former_spelling() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("dist");
        let stage = Stage::open(&out).unwrap();
        stage.write("files/map.pdf", b"map").unwrap();
        stage.commit(&["files/map.pdf"], &[]).unwrap();
        let (old, new) = (out.join("files/Map.pdf"), out.join("files/map.pdf"));
        let stale = Stale { path: "files/Map.pdf", renamed_to: Some("files/map.pdf") };
        fs::hard_link(&new, &old).unwrap();
        Stage::open(&out).unwrap().commit(&[], &[stale]).unwrap();
        assert!(old.exists() && new.exists());
        // Two files are two, whatever their names.
        fs::remove_file(&old).unwrap();
        fs::write(&old, b"map").unwrap();
        Stage::open(&out).unwrap().commit(&[], &[stale]).unwrap();
        assert!(!old.exists() && new.exists());

        std::os::unix::fs::symlink("files", out.join("Files")).unwrap();
        let stage = Stage::open(&out).unwrap();
        stage.write("files/map.pdf", b"a new map").unwrap();
        let stale = Stale { path: "Files/map.pdf", renamed_to: Some("files/map.pdf") };
        stage.commit(&["files/map.pdf"], &[stale]).unwrap();
        assert_eq!(fs::read(&new).unwrap(), b"a new map");
    }
}
