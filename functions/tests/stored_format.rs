//! The stored format is fixed: states, counters, hashes, keys, attributes, tables.
//!
//! Every later version must be able to read the stores of this one, so each test compares with a kept file in
//! `fixtures/`. `BLESS=1` rewrites the files: use it only for an addition that earlier stores do not need.

#![cfg(all(feature = "sqlite", feature = "dynamodb"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::disallowed_methods, reason = "a test makes its own files")]

mod common;

use aws_sdk_dynamodb::types::AttributeValue;
use common::life::{self, follow, inbox, live, mails, send, site_over};
use common::site::keys;
use daisychain_functions::inbox::MoveOptions;
use daisychain_functions::model::{StoredReply, SubscriptionState};
use daisychain_functions::store::sqlite::{self, Sqlite};
use daisychain_functions::store::{
    Definitions as _, MailQueue as _, Replies as _, Subscribers as _,
};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const FORMS: [&str; 4] = ["newsletter", "volunteer", "chat", "callback"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

#[track_caller]
fn is_kept(name: &str, text: &str) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(fixture(name), text).unwrap();
    }
    let kept = std::fs::read_to_string(fixture(name)).unwrap();
    for (line, (kept, now)) in kept.lines().zip(text.lines()).enumerate() {
        assert_eq!(kept, now, "line {} of {name}", line + 1);
    }
    assert_eq!(kept.lines().count(), text.lines().count(), "lines of {name}");
}

/// Masks what is random in a text: the random part of ULIDs, references, nonces, and which shard of a counter
/// was used.
fn masked(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut masked = String::new();
    for word in text.split_inclusive(|c| !is_part(c)) {
        let bare = word.trim_end_matches(|c| !is_part(c));
        let is_upper = bare.bytes().all(|byte| !byte.is_ascii_lowercase());
        match bare.len() {
            26 if is_upper && bare.starts_with('0') => {
                write!(masked, "{}<random>", &bare[..10]).unwrap()
            }
            9 if is_upper && bare.as_bytes()[4] == b'-' => masked.push_str("<reference>"),
            _ => masked.push_str(bare),
        }
        masked.push_str(&word[bare.len()..]);
    }
    without_nonce(&masked)
}

fn without_nonce(text: &str) -> String {
    let begin = "\"nonce\":\"";
    let mut parts = text.split(begin);
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| {
        let (nonce, rest) = part.split_once('"').unwrap();
        format!("{text}{begin}<{} digits>\"{rest}", nonce.len())
    })
}

/// `mail#team#498782#3` counts an hour's emails in a random shard, so its values are left out.
fn without_shard(name: &str) -> Option<String> {
    let (hour, _) = name.rsplit_once('#').filter(|_| name.contains("mail#"))?;
    Some(format!("{hour}#<shard>"))
}

#[test]
fn only_what_is_random_is_masked() {
    assert_eq!(masked("a#01KAXJ8Z0000000000000000ZZ!"), "a#01KAXJ8Z00<random>!");
    assert_eq!(masked("\"7KMB-2XQ4\""), "\"<reference>\"");
    assert_eq!(masked("{\"nonce\":\"0af3\"}"), "{\"nonce\":\"<4 digits>\"}");
    let kept = "01632 960123 full-name newsletter#PEOPLE#pending ab12cd34 x@example.com";
    assert_eq!(masked(kept), kept);
}

#[tokio::test(start_paused = true)]
async fn tables_and_rows_of_sqlite() {
    let (_folder, path) = empty_store();
    write_store(&path).await;
    is_kept("stored-sqlite.txt", &dump(&Connection::open(&path).unwrap()));
}

fn empty_store() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replies.sqlite");
    (folder, path)
}

/// Writes a store with every kind of record. Returns the tokens of two links that were emailed.
async fn write_store(path: &Path) -> life::Links {
    drop(sqlite::open(path).unwrap());
    let connection = Connection::open(path).unwrap();
    for (name, value) in [("token", "ab"), ("person", "cd")] {
        let insert = "INSERT INTO secret (name, value) VALUES (?1, ?2)";
        connection.execute(insert, [name, &value.repeat(32)]).unwrap();
    }
    let store = sqlite::open(path).unwrap();
    store.keys().unwrap();
    let site = site_over(tempfile::tempdir().unwrap(), store.clone());
    let links = live(&site).await;
    store.close().unwrap();
    links
}

/// The schema and all rows, sorted as text.
fn dump(connection: &Connection) -> String {
    let version: u32 =
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let mut text = format!("user_version {version}\n");
    let lines = |sql: &str| {
        let mut statement = connection.prepare(sql).unwrap();
        let columns: Vec<String> = statement.column_names().map(String::from).collect();
        let mut rows = statement.query([]).unwrap();
        let mut lines = BTreeSet::new();
        while let Some(row) = rows.next().unwrap() {
            let values = (0..columns.len()).map(|at| match row.get_ref(at).unwrap() {
                ValueRef::Null => "NULL".to_owned(),
                ValueRef::Integer(number) => number.to_string(),
                other => other.as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" "),
            });
            let line =
                columns.iter().zip(values).map(|(column, value)| format!("{column}={value}"));
            lines.insert(masked(&line.collect::<Vec<_>>().join(" | ")));
        }
        lines
    };
    let schema = lines("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL");
    let tables: Vec<String> = schema
        .iter()
        .filter_map(|line| line.strip_prefix("sql=CREATE TABLE "))
        .map(|line| line.trim_matches('"').split([' ', '(', '"']).next().unwrap().to_owned())
        .collect();
    schema.iter().for_each(|line| writeln!(text, "{line}").unwrap());
    for table in tables {
        writeln!(text, "\n{table}").unwrap();
        let mut rows = lines(&format!("SELECT * FROM {table}"));
        if table == "counter" {
            rows = rows.iter().map(|row| counter(row)).collect();
        }
        rows.iter().for_each(|row| writeln!(text, "{row}").unwrap());
    }
    text
}

fn counter(row: &str) -> String {
    let name = row.split(" | ").next().unwrap();
    without_shard(name).unwrap_or_else(|| row.to_owned())
}

#[tokio::test]
async fn items_of_dynamodb() {
    let name = format!("stored-{}", daisychain_functions::id::ulid(0));
    let store = common::named_table(&name).await;
    live(&site_over(tempfile::tempdir().unwrap(), store)).await;
    let client = aws_sdk_dynamodb::Client::new(&common::dynamodb_config().await);
    let pages = client.scan().table_name(&name).into_paginator().items().send();
    let mut items = BTreeSet::new();
    for item in pages.collect::<Result<Vec<_>, _>>().await.unwrap() {
        let text = |value: &AttributeValue| match value {
            AttributeValue::S(text) => text.clone(),
            AttributeValue::N(number) => format!("{number} (number)"),
            other => format!("{other:?}"),
        };
        let key = ["pk", "sk"].map(|name| (name, text(&item[name])));
        let mut rest: Vec<_> = item
            .iter()
            .filter(|(name, _)| !["pk", "sk"].contains(&name.as_str()))
            .map(|(name, value)| (name.as_str(), text(value)))
            .collect();
        rest.sort_unstable();
        // The list of erased people has times of the system's own clock.
        let erased = key[0].1.ends_with("#ERASED").then(|| key[0].1.clone());
        let unsteady = without_shard(&key[0].1).or(erased);
        let line = |(name, value): (&str, String)| match (&unsteady, name) {
            (Some(key), "pk") => format!("pk: {key}"),
            (Some(_), "body" | "expires" | "value") => format!("{name}: <…>"),
            (_, _) => format!("{name}: {}", masked(&value)),
        };
        let lines: Vec<_> = key.into_iter().chain(rest).map(line).collect();
        items.insert(lines.join("\n  ") + "\n");
    }
    is_kept("stored-dynamodb.txt", &items.into_iter().collect::<String>());
}

/// A copy of the store that schema 5 was fixed with, and the tokens in its site's emails.
async fn store_5() -> (tempfile::TempDir, Sqlite, [String; 2]) {
    let links = std::fs::read_to_string(fixture("store-5.links.txt")).unwrap();
    let mut links = links.lines().map(str::to_owned);
    let links = [links.next().unwrap(), links.next().unwrap()];
    let (folder, path) = common::old_store("store-5.sqlite");
    (folder, sqlite::open(&path).unwrap(), links)
}

async fn replies_of(store: &Sqlite, form: &str) -> Vec<StoredReply> {
    let definition = store.current(form).await.unwrap().unwrap().definition;
    let mut replies = Vec::new();
    for state in daisychain_functions::model::workflow::every_state(definition.form.purpose()) {
        replies.extend(store.queue(form, state, None, 99).await.unwrap().items);
    }
    replies
}

#[tokio::test(start_paused = true)]
async fn a_store_of_schema_5_reads_the_same() {
    if std::env::var_os("BLESS").is_some() && !fixture("store-5.sqlite").exists() {
        let (folder, path) = empty_store();
        let written = write_store(&path).await;
        std::fs::copy(&path, fixture("store-5.sqlite")).unwrap();
        drop(folder);
        std::fs::write(
            fixture("store-5.links.txt"),
            format!("{}\n{}\n", written.confirm, written.leave),
        )
        .unwrap();
    }
    let (_folder, store, _) = store_5().await;
    let mut text = String::new();
    for form in store.forms().await.unwrap() {
        writeln!(text, "form {}", json(&form)).unwrap();
    }
    for form in FORMS {
        for reply in replies_of(&store, form).await {
            let known = store.definition(form, Some(&reply.definition)).await.unwrap();
            writeln!(text, "reply {} {}", known.is_some(), json(&reply)).unwrap();
            assert_eq!(store.by_reference(form, &reply.reference).await.unwrap(), Some(reply));
        }
        for state in SubscriptionState::ALL {
            for person in store.subscribers(form, state, None, 99).await.unwrap().items {
                writeln!(text, "person {}", json(&person)).unwrap();
                for event in store.events(form, &person.hash).await.unwrap() {
                    writeln!(text, "event {}", json(&event)).unwrap();
                }
            }
        }
    }
    for mail in store.due(i64::MAX / 2, 99).await.unwrap() {
        writeln!(text, "due {}", json(&mail)).unwrap();
    }
    for mail in store.failed(99).await.unwrap() {
        writeln!(text, "failed {}", json(&mail)).unwrap();
    }
    let hash = keys().mailbox("complained@example.com");
    let mailbox = store.mailbox(&hash).await.unwrap().unwrap();
    writeln!(text, "mailbox {}", json(&mailbox)).unwrap();
    is_kept("store-5.txt", &text);
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_store_of_schema_5_goes_through_every_operation() {
    let (folder, store, [confirm, leave]) = store_5().await;
    let site = site_over(folder, store.clone());
    let inbox = inbox(&site);
    let person = async |address: &str| {
        inbox.subscriber("newsletter", address).await.unwrap().unwrap().0.state
    };
    // Links in emails of that time.
    site.pass(26 * 3_600_000);
    assert_eq!(follow(&site, "confirm", &confirm).await, 200);
    assert_eq!(person("pending@example.com").await, SubscriptionState::Active);
    assert_eq!(follow(&site, "leave", &leave).await, 200);
    assert_eq!(person("active@example.com").await, SubscriptionState::Unsubscribed);
    // A duplicate and a correction are recognised.
    let twice =
        |contact| [("name", "Twice"), ("contact", contact), ("anything", "Tuesdays are best")];
    let before = replies_of(&store, "chat").await.len();
    send(&site, "chat", &twice("01632 960777")).await;
    assert_eq!(replies_of(&store, "chat").await.len(), before);
    let again = send(&site, "chat", &twice("01632 960779")).await;
    let corrected = store.by_reference("chat", again.reference()).await.unwrap().unwrap();
    assert!(corrected.corrects.is_some());
    // Emails that were queued or given up are sent, except to people who complained.
    for mail in store.failed(9).await.unwrap() {
        inbox.resend(&mail).await.unwrap();
    }
    let queued = store.due(i64::MAX / 2, 99).await.unwrap().len();
    site.pass(2 * 3_600_000);
    assert_eq!(site.service.run_schedule().await.unwrap().sent as usize, queued);
    let sent = mails(&site).len();
    send(&site, "newsletter", &[("email", "complained@example.com")]).await;
    assert_eq!(mails(&site).len(), sent);
    // Every reply can be moved and found, and is erased with its person.
    for form in FORMS {
        for reply in replies_of(&store, form).await {
            let options = MoveOptions {
                by: Some("Zoe".to_owned()),
                note: Some("seen".to_owned()),
                email: None,
                take_over: true,
            };
            let state = reply.state;
            let moved = inbox.move_reply(&reply, &state, options).await.unwrap();
            assert_eq!(moved.history.len(), reply.history.len() + 1, "{form} {state}");
        }
    }
    for (form, contact, replies) in
        [("chat", "ASSIGNED+chat@example.com", 1), ("volunteer", "01632 960001", 1)]
    {
        assert_eq!(inbox.erase(form, contact).await.unwrap(), replies, "{contact}");
        assert_eq!(inbox.erase(form, contact).await.unwrap(), 0, "{contact}");
    }
    for address in ["ivy+news@example.com", "bounced@example.com", "back@example.com"] {
        inbox.erase("newsletter", address).await.unwrap();
        assert_eq!(person(address).await, SubscriptionState::Erased, "{address}");
    }
    // Replies expire.
    for _ in 0..800 {
        site.pass(86_400_000);
        site.service.run_schedule().await.unwrap();
    }
    for form in FORMS {
        assert_eq!(replies_of(&store, form).await, [], "{form}");
    }
}
