//! Reads the files other than pages: settings, data, texts and the theme. Reads the disk.

use std::collections::{BTreeMap, BTreeSet};

use super::tracked_reader::TrackedReader;
use crate::config::{self, Config};
use crate::diagnostic::{Diagnostic, nearest};
use crate::digest::Digester;
use crate::parse::{self, Located};
use crate::site::Data;
use crate::source::File;
use crate::theme::{ThemeFile, ThemeFiles};
use crate::translations::{self, Strings};
use crate::{embedded, theme};

pub(super) fn below_content(path: &str) -> &str {
    path.strip_prefix("content/").unwrap_or(path)
}

/// Returns the settings as far as they can be read, and every error in them.
pub(super) fn read_config(reading: &TrackedReader) -> (Option<Config>, Vec<Diagnostic>) {
    if !reading.files.iter().any(|file| file.path == config::PATH) {
        let fault =
            Diagnostic::error(config::PATH, "this folder is not a site: it has no such file")
                .help("set the site's folder with `--root`, or create a site with `daisy init`");
        return (None, vec![fault]);
    }
    match reading.text(config::PATH) {
        Ok(text) => Config::parse_partly(&text),
        Err(fault) => (None, vec![fault]),
    }
}

/// The data files of a site.
#[derive(Default)]
pub(super) struct ReadData {
    /// The files by name, which is their path below `content/data/` without the extension.
    pub(super) data: BTreeMap<String, Data>,
    /// Warnings about values that probably do not say what was meant.
    pub(super) warnings: Vec<Diagnostic>,
    /// The errors of the files that are left out.
    pub(super) faults: Vec<Diagnostic>,
}

/// Reads the files of `content/data/`.
pub(super) fn read_data(reading: &TrackedReader) -> ReadData {
    let ReadData { mut data, mut warnings, mut faults } = ReadData::default();
    for file in reading.files {
        let Some(path) = file.path.strip_prefix("content/data/") else { continue };
        let read = reading.text(&file.path).map_err(Box::new);
        match read.and_then(|text| Ok((parse::data::parse(&file.path, &text)?, text))) {
            Ok(((value, found), text)) => {
                warnings.extend(found);
                let name = data_name(path);
                let digest = Digester::new().part(path).part(text).finish();
                if data.insert(name.to_owned(), Data { value, digest }).is_some() {
                    let message = format!("another data file is also called `{name}`");
                    let fault = Diagnostic::error(&file.path, message);
                    faults.push(fault.help(
                        "rename one of them; the extension is not part of the \
                                            name",
                    ));
                }
            }
            Err(fault) => faults.push(*fault),
        }
    }
    ReadData { data, warnings, faults }
}

/// The name of a data file, from its path below `content/data/`.
fn data_name(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(name, _)| name)
}

/// The names of the data files that could not be read.
pub(super) fn unread_data(files: &[File], data: &BTreeMap<String, Data>) -> BTreeSet<String> {
    let paths = files.iter().filter_map(|file| file.path.strip_prefix("content/data/"));
    let names = paths.map(data_name).filter(|name| !data.contains_key(*name));
    names.map(str::to_owned).collect()
}

/// Returns the texts of `content/strings/`, and the errors of the files that are left out.
pub(super) fn read_strings(reading: &TrackedReader) -> (Vec<Strings>, Vec<Diagnostic>) {
    let mut all = Vec::new();
    let mut faults = Vec::new();
    for file in reading.files.iter().filter(|file| file.path.starts_with("content/strings/")) {
        let text = reading.text(&file.path).map_err(|fault| vec![fault]);
        match text.and_then(|text| translations::parse(&file.path, &text)) {
            Ok(strings) => all.push(strings),
            Err(found) => faults.extend(found),
        }
    }
    (all, faults)
}

/// Reads the theme: its own folder merged with the themes that it extends, without the files at the
/// paths `without`, which have errors. If `fill_in` is set, the built-in theme's files replace what
/// is then missing.
pub(super) fn read_theme(
    reading: &TrackedReader,
    wanted: Option<&Located<String>>,
    without: &BTreeSet<String>,
    fill_in: bool,
) -> Result<ThemeFiles, Vec<Diagnostic>> {
    let mut found: Vec<(String, ThemeFiles)> = Vec::new();
    let mut next = Some(wanted.map_or(theme::BUILT_IN, |wanted| &wanted.value).to_owned());
    while let Some(name) = next.take() {
        let again = found.iter().any(|(known, _)| *known == name);
        let mut own =
            if again { ThemeFiles::new() } else { theme_folder(reading, &name, without)? };
        // The built-in theme is for sites without a theme, and for a theme of the same name to
        // extend.
        if own.is_empty() && name == theme::BUILT_IN {
            own = theme::built_in();
        } else if own.is_empty() {
            let last = found.last().map(|(_, files)| files);
            return Err(vec![no_theme(reading.files, last, wanted, &name)]);
        }
        next = own.get("theme.yaml").and_then(theme::extends).filter(|_| !again);
        found.push((name, own));
    }
    if fill_in {
        found.push((theme::BUILT_IN.to_owned(), theme::built_in()));
    }
    let is_built_in = |files: &ThemeFiles| {
        files.get("theme.yaml").is_some_and(|file| embedded::is_built_in(&file.origin))
    };
    let defaults = match found.last() {
        Some((_, last)) if is_built_in(last) => Vec::new(),
        _ => theme::default_components(),
    };
    Ok(theme::combine(found, defaults))
}

fn theme_folder(
    reading: &TrackedReader,
    name: &str,
    without: &BTreeSet<String>,
) -> Result<ThemeFiles, Vec<Diagnostic>> {
    let folder = format!("themes/{name}/");
    let files = reading.files.iter().filter(|file| !without.contains(&file.path));
    let own = files.filter_map(|file| Some((file, file.path.strip_prefix(&folder)?)));
    own.map(|(file, path)| {
        let is_text = path == "theme.yaml"
            || path.ends_with(".css")
            || path.starts_with("templates/")
            || path.starts_with("strings/");
        let bytes = match is_text {
            true => reading.text(&file.path).map(String::into_bytes),
            false => reading.bytes(&file.path),
        };
        let bytes = bytes.map_err(|fault| vec![fault])?;
        Ok((path.to_owned(), ThemeFile { origin: file.path.clone(), bytes }))
    })
    .collect()
}

/// Reports that there is no theme `name`, at the place that names it: the settings, or the theme
/// read last.
fn no_theme(
    files: &[File],
    last: Option<&ThemeFiles>,
    wanted: Option<&Located<String>>,
    name: &str,
) -> Diagnostic {
    let folders =
        files.iter().filter_map(|file| file.path.strip_prefix("themes/")?.split('/').next());
    let help = match nearest(name, folders.chain([theme::BUILT_IN])) {
        _ if name.contains(['/', '\\']) => {
            "write the name of a folder in `themes`, without `/`".to_owned()
        }
        Some(near) if near != name => format!("did you mean `{near}`?"),
        Some(_) => "a theme cannot extend itself or a theme that extends it".to_owned(),
        None => format!("create the folder themes/{name}, or write `{}`", theme::BUILT_IN),
    };
    let message = format!("there is no theme `{name}`");
    let fault = match (last, wanted) {
        (Some(last), _) => {
            let settings = last.get("theme.yaml");
            let origin = settings.map_or(config::PATH, |settings| &settings.origin);
            Diagnostic::error(origin, format!("{message} to extend"))
        }
        (None, Some(wanted)) => Diagnostic::error(config::PATH, message).at(wanted.place),
        (None, None) => Diagnostic::error("themes", message),
    };
    fault.help(help)
}
