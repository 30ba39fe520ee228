//! Detects lines that were meant as headings or list items, but lack the space after their marker.

use std::ops::Range;

use super::lint::cut;

/// A line with a missing space.
pub(super) struct Slip {
    pub(super) message: &'static str,
    /// The marker, in the Markdown.
    pub(super) range: Range<usize>,
    pub(super) help: String,
}

/// A line of a paragraph: its offset and its text.
pub(super) type Line<'a> = (usize, &'a str);

/// Bullets of word processors.
const BULLETS: [char; 8] = ['•', '▪', '◦', '‣', '·', '●', '○', '\u{f0b7}'];

const NO_LIST: &str = "this does not make a list";
const NO_HEADING: &str = "this does not make a heading";

/// The longest line that is taken for a heading, in characters.
const MAX_HEADING_CHARS: usize = 60;

/// The problems in the lines of a paragraph. `has_title` is whether the page has its title, so that a heading in its
/// text is of level 2.
pub(super) fn slips(lines: &[Line], has_title: bool) -> Vec<Slip> {
    let mut found: Vec<Slip> = lines.iter().filter_map(|line| heading(*line)).collect();
    found.extend(lines.first().and_then(|line| heading_or_hashtag(*line, has_title)));
    found.extend(lines.iter().filter_map(|line| bullet(*line)));
    found.extend(lists(lines));
    found
}

fn heading((start, words): Line) -> Option<Slip> {
    let signs = words.len() - words.trim_start_matches('#').len();
    let text = &words[signs..];
    ((2..=6).contains(&signs) && !text.starts_with(char::is_whitespace)).then(|| Slip {
        message: NO_HEADING,
        range: start..start + signs,
        help: format!("put a space after it: `{} {}`", &words[..signs], cut(text)),
    })
}

/// A single `#` begins a hashtag more often than a heading: it counts as a heading if it has several words, the first
/// capitalized, and no punctuation that ends a sentence.
fn heading_or_hashtag((start, words): Line, has_title: bool) -> Option<Slip> {
    let text = words.strip_prefix('#')?;
    let (first, _) = text.split_once(' ')?;
    let mut letters = first.chars();
    let is_word = letters.next().is_some_and(char::is_uppercase)
        && letters.all(|c| c.is_lowercase() || matches!(c, '\'' | '’'));
    let is_heading = is_word
        && !text.contains('#')
        && !text.ends_with(['.', '!', '?', '…', ':', ',', ';'])
        && text.chars().count() <= MAX_HEADING_CHARS;
    is_heading.then(|| {
        let signs = if has_title { "##" } else { "#" };
        Slip {
            message: NO_HEADING,
            range: start..start + 1,
            help: format!("for a heading, write `{signs} {text}`; leave a hashtag as it is"),
        }
    })
}

fn bullet((start, words): Line) -> Option<Slip> {
    let bullet = words.chars().next().filter(|c| BULLETS.contains(c))?;
    let item = cut(words[bullet.len_utf8()..].trim_start());
    Some(Slip {
        message: NO_LIST,
        range: start..start + bullet.len_utf8(),
        help: format!("start each line with a hyphen and a space: `- {item}`"),
    })
}

/// A line that would be a list item with a space.
#[derive(Clone, Copy)]
struct Item<'a> {
    start: usize,
    /// `-`, `*`, `+`, `.` or `)`.
    sign: char,
    number: Option<u32>,
    marker: &'a str,
    text: &'a str,
}

impl<'a> Item<'a> {
    fn of((start, words): Line<'a>) -> Option<Item<'a>> {
        let digits = words.len() - words.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let sign = words[digits..].chars().next()?;
        let (marker, text) = words.split_at(digits + sign.len_utf8());
        let is_marker = match sign {
            '-' | '+' => digits == 0,
            // A second asterisk makes it emphasis.
            '*' => digits == 0 && !text.contains('*'),
            '.' | ')' => (1..=3).contains(&digits),
            _ => false,
        };
        let number = words[..digits].parse().ok();
        (is_marker && text.starts_with(char::is_alphabetic)).then_some(Item {
            start,
            sign,
            number,
            marker,
            text,
        })
    }

    /// Whether this line continues the list of another one.
    fn follows(&self, before: &Item) -> bool {
        self.sign == before.sign && self.number == before.number.map(|number| number + 1)
    }
}

/// Each run of at least two lines that would be a list. A single line counts if it begins with a number and a bracket:
/// `-Ann` may be a signature, and `1.FC` a name.
fn lists(lines: &[Line]) -> Vec<Slip> {
    let items: Vec<Option<Item>> = lines.iter().map(|line| Item::of(*line)).collect();
    let mut found = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let Some(item) = item else { continue };
        let follows =
            |at: usize| match (at.checked_sub(1).and_then(|before| items[before]), items.get(at)) {
                (Some(before), Some(Some(item))) => item.follows(&before),
                _ => false,
            };
        let is_alone = lines.len() == 1 && item.sign == ')';
        if !follows(at) && (follows(at + 1) || is_alone) {
            found.push(list(item, at == 0));
        }
    }
    found
}

fn list(item: &Item, begins: bool) -> Slip {
    let Item { start, marker, text, .. } = *item;
    let line = format!("`{marker} {}`", cut(text));
    let help = match item.number {
        None => format!("put a space after each `{marker}`: {line}"),
        // Only a list that begins with 1 may interrupt a paragraph (CommonMark, 5.2).
        Some(number) if begins || number == 1 => format!("put a space after each number: {line}"),
        Some(_) => format!("put an empty line above it, and a space after each number: {line}"),
    };
    Slip { message: NO_LIST, range: start..start + marker.len(), help }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intended_text_is_not_reported() {
        for text in [
            "#hashtag",
            "#Kindness",
            "#kindness is everywhere",
            "#Kindness #Coventry",
            "#Kindness matters!",
            "#BlackLivesMatter protest",
            "#1 in the league",
            "# Heading",
            "1.5 km",
            "1.5 km\n2.5 km",
            "1.FC Union",
            "2020.was a year",
            "-5 degrees",
            "-5 degrees\n-7 degrees",
            "-Ann",
            "1.one\n3.three",
            "*Note* this\n*Note* that",
            "+44 1632 960123\n+44 1632 960124",
            "- one\n- two",
            "a) one",
            "10)",
        ] {
            let lines: Vec<Line> = text.lines().map(|line| (0, line)).collect();
            let found: Vec<String> =
                slips(&lines, true).into_iter().map(|slip| slip.help).collect();
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }

    #[test]
    fn a_missing_space_is_found() {
        for (text, expected) in [
            ("##About us", "put a space after it: `## About us`"),
            ("#About us", "for a heading, write `## About us`; leave a hashtag as it is"),
            (
                "#About us\nWe are neighbours.",
                "for a heading, write `## About us`; leave a hashtag as it is",
            ),
            ("1)first", "put a space after each number: `1) first`"),
            ("1.first\n2.second", "put a space after each number: `1. first`"),
            ("First:\n1.first\n2.second", "put a space after each number: `1. first`"),
            (
                "Then:\n3.first\n4.second",
                "put an empty line above it, and a space after each number: `3. first`",
            ),
            ("-first\n-second", "put a space after each `-`: `- first`"),
            ("First:\n-first\n-second\nLast", "put a space after each `-`: `- first`"),
            ("*first\n*second", "put a space after each `*`: `* first`"),
            ("• first", "start each line with a hyphen and a space: `- first`"),
        ] {
            let lines: Vec<Line> = text.lines().map(|line| (0, line)).collect();
            let found: Vec<String> =
                slips(&lines, true).into_iter().map(|slip| slip.help).collect();
            assert_eq!(found, [expected], "{text}");
        }
    }
}
