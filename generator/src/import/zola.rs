//! Plans the import of a Zola site: `content` unchanged, `static` beside it. Reads the source folder.

use super::settings::{Settings, get};
use super::source_site::SourceSite;
use super::withheld::{self, Rules, UNREAD, is_false};
use super::{Notes, Page, Plan, file_name, pattern, read_front_matter, take_file, value_text};
use crate::config;
use crate::parse::slug;
use crate::value::Value;

pub(super) fn plan(old: &SourceSite, notes: &mut Notes) -> Plan {
    let mut doubt = None;
    let (name, values) = old.site_settings(&["zola.toml", "config.toml"], &mut doubt, notes);
    let mut settings = Settings::of(&name, &values);
    if let Some(language) = get(&values, "default_language").and_then(Value::as_str) {
        settings.language = Some(language.to_owned());
    }
    if let Some(Value::List(taxonomies)) = get(&values, "taxonomies") {
        let names = taxonomies.iter().filter_map(|each| get(each, "name")?.as_str());
        settings.taxonomies = names.map(str::to_owned).collect();
    }
    if let Some(Value::Map(languages)) = get(&values, "languages") {
        settings.languages =
            languages.iter().map(|(code, _)| (code.clone(), code.clone())).collect();
    }
    let mut plan = Plan { settings, doubt, ..Plan::default() };
    let clock = old.clock(&plan.settings);
    let patterns = |key: &str| get(&values, key).map(value_text::texts).unwrap_or_default();
    let ignored = patterns("ignored_content");
    for (from, to) in old.below("content") {
        if let Some(pattern) = pattern::ignored_by_zola(&ignored, to) {
            notes.withhold(
                from,
                format!(
                    "not imported: `ignored_content` excludes it \
                                          (`{pattern}`)"
                ),
            );
            continue;
        }
        if !to.ends_with(".md") {
            take_file(&mut plan, from, to, notes);
            continue;
        }
        let Some(text) = old.text(from, notes) else { continue };
        let read_front_matter::Parts { front, body } = read_front_matter::split(&text);
        let is_unread = front.is_err();
        let mut front = front.unwrap_or_else(|why| {
            notes.add(from, format!("its front matter cannot be read: {why}"));
            Vec::new()
        });
        let (to, day) = file_name::without_day(to);
        if let Some(day) = day.filter(|_| !front.iter().any(|(key, _)| key == "date")) {
            front.push(("date".to_owned(), Value::String(day)));
        }
        // Entries of Zola's `taxonomies` table become top-level keys.
        if let Some(at) = front.iter().position(|(key, _)| key == "taxonomies")
            && let (_, Value::Map(terms)) = front.remove(at)
        {
            front.extend(terms);
        }
        let body = body.to_owned();
        let mut page = Page { from: from.to_owned(), to, front, body, ..Page::default() };
        if is_unread {
            page.make_draft(UNREAD, notes);
        }
        page.address = address(&page);
        page.hold_as_said(&Rules::default(), |page, key| page.get(key).cloned(), &clock, notes);
        plan.pages.push(page);
    }
    withheld::hold_sections(&mut plan.pages, &clock, notes);
    for page in &mut plan.pages {
        if is_false(page.get("render")) {
            page.make_draft("the old site has `render = false`", notes);
        }
    }
    let ignored = patterns("ignored_static");
    for (from, to) in old.below("static") {
        if let Some(pattern) = pattern::ignored_by_zola(&ignored, to) {
            notes.withhold(
                from,
                format!("not imported: `ignored_static` excludes it (`{pattern}`)"),
            );
            continue;
        }
        take_file(&mut plan, from, to, notes);
    }
    for (folder, what) in [("templates", "templates"), ("sass", "styles")] {
        if old.below(folder).next().is_some() {
            notes.add(folder, format!("not imported: Zola {what}"));
        }
    }
    plan
}

/// The address that Zola gives a page.
fn address(page: &Page) -> String {
    if let Some(path) = page.text("path") {
        return format!("/{}/", path.trim_matches('/'));
    }
    let (to, prefix) = match config::coded(&page.to) {
        Some((stem, code)) if config::is_language(code) => (stem, Some(code)),
        _ => (page.to.strip_suffix(".md").unwrap_or(&page.to), None),
    };
    let mut parts: Vec<&str> = to.split('/').collect();
    if matches!(parts.last(), Some(&("index" | "_index"))) {
        parts.pop();
    }
    let mut parts: Vec<String> = parts.into_iter().map(slug).collect();
    if let (Some(last), Some(own)) = (parts.last_mut(), page.text("slug")) {
        *last = own.to_owned();
    }
    let parts: Vec<String> = prefix.map(str::to_owned).into_iter().chain(parts).collect();
    format!("/{}/", parts.join("/")).replace("//", "/")
}
