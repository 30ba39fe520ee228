//! Merges diagnostics that many pages share.

use super::Diagnostic;

/// Keeps the first of several diagnostics with the same place and message, and counts the others in its note.
pub(crate) fn dedup(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut first: Vec<(Diagnostic, usize)> = Vec::new();
    for diagnostic in diagnostics {
        let same = |(earlier, _): &&mut (Diagnostic, usize)| {
            earlier.place.is_some()
                && (&earlier.path, earlier.place, &earlier.message)
                    == (&diagnostic.path, diagnostic.place, &diagnostic.message)
        };
        match first.iter_mut().find(same) {
            Some((_, repeats)) => *repeats += 1,
            None => first.push((diagnostic, 0)),
        }
    }
    let counted = |(mut diagnostic, repeats): (Diagnostic, usize)| {
        if let (Some(note), 1..) = (&mut diagnostic.note, repeats) {
            let pages = if repeats == 1 { "page" } else { "pages" };
            *note = format!("{note}, and {repeats} more {pages}").into();
        }
        diagnostic
    };
    first.into_iter().map(counted).collect()
}
