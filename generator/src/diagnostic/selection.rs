//! Selects which of many diagnostics to show in full, and counts the others by kind.

use std::collections::{BTreeMap, BTreeSet};

use super::{Diagnostic, Severity};

/// How many diagnostics are shown in full by default.
pub const MAX_SHOWN: usize = 50;

/// The diagnostics to show in full, and those omitted.
pub struct Selection<'a> {
    /// Those to show: errors before warnings, and one of each kind before more of the same kind.
    pub shown: Vec<&'a Diagnostic>,
    /// Those omitted, largest group first.
    pub hidden: Vec<Hidden>,
}

/// The omitted diagnostics of one kind.
#[derive(Debug, PartialEq, Eq)]
pub struct Hidden {
    /// Whether they stop the build.
    pub severity: Severity,
    /// Their message, with `…` in place of varying literals.
    pub message: String,
    /// Their number.
    pub count: usize,
    /// The number of files they are in.
    pub files: usize,
}

/// Selects at most `limit` of `diagnostics`.
pub fn select(diagnostics: &[Diagnostic], limit: usize) -> Selection<'_> {
    let mut kinds: Vec<Vec<&Diagnostic>> = Vec::new();
    let mut known: BTreeMap<(Severity, String), usize> = BTreeMap::new();
    for diagnostic in diagnostics {
        let kind = (diagnostic.severity, without_literals(&diagnostic.message));
        let index = *known.entry(kind).or_insert_with(|| {
            kinds.push(Vec::new());
            kinds.len() - 1
        });
        kinds[index].push(diagnostic);
    }
    kinds.sort_by_key(|kind| kind[0].severity);
    for kind in &mut kinds {
        kind.sort_by_key(|each| (each.path.as_str(), each.place.map(|at| (at.line, at.column))));
    }
    let counts = share_out(&kinds, limit);
    let mut selection = Selection { shown: Vec::new(), hidden: Vec::new() };
    for (kind, count) in kinds.iter().zip(counts) {
        let (shown, hidden) = kind.split_at(count);
        selection.shown.extend(shown);
        selection.hidden.extend(Hidden::of(hidden));
    }
    selection.hidden.sort_by_key(|hidden| std::cmp::Reverse(hidden.count));
    selection
}

/// How many of each kind are shown: round-robin over the kinds of errors, then over the kinds of warnings.
fn share_out(kinds: &[Vec<&Diagnostic>], limit: usize) -> Vec<usize> {
    let mut counts = vec![0; kinds.len()];
    let mut left = limit;
    for severity in [Severity::Error, Severity::Warning] {
        let mut open: Vec<usize> =
            (0..kinds.len()).filter(|index| kinds[*index][0].severity == severity).collect();
        while left > 0 && !open.is_empty() {
            open.retain(|index| {
                if left > 0 {
                    counts[*index] += 1;
                    left -= 1;
                }
                counts[*index] < kinds[*index].len()
            });
        }
    }
    counts
}

impl Hidden {
    fn of(hidden: &[&Diagnostic]) -> Option<Self> {
        let first = hidden.first()?;
        let files: BTreeSet<&str> = hidden.iter().map(|each| each.path.as_str()).collect();
        let message = if hidden.len() == 1 {
            first.message.clone()
        } else {
            without_literals(&first.message)
        };
        Some(Hidden { severity: first.severity, message, count: hidden.len(), files: files.len() })
    }
}

impl std::fmt::Display for Hidden {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Hidden { severity, message, count, files } = self;
        let severity = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let files = if *files == 1 { "1 file".to_owned() } else { format!("{files} files") };
        write!(formatter, "{count} × {severity}: {message} (in {files})")
    }
}

/// A message without its literals in backticks, so that messages of one kind are equal.
fn without_literals(message: &str) -> String {
    let parts: Vec<&str> = message.split('`').collect();
    // An unclosed backtick belongs to the text.
    let closed = parts.len() - usize::from(parts.len().is_multiple_of(2));
    let mut kind = String::with_capacity(message.len());
    for (index, part) in parts.iter().enumerate() {
        match (index < closed, index % 2) {
            (true, 0) => kind.push_str(part),
            (true, _) => kind.push_str("`…`"),
            (false, _) => {
                kind.push('`');
                kind.push_str(part);
            }
        }
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(count: usize, message: impl Fn(usize) -> String) -> Vec<Diagnostic> {
        (0..count).map(|n| Diagnostic::error(format!("content/{}.md", n % 7), message(n))).collect()
    }

    #[test]
    fn few_diagnostics_are_all_shown() {
        let found = many(MAX_SHOWN, |n| format!("`{n}` is wrong"));
        let selection = select(&found, MAX_SHOWN);
        assert_eq!(selection.shown.len(), MAX_SHOWN);
        assert_eq!(selection.hidden, []);
    }

    #[test]
    fn every_kind_is_shown_before_more_of_another_and_the_rest_is_counted() {
        let mut found = many(900, |n| format!("no file `{n}`"));
        found.extend(many(1, |_| "a rare mistake".to_owned()));
        found.push(Diagnostic::warning("content/a.md", "doubtful"));
        let selection = select(&found, MAX_SHOWN);
        assert_eq!(selection.shown.len(), MAX_SHOWN);
        assert!(selection.shown.iter().any(|each| each.message == "a rare mistake"));
        let hidden: Vec<String> = selection.hidden.iter().map(Hidden::to_string).collect();
        assert_eq!(
            hidden,
            ["851 × error: no file `…` (in 7 files)", "1 × warning: doubtful (in 1 file)"]
        );
        let counted: usize = selection.hidden.iter().map(|hidden| hidden.count).sum();
        assert_eq!(counted + selection.shown.len(), found.len());
    }

    #[test]
    fn literals_are_left_out_of_a_kind() {
        for (message, kind) in [
            ("`a` leads to `b`", "`…` leads to `…`"),
            ("it`s `a`", "it`…`a`"),
            ("one ` alone", "one ` alone"),
            ("", ""),
        ] {
            assert_eq!(without_literals(message), kind);
        }
    }
}
