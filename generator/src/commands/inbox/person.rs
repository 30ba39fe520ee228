//! `daisy inbox person`, `daisy inbox erase` and `daisy inbox unsubscribe`: shows or erases the data of one person, found
//! by any contact they gave, or unsubscribes them.

use daisychain_functions::clock::rfc3339;
use daisychain_functions::inbox::{Inbox, Related, Relation};
use daisychain_functions::model::ConsentEvent;
use daisychain_functions::store::Store;

use super::super::Console;
use super::{InboxFailure, said, show as show_reply, show_person};
use crate::commands::Error;

/// Prints every reply and every subscription of a person.
pub(super) async fn show<S: Store>(
    console: &Console,
    inbox: &Inbox<S>,
    forms: &[String],
    contact: &str,
) -> Result<(), Error> {
    let mut found = false;
    for name in forms {
        // An unknown form is an error, unlike a form without replies.
        inbox.form(name).await.map_err(said)?;
        for reply in inbox.of_person(name, contact).await.map_err(said)? {
            show_reply(console, inbox, &reply).await?;
            console.answer("");
            found = true;
        }
        if let Some((person, events)) = inbox.subscriber(name, contact).await.map_err(said)? {
            show_person(console, &person);
            events.iter().for_each(|event| show_event(console, event));
            console.answer("");
            found = true;
        }
        for related in inbox.related(name, contact).await.map_err(said)? {
            name_related(console, &related, "show", "daisy inbox person");
        }
    }
    if !found {
        return Err(InboxFailure::UnknownPerson.into());
    }
    Ok(())
}

/// Erases a person from a form, and lists other contacts that may be theirs: those are not erased.
pub(super) async fn erase<S: Store>(
    console: &Console,
    inbox: &Inbox<S>,
    form: &str,
    contact: &str,
) -> Result<(), Error> {
    let related = inbox.related(form, contact).await.map_err(said)?;
    let gone = inbox.erase(form, contact).await.map_err(said)?;
    match gone {
        0 => {}
        1 => console.say("one record erased"),
        gone => console.say(&format!("{gone} records erased")),
    }
    for related in &related {
        name_related(console, related, "erase", &format!("daisy inbox erase {form}"));
    }
    if gone == 0 {
        return Err(InboxFailure::UnknownPersonOf(form.to_owned()).into());
    }
    Ok(())
}

/// Unsubscribes a person, and lists other addresses that may be theirs: those stay subscribed.
pub(super) async fn unsubscribe<S: Store>(
    console: &Console,
    inbox: &Inbox<S>,
    form: &str,
    who: &str,
) -> Result<(), Error> {
    let related = inbox.related(form, who).await.map_err(said)?;
    let unsubscribed = inbox.unsubscribe(form, who).await.map_err(said)?;
    for related in &related {
        name_related(console, related, "unsubscribe", &format!("daisy inbox unsubscribe {form}"));
    }
    let Some((person, is_new)) = unsubscribed else {
        return Err(InboxFailure::UnknownPersonOf(form.to_owned()).into());
    };
    let when = if is_new { "now" } else { "already" };
    console.say(&format!("{} is {when} `{}`", person.reference, person.state.as_str()));
    Ok(())
}

fn show_event(console: &Console, event: &ConsentEvent) {
    let ConsentEvent { at, step, method, definition, language, page, .. } = event;
    let page = page.as_deref().map(|page| format!(", on {page}")).unwrap_or_default();
    let wording = definition.get(..12).unwrap_or(definition);
    let (at, step, method) = (rfc3339(*at), step.as_str(), method.as_str());
    console.answer(&format!("  {at}  {step} by {method}{page}, wording {wording} ({language})"));
}

/// Prints another contact that may be the person's, and the command that looks it up or erases it.
fn name_related(
    console: &Console,
    Related { contact, relation }: &Related,
    purpose: &str,
    command: &str,
) {
    let relation = match relation {
        Relation::SameMailbox => "reaches the same mailbox",
        Relation::SameReply => "was given in the same reply",
    };
    let command = format!("{command} {}", quoted(contact));
    console.say(&format!("`{contact}` {relation}; to {purpose} it too, run `{command}`"));
}

/// A command-line argument quoted for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@.+-_".contains(c);
    match word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
