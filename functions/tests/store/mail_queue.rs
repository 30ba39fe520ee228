//! The queue of emails.

use crate::common;
use crate::common::{entry, person_change};
use daisychain_functions::model::{
    MailKind, QueuedMail, Recorded, SendOutcome, SubscriberChange, SubscriptionState,
};
use daisychain_functions::store::Store;

crate::contract!(
    a_mail_that_was_given_up_is_not_due,
    a_summary_is_owed_once_and_finds_the_replies_it_is_about,
    a_mail_is_leased_by_one,
    a_mail_is_settled,
);

async fn a_mail_that_was_given_up_is_not_due(store: impl Store) {
    let entries = [1_000, 2_000].map(|now| entry("chat", &format!("Mrs P. at {now}"), now));
    for entry in &entries {
        store.record(entry).await.unwrap();
    }
    let [first, second] = entries.map(|entry| entry.mails[0].clone());
    store.record_outcome(&first, SendOutcome::Failed).await.unwrap();
    store.record_outcome(&second, SendOutcome::Again(9_000)).await.unwrap();
    let again = QueuedMail { due: 9_000, ..second.clone() };
    let failed = QueuedMail { failed: true, ..first };
    assert_eq!(store.due(i64::MAX / 2, 9).await.unwrap(), std::slice::from_ref(&again));
    assert_eq!(store.failed(9).await.unwrap(), std::slice::from_ref(&failed));
    // It is tried again after it was given up.
    let resent = QueuedMail { failed: false, ..failed };
    store.record_outcome(&resent, SendOutcome::Again(5_000)).await.unwrap();
    let resent = QueuedMail { due: 5_000, ..resent };
    assert_eq!(store.due(i64::MAX / 2, 9).await.unwrap(), [resent, again]);
    assert_eq!(store.failed(9).await.unwrap(), []);
}

async fn a_summary_is_owed_once_and_finds_the_replies_it_is_about(store: impl Store) {
    let summary_of =
        |form: &str, about: i64| common::queued_mail(form, MailKind::HeldSummary, "", about);
    let [chats, later, lunches] =
        [summary_of("chat", 1_000), summary_of("chat", 2_000), summary_of("lunch", 1_000)];
    let mut ids = Vec::new();
    for (number, summary) in [&chats, &later, &chats, &lunches].into_iter().enumerate() {
        let mut entry = entry(&summary.form, &format!("Person {number}"), 1_000 + number as i64);
        entry.mails.clear();
        entry.summary = Some(summary.clone());
        assert_eq!(store.record(&entry).await.unwrap(), Recorded::New);
        ids.push(entry.reply.id);
    }
    let mut due = store.due(i64::MAX / 2, 9).await.unwrap();
    let mut all = vec![chats.clone(), later.clone(), lunches.clone()];
    due.sort_by(|one, other| one.id.cmp(&other.id));
    all.sort_by(|one, other| one.id.cmp(&other.id));
    assert_eq!(due, all);
    assert_eq!(store.held(&chats).await.unwrap(), [ids[0].clone(), ids[2].clone()]);
    assert_eq!(store.held(&later).await.unwrap(), [ids[1].clone()]);
    assert_eq!(store.held(&lunches).await.unwrap(), [ids[3].clone()]);
    // A leased summary is about the same replies.
    let leased = store.lease(&chats, 90_000).await.unwrap().unwrap();
    assert_eq!(store.held(&leased).await.unwrap().len(), 2);
    assert_eq!(store.held(&summary_of("chat", 3_000)).await.unwrap(), [""; 0]);
}

async fn a_mail_is_leased_by_one(store: impl Store) {
    let entry = entry("chat", "Mrs P.", 1_000);
    store.record(&entry).await.unwrap();
    let mail = &entry.mails[0];
    assert_eq!(store.due(mail.due - 1, 10).await.unwrap(), []);
    let due = store.due(mail.due, 10).await.unwrap();
    assert_eq!(due, entry.mails);
    let until = mail.due + 60_000;
    let (a, b) = tokio::join!(store.lease(&due[0], until), store.lease(&due[0], until));
    let leased: Vec<_> = [a.unwrap(), b.unwrap()].into_iter().flatten().collect();
    assert_eq!(
        leased.iter().map(|queued| (queued.due, queued.tries)).collect::<Vec<_>>(),
        [(until, 1)]
    );
    assert_eq!(store.due(mail.due, 10).await.unwrap(), []);
    // The process that leased it is gone: the email is due again when the lease ends.
    assert_eq!(store.due(until, 10).await.unwrap().len(), 1);
}

async fn a_mail_is_settled(store: impl Store) {
    let SubscriberChange { mails: mut queued, .. } =
        person_change("rose", None, SubscriptionState::Pending);
    let mut change = person_change("rose", None, SubscriptionState::Pending);
    let more =
        ["a", "b"].map(|about| common::queued_mail("newsletter", MailKind::Confirmation, about, 9));
    queued.extend(more);
    change.mails.clone_from(&queued);
    store.save_subscriber(&change).await.unwrap();
    store.record_outcome(&queued[0], SendOutcome::Sent).await.unwrap();
    store.record_outcome(&queued[1], SendOutcome::Again(70_000)).await.unwrap();
    store.record_outcome(&queued[2], SendOutcome::Failed).await.unwrap();
    let due = store.due(i64::MAX / 2, 10).await.unwrap();
    assert_eq!(
        due.iter().map(|queued| (queued.due, queued.tries)).collect::<Vec<_>>(),
        [(70_000, 0)]
    );
    let failed = store.failed(10).await.unwrap();
    assert_eq!(
        failed.iter().map(|queued| queued.id.clone()).collect::<Vec<_>>(),
        [queued[2].id.clone()]
    );
    // Waiting is not counted as a try.
    let leased = store.lease(&due[0], 75_000).await.unwrap().unwrap();
    assert_eq!(leased.tries, 1);
    store.record_outcome(&leased, SendOutcome::Waiting(76_000)).await.unwrap();
    let due = store.due(i64::MAX / 2, 10).await.unwrap();
    assert_eq!(
        due.iter().map(|queued| (queued.due, queued.tries)).collect::<Vec<_>>(),
        [(76_000, 0)]
    );
    // An email that was given up can be tried again.
    let again = QueuedMail { failed: false, ..failed[0].clone() };
    store.record_outcome(&again, SendOutcome::Again(90_000)).await.unwrap();
    assert_eq!(store.failed(10).await.unwrap(), []);
    assert_eq!(store.due(i64::MAX / 2, 10).await.unwrap().len(), 2);
    store.record_outcome(&again, SendOutcome::Sent).await.unwrap();
    // An email that was sent stays sent, even if another process still had it.
    store.record_outcome(&queued[0], SendOutcome::Again(80_000)).await.unwrap();
    assert_eq!(store.due(i64::MAX / 2, 10).await.unwrap().len(), 1);
}
