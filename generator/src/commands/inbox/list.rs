//! `daisy inbox list` and `daisy inbox find`: lists replies and subscribers. Reads standard input.

use std::io;
use std::io::Read as _;

use daisychain_functions::clock::{Clock, month};
use daisychain_functions::inbox::{Contents, Inbox, InboxError, ReplyFilter};
use daisychain_functions::model::StoredReply;
use daisychain_functions::store::{KnownForm, Store};

use super::{InboxFailure, Opened, failed_mails, line, said, show_person};
use crate::cli::ListSelection;
use crate::commands::{Console, Error};

/// The number of replies that are read from the store at once.
const PAGE_SIZE: u32 = 200;
/// The maximum number of replies that a search reads.
const MAX_FOUND: u32 = 1000;
/// The maximum number of bytes that are read from standard input.
const MAX_INPUT_BYTES: u64 = 1024;

/// Lists the selected records of all forms, or of one.
pub(super) async fn list<S: Store>(
    console: &Console,
    opened: &Opened<S>,
    named: Option<&str>,
    selection: &ListSelection,
    by: Option<String>,
) -> Result<(), Error> {
    let known = opened.forms().await?;
    let listed = match filter(selection, by)? {
        Some(filter) => filtered(console, &opened.inbox, named, &filter).await?,
        None => {
            by_state(console, &opened.inbox, (named, &known), selection.state.as_deref()).await?
        }
    };
    if listed.is_empty() {
        console.say("nothing found");
    }
    for form in known.iter().filter(|form| form.withdrawn && listed.contains(&form.name)) {
        console.say(&format!("`{}` is no longer on the site; its replies are kept", form.name));
    }
    match failed_mails(&opened.inbox).await?.len() {
        0 => {}
        1 => console.say("one email could not be sent; to see it, run `daisy inbox mails`"),
        failed => {
            console.say(&format!(
                "{failed} emails could not be sent; to see them, run `daisy inbox \
                               mails`"
            ));
        }
    }
    Ok(())
}

/// The list of replies to all forms that is selected; `None` if records are listed by their states.
fn filter(
    selection: &ListSelection,
    by: Option<String>,
) -> Result<Option<ReplyFilter>, InboxFailure> {
    let ListSelection { state: _, open, overdue, mine, unassigned, held, closed } = selection;
    if *mine {
        let by = by.filter(|by| !by.trim().is_empty());
        return by.map(ReplyFilter::ClaimedBy).map(Some).ok_or(InboxFailure::NoOwnName);
    }
    let closed = closed.as_ref().map(|closed| {
        let this_month = || month(Clock::system().now());
        ReplyFilter::Closed(closed.clone().unwrap_or_else(this_month))
    });
    let flags = [
        (*open, ReplyFilter::Open),
        (*overdue, ReplyFilter::Overdue),
        (*unassigned, ReplyFilter::Unassigned),
        (*held, ReplyFilter::Held),
    ];
    let flag = flags.into_iter().find_map(|(is_set, filter)| is_set.then_some(filter));
    Ok(flag.or(closed))
}

/// Lists the replies that a filter selects; returns the names of their forms.
async fn filtered<S: Store>(
    console: &Console,
    inbox: &Inbox<S>,
    form: Option<&str>,
    filter: &ReplyFilter,
) -> Result<Vec<String>, Error> {
    if let Some(form) = form {
        // An unknown form is an error, unlike a form without replies.
        inbox.form(form).await.map_err(said)?;
    }
    let mut listed = Vec::new();
    let mut after = None;
    loop {
        let page = inbox.list(filter, form, after.as_deref(), PAGE_SIZE).await;
        let page = page.map_err(|error| said(error.into()))?;
        print(console, inbox, &page.items).await?;
        listed.extend(page.items.into_iter().map(|reply| reply.form));
        after = page.next;
        if after.is_none() {
            return Ok(listed);
        }
    }
}

/// Lists the replies and subscribers of one form, or of all that are known, by their states; returns the names of the
/// forms that have any.
async fn by_state<S: Store>(
    console: &Console,
    inbox: &Inbox<S>,
    (named, known): (Option<&str>, &[KnownForm]),
    state: Option<&str>,
) -> Result<Vec<String>, Error> {
    let names = match named {
        Some(name) => vec![name],
        None => known.iter().map(|form| form.name.as_str()).collect(),
    };
    let mut listed = Vec::new();
    for name in names {
        let Contents { replies, people } = match inbox.contents(name, state).await {
            // Not every one of several forms has this state.
            Err(InboxError::UnknownState(_)) if named.is_none() => continue,
            contents => contents.map_err(said)?,
        };
        print(console, inbox, &replies).await?;
        people.iter().for_each(|person| show_person(console, person));
        if !replies.is_empty() || !people.is_empty() {
            listed.push(name.to_owned());
        }
    }
    Ok(listed)
}

/// Lists the replies to all forms, and the subscribers, that match a text.
pub(super) async fn find_text<S: Store>(
    console: &Console,
    inbox: &Inbox<S>,
    text: &[String],
) -> Result<(), Error> {
    let typed = match text {
        [dash] if dash == "-" => {
            let mut typed = String::new();
            let read = io::stdin().take(MAX_INPUT_BYTES).read_to_string(&mut typed);
            read.map_err(InboxFailure::Input)?;
            typed
        }
        words => words.join(" "),
    };
    let found = inbox.search(&typed, MAX_FOUND).await.map_err(said)?;
    print(console, inbox, &found.replies).await?;
    found.people.iter().for_each(|person| show_person(console, person));
    if found.is_limited {
        console.warning(&limited(MAX_FOUND));
    }
    match found.replies.is_empty() && found.people.is_empty() {
        true => Err(InboxFailure::NothingFound.into()),
        false => Ok(()),
    }
}

/// Warns that there may be more replies than a search reads.
fn limited(read: u32) -> String {
    format!("only the latest {read} replies were searched; type more of the name")
}

/// Prints a line for each reply.
async fn print<S: Store>(
    console: &Console,
    inbox: &Inbox<S>,
    replies: &[StoredReply],
) -> Result<(), Error> {
    let wordings = inbox.wordings_by_form(replies).await.map_err(|error| said(error.into()))?;
    replies.iter().for_each(|reply| console.answer(&line(&wordings[&reply.form], reply)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_that_read_too_little_is_reported() {
        assert_eq!(
            limited(1000),
            "only the latest 1000 replies were searched; type more of the name"
        );
    }
}
