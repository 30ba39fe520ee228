//! The contract of a store: every test runs over SQLite and over an emulated DynamoDB.

#![cfg(any(feature = "sqlite", feature = "dynamodb"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{campaign, entry, person_change};
use daisychain_functions::clock::Clock;
use daisychain_functions::form::Definition;
use daisychain_functions::inbox::{Found, Inbox, InboxError, MoveOptions};
use daisychain_functions::store::{
    CONFIRM_WITHIN, Definitions as _, KnownForm, Letter, Mailbox, Move, Moved, Owed, PersonChange,
    PersonMove, Recorded, Replies as _, Reply, Settled, Store, Subscription,
};

/// Makes one test of each store out of a check that any store must pass.
macro_rules! contract {
    ($($name:ident),* $(,)?) => {
        #[cfg(feature = "sqlite")]
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("replies.sqlite");
                super::$name(daisychain_functions::store::sqlite::open(&path).unwrap()).await;
            })*
        }

        #[cfg(feature = "dynamodb")]
        mod dynamodb {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::common::table().await).await;
            })*
        }
    };
}

contract!(
    a_definition_is_kept_for_ever,
    every_form_is_listed_and_a_withdrawn_one_keeps_what_it_has,
    a_reply_is_recorded_once,
    a_reference_is_unique,
    the_same_answers_are_another_reply_a_day_later,
    a_correction_names_what_it_corrects,
    two_hundred_at_once_are_one,
    the_queue_gives_the_oldest_due_first_in_pages,
    a_move_is_made_once,
    a_move_ends_where_somebody_else_moved_meanwhile,
    a_reply_is_claimed_by_one,
    a_claim_is_taken_over_by_one,
    a_person_is_erased_with_all_that_points_to_them,
    a_subscriber_changes_under_a_condition,
    subscribers_are_listed_by_state,
    sign_ups_that_lapse_are_listed,
    a_mail_that_was_given_up_is_not_due,
    a_reply_is_found_by_every_contact_and_mailbox,
    a_subscriber_is_found_by_their_mailbox_while_an_address_is_kept,
    a_subscriber_is_moved_and_still_found,
    a_mailbox_changes_under_a_condition,
    a_subscriber_and_their_mailbox_change_together,
    a_summary_is_owed_once_and_finds_the_replies_it_is_about,
    a_mail_is_leased_by_one,
    a_mail_is_settled,
    a_counter_counts,
);

async fn a_definition_is_kept_for_ever(store: impl Store) {
    assert_eq!(store.definition("chat", None).await.unwrap(), None);
    let first = Definition::new(campaign("chat"), "<main>1</main>");
    let digest = first.form.digest();
    store.publish(&first).await.unwrap();
    let text = common::campaign_text("chat").replace("Your name", "What do we call you?");
    let form = daisychain_functions::form::Form::parse("chat", &text).unwrap();
    let second = Definition::new(form, "<main>2</main>");
    store.publish(&second).await.unwrap();
    assert_eq!(store.definition("chat", None).await.unwrap(), Some(second));
    assert_eq!(store.definition("chat", Some(&digest)).await.unwrap(), Some(first));
    assert_eq!(store.definition("volunteer", Some(&digest)).await.unwrap(), None);
    assert_eq!(store.definition("chat", Some("none")).await.unwrap(), None);
}

async fn every_form_is_listed_and_a_withdrawn_one_keeps_what_it_has(store: impl Store) {
    let listed = async |withdrawn: [bool; 2]| {
        let known = |(name, withdrawn): (&str, bool)| KnownForm { name: name.into(), withdrawn };
        let expected: Vec<_> =
            ["chat", "volunteer"].into_iter().zip(withdrawn).map(known).collect();
        assert_eq!(store.forms().await.unwrap(), expected);
    };
    assert_eq!(store.forms().await.unwrap(), []);
    assert_eq!(store.current("chat").await.unwrap(), None);
    let definition = |name| Definition::new(campaign(name), "<main></main>");
    for name in ["volunteer", "chat", "chat"] {
        store.publish(&definition(name)).await.unwrap();
    }
    listed([false, false]).await;

    for _ in 0..2 {
        store.withdraw("chat").await.unwrap();
        listed([true, false]).await;
    }
    let chat = definition("chat");
    let current = store.current("chat").await.unwrap().unwrap();
    assert!(current.withdrawn && current.definition == chat);
    let digest = chat.form.digest();
    assert_eq!(store.definition("chat", Some(&digest)).await.unwrap(), Some(chat.clone()));
    assert!(!store.current("volunteer").await.unwrap().unwrap().withdrawn);

    // A form that nobody published is not made by withdrawing it.
    store.withdraw("lunch").await.unwrap();
    assert_eq!(store.current("lunch").await.unwrap(), None);
    // Published again, even in the very same words, it is on the site.
    store.publish(&chat).await.unwrap();
    listed([false, false]).await;
    assert!(!store.current("chat").await.unwrap().unwrap().withdrawn);
}

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
    assert_eq!(store.due(i64::MAX / 2, 10).await.unwrap(), first.owed);
}

async fn a_reference_is_unique(store: impl Store) {
    let first = entry("chat", "One", 1_000);
    store.record(&first).await.unwrap();
    let mut second = entry("chat", "Two", 1_000);
    second.reply.reference.clone_from(&first.reply.reference);
    assert_eq!(store.record(&second).await.unwrap(), Recorded::ReferenceTaken);
    assert_eq!(store.reply("chat", &second.reply.id).await.unwrap(), None);
    // Nothing of it was kept: not its mails, and not that it was the same as itself.
    assert_eq!(store.due(i64::MAX / 2, 10).await.unwrap().len(), 1);
    second.reply.reference = "2222-3333".into();
    assert_eq!(store.record(&second).await.unwrap(), Recorded::New);
}

async fn the_same_answers_are_another_reply_a_day_later(store: impl Store) {
    let first = entry("chat", "Mrs P.", 1_000);
    store.record(&first).await.unwrap();
    let later = entry("chat", "Mrs P.", first.same_until);
    assert_eq!(store.record(&later).await.unwrap(), Recorded::New);
    let person = first.reply.person.clone().unwrap();
    let replies = store.replies_of("chat", &person).await.unwrap();
    assert_eq!(replies, [first.reply, later.reply]);
}

async fn a_correction_names_what_it_corrects(store: impl Store) {
    let alike = |name: &str, now| {
        let mut entry = entry("chat", name, now);
        entry.alike = Some("alike".to_owned());
        entry
    };
    let (first, second) = (alike("wrong digit", 1_000), alike("right digit", 2_000));
    let third = alike("a day later", second.same_until);
    for entry in [&first, &second, &third] {
        assert_eq!(store.record(entry).await.unwrap(), Recorded::New);
    }
    let corrects = async |entry: &daisychain_functions::store::Entry| {
        store.reply("chat", &entry.reply.id).await.unwrap().unwrap().corrects
    };
    assert_eq!(corrects(&first).await, None);
    assert_eq!(corrects(&second).await, Some(first.reply.reference));
    assert_eq!(corrects(&third).await, None);
    // Who is moved keeps what is known of them; who is erased leaves nothing to be corrected.
    let person = third.reply.person.as_deref().unwrap();
    store.move_reply(&third.reply, &step("new", "assigned", "Asha")).await.unwrap();
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
                Recorded::ReferenceTaken => panic!("a reference of eight letters met another"),
            })
        });
    }
    // A store with too much to do may say that it failed: that resident is told. Everybody else
    // was given one and the same reference.
    let mut given = Vec::new();
    while let Some(done) = tasks.join_next().await {
        given.extend(done.unwrap().ok());
    }
    given.sort_unstable();
    given.dedup();
    let stored = store.queue("chat", "new", None, 10).await.unwrap().items;
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
        let page = store.queue("chat", "new", next.as_deref(), 2).await.unwrap();
        assert!(page.items.len() <= 2);
        found.extend(page.items.iter().map(|reply| reply.due));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(found, due);
    assert_eq!(store.queue("chat", "done", None, 2).await.unwrap().items, []);
}

fn step(from: &str, to: &str, by: &str) -> Move {
    let (from, to, by) = (from.to_owned(), to.to_owned(), Some(by.to_owned()));
    let note = Some("rang twice".to_owned());
    Move { at: 5_000, from, to, by, note, taken_over_from: None }
}

async fn a_move_is_made_once(store: impl Store) {
    let entry = entry("chat", "Mrs P.", 1_000);
    store.record(&entry).await.unwrap();
    let new = &entry.reply;
    let (one, two) = (step("new", "assigned", "Asha"), step("new", "assigned", "Tom"));
    let (a, b) = tokio::join!(store.move_reply(new, &one), store.move_reply(new, &two));
    let (won, lost): (Vec<_>, Vec<_>) =
        [a.unwrap(), b.unwrap()].into_iter().partition(|moved| matches!(moved, Moved::Done(_)));
    let [Moved::Done(reply)] = &won[..] else { panic!("{won:?}") };
    // Who lost is told who won.
    assert_eq!(lost, [Moved::Other(reply.clone())]);
    assert_eq!(reply.history.len(), 1);
    assert_eq!(store.queue("chat", "new", None, 9).await.unwrap().items, []);
    assert_eq!(
        store.queue("chat", "assigned", None, 9).await.unwrap().items,
        std::slice::from_ref(reply)
    );
    let missing = Reply { id: "none".to_owned(), ..new.clone() };
    assert_eq!(store.move_reply(&missing, &one).await.unwrap(), Moved::Missing);
}

/// From one working state to the same one, so that the state alone does not show the other move.
async fn a_move_ends_where_somebody_else_moved_meanwhile(store: impl Store) {
    let entry = entry("chat", "Mrs P.", 1_000);
    store.record(&entry).await.unwrap();
    let mut before = entry.reply.clone();
    for state in ["assigned", "assigned", "new", "new"] {
        let (one, two) = (step(&before.state, state, "Asha"), step(&before.state, state, "Tom"));
        let (a, b) = tokio::join!(store.move_reply(&before, &one), store.move_reply(&before, &two));
        let (won, lost): (Vec<_>, Vec<_>) =
            [a.unwrap(), b.unwrap()].into_iter().partition(|moved| matches!(moved, Moved::Done(_)));
        let [Moved::Done(reply)] = &won[..] else { panic!("{state}: {won:?}") };
        assert_eq!(lost, [Moved::Other(reply.clone())], "{state}");
        assert_eq!(reply.history.len(), before.history.len() + 1);
        // The same is true of somebody who looked at it long before.
        let late = store.move_reply(&before, &step(&before.state, state, "Noor")).await.unwrap();
        assert_eq!(late, Moved::Other(reply.clone()), "{state}");
        before = reply.clone();
    }
}

/// A team member's inbox, and a reply as they see it now.
async fn look<S: Store + Clone>(store: &S, reference: &str) -> (Inbox<S>, Reply) {
    let inbox = Inbox::new(store.clone(), None, Clock::new(|| 1_795_615_200_000));
    let Found::Reply(reply) = inbox.find("chat", reference).await.unwrap() else { panic!() };
    (inbox, *reply)
}

fn by(name: &str, take_over: bool) -> MoveOptions {
    MoveOptions { by: Some(name.to_owned()), note: None, take_over }
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
        // Who comes later and sees the reply as it is now is told the same.
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

async fn a_person_is_erased_with_all_that_points_to_them(store: impl Store) {
    let first = entry("chat", "Mrs P.", 1_000);
    let mut second = entry("chat", "Mrs P. again", 2_000);
    second.reply.person.clone_from(&first.reply.person);
    let other = entry("chat", "Another", 3_000);
    for entry in [&first, &second, &other] {
        store.record(entry).await.unwrap();
    }
    store.move_reply(&second.reply, &step("new", "assigned", "Asha")).await.unwrap();
    let person = first.reply.person.clone().unwrap();
    assert_eq!(store.erase_replies("chat", &person).await.unwrap(), 2);
    assert_eq!(store.erase_replies("chat", &person).await.unwrap(), 0);
    assert_eq!(store.replies_of("chat", &person).await.unwrap(), []);
    assert_eq!(store.by_reference("chat", &second.reply.reference).await.unwrap(), None);
    assert_eq!(store.queue("chat", "new", None, 9).await.unwrap().items, [other.reply]);
    // The same words again are new words: nothing remembers them.
    assert_eq!(store.record(&entry("chat", "Mrs P.", 4_000)).await.unwrap(), Recorded::New);
}

async fn a_subscriber_changes_under_a_condition(store: impl Store) {
    let change = person_change("rose", None, Subscription::Pending);
    assert!(store.save_person(&change).await.unwrap());
    // Somebody who was not there is there now.
    let again = person_change("rose", None, Subscription::Pending);
    assert!(!store.save_person(&again).await.unwrap());
    let confirmed = person_change("rose", Some(1), Subscription::Active);
    let twice = person_change("rose", Some(1), Subscription::Unsubscribed);
    assert!(store.save_person(&confirmed).await.unwrap());
    assert!(!store.save_person(&twice).await.unwrap());
    let person = store.person("newsletter", "rose").await.unwrap();
    assert_eq!(person, Some(confirmed.person.clone()));
    let events = store.events("newsletter", "rose").await.unwrap();
    assert_eq!(events, [change.event, confirmed.event]);
    assert_eq!(store.person("newsletter", "none").await.unwrap(), None);
    let found = store.person_by_reference("newsletter", "reference-rose").await.unwrap();
    assert_eq!(found, person);
    let mut other = person_change("asha", None, Subscription::Pending);
    other.person.reference = "reference-rose".to_owned();
    assert!(!store.save_person(&other).await.unwrap());
    assert_eq!(store.person("newsletter", "asha").await.unwrap(), None);
    assert_eq!(store.due(i64::MAX / 2, 10).await.unwrap().len(), 2);
}

async fn subscribers_are_listed_by_state(store: impl Store) {
    for number in 0..5 {
        let change = person_change(&format!("person{number}"), None, Subscription::Pending);
        store.save_person(&change).await.unwrap();
    }
    let active = person_change("person3", Some(1), Subscription::Active);
    store.save_person(&active).await.unwrap();
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let state = Subscription::Pending;
        let page = store.people("newsletter", state, next.as_deref(), 3).await.unwrap();
        found.extend(page.items.into_iter().map(|person| person.hash));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(found, ["person0", "person1", "person2", "person4"]);
    let page = store.people("newsletter", Subscription::Active, None, 3).await.unwrap();
    assert_eq!(page.items, [active.person]);
}

async fn sign_ups_that_lapse_are_listed(store: impl Store) {
    let save = async |hash: &str, before: Option<Subscription>, nonce_until: i64| {
        let mut change = person_change(hash, None, Subscription::Pending);
        (change.person.before, change.person.nonce_until) = (before, nonce_until);
        assert!(store.save_person(&change).await.unwrap());
    };
    let at = 1_000 + CONFIRM_WITHIN;
    save("never-asked-before", None, at).await;
    save("had-left", Some(Subscription::Unsubscribed), at).await;
    save("was-erased", Some(Subscription::Erased), at - 1).await;
    save("has-a-newer-mail", Some(Subscription::Unsubscribed), at + 5).await;
    let lapsing = async |now, limit| {
        let people = store.lapsing("newsletter", now, limit).await.unwrap();
        people.into_iter().map(|person| person.hash).collect::<Vec<_>>()
    };
    assert_eq!(lapsing(at - 1, 9).await, [""; 0]);
    assert_eq!(lapsing(at, 9).await, ["had-left", "was-erased"]);
    assert_eq!(lapsing(at, 1).await.len(), 1);
    assert_eq!(lapsing(at + 5, 9).await, ["had-left", "has-a-newer-mail", "was-erased"]);
    assert_eq!(store.lapsing("another", at, 9).await.unwrap(), []);
    // Those who confirm, or are back where they were, do not lapse.
    store.save_person(&person_change("had-left", Some(1), Subscription::Active)).await.unwrap();
    let back = person_change("was-erased", Some(1), Subscription::Erased);
    store.save_person(&back).await.unwrap();
    assert_eq!(lapsing(at, 9).await, [""; 0]);
}

async fn a_mail_that_was_given_up_is_not_due(store: impl Store) {
    let entries = [1_000, 2_000].map(|now| entry("chat", &format!("Mrs P. at {now}"), now));
    for entry in &entries {
        store.record(entry).await.unwrap();
    }
    let [first, second] = entries.map(|entry| entry.owed[0].clone());
    store.settle(&first, Settled::Failed).await.unwrap();
    store.settle(&second, Settled::Again(9_000)).await.unwrap();
    let again = Owed { due: 9_000, ..second.clone() };
    let failed = Owed { failed: true, ..first };
    assert_eq!(store.due(i64::MAX / 2, 9).await.unwrap(), std::slice::from_ref(&again));
    assert_eq!(store.failed(9).await.unwrap(), std::slice::from_ref(&failed));
    // Tried again after all.
    let resent = Owed { failed: false, ..failed };
    store.settle(&resent, Settled::Again(5_000)).await.unwrap();
    let resent = Owed { due: 5_000, ..resent };
    assert_eq!(store.due(i64::MAX / 2, 9).await.unwrap(), [resent, again]);
    assert_eq!(store.failed(9).await.unwrap(), []);
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
    // Erasing goes by a contact, not by a mailbox, and leaves nothing that leads anywhere.
    assert_eq!(store.erase_replies("chat", "box").await.unwrap(), 1);
    assert_eq!(found("box").await, ["both", "other"]);
    assert_eq!(store.erase_replies("chat", "email").await.unwrap(), 1);
    assert_eq!(found("phone").await, [""; 0]);
    assert_eq!(found("box").await, ["other"]);
}

async fn a_subscriber_is_found_by_their_mailbox_while_an_address_is_kept(store: impl Store) {
    let mut tagged = person_change("tagged", None, Subscription::Pending);
    tagged.person.mailbox = Some("owner".to_owned());
    let owner = person_change("owner", None, Subscription::Pending);
    let other = person_change("other", None, Subscription::Pending);
    for change in [&tagged, &owner, &other] {
        assert!(store.save_person(change).await.unwrap());
    }
    let found = async || {
        let people = store.people_of_mailbox("newsletter", "owner").await.unwrap();
        let mut hashes: Vec<_> = people.into_iter().map(|person| person.hash).collect();
        hashes.sort_unstable();
        hashes
    };
    assert_eq!(found().await, ["owner", "tagged"]);
    let mut left = person_change("tagged", Some(1), Subscription::Unsubscribed);
    left.former_mailbox = tagged.person.mailbox;
    left.person.email = None;
    assert!(store.save_person(&left).await.unwrap());
    assert_eq!(found().await, ["owner"]);
    let hashes = ["owner", "none", "tagged", "owner"].map(str::to_owned);
    let (mut people, mailbox) = store.look_up("newsletter", &hashes, Some("none")).await.unwrap();
    people.sort_by(|one, other| one.hash.cmp(&other.hash));
    assert_eq!((people, mailbox), (vec![owner.person, left.person], None));
}

async fn a_subscriber_is_moved_and_still_found(store: impl Store) {
    let old = person_change("old", None, Subscription::Pending);
    let confirmed = person_change("old", Some(1), Subscription::Active);
    let there = person_change("there", None, Subscription::Pending);
    for change in [&old, &confirmed, &there] {
        assert!(store.save_person(change).await.unwrap());
    }
    let to = |hash: &str, reference: &str, version| daisychain_functions::store::Person {
        hash: hash.to_owned(),
        reference: reference.to_owned(),
        version,
        ..confirmed.person.clone()
    };
    let from = confirmed.person.clone();
    let merged = to("there", "reference-there", 2);
    let late = PersonMove { from: old.person, person: merged.clone(), expected: Some(1) };
    assert!(!store.move_person(&late).await.unwrap(), "they changed since");
    let late = PersonMove { from: from.clone(), person: merged.clone(), expected: None };
    assert!(!store.move_person(&late).await.unwrap(), "somebody is there");
    let change = PersonMove { from, person: merged.clone(), expected: Some(1) };
    assert!(store.move_person(&change).await.unwrap());
    assert!(!store.move_person(&change).await.unwrap(), "they are gone from there");
    for hash in ["old", "there"] {
        assert_eq!(store.person("newsletter", hash).await.unwrap(), Some(merged.clone()), "{hash}");
        let reference = format!("reference-{hash}");
        let found = store.person_by_reference("newsletter", &reference).await.unwrap();
        assert_eq!(found, Some(merged.clone()), "{reference}");
    }
    let both = ["old", "there"].map(str::to_owned);
    let (people, _) = store.look_up("newsletter", &both, None).await.unwrap();
    assert_eq!(people, std::slice::from_ref(&merged));
    // The evidence of both is theirs now.
    let events = store.events("newsletter", "there").await.unwrap();
    let mut ids: Vec<_> = events.iter().map(|event| event.id.clone()).collect();
    let mut all = [old.event.id, confirmed.event.id, there.event.id];
    ids.sort_unstable();
    all.sort_unstable();
    assert_eq!(ids, all);
    assert!(events.iter().all(|event| event.person == "there"));
    assert_eq!(store.events("newsletter", "old").await.unwrap(), []);
    assert_eq!(store.people("newsletter", Subscription::Pending, None, 9).await.unwrap().items, []);
    let active = store.people("newsletter", Subscription::Active, None, 9).await.unwrap();
    assert_eq!(active.items, [merged]);
}

async fn a_mailbox_changes_under_a_condition(store: impl Store) {
    assert_eq!(store.mailbox("hash").await.unwrap(), None);
    let first = Mailbox { mailed: vec![9_000], version: 1, ..Mailbox::new("hash".to_owned()) };
    assert!(store.save_mailbox(&first).await.unwrap());
    assert!(!store.save_mailbox(&first).await.unwrap(), "it is there");
    let second = Mailbox { suppressed: Some(9_500), version: 2, ..first };
    let late = Mailbox { version: 3, ..second.clone() };
    assert!(!store.save_mailbox(&late).await.unwrap(), "a version was left out");
    assert!(store.save_mailbox(&second).await.unwrap());
    assert!(!store.save_mailbox(&second).await.unwrap(), "it changed since");
    assert_eq!(store.mailbox("hash").await.unwrap(), Some(second.clone()));
    let (people, found) = store.look_up("newsletter", &[], Some("hash")).await.unwrap();
    assert_eq!((people, found), (Vec::new(), Some(second)));
}

async fn a_subscriber_and_their_mailbox_change_together(store: impl Store) {
    let mut change = person_change("rose", None, Subscription::Pending);
    let mailbox = Mailbox { mailed: vec![9_000], version: 1, ..Mailbox::new("box".to_owned()) };
    change.mailbox = Some(mailbox.clone());
    assert!(store.save_person(&change).await.unwrap());
    assert_eq!(store.mailbox("box").await.unwrap(), Some(mailbox.clone()));
    // Somebody else was mailed there meanwhile: neither changes, and nothing is owed.
    let mut late = person_change("asha", None, Subscription::Pending);
    late.mailbox = Some(mailbox.clone());
    assert!(!store.save_person(&late).await.unwrap());
    assert_eq!(store.person("newsletter", "asha").await.unwrap(), None);
    assert_eq!(store.events("newsletter", "asha").await.unwrap(), []);
    assert_eq!(store.due(i64::MAX / 2, 9).await.unwrap(), change.owed);
    late.mailbox = Some(Mailbox { mailed: vec![9_000, 9_100], version: 2, ..mailbox });
    assert!(store.save_person(&late).await.unwrap());
}

async fn a_summary_is_owed_once_and_finds_the_replies_it_is_about(store: impl Store) {
    let summary_of = |form: &str, about: i64| common::owe(form, Letter::HeldSummary, "", about);
    let [chats, later, lunches] =
        [summary_of("chat", 1_000), summary_of("chat", 2_000), summary_of("lunch", 1_000)];
    let mut ids = Vec::new();
    for (number, summary) in [&chats, &later, &chats, &lunches].into_iter().enumerate() {
        let mut entry = entry(&summary.form, &format!("Person {number}"), 1_000 + number as i64);
        entry.owed.clear();
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
    // Taken to be sent, it is about the same.
    let leased = store.lease(&chats, 90_000).await.unwrap().unwrap();
    assert_eq!(store.held(&leased).await.unwrap().len(), 2);
    assert_eq!(store.held(&summary_of("chat", 3_000)).await.unwrap(), [""; 0]);
}

async fn a_mail_is_leased_by_one(store: impl Store) {
    let entry = entry("chat", "Mrs P.", 1_000);
    store.record(&entry).await.unwrap();
    let mail = &entry.owed[0];
    assert_eq!(store.due(mail.due - 1, 10).await.unwrap(), []);
    let due = store.due(mail.due, 10).await.unwrap();
    assert_eq!(due, entry.owed);
    let until = mail.due + 60_000;
    let (a, b) = tokio::join!(store.lease(&due[0], until), store.lease(&due[0], until));
    let leased: Vec<_> = [a.unwrap(), b.unwrap()].into_iter().flatten().collect();
    assert_eq!(leased.iter().map(|owed| (owed.due, owed.tries)).collect::<Vec<_>>(), [(until, 1)]);
    assert_eq!(store.due(mail.due, 10).await.unwrap(), []);
    // Whoever had it is gone: it is due again when the lease ends.
    assert_eq!(store.due(until, 10).await.unwrap().len(), 1);
}

async fn a_mail_is_settled(store: impl Store) {
    let PersonChange { mut owed, .. } = person_change("rose", None, Subscription::Pending);
    let mut change = person_change("rose", None, Subscription::Pending);
    let more = ["a", "b"].map(|about| common::owe("newsletter", Letter::Confirmation, about, 9));
    owed.extend(more);
    change.owed.clone_from(&owed);
    store.save_person(&change).await.unwrap();
    store.settle(&owed[0], Settled::Sent).await.unwrap();
    store.settle(&owed[1], Settled::Again(70_000)).await.unwrap();
    store.settle(&owed[2], Settled::Failed).await.unwrap();
    let due = store.due(i64::MAX / 2, 10).await.unwrap();
    assert_eq!(due.iter().map(|owed| (owed.due, owed.tries)).collect::<Vec<_>>(), [(70_000, 0)]);
    let failed = store.failed(10).await.unwrap();
    assert_eq!(failed.iter().map(|owed| owed.id.clone()).collect::<Vec<_>>(), [owed[2].id.clone()]);
    // A mail that only waited has not been tried.
    let leased = store.lease(&due[0], 75_000).await.unwrap().unwrap();
    assert_eq!(leased.tries, 1);
    store.settle(&leased, Settled::Waiting(76_000)).await.unwrap();
    let due = store.due(i64::MAX / 2, 10).await.unwrap();
    assert_eq!(due.iter().map(|owed| (owed.due, owed.tries)).collect::<Vec<_>>(), [(76_000, 0)]);
    // What was given up can be tried again.
    let again = Owed { failed: false, ..failed[0].clone() };
    store.settle(&again, Settled::Again(90_000)).await.unwrap();
    assert_eq!(store.failed(10).await.unwrap(), []);
    assert_eq!(store.due(i64::MAX / 2, 10).await.unwrap().len(), 2);
    store.settle(&again, Settled::Sent).await.unwrap();
    // What was sent stays sent, whoever else believed that it was theirs.
    store.settle(&owed[0], Settled::Again(80_000)).await.unwrap();
    assert_eq!(store.due(i64::MAX / 2, 10).await.unwrap().len(), 1);
}

async fn a_counter_counts(store: impl Store) {
    for expected in 1..=3 {
        assert_eq!(store.count("visitor#1", 9_000).await.unwrap(), expected);
    }
    assert_eq!(store.count("visitor#2", 9_000).await.unwrap(), 1);
    let all = ["visitor#1", "visitor#2", "visitor#3"].map(str::to_owned);
    assert_eq!(store.counted(&all).await.unwrap(), 4);
    assert_eq!(store.counted(&all[2..]).await.unwrap(), 0);
}

/// A table as an earlier version left it: a form with its definition, and no list of forms.
#[cfg(feature = "dynamodb")]
#[tokio::test]
async fn the_forms_of_an_earlier_table_are_listed_once_asked_for() {
    use aws_sdk_dynamodb::types::AttributeValue;
    use daisychain_functions::store::dynamo;
    let name = format!("earlier-{}", daisychain_functions::id::ulid(0));
    let store = common::named_table(&name).await;
    let (endpoint, limit) = (common::dynamodb(), std::time::Duration::from_secs(300));
    let config = daisychain_functions::aws::config(Some(&endpoint), limit).await;
    let client = aws_sdk_dynamodb::Client::new(&config);
    let put = async |key: &str, body: String| {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let call = client.put_item().table_name(&name).item("pk", text(key));
        let call = call.item("sk", text("definition")).item("body", text(&body));
        call.send().await.unwrap();
    };
    let definition = Definition::new(campaign("chat"), "<main></main>");
    let digest = definition.form.digest();
    put(&format!("chat#FORM#{digest}"), serde_json::to_string(&definition).unwrap()).await;
    put("chat#FORM#current", format!("{digest:?}")).await;
    for form in ["lunch", "volunteer"] {
        put(&format!("{form}#FORM#current"), format!("{digest:?}")).await;
    }

    let known = |name: &str, withdrawn| KnownForm { name: name.to_owned(), withdrawn };
    assert_eq!(store.forms().await.unwrap(), []);
    let current = store.current("chat").await.unwrap().unwrap();
    assert!(!current.withdrawn && current.definition == definition);
    store.withdraw("volunteer").await.unwrap();
    store.list_earlier_forms().await.unwrap();
    let listed = [known("chat", false), known("lunch", false), known("volunteer", true)];
    assert_eq!(store.forms().await.unwrap(), listed);

    // It is done once: what is put past the list later is not looked for again.
    put("picnic#FORM#current", format!("{digest:?}")).await;
    dynamo::connect_for_commands(Some(&common::dynamodb()), &name)
        .await
        .list_earlier_forms()
        .await
        .unwrap();
    assert_eq!(store.forms().await.unwrap(), listed);
}

/// As where the answer to the first call was lost, and the client tried again.
#[cfg(feature = "dynamodb")]
#[tokio::test]
async fn a_table_that_is_there_already_is_made_and_another_of_its_name_is_not() {
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    };
    use daisychain_functions::store::dynamo;
    let store = common::table().await;
    let entry = entry("chat", "Rose", 1_000);
    store.record(&entry).await.unwrap();
    dynamo::create_table(&store).await.unwrap();
    assert_eq!(store.reply("chat", &entry.reply.id).await.unwrap(), Some(entry.reply));

    let client = aws_sdk_dynamodb::Client::new(&common::dynamodb_config().await);
    let name = format!("other-{}", daisychain_functions::id::ulid(0));
    let attribute = AttributeDefinition::builder().attribute_name("id");
    let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash);
    client
        .create_table()
        .table_name(&name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute.attribute_type(ScalarAttributeType::S).build().unwrap())
        .key_schema(key.build().unwrap())
        .send()
        .await
        .unwrap();
    let other = dynamo::connect_for_commands(Some(&common::dynamodb()), &name).await;
    let error = dynamo::create_table(&other).await.unwrap_err();
    assert_eq!(error.0, "dynamodb: ResourceInUseException");
}
