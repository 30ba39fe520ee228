//! Formats diagnostics as GitHub annotations (workflow commands,
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>).

use std::fmt::Write as _;

use super::Diagnostic;
use crate::embedded;

/// The most annotations of each severity that GitHub shows for one step; the log has the others.
pub const SHOWN: usize = 10;

/// One line per diagnostic, errors first: `::error file=content/about.md,line=3,col=5,endColumn=9::message`.
pub fn annotations(diagnostics: &[Diagnostic]) -> String {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|each| (each.severity, each.path.as_str(), each.place.map(|it| it.line)));
    let mut text = String::new();
    for Diagnostic { severity, path, place, message, label, note, help } in sorted {
        let kind = match severity {
            super::Severity::Error => "error",
            super::Severity::Warning => "warning",
        };
        let mut words = message.clone();
        // Files of the built-in theme are not in the repository, so GitHub cannot show them.
        if embedded::is_built_in(path) {
            let _ = write!(text, "::{kind}");
            let _ = write!(words, "\n{path}");
        } else {
            let _ = write!(text, "::{kind} file={}", property(path));
            if let Some(place) = place {
                let end = place.column + place.length.max(1) - 1;
                let _ = write!(text, ",line={},col={},endColumn={end}", place.line, place.column);
            }
        }
        // The text for people: the message, the context and the help, each on its own line.
        let parts = [label.as_deref(), note.as_deref()];
        for part in parts.into_iter().flatten() {
            let _ = write!(words, "\n{part}");
        }
        if let Some(help) = help {
            let _ = write!(words, "\nhelp: {help}");
        }
        let _ = writeln!(text, "::{}", data(&words));
    }
    text
}

/// How many errors and warnings GitHub does not show.
pub fn hidden(diagnostics: &[Diagnostic]) -> usize {
    let errors = diagnostics.iter().filter(|each| each.is_error()).count();
    let warnings = diagnostics.len() - errors;
    errors.saturating_sub(SHOWN) + warnings.saturating_sub(SHOWN)
}

/// Escapes text after the `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use located_yaml::Place;

    #[test]
    fn special_characters_are_escaped() {
        let place = Place { line: 3, column: 5, length: 4 };
        let error = Diagnostic::error("content/a,b: c.md", "100% wrong:\nreally")
            .at(place)
            .label("no such file")
            .help("mend it, please");
        let warning = Diagnostic::warning("content/site.yaml", "doubtful");
        assert_eq!(
            annotations(&[warning, error]),
            "::error file=content/a%2Cb%3A c.md,line=3,col=5,endColumn=8::100%25 wrong:%0Areally%0A\
             no such file%0Ahelp: mend it, please\n\
             ::warning file=content/site.yaml::doubtful\n"
        );
    }

    #[test]
    fn hidden_annotations_are_counted() {
        let many = vec![Diagnostic::error("a", "b"); 12];
        assert_eq!(hidden(&many), 2);
        assert_eq!(hidden(&many[..10]), 0);
    }
}
