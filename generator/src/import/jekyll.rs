//! Plans the import of a Jekyll site: posts become a section, other pages keep their paths. Reads the
//! source folder.

use std::collections::BTreeMap;

use super::settings::{Settings, get};
use super::source_site::{SourceSite, in_doubt};
use super::withheld::{Clock, Rules, UNREAD, is_true};
use super::{
    Notes, Page, Plan, defaults, file_name, pattern, read_front_matter, take_file, value_text,
};
use crate::parse::slug;
use crate::value::Value;

/// Jekyll's built-in permalink styles.
const NAMED: [(&str, &str); 5] = [
    ("date", "/:categories/:year/:month/:day/:title.html"),
    ("pretty", "/:categories/:year/:month/:day/:title/"),
    ("ordinal", "/:categories/:year/:y_day/:title.html"),
    ("weekdate", "/:categories/:year/W:week/:short_day/:title.html"),
    ("none", "/:categories/:title.html"),
];

/// Top-level files that any Jekyll site may have and no visitor sees.
const OF_THE_PROJECT: [&str; 9] = [
    "gemfile",
    "gemfile.lock",
    "readme.md",
    "license",
    "license.txt",
    "license.md",
    "code_of_conduct.md",
    "contributing.md",
    "rakefile",
];

pub(super) fn plan(old: &SourceSite, notes: &mut Notes) -> Plan {
    let names = ["_config.yml", "_config.yaml", "_config.toml"];
    let mut doubt = None;
    let (name, values) = old.site_settings(&names, &mut doubt, notes);
    doubt = doubt.or_else(|| unfollowed(&name, &values));
    let mut settings = Settings::of(&name, &values);
    settings.taxonomies = vec!["tags".to_owned(), "categories".to_owned()];
    let pattern = get(&values, "permalink").and_then(Value::as_str).unwrap_or("date");
    let pattern =
        NAMED.iter().find(|(name, _)| *name == pattern).map_or(pattern, |(_, named)| named);
    let collections = match get(&values, "collections") {
        Some(Value::Map(collections)) => {
            collections.iter().map(|(name, _)| name.as_str()).collect()
        }
        Some(Value::List(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let excluded = get(&values, "exclude").map(value_text::texts).unwrap_or_default();
    let jekyll = Jekyll { old, values: &values, clock: old.clock(&settings), pattern };
    let mut plan = Plan { settings, doubt, ..Plan::default() };
    for (from, _) in old.below("") {
        let first = from.split('/').next().unwrap_or_default();
        if OF_THE_PROJECT.contains(&from.to_lowercase().as_str()) {
            notes.add(from, "not imported: it belongs to the project, not to the site");
        } else if let Some(pattern) = pattern::excluded(&excluded, from) {
            notes.withhold(from, format!("not imported: `exclude` excludes it (`{pattern}`)"));
        } else if let Some(part) = from.split('/').find(|part| part.starts_with(['#', '~'])) {
            notes.withhold(from, format!("not imported: Jekyll ignores names like `{part}`"));
        } else if first == "_data" {
            let to = from.replacen("_data/", "data/", 1).replace(".yml", ".yaml");
            plan.files.insert(from.to_owned(), to);
        } else if let Some((to, folder)) = place(from, &collections) {
            jekyll.take(&mut plan, (from, &to, folder), notes);
        } else if !names.contains(&from) {
            notes.add(first, "not imported: templates, styles or settings of Jekyll");
        }
    }
    plan
}

/// Why the settings do not show what was published: they name folders that are not supported here.
fn unfollowed(name: &str, values: &Value) -> Option<String> {
    let is_other = |key: &&str| {
        let folder = get(values, key).and_then(Value::as_str).unwrap_or_default();
        !matches!(folder.trim_end_matches('/'), "" | ".")
    };
    let key = ["source", "collections_dir"].into_iter().find(is_other)?;
    Some(in_doubt(&format!("`{key}` in `{name}` is not supported")))
}

/// The new path of a file and its Jekyll folder; `None` if it is neither a page nor a file to copy.
fn place<'a>(from: &str, collections: &[&'a str]) -> Option<(String, &'a str)> {
    let parts: Vec<&str> = from.split('/').collect();
    let special = parts.iter().position(|part| part.starts_with('_'));
    let Some(at) = special else { return Some((from.to_owned(), "")) };
    let rest = |folder: &str| {
        let before = parts[..at].iter();
        [folder].iter().chain(before).chain(&parts[at + 1..]).copied().collect::<Vec<_>>().join("/")
    };
    match &parts[at][1..] {
        _ if at + 1 == parts.len() => None,
        "posts" => Some((rest("posts"), "posts")),
        "drafts" => Some((rest("posts"), "drafts")),
        name => {
            let found = collections.iter().find(|collection| **collection == name)?;
            Some((rest(name), found))
        }
    }
}

/// A Jekyll site.
struct Jekyll<'a> {
    old: &'a SourceSite,
    values: &'a Value,
    clock: Clock,
    /// The permalink pattern of posts.
    pattern: &'a str,
}

impl Jekyll<'_> {
    fn take(&self, plan: &mut Plan, (from, to, folder): (&str, &str, &str), notes: &mut Notes) {
        let markdown = [".md", ".markdown", ".mkd"];
        let Some(stem) = markdown.iter().find_map(|ending| to.strip_suffix(ending)) else {
            if to.ends_with(".html") || to.ends_with(".htm") {
                notes.add(from, "not imported: only Markdown is supported");
            } else if self.is_output(folder) {
                take_file(plan, from, to, notes);
            } else {
                let told = format!("not imported: the collection `{folder}` has no `output: true`");
                notes.withhold(from, told);
            }
            return;
        };
        let Some(text) = self.old.text(from, notes) else { return };
        if !text.trim_start_matches('\u{feff}').starts_with("---") {
            notes.add(
                from,
                "not imported: it has no front matter, so Jekyll did not make a page of it",
            );
            return;
        }
        let read_front_matter::Parts { front, body } = read_front_matter::split(&text);
        let is_unread = front.is_err();
        let mut front = front.unwrap_or_else(|why| {
            notes.add(from, format!("its front matter cannot be read: {why}"));
            Vec::new()
        });
        let (to, day) = file_name::without_day(&format!("{stem}.md"));
        let has = |front: &[(String, Value)], key: &str| front.iter().any(|(name, _)| name == key);
        if folder == "posts" && day.is_none() {
            let told = "not imported: Jekyll only publishes posts with file names like \
                 `2020-05-21-rose.md`";
            notes.withhold(from, told);
            return;
        }
        if let Some(day) = day.filter(|_| !has(&front, "date")) {
            front.push(("date".to_owned(), Value::String(day)));
        }
        // Jekyll accepts tags and categories separated by spaces.
        for (key, value) in &mut front {
            if matches!(key.as_str(), "tags" | "categories")
                && let Value::String(words) = value
            {
                let words = words.split([' ', ',']).filter(|word| !word.is_empty());
                *value = Value::List(words.map(|word| Value::String(word.to_owned())).collect());
            }
        }
        // In a subfolder, a folder's own page is a page with the files beside it.
        let to = if to == "index.md" { "_index.md".to_owned() } else { to };
        let body = body.to_owned();
        let mut page = Page { from: from.to_owned(), to, front, body, ..Page::default() };
        if is_unread {
            page.make_draft(UNREAD, notes);
        }
        page.address = address(&page, folder, self.pattern);
        self.hold(&mut page, folder, notes);
        plan.pages.push(page);
    }

    /// Withholds what Jekyll does not publish (`Publisher`, `Collection#write?`).
    fn hold(&self, page: &mut Page, folder: &str, notes: &mut Notes) {
        let setting = |key: &str| is_true(get(self.values, key));
        let mut rules = Rules {
            drafts: setting("show_drafts"),
            future: setting("future"),
            unpublished: setting("unpublished"),
            ..Rules::default()
        };
        // Jekyll ignores the dates of pages.
        if !folder.is_empty() {
            rules.publish.push("date");
        }
        let kind = if folder.is_empty() { "pages" } else { folder };
        let said = |page: &Page, key: &str| {
            let inherited = || defaults::value(self.values, &page.from, kind, key);
            page.get(key).or_else(inherited).cloned()
        };
        if folder == "drafts" && !rules.drafts {
            page.make_draft("it is in `_drafts`", notes);
            rules.drafts = true;
        }
        page.hold_as_said(&rules, said, &self.clock, notes);
        if !self.is_output(folder) {
            let reason = format!("the collection `{folder}` has no `output: true`");
            page.make_draft(&reason, notes);
        }
    }

    /// Whether the files of a folder become pages: always, except in a collection without `output:
    /// true`.
    fn is_output(&self, folder: &str) -> bool {
        if matches!(folder, "" | "posts" | "drafts") {
            return true;
        }
        let collection = get(self.values, "collections").and_then(|all| get(all, folder));
        collection.is_some_and(|collection| is_true(get(collection, "output")))
    }
}

/// The address that Jekyll gives a page.
fn address(page: &Page, folder: &str, pattern: &str) -> String {
    if let Some(own) = page.text("permalink")
        && !own.contains(':')
    {
        return own.to_owned();
    }
    let stem = page.to.strip_suffix(".md").unwrap_or(&page.to);
    let name = stem.rsplit('/').next().unwrap_or(stem);
    let pattern = page.text("permalink").unwrap_or(pattern);
    if matches!(folder, "posts" | "drafts") {
        let categories = match page.get("categories").or_else(|| page.get("category")) {
            Some(Value::List(names)) => names.iter().filter_map(Value::as_str).map(slug).collect(),
            Some(Value::String(name)) => vec![slug(name)],
            _ => Vec::new(),
        };
        let mut known: BTreeMap<&str, String> =
            file_name::parts_of_date(page.text("date").unwrap_or_default());
        known.extend([
            ("categories", categories.join("/")),
            ("title", page.text("slug").unwrap_or(name).to_owned()),
            ("slug", slug(page.text("slug").unwrap_or(name))),
        ]);
        if let Some(address) = file_name::filled(&pattern.replace(":output_ext", ".html"), &known) {
            return address;
        }
    }
    match (page.is_section(), pattern.ends_with('/')) {
        (true, _) => format!("/{}", stem.trim_end_matches("_index")),
        (false, true) => format!("/{stem}/"),
        (false, false) => format!("/{stem}.html"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_have_jekyll_s_addresses() {
        let text = |text: &str| Value::String(text.to_owned());
        let front = vec![
            ("date".to_owned(), text("2016-05-20 10:00:00 +0100")),
            ("categories".to_owned(), Value::List(vec![text("News")])),
        ];
        let page = Page { to: "posts/our-bench.md".to_owned(), front, ..Page::default() };
        let of = |pattern: &str| address(&page, "posts", pattern);
        assert_eq!(of(NAMED[0].1), "/news/2016/05/20/our-bench.html");
        assert_eq!(of("/:short_year/:i_month/:title/"), "/16/5/our-bench/");
        let page = Page { to: "about.md".to_owned(), ..Page::default() };
        assert_eq!(address(&page, "", NAMED[0].1), "/about.html");
        assert_eq!(address(&page, "", NAMED[1].1), "/about/");
    }

    #[test]
    fn a_file_s_new_path_depends_on_its_folder() {
        let of = |from: &str| place(from, &["recipes"]).map(|(to, _)| to);
        assert_eq!(of("_posts/2016-05-20-x.md").as_deref(), Some("posts/2016-05-20-x.md"));
        assert_eq!(of("cats/_posts/x.md").as_deref(), Some("posts/cats/x.md"));
        assert_eq!(of("_recipes/soup.md").as_deref(), Some("recipes/soup.md"));
        assert_eq!(of("images/a.jpg").as_deref(), Some("images/a.jpg"));
        assert_eq!((of("_layouts/x.html"), of("_config.yml")), (None, None));
    }
}
