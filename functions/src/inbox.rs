//! What the team does with what came in: look, move, export, erase. A thin face on the store, for
//! a command line now and for a page next.

mod export;

use crate::characters::is_blank;
use crate::clock::Clock;
use crate::desk;
use crate::form::{Definition, Form, Purpose};
use crate::keys::Keys;
use crate::newsletter::{self, Step};
use crate::store::{
    Move, Moved, Owed, Person, Reply, Settled, Store, StoreError, Stored, Subscription,
};
use crate::submission::{Contact, clean, normal_email, phone_digits};
pub use export::{csv, json, people_csv, people_json};

/// How often a change is tried anew when somebody else changed the same person meanwhile.
const TRIES: u32 = 5;
/// How many replies are asked of the store at once.
const PART: u32 = 200;

/// The team's side of a store.
pub struct Inbox<S> {
    store: S,
    keys: Option<Keys>,
    clock: Clock,
}

/// What a reference leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A reply that a person answers.
    Reply(Box<Reply>),
    /// A subscriber.
    Person(Box<Person>),
}

/// Why the team's wish was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InboxError {
    /// The store did not do it.
    Store(StoreError),
    /// The form has no such state; these are its states.
    UnknownState(&'static [&'static str]),
    /// There is no such form in the store.
    UnknownForm(String),
    /// No reply has this reference.
    UnknownReference,
    /// Somebody moved it before: this is the reply as it is.
    Moved(Box<Reply>),
    /// People are found by the site's keys, and none were given.
    NoKeys,
}

impl std::fmt::Display for InboxError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            InboxError::Store(error) => write!(formatter, "{error}"),
            InboxError::UnknownState(states) => {
                write!(formatter, "the form has no such state; it has {}", states.join(", "))
            }
            InboxError::UnknownForm(form) => write!(formatter, "the store has no form `{form}`"),
            InboxError::NoKeys => {
                formatter.write_str("people are found by the site's keys, which are not here")
            }
            InboxError::UnknownReference => formatter.write_str("no reply has this reference"),
            InboxError::Moved(reply) => {
                let by = reply.history.last().and_then(|step| step.by.as_deref());
                write!(
                    formatter,
                    "{} moved it to `{}` before",
                    by.unwrap_or("somebody"),
                    reply.state
                )
            }
        }
    }
}

impl std::error::Error for InboxError {}

impl From<StoreError> for InboxError {
    fn from(error: StoreError) -> InboxError {
        InboxError::Store(error)
    }
}

/// What the team typed of themselves, without control characters; `None` where nothing is to be seen in it.
fn typed(text: Option<String>, lines: bool) -> Option<String> {
    text.map(|text| clean(&text, lines)).filter(|text| !is_blank(text))
}

impl<S: Store> Inbox<S> {
    /// The inbox of a store. Without the site's keys, whatever begins with a person is refused.
    pub fn new(store: S, keys: Option<Keys>, clock: Clock) -> Inbox<S> {
        Inbox { store, keys, clock }
    }

    /// The form as it is now.
    ///
    /// # Errors
    /// The store does not answer, or has no such form.
    pub async fn form(&self, name: &str) -> Result<Form, InboxError> {
        let definition: Option<Definition> = self.store.definition(name, None).await?;
        let unknown = || InboxError::UnknownForm(name.to_owned());
        definition.map(|definition| definition.form).ok_or_else(unknown)
    }

    /// Every reply of a form in one state, or in all of them, the oldest due first in each.
    ///
    /// # Errors
    /// The store does not answer; no such form or state.
    pub async fn list(&self, name: &str, state: Option<&str>) -> Result<Vec<Reply>, InboxError> {
        let purpose = self.form(name).await?.purpose();
        let states = desk::states(purpose);
        if state.is_some_and(|state| !states.contains(&state)) {
            // A newsletter's subscribers have states of their own, which are no mistake here.
            let all: &[&str] =
                if purpose == Purpose::Newsletter { &newsletter::STATES } else { states };
            return match state.is_some_and(|state| all.contains(&state)) {
                true => Ok(Vec::new()),
                false => Err(InboxError::UnknownState(all)),
            };
        }
        let mut replies = Vec::new();
        for known in states.iter().filter(|known| state.is_none_or(|state| state == **known)) {
            let mut after = None;
            loop {
                let part = self.store.queue(name, known, after.as_deref(), PART).await?;
                replies.extend(part.items);
                after = part.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(replies)
    }

    /// Every subscriber of a form in one state, or in all of them, the longest there first in each.
    /// A word that is the state of no subscriber gives none.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn people(&self, name: &str, state: Option<&str>) -> Result<Vec<Person>, InboxError> {
        let mut people = Vec::new();
        for known in Subscription::ALL {
            if state.is_some_and(|state| state != known.word()) {
                continue;
            }
            let mut after = None;
            loop {
                let part = self.store.people(name, known, after.as_deref(), PART).await?;
                people.extend(part.items);
                after = part.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(people)
    }

    /// Mails that were given up, the oldest first.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn failed_mails(&self) -> Stored<Vec<Owed>> {
        self.store.failed(PART).await
    }

    /// Has a mail that was given up tried again, as if for the first time.
    ///
    /// # Errors
    /// The store does not answer, or the clock is wrong.
    pub async fn resend(&self, owed: &Owed) -> Stored<()> {
        let owed = Owed { tries: 0, failed: false, ..owed.clone() };
        self.store.settle(&owed, Settled::Again(self.clock.checked()?)).await
    }

    /// What a reference leads to.
    ///
    /// # Errors
    /// The store does not answer; no such reference.
    pub async fn find(&self, name: &str, reference: &str) -> Result<Found, InboxError> {
        let reference =
            crate::id::parse_reference(reference).ok_or(InboxError::UnknownReference)?;
        if let Some(reply) = self.store.by_reference(name, &reference).await? {
            return Ok(Found::Reply(Box::new(reply)));
        }
        let person = self.store.person_by_reference(name, &reference).await?;
        person.map(|person| Found::Person(Box::new(person))).ok_or(InboxError::UnknownReference)
    }

    /// Moves a reply from the state in which `reply` has it. A held sign-up that is accepted is
    /// asked to confirm, like any other.
    ///
    /// # Errors
    /// The store does not answer; no such state; somebody else moved it before.
    pub async fn move_reply(
        &self,
        reply: &Reply,
        to: &str,
        by: Option<String>,
        note: Option<String>,
    ) -> Result<Reply, InboxError> {
        let form = self.form(&reply.form).await?;
        let states = desk::states(form.purpose());
        if !states.contains(&to) {
            return Err(InboxError::UnknownState(states));
        }
        let (from, to) = (reply.state.clone(), to.to_owned());
        let is_sign_up = form.purpose() == crate::form::Purpose::Newsletter;
        let accepted = is_sign_up && to == newsletter::HELD_STATES[1];
        if accepted && self.keys.is_none() {
            return Err(InboxError::NoKeys);
        }
        let (by, note) = (typed(by, false), typed(note, true));
        let at = self.clock.checked().map_err(StoreError::from)?;
        let step = Move { at, from, to, by, note };
        let moved = match self.store.move_reply(&reply.form, &reply.id, &step).await? {
            Moved::Done(reply) => reply,
            Moved::Other(reply) => return Err(InboxError::Moved(Box::new(reply))),
            Moved::Missing => return Err(InboxError::UnknownReference),
        };
        if accepted {
            self.sign_up(&form, &moved).await?;
        }
        Ok(moved)
    }

    async fn sign_up(&self, form: &Form, reply: &Reply) -> Result<(), InboxError> {
        let Some(Contact::Email(email)) = reply.submission.contact(form) else {
            return Ok(());
        };
        let keys = self.keys.as_ref().ok_or(InboxError::NoKeys)?;
        let person = keys.person(form.name(), &email);
        for _ in 0..TRIES {
            let known = self.store.person(form.name(), &person).await?;
            let step = self.step(form, &person, "form", reply.page.clone());
            let change = newsletter::ask(&step, email.clone(), known);
            if self.store.save_person(&change).await? {
                return Ok(());
            }
        }
        Err(StoreError("a person changed at each of several tries".to_owned()).into())
    }

    fn step<'a>(
        &self,
        form: &'a Form,
        person: &'a str,
        method: &'a str,
        page: Option<String>,
    ) -> Step<'a> {
        Step { form, person, method, page, now: self.clock.now() }
    }

    /// What the store has of a person, by their email address or telephone number.
    ///
    /// # Errors
    /// The store does not answer; there are no keys.
    pub async fn of_person(&self, name: &str, contact: &str) -> Result<Vec<Reply>, InboxError> {
        match self.hash(name, contact)? {
            Some(hash) => Ok(self.store.replies_of(name, &hash).await?),
            None => Ok(Vec::new()),
        }
    }

    /// Erases a person from a form: their replies, and of a subscription all but the hash, so
    /// that nothing is sent again. Gives how many records there were.
    ///
    /// # Errors
    /// The store does not answer; no such form; there are no keys.
    pub async fn erase(&self, name: &str, contact: &str) -> Result<u32, InboxError> {
        self.clock.checked().map_err(StoreError::from)?;
        let form = self.form(name).await?;
        let Some(hash) = self.hash(name, contact)? else {
            return Ok(0);
        };
        let mut gone = self.store.erase_replies(name, &hash).await?;
        for _ in 0..TRIES {
            let Some(known) = self.store.person(name, &hash).await? else {
                return Ok(gone);
            };
            let step = self.step(&form, &hash, "team", None);
            let Some(change) = newsletter::erase(&step, &known) else {
                return Ok(gone);
            };
            if self.store.save_person(&change).await? {
                gone += 1;
                return Ok(gone);
            }
        }
        Err(StoreError("a person changed at each of several tries".to_owned()).into())
    }

    /// A person's hash: of their address or number, or as it stands, where an erasure was noted by it.
    fn hash(&self, name: &str, contact: &str) -> Result<Option<String>, InboxError> {
        if contact.len() == 64 && contact.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Some(contact.to_owned()));
        }
        let keys = self.keys.as_ref().ok_or(InboxError::NoKeys)?;
        let contact = match contact.contains('@') {
            true => Some(normal_email(contact)),
            false => phone_digits(contact),
        };
        Ok(contact.map(|contact| keys.person(name, &contact)))
    }
}
