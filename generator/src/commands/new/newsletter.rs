//! `daisy new newsletter`: creates an issue of the newsletter, with the stories that it presents.

use std::path::Path;

use super::{Error, NewError};
use super::{init, name, refuse_taken, text};
use crate::cli::New;
use crate::clock;
use crate::commands::Console;
use crate::config::{self, Config, LanguageId};
use crate::engine::{self, KnownSources, Snapshot};
use crate::locale::Locale;
use crate::parse::{Channel, PageMeta};
use crate::site::Options;
use crate::source;
use crate::url;

/// The section of the newsletters.
const FOLDER: &str = "newsletters";

/// The page of the section, if the site does not have it yet.
const SECTION: &str =
    "---\ntitle: Newsletters\nsummary: All issues of our newsletter.\nsort_by: date\n---\n";

/// Whether a kind of page is a newsletter.
pub(super) fn is_newsletter(kind: &str) -> bool {
    matches!(kind.to_lowercase().as_str(), "newsletter" | FOLDER)
}

/// Creates an issue and, if there is none, its section. Returns the paths from the site's folder of the files to
/// write, each with its text.
pub(super) fn files(
    console: &Console,
    content: &Path,
    arguments: &New,
) -> Result<Vec<(String, String)>, Error> {
    let given = arguments.title.join(" ");
    let today = init::today(clock::seconds());
    let wanted = if given.trim().is_empty() { &today[..MONTH] } else { given.trim() };
    let name = name(wanted);
    if name.is_empty() || wanted.contains(char::is_control) {
        let (title, kind) = (wanted.to_owned(), arguments.kind.clone());
        return Err(NewError::InvalidTitle { title, kind }.into());
    }
    refuse_taken(content, FOLDER, &name)?;
    let title = match month(wanted) {
        Some((year, month)) => title(console.root(), year, month)?,
        None => wanted.to_owned(),
    };
    let mut issue = text(console.root(), content, FOLDER, &title)?;
    issue = issue.replacen("draft: true\n", PREHEADER, 1);
    for story in stories(console, &arguments.stories)? {
        issue.push_str(&story);
    }
    let mut files = vec![(format!("{FOLDER}/{name}.md"), issue)];
    if !content.join(FOLDER).join("_index.md").is_file() {
        files.insert(0, (format!("{FOLDER}/_index.md"), SECTION.to_owned()));
    }
    Ok(files)
}

/// The lines of a new issue's front matter, in place of `draft: true`.
const PREHEADER: &str =
    "preheader:        # shown after the subject in a list of emails\ndraft: true\n";

/// The number of characters of a year and a month, such as `2026-12`.
const MONTH: usize = 7;

/// The year and the month that a name such as `2026-12` means.
fn month(name: &str) -> Option<(&str, usize)> {
    let (year, month) = name.split_once('-').filter(|_| name.len() == MONTH)?;
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    let month = month.parse::<usize>().ok().filter(|month| (1..=12).contains(month));
    month.filter(|_| is_year).map(|month| (year, month))
}

/// The title of a month's issue in the site's language: `December 2026`.
fn title(root: &Path, year: &str, month: usize) -> Result<String, Error> {
    let settings = source::text(root, config::PATH).map_err(|fault| vec![fault])?;
    let config = Config::parse(&settings)?;
    let language = &config.language(LanguageId::FIRST).code;
    let names = Locale::new(language).month_names();
    Ok(match names[month - 1].first() {
        Some(name) => format!("{name} {year}"),
        None => format!("{year}-{month:02}"),
    })
}

/// The Markdown that presents each story: its title, which is a link, and its summary.
fn stories(console: &Console, paths: &[String]) -> Result<Vec<String>, Error> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let files = engine::sources(console.root(), None)?.files;
    let (options, now) = (Options::default(), clock::seconds());
    let snapshot = Snapshot::take(console.root(), files, &options, now, KnownSources::NOTHING)?;
    let site = snapshot.site();
    let story = |path: &String| {
        let path = path.trim_start_matches("./").trim_start_matches("content/");
        let Some(id) = site.find(LanguageId::FIRST, path) else {
            return Err(NewError::NoStory(path.to_owned()).into());
        };
        let meta = &site.page(id).meta;
        if !is_for_newsletter(meta) {
            return Err(NewError::StoryWithoutConsent(path.to_owned()).into());
        }
        let (title, summary) = (literal(&meta.title), literal(&meta.summary));
        let link = url::markdown_link(path);
        let paragraph = if summary.is_empty() { summary } else { format!("\n{summary}\n") };
        Ok(format!("\n## [{title}](../{link})\n{paragraph}"))
    };
    paths.iter().map(story).collect()
}

/// Whether consent, if it was recorded, covers the newsletter.
fn is_for_newsletter(meta: &PageMeta) -> bool {
    let consent = meta.front.consent.as_ref();
    consent.is_none_or(|consent| consent.channels.contains(&Channel::Newsletter))
}

/// Text in Markdown that means only itself.
fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '&' | '{' | '#') {
            literal.push('\\');
        }
        literal.push(if character.is_control() { ' ' } else { character });
    }
    literal
}
