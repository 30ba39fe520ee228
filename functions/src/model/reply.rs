//! Replies to forms.

use super::{QueuedMail, ReplyState};
use crate::clock::Millis;
use crate::submission::Submission;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One reply to a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredReply {
    /// A ULID.
    pub id: String,
    /// The form's name.
    pub form: String,
    /// What the resident can quote on the telephone; unique within the form.
    pub reference: String,
    /// The digest of the definition that the resident saw.
    pub definition: String,
    /// The path of the page it was sent from, if the browser sent it.
    pub page: Option<String>,
    /// The language of that page, if it is not the form's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// When it was received.
    pub received: Millis,
    /// When the team must have answered.
    pub due: Millis,
    /// Its current state.
    pub state: ReplyState,
    /// Why the team should look at it first.
    pub held: Option<String>,
    /// The keyed hash of the first contact that the person gave.
    pub person: Option<String>,
    /// The keyed hash of every contact: each finds this reply. Empty in replies of version 0.1, which are found
    /// by `person` alone until they are upgraded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// The keyed hashes of the mailboxes that the email addresses among these reach, if they differ. They find the
    /// reply too, as one from another address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mailboxes: Vec<String>,
    /// The terms by which the team's search finds it over all forms. Empty in replies of earlier
    /// versions until they are upgraded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub search: Vec<String>,
    /// The reference of an earlier reply with the same answers but for the contacts: probably the same person
    /// sent it again with a digit corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<String>,
    /// The answers.
    pub submission: Submission,
    /// Each change of its state, oldest first.
    pub history: Vec<StateChange>,
    /// When it is deleted.
    pub expires: Millis,
}

impl StoredReply {
    /// Whether this is the hash of one of the person's contacts. The hash of a mailbox is not: a mailbox has
    /// many addresses.
    pub fn is_from(&self, hash: &str) -> bool {
        self.contacts.iter().chain(&self.person).any(|known| known == hash)
    }

    /// Every hash that finds this reply.
    pub(crate) fn found_by(&self) -> BTreeSet<&str> {
        self.contacts
            .iter()
            .chain(&self.mailboxes)
            .chain(&self.person)
            .map(String::as_str)
            .collect()
    }

    /// The reply as it was after this many changes; `None` if there were fewer.
    pub(crate) fn as_of(&self, changes: usize) -> Option<StoredReply> {
        let mut earlier = self.clone();
        if let Some(next) = self.history.get(changes) {
            earlier.state.clone_from(&next.from);
        }
        earlier.history.truncate(changes);
        (earlier.history.len() == changes).then_some(earlier)
    }

    /// Whether its state and history are still as in `before`.
    pub(crate) fn is_unchanged_since(&self, before: &StoredReply) -> bool {
        self.state == before.state && self.history == before.history
    }

    /// The reply after one more change of its state.
    pub(crate) fn after(mut self, step: StateChange) -> StoredReply {
        self.state = step.to;
        self.history.push(step);
        self
    }
}

/// One change of a reply's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateChange {
    /// When.
    pub at: Millis,
    /// The state before.
    pub from: ReplyState,
    /// The state after.
    pub to: ReplyState,
    /// Who made the change.
    pub by: Option<String>,
    /// Their note.
    pub note: Option<String>,
    /// The text that was sent to the person by email with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Who had claimed the reply, if it was taken over from someone else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_over_from: Option<String>,
}

/// The result of changing a reply's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateChangeOutcome {
    /// It was changed; this is the reply now.
    Changed(StoredReply),
    /// Someone else had changed it already; this is the reply as stored.
    Conflict(StoredReply),
    /// There is no such reply.
    Missing,
}

/// A reply to record, with the mails to queue in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReply {
    /// The reply.
    pub reply: StoredReply,
    /// A keyed digest of form and answers. Until [`NewReply::dedup_until`], a reply with the same digest is a
    /// repetition.
    pub dedup_hash: String,
    /// A keyed digest of form and answers without the contacts. An earlier reply with the same digest is noted
    /// in [`StoredReply::corrects`].
    pub correction_hash: Option<String>,
    /// How long a repetition and a correction are recognised.
    pub dedup_until: Millis,
    /// The mails to queue.
    pub mails: Vec<QueuedMail>,
    /// If the reply is held: the summary that reports it to the team. It may be queued already, because one
    /// summary reports many replies.
    pub summary: Option<QueuedMail>,
}

/// The result of recording a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is stored.
    New,
    /// The same answers are stored already, under this reference. Nothing was stored now.
    Same(String),
    /// Its reference belongs to another reply. Nothing was stored.
    ReferenceTaken,
}
