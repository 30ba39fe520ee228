//! The names that themes may rely on, and the replacements of former ones.
//!
//! A name of [`QUERIES`] or [`TEMPLATES`] is never just removed: it moves to [`FORMER`], which provides the help for
//! themes that still use it. `FORMER` also has names of other generators, for themes written for those.

use crate::diagnostic::nearest;

/// The templates that render pages, `page.html` first.
pub const TEMPLATES: [&str; 8] = [
    "email.mjml",
    "page.html",
    "home.html",
    "section.html",
    "taxonomy.html",
    "term.html",
    "not_found.html",
    "frame.html",
];

/// The queries available to templates.
pub const QUERIES: [&str; 26] = [
    "asset",
    "backlinks",
    "breadcrumbs",
    "cached",
    "config",
    "data",
    "feed",
    "form",
    "icons",
    "image",
    "image_file",
    "language",
    "last_commit",
    "menu",
    "menu_urls",
    "neighbours",
    "page",
    "pages",
    "policy",
    "related",
    "sections",
    "shared_image",
    "structured_data",
    "t",
    "terms",
    "url",
];

/// Names of former versions and of other generators, with their replacements.
const FORMER: [(&str, &str); 23] = [
    ("index.html", "home.html"),
    ("single.html", "page.html"),
    ("list.html", "section.html"),
    ("baseof.html", "base.html"),
    ("404.html", "not_found.html"),
    ("terms.html", "taxonomy.html"),
    ("taxonomy_list.html", "taxonomy.html"),
    ("taxonomy_single.html", "term.html"),
    ("get_page", "page(path=…)"),
    ("get_section", "pages(section=…)"),
    ("get_pages", "pages(section=…)"),
    ("subsections", "sections(section=…)"),
    ("get_url", "url(path=…)"),
    ("get_taxonomy", "terms(taxonomy=…)"),
    ("get_taxonomy_url", "terms(taxonomy=…)"),
    ("get_image_metadata", "image_file(src=…)"),
    ("resize_image", "image(src=…, alt=…)"),
    ("load_data", "data(name=…)"),
    ("trans", "t(key=…)"),
    ("markdown", "page.content"),
    ("jsonify", "json"),
    ("partialCached", "cached(component=…)"),
    ("structured", "structured_data(page=page)"),
];

/// The replacement of `name`, if known.
pub fn replaced(name: &str) -> Option<&'static str> {
    FORMER.iter().find(|(former, _)| *former == name).map(|(_, now)| *now)
}

/// A former name of the template `name` for which `has` is true.
pub fn former_template(name: &str, has: impl Fn(&str) -> bool) -> Option<&'static str> {
    FORMER.iter().map(|(former, now)| (*former, *now)).find_map(|(former, now)| {
        (now == name && former.ends_with(".html") && has(former)).then_some(former)
    })
}

/// The help for Tera's errors of the form `unknown function `get_url``.
pub(crate) fn help(message: &str) -> Option<String> {
    let (kind, rest) = message.strip_prefix("unknown ")?.split_once(' ')?;
    let name = rest.split('`').nth(1)?;
    if let Some(now) = replaced(name) {
        return Some(format!("write `{now}`"));
    }
    let near = (kind == "function").then(|| nearest(name, QUERIES.into_iter())).flatten()?;
    Some(format!("did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_former_name_has_a_replacement() {
        assert_eq!(help("unknown function `get_url`").as_deref(), Some("write `url(path=…)`"));
        assert_eq!(
            help("unknown function `breadcrumb`").as_deref(),
            Some("did you mean `breadcrumbs`?")
        );
        assert_eq!(
            help("unknown component `structured`").as_deref(),
            Some("write `structured_data(page=page)`")
        );
        assert_eq!(help("unknown filter `shout`"), None);
        assert_eq!(replaced("single.html"), Some("page.html"));
        assert_eq!(former_template("home.html", |name| name == "index.html"), Some("index.html"));
        assert_eq!(former_template("home.html", |_| false), None);
    }

    #[test]
    fn replacements_exist() {
        for (former, now) in FORMER {
            let name = now.split('(').next().unwrap_or(now);
            let there = QUERIES.contains(&name)
                || TEMPLATES.contains(&name)
                || ["base.html", "page.content", "json"].contains(&name);
            assert!(there && former != now, "{former} leads to {now}");
            assert!(!QUERIES.contains(&former) && !TEMPLATES.contains(&former), "{former}");
        }
    }
}
