//! Stores that earlier versions wrote, in this version (`tests/fixtures/README.md` lists what is in them).

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use daisychain_functions::desk::states;
use daisychain_functions::store::sqlite::{self, Sqlite};
use daisychain_functions::store::{Letter, Store, Subscription};

/// A copy of the store with the schema 1, opened; the folder is removed with the first value.
fn store_1() -> (tempfile::TempDir, Sqlite) {
    let (folder, path) = common::old_store("store-1.sqlite");
    let store = sqlite::open(&path).unwrap();
    (folder, store)
}

#[tokio::test]
async fn every_definition_reply_and_mail_of_schema_1_is_there() {
    let (_folder, store) = store_1();
    let mut replies = Vec::new();
    for form in ["newsletter", "volunteer", "chat", "callback"] {
        let definition = store.definition(form, None).await.unwrap().unwrap();
        for state in states(definition.form.purpose()) {
            replies.extend(store.queue(form, state, None, 99).await.unwrap().items);
        }
    }
    let mut found: Vec<_> =
        replies.iter().map(|reply| (reply.form.as_str(), reply.state.as_str())).collect();
    found.sort_unstable();
    let chats = [("chat", "assigned"), ("chat", "new"), ("chat", "new"), ("chat", "new")];
    let others = [("newsletter", "held"), ("volunteer", "interested")];
    assert_eq!(found, [&[("callback", "new")][..], &chats, &others].concat());
    for reply in &replies {
        let by_reference = store.by_reference(&reply.form, &reply.reference).await.unwrap();
        assert_eq!(by_reference.as_ref(), Some(reply));
        assert!(store.definition(&reply.form, Some(&reply.definition)).await.unwrap().is_some());
    }
    let moved = replies.iter().find(|reply| reply.state == "assigned").unwrap();
    assert_eq!(moved.history[0].note.as_deref(), Some("rings on Monday"));

    let letters = |owed: Vec<daisychain_functions::store::Owed>| {
        let mut letters: Vec<_> =
            owed.into_iter().map(|owed| (owed.form, owed.letter.words())).collect();
        letters.sort_unstable();
        letters
    };
    let volunteer = |letter: Letter| ("volunteer".to_owned(), letter.words());
    let confirmation = ("newsletter".to_owned(), Letter::Confirmation.words());
    let due = letters(store.due(i64::MAX / 2, 9).await.unwrap());
    assert_eq!(due, [confirmation, volunteer(Letter::Acknowledgement)]);
    assert_eq!(letters(store.failed(9).await.unwrap()), [volunteer(Letter::Notice)]);
}

#[tokio::test]
async fn every_subscriber_of_schema_1_is_there_with_their_address() {
    let (_folder, store) = store_1();
    let mut addresses = Vec::new();
    for state in Subscription::ALL {
        for person in store.people("newsletter", state, None, 99).await.unwrap().items {
            assert!(!store.events("newsletter", &person.hash).await.unwrap().is_empty());
            addresses.extend(person.email);
        }
    }
    for kept in ["asha@example.com", "ivy+news@example.com", "J.Doe@gmail.com", "Noor@example.org"]
    {
        assert!(addresses.iter().any(|address| address == kept), "{kept} of {addresses:?}");
    }
}
