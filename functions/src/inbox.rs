//! The team's work with replies and subscribers: listing, moving, exporting and erasing them.

mod export;
mod lists;
mod moves;
mod person;
mod wordings;

use crate::clock::{Clock, date_and_time_words};
use crate::form::{Form, Purpose};
use crate::model::workflow;
use crate::model::{
    ConsentMethod, QueuedMail, SendOutcome, StoredReply, Subscriber, SubscriptionState, claim_of,
};
use crate::optimistic::{MAX_ATTEMPTS, changed_too_often};
use crate::secret_keys::SecretKeys;
use crate::store::{KnownForm, Store, StoreError, StoreResult};
use crate::subscribers;
use crate::subscribers::subscription::{self, Address, Step};
pub use export::{csv, json, people_csv, people_json};
pub use lists::{ReplyFilter, SearchResults};
pub use moves::MoveOptions;
pub use person::{Related, Relation};
use std::collections::BTreeMap;
pub use wordings::{Answered, Wordings};

/// How many records are read from the store at once.
const PAGE_SIZE: u32 = 200;

/// The team's access to a store.
pub struct Inbox<S> {
    store: S,
    keys: Option<SecretKeys>,
    clock: Clock,
}

/// The replies and subscribers of one form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The replies, in each state the earliest due first.
    pub replies: Vec<StoredReply>,
    /// The subscribers, in each state ordered by the time of their last change.
    pub people: Vec<Subscriber>,
}

/// The record with a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Referenced {
    /// A reply.
    Reply(Box<StoredReply>),
    /// A subscriber.
    Subscriber(Box<Subscriber>),
}

/// Why an operation failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InboxError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The form has no such state; these are its states.
    #[error("the form has no such state; it has {}", .0.join(", "))]
    UnknownState(Vec<&'static str>),
    /// There is no such form in the store.
    #[error("the store has no form `{0}`")]
    UnknownForm(String),
    /// No reply has this reference.
    #[error("no reply has this reference")]
    UnknownReference,
    /// Someone moved it first. Holds the current reply.
    #[error("{} has already moved it to `{}`", last_mover(.0), .0.state)]
    Moved(Box<StoredReply>),
    /// Another person has claimed it. Holds the current reply.
    #[error("{}", claimed(.0))]
    Claimed(Box<StoredReply>),
    /// A name is required to claim a reply, or to move one that is claimed.
    #[error("a name is needed to claim a reply, or to move one that is claimed")]
    NoName,
    /// The site's keys are required to find a person, and none were given.
    #[error("the site's keys are needed to find a person, and are not set")]
    NoKeys,
    /// The person gave no email address.
    #[error("this person gave no email address")]
    NoAddress,
    /// The person reported an email as unwanted.
    #[error("this person reported one of our emails as unwanted, so nothing is sent to them")]
    Suppressed,
}

fn last_mover(reply: &StoredReply) -> &str {
    reply.history.last().and_then(|step| step.by.as_deref()).unwrap_or("someone else")
}

fn claimed(reply: &StoredReply) -> String {
    match claim_of(reply) {
        Some(claim) => {
            let since = date_and_time_words(claim.since);
            format!("{} has claimed {} since {since}", claim.by, reply.reference)
        }
        None => format!("someone else has claimed {}", reply.reference),
    }
}

impl<S: Store> Inbox<S> {
    /// The inbox of a store. Without the site's keys, operations on a person fail.
    pub fn new(store: S, keys: Option<SecretKeys>, clock: Clock) -> Inbox<S> {
        Inbox { store, keys, clock }
    }

    /// Every form that was ever published, including withdrawn ones.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn forms(&self) -> StoreResult<Vec<KnownForm>> {
        self.store.forms().await
    }

    /// The form's current definition, or the last one if it was withdrawn.
    ///
    /// # Errors
    /// The store does not answer, or has no such form.
    pub async fn form(&self, name: &str) -> Result<Form, InboxError> {
        let current = self.store.current(name).await?;
        let unknown = || InboxError::UnknownForm(name.to_owned());
        current.map(|current| current.definition.form).ok_or_else(unknown)
    }

    /// The definitions that these replies of one form answered.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn wordings(&self, name: &str, replies: &[StoredReply]) -> StoreResult<Wordings> {
        let current = self.store.current(name).await?.map(|current| current.definition.form);
        let mut own = BTreeMap::new();
        for StoredReply { definition: digest, .. } in replies {
            if own.contains_key(digest) {
                continue;
            }
            if let Some(definition) = self.store.definition(name, Some(digest)).await? {
                own.insert(digest.clone(), definition.form);
            }
        }
        Ok(Wordings { current, own })
    }

    /// The definitions that these replies to any forms answered, by the names of the forms.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn wordings_by_form(
        &self,
        replies: &[StoredReply],
    ) -> StoreResult<BTreeMap<String, Wordings>> {
        let mut by_form: BTreeMap<&str, Vec<StoredReply>> = BTreeMap::new();
        for reply in replies {
            by_form.entry(&reply.form).or_default().push(reply.clone());
        }
        let mut wordings = BTreeMap::new();
        for (form, replies) in by_form {
            wordings.insert(form.to_owned(), self.wordings(form, &replies).await?);
        }
        Ok(wordings)
    }

    /// Every reply and every subscriber of a form in one state, or in all of them.
    ///
    /// # Errors
    /// The store does not answer; no such form; a state that the form does not have, and in which
    /// it has no replies from an earlier purpose.
    pub async fn contents(&self, name: &str, state: Option<&str>) -> Result<Contents, InboxError> {
        let purpose = self.form(name).await?.purpose();
        let (replies, people) =
            (self.replies(name, purpose, state).await?, self.subscribers(name, state).await?);
        let own: Vec<&str> = match purpose {
            Purpose::Newsletter => subscription::STATES.to_vec(),
            _ => workflow::states(purpose).iter().map(|state| state.as_str()).collect(),
        };
        match state {
            Some(state) if replies.is_empty() && people.is_empty() && !own.contains(&state) => {
                Err(InboxError::UnknownState(own))
            }
            _ => Ok(Contents { replies, people }),
        }
    }

    /// A form's replies in one state, or in all states that replies can have.
    async fn replies(
        &self,
        name: &str,
        purpose: Purpose,
        state: Option<&str>,
    ) -> StoreResult<Vec<StoredReply>> {
        let mut replies = Vec::new();
        let states = workflow::every_state(purpose).into_iter();
        for known in states.filter(|known| state.is_none_or(|state| state == known.as_str())) {
            let mut after = None;
            loop {
                let part = self.store.queue(name, known, after.as_deref(), PAGE_SIZE).await?;
                replies.extend(part.items);
                after = part.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(replies)
    }

    /// A form's subscribers in one state, or in all of them, in each ordered by the time of their last change. An unknown
    /// state has none.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn subscribers(
        &self,
        name: &str,
        state: Option<&str>,
    ) -> Result<Vec<Subscriber>, InboxError> {
        let mut people = Vec::new();
        for known in SubscriptionState::ALL {
            if state.is_some_and(|state| state != known.as_str()) {
                continue;
            }
            let mut after = None;
            loop {
                let part = self.store.subscribers(name, known, after.as_deref(), PAGE_SIZE).await?;
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
    pub async fn failed_mails(&self) -> StoreResult<Vec<QueuedMail>> {
        self.store.failed(PAGE_SIZE).await
    }

    /// Queues a mail that was given up again, with no attempts made.
    ///
    /// # Errors
    /// The store does not answer, or the clock is wrong.
    pub async fn resend(&self, queued: &QueuedMail) -> StoreResult<()> {
        let queued = QueuedMail { tries: 0, failed: false, ..queued.clone() };
        self.store.record_outcome(&queued, SendOutcome::Again(self.clock.checked()?)).await
    }

    /// The record with a reference.
    ///
    /// # Errors
    /// The store does not answer; no such reference.
    pub async fn find(&self, name: &str, reference: &str) -> Result<Referenced, InboxError> {
        let reference =
            crate::id::parse_reference(reference).ok_or(InboxError::UnknownReference)?;
        if let Some(reply) = self.store.by_reference(name, &reference).await? {
            return Ok(Referenced::Reply(Box::new(reply)));
        }
        let person = self.store.subscriber_by_reference(name, &reference).await?;
        person
            .map(|person| Referenced::Subscriber(Box::new(person)))
            .ok_or(InboxError::UnknownReference)
    }

    /// The reply with this id.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn reply(&self, form: &str, id: &str) -> StoreResult<Option<StoredReply>> {
        self.store.reply(form, id).await
    }

    async fn sign_up(&self, form: &Form, reply: &StoredReply) -> Result<(), InboxError> {
        let Some(email) = reply.submission.email(form) else {
            return Ok(());
        };
        let keys = self.keys.as_ref().ok_or(InboxError::NoKeys)?;
        let address = Address::new(keys, form, email);
        let (hashes, mailbox) = (&address.hashes, Some(address.mailbox.as_str()));
        for _ in 0..MAX_ATTEMPTS {
            let known = subscribers::look_up(&self.store, form.name(), hashes, mailbox).await?;
            let step = self.step(form, ConsentMethod::Form, reply.page.clone());
            let change = subscription::subscribe(&step, &address, known);
            if self.store.save_subscriber(&change).await? {
                return Ok(());
            }
        }
        Err(changed_too_often().into())
    }

    fn step<'a>(&self, form: &'a Form, method: ConsentMethod, page: Option<String>) -> Step<'a> {
        Step { form, method, page, now: self.clock.now() }
    }
}
