//! Shows newsletters as the emails that they become, in the widths of a phone and of a computer.

use std::fmt::Write as _;

use super::error_overlay;
use super::generation::Generation;
use crate::diagnostic;
use crate::engine::{Snapshot, source_text};
use crate::html::escaped;
use crate::newsletter::{self, Error, Issue};

/// The folder of these pages below `/_daisy/`.
pub(super) const FOLDER: &str = "newsletters/";

/// The Content Security Policy of an email: no scripts, and nothing from other sites.
pub(super) const POLICY: &str = "default-src 'none'; img-src 'self' http://127.0.0.1:* http://localhost:*; \
     style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

/// The widths in which an email is shown, in pixels.
const WIDTHS: [u32; 2] = [320, 600];

/// A page below `/_daisy/newsletters/`.
pub(super) enum Shown {
    /// A page with a heading of its own.
    Page {
        /// Its title.
        title: String,
        /// Its main content.
        main: String,
    },
    /// The HTML part of an email.
    Email(String),
}

/// The digest of these pages for the browser: they are loaded again whenever the site changes.
pub(super) fn digest(generation: &Generation) -> String {
    format!("newsletters-{}", generation.number)
}

/// Finds the page at `path`: the list at ``, an issue at `2026-12`, its email at `2026-12.html`.
pub(super) fn find(generation: &Generation, path: &str) -> Option<Shown> {
    let Some(snapshot) = &generation.snapshot else {
        let (title, main) = ("Newsletters".to_owned(), String::new());
        return Some(Shown::Page { title, main });
    };
    match path.strip_suffix(".html") {
        _ if path.is_empty() => Some(list(snapshot)),
        None => issue(snapshot, path.trim_end_matches('/')),
        Some(name) => {
            let original = name.split('.').next().unwrap_or(name);
            let issues = newsletter::issue(snapshot, original).ok()?;
            let found = issues.into_iter().find(|issue| issue.name == name)?;
            Some(Shown::Email(found.html))
        }
    }
}

fn list(snapshot: &Snapshot) -> Shown {
    let names = newsletter::names(snapshot.site());
    let mut main = String::new();
    if names.is_empty() {
        main.push_str(
            "<p>There are no newsletters yet. Create one with <code>daisy new newsletter</code>.</p>\n",
        );
    } else {
        main.push_str("<ul>\n");
        for name in names.iter().map(|name| escaped(name)) {
            let _ = writeln!(main, "<li><a href=\"/_daisy/{FOLDER}{name}\">{name}</a></li>");
        }
        main.push_str("</ul>\n");
    }
    Shown::Page { title: "Newsletters".to_owned(), main }
}

fn issue(snapshot: &Snapshot, name: &str) -> Option<Shown> {
    let main = match newsletter::issue(snapshot, name) {
        Ok(issues) => issues.iter().map(email).collect(),
        Err(Error::NotFound { .. }) => return None,
        Err(Error::Content(found)) => {
            let source = |path: &str| source_text(&snapshot.root, path);
            format!("<pre>{}</pre>\n", escaped(&diagnostic::write(&found, &source, false)))
        }
    };
    Some(Shown::Page { title: format!("Newsletter {name}"), main })
}

/// Shows an email in each width, and its text.
fn email(issue: &Issue) -> String {
    let Issue { name, language, from, subject, html, text } = issue;
    let [name, language, from, subject, text] =
        [name, language, from, subject, text].map(|text| escaped(text));
    let size = html.len().div_ceil(1000);
    let mut page = format!(
        "<article>\n<h2 lang=\"{language}\" dir=\"auto\">{subject}</h2>\n<dl>\n<dt>From</dt>\
         <dd>{from}</dd>\n<dt>Size</dt><dd>{size} kB</dd>\n</dl>\n"
    );
    for width in WIDTHS {
        let _ = write!(
            page,
            "<h3>{width} pixels wide</h3>\n<iframe src=\"/_daisy/{FOLDER}{name}.html\" title=\"{subject}, \
             {width} pixels wide\" sandbox width=\"{width}\" height=\"800\"></iframe>\n"
        );
    }
    let _ = write!(
        page,
        "<h3>Text</h3>\n<pre lang=\"{language}\" dir=\"auto\">{text}</pre>\n</article>\n"
    );
    page
}

/// Renders a page that follows changes of the site.
pub(super) fn page(generation: &Generation, title: &str, main: &str) -> Vec<u8> {
    let addition = error_overlay::Addition {
        digest: &digest(generation),
        problems: &generation.problems(None, &[], false),
        notice: None,
    };
    error_overlay::dress(&error_overlay::page(title, main), &addition)
}
