//! `daisy init`: creates a site with example content in a folder without one.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

mod answers;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Console;
use super::Error;
use crate::cli::Init;
use crate::theme;
use crate::{clock, embedded};
pub(super) use answers::AnswerError;
use answers::Answers;

/// Why a site or a file of it was not created.
#[derive(Debug, thiserror::Error)]
pub(super) enum SiteError {
    /// The folder contains a site.
    #[error("{folder} already contains a site; create another one beside it with `daisy {call} {}`", beside.display())]
    SiteExists {
        /// The folder, as messages name it.
        folder: String,
        /// The command and its first arguments.
        call: &'static str,
        /// A path for another site.
        beside: PathBuf,
    },
    /// The file exists.
    #[error("{} already exists; {way_out}", path.display())]
    FileExists {
        /// Its path.
        path: PathBuf,
        /// What to do about it.
        way_out: &'static str,
    },
    /// The file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Unwritable {
        /// Its path.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
}

pub(super) fn run(console: &Console, arguments: &Init) -> Result<(), Error> {
    let folder = &arguments.folder;
    refuse_taken(folder, "init")?;
    let answers = Answers::collect(arguments)?;
    let values = [
        ("%title%", in_quotes(&answers.title)),
        ("%language%", answers.language),
        ("%email%", answers.email),
        ("%date%", today(clock::seconds())),
    ];
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for (path, text) in embedded::starter() {
        files.push((folder.join(path), fill_in(&text, &values).into_bytes()));
    }
    if arguments.theme {
        let theme = folder.join("themes/daisy");
        files.extend(
            theme::built_in().into_iter().map(|(path, file)| (theme.join(path), file.bytes)),
        );
    }
    // A partially written site would block the next attempt.
    if let Some((taken, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(is_there(taken, ANOTHER_FOLDER));
    }
    for (path, bytes) in &files {
        write(path, bytes, ANOTHER_FOLDER)?;
        console.detail(&format!("made {}", path.display()));
    }
    write_around(folder)?;
    console.say(&next_steps(folder));
    Ok(())
}

/// Rejects a folder that contains a site.
pub(super) fn refuse_taken(folder: &Path, command: &str) -> Result<(), Error> {
    if !folder.join("content").exists() {
        return Ok(());
    }
    let call = if command == "init" { "init" } else { "import OLD" };
    let (shown, beside) = match folder == Path::new(".") {
        true => ("this folder".to_owned(), PathBuf::from("../a-new-name")),
        false => (folder.display().to_string(), folder.with_file_name("a-new-name")),
    };
    Err(SiteError::SiteExists { folder: shown, call, beside }.into())
}

/// Writes the files that every site has besides its content: the guides and `.gitignore`.
pub(super) fn write_around(folder: &Path) -> Result<(), Error> {
    for (path, text) in embedded::GUIDES {
        // Existing guides are kept.
        if !folder.join(path).exists() {
            write(&folder.join(path), text.as_bytes(), ANOTHER_FOLDER)?;
        }
    }
    let ignored = folder.join(".gitignore");
    if ignored.exists() {
        return Ok(());
    }
    write(&ignored, b"/dist/\n/.dist.stage/\n/.daisy/\n", ANOTHER_FOLDER)
}

fn next_steps(folder: &Path) -> String {
    if folder == Path::new(".") {
        return "Your site is in this folder; its pages are in content.\nTo learn how to write \
                them, read docs/editors.md.\nTo see it, run:\n\n  daisy serve\n"
            .to_owned();
    }
    let name = folder.display().to_string();
    let (content, guide) = (folder.join("content"), folder.join("docs/editors.md"));
    let quote = if name.contains(' ') { "\"" } else { "" };
    format!(
        "Your site is in {name}; its pages are in {}.\nTo learn how to write them, read {}.\nTo \
         see it, run:\n\n  cd {quote}{name}{quote}\n  daisy serve\n",
        content.display(),
        guide.display()
    )
}

/// Replaces placeholders with values. A placeholder within a value is not replaced.
fn fill_in(text: &str, values: &[(&str, String)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, from) = rest.split_at(at);
        let found = values.iter().find(|(name, _)| from.starts_with(name));
        let (name, value) = found.map_or(("%", "%"), |(name, value)| (*name, value.as_str()));
        filled.push_str(before);
        filled.push_str(value);
        rest = &from[name.len()..];
    }
    filled + rest
}

/// Text escaped for a double-quoted scalar (YAML 1.2, 7.3.1).
pub(super) fn in_quotes(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// The date of `now` (Unix seconds) in the local time zone.
pub(super) fn today(now: i64) -> String {
    let now = jiff::Timestamp::from_second(now).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    now.to_zoned(jiff::tz::TimeZone::system()).date().to_string()
}

/// The help if an existing file blocks a whole site.
pub(super) const ANOTHER_FOLDER: &str = "move or delete it, or name another folder";

/// Writes a new file; an existing one is not overwritten: `way_out` is the help in that case.
pub(super) fn write(path: &Path, bytes: &[u8], way_out: &'static str) -> Result<(), Error> {
    let fresh = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = fs::File::create_new(path)?;
        file.write_all(bytes)
    };
    fresh().map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => is_there(path, way_out),
        _ => SiteError::Unwritable { path: path.to_owned(), source: error }.into(),
    })
}

fn is_there(path: &Path, way_out: &'static str) -> Error {
    let path = path.strip_prefix(".").unwrap_or(path).to_owned();
    SiteError::FileExists { path, way_out }.into()
}
