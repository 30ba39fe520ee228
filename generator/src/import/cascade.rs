//! Finds values that pages of a Hugo site inherit: `cascade` in the settings and in the front matter of
//! sections above (<https://gohugo.io/configuration/cascade/>).

use super::Page;
use super::pattern::is_named;
use super::settings::get;
use crate::config;
use crate::value::Value;

/// Values for the pages below a section, or for the pages it targets.
pub(super) struct Cascade {
    /// The section's folder below `content`, with a trailing `/`; empty for the whole site.
    folder: String,
    language: Option<String>,
    target: Value,
    values: Value,
}

/// Every cascade of a site, those nearest to a page last.
pub(super) fn all(settings: &Value, pages: &[Page]) -> Vec<Cascade> {
    let mut found: Vec<Cascade> = Vec::new();
    let mut add = |folder: &str, language: Option<&str>, value: Option<&Value>| {
        let items = match value {
            Some(Value::List(items)) => items.as_slice(),
            Some(item) => std::slice::from_ref(item),
            None => &[],
        };
        // The first of several that target a page takes precedence.
        for item in items.iter().rev() {
            let target = get(item, "target").or_else(|| get(item, "_target"));
            found.push(Cascade {
                folder: folder.to_owned(),
                language: language.map(str::to_owned),
                target: target.cloned().unwrap_or(Value::Null),
                values: item.clone(),
            });
        }
    };
    add("", None, get(settings, "cascade"));
    for page in pages {
        let (stem, code) = parts(page);
        if let Some(folder) = stem.strip_suffix("_index") {
            add(folder, code, page.get("cascade"));
        }
    }
    // The settings come before sections, and a section before its subsections.
    found.sort_by_key(|cascade| cascade.folder.matches('/').count());
    found
}

/// The value of a key that a page has or inherits.
pub(super) fn value(page: &Page, key: &str, cascades: &[Cascade]) -> Option<Value> {
    let inherited = || {
        let mut near = cascades.iter().rev().filter(|cascade| cascade.is_for(page));
        near.find_map(|cascade| get(&cascade.values, key))
    };
    page.get(key).or_else(inherited).cloned()
}

impl Cascade {
    fn is_for(&self, page: &Page) -> bool {
        let (stem, code) = parts(page);
        let said = |key: &str| get(&self.target, key).and_then(Value::as_str);
        let is_language =
            self.folder.is_empty() && self.language.is_none() || self.language.as_deref() == code;
        let path = path(stem).to_lowercase();
        stem.starts_with(&self.folder)
            && is_language
            && said("path").is_none_or(|pattern| is_named(&pattern.to_lowercase(), &path))
            && said("kind").is_none_or(|pattern| is_named(pattern, kind(stem)))
            && said("lang").is_none_or(|pattern| code.is_some_and(|code| is_named(pattern, code)))
            // Sites are published in the `production` environment.
            && said("environment").is_none_or(|pattern| is_named(pattern, "production"))
    }
}

/// A page's path without its extension, and its language code, if the file name has one.
fn parts(page: &Page) -> (&str, Option<&str>) {
    match config::coded(&page.to) {
        Some((stem, code)) => (stem, Some(code)),
        None => (page.to.strip_suffix(".md").unwrap_or(&page.to), None),
    }
}

/// Hugo's logical path of a page: `/stories/rose`.
fn path(stem: &str) -> String {
    let folder = stem.strip_suffix("_index").or_else(|| stem.strip_suffix("index"));
    let folder = folder.filter(|folder| folder.is_empty() || folder.ends_with('/'));
    format!("/{}", folder.unwrap_or(stem).trim_end_matches('/'))
}

fn kind(stem: &str) -> &'static str {
    match stem {
        "_index" => "home",
        _ if stem.ends_with("/_index") => "section",
        _ => "page",
    }
}
