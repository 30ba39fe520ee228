//! Turns diagnostics into the HTML that is laid over a page, and into a page of their own. Pure: a
//! closure gives the source.

use std::fmt::Write as _;

use daisychain_functions::form::html::escape;
use daisychain_functions::yaml::Place;

use crate::diagnostic::{Diagnostic, Severity};

/// How many faults are shown; the terminal shows all of them.
const SHOWN: usize = 20;
/// How many characters of a line are shown before and after the words at fault.
const AROUND: usize = 120;

/// One fault: what, where, the words at fault marked, and what to do.
pub(super) fn item(fault: &Diagnostic, source: &dyn Fn(&str) -> Option<String>) -> String {
    let word = match fault.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut html = format!("<h2><b>{word}:</b> {}</h2>\n", words(&fault.message));
    let path = escape(&fault.path);
    match fault.place {
        Some(place) => {
            let (line, column) = (place.line, place.column);
            let _ = writeln!(html, "<p><code>{path}:{line}:{column}</code></p>");
            if let Some(text) = source(&fault.path) {
                html.push_str(&excerpt(&text, place, fault.label.as_deref()));
            }
        }
        None => {
            let _ = writeln!(html, "<p><code>{path}</code></p>");
        }
    }
    for (word, text) in [("note", &fault.note), ("help", &fault.help)] {
        if let Some(text) = text {
            let _ = writeln!(html, "<p><b>{word}:</b> {}</p>", words(text));
        }
    }
    html
}

/// Words with what stands between backticks as code.
fn words(text: &str) -> String {
    let mut html = String::new();
    let mut parts = text.split('`').peekable();
    let mut code = false;
    while let Some(part) = parts.next() {
        let part = escape(part);
        let closed = parts.peek().is_some();
        html.push_str(&match (code, closed) {
            (true, true) => format!("<code>{part}</code>"),
            (true, false) => format!("`{part}"),
            (false, _) => part,
        });
        code = !code;
    }
    html
}

/// The line at `place` with its number, the words at fault marked.
fn excerpt(text: &str, place: Place, label: Option<&str>) -> String {
    let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let Some(line) = text.split('\n').nth(count(place.line).saturating_sub(1)) else {
        return String::new();
    };
    let line: Vec<char> = line.trim_end_matches('\r').chars().collect();
    let start = count(place.column).saturating_sub(1).min(line.len());
    let end = start.saturating_add(count(place.length)).min(line.len());
    let from = start.saturating_sub(AROUND);
    let to = end.saturating_add(AROUND).min(line.len());
    let part = |range: std::ops::Range<usize>| escape(&line[range].iter().collect::<String>());
    let before = if from > 0 { "…" } else { "" };
    let after = if to < line.len() { "…" } else { "" };
    let label = label.map_or(String::new(), |label| format!(" <i>{}</i>", words(label)));
    format!(
        "<pre><code>{} | {before}{}<mark>{}</mark>{}{after}{label}</code></pre>\n",
        place.line,
        part(from..start),
        part(start..end),
        part(end..to),
    )
}

/// Faults as they lie over a page; empty where there are none. Without a script they can be folded
/// away all the same. `kept` says that what is beneath is of before.
pub(super) fn section(items: &[String], kept: bool) -> String {
    if items.is_empty() {
        return String::new();
    }
    let count = match items.len() {
        1 => "1 thing needs mending".to_owned(),
        count => format!("{count} things need mending"),
    };
    let mut html = format!("<details open>\n<summary>{count}</summary>\n");
    if kept {
        html.push_str("<p>Until then, this page is shown as it last was.</p>\n");
    }
    html.push_str("<ul>\n");
    for item in items.iter().take(SHOWN) {
        let _ = write!(html, "<li>\n{item}</li>\n");
    }
    html.push_str("</ul>\n");
    if items.len() > SHOWN {
        let more = items.len() - SHOWN;
        let _ = writeln!(html, "<p>The terminal shows {more} more.</p>");
    }
    html.push_str("</details>\n");
    html
}

/// What serve adds to a page before its end.
pub(super) struct Addition<'a> {
    /// The digest of the page, for the script to compare.
    pub(super) digest: &'a str,
    /// The section of faults.
    pub(super) faults: &'a str,
    /// A word about the page, such as that it is a draft.
    pub(super) notice: Option<&'a str>,
}

/// A page with what serve adds: the script that follows changes, faults, a notice.
pub(super) fn dress(html: &[u8], addition: &Addition<'_>) -> Vec<u8> {
    let Addition { digest, faults, notice } = addition;
    let notice = notice.map_or(String::new(), |words| {
        let words = escape(words);
        format!("<aside class=\"daisy-notice\" lang=\"en\" dir=\"ltr\">{words}</aside>\n")
    });
    let added = format!(
        "<link rel=\"stylesheet\" href=\"/_daisy/serve.css\">\n{notice}\
         <div class=\"daisy-faults\" id=\"daisy-faults\" lang=\"en\" dir=\"ltr\" role=\"alert\">\
         {faults}</div>\n<script src=\"/_daisy/reload.js\" data-page=\"{digest}\"></script>\n"
    );
    let end = html.windows(7).rposition(|part| part.eq_ignore_ascii_case(b"</body>"));
    let (before, after) = html.split_at(end.unwrap_or(html.len()));
    [before, added.as_bytes(), after].concat()
}

/// A page where there is none: what is wrong is all it shows.
pub(super) fn page(title: &str, main: &str) -> Vec<u8> {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/_daisy/serve.css\">\n</head>\n\
         <body class=\"daisy-page\">\n<main>\n<h1>{title}</h1>\n{main}</main>\n</body>\n</html>\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_at_fault_are_marked_and_nothing_is_markup() {
        let place = Place { line: 2, column: 6, length: 3 };
        let fault = Diagnostic::error("content/<a>.md", "this is `<b>`")
            .at(place)
            .label("here & now")
            .help("write <c>");
        let html = item(&fault, &|_| Some("one\nCome <i> now\r\n".to_owned()));
        assert!(html.contains("this is <code>&lt;b&gt;</code>"), "{html}");
        assert_eq!(words("a `b` c `d"), "a <code>b</code> c `d");
        assert!(html.contains("<code>content/&lt;a&gt;.md:2:6</code>"), "{html}");
        assert!(
            html.contains("2 | Come <mark>&lt;i&gt;</mark> now <i>here &amp; now</i>"),
            "{html}"
        );
        assert!(html.contains("<b>help:</b> write &lt;c&gt;"), "{html}");
    }

    #[test]
    fn a_long_line_is_cut_and_a_place_beyond_the_text_is_no_panic() {
        let long = format!("{}bad{}", "x".repeat(1000), "y".repeat(1000));
        let html = excerpt(&long, Place { line: 1, column: 1001, length: 3 }, None);
        assert!(html.contains("…") && html.contains("<mark>bad</mark>"));
        assert!(html.len() < 400);
        assert_eq!(excerpt("a", Place { line: 9, column: 1, length: 1 }, None), "");
        let beyond = excerpt("a", Place { line: 1, column: 9, length: u32::MAX }, None);
        assert!(beyond.contains("<mark></mark>"));
    }

    #[test]
    fn what_is_added_stands_before_the_end() {
        let addition = Addition { digest: "d", faults: "", notice: Some("a draft") };
        let html = String::from_utf8(dress(b"<body>x</BODY></html>", &addition)).unwrap();
        assert!(html.starts_with("<body>x<link"));
        assert!(html.ends_with("</script>\n</BODY></html>"));
        assert!(
            html.contains("<aside class=\"daisy-notice\" lang=\"en\" dir=\"ltr\">a draft</aside>")
        );
        let html = String::from_utf8(dress(b"x", &addition)).unwrap();
        assert!(html.starts_with("x<link"));
    }
}
