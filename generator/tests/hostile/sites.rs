//! Tests of hostile sites: no panic, work in proportion to their size, a clear error or a correct page,
//! and no published files from outside the site's folder.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use daisychain::build::Error;
use daisychain::diagnostic::Diagnostic;
use daisychain::source;

use crate::support::work::{assert_grows_with_size, watched};
use crate::support::{Site, pictures, tree};

/// The errors of a site that cannot be built, each with a help.
fn refused(site: &Site, what: &str) -> Vec<Diagnostic> {
    let found = match watched(what, || site.build()) {
        Err(Error::Content(found)) => found,
        other => panic!("{what} was taken: {other:?}"),
    };
    for fault in &found {
        assert!(fault.help.is_some(), "{}: `{}` has no way out", fault.path, fault.message);
    }
    assert!(!site.root().join("dist").exists(), "something was published");
    found
}

/// The files with errors.
fn paths(found: &[Diagnostic]) -> Vec<&str> {
    found.iter().map(|fault| fault.path.as_str()).collect()
}

#[test]
fn a_symlink_out_of_the_site_is_rejected_everywhere() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.md"), "---\ntitle: Secret\n---\n").unwrap();
    for (link, to) in [
        ("content/leak.md", "secret.md"),
        ("content/leak.jpg", "secret.md"),
        ("content/leak", ""),
        ("content/data/leak.yaml", "secret.md"),
        ("content/forms/chat.yaml", "secret.md"),
        ("content/strings/en-GB.yaml", "secret.md"),
        ("themes/daisy/templates/page.html", "secret.md"),
        ("themes/daisy/templates/parts", ""),
        ("themes/daisy/static/leak.txt", "secret.md"),
        ("themes/daisy/styles/main.css", "secret.md"),
        ("themes/daisy/theme.yaml", "secret.md"),
        ("themes/other", ""),
        ("themes/other", "no-such-file"),
    ] {
        let site = Site::new();
        let at = site.root().join(link);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&at);
        symlink(outside.path().join(to), &at).unwrap();
        let found = refused(&site, link);
        assert_eq!(paths(&found), [link]);
        let said = (found[0].message.as_str(), found[0].help.as_deref().unwrap_or_default());
        let outside = (
            "this symbolic link points outside the site's folder",
            "replace the link with a copy of the file",
        );
        let nowhere = (
            "this symbolic link points to a file that does not exist",
            "remove the link, or put the file in that place",
        );
        assert_eq!(said, if to == "no-such-file" { nowhere } else { outside });
    }
}

#[test]
fn a_symlink_cycle_terminates() {
    let site = Site::new();
    symlink("..", site.root().join("content/again")).unwrap();
    let found = refused(&site, "a circle");
    assert_eq!(paths(&found), ["content/again"]);
    assert_eq!(found[0].message, "this symbolic link points to a folder that contains it");
}

#[test]
fn a_symlink_within_the_site_is_followed() {
    let site = Site::new();
    site.write("content/about.md", "---\ntitle: About\n---\n");
    symlink("about.md", site.root().join("content/more.md")).unwrap();
    site.must_build();
    assert!(site.output("more/index.html").contains("About"));
}

#[test]
fn a_name_that_is_not_unicode_is_rejected() {
    let site = Site::new();
    fs::write(site.root().join("content").join(OsStr::from_bytes(b"ros\xe9.md")), "").unwrap();
    let found = refused(&site, "a name in Latin 1");
    assert_eq!(paths(&found), ["content/ros\u{fffd}.md"]);
    assert_eq!(found[0].message, "this file name cannot be read");
    let help = "rename the file, using letters, digits and hyphens";
    assert_eq!(found[0].help.as_deref(), Some(help));
}

#[test]
fn a_file_that_disappears_before_it_is_read_is_an_error() {
    let site = Site::new();
    let fault = source::bytes(site.root(), "content/gone.jpg").unwrap_err();
    assert_eq!(fault.path, "content/gone.jpg");
    assert_eq!(fault.message, "this file cannot be read: No such file or directory (os error 2)");
    let help = "check that it still exists, and that you have permission to read it";
    assert_eq!(fault.help.as_deref(), Some(help));
}

#[test]
fn a_file_that_is_too_large_is_rejected_unread() {
    let large = "a".repeat(20_000_000);
    for path in [
        "content/about.md",
        "content/site.yaml",
        "content/data/team.yaml",
        "content/forms/chat.yaml",
        "content/strings/en-GB.yaml",
        "themes/daisy/theme.yaml",
        "themes/daisy/strings/en-GB.yaml",
    ] {
        let site = Site::new();
        site.write(path, &large);
        let found = refused(&site, path);
        assert_eq!(paths(&found), [path]);
        assert_eq!(
            found[0].message,
            "this file is too large: 19.1 MB (the maximum for text is 4 MB)"
        );
        assert_eq!(
            found[0].help.as_deref(),
            Some("split it into several pages; put a photo or video into a file of its own")
        );
    }
}

#[test]
fn invalid_utf_8_is_an_error_at_its_line() {
    for path in [
        "content/about.md",
        "content/site.yaml",
        "content/data/team.yaml",
        "content/data/team.csv",
        "content/data/team.json",
        "content/data/team.toml",
        "content/forms/chat.yaml",
        "content/strings/en-GB.yaml",
        "themes/daisy/theme.yaml",
        "themes/daisy/strings/en-GB.yaml",
        "themes/daisy/templates/page.html",
    ] {
        let site = Site::new();
        site.write_bytes(path, b"title: a\nb: \xff\xfe\n");
        let found = refused(&site, path);
        assert_eq!(paths(&found), [path]);
        assert_eq!(found[0].place.map(|place| place.line), Some(2), "{path}");
    }
}

#[test]
fn a_null_byte_is_rejected() {
    for (path, text) in [
        ("content/about.md", "---\ntitle: a\n---\nb\0c\n"),
        ("content/site.yaml", "title: a\0b\n"),
        ("content/data/team.yaml", "a: b\0c\n"),
        ("content/data/team.toml", "a = \"b\0c\"\n"),
        ("content/data/team.json", "{\"a\": \"b\0c\"}\n"),
        ("content/forms/chat.yaml", "title: a\0b\n"),
    ] {
        let site = Site::new();
        site.write(path, text);
        assert_eq!(paths(&refused(&site, path))[0], path);
    }
}

/// Nested aliases: a kilobyte of text that expands to 9 to the 29th entries.
fn bomb() -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        text.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    text
}

#[test]
fn a_yaml_alias_bomb_is_rejected_in_every_file() {
    for (path, text) in [
        ("content/about.md", format!("---\ntitle: a\n{}---\n", bomb())),
        ("content/site.yaml", format!("title: a\nextra:\n  {}", bomb().replace('\n', "\n  "))),
        ("content/data/team.yaml", bomb()),
        ("content/forms/chat.yaml", bomb()),
        ("content/strings/en-GB.yaml", bomb()),
        ("themes/daisy/theme.yaml", format!("strings:\n  {}", bomb().replace('\n', "\n  "))),
    ] {
        let site = Site::new();
        site.write(path, &text);
        assert!(paths(&refused(&site, path)).iter().all(|found| *found == path), "{path}");
    }
}

#[test]
fn deeply_nested_data_is_rejected() {
    for (path, text) in [
        ("content/data/a.json", "[".repeat(200_000)),
        ("content/data/a.yaml", format!("a: {}", "[".repeat(200_000))),
        ("content/data/a.yaml", "- ".repeat(200_000)),
        ("content/data/a.yaml", "? ".repeat(200_000)),
        ("content/data/a.toml", format!("a = {}", "[".repeat(200_000))),
        ("content/data/a.toml", format!("[{}a]", "a.".repeat(200_000))),
        ("content/site.yaml", format!("title:\n{}", "- ".repeat(200_000))),
        ("content/forms/chat.yaml", format!("title:\n{}", "- ".repeat(200_000))),
    ] {
        let site = Site::new();
        site.write(path, &text);
        assert_eq!(paths(&refused(&site, path))[0], path);
    }
}

/// A site with `count` unused files in a folder, and one file that a page shows.
fn site_of_files(count: usize) -> Site {
    let site = Site::in_memory();
    let folder = site.root().join("content/photos");
    fs::create_dir(&folder).unwrap();
    // Hard links to a hundred files, which is faster.
    for file in 0..100 {
        let first = folder.join(format!("{file}.jpg"));
        fs::File::create(&first).unwrap();
        for name in 1..count / 100 {
            fs::hard_link(&first, folder.join(format!("{file}-{name}.jpg"))).unwrap();
        }
    }
    site.write_bytes("content/photos/rose.jpg", &pictures::photo(64, 40));
    site.write("content/about.md", "---\ntitle: About\n---\n![Rose](photos/rose.jpg)\n");
    site
}

/// A site with `count` pages in a folder, each of which links to the next.
fn site_of_pages(count: usize) -> Site {
    let site = Site::in_memory();
    for number in 0..count {
        let next = (number + 1) % count;
        let text = format!("---\ntitle: Page {number}\n---\nSee [the next]({next}.md).\n");
        site.write(&format!("content/stories/{number}.md"), &text);
    }
    site.write("content/stories/_index.md", "---\ntitle: Stories\npaginate_by: 10\n---\n");
    site
}

/// Builds both cold, asserts that the work grows linearly, and leaves the large one built.
fn assert_work_grows(what: &str, (few, small): (usize, &Site), (many, large): (usize, &Site)) {
    let build = |site: &Site| {
        site.cold().unwrap();
    };
    assert_grows_with_size(what, (few, || build(small)), (many, || build(large)));
    large.must_build();
}

#[test]
fn work_for_very_many_files_in_a_folder_is_linear() {
    let (few, many) = (12_500, 100_000);
    let site = site_of_files(many);
    assert_work_grows("many files", (few, &site_of_files(few)), (many, &site));
    // Unused files are not published.
    assert_eq!(site.dist().keys().filter(|path| path.starts_with("photos")).count(), 0);
    assert!(site.output("about/index.html").contains("/images/"));
}

#[test]
fn work_for_very_many_pages_in_a_folder_is_linear() {
    let (few, many) = (250, 2_000);
    let site = site_of_pages(many);
    assert_work_grows("many pages", (few, &site_of_pages(few)), (many, &site));
    assert!(site.output("stories/page/200/index.html").contains("200 of 200"));
}

#[test]
fn windows_line_endings_build_the_same_site() {
    let site = Site::kitchen_sink();
    let plain = site.cold().unwrap();
    for (path, bytes) in tree(site.root()) {
        let is_text =
            [".md", ".yaml", ".json", ".csv", ".toml"].iter().any(|ending| path.ends_with(ending));
        if is_text && let Ok(text) = String::from_utf8(bytes) {
            site.write(&path, &text.replace('\n', "\r\n"));
        }
    }
    // The sources of images are unchanged, so the images are kept.
    let windows = site.cold().unwrap();
    assert!(plain.len() > 100);
    let paths = |dist: &std::collections::BTreeMap<String, Vec<u8>>| -> Vec<String> {
        dist.keys().cloned().collect()
    };
    assert_eq!(paths(&plain), paths(&windows));
    for (path, bytes) in &plain {
        let other = &windows[path];
        assert!(
            bytes == other,
            "{path} is\n{}\nand of lines as Windows ends them\n{}",
            String::from_utf8_lossy(bytes),
            String::from_utf8_lossy(other)
        );
    }
}
