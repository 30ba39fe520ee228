//! Tests of the messages about the former address of a page that was moved or removed.

use std::path::Path;
use std::process::Command;

use daisychain::diagnostic::Diagnostic;
use daisychain::site::Host;

use super::support::{Site, tree};

const BENCH: &str = "---\ntitle: The bench\ndate: 2020-05-01\n---\nNobody knew who had broken it.\n\n## By Friday\n\nFive people came.\n";

/// A built site with a story at `/stories/old/`.
fn site() -> Site {
    let site = Site::new();
    site.write("content/stories/_index.md", "---\ntitle: Stories\n---\n");
    site.write("content/stories/old.md", BENCH);
    site.write("content/stories/other.md", "---\ntitle: Another\ndate: 2020-05-02\n---\nTea.\n");
    assert_eq!(site.must_build().lost, []);
    site
}

fn rename(site: &Site, from: &str, to: &str) {
    let path = |name: &str| site.root().join("content").join(name);
    let text = std::fs::read_to_string(path(from)).unwrap();
    site.remove(&format!("content/{from}")).write(&format!("content/{to}"), &text);
}

/// The file, the message and the help.
fn told(found: &Diagnostic) -> [&str; 3] {
    assert!(!found.is_error());
    [&found.path, &found.message, found.help.as_deref().unwrap()]
}

/// The output of `daisy check` in the folder.
fn checked(root: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_daisy"))
        .args(["check", "--now", "2020-05-20T12:00Z", "--root"])
        .arg(root)
        .output()
        .unwrap();
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_moved_page_and_the_alias_to_add_are_reported() {
    // The edit of the story, and the file that has it afterwards.
    type Edit = (&'static str, fn(&Site), &'static str);
    let edits: [Edit; 5] = [
        ("another name", |site| rename(site, "stories/old.md", "stories/new.md"), "stories/new.md"),
        ("another folder", |site| rename(site, "stories/old.md", "bench.md"), "bench.md"),
        (
            "a folder of its own",
            |site| rename(site, "stories/old.md", "news/bench/index.md"),
            "news/bench/index.md",
        ),
        (
            "another name and other words",
            |site| {
                site.remove("content/stories/old.md");
                site.write(
                    "content/stories/new.md",
                    &BENCH.replace("Five people", "Six neighbours"),
                );
            },
            "stories/new.md",
        ),
        (
            "another slug",
            |site| {
                site.write("content/stories/old.md", &BENCH.replace("date:", "slug: new\ndate:"));
            },
            "stories/old.md",
        ),
    ];
    for (name, edit, file) in edits {
        let site = site();
        edit(&site);
        // An unrelated new page.
        site.write(
            "content/stories/third.md",
            "---\ntitle: A third\ndate: 2020-05-01\n---\nWords.\n",
        );
        let before = checked(site.root());
        let lost = site.must_build().lost;
        let [found] = &lost[..] else { panic!("{name}: {lost:?}") };
        assert_eq!(
            told(found),
            [
                &format!("content/{file}"),
                "the previous address of this page, `/stories/old/`, no longer works",
                "add `aliases: [/stories/old/]` to redirect links and bookmarks to its new address",
            ],
            "{name}"
        );
        assert!(before.contains(&found.message), "{name}: check says it before: {before}");
        assert_eq!(site.dist(), site.cold().unwrap(), "{name}");
        // It is reported once.
        assert_eq!(site.must_build().lost, [], "{name}");
        assert!(!checked(site.root()).contains("no longer works"), "{name}");

        // With the suggested alias the former address redirects, and a further rename is not reported.
        let path = format!("content/{file}");
        let text = std::fs::read_to_string(site.root().join(&path)).unwrap();
        site.write(&path, &text.replacen("---\n", "---\naliases: [/stories/old/]\n", 1));
        assert_eq!(site.must_build().lost, [], "{name}");
        assert!(site.output("stories/old/index.html").contains("refresh"), "{name}");
        rename(&site, file, "stories/newer.md");
        let lost = site.must_build().lost;
        let help: Vec<&str> = lost.iter().map(|found| told(found)[2]).collect();
        let last = file.trim_end_matches(".md").trim_end_matches("/index");
        let expected = format!(
            "add `/{last}/` to its `aliases` to redirect links and bookmarks to its new address"
        );
        // Its slug keeps its address.
        assert_eq!(help, if file == "stories/old.md" { vec![] } else { vec![expected.as_str()] });
    }
}

#[test]
fn a_removed_page_is_reported_once_and_an_unpublished_one_is_not() {
    let site = site();
    site.remove("content/stories/old.md");
    let lost = site.must_build().lost;
    let found: Vec<[&str; 3]> = lost.iter().map(told).collect();
    assert_eq!(
        found,
        [[
            "content/stories/old.md",
            "this page was removed, and its address, `/stories/old/`, no longer works",
            "if another page replaces it, add `aliases: [/stories/old/]` to that page",
        ]]
    );
    assert_eq!(site.must_build().lost, []);
    // Following the help.
    site.write("content/stories/old.md", BENCH).must_build();
    site.remove("content/stories/old.md");
    site.write(
        "content/stories/other.md",
        "---\ntitle: Another\naliases: [/stories/old/]\n---\nTea.\n",
    );
    assert_eq!(site.must_build().lost, []);

    for line in ["draft: true", "publish_on: 2099-01-01", "expires_on: 2020-01-01"] {
        let site = self::site();
        site.write("content/stories/old.md", &BENCH.replace("date:", &format!("{line}\ndate:")));
        assert!(!checked(site.root()).contains("no longer works"), "{line}");
        assert_eq!(site.must_build().lost, [], "{line}");
        assert!(!tree(&site.root().join("dist")).contains_key("stories/old/index.html"), "{line}");

        // A page that visitors never saw may move, even after a build with drafts.
        let mut site = self::site();
        site.options.drafts = true;
        site.write("content/stories/plan.md", &format!("---\ntitle: Plan\n{line}\n---\nA plan.\n"));
        site.must_build();
        rename(&site, "stories/plan.md", "stories/scheme.md");
        assert_eq!(site.must_build().lost, [], "{line}");
    }
}

#[test]
fn nothing_is_reported_with_a_redirect_or_without_a_previous_build() {
    for host in [None, Some(Host::Netlify), Some(Host::Nginx)] {
        let mut site = site();
        site.options.host = host;
        site.must_build();
        site.remove("content/stories/old.md");
        site.write(
            "content/stories/new.md",
            &BENCH.replace("date:", "aliases: [/Stories/old]\ndate:"),
        );
        assert_eq!(site.must_build().lost, [], "{host:?}");
    }
    let site = site();
    site.remove(".daisy");
    rename(&site, "stories/old.md", "stories/new.md");
    assert!(!checked(site.root()).contains("no longer works"));
    assert_eq!(site.must_build().lost, []);
}

#[test]
fn no_alias_is_suggested_at_an_address_in_use() {
    // The front matter line of the story that sets its address, the line that replaces it, and other
    // files that are written then.
    type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)]);
    let cases: [Case; 4] = [
        ("slug: Bench", "slug: bench", &[]),
        ("path: /Neighbours/The-Bench/", "path: /neighbours/the-bench/", &[]),
        (
            "path: /Welcome/",
            "path: /hello/",
            &[("content/welcome.md", "---\ntitle: Welcome\n---\nCome in.\n")],
        ),
        (
            "path: /Topics/",
            "topics: [Repairs]",
            &[("content/site.yaml", "title: A site\nlanguage: en-GB\ntaxonomies: [topics]\n")],
        ),
    ];
    for (before, after, files) in cases {
        let story = |line: &str| BENCH.replace("date:", &format!("{line}\ndate:"));
        let site = site();
        site.write("content/stories/old.md", &story(before)).must_build();
        site.write("content/stories/old.md", &story(after));
        for (path, text) in files {
            site.write(path, text);
        }
        assert!(!checked(site.root()).contains("no longer works"), "{before}");
        assert_eq!(site.must_build().lost, [], "{before}");
    }
}

#[test]
fn a_translation_that_moves_with_its_original_is_reported_separately() {
    let site = Site::new();
    let languages = "languages:\n  en-GB:\n    name: English\n  ur:\n    name: اردو\n";
    site.write("content/site.yaml", &format!("title: A site\nlanguage: en-GB\n{languages}"));
    site.write("content/old.md", BENCH);
    site.write("content/old.ur.md", "---\ntitle: بینچ\n---\nکسی کو معلوم نہ تھا۔\n");
    site.must_build();
    rename(&site, "old.md", "new.md");
    let report = site.must_build();
    let help = "if it translates content/new.md, rename it to `new.ur.md`; if the page exists only in `ur`, add `slug: old`";
    let orphans: Vec<[&str; 3]> = report.warnings.iter().map(told).collect();
    assert_eq!(
        orphans,
        [[
            "content/old.ur.md",
            "this is a translation of content/old.md, which does not exist",
            help
        ]]
    );
    let lost: Vec<[&str; 3]> = report.lost.iter().map(told).collect();
    assert_eq!(lost.iter().map(|[path, ..]| *path).collect::<Vec<_>>(), ["content/new.md"]);

    rename(&site, "old.ur.md", "new.ur.md");
    let report = site.must_build();
    assert_eq!(report.warnings, []);
    let lost: Vec<[&str; 3]> = report.lost.iter().map(told).collect();
    let [[path, message, _]] = lost[..] else { panic!("{lost:?}") };
    assert_eq!(path, "content/new.ur.md");
    assert_eq!(message, "the previous address of this page, `/ur/old/`, no longer works");
}

#[test]
fn each_fix_for_a_translation_without_its_original_ends_the_warning() {
    let fixture =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites/translations-without-originals");
    let site = || {
        let site = Site::new();
        for (path, bytes) in tree(&fixture.join("content")) {
            site.write_bytes(&format!("content/{path}"), &bytes);
        }
        site
    };
    let alone = site();
    let warnings = alone.must_build().warnings;
    assert_eq!(warnings.len(), 5);
    let before = alone.dist();
    for [path, _, help] in warnings.iter().map(told) {
        let (rest, slug) = help.trim_end_matches('`').rsplit_once('`').unwrap();
        let text = std::fs::read_to_string(alone.root().join(path)).unwrap();
        alone.write(path, &text.replacen("---\n", &format!("---\n{slug}\n"), 1));
        let left = alone.must_build().warnings;
        assert!(left.iter().all(|warning| warning.path != path), "{path}: {left:?}");
        assert!(alone.dist().keys().eq(before.keys()), "{path}: it stays where it is");

        let Some((_, name)) = rest.split_once("rename it to `") else { continue };
        let name = name.split('`').next().unwrap();
        let renamed = site();
        let from = path.trim_start_matches("content/");
        let to = format!("{}/{name}", from.rsplit_once('/').unwrap().0);
        rename(&renamed, from, &to);
        let left = renamed.must_build().warnings;
        assert!(!left.iter().any(|left| left.path == path || left.path.ends_with(&to)), "{left:?}");
    }
    assert_eq!(alone.must_build().warnings, []);
}
