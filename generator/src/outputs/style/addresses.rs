//! Checks the URLs in a style sheet: each must lead to a file of the site that its Content Security
//! Policy allows.

use std::borrow::Cow;

use lightningcss::dependencies::Location;

use super::FileStatus;
use crate::diagnostic::{Diagnostic, nearest};
use crate::url::{BaseUrl, decode, resolve_with, scheme};

/// The folder of the published sheet, which its URLs are relative to.
const FOLDER: &str = "styles/";

/// Checks the URL `written` in the sheet `path`. `files` are the paths of the theme's `static/`,
/// all of which are published; `status_of` classifies the other files of the site.
pub(super) fn check<'a>(
    written: &str,
    path: &str,
    base_url: &BaseUrl,
    files: impl Iterator<Item = &'a str> + Clone,
    status_of: impl Fn(&str) -> FileStatus,
) -> Option<Diagnostic> {
    let is_whole = scheme(written).is_some();
    let inside = match base_url.within(written).filter(|_| is_whole) {
        Some(rest) => Cow::Owned(format!("/{}", rest.trim_start_matches('/'))),
        None if written.is_empty() || written.starts_with('#') => return None,
        None if is_whole || written.starts_with("//") => {
            let what = match scheme(written) {
                Some("data") => "an address that begins with `data:`",
                _ => "a file of another site",
            };
            let message = format!(
                "browsers do not load {what}: the site's Content-Security-Policy forbids it"
            );
            let help = "put the file into the theme's `static/`, and use its address there, such \
                        as `url(/NAME.svg)`";
            return Some(Diagnostic::warning(path, message).help(help));
        }
        None => Cow::Borrowed(written),
    };
    let target = target(&inside);
    if files.clone().any(|file| file == target) {
        return None;
    }
    let name = target.rsplit('/').next().unwrap_or(&target);
    match status_of(&target) {
        FileStatus::Published => return None,
        FileStatus::OnDemand => {
            let message = format!(
                "`{written}` refers to a file in `content/`, which is not published for style \
                 sheets"
            );
            let help = format!("put a copy at `static/{name}` in the theme, and write `/{name}`");
            return Some(Diagnostic::error(path, message).help(help));
        }
        FileStatus::Missing => {}
    }
    let message = format!("`{written}` refers to a file that does not exist");
    let help = match nearest(&target, files) {
        Some(near) => format!("did you mean `/{near}`?"),
        None => format!("put the file at `static/{name}` in the theme, and write `/{name}`"),
    };
    Some(Diagnostic::error(path, message).help(help))
}

/// The output path that a URL in the sheet leads to.
fn target(written: &str) -> String {
    let path = written.split(['?', '#']).next().unwrap_or_default();
    let folder = if path.starts_with('/') { "" } else { FOLDER };
    resolve_with(folder, path, decode).path
}

/// Converts the location of a dependency.
pub(super) fn place(start: Location, end: Location) -> located_yaml::Place {
    let length =
        if start.line == end.line { end.column.saturating_sub(start.column) + 1 } else { 1 };
    located_yaml::Place { line: start.line, column: start.column, length }
}
