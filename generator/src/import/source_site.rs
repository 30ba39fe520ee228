//! Detects which program made a site, and lists its files. Reads the disk.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fs;
use std::path::{Path, PathBuf};

use super::settings::Settings;
use super::withheld::Clock;
use super::{Error, Notes, Program, pattern, read_front_matter};
use crate::source;
use crate::value::Value;

/// Top-level folders that contain no pages for any of the programs.
const PASSED_OVER: [&str; 8] =
    ["node_modules", "vendor", "_site", "resources", "themes", "target", "go.mod", "dist"];

/// The folder of the site to import.
pub(super) struct SourceSite {
    pub(super) program: Program,
    root: PathBuf,
    /// The moment of the import, in Unix seconds.
    now: i64,
    /// The paths of its files, sorted.
    pub(super) files: Vec<String>,
}

impl SourceSite {
    pub(super) fn read(root: &Path, now: i64) -> Result<SourceSite, Error> {
        let entries =
            fs::read_dir(root).map_err(|source| Error::Read { path: root.to_owned(), source })?;
        let mut names: Vec<String> =
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort_unstable();
        let Some(program) = program(root, &names) else {
            return Err(Error::UnknownProgram(root.to_owned()));
        };
        let mut files = Vec::new();
        let seen = |name: &&String| !name.starts_with('.') && !PASSED_OVER.contains(&name.as_str());
        for name in names.iter().filter(seen) {
            let tree = source::walk(root, name)?;
            files.extend(tree.files.into_iter().map(|file| file.path));
        }
        files.retain(|path| !path.split('/').any(|part| part == "node_modules"));
        files.sort_unstable();
        Ok(SourceSite { program, root: root.to_owned(), now, files })
    }

    /// The moment of the import in the site's time zone.
    pub(super) fn clock(&self, settings: &Settings) -> Clock {
        Clock { now: self.now, zone: settings.zone() }
    }

    /// The patterns in a file such as `.gitignore`; empty if the file does not exist.
    pub(super) fn patterns(&self, file: &str, notes: &mut Notes) -> Vec<String> {
        let text = self.path(file).is_file().then(|| self.text(file, notes)).flatten();
        text.map(|text| pattern::lines(&text)).unwrap_or_default()
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        crate::source::on_disk(&self.root, file)
    }

    /// The files below `folder`, each with the path below it.
    pub(super) fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files.iter().filter_map(move |path| {
            let rest = match folder {
                "" => path.as_str(),
                _ => path.strip_prefix(folder)?.strip_prefix('/')?,
            };
            Some((path.as_str(), rest))
        })
    }

    /// The text of a file; notes that an unreadable file is left out.
    pub(super) fn text(&self, file: &str, notes: &mut Notes) -> Option<String> {
        match source::text(&self.root, file) {
            Ok(text) => Some(text),
            Err(fault) => {
                notes.add(file, format!("not imported: {}", fault.message));
                None
            }
        }
    }

    /// The site's settings: the first of these files that exists. If it cannot be read, it is unknown
    /// whether anything was published.
    pub(super) fn site_settings(
        &self,
        names: &[&str],
        doubt: &mut Option<String>,
        notes: &mut Notes,
    ) -> (String, Value) {
        let name = names.iter().find(|name| self.root.join(name).is_file());
        let settings = self.settings(names, notes);
        if let Some(name) = name.filter(|_| settings.is_none()) {
            *doubt = Some(unreadable(name));
        }
        settings.unwrap_or_default()
    }

    /// The first of these files that exists, as a value: settings in TOML, YAML or JSON.
    pub(super) fn settings(&self, names: &[&str], notes: &mut Notes) -> Option<(String, Value)> {
        let name = names.iter().find(|name| self.root.join(name).is_file())?;
        let text = self.text(name, notes)?;
        match read_front_matter::value(name, &text) {
            Ok(value) => Some(((*name).to_owned(), value)),
            Err(why) => {
                notes.add(name, format!("cannot be read: {why}"));
                None
            }
        }
    }
}

/// Why it is unknown what was published if the settings cannot be read.
pub(super) fn unreadable(file: &str) -> String {
    in_doubt(&format!("`{file}` cannot be read"))
}

/// The complete reason why it is unknown what was published.
pub(super) fn in_doubt(said: &str) -> String {
    format!("{said}, so it is unknown what the old site published")
}

fn program(root: &Path, names: &[String]) -> Option<Program> {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let any = |wanted: &[&str]| wanted.iter().any(|name| has(name));
    if any(&["hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json"]) {
        return Some(Program::Hugo);
    }
    if any(&super::eleventy::SETTINGS) {
        return Some(Program::Eleventy);
    }
    if any(&["_config.yml", "_config.yaml", "_config.toml"]) {
        return Some(Program::Jekyll);
    }
    if has("zola.toml") {
        return Some(Program::Zola);
    }
    // Both programs use this file name; Zola requires `base_url`, which Hugo spells `baseURL`.
    let config = source::text(root, "config.toml").unwrap_or_default();
    if config.lines().any(|line| line.trim_start().starts_with("base_url")) {
        return Some(Program::Zola);
    }
    let hugo = any(&["config.toml", "config.yaml", "config.yml", "config.json"])
        || root.join("config/_default").is_dir();
    if hugo && has("content") {
        return Some(Program::Hugo);
    }
    has("_posts").then_some(Program::Jekyll)
}
