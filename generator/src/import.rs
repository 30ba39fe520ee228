//! Converts the folder of a site made with Hugo, Zola, Jekyll or Eleventy into the files of a Daisychain
//! site, and lists by file what could not be mapped. Reads that folder; writes nothing.
//!
//! Each program has a module that knows its keys and its addresses and builds a [`Plan`]. The rest is
//! shared: `map_front_matter` maps front matter, `shortcode` replaces shortcodes, tags and filters,
//! `link` rewrites links.

mod cascade;
mod defaults;
mod directories;
mod eleventy;
mod emit;
mod error;
mod file_name;
mod hugo;
mod jekyll;
mod link;
mod map_front_matter;
mod pattern;
mod read_front_matter;
mod script;
mod settings;
mod shortcode;
mod source_site;
mod value_text;
mod withheld;
mod zola;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::value::Value;
pub use error::Error;
use link::LinkIndex;
use settings::Settings;
use source_site::SourceSite;
use withheld::{Clock, Hold};

/// A static site generator that can be imported from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// <https://gohugo.io>
    Hugo,
    /// <https://www.getzola.org>
    Zola,
    /// <https://jekyllrb.com>
    Jekyll,
    /// <https://www.11ty.dev>
    Eleventy,
}

impl Program {
    /// The program's name.
    pub fn name(self) -> &'static str {
        match self {
            Program::Hugo => "Hugo",
            Program::Zola => "Zola",
            Program::Jekyll => "Jekyll",
            Program::Eleventy => "Eleventy",
        }
    }
}

/// The converted site, not written yet.
pub struct Imported {
    /// The program that made the source site.
    pub program: Program,
    /// The number of pages.
    pub pages: usize,
    /// The texts to write, by path below the new site's folder.
    pub texts: BTreeMap<String, String>,
    /// The files to copy: source paths, by path below the new site's folder.
    pub copies: BTreeMap<String, PathBuf>,
    /// What could not be mapped, and what is not published.
    pub notes: Notes,
}

/// Notes about files of the source site by file, in the order in which they were added.
type ByFile = BTreeMap<String, Vec<String>>;

/// The import report about the source site's files.
#[derive(Debug, Default)]
pub struct Notes {
    unmapped: ByFile,
    withheld: ByFile,
}

impl Notes {
    fn add(&mut self, file: &str, words: impl Into<String>) {
        note(&mut self.unmapped, file, words.into());
    }

    fn withhold(&mut self, file: &str, words: impl Into<String>) {
        note(&mut self.withheld, file, words.into());
    }

    /// What could not be mapped, by file.
    pub fn unmapped(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.unmapped.iter().map(|(file, notes)| (file.as_str(), notes.as_slice()))
    }

    /// What is not published because the source site did not publish it, by file.
    pub fn withheld(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.withheld.iter().map(|(file, notes)| (file.as_str(), notes.as_slice()))
    }
}

fn note(notes: &mut ByFile, file: &str, words: String) {
    let of_file = notes.entry(file.to_owned()).or_default();
    if !of_file.contains(&words) {
        of_file.push(words);
    }
}

/// What to import.
#[derive(Default)]
struct Plan {
    settings: Settings,
    pages: Vec<Page>,
    /// Files to copy unchanged, by their paths in the source site; each with its path below `content`.
    files: BTreeMap<String, String>,
    /// Why it is unknown which pages and files were published.
    doubt: Option<String>,
}

/// A page of the source site.
#[derive(Default)]
struct Page {
    /// Its file below the source site's folder; empty if it had none.
    from: String,
    /// Its file below `content`.
    to: String,
    /// The address it had.
    address: String,
    /// Its front matter.
    front: Vec<(String, Value)>,
    /// Its text.
    body: String,
    /// What keeps it from visitors.
    holds: Vec<Hold>,
}

impl Page {
    fn get(&self, key: &str) -> Option<&Value> {
        self.front.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str)
    }

    fn is_section(&self) -> bool {
        self.to == "_index.md" || self.to.ends_with("/_index.md")
    }
}

/// Reads the site in `folder` as published at `now` (Unix seconds).
///
/// # Errors
/// The site was made by none of the four programs, or cannot be read.
pub fn import(folder: &Path, now: i64) -> Result<Imported, Error> {
    let old = SourceSite::read(folder, now)?;
    let mut notes = Notes::default();
    let mut plan = match old.program {
        Program::Hugo => hugo::plan(&old, &mut notes),
        Program::Zola => zola::plan(&old, &mut notes),
        Program::Jekyll => jekyll::plan(&old, &mut notes),
        Program::Eleventy => eleventy::plan(&old, &mut notes),
    };
    withheld::hold_in_doubt(&mut plan, &mut notes);
    plan.settings.check(&mut notes);
    plan.pages.retain(|page| {
        let is_for_wrong_addresses = link::normal(&page.address) == "404";
        if is_for_wrong_addresses {
            notes.add(&page.from, "not imported: the theme has its own “page not found” page");
        }
        !is_for_wrong_addresses
    });
    part_clashes(&mut plan.pages, &mut notes);
    let clock = old.clock(&plan.settings);
    add_sections(&mut plan, &clock, &mut notes);

    let map = LinkIndex::of(&plan);
    let mut texts = BTreeMap::new();
    let mut taxonomies = BTreeSet::new();
    let mut titles = BTreeMap::new();
    for page in &plan.pages {
        let mut words = shortcode::replace(old.program, page, &map, &mut notes);
        words = link::rewrite(page, &words, &map, &mut notes);
        let entries = map_front_matter::map(page, &mut words, &plan, &map, &mut notes);
        let declared = plan.settings.taxonomies.iter();
        taxonomies.extend(declared.filter(|name| entries.iter().any(|(key, _)| key == *name)));
        titles.extend(
            entries
                .iter()
                .filter(|(key, _)| key == "title")
                .filter_map(|(_, title)| Some((page.to.clone(), title.as_str()?.to_owned()))),
        );
        texts.insert(format!("content/{}", page.to), emit::page(&entries, &words));
    }
    let taxonomies: Vec<String> = taxonomies.into_iter().cloned().collect();
    let menus = plan.settings.menus(&plan.pages, &titles, &map, &clock, &mut notes);
    texts.insert("content/site.yaml".to_owned(), plan.settings.write(&taxonomies, menus));
    let copies = plan.files.iter().map(|(from, to)| (format!("content/{to}"), old.path(from)));
    let copies = copies.collect();
    Ok(Imported { program: old.program, pages: plan.pages.len(), texts, copies, notes })
}

/// Renames a page whose file another page already has.
fn part_clashes(pages: &mut [Page], notes: &mut Notes) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for page in pages {
        let wanted = page.to.clone();
        let stem = wanted.strip_suffix(".md").unwrap_or(&wanted);
        for number in 2.. {
            if taken.insert(page.to.to_lowercase()) {
                break;
            }
            page.to = format!("{stem}-{number}.md");
        }
        if page.to != wanted {
            notes.add(
                &page.from,
                format!("imported as {}, because another page has its name", page.to),
            );
        }
    }
}

/// Adds the section pages and the home page that the source program did without.
fn add_sections(plan: &mut Plan, clock: &Clock, notes: &mut Notes) {
    let folders: BTreeSet<String> =
        plan.pages.iter().filter_map(|page| Some(page.to.split_once('/')?.0.to_owned())).collect();
    let is_there = |plan: &Plan, path: &str| plan.pages.iter().any(|page| page.to == path);
    for folder in folders {
        let path = format!("{folder}/_index.md");
        // A folder with `index.md` is a page with its images.
        if !is_there(plan, &path) && !is_there(plan, &format!("{folder}/index.md")) {
            let title = ("title".to_owned(), Value::String(file_name::in_words(&folder)));
            let address = format!("/{folder}/");
            let mut section = Page { to: path, address, front: vec![title], ..Page::default() };
            withheld::hold_added_section(&mut section, &plan.pages, clock, notes);
            plan.pages.push(section);
        }
    }
    if !is_there(plan, "_index.md") {
        let title = ("title".to_owned(), Value::String(plan.settings.title.clone()));
        let body = format!("{}\n\n", plan.settings.description);
        let (to, address) = ("_index.md".to_owned(), "/".to_owned());
        plan.pages.push(Page { to, address, front: vec![title], body, ..Page::default() });
    }
    plan.pages.sort_by(|a, b| a.to.cmp(&b.to));
    let below =
        |page: &&Page| page.to.strip_suffix("/_index.md").is_some_and(|to| !to.contains('/'));
    let shown = plan.pages.iter().filter(below).filter(|page| !page.is_withheld(clock));
    let sections = shown.map(|page| {
        let title = page.text("title").map_or_else(|| file_name::named(&page.to), str::to_owned);
        format!("- [{title}]({})\n", page.address)
    });
    let sections: String = sections.collect();
    // A home page made by templates has no text, so it links to the sections.
    let home = plan.pages.iter_mut().find(|page| page.to == "_index.md");
    if let Some(home) = home.filter(|home| home.from.is_empty() || home.body.trim().is_empty()) {
        home.body.push_str(&sections);
    }
}

/// Whether a file is an image or a document, which a site shows or offers; other files beside pages
/// belong to the source site's theme.
fn is_for_visitors(path: &str) -> bool {
    const ENDINGS: [&str; 24] = [
        "jpg", "jpeg", "png", "gif", "webp", "svg", "pdf", "csv", "txt", "doc", "docx", "odt",
        "xls", "xlsx", "ods", "ppt", "pptx", "mp3", "ogg", "m4a", "mp4", "webm", "vtt", "ics",
    ];
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// Copies a file that is for visitors, or notes that it is left out.
fn take_file(plan: &mut Plan, from: &str, to: &str, notes: &mut Notes) {
    let name = to.rsplit('/').next().unwrap_or(to);
    if name.contains(".11tydata.") {
        return;
    }
    if matches!(name, "robots.txt" | "CNAME" | "_redirects" | "_headers") {
        notes
            .add(from, "not imported: `daisy build` writes this file for hosts and search engines");
    } else if is_for_visitors(to) {
        plan.files.insert(from.to_owned(), to.to_owned());
    } else {
        notes.add(from, "not imported: it is not a page, image or document");
    }
}
