//! Tests of `daisy build`, from an empty folder to `--verify`.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::support::transcript::Transcript;
use super::support::{Site, pictures};

/// A moment in the spring of 2020.
const NOW: [&str; 2] = ["--now", "2020-05-20T12:00Z"];

#[test]
fn an_incomplete_site_gets_errors_about_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut told = Transcript::new(at);
    told.then("an empty folder").run(&["build"]);
    fs::create_dir(at.join("content")).unwrap();
    told.then("a folder `content` is added").run(&["build"]);
    fs::write(at.join("content/site.yaml"), "title: A site\n").unwrap();
    told.then("settings are added").run(&["build"]);
    fs::write(at.join("content/index.md"), "---\ntitle: Home\n---\n").unwrap();
    told.then("a home page with the wrong name is added").run(&["build"]);
    fs::rename(at.join("content/index.md"), at.join("content/_index.md")).unwrap();
    told.then("the home page is renamed").run(&["build"]);
    told.is_kept_as("build-begins", &[]);
}

#[test]
fn output_is_written_only_to_allowed_folders() {
    let site = Site::with_address();
    site.write("content/about.md", "---\ntitle: About\nexpires_on: 2020-05-21 18:30\n---\n");
    site.write("photos/rose.txt", "Rose");
    let mut told = Transcript::new(site.root());
    for out in [".", "content", "content/built", "themes/new/../built", "photos"] {
        told.run(&["build", "--out", out]);
    }
    told.then("invalid times").run(&["build", "--now", "tomorrow"]);
    told.run_with(&["build"], &[("SOURCE_DATE_EPOCH", "yesterday".as_ref())]);
    told.then("before the first build").run(&["build", "--why", "about"]);
    let now = |words: &[&'static str]| [&["build"], &NOW[..], words].concat();
    told.then("two builds without changes").run(&now(&[])).run(&now(&[]));
    told.run(&now(&["--quiet"]));
    let mark = fs::read_to_string(site.root().join("dist/.daisychain")).unwrap();
    assert_eq!(
        mark,
        "This folder is made by `daisy build`: what you change in it is overwritten, and what you add is removed.\n"
    );
    told.then("for the user's own server").run(&now(&["--for", "nginx"]));
    told.then("with verification").run(&now(&["--verify"]));
    told.then("after the page has expired").run(&["build", "--now", "2020-05-22T00:00Z"]);
    told.is_kept_as("build", &[]);
}

#[test]
fn a_build_for_a_host_reports_placeholders() {
    let site = Site::new();
    let form = "title: Lunch\nfields:\n  - { name: name, kind: full-name, label: Your name }\nsubmit: Send\n\
                phone: 024 7655 5012\nthanks: { title: Thank you, next: [We ring you.] }\n";
    site.write("content/forms/lunch.yaml", form);
    let mut told = Transcript::new(site.root());
    let build = |words: &[&'static str]| [&["build"], &NOW[..], words].concat();
    told.then("a form, on a host for static files").run(&build(&["--for", "netlify"]));
    site.write("content/forms/visit.yaml", form);
    told.then("two forms, on a server for static files").run(&build(&["--for", "nginx"]));
    let settings = "title: A site\nforms_url: https://forms.our-street.org.uk\n";
    site.write("content/site.yaml", settings);
    told.then("forms are answered elsewhere, and the site has no address")
        .run(&build(&["--for", "github"]));
    site.write("content/about.md", "---\ntitle: About\n---\nRing 01632 960123.\n");
    let settings = format!("{settings}base_url: https://www.example.org\n");
    site.write("content/site.yaml", &settings);
    told.then("placeholders in the pages").run(&build(&["--for", "caddy"]));
    told.then("without `--for`").run(&build(&[]));
    told.is_kept_as("build-for-a-host", &[]);
}

#[test]
fn an_unusable_cache_is_ignored() {
    let site = Site::with_address();
    let mut told = Transcript::new(site.root());
    told.run(&["build"]);
    let cache =
        fs::read_dir(site.root().join(".daisy")).unwrap().map(|entry| entry.unwrap().path());
    let cache = cache.into_iter().find(|path| path.file_name().unwrap() != "lock").unwrap();
    let bytes = fs::read(&cache).unwrap();
    fs::write(&cache, &bytes[..bytes.len() / 2]).unwrap();
    told.then("the cache is truncated").run(&["build", "--why", "index.html"]).run(&["build"]);
    fs::write(&cache, [b"daisy 0", &bytes[7..]].concat()).unwrap();
    told.then("another version of `daisy` wrote the cache")
        .run(&["build", "--why", "index.html"])
        .run(&["build"]);
    fs::remove_file(&cache).unwrap();
    fs::create_dir(&cache).unwrap();
    told.then("a folder is in the place of the cache").run(&["build", "--why", "index.html"]);
    told.is_kept_as("build-cache", &[]);
}

#[test]
fn why_explains_each_output() {
    let site = Site::with_address();
    let settings = "title: A site\nbase_url: https://a.test\ntaxonomies: [tags]\n";
    site.write("content/site.yaml", settings);
    site.write("content/stories/_index.md", "---\ntitle: Stories\npaginate_by: 1\n---\n");
    for (name, title) in [("ann", "Ann"), ("rose", "Rose")] {
        let text = format!("---\ntitle: {title}\ntags: [Music]\n---\n");
        site.write(&format!("content/stories/{name}.md"), &text);
    }
    site.write("content/leaflet.pdf", "%PDF");
    site.write("content/minutes.pdf", "%PDF");
    let body = "![Our street](street.png) and a [leaflet](leaflet.pdf)";
    site.write("content/about.md", &format!("---\ntitle: About\n---\n{body}\n"));
    site.write_bytes("content/street.png", &pictures::png(32, 8, 0, false));
    let mut told = Transcript::new(site.root());
    told.run(&["build"]);
    let image = site.dist().into_keys().find(|path| path.starts_with("images/")).unwrap();
    for path in [
        "",
        "stories",
        "stories/page/2/",
        "/tags/",
        "tags/music",
        "404.html",
        "leaflet.pdf",
        "sitemap.xml",
        &image,
        "minutes.pdf",
        "storeis",
    ] {
        told.run(&["build", "--why", path]);
    }
    site.write("content/stories/rose.md", "---\ntitle: Rosa\ntags: [Music]\n---\n");
    site.write("dist/404.html", "Somebody's own.");
    told.then("a title changed, and a file in `dist` was edited");
    for path in ["stories/page/2", "about", "404.html"] {
        told.run(&["build", "--why", path]);
    }
    site.write("content/about.md", &format!("---\ntitle: About us\n---\n{body}\n"));
    told.then("a page that shows an image changed").run(&["build", "--why", &image]);
    site.remove("content/about.md");
    told.then("a page was removed").run(&["build", "--why", "about"]);
    told.run(&["build", "--why", &image]);
    told.run(&["build"]).run(&["build", "--why", &image]);
    told.is_kept_as("build-why", &[(&image, "images/STREET")]);
}

/// A `git` that edits the site each time the build asks for the history.
fn git(site: &Site, script: &str) -> OsString {
    let folder = site.root().join("programs");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("git");
    fs::write(&program, format!("#!/bin/sh\n{script}\nexit 1\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let mut path = folder.into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    path
}

#[test]
fn a_file_that_changes_during_a_build_is_detected() {
    let site = Site::with_address();
    site.write("content/site.yaml", "title: A site\ngit_dates: true\n");
    site.write("content/about.md", "---\ntitle: About\n---\n![Our street](street.png)\n");
    site.write("content/street.png", "");
    site.write_bytes("content/street.png", &pictures::png(32, 8, 0, false));
    let mut told = Transcript::new(site.root());
    let path = git(&site, "echo more >> content/street.png");
    told.then("an image changes during the build").run_with(&["build"], &[("PATH", &path)]);
    site.write_bytes("content/street.png", &pictures::png(32, 8, 0, false));
    told.run(&["build"]);
    let page = "{% extends \"base.html\" %}{% block main %}{{ page.content }}.{% endblock main %}";
    site.write("themes/daisy/templates/page.html", page);
    let path = git(&site, "echo more >> content/about.md");
    told.then("a page changes during the build, after its template")
        .run_with(&["build"], &[("PATH", &path)]);
    site.write("content/leaflet.pdf", "%PDF-1.7");
    site.write("content/_index.md", "---\ntitle: Home\n---\n[Leaflet](leaflet.pdf)\n");
    let path = git(&site, "echo more >> content/leaflet.pdf");
    told.then("a downloadable file changes during the build")
        .run_with(&["build"], &[("PATH", &path)]);
    told.run(&["build"]);
    let path = git(&site, "test -f asked || echo more >> content/_index.md; touch asked");
    told.then("a page changes between a build and its verification");
    told.run_with(&["build", "--force", "--verify"], &[("PATH", &path)]);
    told.is_kept_as("build-changes", &[]);
}

#[test]
fn an_incomplete_history_gives_no_dates() {
    let site = Site::with_address();
    site.write("content/site.yaml", "title: A site\ngit_dates: true\n");
    let git = |folder: &Path, words: &[&str]| {
        let call = Command::new("git")
            .args(["-c", "user.name=Rose", "-c", "user.email=rose@example.org"])
            .args(words)
            .current_dir(folder)
            .output();
        assert!(call.unwrap().status.success(), "git {words:?}");
    };
    git(site.root(), &["init"]);
    git(site.root(), &["add", "."]);
    git(site.root(), &["commit", "-m", "A site"]);
    git(site.root(), &["commit", "--allow-empty", "-m", "Another commit"]);
    let folder = tempfile::tempdir().unwrap();
    let from = format!("file://{}", site.root().display());
    git(folder.path(), &["clone", "--depth", "1", &from, "."]);
    let mut told = Transcript::new(folder.path());
    told.run(&["build"]);
    told.is_kept_as("build-shallow", &[]);
}
