//! Every message is shown somewhere: a sentence in the sources stands in a file that is compared to the letter, or in a
//! test.
//!
//! A sentence is a text of at least four words that begins with a letter, a brace or a backtick, as messages and helps
//! do; what stands between braces is anything.

use std::path::Path;

use crate::support::tree;

/// What a source's own tests begin with.
const TESTS: &str = "#[cfg(test)]\nmod tests";

/// What only a `daisy` of fewer features has begins with: no test of all of them hears it.
const WITHOUT: &str = "#[cfg(not(feature";

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The texts between quotation marks in a source, without those of its own tests, of comments, and of what only a
/// programmer reads.
fn texts(source: &str) -> Vec<String> {
    let source = source.split(TESTS).next().unwrap_or_default();
    let mut parts = source.split(WITHOUT);
    let whole = parts.next().unwrap_or_default().to_owned();
    let source = parts
        .filter_map(|part| Some(part.split_once("\n}\n")?.1))
        .fold(whole, |all, part| all + part);
    let source = source.as_str();
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let (before, from) = rest.split_at(at);
        if from.starts_with("//") {
            rest = from.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some(after) = from.strip_prefix('/') {
            rest = after;
        } else if let Some(after) = from.strip_prefix('\'') {
            rest = behind_letter(after).unwrap_or(after);
        } else {
            let hashes = before.len() - before.trim_end_matches('#').len();
            let raw = before.trim_end_matches('#').ends_with('r');
            let (text, after) = if raw {
                let end = format!("\"{}", "#".repeat(hashes));
                from[1..].split_once(end.as_str()).unwrap_or((&from[1..], ""))
            } else {
                plain(&from[1..])
            };
            let for_programmers = ["expect(", "reason =", "unreachable!(", "panic!("];
            let statement = before.rsplit([';', '{', '}']).next().unwrap_or_default().trim_start();
            if !for_programmers.iter().any(|word| before.trim_end().ends_with(word))
                && !statement.starts_with("assert")
            {
                found.push(text.to_owned());
            }
            rest = after;
        }
    }
    found
}

/// What stands behind a letter between quotation marks: `"'`, `\\n'`; nothing where it is a lifetime.
fn behind_letter(from: &str) -> Option<&str> {
    match from.strip_prefix('\\') {
        Some(escaped) => escaped.get(1..)?.split_once('\'').map(|(_, rest)| rest),
        None => from.strip_prefix(|_: char| true)?.strip_prefix('\''),
    }
}

/// A text up to its closing mark, and what stands behind that.
fn plain(from: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = from.find(|letter| {
        let ends = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        ends
    });
    end.map_or((from, ""), |end| (&from[..end], &from[end + 1..]))
}

/// A text as it is said.
fn said(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\")
}

/// The parts of a text between what is filled in, with white space as in prose.
fn parts(text: &str) -> Vec<String> {
    let text = said(text).replace("{{", "\u{1}").replace("}}", "\u{2}");
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
    // A line that is continued, as a source writes it.
    let text = text.replace("\\\n", "\n");
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

#[test]
fn every_message_is_shown_by_a_test() {
    let mut shown = String::new();
    for (path, bytes) in tree(&folder().join("tests")) {
        let is_kept =
            path.ends_with(".txt") || path.ends_with(".rs") || path.contains("/expected/");
        if is_kept && !path.starts_with("messages") {
            shown.push_str(&String::from_utf8_lossy(&bytes).replace("\\\"", "\""));
            shown.push('\n');
        }
    }
    // Kept by `make docs`, and compared.
    for text in tree(&folder().join("../docs/reference")).values() {
        shown.push_str(&String::from_utf8_lossy(text));
        shown.push('\n');
    }
    for text in tree(&folder().join("../yaml/tests")).values() {
        shown.push_str(&String::from_utf8_lossy(text).replace("\\\"", "\""));
        shown.push('\n');
    }
    let mut sources = tree(&folder().join("src"));
    sources.extend(tree(&folder().join("../yaml/src")));
    for bytes in sources.values() {
        if let Some((_, tests)) = String::from_utf8_lossy(bytes).split_once(TESTS) {
            shown.push_str(&tests.replace("\\\"", "\""));
            shown.push('\n');
        }
    }
    let shown = prose(&shown);
    let mut unseen = Vec::new();
    let mut number = 0;
    for (path, bytes) in sources {
        for text in texts(&String::from_utf8_lossy(&bytes)) {
            if is_sentence(&text) {
                number += 1;
                // Where nothing is filled in, braces are what they are.
                if !is_shown(&parts(&text), &shown) && !shown.contains(&prose(&said(&text))) {
                    unseen.push(format!("{path}: {}", prose(&text)));
                }
            }
        }
    }
    assert!(number > 600, "{number} sentences were found in the sources");
    assert!(unseen.is_empty(), "no test shows {unseen:#?}; write a fixture that does");
}
