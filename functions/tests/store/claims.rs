//! A reply is claimed by one member of the team.

use crate::common::{campaign, entry};
use daisychain_functions::clock::Clock;
use daisychain_functions::form::Definition;
use daisychain_functions::inbox::{Inbox, InboxError, MoveOptions, Referenced};
use daisychain_functions::model::StoredReply;
use daisychain_functions::store::Store;

crate::contract!(a_reply_is_claimed_by_one, a_claim_is_taken_over_by_one,);

/// A team member's inbox, and the reply as they see it now.
async fn look<S: Store + Clone>(store: &S, reference: &str) -> (Inbox<S>, StoredReply) {
    let inbox = Inbox::new(store.clone(), None, Clock::new(|| 1_795_615_200_000));
    let Referenced::Reply(reply) = inbox.find("chat", reference).await.unwrap() else { panic!() };
    (inbox, *reply)
}

fn by(name: &str, take_over: bool) -> MoveOptions {
    MoveOptions { by: Some(name.to_owned()), note: None, email: None, take_over }
}

async fn a_reply_is_claimed_by_one(store: impl Store + Clone) {
    store.publish(&Definition::new(campaign("chat"), "<main></main>")).await.unwrap();
    for state in ["assigned", "attempted", "arranged"] {
        let entry = entry("chat", state, 1_000);
        store.record(&entry).await.unwrap();
        let reference = &entry.reply.reference;
        let (first, seen_by_first) = look(&store, reference).await;
        let (second, seen_by_second) = look(&store, reference).await;
        let (a, b) = tokio::join!(
            first.move_reply(&seen_by_first, state, by("Asha", false)),
            second.move_reply(&seen_by_second, state, by("Tom", false)),
        );
        let (won, lost) = match (a, b) {
            (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
            both => panic!("{state}: {both:?}"),
        };
        assert_eq!(lost, InboxError::Claimed(Box::new(won.clone())), "{state}");
        assert_eq!(won.history.len(), 1);
        // A member who comes later, and has read the current reply, gets the same result.
        let (third, seen) = look(&store, reference).await;
        let refused = third.move_reply(&seen, state, by("Noor", false)).await.unwrap_err();
        assert_eq!(refused, InboxError::Claimed(Box::new(won.clone())), "{state}");
        assert_eq!(look(&store, reference).await.1, won);
    }
}

async fn a_claim_is_taken_over_by_one(store: impl Store + Clone) {
    store.publish(&Definition::new(campaign("chat"), "<main></main>")).await.unwrap();
    let entry = entry("chat", "Mrs P.", 1_000);
    store.record(&entry).await.unwrap();
    let reference = &entry.reply.reference;
    let (inbox, seen) = look(&store, reference).await;
    inbox.move_reply(&seen, "assigned", by("Asha", false)).await.unwrap();
    let (first, seen) = look(&store, reference).await;
    let (second, _) = look(&store, reference).await;
    let (a, b) = tokio::join!(
        first.move_reply(&seen, "assigned", by("Tom", true)),
        second.move_reply(&seen, "assigned", by("Noor", true)),
    );
    let (won, lost) = match (a, b) {
        (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
        both => panic!("{both:?}"),
    };
    assert_eq!(lost, InboxError::Claimed(Box::new(won.clone())));
    let step = won.history.last().unwrap();
    assert_eq!((won.history.len(), step.taken_over_from.as_deref()), (2, Some("Asha")));
}
