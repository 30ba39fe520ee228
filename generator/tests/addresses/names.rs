//! Tests of files with any name: percent-encoding and decoding.

use std::collections::BTreeSet;

use daisychain::nfc::nfc;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use proptest::prelude::*;
use url::Url;

use crate::support::Site;
use crate::support::server::Server;

/// Names with a special meaning in an address, in HTML, in CSS or in a host's configuration.
const NAMES: [&str; 14] = [
    "a#b.pdf",
    "100%.pdf",
    "q?.pdf",
    "my file.pdf",
    "100%25.pdf",
    "a&b='c'.pdf",
    "(1), 2.pdf",
    "[a] {b}.pdf",
    "x:y.pdf",
    "@team.pdf",
    "<b>\"b\".pdf",
    "ਰੋਜ਼ + 50%.pdf",
    "*;$^`|~.pdf",
    "a%2Fb.pdf",
];

/// The address of the test page.
const PAGE: &str = "https://a.test/more/links/";

/// A site with files of these names beside a page that links to each.
fn linking(names: &[String]) -> Site {
    let site = Site::new();
    let mut page = "---\ntitle: Links\n---\n\n".to_owned();
    for name in names {
        site.write(&format!("content/more/{name}"), "%PDF-1.7");
        page.push_str(&format!("- [a file]({})\n", utf8_percent_encode(name, NON_ALPHANUMERIC)));
    }
    site.write("content/more/links.md", &page);
    site
}

/// The addresses of a page's links, as a browser parses its HTML.
fn addresses(html: &str) -> Vec<String> {
    let values = html.split("<a href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let entity = |text: &str| {
        text.replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&#39;", "'")
            .replace("&amp;", "&")
    };
    values.map(entity).collect()
}

/// The path of the file that a browser requests, for a site at the root of its host.
fn asked_for(page: &str, address: &str) -> String {
    let found = Url::parse(page).unwrap().join(address).unwrap();
    assert_eq!((found.query(), found.fragment()), (None, None), "{address}");
    let path = found.path().trim_start_matches('/').to_owned();
    percent_decode_str(&path).decode_utf8().unwrap().into_owned()
}

fn all_are_found(names: &[String]) {
    let site = linking(names);
    site.must_build();
    let dist = site.dist();
    let addresses = addresses(&site.output("more/links/index.html"));
    let asked: BTreeSet<String> =
        addresses.iter().map(|address| asked_for(PAGE, address)).collect();
    let meant: BTreeSet<String> = names.iter().map(|name| format!("more/{}", nfc(name))).collect();
    assert_eq!(asked, meant);
    assert!(meant.iter().all(|path| dist.contains_key(path)));
}

#[test]
fn a_file_name_with_special_characters_is_found() {
    all_are_found(&NAMES.map(str::to_owned));
}

#[test]
fn the_server_resolves_links_to_such_files() {
    let site = linking(&NAMES.map(str::to_owned));
    let server = Server::start(site.root(), &[]);
    let page = server.get("/more/links/").body;
    let addresses = addresses(&page);
    assert_eq!(addresses.len(), NAMES.len());
    for address in addresses {
        let found = Url::parse(PAGE).unwrap().join(&address).unwrap();
        let answer = server.get(&found[url::Position::BeforePath..]);
        assert_eq!((answer.status, answer.body.as_str()), (200, "%PDF-1.7"), "{address}");
    }
}

#[test]
fn check_resolves_links_to_such_files() {
    let site = linking(&NAMES.map(str::to_owned));
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_daisy"))
        .args(["check", "--now", "2020-05-21T00:00Z", "--format", "json", "--root"])
        .arg(site.root())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!said.contains("\"link\""), "{said}");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(said["found"].is_array(), "{said}");
}

#[test]
fn a_suggested_link_resolves_to_the_intended_file() {
    for (name, suggested) in [
        ("annual report #3.pdf", "<annual report %233.pdf>"),
        ("100% ours.pdf", "<100%25 ours.pdf>"),
        ("who?.pdf", "who%3F.pdf"),
    ] {
        let site = Site::new();
        site.write(&format!("content/more/{name}"), "%PDF-1.7");
        let almost = utf8_percent_encode(name, NON_ALPHANUMERIC).to_string();
        let almost = almost.replacen("%2Epdf", "s%2Epdf", 1);
        let page = format!("---\ntitle: Links\n---\n\n[a file]({almost})\n");
        site.write("content/more/links.md", &page);
        let daisychain::build::Error::Content(faults) = site.build().unwrap_err() else {
            panic!("{name}");
        };
        let help = faults[0].help.as_deref().unwrap();
        assert_eq!(help, format!("did you mean `{suggested}`?"));
        site.write("content/more/links.md", &page.replace(&almost, suggested));
        site.must_build();
    }
}

/// Names that are valid in a file system and in a URL.
fn name() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => proptest::char::range(' ', '~'),
        1 => proptest::char::range('\u{a1}', '\u{17f}'),
        1 => proptest::char::range('ऀ', 'ൿ'),
        1 => proptest::char::range('一', '丿'),
        1 => Just('🌼'),
    ];
    let fits = |c: char| !matches!(c, '/' | '\\');
    proptest::collection::vec(character.prop_filter("ends a name", move |c| fits(*c)), 1..20)
        .prop_map(|characters| characters.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::support::cases(16), ..ProptestConfig::default() })]

    #[test]
    fn a_file_with_any_name_is_found(names in proptest::collection::vec(name(), 1..20)) {
        // Each is a separate file, and none is hidden.
        let names: Vec<String> =
            names.iter().enumerate().map(|(at, name)| format!("{at}{name}.pdf")).collect();
        all_are_found(&names);
    }
}
