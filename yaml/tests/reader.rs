//! What a reader says of values of the wrong type, and of keys that it does not know.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use located_yaml::{Entry, FieldType, Key, Problem, Reader, parse_map};

const KEYS: [Key; 2] = [
    Key { name: "title", field_type: FieldType::Text, description: "The heading" },
    Key { name: "weight", field_type: FieldType::WholeNumber, description: "The rank" },
];

/// Reads the first entry of a text.
fn problems(text: &str, read: fn(&mut Reader, &Entry)) -> Vec<Problem> {
    let document = parse_map(text, 1).unwrap();
    let mut reader = Reader::new(text);
    read(&mut reader, &document.root.entries().unwrap()[0]);
    reader.problems
}

type Case = (&'static str, fn(&mut Reader, &Entry), &'static str, &'static str, &'static str);

#[test]
fn a_value_of_the_wrong_type_is_an_error_at_its_place() {
    let cases: [Case; 17] = [
        (
            "k: [x]",
            |reader, entry| _ = reader.text(entry),
            "text",
            "a list",
            "write it as one text: `\"x\"`",
        ),
        (
            "k: {x: 1}",
            |reader, entry| _ = reader.texts(entry),
            "a list of texts",
            "a group of keys",
            "put the items in square brackets: `k: [one, two]`",
        ),
        (
            "k: On",
            |reader, entry| _ = reader.bool(entry),
            "`true` or `false`",
            "text",
            "write `k: true`",
        ),
        (
            "k: n",
            |reader, entry| _ = reader.bool(entry),
            "`true` or `false`",
            "text",
            "write `k: false`",
        ),
        (
            "k: \"true\"",
            |reader, entry| _ = reader.bool(entry),
            "`true` or `false`",
            "text",
            "write `k: true`, without quotation marks",
        ),
        (
            "k: x",
            |reader, entry| _ = reader.whole_number(entry, 1, 50),
            "a whole number",
            "text",
            "write a whole number, such as `k: 50`",
        ),
        (
            "k: 1",
            |reader, entry| _ = reader.map(entry),
            "a group of keys",
            "a number",
            "write its keys on the lines below it, indented by two spaces",
        ),
        (
            "k: x",
            |reader, entry| _ = reader.accept(entry.list()),
            "a list",
            "text",
            "write each item on a line of its own: `- x`",
        ),
        (
            "k: {x: 1}",
            |reader, entry| _ = reader.text(entry),
            "text",
            "a group of keys",
            "write it as one text: `\"…\"`",
        ),
        (
            "k: [x, 1.10]",
            |reader, entry| _ = reader.text(entry),
            "text",
            "a list",
            "write it as one text: `\"x, 1.10\"`",
        ),
        (
            "k: 0",
            |reader, entry| _ = reader.bool(entry),
            "`true` or `false`",
            "a number",
            "write `k: false`",
        ),
        (
            "k: perhaps",
            |reader, entry| _ = reader.bool(entry),
            "`true` or `false`",
            "text",
            "write `k: true` or `k: false`",
        ),
        (
            "k: \"12\"",
            |reader, entry| _ = reader.whole_number(entry, 1, 50),
            "a whole number",
            "text",
            "write `k: 12`, without quotation marks",
        ),
        (
            "k: 1.5",
            |reader, entry| _ = reader.whole_number(entry, 1, 50),
            "a whole number",
            "a number",
            "write a whole number, such as `k: 50`",
        ),
        (
            "k: phone 01632 960123",
            |reader, entry| _ = reader.map(entry),
            "a group of keys",
            "text",
            "write its keys on the lines below it, such as `  phone: 01632 960123`",
        ),
        (
            "k: []",
            |reader, entry| _ = reader.text(entry),
            "text",
            "a list",
            "write it as one text: `\"…\"`",
        ),
        (
            "k: true",
            |reader, entry| _ = reader.word(entry, &["one", "two"]),
            "text",
            "`true` or `false`",
            "choose one of `one` and `two`",
        ),
    ];
    for (text, read, expected, found, help) in cases {
        let problems = problems(text, read);
        let [problem] = &problems[..] else { panic!("{text}: {problems:?}") };
        assert_eq!((problem.place.line, problem.place.column), (1, 4), "{text}");
        assert_eq!(problem.message, format!("`k` must be {expected}"), "{text}");
        assert_eq!(problem.label, Some(format!("this is {found}")), "{text}");
        assert_eq!(problem.help.as_deref(), Some(help), "{text}");
    }
}

#[test]
fn nothing_is_no_value_and_no_error() {
    for text in ["k:", "k: ~"] {
        let problems = problems(text, |reader, entry| {
            assert_eq!(reader.text(entry), None);
            assert_eq!(reader.texts(entry), []);
            assert_eq!(reader.bool(entry), None);
            assert_eq!(reader.whole_number(entry, 1, 50), None);
            assert_eq!(reader.map(entry), []);
            assert_eq!(reader.word(entry, &["one"]), None);
        });
        assert_eq!(problems, [], "{text}");
    }
}

#[test]
fn an_unknown_key_is_an_error_with_the_nearest_or_all_keys() {
    for (text, help) in
        [("titel: x", "did you mean `title`?"), ("colour: x", "choose one of `title` and `weight`")]
    {
        let problems = problems(text, |reader, entry| reader.unknown_key(entry, &KEYS));
        assert_eq!(problems[0].help.as_deref(), Some(help), "{text}");
    }
}

#[test]
fn curly_quotation_marks_around_a_text_are_a_warning() {
    let read: fn(&mut Reader, &Entry) = |reader, entry| _ = reader.text(entry);
    let message = "these quotation marks will be shown on the page";
    assert_eq!(problems("k: “Rose”", read)[0].message, message);
    for text in ["k: \"“Rose”\"", "k: “Rose” and Tom", "k: ”"] {
        assert_eq!(problems(text, read), [], "{text}");
    }
}

#[test]
fn a_map_in_place_of_a_list_lacks_hyphens() {
    for (text, line, column, help) in [
        (
            "k:\n  label: A\n  kind: b\n",
            2,
            3,
            "put `- ` before the first key of each item: `- label: A`",
        ),
        ("k: {x: [1], y: 2}\n", 1, 5, "put `- ` before the first key of each item: `- x: 1`"),
        ("k:\n  x:\n    y: 1\n", 2, 3, "put `- ` before the first key of each item: `- x: …`"),
    ] {
        let problems = problems(text, |reader, entry| _ = reader.accept(entry.list()));
        let place = problems[0].place;
        assert_eq!((place.line, place.column), (line, column), "{text}");
        assert_eq!(problems[0].help.as_deref(), Some(help), "{text}");
    }
}
