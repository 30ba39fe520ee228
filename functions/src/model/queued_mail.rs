//! Mail that waits to be sent.

use crate::clock::Millis;
use serde::{Deserialize, Serialize};

/// A queued mail. It is composed when it is sent, so nothing personal is stored here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// A ULID.
    pub id: String,
    /// The form's name.
    pub form: String,
    /// Which mail.
    pub letter: Letter,
    /// The id of the reply, or the hash of the subscriber, that it is about; empty for a summary, which is
    /// about many.
    pub about: String,
    /// When to try it next. While it is leased, this is when the lease ends.
    pub due: Millis,
    /// How many attempts were started.
    pub tries: u32,
    /// Whether it was given up.
    pub failed: bool,
    /// Which mails go first.
    #[serde(default)]
    pub priority: Priority,
}

impl Owed {
    /// Takes back the attempt that its lease counted, and puts it off until `due`.
    pub(crate) fn postponed(self, due: Millis) -> Owed {
        Owed { due, tries: self.tries.saturating_sub(1), ..self }
    }
}

/// Which mails go first when an hour has more of them than may be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Caused by a visitor who sends little.
    #[default]
    Normal,
    /// Caused from a network that sends much.
    Low,
}

/// The kinds of mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Letter {
    /// Notifies the team of a reply.
    Notice,
    /// Lists all replies to a form that were held in an hour, for the team.
    HeldSummary,
    /// Tells the resident that their reply has arrived.
    Acknowledgement,
    /// Asks a subscriber to confirm.
    Confirmation,
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

    /// A description for the team.
    pub fn words(self) -> &'static str {
        match self {
            Letter::Notice => "a notice to the team",
            Letter::HeldSummary => "a summary of held replies to the team",
            Letter::Acknowledgement => "an acknowledgement to a resident",
            Letter::Confirmation => "a mail that asks a subscriber to confirm",
        }
    }
}

/// The outcome of an attempt to send a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It was sent, and leaves the queue.
    Sent,
    /// It failed, and is to be tried again at this time.
    Again(Millis),
    /// It was not tried, and is to be tried at this time. The attempt that its lease counted is taken back.
    Waiting(Millis),
    /// It is given up, but kept for the team.
    Failed,
}
