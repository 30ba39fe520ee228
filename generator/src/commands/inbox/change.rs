//! `daisy inbox move` and `daisy inbox note`: changes one reply or several.

use daisychain_functions::inbox::{Inbox, InboxError, MoveOptions, Referenced};
use daisychain_functions::model::{StoredReply, claim_of};
use daisychain_functions::store::Store;

use super::{InboxFailure, find};
use crate::commands::{Console, Error};

/// Moves replies to another state.
pub(super) async fn move_replies<S: Store>(
    console: &Console,
    inbox: &Inbox<S>,
    references: &[String],
    state: &str,
    options: &MoveOptions,
) -> Result<(), Error> {
    let change = async |reference: &str| {
        let reply = find_reply(inbox, reference).await?;
        let moved = inbox.move_reply(&reply, state, options.clone()).await.map_err(failure)?;
        let when = if moved == *reply { "already" } else { "now" };
        let assignee = claim_of(&moved).map(|claim| format!(", assigned to {}", claim.by));
        let (reference, state) = (&moved.reference, &moved.state);
        Ok(format!("{reference} is {when} `{state}`{}", assignee.unwrap_or_default()))
    };
    change_each(console, references, change).await
}

/// Adds a note to replies.
pub(super) async fn add_notes<S: Store>(
    console: &Console,
    inbox: &Inbox<S>,
    references: &[String],
    note: &str,
    by: Option<&str>,
) -> Result<(), Error> {
    if note.trim().is_empty() {
        return Err(InboxFailure::EmptyNote.into());
    }
    let by = by.filter(|by| !by.trim().is_empty()).ok_or(InboxFailure::NoOwnName)?;
    let change = async |reference: &str| {
        let reply = find_reply(inbox, reference).await?;
        let noted = inbox.add_note(&reply, note, by).await.map_err(InboxFailure::Task)?;
        let had = if noted == *reply { "already has" } else { "has" };
        Ok(format!("{} {had} the note", noted.reference))
    };
    change_each(console, references, change).await
}

/// Changes each reply and reports it. If one of several fails, the others are changed all the same.
async fn change_each(
    console: &Console,
    references: &[String],
    change: impl AsyncFn(&str) -> Result<String, Error>,
) -> Result<(), Error> {
    if let [reference] = references {
        console.say(&change(reference).await?);
        return Ok(());
    }
    let mut failed = 0;
    for reference in references {
        match change(reference).await {
            Ok(done) => console.say(&done),
            Err(error) => {
                console.error(&format!("{reference}: {error}"));
                failed += 1;
            }
        }
    }
    match failed {
        0 => Ok(()),
        failed => Err(InboxFailure::SomeFailed { failed, all: references.len() }.into()),
    }
}

async fn find_reply<S: Store>(
    inbox: &Inbox<S>,
    reference: &str,
) -> Result<Box<StoredReply>, Error> {
    match find(inbox, reference).await? {
        Referenced::Reply(reply) => Ok(reply),
        Referenced::Subscriber(_) => Err(InboxFailure::Subscriber.into()),
    }
}

fn failure(error: InboxError) -> InboxFailure {
    match error {
        InboxError::Claimed(_) => InboxFailure::Claimed(error),
        InboxError::NoName => InboxFailure::NoName(error),
        error => InboxFailure::Task(error),
    }
}
