//! Subscribers and mailboxes.

use crate::common::person_change;
use daisychain_functions::model::{CONFIRM_WITHIN, Mailbox, SubscriberMove, SubscriptionState};
use daisychain_functions::store::Store;

crate::contract!(
    a_subscriber_changes_under_a_condition,
    subscribers_are_listed_by_state,
    sign_ups_that_lapse_are_listed,
    a_subscriber_is_found_by_their_mailbox_while_an_address_is_kept,
    a_subscriber_is_moved_and_still_found,
    a_mailbox_changes_under_a_condition,
    a_subscriber_and_their_mailbox_change_together,
);

async fn a_subscriber_changes_under_a_condition(store: impl Store) {
    let change = person_change("rose", None, SubscriptionState::Pending);
    assert!(store.save_subscriber(&change).await.unwrap());
    // The subscriber is expected not to exist, but does now.
    let again = person_change("rose", None, SubscriptionState::Pending);
    assert!(!store.save_subscriber(&again).await.unwrap());
    let confirmed = person_change("rose", Some(1), SubscriptionState::Active);
    let twice = person_change("rose", Some(1), SubscriptionState::Unsubscribed);
    assert!(store.save_subscriber(&confirmed).await.unwrap());
    assert!(!store.save_subscriber(&twice).await.unwrap());
    let person = store.subscriber("newsletter", "rose").await.unwrap();
    assert_eq!(person, Some(confirmed.person.clone()));
    let events = store.events("newsletter", "rose").await.unwrap();
    assert_eq!(events, [change.event, confirmed.event]);
    assert_eq!(store.subscriber("newsletter", "none").await.unwrap(), None);
    let found = store.subscriber_by_reference("newsletter", "reference-rose").await.unwrap();
    assert_eq!(found, person);
    let mut other = person_change("asha", None, SubscriptionState::Pending);
    other.person.reference = "reference-rose".to_owned();
    assert!(!store.save_subscriber(&other).await.unwrap());
    assert_eq!(store.subscriber("newsletter", "asha").await.unwrap(), None);
    assert_eq!(store.due(i64::MAX / 2, 10).await.unwrap().len(), 2);
}

async fn subscribers_are_listed_by_state(store: impl Store) {
    for number in 0..5 {
        let change = person_change(&format!("person{number}"), None, SubscriptionState::Pending);
        store.save_subscriber(&change).await.unwrap();
    }
    let active = person_change("person3", Some(1), SubscriptionState::Active);
    store.save_subscriber(&active).await.unwrap();
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let state = SubscriptionState::Pending;
        let page = store.subscribers("newsletter", state, next.as_deref(), 3).await.unwrap();
        found.extend(page.items.into_iter().map(|person| person.hash));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(found, ["person0", "person1", "person2", "person4"]);
    let page = store.subscribers("newsletter", SubscriptionState::Active, None, 3).await.unwrap();
    assert_eq!(page.items, [active.person]);
}

async fn sign_ups_that_lapse_are_listed(store: impl Store) {
    let save = async |hash: &str, before: Option<SubscriptionState>, nonce_until: i64| {
        let mut change = person_change(hash, None, SubscriptionState::Pending);
        (change.person.before, change.person.nonce_until) = (before, nonce_until);
        assert!(store.save_subscriber(&change).await.unwrap());
    };
    let at = 1_000 + CONFIRM_WITHIN;
    save("never-asked-before", None, at).await;
    save("had-left", Some(SubscriptionState::Unsubscribed), at).await;
    save("was-erased", Some(SubscriptionState::Erased), at - 1).await;
    save("has-a-newer-mail", Some(SubscriptionState::Unsubscribed), at + 5).await;
    let lapsing = async |now, limit| {
        let people = store.lapsing("newsletter", now, limit).await.unwrap();
        people.into_iter().map(|person| person.hash).collect::<Vec<_>>()
    };
    assert_eq!(lapsing(at - 1, 9).await, [""; 0]);
    assert_eq!(lapsing(at, 9).await, ["had-left", "was-erased"]);
    assert_eq!(lapsing(at, 1).await.len(), 1);
    assert_eq!(lapsing(at + 5, 9).await, ["had-left", "has-a-newer-mail", "was-erased"]);
    assert_eq!(store.lapsing("another", at, 9).await.unwrap(), []);
    // Those who confirmed, or whose earlier state was restored, do not expire.
    store
        .save_subscriber(&person_change("had-left", Some(1), SubscriptionState::Active))
        .await
        .unwrap();
    let back = person_change("was-erased", Some(1), SubscriptionState::Erased);
    store.save_subscriber(&back).await.unwrap();
    assert_eq!(lapsing(at, 9).await, [""; 0]);
}

async fn a_subscriber_is_found_by_their_mailbox_while_an_address_is_kept(store: impl Store) {
    let mut tagged = person_change("tagged", None, SubscriptionState::Pending);
    tagged.person.mailbox = Some("owner".to_owned());
    let owner = person_change("owner", None, SubscriptionState::Pending);
    let other = person_change("other", None, SubscriptionState::Pending);
    for change in [&tagged, &owner, &other] {
        assert!(store.save_subscriber(change).await.unwrap());
    }
    let found = async || {
        let people = store.subscribers_of_mailbox("newsletter", "owner").await.unwrap();
        let mut hashes: Vec<_> = people.into_iter().map(|person| person.hash).collect();
        hashes.sort_unstable();
        hashes
    };
    assert_eq!(found().await, ["owner", "tagged"]);
    let mut left = person_change("tagged", Some(1), SubscriptionState::Unsubscribed);
    left.former_mailbox = tagged.person.mailbox;
    left.person.email = None;
    assert!(store.save_subscriber(&left).await.unwrap());
    assert_eq!(found().await, ["owner"]);
    let hashes = ["owner", "none", "tagged", "owner"].map(str::to_owned);
    let (mut people, mailbox) = store.look_up("newsletter", &hashes, Some("none")).await.unwrap();
    people.sort_by(|one, other| one.hash.cmp(&other.hash));
    assert_eq!((people, mailbox), (vec![owner.person, left.person], None));
}

async fn a_subscriber_is_moved_and_still_found(store: impl Store) {
    let old = person_change("old", None, SubscriptionState::Pending);
    let confirmed = person_change("old", Some(1), SubscriptionState::Active);
    let there = person_change("there", None, SubscriptionState::Pending);
    for change in [&old, &confirmed, &there] {
        assert!(store.save_subscriber(change).await.unwrap());
    }
    let to = |hash: &str, reference: &str, version| daisychain_functions::model::Subscriber {
        hash: hash.to_owned(),
        reference: reference.to_owned(),
        version,
        ..confirmed.person.clone()
    };
    let from = confirmed.person.clone();
    let merged = to("there", "reference-there", 2);
    let late = SubscriberMove { from: old.person, person: merged.clone(), expected: Some(1) };
    assert!(!store.move_subscriber(&late).await.unwrap(), "the person changed meanwhile");
    let late = SubscriberMove { from: from.clone(), person: merged.clone(), expected: None };
    assert!(!store.move_subscriber(&late).await.unwrap(), "the new hash is taken");
    let change = SubscriberMove { from, person: merged.clone(), expected: Some(1) };
    assert!(store.move_subscriber(&change).await.unwrap());
    assert!(!store.move_subscriber(&change).await.unwrap(), "the old hash is empty");
    for hash in ["old", "there"] {
        assert_eq!(
            store.subscriber("newsletter", hash).await.unwrap(),
            Some(merged.clone()),
            "{hash}"
        );
        let reference = format!("reference-{hash}");
        let found = store.subscriber_by_reference("newsletter", &reference).await.unwrap();
        assert_eq!(found, Some(merged.clone()), "{reference}");
    }
    let both = ["old", "there"].map(str::to_owned);
    let (people, _) = store.look_up("newsletter", &both, None).await.unwrap();
    assert_eq!(people, std::slice::from_ref(&merged));
    // The evidence of both is now stored for the person.
    let events = store.events("newsletter", "there").await.unwrap();
    let mut ids: Vec<_> = events.iter().map(|event| event.id.clone()).collect();
    let mut all = [old.event.id, confirmed.event.id, there.event.id];
    ids.sort_unstable();
    all.sort_unstable();
    assert_eq!(ids, all);
    assert!(events.iter().all(|event| event.person == "there"));
    assert_eq!(store.events("newsletter", "old").await.unwrap(), []);
    assert_eq!(
        store.subscribers("newsletter", SubscriptionState::Pending, None, 9).await.unwrap().items,
        []
    );
    let active = store.subscribers("newsletter", SubscriptionState::Active, None, 9).await.unwrap();
    assert_eq!(active.items, [merged]);
}

async fn a_mailbox_changes_under_a_condition(store: impl Store) {
    assert_eq!(store.mailbox("hash").await.unwrap(), None);
    let first = Mailbox { mailed: vec![9_000], version: 1, ..Mailbox::new("hash".to_owned()) };
    assert!(store.save_mailbox(&first).await.unwrap());
    assert!(!store.save_mailbox(&first).await.unwrap(), "the mailbox exists already");
    let second = Mailbox { suppressed: Some(9_500), version: 2, ..first };
    let late = Mailbox { version: 3, ..second.clone() };
    assert!(!store.save_mailbox(&late).await.unwrap(), "a version was skipped");
    assert!(store.save_mailbox(&second).await.unwrap());
    assert!(!store.save_mailbox(&second).await.unwrap(), "the mailbox changed meanwhile");
    assert_eq!(store.mailbox("hash").await.unwrap(), Some(second.clone()));
    let (people, found) = store.look_up("newsletter", &[], Some("hash")).await.unwrap();
    assert_eq!((people, found), (Vec::new(), Some(second)));
}

async fn a_subscriber_and_their_mailbox_change_together(store: impl Store) {
    let mut change = person_change("rose", None, SubscriptionState::Pending);
    let mailbox = Mailbox { mailed: vec![9_000], version: 1, ..Mailbox::new("box".to_owned()) };
    change.mailbox = Some(mailbox.clone());
    assert!(store.save_subscriber(&change).await.unwrap());
    assert_eq!(store.mailbox("box").await.unwrap(), Some(mailbox.clone()));
    // The mailbox's record has changed meanwhile: neither record changes, and no email is queued.
    let mut late = person_change("asha", None, SubscriptionState::Pending);
    late.mailbox = Some(mailbox.clone());
    assert!(!store.save_subscriber(&late).await.unwrap());
    assert_eq!(store.subscriber("newsletter", "asha").await.unwrap(), None);
    assert_eq!(store.events("newsletter", "asha").await.unwrap(), []);
    assert_eq!(store.due(i64::MAX / 2, 9).await.unwrap(), change.mails);
    late.mailbox = Some(Mailbox { mailed: vec![9_000, 9_100], version: 2, ..mailbox });
    assert!(store.save_subscriber(&late).await.unwrap());
}
