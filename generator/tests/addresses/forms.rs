//! Tests of names in Unicode NFC and NFD: both forms are the same name, however a disk or a keyboard
//! stores it.

use daisychain::build::Error;
use daisychain::check;
use daisychain::engine::{self, KnownSources, Snapshot};

use crate::support::server::Server;
use crate::support::{Site, faults};

/// Names in NFC and NFD: accents, Hangul, a combining mark below and one above.
const NAMES: [(&str, &str); 3] = [
    ("café", "cafe\u{301}"),
    ("한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"),
    ("ọ̈", "o\u{323}\u{308}"),
];

/// A site whose files are named in one form, and whose text refers to them in the other.
fn site(file: &str, word: &str) -> Site {
    let site = Site::new();
    site.write(
        "content/site.yaml",
        &format!("title: A site\ntaxonomies: [tags]\nmenus:\n  main:\n    - label: A\n      link: {word}/{word}.md\n"),
    );
    site.write(
        &format!("content/{file}/{file}.md"),
        &format!("---\ntitle: A\ntags: ['{file}', '{word}']\naliases: [/old-{file}/]\n---\n\n## The {file}\n\n## Other {{#own-{file}}}\n"),
    );
    site.write(&format!("content/{file}/{file}.pdf"), "%PDF-1.7");
    site.write(
        &format!("content/{file}/{file}.svg"),
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>",
    );
    site.write(&format!("content/data/{file}.yaml"), "a: 1\n");
    site.write(
        "content/b.md",
        &format!(
            "---\ntitle: B\ntags: ['{word}']\n---\n\n[a]({word}/{word}.md#the-{word}) [b]({word}/{word}.md#own-{word}) \
             [c]({word}/{word}.pdf) [d](/{word}/{word}/)\n\n![e]({word}/{word}.svg)\n"
        ),
    );
    site.write(
        "themes/daisy/templates/page.html",
        &format!(
            "{{% extends \"base.html\" %}}{{% block main %}}{{{{ page.content }}}}\
             {{% set a = page(path=\"{word}/{word}.md\") %}}{{{{ a.title }}}}\
             {{% set b = data(name=\"{word}\") %}}{{{{ b.a }}}}\
             {{% for each in pages(section=\"{word}\") %}}{{{{ each.title }}}}{{% endfor %}}{{% endblock main %}}"
        ),
    );
    site
}

#[test]
fn a_name_in_one_form_matches_a_file_in_the_other() {
    for (nfc, nfd) in NAMES {
        let mut before = None;
        for (file, word) in [(nfc, nfc), (nfd, nfc), (nfc, nfd), (nfd, nfd)] {
            let site = site(file, word);
            site.must_build();
            assert_eq!(site.cold().unwrap(), site.dist());
            let html = site.output("b/index.html");
            for href in [
                format!("{nfc}/{nfc}/#the-{nfc}"),
                format!("{nfc}/{nfc}/#own-{nfc}"),
                format!("{nfc}/{nfc}.pdf"),
            ] {
                assert!(html.contains(&format!("href=\"/{href}\"")), "{href} in {html}");
            }
            assert!(site.dist().contains_key(&format!("old-{nfc}/index.html")));
            assert_eq!(site.output("tags/index.html").matches("<a href=\"/tags/").count(), 1);
            // The text of a page is the editor's own; names are the same in all four.
            let paths: Vec<String> = site.dist().into_keys().collect();
            assert_eq!(*before.get_or_insert(paths.clone()), paths);
        }
    }
}

#[test]
fn a_warm_build_handles_a_change_of_the_normalization_form() {
    let (nfc, nfd) = NAMES[0];
    let site = site(nfd, nfc);
    site.must_build();
    let path = format!("content/{nfd}/{nfd}.md");
    site.write(&path, "---\ntitle: Other\n---\n\n## The café\n\n## Other {#own-café}\n");
    site.must_build();
    assert!(site.output(&format!("{nfc}/{nfc}/index.html")).contains("Other"));
    assert_eq!(site.cold().unwrap(), site.dist());
    site.write(&format!("content/{nfd}/{nfd}.pdf"), "%PDF-2");
    site.must_build();
    assert_eq!(site.output(&format!("{nfc}/{nfc}.pdf")), "%PDF-2");
}

#[test]
fn check_and_the_server_accept_both_forms() {
    let (nfc, nfd) = NAMES[0];
    let site = site(nfd, nfd);
    let files = engine::sources(site.root(), None).unwrap().files;
    let snapshot =
        Snapshot::take(site.root(), files, &site.options, site.now, KnownSources::NOTHING).unwrap();
    let found = check::check(&snapshot).unwrap().found;
    assert!(found.iter().all(|found| found.rule != "link"), "{found:#?}");
    let server = Server::start(site.root(), &[]);
    for path in ["/caf%C3%A9/caf%C3%A9/", "/cafe%CC%81/cafe%CC%81/", "/cafe%CC%81/caf%C3%A9.pdf"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
    assert_eq!(server.get(&format!("/{}.pdf", nfc.len())).status, 404);
}

#[test]
fn two_files_that_differ_only_in_form_are_an_error() {
    let (nfc, nfd) = NAMES[0];
    let site = Site::new();
    site.write(&format!("content/{nfc}.md"), "---\ntitle: A\n---\n");
    site.write(&format!("content/{nfd}.md"), "---\ntitle: B\n---\n");
    if std::fs::read_dir(site.root().join("content")).unwrap().count() < 4 {
        // This disk keeps one of the two, like macOS.
        return;
    }
    let failure = site.build().unwrap_err();
    assert_eq!(
        faults(&failure),
        [
            "content/café.md:0: two files have this name, with the same letters encoded in different ways"
        ]
    );
    let Error::Content(found) = failure else { panic!("the disk is at fault") };
    assert_eq!(found[0].help.as_deref(), Some("rename one of them, or remove it"));
}
