//! A line without a colon is blamed itself, and following its help gives what was meant.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use located_yaml::parse;

/// Every kind of value, and nesting as in settings and forms.
const TEXT: &str = "\
title: Our Street
description: \"A quoted text
  over: two lines\"
summary: >-
  Folded: text

  second line
organisation:
  name: Neighbours # of Hillfields
  phone: 01632 960123
  email: hello@our-street.org.uk
keep_days: 365
taxonomies:
  - tags
  - name: places
    feed: true
    order: date
keywords: [one, two,
  three]
menus:
  main:
    - label: About
      link: about.md
    - label: News
      link: news.md
      title: 'What is new'
  footer:
    - label: Help
      link: help.md
intro: The first line
  goes on here
last: 5
";

/// The lines of [`TEXT`] that have a key, with the key's end.
fn keys() -> Vec<(usize, usize)> {
    let is_key = |line: &str| {
        let (key, value) = line.split_once(':')?;
        let word = key.trim_start().trim_start_matches("- ");
        let is_key = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        (is_key && !value.ends_with("lines\"")).then_some(key.len())
    };
    let lines = TEXT.lines().enumerate();
    lines.filter_map(|(number, line)| Some((number, is_key(line)?))).collect()
}

fn with_line(number: usize, line: &str) -> String {
    let mut lines: Vec<&str> = TEXT.lines().collect();
    lines[number] = line;
    lines.join("\n") + "\n"
}

#[test]
fn the_line_itself_is_blamed() {
    let original = parse(TEXT, 1).unwrap().root;
    let (mut tried, mut followed) = (0, 0);
    for (number, end) in keys() {
        let line = TEXT.lines().nth(number).unwrap();
        for separator in ["", " =", "=", ";", "："] {
            let broken = format!("{}{separator}{}", &line[..end], &line[end + 1..]);
            let text = with_line(number, &broken);
            // The text of a line alone in its group is the value of the group.
            let Err(problem) = parse(&text, 1) else { continue };
            tried += 1;
            assert_eq!(problem.place.line as usize, number + 1, "{text}{problem:?}");
            let help = problem.help.unwrap();
            let Some((_, shown)) = help.split_once(": `") else { continue };
            let shown = shown.split_once('`').unwrap().0;
            let indent = &line[..line.len() - line.trim_start().len()];
            let corrected = parse(&with_line(number, &format!("{indent}{shown}")), 1);
            followed += usize::from(corrected.is_ok_and(|it| it.root == original));
        }
    }
    assert!(tried >= keys().len() * 4 && followed * 10 >= tried * 7, "{followed} of {tried}");
}

#[test]
fn the_help_shows_the_line() {
    for (text, line, help) in [
        ("title: A\nphone 01632 960123\n", 2, "put a colon after the key: `phone: 01632 960123`"),
        ("Phone 01632 960123\ntitle: A\n", 1, "put a colon after the key: `phone: 01632 960123`"),
        ("a:\n  - label Home\n    link: x\n", 2, "put a colon after the key: `- label: Home`"),
        ("menus\n  main:\n    - a: b\n", 1, "put a colon after the key: `menus:`"),
        ("fields\n- name: a\n", 1, "put a colon after the key: `fields:`"),
        ("title: A\nphone\nb: 1\n", 2, "put a colon and a value after the key, such as `phone: …`"),
        (
            "intro: We meet\nevery sunday\nb: 1\n",
            2,
            "put a colon after the key: `every: sunday`; if it continues line 1, indent it further",
        ),
        (
            "intro: We meet\nBring the kids\nb: 1\n",
            2,
            "if it continues line 1, indent it further: `  Bring the kids`; if it is a note, put `# ` before it",
        ),
        (
            "Bring the kids\nb: 1\n",
            1,
            "if it is a note, put `# ` before it: `# Bring the kids`; otherwise write it as a key, a colon, a space and a value",
        ),
        ("a: 1\nb c:d\ne: 1\n", 2, "write the line as a key, a colon, a space and a value"),
        ("a: 1\nlink:about.md\n", 2, "put a space after the colon: `link: about.md`"),
    ] {
        let problem = parse(text, 1).unwrap_err();
        let found = (problem.place.line, problem.help.as_deref());
        assert_eq!(found, (line, Some(help)), "{text}");
    }
}
