//! Tests of `daisy check` with small sites, each a folder of `tests/check/`.

use std::fs;
use std::path::{Path, PathBuf};

use super::support::transcript::{Transcript, matches_kept};
use super::support::{Site, tree};
use super::{daisy, says};

/// The small site of `support`, with a theme without findings.
pub(super) fn site() -> Site {
    let site = Site::with_address();
    site.write(
        "themes/daisy/templates/base.html",
        "{% set style = asset(path=\"styles/main.css\") -%}\n<!DOCTYPE html>\n<html lang=\"{{ page.lang }}\">\n<head>\n<title>{% if page.title %}{{ page.title }}{% else %}Not here{% endif %}</title>\n\
         <link rel=\"stylesheet\" href=\"{{ style.url }}\">\n</head>\n<body>\n\
         <h1>{% if page.title %}{{ page.title }}{% else %}Not here{% endif %}</h1>\n\
         {% block main %}{{ page.content }}{% endblock main %}\n</body>\n</html>\n",
    );
    site
}

#[test]
fn each_rule_reports_its_findings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 9, "the cases are in {}", folder.display());
    let mut faults = Vec::new();
    for case in cases {
        let site = site();
        for (path, bytes) in tree(&case) {
            if path != "output.txt" {
                site.write_bytes(&path, &bytes);
            }
        }
        let output = daisy(site.root(), &["check", "--now", "2020-05-21T00:00Z"]);
        let code = output.status.code();
        let said =
            String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap();
        let said = format!("{said}exit code {}\n", code.unwrap());
        faults.extend(matches_kept(&case.join("output.txt"), &said).err());
        assert!(!site.root().join("dist").exists(), "{} wrote", case.display());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// Editors change pages and settings, not templates: no help for those mentions a template or its HTML.
#[test]
fn editors_can_fix_their_errors_without_the_theme() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check");
    let mut looked = 0;
    for case in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let said = fs::read_to_string(case.join("output.txt")).unwrap();
        for told in said.split("\n\n").filter(|told| told.contains(" --> content/")) {
            looked += 1;
            let help = told.split("help: ").nth(1).unwrap_or_default();
            for word in ["template", "`<h1", "`<h2", "{{ page", "theme"] {
                assert!(!help.contains(word), "{}: {told}", case.display());
            }
        }
    }
    assert!(looked >= 20, "{looked}");
}

#[test]
fn json_output_lists_all_findings() {
    let site = site();
    site.write("content/about.md", "---\ntitle: About\n---\n\nHello.\n\n#### Deep\n");
    let output = daisy(site.root(), &["check", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&told["version"], &told["errors"], &told["warnings"]),
        (&1.into(), &0.into(), &1.into())
    );
    let found = &told["found"][0];
    assert_eq!(found["rule"], "heading");
    assert_eq!(found["severity"], "warning");
    assert_eq!(found["file"], "content/about.md");
    assert_eq!(
        (&found["line"], &found["column"], &found["length"]),
        (&7.into(), &6.into(), &4.into())
    );
    assert_eq!(found["pages"], serde_json::json!(["/about/"]));
    // Build errors have the same format.
    site.write("content/about.md", "---\ntitle: About\n---\n\n[x](gone.md)\n");
    let output = daisy(site.root(), &["check", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["errors"], &told["found"][0]["rule"]), (&1.into(), &"build".into()));
}

#[test]
fn github_annotations_have_the_line() {
    let site = site();
    site.write("content/about.md", "---\ntitle: About\n---\n\nHello.\n\n#### Deep\n");
    let output = daisy(site.root(), &["check", "--format", "github"]);
    assert_eq!(output.status.code(), Some(0));
    let told = String::from_utf8(output.stdout).unwrap();
    let line = "::warning file=content/about.md,line=7,col=6,endColumn=9::";
    assert!(told.contains(line), "{told}");
    // Build errors have the same format, and the log shows their lines.
    site.write("content/about.md", "---\ntitle: About\n---\n\n[x](gone.md)\n");
    let output = daisy(site.root(), &["check", "--format", "github"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("::error file=content/about.md,line=5,col=5,endColumn=11::"), "{told}");
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("5 | [x](gone.md)"), "{log}");
}

#[test]
fn annotations_that_github_hides_are_counted() {
    let site = site();
    for number in 10..22 {
        let page = format!("---\ntitle: Page {number}\n---\n\nHello.\n\n#### Deep\n");
        site.write(&format!("content/page-{number}.md"), &page);
    }
    let mut told = Transcript::new(site.root());
    told.run(&["check", "--format", "github"]);
    told.is_kept_as("check-github", &[]);
}

#[test]
fn drafts_are_checked_on_request() {
    let site = site();
    site.write("content/plan.md", "---\ntitle: Plan\ndraft: true\n---\n\n#### Deep\n");
    assert!(says(site.root(), &["check"]).contains("no problems found"));
    let output = daisy(site.root(), &["check", "--drafts"]);
    assert!(String::from_utf8(output.stderr).unwrap().contains("content/plan.md:6"));
}

#[test]
fn the_starter_and_the_campaign_have_only_findings_about_placeholders() {
    let folder = tempfile::tempdir().unwrap();
    says(folder.path(), &["init"]);
    for root in [folder.path(), &Path::new(env!("CARGO_MANIFEST_DIR")).join("..")] {
        let output = daisy(root, &["check", "--format", "json"]);
        assert_eq!(output.status.code(), Some(0));
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = told["found"].as_array().unwrap();
        assert!(!found.is_empty());
        for each in found {
            assert_eq!(
                (&each["rule"], &each["severity"]),
                (&"placeholder".into(), &"warning".into())
            );
        }
    }
}

#[test]
fn very_many_findings_are_sampled_by_kind_and_counted() {
    let site = site();
    for page in 0..40 {
        let dead: String =
            (0..4).map(|n| format!("[a](gone-{page}-{n}.md) [b](/gone/{n}/)\n")).collect();
        site.write(&format!("content/page-{page}.md"), &format!("---\ntitle: P\n---\n{dead}"));
    }
    let said = |arguments: &[&str]| {
        let output = daisy(site.root(), arguments);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let places = |said: &str| said.lines().filter(|line| line.contains(" --> ")).count();
    site.write("content/other.md", "---\ntitle: Other\n---\n\n[c](#gone)\n");
    let few = said(&["check"]);
    assert_eq!(places(&few), 50, "{few}");
    assert!(few.contains("goes to a heading that does not exist"), "{few}");
    let end = "more of the same (use `--verbose` to see them all):\n  \
               271 × error: this link goes to a page that does not exist (in 34 files)\n\n321 errors\n";
    assert!(few.ends_with(end), "{few}");
    assert_eq!(places(&said(&["check", "--verbose"])), 321);
    assert_eq!(places(&said(&["build"])), 50);
}

#[test]
fn drafts_that_are_left_out_are_counted() {
    let site = site();
    let write = |name: &str| {
        site.write(&format!("content/{name}.md"), "---\ntitle: Once\ndraft: true\n---\nWords.\n");
    };
    let mut told = Transcript::new(site.root());
    told.run(&["check"]);
    write("once");
    told.then("one draft").run(&["check"]).run(&["build"]).run(&["build"]);
    write("twice");
    told.then("two drafts").run(&["check"]).run(&["build"]);
    told.run(&["check", "--drafts"]).run(&["build", "--drafts"]);
    told.is_kept_as("check-drafts", &[]);
}
