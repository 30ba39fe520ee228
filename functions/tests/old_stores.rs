//! Opens stores that earlier versions wrote (`tests/fixtures/README.md` lists their contents).

#![cfg(feature = "sqlite")]
#![allow(clippy::disallowed_methods, reason = "a test starts a process")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::site::{Site, browser, definition};
use daisychain_functions::clock::Clock;
use daisychain_functions::inbox::{Inbox, ReplyFilter};
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::model::claim_of;
use daisychain_functions::model::workflow::states;
use daisychain_functions::model::{MailKind, SubscriptionState};
#[cfg(feature = "dynamodb")]
use daisychain_functions::secret_keys::SecretKeys;
#[cfg(feature = "dynamodb")]
use daisychain_functions::store::dynamodb::{DynamoDb, Upgraded};
use daisychain_functions::store::sqlite::{self, Sqlite};
use daisychain_functions::store::{
    Definitions as _, MailQueue as _, Replies as _, Subscribers as _,
};

/// Opens a copy of the store with schema 1. Its folder is removed with the first value.
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
            replies.extend(store.queue(form, *state, None, 99).await.unwrap().items);
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
    let moved = replies.iter().find(|reply| reply.state.as_str() == "assigned").unwrap();
    assert_eq!(moved.history[0].note.as_deref(), Some("rings on Monday"));
    assert_eq!(claim_of(moved).map(|claim| claim.by), Some("Asha"));

    let letters = |queued: Vec<daisychain_functions::model::QueuedMail>| {
        let mut letters: Vec<_> =
            queued.into_iter().map(|queued| (queued.form, queued.kind.description())).collect();
        letters.sort_unstable();
        letters
    };
    let volunteer = |letter: MailKind| ("volunteer".to_owned(), letter.description());
    let confirmation = ("newsletter".to_owned(), MailKind::Confirmation.description());
    let due = letters(store.due(i64::MAX / 2, 9).await.unwrap());
    assert_eq!(due, [confirmation, volunteer(MailKind::Acknowledgement)]);
    assert_eq!(letters(store.failed(9).await.unwrap()), [volunteer(MailKind::Notice)]);
}

#[tokio::test]
async fn replies_of_every_earlier_schema_are_listed_and_found() {
    for (name, open, found) in [
        ("store-1.sqlite", 7, [("rose@example.com", 2), ("01632 960111", 2), ("01632960112", 1)]),
        ("store-5.sqlite", 19, [("held@example.com", 2), ("01632 960109", 3), ("waiting", 5)]),
    ] {
        let (_folder, path) = common::old_store(name);
        let store = sqlite::open(&path).unwrap();
        let inbox = Inbox::new(store.clone(), Some(common::site::keys()), Clock::system());
        let listed = inbox.list(&ReplyFilter::Open, None, None, 99).await.unwrap().items;
        assert_eq!(listed.len(), open, "{name}");
        for (typed, replies) in found {
            let found = inbox.search(typed, 99).await.unwrap().replies;
            assert_eq!(found.len(), replies, "{typed} in {name}");
        }
        for reply in listed {
            let found = inbox.search(&reply.reference, 99).await.unwrap().replies;
            assert_eq!(found, [reply]);
        }
    }
}

/// A site with a copy of that store, and its team's inbox.
fn site_1() -> (Site<Sqlite, FileMailer>, Inbox<Sqlite>) {
    let (folder, store) = store_1();
    let outbox = FileMailer::new(folder.path().join("outbox"));
    let site = Site::with(folder, store.clone(), outbox, |settings| {
        settings.forms = ["newsletter", "volunteer", "chat", "callback"].map(str::to_owned).into();
    });
    site.pass(2 * 3_600_000);
    let now = Clock::new(|| common::site::WEDNESDAY + 3 * 3_600_000);
    (site, Inbox::new(store, Some(common::site::keys()), now))
}

#[tokio::test]
async fn two_spellings_of_schema_1_are_one_subscriber_with_the_strongest_wish() {
    let (_folder, store) = store_1();
    let mut found = Vec::new();
    for state in SubscriptionState::ALL {
        for person in store.subscribers("newsletter", state, None, 99).await.unwrap().items {
            let events = store.events("newsletter", &person.hash).await.unwrap();
            assert!(events.iter().all(|event| event.person == person.hash));
            found.push((state.as_str(), person.email.unwrap_or_default(), events.len()));
        }
    }
    found.sort_unstable();
    let found: Vec<_> =
        found.iter().map(|(state, email, events)| (*state, email.as_str(), *events)).collect();
    let expected = [
        ("active", "J.Doe@gmail.com", 2),
        ("active", "Rose@example.com", 3),
        ("active", "asha@example.com", 2),
        ("active", "ivy+news@example.com", 2),
        ("bounced", "Ivy@example.com", 3),
        ("complained", "", 3),
        ("erased", "", 3),
        ("pending", "Noor@example.org", 1),
        ("pending", "jdoe@googlemail.com", 1),
        // `Tom@` has unsubscribed, which also applies to `tom@`.
        ("unsubscribed", "", 5),
    ];
    assert_eq!(found, expected);
}

#[tokio::test(start_paused = true)]
async fn people_of_schema_1_are_found_by_any_spelling() {
    let (site, inbox) = site_1();
    for (form, contact, records) in [
        ("chat", "ROSE@example.com", 2),
        ("chat", "01632 960111", 2),
        ("callback", "rosalind@example.com", 1),
        ("volunteer", "asha@EXAMPLE.com", 1),
        ("newsletter", "held@example.com", 1),
    ] {
        assert_eq!(inbox.of_person(form, contact).await.unwrap().len(), records, "{contact}");
        assert_eq!(inbox.erase(form, contact).await.unwrap(), records as u32, "{contact}");
        assert_eq!(inbox.of_person(form, contact).await.unwrap(), []);
    }
    // Their address is deleted, and only the hash of one spelling remains. They are still recognised.
    for (contact, state) in [
        ("zara@example.com", SubscriptionState::Complained),
        ("paul@example.com", SubscriptionState::Erased),
    ] {
        let (person, _) = inbox.subscriber("newsletter", contact).await.unwrap().unwrap();
        assert_eq!(person.state, state, "{contact}");
    }
    // The site is published again before people use its current form.
    site.service.store().publish(&definition("newsletter")).await.unwrap();
    let before = site.mails().len();
    for address in ["zara@example.com", "zara+new@example.com"] {
        site.pass(20 * 60_000);
        assert_eq!(site.post("newsletter", &[("email", address)]).await.status, 303);
    }
    assert_eq!(site.mails().len(), before, "a person who complained gets no email");
    assert_eq!(inbox.erase("newsletter", "rose@example.com").await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn links_that_schema_1_sent_unsubscribe_for_ever() {
    let (site, inbox) = site_1();
    // The tokens of `Rose@example.com` and of `rose@example.com`, who are one person.
    for token in [
        "1.85c76dbd00634696d5253d1210348f479985c2b0a1d907033cc18d06b4f85c40..0.291a4469d573988f18ed2b0b85b8bac431f109f59857b8deefbdd98f25c62bb5",
        "1.df2692e80ea72c3fd645fc0dada0bc79fb9d8aac9de7503749a24bfe07e40747..0.99ad2211165017926ed989209fa5a134179241d45410d96192c3eb85ff0619fc",
    ] {
        let link = format!("/api/newsletter/leave?token={token}");
        site.pass(400 * 86_400_000);
        assert_eq!(site.send(browser(&link, "")).await.status, 200);
        let (rose, _) = inbox.subscriber("newsletter", "rose@example.com").await.unwrap().unwrap();
        assert_eq!((rose.state, rose.email), (SubscriptionState::Unsubscribed, None));
        // She subscribes again, and the next link works too.
        site.post("newsletter", &[("email", "rose@example.com")]).await;
    }
}

#[tokio::test]
async fn every_subscriber_of_schema_1_is_there_with_their_address() {
    let (_folder, store) = store_1();
    let mut addresses = Vec::new();
    for state in SubscriptionState::ALL {
        for person in store.subscribers("newsletter", state, None, 99).await.unwrap().items {
            assert!(!store.events("newsletter", &person.hash).await.unwrap().is_empty());
            addresses.extend(person.email);
        }
    }
    for kept in ["asha@example.com", "ivy+news@example.com", "J.Doe@gmail.com", "Noor@example.org"]
    {
        assert!(addresses.iter().any(|address| address == kept), "{kept} of {addresses:?}");
    }
}

/// Writes what version 0.1 wrote into a table, with the current calls: hashes of addresses as typed, and no other
/// contacts. One subscriber has more events than a transaction holds.
#[cfg(feature = "dynamodb")]
async fn fill_as_version_0_1(store: &DynamoDb, keys: &SecretKeys) {
    for form in ["chat", "newsletter"] {
        store.publish(&definition(form)).await.unwrap();
    }
    for (number, contact, hashed) in [
        (1, "Rose@Example.com", "Rose@example.com"),
        (2, "rose@example.com", "rose@example.com"),
        (3, "01632 960 111", "01632960111"),
    ] {
        let mut entry = common::entry("chat", &format!("Person {number}"), number * 1_000);
        let answers = &mut entry.reply.submission.answers;
        answers.insert("contact".to_owned(), vec![contact.to_owned()]);
        entry.reply.definition = definition("chat").form.digest();
        entry.reply.person = Some(keys.person("chat", hashed));
        entry.reply.contacts = Vec::new();
        store.record(&entry).await.unwrap();
    }
    let hash = |address: &str| keys.person("newsletter", address);
    for (address, state) in [
        ("Rose@example.com", SubscriptionState::Active),
        ("rose@example.com", SubscriptionState::Pending),
        ("asha+news@example.com", SubscriptionState::Active),
        ("TOM@example.com", SubscriptionState::Unsubscribed),
    ] {
        let mut change = common::person_change(&hash(address), None, state);
        change.person.reference = address.to_owned();
        let kept = state != SubscriptionState::Unsubscribed;
        change.person.email = kept.then(|| address.to_owned());
        assert!(store.save_subscriber(&change).await.unwrap());
    }
    for version in 2..=ROSES_EVENTS {
        let rose = hash("Rose@example.com");
        let expected = Some(version - 1);
        let mut change = common::person_change(&rose, expected, SubscriptionState::Active);
        change.person.reference = "Rose@example.com".to_owned();
        change.person.email = Some("Rose@example.com".to_owned());
        assert!(store.save_subscriber(&change).await.unwrap());
    }
}

/// The number of consent events of `Rose@example.com`.
#[cfg(feature = "dynamodb")]
const ROSES_EVENTS: u64 = 60;

/// The ids of the consent events under the hash of an address as version 0.1 stored it.
#[cfg(feature = "dynamodb")]
async fn events_under(store: &DynamoDb, keys: &SecretKeys, address: &str) -> Vec<String> {
    let events = store.events("newsletter", &keys.person("newsletter", address)).await.unwrap();
    events.into_iter().map(|event| event.id).collect()
}

/// Checks that everything in such a table is upgraded, and that links and references that were sent still work.
#[cfg(feature = "dynamodb")]
async fn check_upgraded(store: &DynamoDb, keys: &SecretKeys) {
    let hash = |address: &str| keys.person("newsletter", address);
    let now = Clock::new(|| common::site::WEDNESDAY);
    let inbox = Inbox::new(store.clone(), Some(keys.clone()), now);
    assert_eq!(inbox.of_person("chat", "ROSE@example.com").await.unwrap().len(), 2);
    let rose = hash("rose@example.com");
    for link in [&rose, &hash("Rose@example.com")] {
        let person = store.subscriber("newsletter", link).await.unwrap().unwrap();
        assert_eq!((person.state, &person.hash), (SubscriptionState::Active, &rose));
    }
    for reference in ["Rose@example.com", "rose@example.com"] {
        let person = store.subscriber_by_reference("newsletter", reference).await.unwrap().unwrap();
        assert_eq!(person.hash, rose);
    }
    let events = events_under(store, keys, "rose@example.com").await.len();
    assert_eq!(events as u64, ROSES_EVENTS + 1);
    let asha = store.subscribers_of_mailbox("newsletter", &hash("asha@example.com")).await.unwrap();
    assert_eq!(asha.len(), 1);
    // Someone whose address is deleted is found by a usual spelling.
    let (tom, _) = inbox.subscriber("newsletter", "tom@example.com").await.unwrap().unwrap();
    assert_eq!((tom.state, tom.hash), (SubscriptionState::Unsubscribed, hash("tom@example.com")));
    assert_eq!(inbox.erase("chat", "rose@example.com").await.unwrap(), 2);
    assert_eq!(inbox.erase("chat", "+44 1632 960111").await.unwrap(), 1);
    assert_eq!(events_under(store, keys, "tom@example.com").await.len(), 1);
    for former in ["Rose@example.com", "TOM@example.com"] {
        assert_eq!(events_under(store, keys, former).await, [""; 0], "{former}");
    }
}

#[cfg(feature = "dynamodb")]
#[tokio::test]
async fn a_table_is_upgraded_once_and_earlier_links_still_work() {
    let (store, keys) = (common::table().await, common::site::keys());
    fill_as_version_0_1(&store, &keys).await;
    let chats = store.upgrade(&keys, "chat").await.unwrap();
    assert_eq!(chats, Upgraded { replies: 3, subscribers: 0 });
    let people = store.upgrade(&keys, "newsletter").await.unwrap();
    assert_eq!(people, Upgraded { replies: 0, subscribers: 2 });
    for form in ["chat", "newsletter"] {
        assert_eq!(store.upgrade(&keys, form).await.unwrap(), Upgraded::default());
    }
    check_upgraded(&store, &keys).await;
}

/// Upgrades a table, and finds the subscriber who has no address. Returns how many subscribers the upgrade changed.
#[cfg(feature = "dynamodb")]
async fn upgrade(store: &DynamoDb, keys: &SecretKeys) -> u32 {
    let mut upgraded = 0;
    for form in ["chat", "newsletter"] {
        upgraded += store.upgrade(keys, form).await.unwrap().subscribers;
    }
    let now = Clock::new(|| common::site::WEDNESDAY);
    let inbox = Inbox::new(store.clone(), Some(keys.clone()), now);
    inbox.subscriber("newsletter", "tom@example.com").await.unwrap();
    upgraded
}

/// The name of the table that a process of the test below upgrades.
#[cfg(all(feature = "dynamodb", feature = "failpoints"))]
const TABLE_TO_UPGRADE: &str = "DAISYCHAIN_TEST_TABLE_TO_UPGRADE";

/// Runs this test again in a process of its own, which is killed at the first failpoint, then at the second, and so on.
#[cfg(all(feature = "dynamodb", feature = "failpoints"))]
#[tokio::test]
async fn an_upgrade_killed_at_any_point_is_completed_by_the_next() {
    use daisychain_functions::store::dynamodb;
    let keys = common::site::keys();
    if let Ok(table) = std::env::var(TABLE_TO_UPGRADE) {
        let store = dynamodb::connect_for_commands(Some(&common::dynamodb()), &table).await;
        upgrade(&store, &keys).await;
        return;
    }
    let mut reached = std::collections::BTreeSet::new();
    for number in 1.. {
        let name = format!("killed-{number}-{}", daisychain_functions::id::ulid(0));
        let store = common::named_table(&name).await;
        fill_as_version_0_1(&store, &keys).await;
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "an_upgrade_killed_at_any_point_is_completed_by_the_next"])
            .arg("--nocapture")
            .env(TABLE_TO_UPGRADE, &name)
            .env("DAISYCHAIN_FAILPOINT", format!("upgrade:{number}"))
            .output()
            .unwrap();
        if output.status.success() {
            break;
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        let point = errors.lines().rfind(|line| line.starts_with("upgrade: "));
        let point = point.unwrap_or_else(|| panic!("{errors}")).to_owned();
        let mut events = std::collections::BTreeSet::new();
        for address in ["Rose@example.com", "rose@example.com"] {
            events.extend(events_under(&store, &keys, address).await);
        }
        println!("killed at point {number} ({point})");
        assert_eq!(events.len() as u64, ROSES_EVENTS + 1);
        upgrade(&store, &keys).await;
        check_upgraded(&store, &keys).await;
        reached.insert(point);
    }
    let points = [
        "upgrade: a mailbox is noted",
        "upgrade: a reply is rehashed",
        "upgrade: a subscriber is moved",
        "upgrade: events are moved",
    ];
    assert_eq!(reached.iter().map(String::as_str).collect::<Vec<_>>(), points);
}

/// An earlier version deleted the former events after it had moved a subscriber. If it was killed between the two, they
/// stayed.
#[cfg(feature = "dynamodb")]
#[tokio::test]
async fn events_that_an_interrupted_move_left_behind_are_moved() {
    use aws_sdk_dynamodb::types::AttributeValue;
    let name = format!("left-events-{}", daisychain_functions::id::ulid(0));
    let (store, keys) = (common::named_table(&name).await, common::site::keys());
    fill_as_version_0_1(&store, &keys).await;
    let (client, mut left) =
        (aws_sdk_dynamodb::Client::new(&common::dynamodb_config().await), Vec::new());
    // No address is stored of `TOM@example.com`, who unsubscribed.
    for address in ["Rose@example.com", "TOM@example.com"] {
        let hash = keys.person("newsletter", address);
        let key = AttributeValue::S(format!("newsletter#PERSON#{hash}"));
        let call = client.query().table_name(&name).key_condition_expression("pk = :pk");
        let found = call.expression_attribute_values(":pk", key).send().await.unwrap();
        let is_event = |item: &&std::collections::HashMap<_, AttributeValue>| {
            item["sk"].as_s().unwrap().starts_with("event#")
        };
        left.extend(found.items().iter().filter(is_event).cloned());
    }
    upgrade(&store, &keys).await;
    for item in left {
        let call = client.put_item().table_name(&name).set_item(Some(item));
        call.send().await.unwrap();
    }
    assert_eq!(upgrade(&store, &keys).await, 2);
    assert_eq!(upgrade(&store, &keys).await, 0);
    check_upgraded(&store, &keys).await;
}

/// Before the index `due` existed, sign-ups were stored without the time when they expire.
#[cfg(feature = "dynamodb")]
#[tokio::test]
async fn the_schedule_finds_what_a_table_held_before_there_was_its_index() {
    use aws_sdk_dynamodb::types::AttributeValue;
    use common::site::{definition, keys};
    use daisychain_functions::model::CONFIRM_WITHIN;
    let name = format!("before-due-{}", daisychain_functions::id::ulid(0));
    let (store, keys) = (common::named_table(&name).await, keys());
    store.publish(&definition("newsletter")).await.unwrap();
    let hash = keys.person("newsletter", "rose@example.com");
    let mut person = common::person_change(&hash, None, SubscriptionState::Pending).person;
    person.email = Some("rose@example.com".to_owned());
    person.before = Some(SubscriptionState::Unsubscribed);
    let queued = common::queued_mail("newsletter", MailKind::Confirmation, &hash, 1_000);
    let client = aws_sdk_dynamodb::Client::new(&common::dynamodb_config().await);
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: &str| AttributeValue::N(number.to_owned());
    let body = serde_json::to_string(&queued).unwrap();
    let mail = client
        .put_item()
        .item("pk", text(&format!("newsletter#OUT#{}", queued.id)))
        .item("sk", text("mail"))
        .item("body", text(&body))
        .item("due", number(&queued.due.to_string()))
        .item("list", text("OUTBOX#waiting"))
        .item("rank", text(&format!("{:015}#{}", queued.due, queued.id)));
    let body = serde_json::to_string(&person).unwrap();
    let sign_up = client
        .put_item()
        .item("pk", text(&format!("newsletter#PERSON#{hash}")))
        .item("sk", text("person"))
        .item("body", text(&body))
        .item("version", number("1"))
        .item("list", text("newsletter#PEOPLE#pending"))
        .item("rank", text(&format!("{:015}#{hash}", person.since)));
    for put in [mail, sign_up] {
        put.table_name(&name).send().await.unwrap();
    }

    assert_eq!(store.due(queued.due, 9).await.unwrap(), [queued]);
    let at = person.since + CONFIRM_WITHIN;
    assert_eq!(store.lapsing("newsletter", at, 9).await.unwrap(), []);
    let upgraded = store.upgrade(&keys, "newsletter").await.unwrap();
    assert_eq!(upgraded, Upgraded { replies: 0, subscribers: 1 });
    assert_eq!(store.upgrade(&keys, "newsletter").await.unwrap(), Upgraded::default());
    let lapsing = store.lapsing("newsletter", at, 9).await.unwrap();
    assert_eq!(lapsing.iter().map(|person| &person.hash).collect::<Vec<_>>(), [&hash]);
}
