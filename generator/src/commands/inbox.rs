//! `daisy inbox`: shows and manages replies to forms. Reads and changes a store.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

mod change;
mod erase;
mod failure;
mod list;
pub(super) mod person;

use std::fs;
use std::path::{Path, PathBuf};

use daisychain_functions::clock::{Clock, date_words, rfc3339};
use daisychain_functions::form::Purpose;
use daisychain_functions::inbox::{self, Contents, InboxError, MoveOptions, Referenced, Wordings};
use daisychain_functions::model::claim_of;
use daisychain_functions::model::workflow;
use daisychain_functions::model::{QueuedMail, StoredReply, Subscriber};
use daisychain_functions::store::sqlite::{self, Sqlite};
use daisychain_functions::store::{KnownForm, Store, StoreError};

use super::Console;
use super::Error;
use crate::cli::{Format, Inbox, Records, Task};
use crate::fs::private_files;
pub(super) use failure::InboxFailure;

/// The maximum number of characters of a reply's first answer, or of a name, in a list.
const SHOWN: usize = 40;
/// The message of an upgrade that changes nothing.
const UP_TO_DATE: &str = "the store is up to date";

pub(super) fn run(console: &Console, arguments: &Inbox) -> Result<(), Error> {
    let runtime = super::runtime()?;
    runtime.block_on(open(console, arguments))
}

/// Opens the named store and runs the task.
async fn open(console: &Console, arguments: &Inbox) -> Result<(), Error> {
    let laptop = || console.root().join(".daisy").join("replies.sqlite");
    let path = match arguments.store.as_deref().map(|store| store.split_once(':')) {
        None => laptop(),
        Some(Some(("sqlite", path))) => PathBuf::from(path),
        Some(Some(("dynamodb", table))) => return table_of(console, &arguments.task, table).await,
        Some(_) => {
            return Err(InboxFailure::InvalidStore.into());
        }
    };
    // Opening would create an empty store, as if there were no replies.
    if !path.is_file() {
        return Err(InboxFailure::NoStore(path).into());
    }
    let failed = |source| InboxFailure::Unreadable { path: path.clone(), source };
    let store = sqlite::open(&path).map_err(failed)?;
    // Only the local store is certain to belong to the site in this folder.
    let on_site = if arguments.store.is_none() { names(console.root()) } else { None };
    let done = match &arguments.task {
        Task::Backup { path } => back_up(console, &store, path),
        wish => {
            let keys = store.keys().map_err(failed)?;
            let inbox = inbox::Inbox::new(store.clone(), Some(keys), Clock::system());
            let opened = Opened { inbox, on_site };
            let done = task(console, wish, &opened).await;
            match wish {
                // A repeated erasure finds no one, but an interrupted one may not have removed
                // everything.
                Task::Erase { .. } | Task::EraseEverywhere { .. } if may_have_erased(&done) => {
                    erase::finish_here(console, &path, &store).await.and(done)
                }
                _ => done,
            }
        }
    };
    if let Err(error) = store.close() {
        // The task itself succeeded.
        console.warning(&format!(
            "some changes are not yet in {} ({error}); before you copy the file, stop all other \
             programs that use it, and run `daisy inbox list`",
            path.display()
        ));
    }
    done
}

/// Whether an erasure is complete or found no one.
fn may_have_erased(done: &Result<(), Error>) -> bool {
    match done {
        Ok(()) => true,
        Err(Error::Inbox(failure)) => failure.is_empty_result(),
        Err(_) => false,
    }
}

/// Copies the store. The copy contains personal data and secrets, so only the current user can read it.
fn back_up(console: &Console, store: &Sqlite, path: &Path) -> Result<(), Error> {
    // SQLite accepts an existing file only if it is empty.
    let new = private_files::file(fs::OpenOptions::new().write(true).create_new(true), path);
    new.map_err(|source| InboxFailure::NoBackup { path: path.to_owned(), source })?;
    let done = store.backup(path);
    done.map_err(|source| InboxFailure::BackupFailed { path: path.to_owned(), source })?;
    let shown = path.display();
    console.say(&format!("backed up to {shown}; keep it as safe as the store itself"));
    Ok(())
}

#[cfg(feature = "dynamodb")]
async fn table_of(console: &Console, wish: &Task, table: &str) -> Result<(), Error> {
    use daisychain_functions::secret_keys::SecretKeys;
    use daisychain_functions::store::dynamodb;
    let secret = |name| std::env::var(name).ok();
    let keys = match (secret("DAISYCHAIN_TOKEN_KEYS"), secret("DAISYCHAIN_PERSON_KEY")) {
        (Some(tokens), Some(person)) => {
            Some(SecretKeys::parse(&tokens, &person).map_err(InboxFailure::Keys)?)
        }
        _ => None,
    };
    let store = dynamodb::connect_checked(None, table).await?;
    let looks_through_forms = matches!(
        wish,
        Task::List { .. }
            | Task::Find { .. }
            | Task::Show { .. }
            | Task::Move { .. }
            | Task::Note { .. }
            | Task::Person { .. }
    );
    if matches!(wish, Task::EraseEverywhere { .. }) {
        // Unlike a list, an erasure must not miss a form.
        store.list_earlier_forms().await.map_err(|error| said(error.into()))?;
    }
    if matches!(wish, Task::Upgrade) {
        let keys = keys.ok_or_else(|| said(InboxError::NoKeys))?;
        let upgraded = upgrade(&store, &keys).await.map_err(|error| said(error.into()))?;
        console.say(&upgraded);
        return Ok(());
    }
    if looks_through_forms && let Err(error) = store.list_earlier_forms().await {
        console.warning(&missing_forms(&error));
    }
    let inbox = inbox::Inbox::new(store, keys, Clock::system());
    let leaving = erase::Leaving::of(&inbox, wish).await;
    let done = task(console, wish, &Opened { inbox, on_site: None }).await;
    // A repeated erasure finds no one, but an interrupted one may not have removed everything.
    if let Some(leaving) = leaving.filter(|_| may_have_erased(&done)) {
        leaving.say_what_is_left_on_aws(console);
    }
    done
}

/// Upgrades the records of an earlier version in a table, and prints how many there were.
#[cfg(feature = "dynamodb")]
async fn upgrade(
    store: &daisychain_functions::store::dynamodb::DynamoDb,
    keys: &daisychain_functions::secret_keys::SecretKeys,
) -> Result<String, StoreError> {
    use daisychain_functions::store::Definitions as _;

    store.list_earlier_forms().await?;
    let (mut replies, mut subscribers) = (0, 0);
    for form in store.forms().await? {
        let upgraded = store.upgrade(keys, &form.name).await?;
        replies += upgraded.replies;
        subscribers += upgraded.subscribers;
    }
    Ok(upgraded_records(replies, subscribers))
}

#[cfg(not(feature = "dynamodb"))]
async fn table_of(_: &Console, _: &Task, _: &str) -> Result<(), Error> {
    Err(InboxFailure::WithoutDynamoDb.into())
}

/// A store's inbox, and what is known of its site.
struct Opened<S> {
    inbox: inbox::Inbox<S>,
    /// The names of the forms in the site's folder, if the store is known to belong to it.
    on_site: Option<Vec<String>>,
}

impl<S: Store> Opened<S> {
    /// Every form in the store.
    async fn forms(&self) -> Result<Vec<KnownForm>, Error> {
        let known = self.inbox.forms().await.map_err(|error| said(error.into()))?;
        let is_here = |name: &String| self.on_site.as_ref().is_none_or(|on| on.contains(name));
        let known = known.into_iter().map(|form| {
            let withdrawn = form.withdrawn || !is_here(&form.name);
            KnownForm { withdrawn, ..form }
        });
        Ok(known.collect())
    }
}

async fn task<S: Store>(console: &Console, task: &Task, opened: &Opened<S>) -> Result<(), Error> {
    let inbox = &opened.inbox;
    match task {
        Task::List { form, selection, by } => {
            let by = by.clone().or_else(login_name);
            list::list(console, opened, form.as_deref(), selection, by).await
        }
        Task::Find { text } => list::find_text(console, inbox, text).await,
        Task::Show { reference } => match find(inbox, reference).await? {
            Referenced::Reply(reply) => show(console, inbox, &reply).await,
            Referenced::Subscriber(person) => {
                show_person(console, &person);
                Ok(())
            }
        },
        Task::Move { references, state, by, note, take_over } => {
            let by = by.clone().or_else(login_name);
            let note = note.clone();
            let options = MoveOptions { by, note, take_over: *take_over, ..MoveOptions::default() };
            change::move_replies(console, inbox, references, state, &options).await
        }
        Task::Note { references, note, by } => {
            let by = by.clone().or_else(login_name);
            change::add_notes(console, inbox, references, note, by.as_deref()).await
        }
        Task::Export { form, state, records, format } => {
            export(console, inbox, (form, state.as_deref()), (*records, *format)).await
        }
        Task::Mails => mails(console, inbox).await,
        Task::Resend { id } => resend(console, inbox, id.as_deref()).await,
        Task::Backup { .. } => Err(InboxFailure::BackupOfTable.into()),
        Task::Person { contact, form } => {
            let forms = match form {
                Some(form) => vec![form.clone()],
                None => opened.forms().await?.into_iter().map(|form| form.name).collect(),
            };
            person::show(console, inbox, &forms, contact).await
        }
        Task::Unsubscribe { form, who } => person::unsubscribe(console, inbox, form, who).await,
        Task::Erase { form, contact } => person::erase(console, inbox, form, contact).await,
        Task::EraseEverywhere { contact } => {
            person::erase_everywhere(console, inbox, contact).await
        }
        Task::Upgrade => {
            console.say(UP_TO_DATE);
            Ok(())
        }
    }
}

/// The login name of the current user.
fn login_name() -> Option<String> {
    ["USER", "USERNAME"].iter().find_map(|name| std::env::var(name).ok())
}

/// By default, a newsletter exports its subscribers; held sign-ups are exported by their state.
async fn export<S: Store>(
    console: &Console,
    inbox: &inbox::Inbox<S>,
    (name, state): (&str, Option<&str>),
    (records, format): (Option<Records>, Format),
) -> Result<(), Error> {
    let purpose = inbox.form(name).await.map_err(said)?.purpose();
    let Contents { replies, people } = inbox.contents(name, state).await.map_err(said)?;
    let held = state
        .is_some_and(|state| workflow::states(purpose).iter().any(|known| known.as_str() == state));
    let records = records.unwrap_or(match purpose {
        Purpose::Newsletter if !held => Records::Subscribers,
        _ => Records::Replies,
    });
    match records {
        Records::Replies => {
            let wordings = inbox.wordings(name, &replies).await;
            let wordings = wordings.map_err(|error| said(error.into()))?;
            console.document(&match format {
                Format::Csv => inbox::csv(&wordings, &replies),
                Format::Json => inbox::json(&wordings, &replies),
            });
        }
        Records::Subscribers => console.document(&match format {
            Format::Csv => inbox::people_csv(&people),
            Format::Json => inbox::people_json(&people),
        }),
    }
    let left = match records {
        Records::Replies => (people.len(), "subscribers"),
        Records::Subscribers => (replies.len(), "replies"),
    };
    if let (1.., what) = left {
        console.warning(&format!(
            "`{name}` also has {what}, which are not in this export; to export them, add \
             `--records {what}`"
        ));
    }
    Ok(())
}

const NO_MAILS: &str = "no failed emails";

async fn failed_mails<S: Store>(inbox: &inbox::Inbox<S>) -> Result<Vec<QueuedMail>, Error> {
    inbox.failed_mails().await.map_err(|error| said(error.into()))
}

async fn mails<S: Store>(console: &Console, inbox: &inbox::Inbox<S>) -> Result<(), Error> {
    let failed = failed_mails(inbox).await?;
    for QueuedMail { id, form, kind, tries, .. } in &failed {
        let what = kind.description();
        let times = if *tries == 1 { "once".to_owned() } else { format!("{tries} times") };
        console.answer(&format!("{id}  {form:<10}  {what}, tried {times}"));
    }
    console.say(match failed.len() {
        0 => NO_MAILS,
        _ => "when the cause is fixed, send them again with `daisy inbox resend`",
    });
    Ok(())
}

async fn resend<S: Store>(
    console: &Console,
    inbox: &inbox::Inbox<S>,
    id: Option<&str>,
) -> Result<(), Error> {
    let mut again = 0;
    for queued in failed_mails(inbox).await? {
        if id.is_none_or(|id| id == queued.id) {
            inbox.resend(&queued).await.map_err(|error| said(error.into()))?;
            again += 1;
        }
    }
    match (again, id) {
        (0, Some(id)) => {
            return Err(InboxFailure::UnknownEmail(id.to_owned()).into());
        }
        (0, None) => console.say(NO_MAILS),
        (1, _) => console.say("one email will be sent again within a minute"),
        (again, _) => console.say(&format!("{again} emails will be sent again within a minute")),
    }
    Ok(())
}

/// Finds a reference in the forms of the store.
async fn find<S: Store>(inbox: &inbox::Inbox<S>, reference: &str) -> Result<Referenced, Error> {
    for form in inbox.forms().await.map_err(|error| said(error.into()))? {
        match inbox.find(&form.name, reference).await {
            Ok(found) => return Ok(found),
            Err(InboxError::UnknownReference) => {}
            Err(error) => return Err(said(error)),
        }
    }
    Err(said(InboxError::UnknownReference))
}

/// The names of the forms in the site's folder; `None` if it contains no site.
fn names(root: &Path) -> Option<Vec<String>> {
    let content = root.join("content");
    let entries = match fs::read_dir(content.join("forms")) {
        Ok(entries) => entries,
        Err(_) => return content.is_dir().then(Vec::new),
    };
    let names = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        let is_form = path.extension().is_some_and(|extension| extension == "yaml");
        let name = path.file_stem()?.to_str()?;
        // `chat.ur.yaml` is `chat` in another language.
        (is_form && !name.contains('.')).then(|| name.to_owned())
    });
    Some(names.collect())
}

fn line(wordings: &Wordings, reply: &StoredReply) -> String {
    let answered = wordings.answered(reply);
    let first = answered.first().and_then(|answered| answered.answers.first());
    let first = shortened(first.map(String::as_str).unwrap_or_default());
    let assignee = shortened(claim_of(reply).map_or("-", |claim| claim.by));
    let held = if reply.held.is_some() { "  (held)" } else { "" };
    let StoredReply { reference, form, state, .. } = reply;
    let due = date_words(reply.due);
    format!("{reference}  {form:<10}  {state:<12}  {assignee:<10}  by {due}  {first}{held}")
}

/// Text shortened for one line of a list.
fn shortened(text: &str) -> String {
    text.chars().take(SHOWN).filter(|c| !c.is_control()).collect()
}

async fn show<S: Store>(
    console: &Console,
    inbox: &inbox::Inbox<S>,
    reply: &StoredReply,
) -> Result<(), Error> {
    let wordings = inbox.wordings(&reply.form, std::slice::from_ref(reply)).await;
    let wordings = wordings.map_err(|error| said(error.into()))?;
    console.answer(&line(&wordings, reply));
    console.answer(&format!("received {}", rfc3339(reply.received)));
    if let Some(reason) = &reply.held {
        console.answer(&format!("held, because {reason}"));
    }
    if let Some(earlier) = &reply.corrects {
        console.answer(&format!(
            "may be a correction of {earlier}: same answers, but different contact details"
        ));
    }
    for answered in wordings.answered(reply) {
        let (label, answers) = (answered.label, indented(&answered.answers.join("\n")));
        console.answer(&format!("\n{label}\n  {answers}"));
    }
    for step in &reply.history {
        let by = indented(step.by.as_deref().unwrap_or("somebody"));
        let note =
            step.note.as_deref().map(|note| format!(": {}", indented(note))).unwrap_or_default();
        let taken_over = step.taken_over_from.as_deref();
        let taken_over = taken_over.map(|from| format!(" (taken over from {})", indented(from)));
        let (at, taken_over) = (rfc3339(step.at), taken_over.unwrap_or_default());
        console.answer(&format!("\n{at} {by}: {} → {}{taken_over}{note}", step.from, step.to));
        if let Some(email) = &step.email {
            console.answer(&format!("  email: {}", indented(email)));
        }
    }
    Ok(())
}

/// Text of several lines, indented so that none can be mistaken for other output.
fn indented(text: &str) -> String {
    text.replace('\n', "\n  ")
}

fn show_person(console: &Console, person: &Subscriber) {
    let email = person.email.as_deref().unwrap_or("(no address stored)");
    let Subscriber { reference, form, state, since, .. } = person;
    let (state, since) = (state.as_str(), date_words(*since));
    console.answer(&format!("{reference}  {form:<10}  {state:<12}  since {since}  {email}"));
}

fn said(error: InboxError) -> Error {
    InboxFailure::Task(error).into()
}

/// Warns that a table of an earlier version, which has no list of its forms, could not be searched.
#[cfg_attr(not(feature = "dynamodb"), allow(dead_code, reason = "used by DynamoDB only"))]
fn missing_forms(error: &StoreError) -> String {
    format!("forms published by an earlier version may be missing: {error}")
}

/// Prints what an upgrade changed.
#[cfg_attr(not(feature = "dynamodb"), allow(dead_code, reason = "used by DynamoDB only"))]
fn upgraded_records(replies: u32, subscribers: u32) -> String {
    match (replies, subscribers) {
        (0, 0) => UP_TO_DATE.to_owned(),
        _ => format!("upgraded replies: {replies}; upgraded subscribers: {subscribers}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upgrade_reports_how_much_it_changed() {
        assert_eq!(upgraded_records(3, 0), "upgraded replies: 3; upgraded subscribers: 0");
        assert_eq!(upgraded_records(0, 2), "upgraded replies: 0; upgraded subscribers: 2");
        assert_eq!(upgraded_records(0, 0), UP_TO_DATE);
    }

    #[test]
    fn a_table_that_cannot_be_searched_is_reported() {
        use daisychain_functions::store::dynamodb::DynamoDbError;
        assert_eq!(
            missing_forms(&DynamoDbError::Code("AccessDeniedException".to_owned()).into()),
            "forms published by an earlier version may be missing: dynamodb: \
             AccessDeniedException"
        );
    }
}
