//! `daisy new`: creates a page, a story or a newsletter with front matter in its section.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

mod newsletter;

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use located_yaml::suggest::quoted_list;

use super::Error;
use super::{Console, init};
use crate::cli::New;
use crate::clock;
use crate::diagnostic::nearest;
use crate::parse::{shortened, slug};

/// File names stay well below the limit of file systems (255 bytes), even with four bytes per character.
const MAX_NAME_CHARS: usize = 60;

/// Why a page was not created or opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum NewError {
    /// The title has no letters, or control characters.
    #[error(
        "`{title}` cannot be a title; write a few words, such as `daisy new {kind} \"Our garden\"`"
    )]
    InvalidTitle {
        /// The title.
        title: String,
        /// The kind of page.
        kind: String,
    },
    /// There is no title.
    #[error("a page needs a title, such as `daisy new {0} \"Our garden\"`")]
    NoTitle(String),
    /// Stories for a page that is not a newsletter.
    #[error("`--stories` is for newsletters only, as in `daisy new newsletter --stories PATH`")]
    StoriesOfPage,
    /// The path below `content` that is not a published page.
    #[error(
        "content/{0} is not a page that the site publishes; name a page that is not a draft, such as \
         `content/stories/rose.md`"
    )]
    NoStory(String),
    /// The path below `content` of a story that may not be in the newsletter.
    #[error(
        "consent for content/{0} does not cover the newsletter; ask the person, then write \
         `where: [site, newsletter]` under `consent`"
    )]
    StoryWithoutConsent(String),
    /// The folder, as messages name it, contains no site.
    #[error(
        "{0} is not a site, because it has no folder `content`; change to your site's folder with \
         `cd`, or create a site with `daisy init`"
    )]
    NoSite(String),
    /// The file of the page that has the address.
    #[error("{} already has this address; choose another title", .0.display())]
    AddressTaken(PathBuf),
    /// A name with a meaning of its own.
    #[error("`{0}` cannot be the name of a page; choose a longer title")]
    ReservedName(String),
    /// The section's archetype cannot be used.
    #[error("content/{folder}/_index.md has `archetype: {archetype}`, but {why}")]
    Archetype {
        /// The section's folder.
        folder: String,
        /// The archetype as written.
        archetype: String,
        /// Why, and what to do about it.
        why: &'static str,
    },
    /// The editor did not start.
    #[error(
        "cannot open the page with `{program}`: {source}; open it yourself, or set EDITOR to \
         another program"
    )]
    Editor {
        /// The editor, with its arguments.
        program: String,
        /// The error of the system.
        source: io::Error,
    },
    /// There is no such section.
    #[error("the site has no section `{kind}`; {help}")]
    NoSection {
        /// The section's name, as given.
        kind: String,
        /// Which ones there are.
        help: String,
    },
}

pub(super) fn run(console: &Console, arguments: &New) -> Result<(), Error> {
    let content = content(console)?;
    let files = match newsletter::is_newsletter(&arguments.kind) {
        true => newsletter::files(console, &content, arguments)?,
        false => vec![page(console, &content, arguments)?],
    };
    for (path, text) in &files {
        let path = content.join(path);
        init::write(&path, text.as_bytes(), "open it, or choose another title")?;
        console.say(&format!("Created {}", path.strip_prefix(".").unwrap_or(&path).display()));
    }
    let Some((path, text)) = files.last() else { return Ok(()) };
    if text.contains("\ndraft: true\n") {
        console.say("It is a draft. To publish it, remove the line `draft: true`.");
    }
    if arguments.edit { edit(&content.join(path)) } else { Ok(()) }
}

/// The path below `content` and the text of a new page.
fn page(console: &Console, content: &Path, arguments: &New) -> Result<(String, String), Error> {
    if !arguments.stories.is_empty() {
        return Err(NewError::StoriesOfPage.into());
    }
    if arguments.title.is_empty() {
        return Err(NewError::NoTitle(arguments.kind.clone()).into());
    }
    let title = arguments.title.join(" ");
    let title = title.trim();
    let name = name(title);
    if name.is_empty() || title.contains(char::is_control) {
        let (title, kind) = (title.to_owned(), arguments.kind.clone());
        return Err(NewError::InvalidTitle { title, kind }.into());
    }
    let folder = folder(content, &arguments.kind)?;
    refuse_taken(content, &folder, &name)?;
    let path = if folder.is_empty() { format!("{name}.md") } else { format!("{folder}/{name}.md") };
    Ok((path, text(console.root(), content, &folder, title)?))
}

/// The folder of the site's pages.
pub(super) fn content(console: &Console) -> Result<PathBuf, Error> {
    let content = console.root().join("content");
    if content.is_dir() {
        return Ok(content);
    }
    let folder = match console.root() == Path::new(".") {
        true => "this folder".to_owned(),
        false => console.root().display().to_string(),
    };
    Err(NewError::NoSite(folder).into())
}

/// A file name for a title, cut between words.
fn name(title: &str) -> String {
    let whole = slug(title);
    let longest = whole.char_indices().nth(MAX_NAME_CHARS).map_or(whole.len(), |(at, _)| at);
    shortened(whole, longest)
}

/// Rejects a name whose address is taken.
fn refuse_taken(content: &Path, folder: &str, name: &str) -> Result<(), Error> {
    let beside = content.join(folder).join(name);
    let taken = ["index.md", "_index.md"].iter().map(|file| beside.join(file));
    if let Some(taken) = taken.into_iter().find(|path| path.is_file()) {
        let taken = taken.strip_prefix(".").unwrap_or(&taken).to_owned();
        return Err(NewError::AddressTaken(taken).into());
    }
    if name == "index" || (folder.is_empty() && name == "api") {
        return Err(NewError::ReservedName(name.to_owned()).into());
    }
    Ok(())
}

/// The initial text of the file: its section's archetype, or else a title, a date and a place to write.
fn text(root: &Path, content: &Path, folder: &str, title: &str) -> Result<String, Error> {
    let today = init::today(clock::seconds());
    let quoted = init::in_quotes(title);
    if let Some(archetype) = archetype(content, folder) {
        let fault = |why| {
            let (folder, archetype) = (folder.to_owned(), archetype.clone());
            NewError::Archetype { folder, archetype, why }
        };
        let inside =
            Path::new(&archetype).components().all(|part| matches!(part, Component::Normal(_)));
        if !inside {
            return Err(fault("that is outside the site; name a file inside its folder").into());
        }
        let text = fs::read_to_string(root.join(&archetype))
            .map_err(|_| fault("there is no such file; create it, or remove the line"))?;
        return Ok(text.replace("%date%", &today).replace("%title%", &quoted));
    }
    let date = if folder.is_empty() { String::new() } else { format!("date: {today}\n") };
    let consent = if asks_for_consent(content, folder) { CONSENT } else { "" };
    Ok(format!("---\ntitle: \"{quoted}\"\n{date}draft: true\n{consent}---\n\nWrite here.\n"))
}

/// The record of consent in a new page, to be filled in.
const CONSENT: &str = "consent:
  by:                # who consented; not published
  on:                # the date, such as 2026-05-21
  covers: [words]    # words, name, photo
  where: [site]      # site, newsletter
";

/// Whether new pages of a folder get a record of consent: as the nearest section that decides says, or else
/// if they are stories.
fn asks_for_consent(content: &Path, folder: &str) -> bool {
    let folders = Path::new(folder).ancestors().filter(|_| !folder.is_empty());
    let mut decisions =
        folders.filter_map(|folder| match section_key(content, folder, "require_consent")? {
            located_yaml::Value::Bool(required) => Some(required),
            _ => None,
        });
    decisions.next().unwrap_or(folder == "stories")
}

/// The archetype of a section, as a path from the site's folder.
fn archetype(content: &Path, folder: &str) -> Option<String> {
    match section_key(content, Path::new(folder), "archetype").filter(|_| !folder.is_empty())? {
        located_yaml::Value::String(archetype) => Some(archetype),
        _ => None,
    }
}

/// The value of a key in the front matter of a section.
fn section_key(content: &Path, folder: &Path, key: &str) -> Option<located_yaml::Value> {
    let text = fs::read_to_string(content.join(folder).join("_index.md")).ok()?;
    let node = located_yaml::parse(text.split("---").nth(1)?, 1).ok()?.root;
    Some(node.get(key)?.node.value.clone())
}

/// Opens a file in an editor, and waits if the editor does.
fn edit(path: &Path) -> Result<(), Error> {
    let wanted = ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok());
    let wanted = wanted.filter(|words| !words.trim().is_empty()).unwrap_or_else(|| {
        let own = if cfg!(windows) {
            "notepad"
        } else if cfg!(target_os = "macos") {
            "open -t"
        } else {
            "xdg-open"
        };
        own.to_owned()
    });
    let mut words = wanted.split_whitespace();
    let program = words.next().unwrap_or_default();
    match Command::new(program).args(words).arg(path).status() {
        Ok(_) => Ok(()),
        Err(source) => Err(NewError::Editor { program: wanted, source }.into()),
    }
}

/// The folder for a kind: none for a page, else the section with that name, in the singular or plural.
pub(super) fn folder(content: &Path, kind: &str) -> Result<String, Error> {
    let kind = kind.to_lowercase();
    let kind = kind.as_str();
    if kind == "page" {
        return Ok(String::new());
    }
    let sections = sections(content);
    let plurals =
        [kind.to_owned(), format!("{kind}s"), format!("{}ies", kind.trim_end_matches('y'))];
    if let Some(found) = plurals.into_iter().find(|name| sections.contains(name)) {
        return Ok(found);
    }
    let kinds: Vec<&str> =
        ["page"].into_iter().chain(sections.iter().map(String::as_str)).collect();
    let singulars = sections.iter().filter_map(|name| singular(name)).collect::<Vec<_>>();
    let names = sections.iter().chain(&singulars).map(String::as_str).chain(["page"]);
    let help = match nearest(kind, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None if sections.is_empty() => {
            "there are no sections yet; `page` creates a page".to_owned()
        }
        None => format!("choose one of {}", quoted_list(&kinds)),
    };
    Err(NewError::NoSection { kind: kind.to_owned(), help }.into())
}

/// What one page of a section is called: `story` for `stories`, `event` for `events`.
fn singular(section: &str) -> Option<String> {
    let several = section.strip_suffix("ies").map(|stem| format!("{stem}y"));
    several.or_else(|| section.strip_suffix('s').map(str::to_owned))
}

fn sections(content: &Path) -> Vec<String> {
    let entries = fs::read_dir(content).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join("_index.md").is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    names
}
