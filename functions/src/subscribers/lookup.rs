//! Finds a subscriber in a store, also one whom an earlier version stored under another hash.

use crate::hashes::Hashes;
use crate::optimistic::{MAX_ATTEMPTS, changed_too_often};
use crate::store::{Mailbox, Person, PersonMove, Store, Stored, Subscription};

/// What a store knows of a subscriber and of their mailbox.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The subscriber.
    pub(crate) person: Option<Person>,
    /// The record of their mailbox, where it was asked for.
    pub(crate) mailbox: Option<Mailbox>,
    /// Whether they, or the owner of their mailbox, called a mail of this form unwanted. An earlier
    /// version noted that with the one subscriber alone.
    pub(crate) complained: bool,
}

/// Looks a subscriber up, and the record of a mailbox. One who is stored under an earlier hash is moved
/// to that of today first, so that whatever is written next is written to the one record.
pub(crate) async fn look_up<S: Store>(
    store: &S,
    form: &str,
    hashes: &Hashes,
    mailbox: Option<&str>,
) -> Stored<Known> {
    let mut wanted = hashes.of_person();
    wanted.extend(hashes.mailbox_owner.iter().cloned());
    for _ in 0..MAX_ATTEMPTS {
        let (found, mailbox) = store.look_up(form, &wanted, mailbox).await?;
        let complained = found.iter().any(|person| person.state == Subscription::Complained);
        let there = found.iter().find(|person| person.hash == hashes.person);
        let Some(earlier) = found.iter().find(|person| hashes.earlier.contains(&person.hash))
        else {
            return Ok(Known { person: there.cloned(), mailbox, complained });
        };
        // Where somebody else changed them meanwhile, they are looked up anew.
        store.move_person(&PersonMove::new(earlier.clone(), hashes, there.cloned())).await?;
    }
    Err(changed_too_often())
}

/// Everybody whose address reaches the same mailbox, the subscriber themselves included.
pub(crate) async fn of_mailbox<S: Store>(
    store: &S,
    form: &str,
    hashes: &Hashes,
) -> Stored<Vec<Person>> {
    let known = look_up(store, form, hashes, None).await?.person;
    let mut people = store.people_of_mailbox(form, hashes.of_mailbox()).await?;
    // Of somebody whose address is gone, no mailbox is known.
    people.extend(known.filter(|known| people.iter().all(|person| person.hash != known.hash)));
    Ok(people)
}
