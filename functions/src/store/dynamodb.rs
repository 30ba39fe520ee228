//! A store in one table of DynamoDB. Uses the network.
//!
//! Keys begin with the form's name, so that a function can be granted access to its own forms alone. Changes of
//! several items are transactions. Nothing but an upgrade scans the table. `docs/data.md` lists all items and
//! indexes.

mod connect;
mod counters;
mod definitions;
mod due;
mod error;
mod item;
mod mail_queue;
mod replies;
mod reply_lists;
mod subscribers;
mod table;
mod transaction;
mod upgrade;

use super::{Store, StoreResult};
use crate::clock::Millis;
use aws_sdk_dynamodb::Client;
pub use connect::{connect, connect_checked, connect_for_commands, create_table};
pub use error::DynamoDbError;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
pub use upgrade::Upgraded;

/// A store in one table.
#[derive(Clone)]
pub struct DynamoDb {
    client: Client,
    table: String,
    /// What this process has written and need not write again.
    noted: Arc<Mutex<BTreeSet<String>>>,
}

impl DynamoDb {
    /// A store in a table, by a client that is set up already.
    pub fn new(client: Client, table: impl Into<String>) -> DynamoDb {
        DynamoDb { client, table: table.into(), noted: Arc::default() }
    }

    /// Whether [`DynamoDb::note`] was called with this name.
    fn is_noted(&self, name: &str) -> bool {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    /// Notes that something is written, and need not be written again by this process.
    fn note(&self, name: String) {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
    }
}

impl Store for DynamoDb {
    async fn delete_expired(&self, _now: Millis) -> StoreResult<bool> {
        // The table's time to live does this.
        Ok(false)
    }
}
