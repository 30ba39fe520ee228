//! Tests of wrong indentation in settings: following each help gives the intended settings.

use daisychain::config::Config;

const SETTINGS: &str = "\
title: The bench
organisation:
  name: Neighbours
  phone: 01632 960123
taxonomies:
  - tags
  - name: places
    feed: true
menus:
  main:
    - label: About
      link: about.md
    - label: News
      link: news.md
  footer:
    - label: Help
      link: help.md
";

/// The text after an editor has written the line that a help shows.
fn followed(text: &str, line: u32, help: &str) -> Option<String> {
    let shown = help.rsplit_once(": `")?.1.strip_suffix('`')?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let old = &mut lines[line as usize - 1];
    let indent = &old[..old.len() - old.trim_start().len()];
    *old = if help.contains("indent it") { shown.to_owned() } else { format!("{indent}{shown}") };
    Some(lines.join("\n") + "\n")
}

#[test]
fn a_wrongly_indented_line_is_corrected_by_the_help() {
    let (mut helped, mut tried) = (0, 0);
    let number = SETTINGS.lines().count();
    for (line, shift) in
        (0..number).flat_map(|line| [-2_isize, -1, 1, 2].map(|shift| (line, shift)))
    {
        let moved = |(at, words): (usize, &str)| {
            let indent = words.len() - words.trim_start().len();
            let wanted = indent.checked_add_signed(if at == line { shift } else { 0 });
            Some(" ".repeat(wanted?) + words.trim_start())
        };
        let lines: Option<Vec<String>> = SETTINGS.lines().enumerate().map(moved).collect();
        let Some(lines) = lines else { continue };
        let mut text = lines.join("\n") + "\n";
        // At most one help is followed for each line.
        for _ in 0..number {
            let Err(found) = Config::parse(&text) else { break };
            let first = &found[0];
            assert!(!first.message.starts_with("cannot read this"), "{text}{first:?}");
            if !first.message.starts_with("this line is indented too far") {
                break;
            }
            tried += 1;
            text = followed(&text, first.place.unwrap().line, first.help.as_deref().unwrap())
                .unwrap_or_else(|| panic!("{first:?}"));
        }
        helped += usize::from(text == SETTINGS);
    }
    assert!(helped >= 20 && tried >= helped, "{helped} of {tried}");
}

#[test]
fn following_the_help_adds_a_missing_space() {
    for (from, to) in [
        ("    - label: About", "    -label: About"),
        ("    - label: Help", "    -label: Help"),
        ("    - label: About", "    - label:About"),
        ("  - tags\n  - name: places\n    feed: true", "  -tags"),
        ("  - name: places", "  -name: places"),
    ] {
        let wrong = SETTINGS.replace(from, to);
        let found = Config::parse(&wrong).unwrap_err();
        let (help, line) = (found[0].help.as_deref().unwrap(), found[0].place.unwrap().line);
        assert!(help.starts_with("put a space after"), "{to}: {:?}", found[0]);
        let again = followed(&wrong, line, help).unwrap();
        assert!(Config::parse(&again).is_ok(), "{to}: {help}: {again}");
    }
}
