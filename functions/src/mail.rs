//! Mail: what is sent, and the transports that send it.

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
use crate::store::{Store, StoreResult};
use std::future::Future;

/// A mail. Line ends in its fields cannot add headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The `Message-ID` without its brackets. Every attempt has the same one, so that duplicates can be recognised.
    pub id: String,
    /// When it was written.
    pub date: Millis,
    /// The sender: `address` or `Name <address>`.
    pub from: String,
    /// Its language.
    pub language: String,
    /// The recipient's address.
    pub to: String,
    /// The address that replies go to.
    pub reply_to: Option<String>,
    /// The subject.
    pub subject: String,
    /// The URL for one-click unsubscription (RFC 8058).
    pub unsubscribe: Option<String>,
    /// Its body.
    pub parts: Vec<Part>,
    /// The stored records whose contents are in it. Not sent.
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

/// A part of a mail's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A paragraph, with its line ends.
    Text(String),
    /// A link: its text and its URL.
    Link(String, String),
}

/// The mail was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MailError {
    /// For the log, without personal data.
    pub message: String,
    /// Whether another attempt cannot succeed.
    pub permanent: bool,
}

/// A transport for mail. Once it returns `Ok`, another system has accepted the mail.
pub trait Mailer: Send + Sync {
    /// Sends one mail.
    fn send(&self, mail: &Mail) -> impl Future<Output = Result<(), MailError>> + Send;

    /// Deletes copies of mails about people whose records are deleted. Most mailers keep no copies.
    fn prune<S: Store>(&self, _store: &S) -> impl Future<Output = StoreResult<()>> + Send {
        async { Ok(()) }
    }
}

/// The address in `Name <address>`, or the text itself if it has no brackets.
pub(crate) fn bare_address(text: &str) -> &str {
    match text.rsplit_once('<') {
        Some((_, address)) => address.trim_end_matches('>').trim(),
        None => text.trim(),
    }
}
