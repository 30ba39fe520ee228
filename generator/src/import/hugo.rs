//! Plans the import of a Hugo site: `content` unchanged, `static` beside it. Reads the source folder.

use std::collections::BTreeMap;

use fancy_regex::Regex;

use super::cascade::{self, Cascade};
use super::settings::{Link, Settings, get};
use super::source_site::{SourceSite, in_doubt};
use super::withheld::{self, Clock, Rules, UNREAD, is_false, is_true};
use super::{Notes, Page, Plan, file_name, read_front_matter, take_file, value_text};
use crate::config;
use crate::value::Value;

const SETTINGS: [&str; 16] = [
    "hugo.toml",
    "hugo.yaml",
    "hugo.yml",
    "hugo.json",
    "config.toml",
    "config.yaml",
    "config.yml",
    "config.json",
    "config/_default/hugo.toml",
    "config/_default/hugo.yaml",
    "config/_default/hugo.yml",
    "config/_default/hugo.json",
    "config/_default/config.toml",
    "config/_default/config.yaml",
    "config/_default/config.yml",
    "config/_default/config.json",
];

/// Prefixes of settings files that do not affect what is published.
const HARMLESS: [&str; 10] = [
    "author",
    "markup",
    "menu",
    "minify",
    "outputs",
    "pagination",
    "params",
    "permalinks",
    "taxonomies",
    "services",
];

pub(super) fn plan(old: &SourceSite, notes: &mut Notes) -> Plan {
    let mut doubt = None;
    let (name, values) = old.site_settings(&SETTINGS, &mut doubt, notes);
    doubt = doubt.or_else(|| unfollowed(old, &name, &values));
    let settings = settings(&name, &values, notes);
    let patterns = get(&values, "permalinks").cloned().unwrap_or_default();
    // Hugo accepts permalink patterns at the top level or under `page`.
    let patterns = get(&patterns, "page").cloned().unwrap_or(patterns);
    let ignored = ignored(&values, &name, notes);
    let mut plan = Plan { settings, doubt, ..Plan::default() };
    let is_ignored = |path: &str| ignored.iter().any(|one| one.is_match(path).unwrap_or(true));
    let bundles: Vec<&str> = old
        .below("content")
        .map(|(from, _)| from)
        .filter(|from| is_leaf(from) && !is_ignored(from))
        .collect();
    for (from, to) in old.below("content") {
        if let Some(pattern) = ignored.iter().find(|pattern| pattern.is_match(from).unwrap_or(true))
        {
            notes.withhold(from, format!("not imported: `ignoreFiles` excludes it (`{pattern}`)"));
            continue;
        }
        let name = from.rsplit('/').next().unwrap_or(from);
        if name.starts_with('#') || name.ends_with('~') {
            notes.withhold(from, format!("not imported: Hugo ignores names like `{name}`"));
            continue;
        }
        if !to.ends_with(".md") && !to.ends_with(".markdown") {
            match to.rsplit('.').next() {
                Some("html" | "org" | "adoc" | "rst" | "pdc") => {
                    notes.add(from, "not imported: only Markdown is supported");
                }
                _ => take_file(&mut plan, from, to, notes),
            }
            continue;
        }
        // The outermost bundle takes precedence: a bundle within another is its resource.
        let outer = bundles.iter().filter(|index| is_resource(from, index));
        if let Some(index) = outer.min_by_key(|index| index.matches('/').count()) {
            let told = format!("not imported: Hugo does not make pages of files beside `{index}`");
            notes.withhold(from, told);
            continue;
        }
        let Some(text) = old.text(from, notes) else { continue };
        let read_front_matter::Parts { front, body } = read_front_matter::split(&text);
        let is_unread = front.is_err();
        let front = front.unwrap_or_else(|why| {
            notes.add(from, format!("its front matter cannot be read: {why}"));
            Vec::new()
        });
        let to = to.strip_suffix(".markdown").map_or(to.to_owned(), |stem| format!("{stem}.md"));
        let to = without_own_language(&to, &plan.settings);
        let mut page =
            Page { from: from.to_owned(), to, front, body: body.to_owned(), ..Page::default() };
        if is_unread {
            page.make_draft(UNREAD, notes);
        }
        page.address = address(&page, &patterns);
        plan.pages.push(page);
    }
    let clock = old.clock(&plan.settings);
    hold(&mut plan.pages, &values, &clock, notes);
    for (from, to) in old.below("static") {
        take_file(&mut plan, from, to, notes);
    }
    for (from, to) in old.below("data") {
        if matches!(to.rsplit('.').next(), Some("yaml" | "yml" | "json" | "csv" | "toml")) {
            let to = to.strip_suffix(".yml").map_or(to.to_owned(), |stem| format!("{stem}.yaml"));
            plan.files.insert(from.to_owned(), format!("data/{to}"));
        } else {
            notes.add(from, "not imported: data must be YAML, JSON, TOML or CSV");
        }
    }
    for (folder, what) in [
        ("layouts", "templates"),
        ("assets", "styles and scripts"),
        ("i18n", "translations"),
        ("archetypes", "archetypes"),
    ] {
        if old.below(folder).next().is_some() {
            notes.add(folder, format!("not imported: Hugo {what}"));
        }
    }
    plan
}

/// Why the settings do not show what was published: they use features that are not supported here.
fn unfollowed(old: &SourceSite, name: &str, values: &Value) -> Option<String> {
    let of_folder = old.below("config").find(|(from, _)| {
        let file = from.rsplit('/').next().unwrap_or(from);
        *from != name && !HARMLESS.iter().any(|known| file.starts_with(known))
    });
    let said = if let Some((file, _)) = of_folder {
        format!("`{file}` is not supported")
    } else if get(values, "contentDir").is_some_and(|folder| folder.as_str() != Some("content")) {
        format!("`contentDir` in `{name}` is not supported")
    } else if get(values, "module").and_then(|module| get(module, "mounts")).is_some() {
        format!("`mounts` in `{name}` are not supported")
    } else if get(values, "frontmatter").map(value_text::texts_within).is_some_and(|words| {
        words.iter().any(|word| matches!(word.as_str(), ":filename" | ":fileModTime" | ":git"))
    }) {
        format!("`frontmatter` in `{name}` takes dates from file names or the file history")
    } else {
        return None;
    };
    Some(in_doubt(&said))
}

/// Whether a file makes its folder a leaf bundle (<https://gohugo.io/content-management/page-bundles/>).
fn is_leaf(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let endings = [".md", ".markdown", ".html", ".htm", ".org", ".adoc", ".rst", ".pdc"];
    name.starts_with("index.") && endings.iter().any(|ending| name.ends_with(ending))
}

/// Whether a file belongs to the leaf bundle of another; its folder may have pages only in other
/// languages.
fn is_resource(path: &str, index: &str) -> bool {
    let folder = index.rsplit_once('/').map_or("", |(folder, _)| folder);
    let below = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
    below.is_some_and(|name| name.contains('/') || !is_leaf(name))
}

/// The patterns of `ignoreFiles`: regular expressions over file paths.
fn ignored(values: &Value, file: &str, notes: &mut Notes) -> Vec<Regex> {
    let written = get(values, "ignoreFiles").map(value_text::texts).unwrap_or_default();
    let known = written.into_iter().filter_map(|pattern| match Regex::new(&pattern) {
        Ok(pattern) => Some(pattern),
        Err(_) => {
            let why = "cannot be read, so the files that it excludes were imported";
            notes.add(file, format!("the pattern `{pattern}` of `ignoreFiles` {why}"));
            None
        }
    });
    known.collect()
}

/// Withholds what Hugo does not publish because of its settings, a page's front matter or an inherited
/// value.
fn hold(pages: &mut [Page], values: &Value, clock: &Clock, notes: &mut Notes) {
    let cascades = cascade::all(values, pages);
    let publish = dates(values, "publishDate", &["publishDate", "pubdate", "published", "date"]);
    let expire = dates(values, "expiryDate", &["expiryDate", "unpublishdate"]);
    let rules = Rules {
        drafts: is_true(get(values, "buildDrafts")),
        future: is_true(get(values, "buildFuture")),
        expired: is_true(get(values, "buildExpired")),
        unpublished: false,
        publish: publish.iter().map(String::as_str).collect(),
        expire: expire.iter().map(String::as_str).collect(),
    };
    for page in pages.iter_mut() {
        let said = |page: &Page, key: &str| cascade::value(page, key, &cascades);
        page.hold_as_said(&rules, said, clock, notes);
    }
    withheld::hold_sections(pages, clock, notes);
    let closed = closed_languages(values);
    for page in pages {
        if let Some((_, code)) = config::coded(&page.to)
            && closed.iter().any(|closed| closed.eq_ignore_ascii_case(code))
        {
            let reason = format!("the language `{code}` is disabled on the old site");
            page.make_draft(&reason, notes);
        }
        hold_as_built(page, &cascades, notes);
    }
}

/// Applies `build` and `headless`: <https://gohugo.io/content-management/build-options/>.
fn hold_as_built(page: &mut Page, cascades: &[Cascade], notes: &mut Notes) {
    let said = |key: &str| cascade::value(page, key, cascades);
    let build = said("build").or_else(|| said("_build")).unwrap_or(Value::Null);
    let render = get(&build, "render").cloned();
    let is_leaf = page.to == "index.md" || page.to.ends_with("/index.md");
    let is_headless = is_leaf && is_true(said("headless").as_ref());
    let never = render.as_ref().and_then(Value::as_str);
    if is_false(render.as_ref()) {
        page.make_draft("the old site has `build.render: false`", notes);
    } else if let Some(render @ ("never" | "link")) = never {
        page.make_draft(&format!("the old site has `build.render: {render}`"), notes);
    } else if is_headless {
        page.make_draft("the old site has `headless: true`", notes);
    } else if get(&build, "list").is_some_and(|list| {
        is_false(Some(list)) || list.as_str().is_some_and(|list| list == "never")
    }) {
        notes.add(&page.from, "was in no list (`build.list: never`), but is now");
    }
}

/// The keys that give a date of a page; `frontmatter` in the settings may change them.
fn dates(values: &Value, date: &str, usual: &[&str]) -> Vec<String> {
    let usual = || usual.iter().map(|key| (*key).to_owned());
    let said = get(values, "frontmatter").and_then(|dates| get(dates, date)).map(value_text::texts);
    let Some(said) = said else { return usual().collect() };
    let keys = said.into_iter().flat_map(|key| match key.as_str() {
        ":default" => usual().collect(),
        _ => vec![key],
    });
    keys.filter(|key| !key.starts_with(':')).collect()
}

/// The languages that are not published.
fn closed_languages(values: &Value) -> Vec<String> {
    let mut closed = get(values, "disableLanguages").map(value_text::texts).unwrap_or_default();
    if let Some(Value::Map(languages)) = get(values, "languages") {
        let disabled = languages.iter().filter(|(_, about)| is_true(get(about, "disabled")));
        closed.extend(disabled.map(|(code, _)| code.clone()));
    }
    closed
}

fn settings(file: &str, values: &Value, notes: &mut Notes) -> Settings {
    let mut settings = Settings::of(file, values);
    settings.taxonomies = match get(values, "taxonomies") {
        Some(Value::Map(entries)) => {
            entries.iter().filter_map(|(_, plural)| plural.as_str()).map(str::to_owned).collect()
        }
        _ => vec!["tags".to_owned(), "categories".to_owned()],
    };
    if let Some(language) = get(values, "defaultContentLanguage").and_then(Value::as_str) {
        settings.language.get_or_insert_with(|| language.to_owned());
    }
    if let Some(Value::Map(languages)) = get(values, "languages") {
        for (code, about) in languages {
            let name = get(about, "languageName").and_then(Value::as_str).unwrap_or(code);
            settings.languages.push((code.clone(), name.to_owned()));
            if get(about, "contentDir").is_some() {
                notes.add(
                    file,
                    format!(
                        "the pages in `{code}` are in a folder of their own: name each one after \
                         the page it translates, such as `about.{code}.md`"
                    ),
                );
            }
        }
    }
    for (menu, lines) in ["menus", "menu"]
        .iter()
        .filter_map(|key| match get(values, key) {
            Some(Value::Map(menus)) => Some(menus),
            _ => None,
        })
        .flatten()
    {
        let Value::List(lines) = lines else { continue };
        let mut lines: Vec<(i64, i64, &Value)> =
            lines.iter().map(|line| (rank_of_parent(line, lines), rank(line), line)).collect();
        lines.sort_by_key(|(parent, own, _)| (*parent, *own));
        let lines = lines.into_iter().map(|(.., line)| line);
        let links = lines.filter_map(|line| {
            let said = |key: &str| get(line, key).and_then(Value::as_str);
            let target = said("pageRef").or_else(|| said("url"));
            let label = said("name").or_else(|| said("identifier")).unwrap_or_default().to_owned();
            if target.is_none() {
                notes.add(
                    file,
                    format!(
                        "the item `{label}` of the menu `{menu}` has no link; it only contained \
                         other items"
                    ),
                );
            }
            Some(Link { label, target: target?.to_owned() })
        });
        let links = links.collect();
        settings.menus.insert(menu.clone(), links);
    }
    settings
}

fn rank(line: &Value) -> i64 {
    match get(line, "weight") {
        Some(Value::Integer(weight)) => *weight,
        _ => i64::MAX,
    }
}

/// The weight of a menu item's parent, or else its own.
fn rank_of_parent(line: &Value, lines: &[Value]) -> i64 {
    let name = |line: &Value, key: &str| get(line, key).and_then(Value::as_str).map(str::to_owned);
    let parent = name(line, "parent").and_then(|parent| {
        let is_it = |other: &&Value| {
            name(other, "identifier").or_else(|| name(other, "name")).as_ref() == Some(&parent)
        };
        lines.iter().find(is_it)
    });
    rank(parent.unwrap_or(line))
}

/// Strips the default language: `about.en.md` is `about.md` if the site is in `en`.
fn without_own_language(to: &str, settings: &Settings) -> String {
    match (config::coded(to), &settings.language) {
        (Some((stem, code)), Some(own)) if code.eq_ignore_ascii_case(own) => format!("{stem}.md"),
        _ => to.to_owned(),
    }
}

/// The address that Hugo gives a page.
fn address(page: &Page, patterns: &Value) -> String {
    if let Some(url) = page.text("url") {
        return url.to_owned();
    }
    let stem = page.to.strip_suffix(".md").unwrap_or(&page.to);
    let stem = match stem.strip_suffix("_index").or_else(|| stem.strip_suffix("index")) {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => folder.trim_end_matches('/'),
        _ => stem,
    };
    let part = |part: &str| -> String {
        let kept = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
        part.to_lowercase().replace(' ', "-").chars().filter(|c| kept(*c)).collect()
    };
    let mut parts: Vec<String> =
        stem.split('/').filter(|part| !part.is_empty()).map(part).collect();
    if page.is_section() {
        return format!("/{}/", parts.join("/")).replace("//", "/");
    }
    let file = parts.last().cloned().unwrap_or_default();
    let slug = page.text("slug").map_or(file.clone(), str::to_owned);
    let section = parts.first().filter(|_| parts.len() > 1).cloned().unwrap_or_default();
    if let Some(pattern) = get(patterns, &section).and_then(Value::as_str) {
        let title = page.text("title").map(crate::parse::slug).unwrap_or_default();
        let mut known: BTreeMap<&str, String> =
            file_name::parts_of_date(page.text("date").unwrap_or_default());
        known.extend([
            ("slug", slug.clone()),
            ("title", title),
            ("filename", file.clone()),
            ("contentbasename", file.clone()),
            ("slugorfilename", slug.clone()),
            ("slugorcontentbasename", slug.clone()),
            ("section", section.clone()),
            ("sections", parts[..parts.len() - 1].join("/")),
        ]);
        if let Some(address) = file_name::filled(pattern, &known) {
            return address;
        }
    }
    if let Some(last) = parts.last_mut() {
        *last = slug;
    }
    format!("/{}/", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address_of(to: &str, front: &[(&str, &str)], patterns: &[(&str, &str)]) -> String {
        let values = |pairs: &[(&str, &str)]| -> Vec<(String, Value)> {
            let pair = |(key, value): &(&str, &str)| {
                ((*key).to_owned(), Value::String((*value).to_owned()))
            };
            pairs.iter().map(pair).collect()
        };
        let page = Page { to: to.to_owned(), front: values(front), ..Page::default() };
        address(&page, &Value::Map(values(patterns)))
    }

    #[test]
    fn pages_have_hugo_s_addresses() {
        assert_eq!(address_of("post/My Day.md", &[], &[]), "/post/my-day/");
        assert_eq!(address_of("post/rose/index.md", &[], &[]), "/post/rose/");
        assert_eq!(address_of("post/_index.md", &[], &[]), "/post/");
        assert_eq!(address_of("_index.md", &[], &[]), "/");
        assert_eq!(address_of("post/a.md", &[("slug", "b")], &[]), "/post/b/");
        assert_eq!(address_of("post/a.md", &[("url", "/c.html")], &[]), "/c.html");
        let dated = [("date", "2020-05-21T10:00:00Z"), ("title", "Rose & Tom")];
        let pattern = [("post", "/:year/:month/:title/")];
        assert_eq!(address_of("post/a.md", &dated, &pattern), "/2020/05/rose-tom/");
        assert_eq!(address_of("post/a.md", &[], &pattern), "/post/a/");
    }
}
