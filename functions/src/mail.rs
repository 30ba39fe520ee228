//! Sends mail: one contract, several mailers.

pub mod feedback;
pub mod file;
#[cfg(feature = "ses")]
mod freemail;
pub mod from_env;
mod mime;
pub mod none;
pub mod queue;
mod rate_limit;
#[cfg(feature = "ses")]
pub mod ses;
#[cfg(feature = "smtp")]
pub mod smtp;
pub(crate) mod templates;

use crate::clock::Millis;
use crate::store::{Store, Stored};
use std::future::Future;

/// One mail, whole. Nothing in it holds a line end that could begin another header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The `Message-ID`, without its brackets. The same for each try, so that a mail that arrives
    /// twice can be known.
    pub id: String,
    /// When it was written.
    pub date: Millis,
    /// The sender: an address, or a name and an address in brackets.
    pub from: String,
    /// The language it is written in.
    pub language: String,
    /// The receiver's address.
    pub to: String,
    /// Where an answer goes.
    pub reply_to: Option<String>,
    /// The subject.
    pub subject: String,
    /// Where one click unsubscribes (RFC 8058).
    pub unsubscribe: Option<String>,
    /// What it says.
    pub parts: Vec<Part>,
    /// Whose address or words are in it. None of it is sent.
    pub about: Vec<About>,
}

/// The stored record that a mail is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A reply.
    Reply {
        /// The form's name.
        form: String,
        /// The reply's id.
        id: String,
    },
    /// A subscriber.
    Subscriber {
        /// The form's name.
        form: String,
        /// The hash of their address.
        hash: String,
    },
}

/// A part of what a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A paragraph; its line ends are kept.
    Text(String),
    /// Words that lead to an address.
    Link(String, String),
}

/// The mail was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailError {
    /// For the log; it holds nothing personal.
    pub message: String,
    /// True where another try is of no use.
    pub permanent: bool,
}

impl std::fmt::Display for MailError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for MailError {}

/// The contract: when it gives `Ok`, somebody else has taken the mail on.
pub trait Mailer: Send + Sync {
    /// Sends one mail.
    fn send(&self, mail: &Mail) -> impl Future<Output = Result<(), MailError>> + Send;

    /// Removes what this mailer has kept of mails about people whom the store has no more. Most
    /// mailers keep nothing.
    fn prune<S: Store>(&self, _store: &S) -> impl Future<Output = Stored<()>> + Send {
        async { Ok(()) }
    }
}

/// The address of `Name <address>`, or the whole where there are no brackets.
pub(crate) fn bare_address(text: &str) -> &str {
    match text.rsplit_once('<') {
        Some((_, address)) => address.trim_end_matches('>').trim(),
        None => text.trim(),
    }
}
