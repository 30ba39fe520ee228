//! Withdraws a story: notes in its front matter that consent was withdrawn, and says where the site shows it.
//! Reads and writes the site's sources.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

mod appearance;
mod edit;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::config::{self, Config, LanguageId};
use crate::diagnostic::{Diagnostic, nearest};
use crate::engine::{self, KnownSources, Snapshot};
use crate::parse::{Moment, PageKind, date};
use crate::site::Options;
use crate::source;

pub use appearance::{Appearance, Appearances, Change};
pub use edit::EditError;

/// Why a story was not withdrawn.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such page.
    #[error("the site has no page {path}{}", near.as_ref().map_or(String::new(), |near| format!("; did you mean {near}?")))]
    NoPage {
        /// The page, as named.
        path: String,
        /// The page with the most similar name.
        near: Option<String>,
    },
    /// It is the page of a section.
    #[error("{0} is the page of a section; withdraw the stories in it one by one")]
    Section(String),
    /// It is a translation.
    #[error(
        "{path} is a translation; withdraw its original, {original}, and with it all translations"
    )]
    Translation {
        /// The translation.
        path: String,
        /// Its original.
        original: String,
    },
    /// Its front matter cannot be edited.
    #[error("cannot edit {path}: {source}")]
    Edit {
        /// The page.
        path: String,
        /// The reason.
        source: EditError,
    },
    /// It cannot be written.
    #[error("cannot write {path}: {source}")]
    Unwritable {
        /// The page.
        path: String,
        /// The error of the system.
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("the content has errors")]
    Content(Vec<Diagnostic>),
}

impl From<Diagnostic> for Error {
    fn from(found: Diagnostic) -> Self {
        Error::Content(vec![found])
    }
}

/// What to withdraw.
pub struct Request<'a> {
    /// The root of the site.
    pub root: &'a Path,
    /// The page: its path from the root, from `content/` or from the current folder.
    pub file: &'a Path,
    /// When consent was withdrawn; today by default.
    pub on: Option<Date>,
    /// The current time, in seconds since 1970.
    pub now: i64,
}

/// A withdrawn story.
pub struct Withdrawn {
    /// Its file, from the root.
    pub path: String,
    /// The day on which consent was withdrawn.
    pub day: String,
    /// Whether its front matter already said so.
    pub is_repeated: bool,
    /// Whether it stays published until that day.
    pub is_later: bool,
    /// Where the site showed it; the errors of the site, if it cannot be told.
    pub appearances: Result<Appearances, Vec<Diagnostic>>,
    /// The commits that contain it; `None` without a repository.
    pub commits: Option<Vec<String>>,
}

/// Withdraws a story.
///
/// # Errors
/// There is no such story, or its file cannot be changed. Then nothing was changed.
pub fn withdraw(request: &Request) -> Result<Withdrawn, Error> {
    let root = request.root;
    let config = Config::parse(&source::text(root, config::PATH)?).map_err(Error::Content)?;
    let path = find(root, request.file)?;
    refuse_other_pages(root, &config, &path)?;
    let text = source::text(root, &path)?;
    let today = || Moment::of(request.now, &config.time_zone).civil().date();
    let day = request.on.unwrap_or_else(today);
    let edited = edit::with_withdrawal(&text, &day.to_string());
    let edited = edited.map_err(|source| Error::Edit { path: path.clone(), source })?;
    let (day, is_repeated) = match &edited {
        edit::Edited::Text(_) => (day.to_string(), false),
        edit::Edited::AlreadyWithdrawn(day) => (day.clone(), true),
    };
    let from = date::parse(&day, &config.time_zone).map_or(request.now, |moment| moment.seconds);
    let moment = request.now.max(from);
    let appearances = match edited {
        edit::Edited::AlreadyWithdrawn(_) => appearance::of_nothing(root, moment),
        edit::Edited::Text(edited) => {
            // Rendering reads the files again, so it comes before the edit.
            let before = take(root, moment).and_then(|before| {
                let rendered = appearance::render(&before)?;
                Ok((before, rendered))
            });
            write(root, &path, &edited)?;
            before.and_then(|(before, rendered)| {
                let after = take(root, moment)?;
                appearance::compare((&before, &rendered), &after, &path)
            })
        }
    };
    let commits = source::git::commits_of(root, &path);
    Ok(Withdrawn { path, day, is_repeated, is_later: from > request.now, appearances, commits })
}

fn take(root: &Path, moment: i64) -> Result<Snapshot, Vec<Diagnostic>> {
    let files = engine::sources(root, None)?.files;
    Snapshot::take(root, files, &Options::default(), moment, KnownSources::NOTHING)
}

/// Returns the path from the root of the page that a path names.
fn find(root: &Path, file: &Path) -> Result<String, Error> {
    let content = root.join("content");
    let candidates = [root.join(file), content.join(file), file.to_owned()];
    let inside = |path: PathBuf| {
        let (path, content) = (path.canonicalize().ok()?, content.canonicalize().ok()?);
        let path = path.strip_prefix(content).ok()?.to_str()?.replace('\\', "/");
        source::is_page(&format!("content/{path}")).then(|| format!("content/{path}"))
    };
    if let Some(path) = candidates.into_iter().filter(|path| path.is_file()).find_map(inside) {
        return Ok(path);
    }
    let files = engine::sources(root, None).map_err(Error::Content)?.files;
    let pages = files.iter().map(|file| file.path.as_str()).filter(|path| source::is_page(path));
    let named = file.display().to_string();
    let wanted = match named.starts_with("content/") {
        true => named.clone(),
        false => format!("content/{named}"),
    };
    let near = nearest(&wanted, pages).map(str::to_owned);
    Err(Error::NoPage { path: named, near })
}

/// Refuses a page that cannot be withdrawn on its own.
fn refuse_other_pages(root: &Path, config: &Config, path: &str) -> Result<(), Error> {
    let below = path.trim_start_matches("content/");
    if PageKind::of(below) != PageKind::Page {
        return Err(Error::Section(path.to_owned()));
    }
    let (language, name) = config.part(below);
    let original = format!("content/{name}");
    if language != LanguageId::FIRST && root.join(&original).is_file() {
        return Err(Error::Translation { path: path.to_owned(), original });
    }
    Ok(())
}

/// Replaces a file as a whole, so that a crash cannot leave half of it.
fn write(root: &Path, path: &str, text: &str) -> Result<(), Error> {
    let target = source::on_disk(root, path);
    let stage = target.with_extension("md.new");
    let written = fs::copy(&target, &stage)
        .and_then(|_| fs::write(&stage, text))
        .and_then(|()| fs::rename(&stage, &target));
    written.map_err(|source| {
        let _ = fs::remove_file(&stage);
        Error::Unwritable { path: path.to_owned(), source }
    })
}
