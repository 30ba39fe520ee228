//! Plans the import of an Eleventy site: its markdown keeps its paths. Settings and data are programs,
//! which are not run: only literals are read. Reads the source folder.

use std::collections::{BTreeMap, BTreeSet};

use super::directories::Directories;
use super::script::Token;
use super::settings::Settings;
use super::source_site::SourceSite;
use super::withheld::{Rules, UNREAD, is_false};
use super::{Notes, Page, Plan, file_name, pattern, read_front_matter, script, take_file};
use crate::url::resolve;
use crate::value::Value;

/// The names of the settings file.
pub(super) const SETTINGS: [&str; 5] = [
    ".eleventy.js",
    "eleventy.config.js",
    "eleventy.config.mjs",
    "eleventy.config.cjs",
    "eleventy.config.ts",
];

/// Data files with usual names for the whole site's data.
const ABOUT_THE_SITE: [&str; 3] = ["metadata", "site", "meta"];

pub(super) fn plan(old: &SourceSite, notes: &mut Notes) -> Plan {
    let name = SETTINGS.iter().find(|name| old.path(name).is_file()).copied().unwrap_or_default();
    let program = old.text(name, notes).unwrap_or_default();
    notes.add(
        name,
        "is a program, which was not run: only folders that it sets to plain text are known",
    );
    let package = old.settings(&["package.json"], notes).unwrap_or_default().1;
    let directories = Directories::of(&program, &package);
    let input = directories.get("input").unwrap_or(".");
    let is_outside = input.starts_with('/') || input.split('/').any(|part| part == "..");
    let input = resolve("", input).path;
    let data = resolve(&input, directories.get("data").unwrap_or("_data")).path;
    let includes = resolve(&input, directories.get("includes").unwrap_or("_includes")).path;
    let no_pages = [
        data.clone(),
        includes.clone(),
        resolve(&input, directories.get("layouts").unwrap_or("_includes")).path,
        resolve("", directories.get("output").unwrap_or("_site")).path,
    ];
    let mut plan = Plan::default();
    if is_outside || directories.are_in_doubt() || !has_plain_ignores(&program) {
        plan.doubt = Some(format!("`{name}` does not show the folders of the site"));
    }
    about_the_site(old, &data, &mut plan, notes);
    let shared = shared(old, &input, notes);
    let ignored = ignored(old, &program, &input, notes);
    for (from, to) in old.below(&input) {
        let below =
            |folder: &str| from.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let is_no_page = no_pages.iter().any(|folder| *folder != input && below(folder));
        if is_no_page || SETTINGS.contains(&from) {
            continue;
        }
        let of_project = input.is_empty() && of_the_project(to);
        if let Some((file, pattern)) = ignored.iter().find_map(|ignored| ignored.names(from)) {
            if !of_project {
                notes.withhold(from, format!("not imported: `{file}` excludes it (`{pattern}`)"));
            }
            continue;
        }
        if to.ends_with(".md") && !of_project {
            take(old, &mut plan, (from, to), &shared, notes);
        } else if is_template(to) {
            notes.add(from, "not imported: only Markdown is supported");
        } else if !to.ends_with(".json") && (!input.is_empty() || to.contains('/')) {
            take_file(&mut plan, from, to, notes);
        }
    }
    if old.below(&includes).next().is_some() {
        notes.add(&includes, "not imported: a template of Eleventy");
    }
    // Most sites use `public` for files that are copied unchanged.
    for (from, to) in old.below("public").filter(|_| !input.is_empty()) {
        take_file(&mut plan, from, to, notes);
    }
    plan
}

/// Patterns that leave files out, and their source file.
struct Ignored {
    file: String,
    /// The folder to which they are relative.
    folder: String,
    patterns: Vec<String>,
}

impl Ignored {
    /// The file and the pattern that leave out a file.
    fn names(&self, path: &str) -> Option<(&str, &str)> {
        let below = match self.folder.as_str() {
            "" => path,
            folder => path.strip_prefix(folder)?.strip_prefix('/')?,
        };
        pattern::gitignored(&self.patterns, below).map(|pattern| (self.file.as_str(), pattern))
    }
}

/// The ignored files: <https://www.11ty.dev/docs/ignores/>.
fn ignored(old: &SourceSite, program: &str, input: &str, notes: &mut Notes) -> Vec<Ignored> {
    let mut found = Vec::new();
    let mut add = |file: String, folder: &str, patterns: Vec<String>| {
        found.push(Ignored { file, folder: folder.to_owned(), patterns });
    };
    add(".eleventyignore".to_owned(), "", old.patterns(".eleventyignore", notes));
    if !input.is_empty() {
        let file = resolve(input, ".eleventyignore").path;
        add(file.clone(), input, old.patterns(&file, notes));
    }
    if !program.replace(' ', "").contains("setUseGitIgnore(false)") {
        add(".gitignore".to_owned(), "", old.patterns(".gitignore", notes));
    }
    let named = ignored_by(program).into_iter().flatten();
    let named = named.map(|path| format!("/{}", resolve("", &path).path));
    let settings = SETTINGS.iter().find(|name| old.path(name).is_file()).copied();
    add(settings.unwrap_or_default().to_owned(), "", named.collect());
    found
}

/// What settings ignore: `eleventyConfig.ignores.add("notes.md")`; `None` for a computed value.
fn ignored_by(program: &str) -> Vec<Option<String>> {
    let tokens = script::tokens(program);
    let calls = (0..tokens.len()).filter(|at| {
        let word = |at: usize, name: &str| tokens.get(at) == Some(&Token::Word(name.to_owned()));
        word(*at, "ignores") && word(at + 2, "add")
    });
    let named = calls.map(|at| match script::literal(&tokens, at + 4) {
        Some(Value::String(path)) => Some(path),
        _ => None,
    });
    named.collect()
}

fn has_plain_ignores(program: &str) -> bool {
    ignored_by(program).iter().all(Option::is_some)
}

fn of_the_project(path: &str) -> bool {
    let names =
        ["readme.md", "license.md", "contributing.md", "changelog.md", "code_of_conduct.md"];
    names.contains(&path.to_lowercase().as_str())
}

fn is_template(path: &str) -> bool {
    [".njk", ".liquid", ".html", ".hbs", ".ejs", ".pug", ".mustache", ".11ty.js", ".webc", ".mdx"]
        .iter()
        .any(|ending| path.ends_with(ending))
}

/// Reads title, address and language, and the data that pages use.
fn about_the_site(old: &SourceSite, data: &str, plan: &mut Plan, notes: &mut Notes) {
    for (from, to) in old.below(data) {
        let (stem, ending) = to.rsplit_once('.').unwrap_or((to, ""));
        let is_about = ABOUT_THE_SITE.contains(&stem) && plan.settings.title.is_empty();
        let values = match ending {
            "json" | "yaml" | "yml" | "toml" | "csv" => {
                let to = format!("data/{}", to.replace(".yml", ".yaml"));
                plan.files.insert(from.to_owned(), to);
                if is_about { old.settings(&[from], notes).map(|(_, values)| values) } else { None }
            }
            _ => {
                notes.add(from, "is a program, which was not run: only plain values are known");
                let text = if is_about { old.text(from, notes) } else { None };
                text.map(|text| Value::Map(script::literals(&text)))
            }
        };
        if let Some(values) = values.filter(|_| is_about) {
            plan.settings = Settings::of(from, &values);
        }
    }
    plan.settings.taxonomies = vec!["tags".to_owned()];
}

/// Values from data files beside pages.
#[derive(Default)]
struct Shared {
    /// Values for all pages in a folder (`blog/blog.json`), by folder; for one page
    /// (`rose.11tydata.json`), by its file.
    values: BTreeMap<String, Vec<(String, Value)>>,
    /// The folders and files for which a program computes whether there is a page.
    unknown: BTreeSet<String>,
}

/// Reads the data files beside pages. Of programs, only what withholds pages is read.
fn shared(old: &SourceSite, input: &str, notes: &mut Notes) -> Shared {
    let mut shared = Shared::default();
    for (from, to) in old.below(input) {
        let (folder, name) = to.rsplit_once('/').unwrap_or(("", to));
        let own = if folder.is_empty() { input } else { folder };
        let own = own.rsplit('/').next().unwrap_or_default();
        if name == format!("{own}.json") || name == format!("{own}.11tydata.json") {
            if let Some((_, Value::Map(entries))) = old.settings(&[from], notes) {
                shared.values.entry(folder.to_owned()).or_default().extend(entries);
            }
        } else if let Some(page) = page_of(old, from) {
            if let Some((_, Value::Map(entries))) = old.settings(&[from], notes) {
                shared.values.entry(page).or_default().extend(entries);
            }
        } else if let Some((stem, _)) = name.split_once(".11tydata.") {
            notes.add(from, "is a program, which was not run: its values for pages are unknown");
            let program = old.text(from, notes).unwrap_or_default();
            let is_for_folder = stem == own;
            let page = from.split(".11tydata.").next().unwrap_or(from);
            let of = if is_for_folder { folder.to_owned() } else { format!("{page}.md") };
            let is_worked_out = |name: &str| script::is_worked_out(&program, name);
            if ["permalink", "draft"].iter().any(|name| is_worked_out(name))
                && script::mentions(&program, &["false", "draft", "require", "import"])
            {
                shared.unknown.insert(of.clone());
            }
            let mut said = script::literals(&program);
            said.retain(|entry| {
                [("permalink", false), ("draft", true)]
                    .iter()
                    .any(|(key, flag)| entry.0 == *key && entry.1 == Value::Bool(*flag))
            });
            shared.values.entry(of).or_default().extend(said);
        }
    }
    shared
}

/// The page that a data file belongs to.
fn page_of(old: &SourceSite, file: &str) -> Option<String> {
    let stem = file.strip_suffix(".json")?;
    let page = format!("{}.md", stem.strip_suffix(".11tydata").unwrap_or(stem));
    old.files.contains(&page).then_some(page)
}

fn take(
    old: &SourceSite,
    plan: &mut Plan,
    (from, to): (&str, &str),
    shared: &Shared,
    notes: &mut Notes,
) {
    let Some(text) = old.text(from, notes) else { return };
    let read_front_matter::Parts { front, body } = read_front_matter::split(&text);
    let is_unread = front.is_err();
    let mut front = front.unwrap_or_else(|why| {
        notes.add(from, format!("its front matter cannot be read: {why}"));
        Vec::new()
    });
    let (to, day) = file_name::without_day(to);
    let mut is_unknown = false;
    let mut add = |of: &str| {
        is_unknown |= shared.unknown.contains(of);
        let said = shared.values.get(of).into_iter().flatten();
        let new = said.filter(|(key, _)| !front.iter().any(|(own, _)| own == key));
        let new: Vec<(String, Value)> = new.cloned().collect();
        front.extend(new);
    };
    add(from);
    let mut folder = to.as_str();
    while let Some((above, _)) = folder.rsplit_once('/') {
        add(above);
        folder = above;
    }
    add("");
    if let Some(day) = day.filter(|_| !front.iter().any(|(key, _)| key == "date")) {
        front.push(("date".to_owned(), Value::String(day)));
    }
    // Keywords, not dates: Eleventy replaces them with dates of its own.
    front.retain(|(key, value)| {
        let looked_up = key == "date"
            && value
                .as_str()
                .is_some_and(|text| text.contains("Modified") || text.contains("Created"));
        if looked_up {
            notes.add(from, "its `date` depends on the file; write the date itself");
        }
        !looked_up
    });
    let to = home(&to);
    let body = body.to_owned();
    let mut page = Page { from: from.to_owned(), to, front, body, ..Page::default() };
    if is_unread {
        page.make_draft(UNREAD, notes);
    }
    page.address = match page.text("permalink") {
        Some(own) if !own.contains('{') => own.to_owned(),
        _ => format!("/{}/", address(&page.to)).replace("//", "/"),
    };
    let clock = old.clock(&plan.settings);
    page.hold_as_said(&Rules::default(), |page, key| page.get(key).cloned(), &clock, notes);
    if is_false(page.get("permalink")) {
        page.make_draft("the old site has `permalink: false`", notes);
    } else if is_unknown {
        let reason = "`permalink` is computed by a program, which may not publish the page";
        page.make_draft(reason, notes);
    }
    plan.pages.push(page);
}

/// Makes `rose/rose.md` the page of its folder, like `rose/index.md`.
fn home(to: &str) -> String {
    let stem = to.strip_suffix(".md").unwrap_or(to);
    match stem.rsplit_once('/') {
        None if stem == "index" => "_index.md".to_owned(),
        Some((folder, name)) if folder.rsplit('/').next() == Some(name) => {
            format!("{folder}/index.md")
        }
        _ => to.to_owned(),
    }
}

fn address(to: &str) -> &str {
    let stem = to.strip_suffix(".md").unwrap_or(to);
    let folder = stem.strip_suffix("_index").or_else(|| stem.strip_suffix("index"));
    match folder {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => folder.trim_end_matches('/'),
        _ => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_named_after_its_folder_is_the_folder_s_page() {
        assert_eq!(home("blog/rose/rose.md"), "blog/rose/index.md");
        assert_eq!(home("blog/rose.md"), "blog/rose.md");
        assert_eq!(home("index.md"), "_index.md");
        assert_eq!(address("blog/rose/index.md"), "blog/rose");
        assert_eq!(address("_index.md"), "");
    }
}
