//! Whatever a text is, our values are those of `serde_yaml`, and every place is in the text.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and reads the inputs that the fuzzer found"
)]

use std::path::Path;

use located_yaml::{Node, Place, Value, parse};
use proptest::prelude::*;

/// Compares a text with what `serde_yaml` reads in it. `first_line` is 2, as in front matter.
fn check(text: &str) {
    let ours = parse(text, 2);
    let theirs = serde_yaml::from_str::<serde_yaml::Value>(text);
    let lines: Vec<&str> = text.split('\n').collect();
    match (ours, theirs) {
        (Ok(document), Ok(value)) => {
            compare(&document.root, &value, text);
            check_places(&document.root, &lines);
            document.warnings.iter().for_each(|warning| check_place(warning.place, &lines));
        }
        (Ok(document), Err(error)) => panic!("{text:?} is {document:?} and {error}"),
        (Err(problem), _) => check_place(problem.place, &lines),
    }
}

fn compare(node: &Node, value: &serde_yaml::Value, text: &str) {
    match (&node.value, value) {
        (Value::Null, serde_yaml::Value::Null) => {}
        (Value::Bool(ours), serde_yaml::Value::Bool(theirs)) => assert_eq!(ours, theirs),
        (Value::Integer(ours), serde_yaml::Value::Number(theirs)) => {
            assert_eq!(Some(*ours), theirs.as_i64(), "{text:?}");
        }
        (Value::Float(ours), serde_yaml::Value::Number(theirs)) => {
            let theirs = theirs.as_f64().unwrap();
            assert!(*ours == theirs || (ours.is_nan() && theirs.is_nan()), "{text:?}");
        }
        // A number whose characters are more than its value.
        (Value::String(ours), serde_yaml::Value::Number(_)) => {
            assert!(text.contains(ours.as_str()), "{text:?}");
        }
        (Value::String(ours), serde_yaml::Value::String(theirs)) => assert_eq!(ours, theirs),
        (Value::List(ours), serde_yaml::Value::Sequence(theirs)) => {
            assert_eq!(ours.len(), theirs.len(), "{text:?}");
            ours.iter().zip(theirs).for_each(|(ours, theirs)| compare(ours, theirs, text));
        }
        (Value::Map(ours), serde_yaml::Value::Mapping(theirs)) => {
            assert_eq!(ours.len(), theirs.len(), "{text:?}");
            for (ours, (_, theirs)) in ours.iter().zip(theirs) {
                compare(&ours.node, theirs, text);
            }
        }
        (ours, theirs) => panic!("{text:?} is {ours:?} and {theirs:?}"),
    }
}

fn check_places(node: &Node, lines: &[&str]) {
    check_place(node.place, lines);
    for entry in node.entries().unwrap_or_default() {
        check_place(entry.key_place, lines);
        check_places(&entry.node, lines);
    }
    if let Value::List(items) = &node.value {
        items.iter().for_each(|item| check_places(item, lines));
    }
}

/// A place may be one character past the end of its line, and one line past the end of the text.
fn check_place(place: Place, lines: &[&str]) {
    assert!(place.line >= 2 && place.column >= 1 && place.length >= 1, "{place:?}");
    let line = lines.get(place.line as usize - 2).copied().unwrap_or_default();
    assert!(place.line as usize - 2 <= lines.len(), "{place:?} in {lines:?}");
    let length = line.chars().count();
    assert!(place.column as usize <= length + 1, "{place:?} in {lines:?}");
    assert!(place.column as usize + place.length as usize <= length + 2, "{place:?} in {lines:?}");
}

/// Texts that are YAML more often than random characters are.
fn yaml_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b: ",
        "title: ",
        "- ",
        "-",
        ":",
        ": ",
        "\n",
        "\n  ",
        "\n    ",
        "\n- ",
        "\n  - ",
        "x y",
        "é",
        "ਰੋਜ਼",
        "1",
        "1.10",
        "+44",
        "0x10",
        "1e3",
        "true",
        "no",
        "null",
        "~",
        "2020-05-21",
        "\"",
        "'",
        "\"q\"",
        "'q'",
        "\\",
        "[",
        "]",
        "{",
        "}",
        ", ",
        " #x",
        "#",
        "# c",
        "|",
        ">",
        "|\n  t\n",
        "&n ",
        "*n",
        "!t ",
        "? ",
        "%",
        "@",
        "`",
        "\t",
        "\r\n",
        "\u{a0}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "---",
        "...",
        "“q”",
        "<<: ",
        "z:\n",
    ]);
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// As many cases as `make test` runs, times `THOROUGH`.
fn cases() -> u32 {
    let times = std::env::var("THOROUGH").ok().and_then(|times| times.parse().ok());
    2000 * times.unwrap_or(1)
}

#[test]
fn numbers_beside_line_breaks_of_yaml_1_1_are_numbers() {
    for brk in ['\u{85}', '\u{2028}', '\u{2029}'] {
        for text in ["B\n1", "1B", "a: B\n  1\n", "a: 1B\n", "- B\n 0x10", "a: +44B\n", "B\n- 1.10"]
        {
            check(&text.replace('B', &brk.to_string()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn values_are_those_of_serde_yaml(text in yaml_like()) {
        check(&text);
    }

    #[test]
    fn values_of_any_characters_are_those_of_serde_yaml(text in "\\PC{0,40}") {
        check(&text);
    }
}

#[test]
fn values_of_fuzzed_front_matter_are_those_of_serde_yaml() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/front_matter");
    let mut files = 0;
    for file in std::fs::read_dir(corpus).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        check(&String::from_utf8_lossy(&bytes));
        files += 1;
    }
    assert!(files > 100, "{files}");
}
