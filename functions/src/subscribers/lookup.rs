//! Finds subscribers, also those stored by an earlier version under another hash.

use crate::hashes::Hashes;
use crate::model::{Mailbox, Subscriber, SubscriberMove, SubscriptionState};
use crate::optimistic::{MAX_ATTEMPTS, changed_too_often};
use crate::store::{Store, StoreResult};

/// What the store has about a subscriber and their mailbox.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The subscriber.
    pub(crate) person: Option<Subscriber>,
    /// The record of their mailbox, if requested.
    pub(crate) mailbox: Option<Mailbox>,
    /// Whether they, or the owner of their mailbox, reported a mail of this form as unwanted. An earlier version
    /// recorded that with the one subscriber only.
    pub(crate) complained: bool,
}

/// Reads a subscriber, and the record of a mailbox. A subscriber stored under an earlier hash is moved to the current
/// one first, so that further changes are written to one record.
pub(crate) async fn look_up<S: Store>(
    store: &S,
    form: &str,
    hashes: &Hashes,
    mailbox: Option<&str>,
) -> StoreResult<Known> {
    let mut wanted = hashes.of_person();
    wanted.extend(hashes.mailbox_owner.iter().cloned());
    for _ in 0..MAX_ATTEMPTS {
        let (found, mailbox) = store.look_up(form, &wanted, mailbox).await?;
        let complained = found.iter().any(|person| person.state == SubscriptionState::Complained);
        let there = found.iter().find(|person| person.hash == hashes.person);
        let Some(earlier) = found.iter().find(|person| hashes.earlier.contains(&person.hash))
        else {
            return Ok(Known { person: there.cloned(), mailbox, complained });
        };
        // If another change was faster, they are read again.
        store
            .move_subscriber(&SubscriberMove::new(earlier.clone(), hashes, there.cloned()))
            .await?;
    }
    Err(changed_too_often())
}

/// All subscribers whose addresses reach the same mailbox, including this one.
pub(crate) async fn of_mailbox<S: Store>(
    store: &S,
    form: &str,
    hashes: &Hashes,
) -> StoreResult<Vec<Subscriber>> {
    let known = look_up(store, form, hashes, None).await?.person;
    let mut people = store.subscribers_of_mailbox(form, hashes.of_mailbox()).await?;
    // A subscriber without an address has no mailbox.
    people.extend(known.filter(|known| people.iter().all(|person| person.hash != known.hash)));
    Ok(people)
}
