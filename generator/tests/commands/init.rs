//! What `daisy init` and `daisy new` give a person who has nothing yet: run as they run them.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use super::{refuses, says};

fn site() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    says(folder.path(), &["init"]);
    folder
}

#[test]
fn the_starter_builds_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let told = says(folder.path(), &["init", "my-site"]);
    assert!(told.contains("cd my-site\n  daisy serve"), "{told}");
    let site = folder.path().join("my-site");
    says(&site, &["build", "--verify"]);
    assert!(site.join("docs/editors.md").is_file() && site.join("docs/forms.md").is_file());
    for page in ["index.html", "stories/our-first-story/index.html", "volunteer/index.html"] {
        assert!(site.join("dist").join(page).is_file(), "{page}");
    }
    let left = fs::read_to_string(site.join("content/forms/chat.yaml")).unwrap();
    assert!(!left.contains("%title%") && !left.contains("%email%"), "{left}");
}

#[test]
fn a_name_may_hold_whatever_people_write() {
    let folder = tempfile::tempdir().unwrap();
    for (at, title) in
        ["Rose's \"café\": we & you <3", "50% \\ %date%", "# - [x]: {y}", "ਰੋਜ਼"].iter().enumerate()
    {
        let name = format!("site-{at}");
        says(folder.path(), &["init", &name, "--title", title, "--email", "team@hearsall.org"]);
        let site = folder.path().join(name);
        says(&site, &["build"]);
        let page = fs::read_to_string(site.join("dist/index.html")).unwrap();
        assert!(page.contains("mailto:team@hearsall.org"), "{title}");
    }
}

#[test]
fn init_takes_nobody_s_place_and_no_nonsense() {
    let folder = site();
    let at = folder.path();
    assert!(refuses(at, &["init"]).contains("this folder holds a site already"));
    assert!(refuses(at, &["init", "a", "--language", "English"]).contains("`en-GB`"));
    assert!(refuses(at, &["init", "a", "--email", "rose"]).contains("`hello@example.org`"));
    assert!(refuses(at, &["init", "a", "--title", " "]).contains("a line of text"));
    assert!(!at.join("a").exists());
    fs::create_dir(at.join("photos")).unwrap();
    fs::write(at.join("photos/rose.jpg"), "x").unwrap();
    says(at, &["init", "photos"]);
    assert!(at.join("photos/rose.jpg").exists());
}

#[test]
fn a_new_story_stands_in_its_section() {
    let folder = site();
    let at = folder.path();
    let told = says(at, &["new", "story", "Rose: the \"bench\""]);
    assert!(told.starts_with("Made content/stories/rose-the-bench.md\n"), "{told}");
    let text = fs::read_to_string(at.join("content/stories/rose-the-bench.md")).unwrap();
    assert!(text.starts_with("---\ntitle: \"Rose: the \\\"bench\\\"\"\ndate: "), "{text}");
    // Words without quotation marks, and the section in any form.
    says(at, &["new", "Stories", "Tom", "and", "Ann"]);
    assert!(at.join("content/stories/tom-and-ann.md").is_file());
    says(at, &["new", "page", "What's on"]);
    assert!(at.join("content/whats-on.md").is_file());
    says(at, &["new", "story", &"very ".repeat(80)]);
    says(at, &["build", "--drafts"]);
}

#[test]
fn new_refuses_what_would_break_the_site() {
    let folder = site();
    let at = folder.path();
    says(at, &["new", "story", "Rose"]);
    let told = refuses(at, &["new", "story", "Rose!"]);
    assert!(told.contains("content/stories/rose.md is there already"), "{told}");
    assert!(refuses(at, &["new", "storys", "x"]).contains("did you mean `story`?"));
    assert!(refuses(at, &["new", "stroy", "x"]).contains("did you mean `story`?"));
    assert!(refuses(at, &["new", "recipe", "x"]).contains("there is `page`, `stories`"));
    assert!(refuses(at, &["new", "story", "???"]).contains("cannot be a title"));
    assert!(refuses(at, &["new", "page", "Stories"]).contains("has this address already"));
    assert!(refuses(at, &["new", "page", "api"]).contains("cannot be the name of a page"));
    let elsewhere = tempfile::tempdir().unwrap();
    assert!(refuses(elsewhere.path(), &["new", "story", "x"]).contains("`daisy init`"));
}

#[test]
fn a_new_page_is_opened_in_the_program_that_is_asked_for() {
    let folder = site();
    let new = |title: &str, editor: &str| {
        Command::new(env!("CARGO_BIN_EXE_daisy"))
            .args(["new", "page", title, "--edit"])
            .current_dir(folder.path())
            .env_remove("VISUAL")
            .env("EDITOR", editor)
            .output()
            .unwrap()
    };
    // A program that says what it is given to open.
    let opened = new("What's on", "echo opened");
    let said = String::from_utf8(opened.stdout).unwrap();
    assert!(said.contains("opened ./content/whats-on.md"), "{said}");
    let refused = new("What was on", "no-such-program");
    assert_eq!(refused.status.code(), Some(2));
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("open it yourself, or set EDITOR"), "{error}");
    assert!(folder.path().join("content/what-was-on.md").is_file());
}

#[test]
fn a_section_s_archetype_is_what_its_pages_begin_as() {
    let folder = site();
    let at = folder.path();
    let section = at.join("content/stories/_index.md");
    let text = fs::read_to_string(&section).unwrap();
    fs::write(&section, text.replacen("---\n", "---\narchetype: kept/story.md\n", 1)).unwrap();
    assert!(refuses(at, &["new", "story", "Ann"]).contains("there is no such file"));
    fs::create_dir(at.join("kept")).unwrap();
    fs::write(at.join("kept/story.md"), "---\ntitle: \"%title%\"\nauthor: Us\n---\nOnce.\n")
        .unwrap();
    says(at, &["new", "story", "Ann"]);
    let made = fs::read_to_string(at.join("content/stories/ann.md")).unwrap();
    assert_eq!(made, "---\ntitle: \"Ann\"\nauthor: Us\n---\nOnce.\n");
}
