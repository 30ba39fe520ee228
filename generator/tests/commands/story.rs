//! Tests of `daisy story withdraw`.

use std::fs;
use std::process::Command;

use super::support::transcript::Transcript;
use super::support::{Site, pictures};

/// A site with a story in a list, in a feed and behind a link, with an image of its own.
fn site() -> Site {
    let site = Site::with_address();
    site.write("content/site.yaml", "title: A site\nlanguage: en-GB\nbase_url: https://our-street.org.uk\ntaxonomies: [tags]\nlanguages:\n  en-GB: { name: English }\n  pl: { name: Polski }\n")
        .write("content/stories/_index.md", "---\ntitle: Stories\nfeed: true\n---\n")
        .write(
            "content/stories/amira.md",
            "---\ntitle: Amira\ndate: 2020-02-01\ntags: [gardens]\nconsent:\n  by: A. Rahman\n  on: 2020-01-01\n  covers: [words, photo]\n---\n\nHers.\n\n![Amira in her garden](amira.png)\n\n![The street](/images/street.png)\n",
        )
        .write("content/stories/noor.md", "---\ntitle: Noor\ndate: 2020-02-02\n---\n\nHers.\n")
        .write(
            "content/about.md",
            "---\ntitle: About\n---\n\nRead about [Amira](stories/amira.md).\n\n![The street](/images/street.png)\n",
        )
        .write("content/help.md", "---\ntitle: Help\n---\n\nAsk us.\n")
        .write_bytes("content/stories/amira.png", &pictures::png(40, 30, 1, false))
        .write_bytes("content/images/street.png", &pictures::png(40, 30, 2, false));
    site
}

#[test]
fn a_withdrawn_story_is_listed_wherever_it_appears() {
    let site = site();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.current_dir(site.root()).args(["-c", "commit.gpgsign=false"]).args(arguments);
        for name in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{name}_NAME"), "A").env(format!("GIT_{name}_EMAIL"), "a@b.c");
            command.env(format!("GIT_{name}_DATE"), "2020-05-01T00:00:00Z");
        }
        assert!(command.output().unwrap().status.success(), "git {arguments:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "content/stories/amira.md"]);
    git(&["commit", "-q", "-m", "A story"]);
    let before = fs::read_to_string(site.root().join("content/stories/amira.md")).unwrap();
    let mut told = Transcript::new(site.root());
    told.run(&["story", "withdraw", "content/stories/amira.md", "--on", "2020-05-01"]);
    let after = fs::read_to_string(site.root().join("content/stories/amira.md")).unwrap();
    let expected = before.replace("consent:\n", "consent:\n  withdrawn: 2020-05-01\n");
    assert_eq!(after, expected);
    told.then("again").run(&["story", "withdraw", "stories/amira.md"]);
    told.then("in the future");
    told.run(&["story", "withdraw", "stories/noor.md", "--on", "2999-01-01"]);
    told.is_kept_as("story-withdraw", &[]);
}

#[test]
fn what_cannot_be_withdrawn_is_not_changed() {
    let site = site();
    site.write("content/stories/amira.pl.md", "---\ntitle: Amira\n---\n\nJej.\n")
        .write("content/odd.md", "---\ntitle: Odd\nconsent: yes\n---\n")
        .write("content/open.md", "---\ntitle: Open\n")
        .write("outside.md", "---\ntitle: Outside\n---\n");
    let before = super::support::tree(&site.root().join("content"));
    let mut told = Transcript::new(site.root());
    for file in [
        "content/stories/amra.md",
        "outside.md",
        "content/stories/_index.md",
        "content/stories/amira.pl.md",
        "content/odd.md",
        "content/open.md",
    ] {
        told.run(&["story", "withdraw", file, "--on", "2020-05-01"]);
    }
    told.run(&["story", "withdraw", "content/help.md", "--on", "1 May 2020"]);
    assert_eq!(super::support::tree(&site.root().join("content")), before);
    told.then("a site with errors: the story is withdrawn all the same");
    told.run(&["story", "withdraw", "content/stories/amira.md", "--on", "2020-05-01"]);
    told.is_kept_as("story-not-withdrawn", &[]);
    let text = fs::read_to_string(site.root().join("content/stories/amira.md")).unwrap();
    assert!(text.contains("\n  withdrawn: 2020-05-01\n"), "{text}");
}
