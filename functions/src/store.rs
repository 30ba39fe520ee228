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

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the next page; `None` on the last one.
    pub next: Option<String>,
}

/// The contract. Every change is atomic, even if a call fails halfway, and a failed call can be repeated.
pub trait Store: Definitions + Replies + Subscribers + MailQueue + Counters {
    /// Processes a reading of the clock. Returns the trusted time: records that expired before it can be deleted. It is
    /// earlier than `now` if the clock may be wrong. A store whose provider keeps the time, such as AWS, trusts it.
    fn trusted_time(&self, now: Millis) -> impl Future<Output = StoreResult<Millis>> + Send {
        async move { Ok(now) }
    }

    /// Deletes expired records. Returns whether any personal data was deleted since the last call, for whatever reason,
    /// so that copies of it can be deleted too. A store whose provider deletes expired records does nothing, and
    /// returns false.
    fn delete_expired(&self, now: Millis) -> impl Future<Output = StoreResult<bool>> + Send;
}

/// A value as JSON, in which both stores keep it.
#[cfg(any(feature = "sqlite", feature = "dynamodb"))]
fn to_text<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("stored types serialize to JSON")
}

#[cfg(any(feature = "sqlite", feature = "dynamodb"))]
fn from_text<T: serde::de::DeserializeOwned>(text: &str) -> StoreResult<T> {
    // The error's message would quote the record.
    let unreadable = |error: serde_json::Error| format!("{:?}", error.classify());
    serde_json::from_str(text).map_err(|error| StoreError::Unreadable(unreadable(error)))
}
