//! Finds values that pages of a Jekyll site inherit from `defaults` in its settings
//! (<https://jekyllrb.com/docs/configuration/front-matter-defaults/>).

use super::pattern::is_named;
use super::settings::get;
use crate::value::Value;

/// The default value for a file, by its path in the source site and its type (`pages`, `posts`, `drafts`
/// or the name of a collection). The longest path takes precedence, then one with a type, then the last.
pub(super) fn value<'a>(
    settings: &'a Value,
    path: &str,
    kind: &str,
    key: &str,
) -> Option<&'a Value> {
    let Some(Value::List(sets)) = get(settings, "defaults") else { return None };
    let found = sets.iter().filter_map(|set| {
        let said = |key: &str| get(get(set, "scope")?, key)?.as_str();
        let scope = said("path").unwrap_or_default().trim_matches('/');
        // Older sites use the singular of types.
        let is_kind = said("type").is_none_or(|own| own == kind || format!("{own}s") == kind);
        let value = get(get(set, "values")?, key)?;
        (is_kind && is_in(scope, path)).then_some(((scope.len(), said("type").is_some()), value))
    });
    found.max_by_key(|(precedence, _)| *precedence).map(|(_, value)| value)
}

/// Whether a file is within a scope's path, which may be a glob, or below a folder that is.
fn is_in(scope: &str, path: &str) -> bool {
    let is_below =
        |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    scope.is_empty() || scope == path || is_below(scope) || {
        let mut ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        scope.contains('*') && ends.any(|end| is_named(scope, &path[..end]))
    }
}
