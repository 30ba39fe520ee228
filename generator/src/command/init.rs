//! `daisy init`: a site worth editing, in a folder that holds nothing yet.

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it touches the disk")]

use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use super::Voice;
use crate::build::Failure;
use crate::cli::Init;
use crate::{clock, embedded};

pub(super) fn run(voice: &Voice, arguments: &Init) -> Result<(), Failure> {
    let folder = &arguments.folder;
    if folder.join("content").exists() {
        return Err(Failure::Machine(format!(
            "{} holds a site already; name another folder: `daisy init NAME`",
            folder.display()
        )));
    }
    let title = match &arguments.title {
        Some(title) => title.clone(),
        None => asked("What is your site called?", "Our community")?,
    };
    let language = match &arguments.language {
        Some(language) => language.clone(),
        None => asked("Which language is it written in?", "en-GB")?,
    };
    check(&title, &language)?;
    for (path, text) in embedded::starter() {
        let text = text
            .replace("%title%", &title)
            .replace("%language%", &language)
            .replace("%date%", &today(clock::seconds()));
        write(&folder.join(&path), text.as_bytes())?;
        voice.detail(&format!("made {}", folder.join(path).display()));
    }
    if arguments.theme {
        for (path, file) in embedded::theme() {
            write(&folder.join("themes/daisy").join(path), &file.bytes)?;
        }
    }
    write(&folder.join(".gitignore"), b"/dist/\n/.dist.stage/\n/.daisy/\n")?;
    let root = if folder == Path::new(".") {
        String::new()
    } else {
        format!(" --root {}", folder.display())
    };
    voice.say(&format!(
        "Your site is in {}. Its words stand in `content`.\n\
         See it with: daisy serve{root}",
        folder.display()
    ));
    Ok(())
}

/// Asks at a terminal; elsewhere takes what would be proposed.
fn asked(question: &str, proposed: &str) -> Result<String, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(proposed.to_owned());
    }
    let mut out = io::stdout();
    let mut answer = String::new();
    write!(out, "{question} [{proposed}] ")
        .and_then(|()| out.flush())
        .and_then(|()| io::stdin().lock().read_line(&mut answer))
        .map_err(|error| Failure::Machine(format!("cannot ask: {error}")))?;
    let answer = answer.trim();
    Ok(if answer.is_empty() { proposed } else { answer }.to_owned())
}

fn check(title: &str, language: &str) -> Result<(), Failure> {
    if title.trim().is_empty() || title.contains(['"', '\\', '\n', '\r']) {
        return Err(Failure::Machine(
            "the name must be a line of text, without `\"` and `\\`".to_owned(),
        ));
    }
    let parts = language.split('-');
    if !parts.into_iter().all(|part| {
        (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
    }) {
        return Err(Failure::Machine(format!(
            "`{language}` is no language; write it like `en-GB`, `pa` or `ur` (BCP 47)"
        )));
    }
    Ok(())
}

/// The day of a moment (seconds since 1970) where this computer stands.
pub(super) fn today(now: i64) -> String {
    let now = jiff::Timestamp::from_second(now).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    now.to_zoned(jiff::tz::TimeZone::system()).date().to_string()
}

/// Writes a new file; one that is there already is somebody's, and stays.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let fresh = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = fs::File::create_new(path)?;
        file.write_all(bytes)
    };
    match fresh() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if path.file_name().is_some_and(|name| name == ".gitignore") {
                return Ok(());
            }
            Err(Failure::Machine(format!("{} is there already", path.display())))
        }
        other => other
            .map_err(|error| Failure::Machine(format!("cannot write {}: {error}", path.display()))),
    }
}
