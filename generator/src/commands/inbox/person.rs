//! `daisy person`, `daisy inbox person`, `daisy inbox erase` and `daisy inbox unsubscribe`: shows or erases the data of one
//! person, found by any contact they gave, or unsubscribes them. Asks for confirmation at the terminal.

use std::io::{self, IsTerminal as _, Write as _};

use daisychain_functions::characters::for_terminal;
use daisychain_functions::clock::{Clock, date_words, rfc3339};
use daisychain_functions::inbox::{Inbox, Related, Relation};
use daisychain_functions::model::ConsentEvent;
use daisychain_functions::rights::{self, ErasedRecords, Receipt};
use daisychain_functions::store::Store;

use super::super::Console;
use super::{InboxFailure, said, show as show_reply, show_person};
use crate::cli::{self, PersonTask, Task};
use crate::commands::Error;

/// Runs `daisy person`. An erasure is confirmed before the store is opened.
pub(in crate::commands) fn run(console: &Console, arguments: cli::Person) -> Result<(), Error> {
    let task = match arguments.task {
        PersonTask::Show { contact } => Task::Person { contact, form: None },
        PersonTask::Erase { contact, yes } => {
            if !yes {
                confirm(&contact)?;
            }
            Task::EraseEverywhere { contact }
        }
    };
    super::run(console, &cli::Inbox { store: arguments.store, task })
}

/// Asks for the contact again. An erasure cannot be undone.
fn confirm(contact: &str) -> Result<(), InboxFailure> {
    if !io::stdin().is_terminal() {
        return Err(InboxFailure::NoTerminal);
    }
    // Standard output is for the receipt.
    let mut out = io::stderr();
    write!(out, "To confirm, type `{}`: ", for_terminal(contact))
        .and_then(|()| out.flush())
        .map_err(InboxFailure::CannotAsk)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(InboxFailure::CannotAsk)?;
    if is_confirmed(&answer, contact) { Ok(()) } else { Err(InboxFailure::NotConfirmed) }
}

/// Whether the answer repeats the contact.
fn is_confirmed(answer: &str, contact: &str) -> bool {
    answer.trim().eq_ignore_ascii_case(contact.trim())
}

/// Erases a person from all forms, prints a receipt, and lists other contacts that may be theirs: those are not erased.
/// The list names people, so it goes to standard error.
pub(super) async fn erase_everywhere<S: Store>(
    console: &Console,
    inbox: &Inbox<S>,
    contact: &str,
) -> Result<(), Error> {
    let related = rights::related(inbox, contact).await.map_err(said)?;
    let mut receipt = Receipt::new(Clock::system().now());
    let done = receipt.erase(inbox, contact).await;
    if !receipt.forms.is_empty() {
        console.answer(&format!("erased on request on {}", date_words(receipt.at)));
    }
    for ErasedRecords { form, records, references } in &receipt.forms {
        let count =
            if *records == 1 { "1 record".to_owned() } else { format!("{records} records") };
        console.answer(&format!("- {form}: {count} ({})", references.join(", ")));
    }
    for related in &related {
        console.warning(&naming(related, "erase", "daisy person erase"));
    }
    done.map_err(said)?;
    if receipt.forms.is_empty() {
        return Err(InboxFailure::UnknownPerson.into());
    }
    Ok(())
}

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
fn name_related(console: &Console, related: &Related, purpose: &str, command: &str) {
    console.say(&naming(related, purpose, command));
}

fn naming(Related { contact, relation }: &Related, purpose: &str, command: &str) -> String {
    let relation = match relation {
        Relation::SameMailbox => "reaches the same mailbox",
        Relation::SameReply => "was given in the same reply",
    };
    let command = format!("{command} {}", quoted(contact));
    format!("`{contact}` {relation}; to {purpose} it too, run `{command}`")
}

/// A command-line argument quoted for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@.+-_".contains(c);
    match word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::is_confirmed;

    #[test]
    fn an_erasure_is_confirmed_only_by_the_whole_contact() {
        for answer in ["rose@example.org\n", " Rose@Example.org\r\n"] {
            assert!(is_confirmed(answer, "rose@example.org"), "{answer:?}");
        }
        for answer in ["", "\n", "y\n", "yes\n", "rose\n", "rose@example.com\n"] {
            assert!(!is_confirmed(answer, "rose@example.org"), "{answer:?}");
        }
    }
}
