//! Tests of `daisy import` with a small site of each program, in `tests/import/`: its texts and output,
//! and that the result builds.

use std::fs;
use std::path::{Path, PathBuf};

use super::support::transcript::{Transcript, matches_kept};
use super::support::tree;
use super::{daisy, says};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import");
    ["hugo", "zola", "jekyll", "eleventy"].map(|name| folder.join(name)).to_vec()
}

fn is_text(path: &str) -> bool {
    !path.ends_with(".png") && !path.ends_with(".pdf")
}

#[test]
fn the_site_of_each_program_is_imported() {
    let mut faults = Vec::new();
    for case in cases() {
        let folder = tempfile::tempdir().unwrap();
        let old = case.join("old");
        let said = says(folder.path(), &["import", old.to_str().unwrap(), "new"]);
        faults.extend(matches_kept(&case.join("output.txt"), &said).err());
        let new = tree(&folder.path().join("new"));
        for (path, bytes) in new.iter().filter(|(path, _)| path.starts_with("content/")) {
            match is_text(path) {
                true => {
                    let text = String::from_utf8(bytes.clone()).unwrap();
                    faults.extend(matches_kept(&case.join("new").join(path), &text).err());
                }
                false => assert!(!bytes.is_empty(), "{path}"),
            }
        }
        for path in tree(&case.join("new")).keys() {
            assert!(new.contains_key(path), "{} has no {path}", case.display());
        }
        assert!(new.contains_key("imported.md") && new.contains_key("docs/editors.md"));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn problems_of_the_source_site_are_reported_by_file() {
    let mut faults = Vec::new();
    for case in cases() {
        let case = PathBuf::from(format!("{}-faults", case.display()));
        let folder = tempfile::tempdir().unwrap();
        let said = says(folder.path(), &["import", case.join("old").to_str().unwrap(), "new"]);
        faults.extend(matches_kept(&case.join("output.txt"), &said).err());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// An editor only has to fix what the report names: broken links, and images without a text alternative.
#[test]
fn an_imported_site_builds_once_the_reported_problems_are_fixed() {
    for case in cases() {
        let folder = tempfile::tempdir().unwrap();
        let old = case.join("old");
        says(folder.path(), &["import", old.to_str().unwrap(), "."]);
        let mend = |path: &str, from: &str, to: &str| {
            let file = folder.path().join(path);
            if let Ok(text) = fs::read_to_string(&file) {
                fs::write(file, text.replace(from, to)).unwrap();
            }
        };
        mend("content/post/rose.md", "[gone](/gone/)", "gone");
        mend("content/posts/rose.md", "![]", "![Beans]");
        let built = daisy(folder.path(), &["build", "--drafts"]);
        let error = String::from_utf8(built.stderr).unwrap();
        assert!(built.status.success(), "{}: {error}", case.display());
        let checked = daisy(folder.path(), &["check", "--drafts"]);
        let error = String::from_utf8(checked.stderr).unwrap();
        assert!(checked.status.success(), "{}: {error}", case.display());
        // Former addresses redirect to the new ones.
        let old_address = match case.file_name().unwrap().to_str().unwrap() {
            "hugo" => "2020/05/rose/index.html",
            "zola" => "stories/rose/index.html",
            "jekyll" => "news/2020/05/21/rose.html",
            _ => "rose.html",
        };
        assert!(folder.path().join("dist").join(old_address).is_file(), "{old_address}");
    }
}

#[test]
fn only_a_site_is_imported_and_only_into_a_folder_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut told = Transcript::new(at);
    told.run(&["import", "gone"]);
    fs::create_dir(at.join("empty")).unwrap();
    told.run(&["import", "empty"]);
    says(at, &["init", "mine"]);
    told.run(&["import", "empty", "mine"]);
    // A file whose path in its new folder exceeds the system's limit (4096 bytes).
    fs::create_dir_all(at.join("old/content")).unwrap();
    fs::write(at.join("old/hugo.toml"), "title = \"Old\"\n").unwrap();
    let long = "leaflet-".repeat(25);
    fs::write(at.join(format!("old/content/{long}.pdf")), "%PDF").unwrap();
    let deep = vec!["d".repeat(210); 19].join("/");
    told.run(&["import", "old", &deep]);
    told.is_kept_as("import", &[(&deep, "DEEP"), (&long, "LONG")]);
}

#[test]
fn nothing_outside_the_source_folder_is_read() {
    #[cfg(unix)]
    {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        fs::create_dir_all(at.join("old/content")).unwrap();
        fs::write(at.join("old/hugo.toml"), "title = \"Old\"\n").unwrap();
        fs::write(at.join("secret.md"), "Secret.\n").unwrap();
        std::os::unix::fs::symlink(at.join("secret.md"), at.join("old/content/a.md")).unwrap();
        let output = daisy(at, &["import", "old", "new"]);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("content/a.md"), "{said}");
        assert!(!at.join("new").exists());
    }
}
