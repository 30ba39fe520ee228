//! Changes a record that others may change at the same time: reads it, decides, and writes only if its version is
//! still the one that was read.

use crate::deadline::Deadline;
use crate::model::{Mailbox, SubscriberChange};
use crate::store::{Store, StoreError, StoreResult};
use std::future::Future;

/// How often a change is attempted while others change the same record.
pub(crate) const MAX_ATTEMPTS: u32 = 5;

/// A change to a record with a version.
pub(crate) trait Change: Send + Sync {
    /// Writes the change; false if the record has another version by now.
    fn save(&self, store: &impl Store) -> impl Future<Output = StoreResult<bool>> + Send;
}

impl Change for SubscriberChange {
    async fn save(&self, store: &impl Store) -> StoreResult<bool> {
        store.save_subscriber(self).await
    }
}

impl Change for Mailbox {
    async fn save(&self, store: &impl Store) -> StoreResult<bool> {
        store.save_mailbox(self).await
    }
}

/// What to do with a record that was read.
pub(crate) enum Decision<C, T> {
    /// Write this change; once written, the update returns the value.
    Save(Box<C>, T),
    /// Write nothing, and return the value.
    Keep(T),
}

/// Why an update did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpdateError {
    /// Others changed the record during every attempt.
    #[error("a record changed during each of several attempts")]
    Conflict,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<UpdateError> for StoreError {
    fn from(error: UpdateError) -> StoreError {
        match error {
            UpdateError::Conflict => changed_too_often(),
            UpdateError::Store(error) => error,
        }
    }
}

/// A record was changed by others during every attempt.
pub(crate) fn changed_too_often() -> StoreError {
    StoreError::Conflict
}

/// Reads a record, decides, and writes the decision, until no one else changed the record in between.
pub(crate) async fn update<S, L, F, C, T>(
    store: &S,
    deadline: &mut Deadline,
    mut load: impl FnMut() -> F + Send,
    mut decide: impl FnMut(L) -> Decision<C, T> + Send,
) -> Result<T, UpdateError>
where
    S: Store,
    L: Send,
    F: Future<Output = StoreResult<L>> + Send,
    C: Change,
    T: Send,
{
    for _ in 0..MAX_ATTEMPTS {
        let loaded = match deadline.call(load()).await {
            Ok(loaded) => loaded,
            Err(error) if deadline.allow_retry(&error) => continue,
            Err(error) => return Err(UpdateError::Store(error)),
        };
        let (change, value) = match decide(loaded) {
            Decision::Save(change, value) => (change, value),
            Decision::Keep(value) => return Ok(value),
        };
        match deadline.call(change.save(store)).await {
            Ok(true) => return Ok(value),
            Ok(false) => {}
            Err(error) if deadline.allow_retry(&error) => {}
            Err(error) => return Err(UpdateError::Store(error)),
        }
    }
    Err(UpdateError::Conflict)
}
