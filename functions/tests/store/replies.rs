//! Replies.

use crate::common::entry;
use crate::step;
use daisychain_functions::model::{
    MailKind, NewReply, Recorded, ReplyState, StateChange, StateChangeOutcome, StoredReply,
};
use daisychain_functions::store::Store;

crate::contract!(
    a_reply_is_recorded_once,
    a_reference_is_unique,
    the_same_answers_are_another_reply_a_day_later,
    a_correction_names_what_it_corrects,
    two_hundred_at_once_are_one,
    the_queue_gives_the_oldest_due_first_in_pages,
    a_move_is_made_once,
    a_move_queues_its_mails_or_does_not_happen,
    a_move_ends_where_somebody_else_moved_meanwhile,
    a_person_is_erased_with_all_that_points_to_them,
    a_reply_is_found_by_every_contact_and_mailbox,
);

async fn a_reply_is_recorded_once(store: impl Store) {
    let first = entry("chat", "Mrs P.", 1_000);
    assert_eq!(store.record(&first).await.unwrap(), Recorded::New);
    let again = entry("chat", "Mrs P.", 2_000);
    let same = Recorded::Same(first.reply.reference.clone());
    assert_eq!(store.record(&again).await.unwrap(), same);
    assert_eq!(store.reply("chat", &again.reply.id).await.unwrap(), None);
    assert_eq!(store.reply("chat", &first.reply.id).await.unwrap(), Some(first.reply.clone()));
    let found = store.by_reference("chat", &first.reply.reference).await.unwrap();
    assert_eq!(found, Some(first.reply.clone()));
    assert_eq!(store.by_reference("volunteer", &first.reply.reference).await.unwrap(), None);
    assert_eq!(store.due(i64::MAX / 2, 10).await.unwrap(), first.mails);
}

async fn a_reference_is_unique(store: impl Store) {
    let first = entry("chat", "One", 1_000);
    store.record(&first).await.unwrap();
    let mut second = entry("chat", "Two", 1_000);
    second.reply.reference.clone_from(&first.reply.reference);
    assert_eq!(store.record(&second).await.unwrap(), Recorded::ReferenceTaken);
    assert_eq!(store.reply("chat", &second.reply.id).await.unwrap(), None);
    // Nothing of the refused reply was stored: no emails, and no digest to recognise it by.
    assert_eq!(store.due(i64::MAX / 2, 10).await.unwrap().len(), 1);
    second.reply.reference = "2222-3333".into();
    assert_eq!(store.record(&second).await.unwrap(), Recorded::New);
}

async fn the_same_answers_are_another_reply_a_day_later(store: impl Store) {
    let first = entry("chat", "Mrs P.", 1_000);
    store.record(&first).await.unwrap();
    let later = entry("chat", "Mrs P.", first.dedup_until);
    assert_eq!(store.record(&later).await.unwrap(), Recorded::New);
    let person = first.reply.person.clone().unwrap();
    let replies = store.replies_of("chat", &person).await.unwrap();
    assert_eq!(replies, [first.reply, later.reply]);
}

async fn a_correction_names_what_it_corrects(store: impl Store) {
    let alike = |name: &str, now| {
        let mut entry = entry("chat", name, now);
        entry.correction_hash = Some("alike".to_owned());
        entry
    };
    let (first, second) = (alike("wrong digit", 1_000), alike("right digit", 2_000));
    let third = alike("a day later", second.dedup_until);
    for entry in [&first, &second, &third] {
        assert_eq!(store.record(entry).await.unwrap(), Recorded::New);
    }
    let corrects = async |entry: &daisychain_functions::model::NewReply| {
        store.reply("chat", &entry.reply.id).await.unwrap().unwrap().corrects
    };
    assert_eq!(corrects(&first).await, None);
    assert_eq!(corrects(&second).await, Some(first.reply.reference));
    assert_eq!(corrects(&third).await, None);
    // A reply that was moved keeps its details. A reply that was erased cannot be corrected.
    let person = third.reply.person.as_deref().unwrap();
    store.move_reply(&third.reply, &step("new", "assigned", "Asha"), &[]).await.unwrap();
    assert_eq!(store.erase_replies("chat", person).await.unwrap(), 1);
    let fourth = alike("after it was erased", third.reply.received + 1_000);
    assert_eq!(store.record(&fourth).await.unwrap(), Recorded::New);
    assert_eq!(corrects(&fourth).await, None);
}

async fn two_hundred_at_once_are_one(store: impl Store + Clone + 'static) {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let store = store.clone();
        tasks.spawn(async move {
            let entry = entry("chat", "Mrs P.", 1_000);
            store.record(&entry).await.map(|recorded| match recorded {
                Recorded::New => entry.reply.reference,
                Recorded::Same(reference) => reference,
                Recorded::ReferenceTaken => panic!("two random references are equal"),
            })
        });
    }
    // A store under load may fail, and that resident sees so. Everyone else gets the same reference.
    let mut given = Vec::new();
    while let Some(done) = tasks.join_next().await {
        given.extend(done.unwrap().ok());
    }
    given.sort_unstable();
    given.dedup();
    let stored = store.queue("chat", ReplyState::New, None, 10).await.unwrap().items;
    let stored: Vec<String> = stored.into_iter().map(|reply| reply.reference).collect();
    assert_eq!(stored.len(), 1);
    assert_eq!(given, stored);
}

async fn the_queue_gives_the_oldest_due_first_in_pages(store: impl Store) {
    let month = 31 * 86_400_000;
    let mut due = Vec::new();
    for number in [3, 1, 4, 0, 2] {
        let mut entry = entry("chat", &format!("Person {number}"), 1_000);
        entry.reply.due = 1_000 + number * month;
        due.push(entry.reply.due);
        store.record(&entry).await.unwrap();
    }
    store.record(&entry("volunteer", "Another form", 1_000)).await.unwrap();
    due.sort_unstable();
    let mut found = Vec::new();
    let mut next = None;
    loop {
        let page = store.queue("chat", ReplyState::New, next.as_deref(), 2).await.unwrap();
        assert!(page.items.len() <= 2);
        found.extend(page.items.iter().map(|reply| reply.due));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(found, due);
    assert_eq!(store.queue("chat", ReplyState::Done, None, 2).await.unwrap().items, []);
}

async fn a_move_is_made_once(store: impl Store) {
    let entry = entry("chat", "Mrs P.", 1_000);
    store.record(&entry).await.unwrap();
    let new = &entry.reply;
    let (one, two) = (step("new", "assigned", "Asha"), step("new", "assigned", "Tom"));
    let (a, b) = tokio::join!(store.move_reply(new, &one, &[]), store.move_reply(new, &two, &[]));
    let (won, lost): (Vec<_>, Vec<_>) = [a.unwrap(), b.unwrap()]
        .into_iter()
        .partition(|moved| matches!(moved, StateChangeOutcome::Changed(_)));
    let [StateChangeOutcome::Changed(reply)] = &won[..] else { panic!("{won:?}") };
    // The one who lost sees who won.
    assert_eq!(lost, [StateChangeOutcome::Conflict(reply.clone())]);
    assert_eq!(reply.history.len(), 1);
    assert_eq!(store.queue("chat", ReplyState::New, None, 9).await.unwrap().items, []);
    assert_eq!(
        store.queue("chat", ReplyState::Assigned, None, 9).await.unwrap().items,
        std::slice::from_ref(reply)
    );
    let missing = StoredReply { id: "none".to_owned(), ..new.clone() };
    assert_eq!(store.move_reply(&missing, &one, &[]).await.unwrap(), StateChangeOutcome::Missing);
}

/// Moves within one working state, so that the state alone does not show the other move.
async fn a_move_ends_where_somebody_else_moved_meanwhile(store: impl Store) {
    let entry = entry("chat", "Mrs P.", 1_000);
    store.record(&entry).await.unwrap();
    let mut before = entry.reply.clone();
    for state in ["assigned", "assigned", "new", "new"] {
        let (one, two) =
            (step(before.state.as_str(), state, "Asha"), step(before.state.as_str(), state, "Tom"));
        let (a, b) = tokio::join!(
            store.move_reply(&before, &one, &[]),
            store.move_reply(&before, &two, &[])
        );
        let (won, lost): (Vec<_>, Vec<_>) = [a.unwrap(), b.unwrap()]
            .into_iter()
            .partition(|moved| matches!(moved, StateChangeOutcome::Changed(_)));
        let [StateChangeOutcome::Changed(reply)] = &won[..] else { panic!("{state}: {won:?}") };
        assert_eq!(lost, [StateChangeOutcome::Conflict(reply.clone())], "{state}");
        assert_eq!(reply.history.len(), before.history.len() + 1);
        // The same applies to a member who read the reply long before.
        let late = store
            .move_reply(&before, &step(before.state.as_str(), state, "Noor"), &[])
            .await
            .unwrap();
        assert_eq!(late, StateChangeOutcome::Conflict(reply.clone()), "{state}");
        before = reply.clone();
    }
}

async fn a_person_is_erased_with_all_that_points_to_them(store: impl Store) {
    let first = entry("chat", "Mrs P.", 1_000);
    let mut second = entry("chat", "Mrs P. again", 2_000);
    second.reply.person.clone_from(&first.reply.person);
    let other = entry("chat", "Another", 3_000);
    for entry in [&first, &second, &other] {
        store.record(entry).await.unwrap();
    }
    store.move_reply(&second.reply, &step("new", "assigned", "Asha"), &[]).await.unwrap();
    let person = first.reply.person.clone().unwrap();
    assert_eq!(store.erase_replies("chat", &person).await.unwrap(), 2);
    assert_eq!(store.erase_replies("chat", &person).await.unwrap(), 0);
    assert_eq!(store.replies_of("chat", &person).await.unwrap(), []);
    assert_eq!(store.by_reference("chat", &second.reply.reference).await.unwrap(), None);
    assert_eq!(store.queue("chat", ReplyState::New, None, 9).await.unwrap().items, [other.reply]);
    // The same answers are a new reply: nothing of the erased one is left to recognise it by.
    assert_eq!(store.record(&entry("chat", "Mrs P.", 4_000)).await.unwrap(), Recorded::New);
}

async fn a_reply_is_found_by_every_contact_and_mailbox(store: impl Store) {
    let with = |name: &str, contacts: &[&str], mailboxes: &[&str]| {
        let mut entry = entry("chat", name, 1_000);
        entry.reply.person = Some(contacts[0].to_owned());
        entry.reply.contacts = contacts.iter().map(|hash| (*hash).to_owned()).collect();
        entry.reply.mailboxes = mailboxes.iter().map(|hash| (*hash).to_owned()).collect();
        entry
    };
    let both = with("both", &["phone", "email"], &["box"]);
    let owner = with("owner", &["box"], &[]);
    let other = with("other", &["other"], &["box"]);
    for entry in [&both, &owner, &other] {
        assert_eq!(store.record(entry).await.unwrap(), Recorded::New);
    }
    let found = async |hash: &str| {
        let replies = store.replies_of("chat", hash).await.unwrap();
        let mut names: Vec<String> =
            replies.iter().map(|reply| reply.submission.get("name").unwrap().to_owned()).collect();
        names.sort_unstable();
        names
    };
    for (hash, names) in [
        ("phone", &["both"][..]),
        ("email", &["both"]),
        ("box", &["both", "other", "owner"]),
        ("other", &["other"]),
        ("none", &[]),
    ] {
        assert_eq!(found(hash).await, names, "{hash}");
    }
    // Erasing uses a contact, not a mailbox, and leaves no links behind.
    assert_eq!(store.erase_replies("chat", "box").await.unwrap(), 1);
    assert_eq!(found("box").await, ["both", "other"]);
    assert_eq!(store.erase_replies("chat", "email").await.unwrap(), 1);
    assert_eq!(found("phone").await, [""; 0]);
    assert_eq!(found("box").await, ["other"]);
}

async fn a_move_queues_its_mails_or_does_not_happen(store: impl Store) {
    let entry = NewReply { mails: Vec::new(), ..entry("chat", "Mrs P.", 1_000) };
    store.record(&entry).await.unwrap();
    let about = format!("{}#0", entry.reply.id);
    let mail = |now| crate::common::queued_mail("chat", MailKind::Answer, &about, now);
    let answered = step("new", "assigned", "Asha");
    let answered = StateChange { email: Some("Dear Mrs P.".to_owned()), ..answered };
    let mails = [mail(2_000)];
    let changed = store.move_reply(&entry.reply, &answered, &mails).await.unwrap();
    assert!(matches!(changed, StateChangeOutcome::Changed(_)), "{changed:?}");
    let late = store.move_reply(&entry.reply, &answered, &[mail(3_000)]).await.unwrap();
    assert!(matches!(late, StateChangeOutcome::Conflict(_)), "{late:?}");
    assert_eq!(store.due(i64::MAX / 2, 9).await.unwrap(), mails);
}
