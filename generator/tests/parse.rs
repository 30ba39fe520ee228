//! Parses every file of `tests/diagnostics`, `tests/settings` and `tests/markdown` and compares the
//! result with the file beside it. `BLESS=1 cargo test` rewrites those files.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]
#![allow(clippy::unwrap_used, reason = "tests panic on failure")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use daisychain::config::Config;
use daisychain::diagnostic::{self, Diagnostic};
use daisychain::key_tables;
use daisychain::parse::{
    Argument, ArgumentKind, Body, ComponentShape, Field, FieldKind, Ids, LinkKind, PageKind,
    PageMeta, ParseOptions, Parsed, Piece, Purpose, Schema, SortBy, parse,
};
use daisychain::value::Value;
use jiff::tz::TimeZone;
use located_yaml::keys;

#[path = "parse/foreign_keys.rs"]
mod foreign_keys;
#[path = "parse/indentation.rs"]
mod indentation;

/// Components of a small theme.
fn components() -> BTreeMap<String, ComponentShape> {
    let argument = |name: &str, kind, required| Argument { name: name.to_owned(), kind, required };
    let block = |shape| ComponentShape { is_block: true, ..shape };
    let shape = |arguments, takes_body| ComponentShape {
        arguments,
        takes_body,
        ..ComponentShape::default()
    };
    BTreeMap::from([
        (
            "callout".to_owned(),
            shape(vec![argument("title", ArgumentKind::String, false)], Some(true)),
        ),
        (
            "details".to_owned(),
            shape(vec![argument("summary", ArgumentKind::String, true)], Some(true)),
        ),
        (
            "figure".to_owned(),
            block(shape(
                vec![
                    argument("src", ArgumentKind::String, true),
                    argument("alt", ArgumentKind::String, true),
                    argument("width", ArgumentKind::Integer, false),
                    argument("wide", ArgumentKind::Bool, false),
                ],
                Some(false),
            )),
        ),
        (
            "gallery".to_owned(),
            shape(vec![argument("images", ArgumentKind::Array, true)], Some(false)),
        ),
        ("band".to_owned(), shape(vec![argument("id", ArgumentKind::String, true)], Some(true))),
        ("phone".to_owned(), shape(Vec::new(), None)),
        ("ring".to_owned(), ComponentShape { is_interactive: true, ..shape(Vec::new(), None) }),
    ])
}

/// The anchors of a small theme.
fn ids() -> Ids {
    Ids {
        reserved: BTreeSet::from(["main".to_owned(), "chat-name".to_owned()]),
        endings: BTreeMap::from([(
            "band".to_owned(),
            BTreeSet::from(["", "-heading"].map(str::to_owned)),
        )]),
    }
}

/// The schema of a small section.
fn schema() -> Schema {
    let field = |key: &str, kind| Field {
        key: key.to_owned(),
        required: true,
        kind,
        values: Vec::new(),
        pattern: None,
        help: None,
    };
    let places = ["Foleshill", "Hillfields"].map(str::to_owned).to_vec();
    let help = Some("the first half of the postcode".to_owned());
    Schema {
        fields: vec![
            field("summary", None),
            Field { values: places, ..field("extra.place", Some(FieldKind::Text)) },
            Field { pattern: Some("CV#".to_owned()), help, ..field("extra.postcode", None) },
            field("extra.neighbours", Some(FieldKind::Number)),
            field("extra.met", Some(FieldKind::Date)),
        ],
    }
}

fn read(path: &str, text: &str) -> Parsed {
    read_with(path, text, &["tags".to_owned()])
}

/// Parses a page of a site with these taxonomies.
fn read_with(path: &str, text: &str, taxonomies: &[String]) -> Parsed {
    let components = components();
    let zone = TimeZone::get("Europe/London").unwrap();
    let schema = schema();
    let rules = ParseOptions {
        components: &components,
        raw_html: path.contains("raw-html-allowed"),
        time_zone: &zone,
        taxonomies,
        purpose: if path.starts_with("written") { Purpose::Writing } else { Purpose::Publishing },
        smart_punctuation: path.contains("smart-punctuation"),
        schema: path.starts_with("schema").then_some(&schema),
        ids: &ids(),
        footnotes: "Footnotes",
        footnote_return: "Back to the text",
    };
    parse(path, text, &rules)
}

fn sources(folder: &str, ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut sources: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    sources.sort();
    assert!(!sources.is_empty());
    sources
}

/// Compares the output of `describe` for each source in a folder with its expected file.
fn walk(folder: &str, ending: &str, describe: impl Fn(&str, &str) -> String) {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = String::new();
    for source in sources(folder, ending) {
        let text = fs::read_to_string(&source).unwrap();
        let name = source.file_name().unwrap().to_str().unwrap();
        let found = describe(name, &text);
        let expected_at = source.with_extension("txt");
        if bless {
            fs::write(&expected_at, &found).unwrap();
        } else if fs::read_to_string(&expected_at).unwrap_or_default() != found {
            let _ = write!(wrong, "--- {name} gives\n{found}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}`BLESS=1` writes the expected files anew");
}

#[test]
fn every_diagnostic_is_as_expected() {
    walk("diagnostics", "md", |name, text| {
        let parsed = read(name, text);
        assert!(!parsed.diagnostics.is_empty(), "nothing is wrong with {name}");
        for diagnostic in &parsed.diagnostics {
            assert!(diagnostic.help.is_some(), "{name}: `{}` has no help", diagnostic.message);
            assert!(!diagnostic.message.ends_with('.'), "{name}: `{}`", diagnostic.message);
        }
        diagnostic::write(&parsed.diagnostics, &|_| Some(text.to_owned()), false)
    });
}

/// The text after an editor follows a help: its words in backticks replace the marked text, the value,
/// the rest of the line or all of it, or are inserted above or below the line.
fn mended(text: &str, found: &Diagnostic, words: &str) -> Vec<String> {
    let Some(place) = found.place else { return Vec::new() };
    let (line, from) = (place.line as usize - 1, place.column as usize - 1);
    let lines: Vec<&str> = text.split('\n').collect();
    let characters: Vec<char> = lines[line].chars().collect();
    let part = |range: std::ops::Range<usize>| -> String {
        characters[range.start.min(characters.len())..range.end.min(characters.len())]
            .iter()
            .collect()
    };
    let (before, end) = (part(0..from), from + place.length as usize);
    let (marked, after) = (part(from..end), part(end..characters.len()));
    let indent: String = before.chars().take_while(|c| c.is_whitespace()).collect();
    let unindented = lines[line].trim_start();
    [
        format!("{before}{words}{after}"),
        format!("{before}{words}"),
        format!("{before}{words}{marked}{after}"),
        format!("{indent}{words}"),
        words.to_owned(),
        format!("{words}\n{}", lines[line]),
        format!("{}\n{words}", lines[line]),
        format!("{}\n{words}\n", lines[line]),
        format!("{}\n  {words}", lines[line]),
        format!("{}: {words}", unindented.split(": ").next().unwrap_or_default()),
    ]
    .map(|new| {
        let mut lines = lines.clone();
        lines[line] = &new;
        lines.join("\n")
    })
    .into()
}

/// Helps with an example of a syntax, which omits the editor's own text.
const EXAMPLES: [&str; 1] = ["without a closing tag"];

#[test]
fn following_a_help_fixes_its_input() {
    let (mut tried, mut wrong) = (0, String::new());
    for source in sources("diagnostics", "md") {
        let text = fs::read_to_string(&source).unwrap();
        let name = source.file_name().unwrap().to_str().unwrap();
        let parsed = read(name, &text);
        let count = |found: &[Diagnostic], message: &str| {
            found.iter().filter(|each| each.message == message).count()
        };
        let errors = |found: &[Diagnostic]| found.iter().filter(|each| each.is_error()).count();
        for found in &parsed.diagnostics {
            let help = found.help.as_deref().unwrap_or_default();
            let quoted: Vec<&str> = help.split('`').skip(1).step_by(2).collect();
            let mut texts: Vec<String> =
                quoted.iter().flat_map(|words| mended(&text, found, words)).collect();
            if let [open, close] = quoted[..] {
                texts.extend(mended(&text, found, &format!("{open}\n\nWords\n\n{close}")));
            }
            if texts.is_empty() || EXAMPLES.iter().any(|example| help.contains(example)) {
                continue;
            }
            tried += 1;
            let is_mended = texts.iter().any(|text| {
                let again = read(name, text).diagnostics;
                let more = found.note.is_some();
                (more || count(&again, &found.message) < count(&parsed.diagnostics, &found.message))
                    && errors(&again) <= errors(&parsed.diagnostics)
            });
            if !is_mended {
                let _ = writeln!(wrong, "{name}: {}: {help}", found.message);
            }
        }
    }
    assert!(wrong.is_empty(), "of {tried}, these help nobody:\n{wrong}");
}

#[test]
fn every_diagnostic_of_the_settings_is_as_expected() {
    walk("settings", "yaml", |_, text| {
        let faults = Config::parse(text).unwrap_err();
        assert!(faults.iter().all(|fault| fault.help.is_some()));
        diagnostic::write(&faults, &|_| Some(text.to_owned()), false)
    });
}

#[test]
fn markdown_gives_the_expected_html() {
    walk("markdown", "md", |name, text| {
        let parsed = read(name, text);
        let source = |_: &str| Some(text.to_owned());
        let mut found = String::new();
        if let Some(page) = &parsed.page {
            describe_card(&mut found, &page.meta);
            found.push('\n');
            describe_pieces(&mut found, &page.body.pieces, &page.meta);
        }
        if !parsed.diagnostics.is_empty() {
            found.push('\n');
            found.push_str(&diagnostic::write(&parsed.diagnostics, &source, false));
        }
        found
    });
}

#[test]
fn every_key_has_a_type() {
    let source = sources("markdown", "md").remove(0);
    let meta = read("stories/_index.md", &fs::read_to_string(source).unwrap()).page.unwrap().meta;
    let (front, section) = (&meta.front, &meta.front.section);
    assert_eq!(meta.kind, PageKind::Section);
    assert_eq!(section.sort_by, Some(SortBy::Title));
    assert!(section.reverse && section.raw_html == Some(true) && front.unreviewed.is_some());
    assert_eq!((section.feed, front.search), (Some(true), Some(false)));
    assert_eq!(section.paginate_by.as_ref().unwrap().value, 10);
    assert_eq!(section.schema.as_ref().unwrap().fields[1].values, ["Foleshill", "3"]);
    assert_eq!(front.weight.as_ref().unwrap().value, -3);
    assert_eq!(front.publish_on.as_ref().unwrap().value.iso(), "2020-05-21T09:00:00+01:00");
    assert_eq!(front.updated.as_ref().unwrap().value.iso(), "2020-06-01T10:00:00+05:30");
    assert!(front.publish_on.as_ref().unwrap().value < front.updated.as_ref().unwrap().value);
    let alias = &front.aliases[1];
    assert_eq!((alias.value.as_str(), alias.place.line, alias.place.column), ("/b/", 16, 16));
    assert_eq!(front.image.as_ref().unwrap().alt, "");
    assert_eq!(front.taxonomies["tags"][0].value, "neighbours");
    assert_eq!(
        front.extra.get("list").map(|list| matches!(list, Value::List(items) if items.len() == 5)),
        Some(true)
    );
}

/// The readers and the key tables have the same keys.
#[test]
fn every_key_in_the_tables_is_read() {
    let unknown = |found: &[diagnostic::Diagnostic]| {
        found.iter().any(|fault| fault.message.contains("unknown key"))
    };
    for key in keys::names(&key_tables::PAGE).chain(keys::names(&key_tables::SECTION)) {
        let found = read("stories/_index.md", &format!("---\n{key}:\n---\n")).diagnostics;
        assert!(!unknown(&found), "{key}: {found:?}");
    }
    for (above, keys) in [
        ("", &key_tables::SITE[..]),
        ("organisation:\n  ", &key_tables::ORGANISATION),
        ("budgets:\n  ", &key_tables::BUDGETS),
        ("image:\n  ", &key_tables::IMAGE),
        ("languages:\n  pl:\n    ", &key_tables::LANGUAGE),
        ("taxonomies:\n  - name: tags\n    ", &key_tables::TAXONOMY),
        ("menus:\n  main:\n    - ", &key_tables::MENU_LINE),
    ] {
        let found =
            |key: &str| Config::parse(&format!("{above}{key}:\n")).err().unwrap_or_default();
        assert!(unknown(&found("no_such_key")), "{above}");
        for key in keys::names(keys) {
            assert!(!unknown(&found(key)), "{above}{key}");
        }
    }
}

#[test]
fn a_page_is_unchanged_by_serialization() {
    for source in sources("markdown", "md") {
        let text = fs::read_to_string(&source).unwrap();
        let name = source.file_name().unwrap().to_str().unwrap();
        let page = read(name, &text).page.unwrap();
        let meta: PageMeta =
            postcard::from_bytes(&postcard::to_stdvec(&page.meta).unwrap()).unwrap();
        let body: Body = postcard::from_bytes(&postcard::to_stdvec(&page.body).unwrap()).unwrap();
        assert_eq!((meta, body), (page.meta, page.body), "{name}");
    }
}

fn describe_card(found: &mut String, meta: &PageMeta) {
    let _ =
        writeln!(found, "title: {}\nsummary: {}\nwords: {}", meta.title, meta.summary, meta.words);
    for heading in &meta.headings {
        let _ = writeln!(found, "heading {}: #{} {}", heading.level, heading.id, heading.text);
    }
    for link in &meta.links {
        let place = link.place;
        let kind = match link.kind {
            LinkKind::Text => "link",
            LinkKind::Image => "picture",
            LinkKind::Argument => "argument",
        };
        let _ = writeln!(
            found,
            "{kind} {}:{}+{}: {}",
            place.line, place.column, place.length, link.target
        );
    }
    if !meta.anchors.is_empty() {
        let _ = writeln!(found, "anchors: {}", meta.anchors.join(" "));
    }
}

fn describe_pieces(found: &mut String, pieces: &[Piece], meta: &PageMeta) {
    for piece in pieces {
        match piece {
            Piece::Html(html) => {
                found.push_str(html);
            }
            Piece::Link(index) => {
                let _ = write!(found, "«{}»", meta.links[*index as usize].target);
            }
            Piece::Image { link, alt, title } => {
                let target = &meta.links[*link as usize].target;
                let _ = write!(found, "«picture {target:?} {alt:?} {title:?}»");
            }
            Piece::Component { name, arguments, place, body } => {
                let _ = write!(found, "«{name} {}:{} {arguments:?}", place.line, place.column);
                if let Some(body) = body {
                    found.push('\n');
                    describe_pieces(found, body, meta);
                }
                found.push_str("»\n");
            }
        }
    }
}
