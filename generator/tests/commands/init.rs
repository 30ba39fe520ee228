//! Tests of `daisy init` and `daisy new`, run as users run them.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use walkdir::WalkDir;

use super::support::transcript::Transcript;
use super::{daisy, says};

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
fn a_site_name_may_have_any_characters() {
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

/// Every file below a folder, with its text.
fn texts(folder: &Path) -> Vec<(String, String)> {
    let files = WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    files
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            (path, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

/// The files of a folder that contain `text`.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let files = texts(folder).into_iter();
    files.filter(|(_, each)| each.contains(text)).map(|(path, _)| path).collect()
}

#[test]
fn each_answer_is_stored_in_one_place_and_used_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let (title, email) = ("Rose Lane", "o'neill+%date%@hearsall.org");
    let arguments =
        ["init", "--title", title, "--language", "PL-latn-pl", "--email", email, "site"];
    says(folder.path(), &arguments);
    let content = folder.path().join("site/content");
    assert_eq!(files_with(&content, email), ["site.yaml"]);
    assert_eq!(files_with(&content, "hello@example.org"), [""; 0]);
    assert_eq!(files_with(&content, "01632 960123"), ["site.yaml"]);
    assert_eq!(files_with(&content, "language: pl-Latn-PL\n").len(), 4, "settings and three forms");
    assert_eq!(files_with(&content, "Our community"), [""; 0]);

    // Forms take the phone number and the address for notices from the settings.
    let settings = fs::read_to_string(content.join("site.yaml")).unwrap();
    let settings = settings.replace("01632 960123", "024 7601 2345");
    fs::write(content.join("site.yaml"), settings).unwrap();
    let build = ["--root", "site", "build", "--base-url", "https://hearsall.org"];
    assert!(daisy(folder.path(), &build).status.success());
    let page = fs::read_to_string(folder.path().join("site/dist/volunteer/index.html")).unwrap();
    assert!(page.contains("024 7601 2345"), "{page}");
}

#[test]
fn a_story_of_the_starter_is_shown_as_a_story() {
    let folder = site();
    says(folder.path(), &["new", "story", "The bench"]);
    says(folder.path(), &["build", "--drafts", "--base-url", "https://hearsall.org"]);
    for story in ["our-first-story", "the-bench"] {
        let page = folder.path().join(format!("dist/stories/{story}/index.html"));
        let page = fs::read_to_string(page).unwrap();
        assert!(page.contains("<article class=\"story\">"), "{page}");
    }
}

#[test]
fn an_answer_that_a_build_would_reject_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    for email in
        ["hello@x", "@hearsall.org", "a b@hearsall.org", "a..b@hearsall.org", "a@-x.org", "a@1.2"]
    {
        let output = daisy(folder.path(), &["init", "site", "--email", email]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{email}");
        assert!(error.contains(&format!("`{email}` is not an email address")), "{error}");
        assert!(!folder.path().join("site").exists(), "{email}");
    }
}

/// The output of `daisy init site` with these answers through a pipe, which stays open if `open`.
fn piped(folder: &Path, arguments: &[&str], answers: &[u8], open: bool) -> Output {
    let (reader, mut writer) = io::pipe().unwrap();
    writer.write_all(answers).unwrap();
    let writer = open.then_some(writer);
    let mut command = Command::new(env!("CARGO_BIN_EXE_daisy"));
    command.args(["init", "site"]).args(arguments).current_dir(folder);
    let output = command.stdin(Stdio::from(reader)).output().unwrap();
    drop(writer);
    output
}

#[test]
fn answers_are_read_from_a_pipe() {
    const DEFAULTS: [&str; 3] = ["Our community", "en-GB", "hello@example.org"];
    let cases: [(&[&str], &str, bool, [&str; 3]); 8] = [
        (&[], "", false, DEFAULTS),
        (&[], "\n\n\n", false, DEFAULTS),
        (&[], "Rose Lane\n", false, ["Rose Lane", DEFAULTS[1], DEFAULTS[2]]),
        (&[], "Rose Lane\n", true, ["Rose Lane", DEFAULTS[1], DEFAULTS[2]]),
        (&[], "Rose Lane", false, ["Rose Lane", DEFAULTS[1], DEFAULTS[2]]),
        (&[], " Rose \r\n\r\na@b.org\r\n", false, ["Rose", DEFAULTS[1], "a@b.org"]),
        (&[], "Rose\npl\na@b.org\nmore\n", false, ["Rose", "pl", "a@b.org"]),
        (&["--title", "Rose"], "pl\na@b.org\n", false, ["Rose", "pl", "a@b.org"]),
    ];
    for (arguments, answers, open, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let output = piped(folder.path(), arguments, answers.as_bytes(), open);
        assert!(output.status.success(), "{answers:?}: {output:?}");
        let settings = fs::read_to_string(folder.path().join("site/content/site.yaml")).unwrap();
        let [title, language, email] = expected;
        for line in [
            format!("title: \"{title}\""),
            format!("language: {language}"),
            format!("  email: \"{email}\""),
        ] {
            assert!(settings.lines().any(|each| each == line), "{answers:?}: {line}: {settings}");
        }
    }
}

#[test]
fn invalid_answers_from_a_pipe_create_no_site() {
    for answers in ["Rose\nEnglish\n\n".as_bytes(), b"\n\nhello@x\n", b"caf\xe9\n", b"a\0b\n"] {
        let folder = tempfile::tempdir().unwrap();
        let output = piped(folder.path(), &[], answers, false);
        assert_eq!(output.status.code(), Some(2), "{answers:?}");
        assert!(!folder.path().join("site").exists());
    }
    // Without a newline or an end of file.
    let folder = tempfile::tempdir().unwrap();
    let zeros = fs::File::open("/dev/zero").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_daisy"));
    let output = command.args(["init", "site"]).current_dir(folder.path()).stdin(zeros).output();
    assert_eq!(output.unwrap().status.code(), Some(2));
}

/// The guides that a text names, such as `docs/forms.md`.
fn guides_in(text: &str) -> impl Iterator<Item = String> {
    text.split("docs/").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '-')?;
        rest[end..].starts_with(".md").then(|| format!("docs/{}.md", &rest[..end]))
    })
}

#[test]
fn every_guide_that_the_program_mentions_is_in_the_site() {
    let folder = site();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut named = BTreeSet::new();
    for source in ["generator/src", "functions/src"] {
        for (path, text) in texts(&workspace.join(source)) {
            // Comments are for developers, except those of `cli.rs`, which are help texts.
            let lines = text
                .lines()
                .filter(|line| path.ends_with("cli.rs") || !line.trim_start().starts_with("//"));
            lines.for_each(|line| named.extend(guides_in(line)));
        }
    }
    for (_, text) in texts(&folder.path().join("content")) {
        named.extend(guides_in(&text));
    }
    assert!(named.contains("docs/editors.md") && named.contains("docs/forms.md"), "{named:?}");
    // Guides link to other guides too.
    for (_, text) in texts(&folder.path().join("docs")) {
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        let guides = targets.map(|target| format!("docs/{target}"));
        named.extend(guides.filter(|path| path.ends_with(".md") && workspace.join(path).exists()));
    }
    for guide in named {
        assert!(folder.path().join(&guide).is_file(), "{guide} is not in the site");
    }
}

#[test]
fn init_overwrites_nothing_and_rejects_invalid_answers() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut told = Transcript::new(at);
    told.then("in this folder").run(&["init"]).run(&["init"]);
    told.then("in a new folder").run(&["init", "a b"]).run(&["init", "a b"]);
    told.then("invalid arguments");
    told.run(&["init", "c", "--language", "English"]);
    told.run(&["init", "c", "--email", "rose"]);
    told.run(&["init", "c", "--email", "hello@x"]);
    told.run(&["init", "c", "--title", " "]);
    told.then("answers on standard input");
    told.shell("printf 'Rose Lane\\nEnglish\\n' >answers; daisy init c <answers");
    told.shell("printf 'caf\\351\\n' >answers; daisy init c <answers");
    assert!(!at.join("c").exists());
    told.shell(
        "printf 'Rose Lane\\n\\nrose@hearsall.org\\n' >answers; daisy init answered <answers",
    );
    told.shell("grep -r rose@ answered/content");
    fs::create_dir(at.join("photos")).unwrap();
    fs::write(at.join("photos/rose.jpg"), "x").unwrap();
    told.then("next to other files").run(&["init", "photos"]);
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
fn a_person_at_a_terminal_is_prompted() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = Transcript::new(folder.path());
    // `script` provides a terminal without a person. Its input is sent first, as if typed.
    told.shell("printf 'Rose Lane\\nEnglish\\n\\n\\n' | script -qec 'daisy init here' /dev/null | tr -d '\\r' | grep '?'");
    told.is_kept_as("init-asks", &[]);
    let settings = fs::read_to_string(folder.path().join("here/content/site.yaml")).unwrap();
    assert!(settings.contains("title: \"Rose Lane\"\n"), "{settings}");
}

#[test]
fn a_new_story_is_created_in_its_section() {
    let folder = site();
    let at = folder.path();
    let told = says(at, &["new", "story", "Rose: the \"bench\""]);
    assert!(told.starts_with("Created content/stories/rose-the-bench.md\n"), "{told}");
    let text = fs::read_to_string(at.join("content/stories/rose-the-bench.md")).unwrap();
    assert!(text.starts_with("---\ntitle: \"Rose: the \\\"bench\\\"\"\ndate: "), "{text}");
    let record = "consent:
  by:                # who consented; not published
  on:                # the date, such as 2026-05-21
  covers: [words]    # words, name, photo
  where: [site]      # site, newsletter
---
";
    assert!(text.contains(record), "{text}");
    // A title without quotation marks, and the section in any form.
    says(at, &["new", "Stories", "Tom", "and", "Ann"]);
    assert!(at.join("content/stories/tom-and-ann.md").is_file());
    says(at, &["new", "page", "What's on"]);
    assert!(at.join("content/whats-on.md").is_file());
    says(at, &["new", "story", &"very ".repeat(80)]);
    says(at, &["build", "--drafts", "--base-url", "https://hearsall.org"]);
}

/// The name and the title of this month's newsletter.
fn this_month() -> (String, String) {
    let today = jiff::Zoned::now();
    (today.strftime("%Y-%m").to_string(), today.strftime("%B %Y").to_string())
}

#[test]
fn a_new_newsletter_presents_stories() {
    let folder = site();
    let at = folder.path();
    let story = |name: &str, title: &str, front: &str| {
        let text = format!("---\ntitle: \"{title}\"\n{front}---\n\nBeans, and more.\n");
        fs::write(at.join(format!("content/stories/{name}.md")), text).unwrap();
    };
    let consent = "consent:\n  by: R. Okafor\n  on: 2026-05-01\n  where: [site, newsletter]\n";
    story("rose", "Rose [and] *her* beans", consent);
    story("tom", "Tom", "consent:\n  by: T. Ward\n  on: 2026-05-01\n  where: [site]\n");
    story("ann", "Ann", &format!("draft: true\n{consent}"));
    let (name, title) = this_month();
    let told = says(at, &["new", "newsletter", "--stories", "content/stories/rose.md"]);
    let created = format!(
        "Created content/newsletters/_index.md\nCreated content/newsletters/{name}.md\nIt is a draft."
    );
    assert!(told.starts_with(&created), "{told}");
    let issue = fs::read_to_string(at.join(format!("content/newsletters/{name}.md"))).unwrap();
    assert!(issue.starts_with(&format!("---\ntitle: \"{title}\"\n")), "{issue}");
    let front = "
preheader:        # shown after the subject in a list of emails
draft: true
";
    assert!(issue.contains(front), "{issue}");
    let presented =
        "\n## [Rose \\[and\\] \\*her\\* beans](../stories/rose.md)\n\nBeans, and more.\n";
    assert!(issue.ends_with(presented), "{issue}");
    says(at, &["build", "--drafts", "--base-url", "https://hearsall.org"]);
    let page = at.join(format!("dist/newsletters/{name}/index.html"));
    assert!(
        fs::read_to_string(page)
            .unwrap()
            .contains("<a href=\"/stories/rose/\">Rose [and] *her* beans</a>")
    );

    // Months and titles as names, in the site's language.
    says(at, &["new", "newsletter", "2026-03"]);
    says(at, &["new", "newsletters", "A", "summer", "of", "beans"]);
    let text =
        |name: &str| fs::read_to_string(at.join(format!("content/newsletters/{name}.md"))).unwrap();
    assert!(text("2026-03").contains("title: \"March 2026\""));
    assert!(text("a-summer-of-beans").contains("title: \"A summer of beans\""));

    let mut told = Transcript::new(at);
    told.run(&["new", "newsletter", "2026-03"]);
    told.run(&["new", "newsletter", "2026-04", "--stories", "stories/tom.md"]);
    told.run(&["new", "newsletter", "2026-04", "--stories", "content/stories/ann.md"]);
    told.run(&["new", "newsletter", "2026-04", "--stories", "stories/rosa.md"]);
    told.run(&["new", "newsletter", "?"]);
    told.run(&["new", "story", "x", "--stories", "stories/rose.md"]);
    told.run(&["new", "story"]);
    told.is_kept_as("new-newsletter", &[]);
    assert!(!at.join("content/newsletters/2026-04.md").exists());
}

#[test]
fn new_rejects_what_would_break_the_site() {
    let elsewhere = tempfile::tempdir().unwrap();
    let mut told = Transcript::new(elsewhere.path());
    told.then("in a folder that is not a site").run(&["new", "story", "x"]);
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
fn a_new_page_is_opened_in_the_chosen_editor() {
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
    // An editor that prints its argument.
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
fn new_pages_start_from_their_section_s_archetype() {
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
