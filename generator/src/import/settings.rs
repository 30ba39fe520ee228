//! Reads settings of the whole site from a program's settings, and writes `site.yaml`.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::link::{Found, LinkIndex};
use super::withheld::Clock;
use super::{Notes, Page, emit};
use crate::config;
use crate::url::is_web;
use crate::value::Value;

/// The longest menu that is generated if the source site has no readable menu.
const MAX_MENU_ITEMS: usize = 6;

/// The settings of a site.
#[derive(Default)]
pub(super) struct Settings {
    /// The source file of the settings.
    pub(super) file: String,
    pub(super) title: String,
    pub(super) description: String,
    /// The address of the source site.
    pub(super) base_url: String,
    pub(super) language: Option<String>,
    time_zone: Option<String>,
    /// The languages of its pages with their names, if there are several.
    pub(super) languages: Vec<(String, String)>,
    /// The taxonomies that its pages may use.
    pub(super) taxonomies: Vec<String>,
    pub(super) menus: BTreeMap<String, Vec<Link>>,
}

/// A menu item.
pub(super) struct Link {
    pub(super) label: String,
    /// The target as in the source site.
    pub(super) target: String,
}

/// The value of a key; programs differ in capitalisation.
pub(super) fn get<'a>(values: &'a Value, key: &str) -> Option<&'a Value> {
    match values {
        Value::Map(entries) => {
            entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
        }
        _ => None,
    }
}

impl Settings {
    /// Reads what all programs have, under any of their names.
    pub(super) fn of(file: &str, values: &Value) -> Settings {
        let params = [get(values, "params"), get(values, "extra")];
        let groups = [Some(values)].into_iter().chain(params).flatten().collect::<Vec<_>>();
        let text = |keys: &[&str]| {
            let found = keys
                .iter()
                .find_map(|key| groups.iter().find_map(|group| get(group, key)?.as_str()));
            found.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        // Jekyll stores host and folder separately.
        let base_url = match (text(&["base_url", "url"]), text(&["baseurl"])) {
            (Some(host), Some(folder)) if !folder.contains("://") => {
                format!("{}/{}", host.trim_end_matches('/'), folder.trim_start_matches('/'))
            }
            (host, folder) => host.or(folder).unwrap_or_default(),
        };
        Settings {
            file: file.to_owned(),
            title: text(&["title", "name"]).unwrap_or_default(),
            description: text(&["description", "subtitle"]).unwrap_or_default(),
            base_url: base_url.trim_end_matches('/').to_owned(),
            language: text(&["languageCode", "locale", "lang", "language"])
                .map(|code| code.replace('_', "-")),
            time_zone: text(&["timezone", "time_zone"]),
            ..Settings::default()
        }
    }

    /// The time zone of dates without one.
    pub(super) fn zone(&self) -> TimeZone {
        let zone = self.time_zone.as_deref().and_then(|zone| TimeZone::get(zone).ok());
        zone.unwrap_or(TimeZone::UTC)
    }

    /// Fixes values that `site.yaml` would not accept.
    pub(super) fn check(&mut self, notes: &mut Notes) {
        let file = if self.file.is_empty() { "the site" } else { &self.file };
        if self.title.is_empty() {
            notes.add(file, "the site has no title: write it into content/site.yaml");
            self.title = "Our community".to_owned();
        }
        if let Some(code) = self.language.take_if(|code| !config::is_language(code)) {
            notes.add(file, format!("`{code}` is not a language code"));
        }
        if let Some(zone) = self.time_zone.take_if(|zone| TimeZone::get(zone).is_err()) {
            notes.add(file, format!("`{zone}` is not a time zone"));
        }
        self.languages.retain(|(code, _)| config::is_language(code));
        if self.languages.len() < 2 {
            self.languages.clear();
        }
    }

    /// The menus with links between files; one is generated if there is none.
    pub(super) fn menus(
        &self,
        pages: &[Page],
        titles: &BTreeMap<String, String>,
        map: &LinkIndex,
        clock: &Clock,
        notes: &mut Notes,
    ) -> Value {
        let home = Page { to: "_index.md".to_owned(), address: "/".to_owned(), ..Page::default() };
        let line = |label: &str, link: String| {
            let pair = |key: &str, value: String| (key.to_owned(), Value::String(value));
            Value::Map(vec![pair("label", label.to_owned()), pair("link", link)])
        };
        let mut menus: Vec<(String, Value)> = Vec::new();
        for (name, links) in &self.menus {
            let mut lines = Vec::new();
            for Link { label, target } in links {
                let link = match map.find(&home, target) {
                    Found::Page(..) | Found::File(_) => map.link(&home, target),
                    Found::External => Some(target.clone()),
                    // Hugo's menu items may omit the leading `/`.
                    Found::Nothing => map.link(&home, &format!("/{target}")),
                };
                let is_withheld = |target: &str| match map.find(&home, target) {
                    Found::Page(at, _) => pages[at].is_withheld(clock),
                    _ => false,
                };
                match link {
                    _ if is_withheld(target) || is_withheld(&format!("/{target}")) => {
                        let words = format!(
                            "the item `{label}` of the menu `{name}` was removed: `{target}` is \
                             not published"
                        );
                        notes.add(&self.file, words);
                    }
                    Some(link) => lines.push(line(label, link)),
                    None => {
                        let words = format!(
                            "the item `{label}` of the menu `{name}` was removed: `{target}` is \
                             not a page"
                        );
                        notes.add(&self.file, words);
                    }
                }
            }
            menus.push((name.clone(), Value::List(lines)));
        }
        let in_menu = |page: &&Page| page.get("menu").or(page.get("menus")).is_some();
        if menus.is_empty() && !pages.iter().any(|page| in_menu(&page)) {
            let top = pages.iter().filter(|page| {
                let stem = page.to.strip_suffix("/_index.md").unwrap_or(&page.to);
                page.to != "_index.md" && !stem.contains('/') && !page.is_withheld(clock)
            });
            let titled = top.filter_map(|page| Some(line(titles.get(&page.to)?, page.to.clone())));
            let lines: Vec<Value> = titled.take(MAX_MENU_ITEMS).collect();
            if !lines.is_empty() {
                let file = if self.file.is_empty() { "the site" } else { &self.file };
                notes.add(
                    file,
                    "its menu is made by templates; content/site.yaml now has a menu \
                                 of its first pages",
                );
                menus.push(("main".to_owned(), Value::List(lines)));
            }
        }
        Value::Map(menus)
    }

    /// `site.yaml`.
    pub(super) fn write(&self, taxonomies: &[String], menus: Value) -> String {
        let text = |text: &str| Value::String(text.to_owned());
        let mut entries = vec![("title".to_owned(), text(&self.title))];
        let mut add = |key: &str, value: Option<Value>| {
            entries.extend(value.map(|value| (key.to_owned(), value)));
        };
        let said = |words: &str| Some(words).filter(|words| !words.is_empty()).map(text);
        add("description", said(&self.description));
        let is_example =
            ["localhost", "127.0.0.1", "example."].iter().any(|part| self.base_url.contains(part));
        let base_url = if is_example || !is_web(&self.base_url) { "" } else { &self.base_url };
        add("base_url", Some(text(base_url)));
        add("language", self.language.as_deref().map(text));
        add("time_zone", self.time_zone.as_deref().map(text));
        let languages: Vec<(String, Value)> = self
            .languages
            .iter()
            .map(|(code, name)| (code.clone(), Value::Map(vec![("name".to_owned(), text(name))])))
            .collect();
        add("languages", Some(Value::Map(languages)).filter(|_| !self.languages.is_empty()));
        let names = taxonomies.iter().map(|name| text(name)).collect();
        add("taxonomies", Some(Value::List(names)).filter(|_| !taxonomies.is_empty()));
        add("menus", Some(menus).filter(|menus| *menus != Value::Map(Vec::new())));
        format!("# Settings of the whole site.\n{}", emit::entries(&entries))
    }
}
