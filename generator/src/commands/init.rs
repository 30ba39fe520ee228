//! `daisy init`: a site worth editing, in a folder that holds none yet.

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it touches the disk")]

mod answers;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Console;
use crate::cli::Init;
use crate::failure::Failure;
use crate::theme;
use crate::{clock, embedded};
use answers::Answers;

pub(super) fn run(voice: &Console, arguments: &Init) -> Result<(), Failure> {
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
    // Half a site would be in the way of the next try.
    if let Some((taken, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(is_there(taken, ANOTHER_FOLDER));
    }
    for (path, bytes) in &files {
        write(path, bytes, ANOTHER_FOLDER)?;
        voice.detail(&format!("made {}", path.display()));
    }
    write_around(folder)?;
    voice.say(&next_steps(folder));
    Ok(())
}

/// Refuses a folder that holds a site.
pub(super) fn refuse_taken(folder: &Path, command: &str) -> Result<(), Failure> {
    if !folder.join("content").exists() {
        return Ok(());
    }
    let holds = match folder == Path::new(".") {
        true => "this folder holds a site already".to_owned(),
        false => format!("{} holds a site already", folder.display()),
    };
    let call = if command == "init" { "init" } else { "import OLD" };
    let beside = match folder == Path::new(".") {
        true => Path::new("../a-new-name").to_owned(),
        false => folder.with_file_name("a-new-name"),
    };
    let beside = beside.display();
    Err(Failure::Machine(format!("{holds}; make another beside it: `daisy {call} {beside}`")))
}

/// Writes what every site has around its words: the guides, and what Git passes over.
pub(super) fn write_around(folder: &Path) -> Result<(), Failure> {
    for (path, text) in embedded::GUIDES {
        // Whoever makes a site where there are guides already keeps theirs.
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
        return "Your site is in this folder, its words in content.\n\
                How to write them stands in docs/editors.md.\n\
                See it with:\n\n  daisy serve\n"
            .to_owned();
    }
    let name = folder.display().to_string();
    let (content, guide) = (folder.join("content"), folder.join("docs/editors.md"));
    let quote = if name.contains(' ') { "\"" } else { "" };
    format!(
        "Your site is in {name}, its words in {}.\n\
         How to write them stands in {}.\n\
         See it with:\n\n  cd {quote}{name}{quote}\n  daisy serve\n",
        content.display(),
        guide.display()
    )
}

/// Puts values in place of their names. A value that holds a name stays as it is.
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

/// Text as it stands between `"` and `"` (YAML 1.2, 7.3.1).
pub(super) fn in_quotes(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// The day of a moment (seconds since 1970) where this computer stands.
pub(super) fn today(now: i64) -> String {
    let now = jiff::Timestamp::from_second(now).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    now.to_zoned(jiff::tz::TimeZone::system()).date().to_string()
}

/// The way out where a whole site is in the way of a file.
pub(super) const ANOTHER_FOLDER: &str = "take it away, or name another folder";

/// Writes a new file; one that is there already is somebody's, and stays: `way_out` says what to do then.
pub(super) fn write(path: &Path, bytes: &[u8], way_out: &str) -> Result<(), Failure> {
    let fresh = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = fs::File::create_new(path)?;
        file.write_all(bytes)
    };
    fresh().map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => is_there(path, way_out),
        _ => Failure::Machine(format!("cannot write {}: {error}", path.display())),
    })
}

fn is_there(path: &Path, way_out: &str) -> Failure {
    let path = path.strip_prefix(".").unwrap_or(path).display();
    Failure::Machine(format!("{path} is there already; {way_out}"))
}
