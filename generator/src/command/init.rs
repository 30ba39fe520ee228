//! `daisy init`: a site worth editing, in a folder that holds none yet.

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it touches the disk")]

use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use daisychain_functions::characters::for_terminal;

use super::Voice;
use crate::build::Failure;
use crate::cli::Init;
use crate::{clock, config, embedded};

pub(super) fn run(voice: &Voice, arguments: &Init) -> Result<(), Failure> {
    let folder = &arguments.folder;
    refuse_taken(folder, "init")?;
    let answer = |given: &Option<String>, question, proposed| match given {
        Some(given) => Ok(given.trim().to_owned()),
        None => asked(question, proposed),
    };
    let title = answer(&arguments.title, "What is your site called?", "Our community")?;
    let language = answer(&arguments.language, "Which language is it written in?", "en-GB")?;
    let email = answer(&arguments.email, "Where do you read your email?", "hello@example.org")?;
    check(&title, &language, &email)?;
    let quoted = in_quotes(&title);
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for (path, text) in embedded::starter() {
        // The title comes last: whatever it holds stays as it is.
        let text = text
            .replace("%language%", &language)
            .replace("%email%", &email)
            .replace("%date%", &today(clock::seconds()))
            .replace("%title%", &quoted);
        files.push((folder.join(path), text.into_bytes()));
    }
    if arguments.theme {
        let theme = folder.join("themes/daisy");
        files.extend(
            embedded::theme().into_iter().map(|(path, file)| (theme.join(path), file.bytes)),
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

/// Asks at a terminal; elsewhere takes what would be proposed.
fn asked(question: &str, proposed: &str) -> Result<String, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(proposed.to_owned());
    }
    let mut out = io::stdout();
    let mut answer = String::new();
    write!(out, "{question} [{}] ", for_terminal(proposed))
        .and_then(|()| out.flush())
        .and_then(|()| io::stdin().lock().read_line(&mut answer))
        .map_err(|error| Failure::Machine(format!("cannot ask: {error}")))?;
    let answer = answer.trim();
    Ok(if answer.is_empty() { proposed } else { answer }.to_owned())
}

fn check(title: &str, language: &str, email: &str) -> Result<(), Failure> {
    let fault = |message: String| Err(Failure::Machine(message));
    if title.is_empty() || title.contains(char::is_control) {
        return fault("the site's name must be a line of text; choose one".to_owned());
    }
    if !config::is_language(language) {
        return fault(format!(
            "`{language}` is not the code of a language; write one such as `en-GB` or `pl`"
        ));
    }
    let plain = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+'))
    };
    if !email.split_once('@').is_some_and(|(name, host)| plain(name) && plain(host)) {
        return fault(format!(
            "`{email}` is not an email address; write one such as `hello@example.org`"
        ));
    }
    Ok(())
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
