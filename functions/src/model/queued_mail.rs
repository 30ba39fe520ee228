//! Mail that waits to be sent.

use crate::clock::Millis;
use serde::{Deserialize, Serialize};

/// A queued mail. It is composed when it is sent, so nothing personal is stored here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedMail {
    /// A ULID.
    pub id: String,
    /// The form's name.
    pub form: String,
    /// Which mail.
    #[serde(rename = "letter")]
    pub kind: MailKind,
    /// The id of the reply, or the hash of the subscriber, that it is about; empty for a summary, which is
    /// about many. For an answer, `#` and the number of the change that it was sent with follow.
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

impl QueuedMail {
    /// Takes back the attempt that its lease counted, and puts it off until `due`.
    pub(crate) fn postponed(self, due: Millis) -> QueuedMail {
        QueuedMail { due, tries: self.tries.saturating_sub(1), ..self }
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
pub enum MailKind {
    /// Notifies the team of a reply.
    Notice,
    /// Lists all replies to a form that were held in an hour, for the team.
    HeldSummary,
    /// Tells the resident that their reply has arrived.
    Acknowledgement,
    /// Asks a subscriber to confirm.
    Confirmation,
    /// A member's answer to a reply.
    Answer,
}

impl MailKind {
    /// The word in the log.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            MailKind::Notice => "notice",
            MailKind::HeldSummary => "held-summary",
            MailKind::Acknowledgement => "acknowledgement",
            MailKind::Confirmation => "confirmation",
            MailKind::Answer => "answer",
        }
    }

    /// A description for the team.
    pub fn description(self) -> &'static str {
        match self {
            MailKind::Notice => "a notice to the team",
            MailKind::HeldSummary => "a summary of held replies to the team",
            MailKind::Acknowledgement => "an acknowledgement to a resident",
            MailKind::Confirmation => "a mail that asks a subscriber to confirm",
            MailKind::Answer => "an answer to a resident",
        }
    }
}

/// The outcome of an attempt to send a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// It was sent, and leaves the queue.
    Sent,
    /// It failed, and is to be tried again at this time.
    Again(Millis),
    /// It was not tried, and is to be tried at this time. The attempt that its lease counted is taken back.
    Waiting(Millis),
    /// It is given up, but kept for the team.
    Failed,
}
