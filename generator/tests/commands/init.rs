//! What `daisy init` and `daisy new` give a person who has nothing yet: run as they run them.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use super::says;
use super::support::transcript::Transcript;

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
    says(&site, &["build", "--verify", "--base-url", "https://hearsall.org"]);
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
        says(&site, &["build", "--base-url", "https://hearsall.org"]);
        let page = fs::read_to_string(site.join("dist/index.html")).unwrap();
        assert!(page.contains("mailto:team@hearsall.org"), "{title}");
    }
}

#[test]
fn init_takes_nobody_s_place_and_no_nonsense() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut told = Transcript::new(at);
    told.then("in this folder").run(&["init"]).run(&["init"]);
    told.then("in one of its own").run(&["init", "a b"]).run(&["init", "a b"]);
    told.then("no words for a site");
    told.run(&["init", "c", "--language", "English"]);
    told.run(&["init", "c", "--email", "rose"]);
    told.run(&["init", "c", "--title", " "]);
    assert!(!at.join("c").exists());
    fs::create_dir(at.join("photos")).unwrap();
    fs::write(at.join("photos/rose.jpg"), "x").unwrap();
    told.then("beside what is there").run(&["init", "photos"]);
    assert!(at.join("photos/rose.jpg").exists());
    fs::create_dir_all(at.join("others/themes/daisy")).unwrap();
    fs::write(at.join("others/themes/daisy/theme.yaml"), "").unwrap();
    told.run(&["init", "others", "--theme"]);
    fs::write(at.join("file"), "").unwrap();
    told.run(&["init", "file"]);
    told.is_kept_as("init", &[]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_person_at_a_terminal_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = Transcript::new(folder.path());
    // `script` is a terminal that nobody sits at. What it is told comes first, as a keyboard's letters would.
    told.shell("printf 'Rose Lane\\n\\n\\n' | script -qec 'daisy init here' /dev/null | tr -d '\\r' | grep '?'");
    told.is_kept_as("init-asks", &[]);
    let settings = fs::read_to_string(folder.path().join("here/content/site.yaml")).unwrap();
    assert!(settings.contains("title: \"Rose Lane\"\n"), "{settings}");
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
    says(at, &["build", "--drafts", "--base-url", "https://hearsall.org"]);
}

#[test]
fn new_refuses_what_would_break_the_site() {
    let elsewhere = tempfile::tempdir().unwrap();
    let mut told = Transcript::new(elsewhere.path());
    told.then("in a folder that is no site").run(&["new", "story", "x"]);
    told.run(&["--root", "here", "new", "story", "x"]);
    fs::create_dir(elsewhere.path().join("content")).unwrap();
    told.then("in a site without a section").run(&["new", "story", "x"]);
    told.is_kept_as("new-elsewhere", &[]);

    let folder = site();
    let mut told = Transcript::new(folder.path());
    told.run(&["new", "story", "Rose"]).run(&["new", "story", "Rose!"]);
    for kind in ["storys", "stroy", "recipe"] {
        told.run(&["new", kind, "x"]);
    }
    told.run(&["new", "story", "???"]);
    told.run(&["new", "page", "Stories"]);
    told.run(&["new", "page", "api"]);
    told.is_kept_as("new", &[]);
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
    let mut told = Transcript::new(folder.path());
    told.run_with(
        &["new", "page", "What was on", "--edit"],
        &[("EDITOR", "no-such-program".as_ref())],
    );
    told.is_kept_as("new-edit", &[]);
    assert!(folder.path().join("content/what-was-on.md").is_file());
}

#[test]
fn a_section_s_archetype_is_what_its_pages_begin_as() {
    let folder = site();
    let at = folder.path();
    let section = at.join("content/stories/_index.md");
    let text = fs::read_to_string(&section).unwrap();
    let write = |archetype: &str| {
        let line = format!("---\narchetype: {archetype}\n");
        fs::write(&section, text.replacen("---\n", &line, 1)).unwrap();
    };
    let mut told = Transcript::new(at);
    write("../story.md");
    told.run(&["new", "story", "Ann"]);
    write("kept/story.md");
    told.run(&["new", "story", "Ann"]);
    fs::create_dir(at.join("kept")).unwrap();
    fs::write(at.join("kept/story.md"), "---\ntitle: \"%title%\"\nauthor: Us\n---\nOnce.\n")
        .unwrap();
    told.run(&["new", "story", "Ann"]);
    told.is_kept_as("new-archetype", &[]);
    let made = fs::read_to_string(at.join("content/stories/ann.md")).unwrap();
    assert_eq!(made, "---\ntitle: \"Ann\"\nauthor: Us\n---\nOnce.\n");
}
