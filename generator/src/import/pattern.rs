//! Matches paths against the glob dialects of the four programs.

use glob::{MatchOptions, Pattern};

/// `*` does not match `/`: gitignore(5), Eleventy, Hugo.
const WITHIN_A_FOLDER: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// `*` matches `/`: Jekyll (Ruby's `File.fnmatch?`) and Zola (`globset`).
const OVER_FOLDERS: MatchOptions =
    MatchOptions { require_literal_separator: false, ..WITHIN_A_FOLDER };

/// Whether a Hugo glob matches a path.
pub(super) fn is_named(pattern: &str, path: &str) -> bool {
    is_match(pattern, path, WITHIN_A_FOLDER)
}

/// The pattern that leaves a file out, as in `.gitignore`: the last one that matches the file or a
/// folder above it decides, and `!` includes the file again.
pub(super) fn gitignored<'a>(lines: &'a [String], path: &str) -> Option<&'a str> {
    let mut ignored = None;
    for line in lines {
        let (pattern, ignores) = match line.strip_prefix('!') {
            Some(pattern) => (pattern, false),
            None => (line.as_str(), true),
        };
        if is_named_in_gitignore(pattern, path) {
            ignored = ignores.then_some(line.as_str());
        }
    }
    ignored
}

/// Whether a pattern of `.gitignore` (gitignore(5)) matches a file or a folder above it.
fn is_named_in_gitignore(pattern: &str, path: &str) -> bool {
    let names_folders = pattern.ends_with('/');
    let pattern = pattern.trim_end_matches('/');
    let is_anywhere = !pattern.contains('/');
    let anchored = pattern.trim_start_matches("./").trim_start_matches('/');
    let parts = ancestors(path).filter(|part| !(names_folders && *part == path));
    parts.into_iter().any(|part| {
        let name = part.rsplit('/').next().unwrap_or(part);
        is_named(anchored, part) || (is_anywhere && is_named(anchored, name))
    })
}

/// The pattern of Jekyll's `exclude` that leaves a file out: it matches the file, a folder above it, or
/// a prefix of its path (`EntryFilter#glob_include?`).
pub(super) fn excluded<'a>(patterns: &'a [String], path: &str) -> Option<&'a str> {
    let found = patterns.iter().find(|pattern| {
        let pattern = pattern.trim_start_matches('/');
        let is_match = |part: &str| is_match(pattern, part, OVER_FOLDERS);
        !pattern.is_empty() && (path.starts_with(pattern) || ancestors(path).any(is_match))
    });
    found.map(String::as_str)
}

/// The glob of Zola's `ignored_content` that leaves out a file or a folder above it.
pub(super) fn ignored_by_zola<'a>(patterns: &'a [String], path: &str) -> Option<&'a str> {
    let found = patterns.iter().find(|pattern| {
        ancestors(path).any(|part| {
            let name = part.rsplit('/').next().unwrap_or(part);
            is_match(pattern, part, OVER_FOLDERS) || is_match(pattern, name, OVER_FOLDERS)
        })
    });
    found.map(String::as_str)
}

/// The patterns in a file, without comments.
pub(super) fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

/// The folders above a file, outermost first, and the file itself.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| at).chain([path.len()]).map(|end| &path[..end])
}

fn is_match(pattern: &str, path: &str, options: MatchOptions) -> bool {
    alternatives(pattern).iter().any(|pattern| {
        // `**` that is not a whole path component means the same as `*`.
        let pattern = Pattern::new(pattern).or_else(|_| Pattern::new(&pattern.replace("**", "*")));
        pattern.is_ok_and(|pattern| pattern.matches_with(path, options))
    })
}

/// Expands braces: `*.{md,txt}` becomes `*.md` and `*.txt`.
fn alternatives(pattern: &str) -> Vec<String> {
    let braces = pattern.find('{').and_then(|open| {
        let close = open + pattern[open..].find('}')?;
        Some((&pattern[..open], &pattern[open + 1..close], &pattern[close + 1..]))
    });
    let Some((before, inner, after)) = braces else { return vec![pattern.to_owned()] };
    let ends = alternatives(after);
    let begun = inner.split(',').map(|one| format!("{before}{one}"));
    begun.flat_map(|begun| ends.iter().map(move |end| format!("{begun}{end}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gitignore_pattern_matches_what_git_ignores() {
        for (pattern, path, named) in [
            ("README.md", "README.md", true),
            ("README.md", "notes/README.md", true),
            ("/README.md", "notes/README.md", false),
            ("_drafts/", "_drafts/rose.md", true),
            ("_drafts/", "content/_drafts/deep/rose.md", true),
            ("_drafts/", "_drafts", false),
            ("content/private", "content/private/rose.md", true),
            ("./content/private", "content/private/rose.md", true),
            ("content/private", "other/content/private/rose.md", false),
            ("secret/another/**/*.md", "secret/another/a/b.md", true),
            ("secret/another/**/*.md", "secret/another/b.md", true),
            ("**/notes.md", "a/b/notes.md", true),
            ("**/notes.md", "notes.md", true),
            ("*.private.md", "a/rose.private.md", true),
            ("*.private.md", "a/rose.md", false),
            ("content/*.md", "content/a/b.md", false),
            ("content/**", "content/a/b.md", true),
            ("plan?.md", "plan1.md", true),
            ("plan[0-9].md", "planx.md", false),
            ("*.{md,txt}", "a/rose.txt", true),
        ] {
            assert_eq!(is_named_in_gitignore(pattern, path), named, "{pattern} {path}");
        }
        let patterns = lines("# Mine\n*.md\n\n  !about.md\n");
        assert_eq!(gitignored(&patterns, "rose.md"), Some("*.md"));
        assert_eq!(gitignored(&patterns, "about.md"), None);
    }

    #[test]
    fn jekyll_excludes_by_glob_and_path_prefix() {
        let patterns = |pattern: &str| vec![pattern.to_owned()];
        for (pattern, path, named) in [
            ("drafts", "drafts/rose.md", true),
            ("drafts/", "drafts/rose.md", true),
            ("/drafts", "drafts/rose.md", true),
            ("draft", "drafts/rose.md", true),
            ("drafts", "a/drafts/rose.md", false),
            ("*.txt", "a/rose.txt", true),
            ("drafts/*.md", "drafts/a/rose.md", true),
            ("**/build", "a/b/build/x.md", true),
            ("*.md", "a/rose.txt", false),
        ] {
            assert_eq!(excluded(&patterns(pattern), path).is_some(), named, "{pattern} {path}");
        }
    }

    #[test]
    fn zola_ignores_by_glob() {
        let patterns = |pattern: &str| vec![pattern.to_owned()];
        for (pattern, path, named) in [
            ("*.{graphml,xlsx}", "stories/budget.xlsx", true),
            ("temp.*", "stories/temp.md", true),
            ("**/build", "a/build/b.md", true),
            ("drafts/*", "drafts/a/rose.md", true),
            ("draft", "drafts/rose.md", false),
        ] {
            let is_named = ignored_by_zola(&patterns(pattern), path).is_some();
            assert_eq!(is_named, named, "{pattern} {path}");
        }
    }
}
