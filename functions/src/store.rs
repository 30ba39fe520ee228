//! Keeps what was sent: one contract, two stores, one suite of tests over both
//! (`tests/store.rs`).

#[cfg(feature = "dynamodb")]
pub mod dynamo;
mod rehash;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(feature = "sqlite")]
mod trust;

use crate::clock::{DAY, MINUTE, Millis, WrongClock};
use crate::form::Definition;
use crate::submission::Submission;
use serde::{Deserialize, Serialize};
use std::future::Future;

/// One reply to a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// A ULID.
    pub id: String,
    /// The form's name.
    pub form: String,
    /// What the resident was given to say on the telephone; unique in the form.
    pub reference: String,
    /// The digest of the definition that the resident saw.
    pub definition: String,
    /// The path of the page it was sent from, where the browser said.
    pub page: Option<String>,
    /// The language of that page, where it is not the form's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// When it came.
    pub received: Millis,
    /// When somebody must have answered.
    pub due: Millis,
    /// Where it stands.
    pub state: String,
    /// Why a person should look at it first.
    pub held: Option<String>,
    /// The keyed hash of the first way to reach the person.
    pub person: Option<String>,
    /// The keyed hash of every way to reach the person: each finds this reply. Empty in replies of
    /// version 0.1, which are found by `person` alone until they are upgraded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// The keyed hashes of the mailboxes behind the email addresses among these, where they differ:
    /// the reply is found by them too, as one of another address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mailboxes: Vec<String>,
    /// The reference of an earlier reply that says the same but for how to reach the person: it is
    /// probably theirs, sent once more with a digit corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<String>,
    /// The answers.
    pub submission: Submission,
    /// Each change of its state.
    pub history: Vec<Move>,
    /// When it is removed.
    pub expires: Millis,
}

impl Reply {
    /// Whether this hash is of a way to reach the person who sent it. (That of a mailbox is not:
    /// a mailbox has many addresses.)
    pub fn is_from(&self, hash: &str) -> bool {
        self.contacts.iter().chain(&self.person).any(|known| known == hash)
    }

    /// Every hash by which it is found, each once.
    #[cfg(any(feature = "sqlite", feature = "dynamodb"))]
    fn found_by(&self) -> std::collections::BTreeSet<&str> {
        self.contacts
            .iter()
            .chain(&self.mailboxes)
            .chain(&self.person)
            .map(String::as_str)
            .collect()
    }
}

/// One change of a reply's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// When.
    pub at: Millis,
    /// The state before.
    pub from: String,
    /// The state after.
    pub to: String,
    /// Who did it.
    pub by: Option<String>,
    /// What they noted.
    pub note: Option<String>,
    /// Who had the reply, where it was taken over from somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_over_from: Option<String>,
}

/// What is recorded in one transaction: the reply and every mail owed for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The reply.
    pub reply: Reply,
    /// A keyed digest of form and answers: the same within [`Entry::same_until`] is the same reply.
    pub same: String,
    /// A keyed digest of form and answers without how to reach the person. An earlier reply with the
    /// same one is noted in [`Reply::corrects`].
    pub alike: Option<String>,
    /// Until when a repetition is the same reply, and a correction is known as one.
    pub same_until: Millis,
    /// The mails owed.
    pub owed: Vec<Owed>,
    /// Where the reply is held: the summary that tells the team of it. It may be owed already, because one
    /// summary tells of many replies.
    pub summary: Option<Owed>,
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is stored.
    New,
    /// The same answers were stored before, under this reference; nothing was stored now.
    Same(String),
    /// Its reference belongs to another reply; nothing was stored.
    ReferenceTaken,
}

/// A mail that is owed. It is written only when it is sent, so nothing personal is kept here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// A ULID.
    pub id: String,
    /// The form's name.
    pub form: String,
    /// Which mail.
    pub letter: Letter,
    /// The id of the reply, or the hash of the person, that it is about; empty for a summary, which is
    /// about many.
    pub about: String,
    /// When it is to be tried; while somebody tries it, when the next may.
    pub due: Millis,
    /// How often a try was begun.
    pub tries: u32,
    /// True when it is not tried any more.
    pub failed: bool,
    /// Which mails go first.
    #[serde(default)]
    pub priority: Priority,
}

/// Which mails go first, where an hour has more of them than may go out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// What a visitor sent who sends little.
    #[default]
    Normal,
    /// What came from a network that sends much.
    Low,
}

impl Owed {
    /// The same, not tried, and due then.
    #[cfg(any(feature = "sqlite", feature = "dynamodb"))]
    fn waiting(self, due: Millis) -> Owed {
        Owed { due, tries: self.tries.saturating_sub(1), ..self }
    }
}

/// The mails there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Letter {
    /// Tells the team of a reply.
    Notice,
    /// Tells the team of all the replies to a form that were held in an hour.
    HeldSummary,
    /// Tells the resident that their reply has come.
    Acknowledgement,
    /// Asks a subscriber to confirm.
    Confirmation,
}

impl Reply {
    /// Whether nobody has moved it since it was as in `before`.
    #[cfg(any(feature = "sqlite", feature = "dynamodb"))]
    fn is_unmoved_since(&self, before: &Reply) -> bool {
        self.state == before.state && self.history == before.history
    }

    /// The same after one more move.
    #[cfg(any(feature = "sqlite", feature = "dynamodb"))]
    fn after(mut self, step: Move) -> Reply {
        self.state.clone_from(&step.to);
        self.history.push(step);
        self
    }
}

impl Letter {
    /// The word in the log.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Letter::Notice => "notice",
            Letter::HeldSummary => "held-summary",
            Letter::Acknowledgement => "acknowledgement",
            Letter::Confirmation => "confirmation",
        }
    }

    /// What it is, for the team.
    pub fn words(self) -> &'static str {
        match self {
            Letter::Notice => "a notice to the team",
            Letter::HeldSummary => "a summary of held replies to the team",
            Letter::Acknowledgement => "an acknowledgement to a resident",
            Letter::Confirmation => "a mail that asks a subscriber to confirm",
        }
    }
}

/// A subscriber.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The form's name.
    pub form: String,
    /// The keyed hash of the address's identity.
    pub hash: String,
    /// The keyed hash of the address's mailbox, where that is not the identity itself; gone with
    /// the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
    /// What they were given to say on the telephone; unique in the form.
    pub reference: String,
    /// The address as they typed it; gone once erased or unsubscribed.
    pub email: Option<String>,
    /// Where the subscription stands.
    pub state: Subscription,
    /// In the link of the last confirmation mail; a new one makes older links void.
    pub nonce: String,
    /// Until when that link works.
    pub nonce_until: Millis,
    /// The digest of the definition they last agreed to or asked by.
    pub definition: String,
    /// The language they asked in, where it is not the form's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Since when the state holds.
    pub since: Millis,
    /// When they were last sent confirmation mails, newest last.
    pub mailed: Vec<Millis>,
    /// When a pending one is removed.
    pub expires: Option<Millis>,
    /// Where they had left or were erased before, and were signed up again: the state to which they
    /// return where that is not confirmed. So nobody can wipe out the record of another's wish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Subscription>,
    /// Counts the changes.
    pub version: u64,
}

/// How long somebody who was asked to confirm a sign-up has for it.
pub const CONFIRM_WITHIN: Millis = 7 * DAY;

impl Person {
    /// When a sign-up that nobody confirms gives way to the state before it: for somebody who had left or
    /// was erased. `None` for everybody else.
    pub fn lapses_at(&self) -> Option<Millis> {
        let lapses = self.state == Subscription::Pending && self.before.is_some();
        lapses.then(|| self.nonce_until.max(self.since + CONFIRM_WITHIN))
    }
}

/// Where a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subscription {
    /// Asked for, not confirmed.
    Pending,
    /// Confirmed.
    Active,
    /// Left.
    Unsubscribed,
    /// Mail does not arrive.
    Bounced,
    /// Reported as unwanted.
    Complained,
    /// Erased at the person's wish: only the hash is left, so that nothing is sent again.
    Erased,
}

impl Subscription {
    /// Every state, in the order of a subscription's life.
    pub const ALL: [Subscription; 6] = [
        Subscription::Pending,
        Subscription::Active,
        Subscription::Unsubscribed,
        Subscription::Bounced,
        Subscription::Complained,
        Subscription::Erased,
    ];

    /// The word in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Subscription::Pending => "pending",
            Subscription::Active => "active",
            Subscription::Unsubscribed => "unsubscribed",
            Subscription::Bounced => "bounced",
            Subscription::Complained => "complained",
            Subscription::Erased => "erased",
        }
    }
}

/// Evidence of one step of consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentEvent {
    /// A ULID.
    pub id: String,
    /// The form's name.
    pub form: String,
    /// The person's hash.
    pub person: String,
    /// When.
    pub at: Millis,
    /// `asked`, `confirmed`, `unsubscribed`, `bounced`, `complained`, `erased`, `lapsed` (asked, and
    /// not confirmed in time, by somebody who had left before).
    pub step: String,
    /// How: `form`, `link`, `one-click`, `team`, `mail` (what became of a mail said so), `time`.
    pub method: String,
    /// The digest of the wording.
    pub definition: String,
    /// The wording's language.
    pub language: String,
    /// The path of the page, where the browser said.
    pub page: Option<String>,
}

/// What is known of a mailbox, over all forms and all its addresses. It holds no address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The keyed hash of the mailbox.
    pub hash: String,
    /// Since when nothing is sent to it: its owner called a mail of ours unwanted.
    pub suppressed: Option<Millis>,
    /// When mails that anybody could have caused were sent to it, or are to be; oldest first.
    #[serde(default)]
    pub mailed: Vec<Millis>,
    /// Counts the changes.
    pub version: u64,
}

impl Mailbox {
    /// A mailbox of which nothing is known.
    pub fn new(hash: String) -> Mailbox {
        Mailbox { hash, suppressed: None, mailed: Vec::new(), version: 0 }
    }

    /// When the next mail of this kind may be sent to it; `None` where it has had enough, or is
    /// suppressed. Only a mail that can wait is given another time than now.
    fn next_slot(&self, kind: &MailKind, now: Millis) -> Option<Millis> {
        let last = self.mailed.last().copied().unwrap_or(Millis::MIN / 2);
        let slot = now.max(last + MAILS_APART);
        let fits = kind.most.iter().all(|(most, within)| {
            self.mailed.iter().filter(|at| slot - **at < *within).count() < *most
        });
        (self.suppressed.is_none() && slot <= now + kind.patience && fits).then_some(slot)
    }

    /// Takes the next slot for a mail of this kind, and gives its time and the record to store.
    pub(crate) fn take_slot(&self, kind: &MailKind, now: Millis) -> Option<(Millis, Mailbox)> {
        let slot = self.next_slot(kind, now)?;
        let mut mailbox = self.clone();
        mailbox.mailed.retain(|at| slot - at < MAILBOX_REMEMBERED_FOR);
        mailbox.mailed.push(slot);
        mailbox.version += 1;
        Some((slot, mailbox))
    }

    /// When the record is of no use any more; `None` for never.
    #[cfg(any(feature = "sqlite", feature = "dynamodb"))]
    fn expires(&self) -> Option<Millis> {
        match self.suppressed {
            Some(_) => None,
            None => Some(self.mailed.last().copied().unwrap_or_default() + MAILBOX_REMEMBERED_FOR),
        }
    }

    /// Whether the change from what is stored to this one is the next.
    #[cfg(any(feature = "sqlite", feature = "dynamodb"))]
    fn follows(&self, stored: Option<u64>) -> bool {
        stored.unwrap_or(0) + 1 == self.version
    }
}

/// How long the mails to a mailbox count.
const MAILBOX_REMEMBERED_FOR: Millis = 30 * DAY;
/// How far two mails to one mailbox are apart.
const MAILS_APART: Millis = 10 * MINUTE;

/// How often one mailbox is sent a mail that anybody can cause by typing an address into a form: over all
/// forms, all addresses of the mailbox and all kinds of mail together.
pub(crate) struct MailKind {
    /// How many mails, and within what time.
    most: [(usize, Millis); 2],
    /// How long it may wait for its turn.
    patience: Millis,
}

impl MailKind {
    /// The page promises this mail, so it waits a little where the mailbox was just written to.
    pub(crate) const CONFIRMATION: MailKind =
        MailKind { most: [(3, DAY), (5, MAILBOX_REMEMBERED_FOR)], patience: 30 * MINUTE };
    /// The page has said the same, so it goes at once or not at all, and leaves room for confirmations.
    pub(crate) const ACKNOWLEDGEMENT: MailKind =
        MailKind { most: [(2, DAY), (4, MAILBOX_REMEMBERED_FOR)], patience: 0 };
}

/// One change of a person, in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonChange {
    /// The person as they are to be.
    pub person: Person,
    /// The version that must be there; `None` where there must be nobody.
    pub expected: Option<u64>,
    /// The hash of the mailbox by which they were found, and are no more.
    pub former_mailbox: Option<String>,
    /// The record of their mailbox as it is to be, one version on; `None` where it does not change.
    pub mailbox: Option<Mailbox>,
    /// What happened.
    pub event: ConsentEvent,
    /// The mails owed.
    pub owed: Vec<Owed>,
}

/// A subscriber who is to be stored under another hash, and who may turn out to be one who is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonMove {
    /// As they are stored, under the hash that is left. It leads to the new one for ever after:
    /// links in mails hold it.
    pub from: Person,
    /// As they are to be.
    pub person: Person,
    /// The version that must be there under the new hash; `None` where there must be nobody.
    pub expected: Option<u64>,
}

/// What became of a mail that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It went out; the item is removed.
    Sent,
    /// It is to be tried again then.
    Again(Millis),
    /// It was not tried at all, and is to be tried then: the try that was counted is taken back.
    Waiting(Millis),
    /// It is given up, kept and shown.
    Failed,
}

/// What became of a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It stands; this is the reply now.
    Done(Reply),
    /// Somebody else moved it before; this is the reply as it is.
    Other(Reply),
    /// There is no such reply.
    Missing,
}

/// The definition that was last published under a form's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The definition.
    pub definition: Definition,
    /// Whether the form is no longer on the site.
    pub withdrawn: bool,
}

/// The name of a form that was ever published, and whether it is on the site now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KnownForm {
    /// The form's name.
    pub name: String,
    /// Whether the form is no longer on the site.
    pub withdrawn: bool,
}

/// A part of a list, and where the next part begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to ask for the next part with; `None` at the end.
    pub next: Option<String>,
}

/// The store did not do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError(
    /// For the log; it holds nothing personal.
    pub String,
);

impl std::fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for StoreError {}

impl From<WrongClock> for StoreError {
    fn from(wrong: WrongClock) -> StoreError {
        StoreError(wrong.to_string())
    }
}

/// What a call gives.
pub type Stored<T> = Result<T, StoreError>;

/// The contract. Every change is whole or not there at all, also when a call fails half-way;
/// a call that failed may be made again.
pub trait Store: Send + Sync {
    /// Keeps a definition for ever under its digest, and makes it its form's current one. A form
    /// that was withdrawn is on the site again.
    fn publish(&self, definition: &Definition) -> impl Future<Output = Stored<()>> + Send;

    /// Marks a form as no longer on the site. Its definitions, replies and subscribers stay. A form
    /// that was never published is left alone.
    fn withdraw(&self, form: &str) -> impl Future<Output = Stored<()>> + Send;

    /// Every form that was ever published, ordered by name.
    fn forms(&self) -> impl Future<Output = Stored<Vec<KnownForm>>> + Send;

    /// A form's current definition: the one that was last published.
    fn current(&self, form: &str) -> impl Future<Output = Stored<Option<Published>>> + Send;

    /// The definition with this digest, or the current one.
    fn definition(
        &self,
        form: &str,
        digest: Option<&str>,
    ) -> impl Future<Output = Stored<Option<Definition>>> + Send;

    /// Records a reply once, and notes in it which earlier one it seems to correct.
    fn record(&self, entry: &Entry) -> impl Future<Output = Stored<Recorded>> + Send;

    /// The reply with this id.
    fn reply(&self, form: &str, id: &str) -> impl Future<Output = Stored<Option<Reply>>> + Send;

    /// The reply with this reference.
    fn by_reference(
        &self,
        form: &str,
        reference: &str,
    ) -> impl Future<Output = Stored<Option<Reply>>> + Send;

    /// A form's replies in one state, the oldest due first. `after` is the [`Page::next`] of the
    /// part before.
    fn queue(
        &self,
        form: &str,
        state: &str,
        after: Option<&str>,
        limit: u32,
    ) -> impl Future<Output = Stored<Page<Reply>>> + Send;

    /// Moves a reply if its state and its history are still as in `before`: two people who decide by
    /// the same history, such as that nobody has the reply, cannot both move it.
    fn move_reply(&self, before: &Reply, step: &Move)
    -> impl Future<Output = Stored<Moved>> + Send;

    /// The replies that are found by a hash, of a way to reach the person or of their mailbox, the
    /// oldest first. [`Reply::is_from`] tells the two apart.
    fn replies_of(
        &self,
        form: &str,
        person: &str,
    ) -> impl Future<Output = Stored<Vec<Reply>>> + Send;

    /// The ids of the replies that were recorded with this summary, the oldest first. Some may be erased
    /// since.
    fn held(&self, summary: &Owed) -> impl Future<Output = Stored<Vec<String>>> + Send;

    /// Removes the replies that are [from](Reply::is_from) a person, and what points to them. Gives
    /// how many there were.
    fn erase_replies(&self, form: &str, person: &str) -> impl Future<Output = Stored<u32>> + Send;

    /// A subscriber, also by a hash from which they were moved.
    fn person(&self, form: &str, hash: &str)
    -> impl Future<Output = Stored<Option<Person>>> + Send;

    /// The subscribers under any of these hashes, each once, and the record of a mailbox.
    fn look_up(
        &self,
        form: &str,
        hashes: &[String],
        mailbox: Option<&str>,
    ) -> impl Future<Output = Stored<(Vec<Person>, Option<Mailbox>)>> + Send;

    /// The subscribers whose addresses reach one mailbox, by its hash in this form.
    fn people_of_mailbox(
        &self,
        form: &str,
        hash: &str,
    ) -> impl Future<Output = Stored<Vec<Person>>> + Send;

    /// The subscriber with this reference.
    fn person_by_reference(
        &self,
        form: &str,
        reference: &str,
    ) -> impl Future<Output = Stored<Option<Person>>> + Send;

    /// Changes a subscriber; false if their version, or that of their mailbox, is another by now, or
    /// a new one's reference belongs to somebody else.
    fn save_person(&self, change: &PersonChange) -> impl Future<Output = Stored<bool>> + Send;

    /// Stores a subscriber under another hash, with their consent events; false if their version, or
    /// that of who is there, is another by now.
    fn move_person(&self, change: &PersonMove) -> impl Future<Output = Stored<bool>> + Send;

    /// The record of a mailbox.
    fn mailbox(&self, hash: &str) -> impl Future<Output = Stored<Option<Mailbox>>> + Send;

    /// Stores the record of a mailbox, one version on; false if its version is another by now.
    fn save_mailbox(&self, mailbox: &Mailbox) -> impl Future<Output = Stored<bool>> + Send;

    /// A form's subscribers in one state, the longest there first.
    fn people(
        &self,
        form: &str,
        state: Subscription,
        after: Option<&str>,
        limit: u32,
    ) -> impl Future<Output = Stored<Page<Person>>> + Send;

    /// A form's subscribers whose sign-up lapses by `now` ([`Person::lapses_at`]), the oldest first.
    fn lapsing(
        &self,
        form: &str,
        now: Millis,
        limit: u32,
    ) -> impl Future<Output = Stored<Vec<Person>>> + Send;

    /// A person's consent events, the oldest first.
    fn events(
        &self,
        form: &str,
        person: &str,
    ) -> impl Future<Output = Stored<Vec<ConsentEvent>>> + Send;

    /// Mails that are due, the oldest first.
    fn due(&self, now: Millis, limit: u32) -> impl Future<Output = Stored<Vec<Owed>>> + Send;

    /// Mails that were given up.
    fn failed(&self, limit: u32) -> impl Future<Output = Stored<Vec<Owed>>> + Send;

    /// Takes a mail for oneself until then, and counts the try that begins: who dies in it has
    /// tried. Gives the item as it is now; `None` if somebody else has it, or it is gone.
    fn lease(
        &self,
        owed: &Owed,
        until: Millis,
    ) -> impl Future<Output = Stored<Option<Owed>>> + Send;

    /// Notes what became of a mail.
    fn settle(&self, owed: &Owed, settled: Settled) -> impl Future<Output = Stored<()>> + Send;

    /// Adds one to a counter that ends at `until`, and gives what it is then.
    fn count(&self, counter: &str, until: Millis) -> impl Future<Output = Stored<u64>> + Send;

    /// What counters have come to, together.
    fn counted(&self, counters: &[String]) -> impl Future<Output = Stored<u64>> + Send;

    /// Takes in what the clock says. Gives the time by which something must have been due to be removed:
    /// an earlier one where the clock may be wrong. A store whose provider keeps the time, as AWS does for
    /// its functions and its table, believes it.
    fn believed(&self, now: Millis) -> impl Future<Output = Stored<Millis>> + Send {
        async move { Ok(now) }
    }

    /// Removes what has expired. Gives whether anything of a person has gone from the store since this
    /// was last called, for whichever reason: copies of it elsewhere are to go then too. A store whose
    /// provider removes what has expired does nothing, and gives false.
    fn sweep(&self, now: Millis) -> impl Future<Output = Stored<bool>> + Send;
}

/// A value as the text that both stores keep.
#[cfg(any(feature = "sqlite", feature = "dynamodb"))]
fn to_text<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("what is stored holds only text, numbers and lists")
}

#[cfg(any(feature = "sqlite", feature = "dynamodb"))]
fn from_text<T: for<'a> Deserialize<'a>>(text: &str) -> Stored<T> {
    // The error of serde_json would quote what is stored.
    serde_json::from_str(text).map_err(|error| {
        StoreError(format!("what is stored cannot be read ({:?})", error.classify()))
    })
}
