//! Stores replies, subscribers and queued mail: one contract, two stores, one suite of tests over both
//! (`tests/store/`).

mod counters;
mod definitions;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
mod error;
mod mail_queue;
mod replies;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod subscribers;

use crate::clock::Millis;
pub use counters::Counters;
pub use definitions::{Definitions, KnownForm, Published};
pub use error::{StoreError, StoreResult};
pub use mail_queue::MailQueue;
pub use replies::Replies;
use std::future::Future;
pub use subscribers::Subscribers;

/// A part of a list, and where the next part begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to ask for the next part with; `None` at the end.
    pub next: Option<String>,
}

/// The contract. Every change is whole or not there at all, also when a call fails half-way;
/// a call that failed may be made again.
pub trait Store: Definitions + Replies + Subscribers + MailQueue + Counters {
    /// Takes in what the clock says. Gives the time by which something must have been due to be removed:
    /// an earlier one where the clock may be wrong. A store whose provider keeps the time, as AWS does for
    /// its functions and its table, believes it.
    fn trusted_time(&self, now: Millis) -> impl Future<Output = StoreResult<Millis>> + Send {
        async move { Ok(now) }
    }

    /// Removes what has expired. Gives whether anything of a person has gone from the store since this
    /// was last called, for whichever reason: copies of it elsewhere are to go then too. A store whose
    /// provider removes what has expired does nothing, and gives false.
    fn delete_expired(&self, now: Millis) -> impl Future<Output = StoreResult<bool>> + Send;
}

/// A value as the text that both stores keep.
#[cfg(any(feature = "sqlite", feature = "dynamodb"))]
fn to_text<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("what is stored holds only text, numbers and lists")
}

#[cfg(any(feature = "sqlite", feature = "dynamodb"))]
fn from_text<T: serde::de::DeserializeOwned>(text: &str) -> StoreResult<T> {
    // Not the error's message, which would quote what is stored.
    let unreadable = |error: serde_json::Error| format!("{:?}", error.classify());
    serde_json::from_str(text).map_err(|error| StoreError::Unreadable(unreadable(error)))
}
