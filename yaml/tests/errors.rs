//! Errors are at the line that is wrong, also where the parser notices only later.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use located_yaml::parse;

#[test]
fn an_error_in_a_text_of_several_lines_is_at_its_line() {
    const NO_COLON: &str = "this line has no colon";
    const NOT_CLOSED: &str = "this bracket is never closed";
    for (text, line, column, message) in [
        ("a:\n  - x\n  y\nb: 1\n", 3, 3, NO_COLON),
        ("a:\n  - x\n\n  é y\n\nb: 1\n", 4, 3, NO_COLON),
        ("a:\n  b:\n    c: 1\n  d\ne: 1\n", 4, 3, NO_COLON),
        ("a: one\n two\nthree four\nb: 1\n", 3, 1, NO_COLON),
        ("a: [x,\n  y\nb: 1\n", 1, 4, NOT_CLOSED),
        ("a: 1\nbé: {x: 1,\n\n  y: 2\nb: 1\n", 2, 5, NOT_CLOSED),
    ] {
        let problem = parse(text, 1).unwrap_err();
        let found = (problem.place.line, problem.place.column, problem.message.as_str());
        assert_eq!(found, (line, column, message), "{text}");
    }
}

#[test]
fn lines_end_at_line_feeds_alone() {
    for end in ["\u{85}", "\u{2028}", "\u{2029}", "\r"] {
        let problem = parse(&format!("a: \"x{end}y\"\nb: \"c\" d: e f\n"), 1).unwrap_err();
        assert_eq!(problem.place.line, 2, "{end:?}: {problem:?}");
        // `saphyr-parser` refuses a carriage return within a line, and gives no places after it.
        if end == "\r" {
            continue;
        }
        let text = format!("a: \"x{end}y\"\nb: 1\n");
        let entry = parse(&text, 1).unwrap().root.get("b").unwrap().key_place;
        assert_eq!((entry.line, entry.column), (2, 1), "{end:?}");
    }
}

#[test]
fn an_error_says_what_to_do() {
    let quote = "put the text in quotation marks";
    let brackets = "[".repeat(101);
    let items = "- ".repeat(101);
    for (text, column, message, help) in [
        ("a: !now or never", 4, "`!now` is a tag, and tags are not supported", quote),
        ("? [x]\n: 1", 3, "a key must be text", "write the key as one word, followed by a colon"),
        (
            "a: 99999999999999999999",
            4,
            "this number has too many digits",
            "put it in quotation marks",
        ),
        (
            &brackets,
            101,
            "too many brackets are open here",
            "put text that contains brackets in quotation marks",
        ),
        (
            &items,
            1,
            "too many items begin on this line",
            "put the text in quotation marks; three hyphens have a special meaning",
        ),
        ("a: [x,\nb: 1", 4, "this bracket is never closed", "put a `]` after the last item"),
        (
            "a:\n  - {x: 1,\nb: 1",
            5,
            "this bracket is never closed",
            "put a `}` after the last item",
        ),
    ] {
        let problem = parse(text, 1).unwrap_err();
        let found = (problem.place.column, problem.message.as_str(), problem.help.as_deref());
        assert_eq!(found, (column, message, Some(help)), "{text}");
    }
}

#[test]
fn an_item_without_a_hyphen_is_not_taken_for_a_wrong_indentation() {
    for (text, line, shown) in [
        ("f:\n  - name: a\n    kind: b\n  name: c\n  kind: d\n", 4, "- name: c"),
        ("f:\n  - name: a\n  name: c\n", 3, "- name: c"),
        ("f:\n  label: A\n  kind: b\n  - label: C\n", 2, "- label: A"),
        ("f:\n- name: a\n  x: 1\n- name: b\n  x: 2\n  - name: c\n", 4, "- name: b"),
    ] {
        let problem = parse(text, 1).unwrap_err();
        let help = format!("put `- ` before it: `{shown}`");
        if text.contains("- name: b") {
            // A line that has a hyphen is indented too far.
            assert_ne!(problem.message, "this item of the list has no hyphen", "{text}");
            continue;
        }
        let found = (problem.place.line, problem.message.as_str(), problem.help.as_deref());
        assert_eq!(found, (line, "this item of the list has no hyphen", Some(&*help)), "{text}");
    }
    // A key that the item above does not have belongs to it.
    let problem = parse("f:\n  - name: a\n  kind: b\n", 1).unwrap_err();
    assert_eq!(problem.message, "this line is indented too far to the left");
}
