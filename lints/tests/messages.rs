//! Every message is shown somewhere: a sentence in the sources is in a file that a test compares, or in a test itself.
//!
//! A sentence is a text of at least four words that begins with a letter, a brace or a backtick, as messages and helps
//! do. What is between braces may be anything.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use daisychain_lints::texts;
use support::{is_rust, texts_of, workspace};

/// What a source's own tests begin with.
const TESTS: &str = "#[cfg(test)]\nmod tests";

/// The parts of a text between what is filled in, with white space as in prose.
fn parts(text: &str) -> Vec<String> {
    let text = text.replace("{{", "\u{1}").replace("}}", "\u{2}");
    let mut parts = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        parts.push(before);
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    parts.push(rest);
    let part = |part: &str| prose(&part.replace('\u{1}', "{").replace('\u{2}', "}"));
    parts.into_iter().map(part).filter(|part| !part.is_empty()).collect()
}

fn prose(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text is one that somebody reads: no list of codes either, as of languages.
fn is_sentence(text: &str) -> bool {
    let words = || text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic));
    words().count() >= 4
        && words().any(|word| word.len() > 3)
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '`' | '{'))
        && !text.starts_with("{%")
        && !text.contains("</")
}

/// Whether all parts stand in order, near one another, anywhere in what is shown.
fn is_shown(parts: &[String], shown: &str) -> bool {
    let Some(longest) = parts.iter().max_by_key(|part| part.len()) else { return true };
    shown.match_indices(longest.as_str()).take(200).any(|(at, _)| {
        let mut from = shown.floor_char_boundary(at.saturating_sub(400));
        let until = shown.floor_char_boundary(at + longest.len() + 400);
        parts.iter().all(|part| match shown[from..until].find(part.as_str()) {
            Some(found) => {
                from += found + part.len();
                true
            }
            None => false,
        })
    })
}

/// Everything that tests compare with what the program says: kept outputs, tests, the reference that `make docs` writes.
fn shown() -> String {
    let is_kept = |path: &Path| {
        is_rust(path)
            || path.extension().is_some_and(|end| end == "txt")
            || path.components().any(|part| part.as_os_str() == "expected")
    };
    let mut shown: Vec<String> =
        [("generator/tests", true), ("yaml/tests", true), ("docs/reference", false)]
            .into_iter()
            .flat_map(|(folder, only_kept)| {
                texts_of(&workspace().join(folder), |path| !only_kept || is_kept(path))
                    .into_values()
            })
            .collect();
    for source in sources().values() {
        shown.extend(source.split_once(TESTS).map(|(_, tests)| tests.to_owned()));
    }
    // As Rust reads a quotation mark and a continued line in a text.
    prose(&shown.join("\n").replace("\\\"", "\"").replace("\\\n", "\n"))
}

/// The sources whose messages are for people who make a site.
fn sources() -> BTreeMap<PathBuf, String> {
    let below = |folder: &'static str| {
        let texts = texts_of(&workspace().join(folder), is_rust);
        texts.into_iter().map(move |(path, text)| (Path::new(folder).join(path), text))
    };
    below("generator/src").chain(below("yaml/src")).collect()
}

#[test]
fn every_message_is_shown_by_a_test() {
    let shown = shown();
    let mut unseen = Vec::new();
    let mut number = 0;
    for (path, source) in sources() {
        let path = path.display();
        for text in texts(&source).unwrap_or_else(|e| panic!("{path}: {e}")) {
            if is_sentence(&text) {
                number += 1;
                // Where nothing is filled in, braces are what they are.
                if !is_shown(&parts(&text), &shown) && !shown.contains(&prose(&text)) {
                    unseen.push(format!("{path}: {}", prose(&text)));
                }
            }
        }
    }
    assert!(number > 600, "{number} sentences were found in the sources");
    assert!(unseen.is_empty(), "no test shows {unseen:#?}; write a fixture that does");
}
