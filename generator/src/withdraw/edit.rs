//! Adds a withdrawal to the front matter of a page, and leaves every other byte as it is.

use located_yaml::{Entry, Value};

use crate::parse;

/// Why the front matter cannot be edited.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum EditError {
    /// It has errors.
    #[error("its front matter has errors; `daisy check` reports them")]
    FrontMatter,
    /// It is written in a way that cannot be extended safely.
    #[error(
        "its `consent` is written in an unusual way; add the line `withdrawn: {0}` to it yourself"
    )]
    Unusual(String),
}

/// The result of an edit.
#[derive(Debug, PartialEq)]
pub(super) enum Edited {
    /// The new text.
    Text(String),
    /// The front matter already has a withdrawal, of this day.
    AlreadyWithdrawn(String),
}

/// Adds `withdrawn: DAY` to `consent`.
pub(super) fn with_withdrawal(text: &str, day: &str) -> Result<Edited, EditError> {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let front = parse::front_matter_range(text).map_err(|_| EditError::FrontMatter)?;
    let Some((range, first_line)) = front else {
        let mark = text.len() - text.trim_start_matches('\u{feff}').len();
        let front = format!("---{end}consent:{end}  withdrawn: {day}{end}---{end}{end}");
        return Ok(Edited::Text(format!("{}{front}{}", &text[..mark], &text[mark..])));
    };
    let document = located_yaml::parse_map(&text[range.clone()], first_line);
    let document = document.map_err(|_| EditError::FrontMatter)?;
    let consent = document.root.entries().unwrap_or_default();
    let consent = consent.iter().find(|entry| entry.key == "consent");
    if let Some(day) = consent.and_then(|consent| withdrawn(&consent.node.value)) {
        return Ok(Edited::AlreadyWithdrawn(day));
    }
    let (at, added) = match consent {
        None => (range.end, format!("consent:{end}  withdrawn: {day}{end}")),
        Some(consent) => insertion(text, consent, day, end),
    };
    let edited = format!("{}{added}{}", &text[..at], &text[at..]);
    // Proves that YAML reads it as meant.
    match read(&edited).as_deref() == Some(day) {
        true => Ok(Edited::Text(edited)),
        false => Err(EditError::Unusual(day.to_owned())),
    }
}

/// Where to insert what into an existing `consent`.
fn insertion(text: &str, consent: &Entry, day: &str, end: &str) -> (usize, String) {
    let start_of = |line: u32| {
        let lines = text.split_inclusive('\n').take(line.saturating_sub(1) as usize);
        lines.map(str::len).sum::<usize>()
    };
    let children = consent.node.entries().unwrap_or_default();
    match children.first() {
        Some(first) if first.key_place.line > consent.key_place.line => {
            let start = start_of(first.key_place.line);
            let indent: String =
                text[start..].chars().take_while(|character| *character == ' ').collect();
            (start, format!("{indent}withdrawn: {day}{end}"))
        }
        // `consent: { by: … }`
        Some(_) => {
            let start = start_of(consent.key_place.line);
            let brace = text[start..].find('{').map_or(start, |at| start + at + 1);
            (brace, format!(" withdrawn: {day},"))
        }
        None => (start_of(consent.key_place.line + 1), format!("  withdrawn: {day}{end}")),
    }
}

/// The day of the withdrawal in a page.
fn read(text: &str) -> Option<String> {
    let (range, first_line) = parse::front_matter_range(text).ok()??;
    let document = located_yaml::parse_map(&text[range], first_line).ok()?;
    withdrawn(&document.root.get("consent")?.node.value)
}

fn withdrawn(consent: &Value) -> Option<String> {
    let Value::Map(entries) = consent else { return None };
    let withdrawn = entries.iter().find(|entry| entry.key == "withdrawn")?;
    withdrawn.node.characters().map(|day| day.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_withdrawal_is_added() {
        for (before, after) in [
            (
                "---\ntitle: A\nconsent:\n    # On paper.\n    by: Amira\n    on: 2026-01-01\n---\nHers.\n",
                "---\ntitle: A\nconsent:\n    # On paper.\n    withdrawn: 2026-12-01\n    by: Amira\n    on: 2026-01-01\n---\nHers.\n",
            ),
            (
                "---\r\nconsent:\r\n  by: Amira\r\ntitle: A\r\n---\r\nHers.\r\n",
                "---\r\nconsent:\r\n  withdrawn: 2026-12-01\r\n  by: Amira\r\ntitle: A\r\n---\r\nHers.\r\n",
            ),
            (
                "---\nconsent: { by: Amira, on: 2026-01-01 }\ntitle: A\n---\n",
                "---\nconsent: { withdrawn: 2026-12-01, by: Amira, on: 2026-01-01 }\ntitle: A\n---\n",
            ),
            (
                "---\nconsent:\ntitle: A\n---\nHers.",
                "---\nconsent:\n  withdrawn: 2026-12-01\ntitle: A\n---\nHers.",
            ),
            (
                "---\ntitle: A\n---\nconsent:\n",
                "---\ntitle: A\nconsent:\n  withdrawn: 2026-12-01\n---\nconsent:\n",
            ),
            (
                "\u{feff}# Amira\n\nHers.\n",
                "\u{feff}---\nconsent:\n  withdrawn: 2026-12-01\n---\n\n# Amira\n\nHers.\n",
            ),
        ] {
            assert_eq!(
                with_withdrawal(before, "2026-12-01"),
                Ok(Edited::Text(after.to_owned())),
                "{before}"
            );
        }
    }

    #[test]
    fn what_cannot_be_edited_is_left_alone() {
        let unusual = Err(EditError::Unusual("2026-12-01".to_owned()));
        for (before, expected) in [
            (
                "---\nconsent:\n  withdrawn: 2026-01-01\n---\n",
                Ok(Edited::AlreadyWithdrawn("2026-01-01".to_owned())),
            ),
            ("---\ntitle: A\n", Err(EditError::FrontMatter)),
            ("---\ntitle: [A\n---\n", Err(EditError::FrontMatter)),
            ("---\nconsent: yes\n---\n", unusual),
        ] {
            assert_eq!(with_withdrawal(before, "2026-12-01"), expected, "{before}");
        }
    }
}
