//! Values and their places, and errors at theirs.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use located_yaml::{Node, Place, Severity, Value, parse};

fn root(text: &str, first_line: u32) -> Node {
    parse(text, first_line).unwrap().root
}

fn at(node: &Node) -> (u32, u32) {
    (node.place.line, node.place.column)
}

#[test]
fn keys_and_items_of_block_style_have_places() {
    let text = "title: Rose\nimage:\n  src: a.jpg\n  alt: A daisy\nfields:\n- name: email\n  kind: email\n- name: phone\n  choices:\n    - one\n    - two\nend: 3\n";
    let node = root(text, 2);
    assert_eq!(at(&node.get("title").unwrap().node), (2, 8));
    let image = &node.get("image").unwrap().node;
    assert_eq!(at(&image.get("alt").unwrap().node), (5, 8));
    let Value::List(fields) = &node.get("fields").unwrap().node.value else { panic!() };
    assert_eq!(at(&fields[0].get("kind").unwrap().node), (8, 9));
    assert_eq!(fields[1].get("name").unwrap().key_place.line, 9);
    let Value::List(choices) = &fields[1].get("choices").unwrap().node.value else { panic!() };
    assert_eq!(at(&choices[1]), (12, 7));
    assert_eq!(at(&node.get("end").unwrap().node), (13, 6));
}

#[test]
fn lines_of_a_block_scalar_are_not_keys() {
    let text = "a: |\n  b: no key\n  c: none\nd: 1\n";
    let node = root(text, 1);
    assert_eq!(node.entries().unwrap().len(), 2);
    assert_eq!(at(&node.get("d").unwrap().node), (4, 4));
}

#[test]
fn keys_and_items_of_flow_style_have_places() {
    let node = root("a: 1\nlist: [x, {y: 2}]\n", 1);
    let Value::List(items) = &node.get("list").unwrap().node.value else { panic!() };
    assert_eq!(at(&items[1].get("y").unwrap().node), (2, 15));
    assert_eq!(items[1].get("y").unwrap().key_place.column, 12);
}

/// The texts under `a`, or in the list there.
fn texts(text: &str) -> Vec<String> {
    let node = root(text, 1);
    let node = &node.get("a").unwrap().node;
    let items = match &node.value {
        Value::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    items.iter().map(|item| item.characters().unwrap_or_default().into_owned()).collect()
}

#[test]
fn a_text_has_its_own_characters() {
    for written in [
        "+5",
        "-5",
        "5",
        "005",
        "0x10",
        "0o17",
        "0b11",
        "1_000",
        "1.10",
        "1e3",
        "+1.0",
        "-0",
        "+441632960123",
        ".5",
        ".inf",
        ".nan",
        "true",
        "True",
        "yes",
        "no",
        "null",
        "Null",
        "NULL",
        "2020-05-21",
        "12:30",
        "1.2.3",
        "~5",
    ] {
        for (text, found) in [
            (format!("a: {written}\n"), vec![written]),
            (format!("a: {written} # why\nb: 1\n"), vec![written]),
            (format!("a:\n  - {written}\n  - {written}\n"), vec![written, written]),
            (format!("a: [{written}, {written}]\n"), vec![written, written]),
            (format!("a: '{written}'\n"), vec![written]),
            (format!("a: \"{written}\"\n"), vec![written]),
        ] {
            assert_eq!(texts(&text), found, "{text}");
        }
    }
    let error = parse("a: 99999999999999999999\n", 1).unwrap_err();
    assert_eq!((error.place.line, error.message.as_str()), (1, "this number has too many digits"));
    assert_eq!(texts("a: ~\n"), [""]);
    assert_eq!(texts("a:\n"), [""]);
    assert_eq!(root("a: +5\n", 1).get("a").unwrap().node.value, Value::String("+5".into()));
    assert_eq!(root("a: -5\n", 1).get("a").unwrap().node.value, Value::Integer(-5));
}

#[test]
fn an_unused_anchor_and_a_tag_are_errors_at_their_places() {
    for (text, column, word, help) in [
        ("a: 1\nb: &more about \"this\"\n", 4, "`&more`", "`\"&more about \\\"this\\\"\"`"),
        ("a: 1\nb: [x, &y z]\n", 8, "`&y`", "`\"&y z]\"`"),
        ("a: 1\nb: !now or never\n", 4, "`!now`", "quotation marks"),
    ] {
        let error = parse(text, 5).unwrap_err();
        assert_eq!((error.place.line, error.place.column), (6, column), "{text}: {error:?}");
        assert!(error.message.contains(word), "{text}: {error:?}");
        assert!(error.help.as_ref().is_some_and(|given| given.contains(help)), "{text}: {error:?}");
    }
    for text in ["a: &x y\nb: *x\n", "a: &x\n  b: 1\nc: *x\n", "a: x & y\nb: x * y\n", "a: '&x'\n"]
    {
        assert!(parse(text, 1).is_ok(), "{text}");
    }
}

#[test]
fn a_duplicate_key_is_shown_at_its_second_place() {
    let error = parse("title: a\ndate: b\ntitle: c\n", 2).unwrap_err();
    assert_eq!((error.place.line, error.message.as_str()), (4, "`title` is set twice"));
}

#[test]
fn a_syntax_error_has_the_line_in_the_file() {
    let error = parse("title: a: b\n", 2).unwrap_err();
    assert_eq!(error.place.line, 2);
    assert!(!error.message.contains("at line"));
}

#[test]
fn ten_thousand_keys_are_parsed() {
    let text: String = (0..10_000).map(|n| format!("key{n}:\n  - a\n")).collect();
    assert_eq!(root(&text, 1).entries().unwrap().len(), 10_000);
}

#[test]
fn a_text_that_a_comment_cuts_off_is_a_warning() {
    const QUOTE: &str = "to keep it, put the whole text in quotation marks: ";
    for (text, line, column, length, help) in [
        ("a: Room #4 upstairs\n", 3, 9, 11, "`\"Room #4 upstairs\"`"),
        ("a: Ask for \"Ann\" #7\r\n", 3, 18, 2, "`'Ask for \"Ann\" #7'`"),
        ("a:\n  - x\n  - ਰੋਜ਼ #b\n", 5, 10, 2, "`\"ਰੋਜ਼ #b\"`"),
        ("a: [x,\n  y #z\n  ]\n", 4, 5, 2, "`\"y #z\"`"),
        ("a: one\n  two\n\n  three #four\nb: 1\n", 6, 9, 5, "`\"one two three #four\"`"),
        ("a: {b: c #d\n  }\n", 3, 10, 2, "`\"c #d\"`"),
    ] {
        let warnings = parse(text, 3).unwrap().warnings;
        let [warning] = &warnings[..] else { panic!("{text}: {warnings:?}") };
        let place = Place { line, column, length };
        assert_eq!((warning.severity, warning.place), (Severity::Warning, place), "{text}");
        assert_eq!(warning.message, "everything from ` #` on is a comment and is left out");
        assert_eq!(warning.help.as_deref(), Some(format!("{QUOTE}{help}").as_str()), "{text}");
    }
    let number = parse("a: 3 #x\n", 1).unwrap().warnings;
    let help = "if this is a comment, put a space after `#`; otherwise write `\"3 #x\"`";
    assert_eq!(number[0].help.as_deref(), Some(help));
    for text in [
        "a: x # why\n",
        "a: x#y\n",
        "a: x ## y\n",
        "a: \"x #y\"\n",
        "a: 'x' #y\n",
        "a: |\n  x #y\n",
        "a: true #y\n",
        "a: #y\n  b: 1\n",
        "#y\na: x\n#z\n",
        "a: x\n#y\n",
    ] {
        assert_eq!(parse(text, 1).unwrap().warnings, [], "{text}");
    }
}
