//! Renders diagnostics as HTML, above a page or as a page of their own. A closure provides the
//! source text.

use std::fmt::Write as _;

use located_yaml::Place;

use super::events::NO_PAGE;
use super::generation::Problems;
use crate::diagnostic::{Diagnostic, Severity};
use crate::html::{body_start, escaped};

/// The maximum number of errors and of warnings shown; the terminal shows all of them.
const SHOWN: usize = 20;
/// The number of characters of a line shown before and after the marked text.
const AROUND: usize = 120;

/// A rendered diagnostic.
pub(super) struct Item {
    /// The file, from the root.
    pub(super) path: String,
    /// The message, the location, the excerpt with the marked text, and the help.
    pub(super) html: String,
}

impl Item {
    /// Renders a diagnostic; `text` is that of the file, if it exists.
    pub(super) fn new(found: &Diagnostic, text: Option<&str>) -> Item {
        let word = match found.severity {
            Severity::Error => "Error",
            Severity::Warning => "Warning",
        };
        let mut html = format!("<h3><b>{word}:</b> {}</h3>\n", words(&found.message));
        let path = escaped(&found.path);
        match found.place {
            Some(place) => {
                let (line, column) = (place.line, place.column);
                let _ = writeln!(html, "<p><code>{path}:{line}:{column}</code></p>");
                if let Some(text) = text {
                    html.push_str(&excerpt(text, place, found.label.as_deref()));
                }
            }
            None => {
                let _ = writeln!(html, "<p><code>{path}</code></p>");
            }
        }
        for (word, text) in [("Note", &found.note), ("Help", &found.help)] {
            if let Some(text) = text {
                let _ = writeln!(html, "<p><b>{word}:</b> {}</p>", words(text));
            }
        }
        Item { path: found.path.clone(), html }
    }
}

/// Renders a text with code between backticks.
fn words(text: &str) -> String {
    let mut html = String::new();
    let mut parts = text.split('`').peekable();
    let mut code = false;
    while let Some(part) = parts.next() {
        let part = escaped(part);
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

/// Renders the line at `place` with its number and the marked text.
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
    let part = |range: std::ops::Range<usize>| escaped(&line[range].iter().collect::<String>());
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

/// Renders errors above a page; empty if there are none. `lead` says what they mean for the page.
pub(super) fn errors(items: &[String], lead: &str) -> String {
    let shown = &items[..items.len().min(SHOWN)];
    section(" open", &count(items.len(), "error"), lead, shown, items.len())
}

/// Renders warnings above the page of the file `own`, its own first; empty if there are none.
/// `text` returns the text of a file, and is called only for the warnings that are shown.
pub(super) fn warnings(
    found: &[Diagnostic],
    own: Option<&str>,
    text: impl Fn(&str) -> Option<String>,
) -> String {
    let is_own = |warning: &&Diagnostic| Some(warning.path.as_str()) == own;
    let of_page = found.iter().filter(is_own).count();
    let sorted = found.iter().filter(is_own).chain(found.iter().filter(|found| !is_own(found)));
    let shown = items(sorted.take(SHOWN), text).into_iter().map(|item| item.html);
    let title = match of_page {
        0 => count(found.len(), "warning"),
        _ => format!("{}, {of_page} on this page", count(found.len(), "warning")),
    };
    section("", &title, "", &shown.collect::<Vec<_>>(), found.len())
}

/// Renders diagnostics; `text` returns the text of a file, and is called once for consecutive
/// diagnostics of one file.
pub(super) fn items<'a>(
    found: impl Iterator<Item = &'a Diagnostic>,
    text: impl Fn(&str) -> Option<String>,
) -> Vec<Item> {
    let mut last: Option<(&str, Option<String>)> = None;
    let mut items = Vec::new();
    for diagnostic in found {
        if last.as_ref().is_none_or(|(path, _)| *path != diagnostic.path) {
            last = Some((&diagnostic.path, text(&diagnostic.path)));
        }
        let text = last.as_ref().and_then(|(_, text)| text.as_deref());
        items.push(Item::new(diagnostic, text));
    }
    items
}

/// Formats `1 error`, `2 errors`.
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Renders the first `items` of `count` below a title that folds them, without a script.
fn section(open: &str, title: &str, lead: &str, items: &[String], count: usize) -> String {
    if items.is_empty() {
        return String::new();
    }
    let mut html = format!("<details{open}>\n<summary><h2>{title}</h2></summary>\n");
    if !lead.is_empty() {
        let _ = writeln!(html, "<p>{lead}</p>");
    }
    html.push_str("<ul>\n");
    for item in items {
        let _ = write!(html, "<li>\n{item}</li>\n");
    }
    html.push_str("</ul>\n");
    if count > items.len() {
        let more = count - items.len();
        let _ = writeln!(html, "<p>{more} more in the terminal.</p>");
    }
    html.push_str("</details>\n");
    html
}

/// What the local server adds to a page.
pub(super) struct Addition<'a> {
    /// The digest of the page, for the script to compare.
    pub(super) digest: &'a str,
    /// The errors and warnings.
    pub(super) problems: &'a Problems,
    /// A note about the page, for example that it is a draft.
    pub(super) notice: Option<&'a str>,
}

/// Renders what is shown above a page: its notice, errors and warnings. The script updates them.
fn above(Addition { problems, notice, .. }: &Addition<'_>) -> String {
    let notice = notice.map_or(String::new(), |words| {
        let words = escaped(words);
        format!("<aside class=\"daisy-notice\" lang=\"en\" dir=\"ltr\">{words}</aside>\n")
    });
    let Problems { errors, warnings } = problems;
    format!(
        "<link rel=\"stylesheet\" href=\"/_daisy/serve.css\">\n\
         <div class=\"daisy-problems\" id=\"daisy-errors\" lang=\"en\" dir=\"ltr\" role=\"alert\">{errors}</div>\n\
         {notice}<section class=\"daisy-problems\" aria-label=\"Warnings\" id=\"daisy-warnings\" lang=\"en\" dir=\"ltr\">{warnings}</section>\n"
    )
}

fn script(digest: &str) -> String {
    format!("<script src=\"/_daisy/reload.js\" data-page=\"{digest}\"></script>\n")
}

/// Adds the notice, errors and warnings above a page, and the reload script at its end. In a page
/// without an explicit `<body>`, everything is at the end.
pub(super) fn dress(html: &[u8], addition: &Addition<'_>) -> Vec<u8> {
    let end = html.windows(7).rposition(|part| part.eq_ignore_ascii_case(b"</body>"));
    let end = end.unwrap_or(html.len());
    let start = body_start(html).filter(|start| *start <= end).unwrap_or(end);
    let (above, script) = (above(addition), script(addition.digest));
    [&html[..start], above.as_bytes(), &html[start..end], script.as_bytes(), &html[end..]].concat()
}

/// Renders a page in place of one that cannot be shown, with its errors and those of other sources.
pub(super) fn unreadable(problems: &Problems) -> Vec<u8> {
    let addition = Addition { digest: NO_PAGE, problems, notice: None };
    let main = format!(
        "<p>The page appears when you fix its errors and save.</p>\n{}{}",
        above(&addition),
        script(addition.digest)
    );
    page("This page has errors", &main)
}

/// Renders a page that contains only `main`.
pub(super) fn page(title: &str, main: &str) -> Vec<u8> {
    let title = escaped(title);
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
    fn the_faulty_text_is_marked_and_escaped() {
        let place = Place { line: 2, column: 6, length: 3 };
        let fault = Diagnostic::error("content/<a>.md", "this is `<b>`")
            .at(place)
            .label("here & now")
            .help("write <c>");
        let html = Item::new(&fault, Some("one\nCome <i> now\r\n")).html;
        assert!(html.contains("this is <code>&lt;b&gt;</code>"), "{html}");
        assert_eq!(words("a `b` c `d"), "a <code>b</code> c `d");
        assert!(html.contains("<code>content/&lt;a&gt;.md:2:6</code>"), "{html}");
        assert!(
            html.contains("2 | Come <mark>&lt;i&gt;</mark> now <i>here &amp; now</i>"),
            "{html}"
        );
        assert!(html.contains("<b>Help:</b> write &lt;c&gt;"), "{html}");
    }

    #[test]
    fn long_lines_are_cut_and_a_place_beyond_the_text_does_not_panic() {
        let long = format!("{}bad{}", "x".repeat(1000), "y".repeat(1000));
        let html = excerpt(&long, Place { line: 1, column: 1001, length: 3 }, None);
        assert!(html.contains("…") && html.contains("<mark>bad</mark>"));
        assert!(html.len() < 400);
        assert_eq!(excerpt("a", Place { line: 9, column: 1, length: 1 }, None), "");
        let beyond = excerpt("a", Place { line: 1, column: 9, length: u32::MAX }, None);
        assert!(beyond.contains("<mark></mark>"));
    }

    #[test]
    fn additions_are_above_the_content_and_the_script_is_at_the_end() {
        let problems = Problems { errors: "<p>wrong</p>".to_owned(), warnings: String::new() };
        let addition = Addition { digest: "d", problems: &problems, notice: Some("a draft") };
        let dressed = |html: &str| String::from_utf8(dress(html.as_bytes(), &addition)).unwrap();
        for start in ["<body>", "<BODY\nclass=a data-x='>'>", "<!-- <body> --><body id=\"<body>\">"]
        {
            let html = dressed(&format!("<head></head>{start}x</BODY></html>"));
            assert!(html.starts_with(&format!("<head></head>{start}<link")), "{html}");
            assert!(html.contains("role=\"alert\"><p>wrong</p></div>\n<aside"), "{html}");
            assert!(html.ends_with("</section>\nx<script src=\"/_daisy/reload.js\" data-page=\"d\"></script>\n</BODY></html>"), "{html}");
            assert!(
                html.contains(
                    "<aside class=\"daisy-notice\" lang=\"en\" dir=\"ltr\">a draft</aside>"
                )
            );
        }
        for html in ["x", "<body", "<bodyguard>x", "</body>x<body"] {
            let dressed = dressed(html);
            assert!(dressed.ends_with("</script>\n") || html.starts_with("</body>"), "{dressed}");
            assert!(dressed.contains("a draft"), "{dressed}");
        }
    }

    #[test]
    fn the_page_s_warnings_come_first_and_are_folded() {
        let warning = |path: &str, message: &str| Diagnostic::warning(path, message);
        let asked = std::cell::RefCell::new(Vec::new());
        let warnings = |found: &[Diagnostic], own: Option<&str>| {
            let text = |path: &str| {
                asked.borrow_mut().push(path.to_owned());
                None
            };
            super::warnings(found, own, text)
        };
        let mut found = vec![warning("content/b.md", "the other"), warning("content/a.md", "mine")];
        let html = warnings(&found, Some("content/a.md"));
        assert!(
            html.starts_with("<details>\n<summary><h2>2 warnings, 1 on this page</h2>"),
            "{html}"
        );
        assert!(html.find("mine") < html.find("the other"), "{html}");
        let html = warnings(&found, None);
        assert!(html.contains("<h2>2 warnings</h2>"), "{html}");
        found
            .extend((0..SHOWN).map(|number| warning(&format!("content/c{number}.md"), "one more")));
        asked.borrow_mut().clear();
        let html = warnings(&found, Some("content/a.md"));
        assert!(html.contains("mine") && html.contains("2 more in the terminal."), "{html}");
        assert_eq!(asked.borrow().len(), SHOWN, "no file is read for what is not shown");
        assert_eq!(warnings(&[], None), "");
    }
}
