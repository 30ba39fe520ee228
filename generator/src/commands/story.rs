//! `daisy story`: withdraws a story. Prints; changes the story's file.

use super::Console;
use super::Error;
use crate::cli::{Story, StoryTask};
use crate::clock;
use crate::withdraw::{self, Appearance, Appearances, Change, Request, Withdrawn};

/// How many addresses are listed without `--verbose`.
const MAX_LISTED: usize = 20;

/// How many commits are listed without `--verbose`.
const MAX_COMMITS: usize = 5;

pub(super) fn run(console: &Console, arguments: &Story) -> Result<(), Error> {
    let StoryTask::Withdraw { file, on } = &arguments.task;
    let request = Request { root: console.root(), file, on: *on, now: clock::seconds() };
    let withdrawn = withdraw::withdraw(&request)?;
    let Withdrawn { path, day, .. } = &withdrawn;
    console.say(&match (withdrawn.is_repeated, withdrawn.is_later) {
        (true, _) => format!("{path} was already withdrawn on {day}."),
        (false, false) => format!("Withdrawn: {path} now has `withdrawn: {day}`."),
        (false, true) => {
            format!("{path} now has `withdrawn: {day}`. It stays on the site until that day.")
        }
    });
    let appearances = match &withdrawn.appearances {
        Ok(appearances) => appearances,
        Err(_) => &Appearances::default(),
    };
    list(console, appearances);
    match (withdrawn.is_repeated, withdrawn.is_later) {
        (true, _) => {}
        (false, false) => console.say("\nTo take it down, publish the site again."),
        (false, true) => console.say("\nTo take it down, publish the site again on that day."),
    }
    console.say(&format!("\n{}", cannot_be_recalled(console, &withdrawn)));
    match withdrawn.appearances {
        // Nothing has to be done before that day.
        Ok(_) if withdrawn.is_later => Ok(()),
        Ok(appearances) => {
            console.diagnostics(&appearances.warnings);
            Ok(())
        }
        Err(faults) => {
            console.warning(
                "the site has errors, so it is not known which other pages show the story",
            );
            Err(Error::Content(faults))
        }
    }
}

fn list(console: &Console, appearances: &Appearances) {
    let Appearances { files, unpublished, .. } = appearances;
    if files.is_empty() {
        return;
    }
    console.say("\nThe site without it:");
    let limit = if console.is_verbose() { usize::MAX } else { MAX_LISTED };
    let longest = files.iter().take(limit).map(|file| file.address.chars().count()).max();
    for Appearance { address, change } in files.iter().take(limit) {
        let change = match change {
            Change::Removed => "says that the page was removed",
            Change::LinksToIt => "no longer links to it",
            Change::ShowsIt => "no longer shows it",
            Change::ListsIt => "no longer lists it",
            Change::Disappears => "disappears, because it showed nothing else",
        };
        console.say(&format!("  {address:<width$}  {change}", width = longest.unwrap_or_default()));
    }
    if files.len() > limit {
        let more = files.len() - limit;
        console.say(&format!("  and {more} more (use `--verbose` to see them all)"));
    }
    if !unpublished.is_empty() {
        console.say("Files that are no longer published:");
        unpublished.iter().for_each(|path| console.say(&format!("  {path}")));
    }
}

/// What the site cannot take back, and what to do about it.
fn cannot_be_recalled(console: &Console, withdrawn: &Withdrawn) -> String {
    let Withdrawn { path, commits, .. } = withdrawn;
    let mut text = "What this cannot take back (docs/consent.md says more):\n\
         - the text in this file: delete it, and the files that are no longer published\n\
         - newsletters and other emails that were sent\n\
         - search engines: ask for removal at https://search.google.com/search-console/remove-outdated-content\n\
         \x20 and https://www.bing.com/webmasters/tools/contentremoval\n\
         - archives: write to info@archive.org about https://web.archive.org\n\
         - earlier releases: the next `daisy publish` deletes those of this page, and `--rollback` does not bring it back;\n\
         \x20 other hosts keep earlier deploys: delete them there"
        .to_owned();
    let Some(commits) = commits.as_ref().filter(|commits| !commits.is_empty()) else { return text };
    let limit = if console.is_verbose() { usize::MAX } else { MAX_COMMITS };
    let shown: Vec<&str> = commits.iter().take(limit).map(String::as_str).collect();
    let more = match commits.len().saturating_sub(limit) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    text.push_str(&format!(
        "\n- the Git history: {path} is in {}{more}; to remove it there, rewrite the history",
        shown.join(", ")
    ));
    text
}
