//! Resolves relative paths, and writes them.

use std::borrow::Cow;

/// A resolved path.
#[derive(Debug, PartialEq)]
pub(crate) struct Resolved {
    /// The path from the root, without a `/` at either end.
    pub(crate) path: String,
    /// Whether a `..` led above the root; such a `..` is left out, as browsers do.
    pub(crate) above_root: bool,
}

/// Resolves `path` within `folder` (RFC 3986, 5.2.4); both may begin and end with `/`, and `path` is always relative.
/// `read` converts each segment of `path` after it has been recognized; `folder` is kept as it is.
pub(crate) fn resolve_with<'a>(
    folder: &str,
    path: &'a str,
    read: impl Fn(&'a str) -> Cow<'a, str>,
) -> Resolved {
    let folder = folder.trim_matches('/');
    let mut resolved = String::with_capacity(folder.len() + path.len() + 1);
    resolved.push_str(folder);
    // Where each segment of `path` was appended: a segment may contain a `/` once it is read.
    let mut lengths = Vec::new();
    let mut above_root = false;
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => match lengths.pop() {
                Some(length) => resolved.truncate(length),
                None if resolved.is_empty() => above_root = true,
                None => resolved.truncate(resolved.rfind('/').unwrap_or(0)),
            },
            segment => {
                lengths.push(resolved.len());
                push(&read(segment), &mut resolved);
            }
        }
    }
    Resolved { path: resolved, above_root }
}

/// Resolves `path` within `folder`, as [`resolve_with`] does; segments are kept as they are.
pub(crate) fn resolve(folder: &str, path: &str) -> Resolved {
    resolve_with(folder, path, Cow::Borrowed)
}

/// Appends a segment to a path.
pub(crate) fn push(segment: &str, path: &mut String) {
    if !path.is_empty() {
        path.push('/');
    }
    path.push_str(segment);
}

/// The folder of a file; empty at the root.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The relative path from the file `from` to the file `to`.
pub(crate) fn relative(from: &str, to: &str) -> String {
    let folders: Vec<&str> = parent(from).split('/').filter(|part| !part.is_empty()).collect();
    let parts: Vec<&str> = to.split('/').collect();
    let shared =
        folders.iter().zip(&parts[..parts.len() - 1]).take_while(|(one, other)| one == other);
    let shared = shared.count();
    let up = "../".repeat(folders.len() - shared);
    format!("{up}{}", parts[shared..].join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::url::decode;
    use proptest::prelude::*;

    #[test]
    fn a_path_is_resolved_within_its_folder() {
        for (folder, path, resolved, above_root) in [
            ("stories", "rose.md", "stories/rose.md", false),
            ("/stories/rose/", "../tom/", "stories/tom", false),
            ("stories", "..", "", false),
            ("stories", "../../a", "a", true),
            ("", "./a//b/.", "a/b", false),
            ("", "/a/../b", "b", false),
            ("a/b", "", "a/b", false),
            ("100%25", "%2e%2e/a%2Fb/../c", "100%25/../c", false),
        ] {
            let found = resolve_with(folder, path, decode);
            assert_eq!(
                found,
                Resolved { path: resolved.to_owned(), above_root },
                "{folder} {path}"
            );
        }
        assert_eq!(resolve("a", "b%20c").path, "a/b%20c");
        for (from, to, written) in [
            ("stories/rose.md", "chat.md", "../chat.md"),
            ("stories/rose.md", "stories/tom.md", "tom.md"),
            ("about.md", "stories/_index.md", "stories/_index.md"),
            ("a/b/c.md", "a/d/e.md", "../d/e.md"),
        ] {
            assert_eq!(relative(from, to), written);
        }
    }

    proptest! {
        #[test]
        fn a_relative_path_leads_where_it_should(from in "[a-c](/[a-c]){0,3}", to in "[a-c](/[a-c]){0,3}") {
            let written = relative(&from, &to);
            prop_assert_eq!(resolve(parent(&from), &written), Resolved { path: to, above_root: false });
        }
    }
}
