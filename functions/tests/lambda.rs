//! The three functions as real processes, with recorded events, over an emulated DynamoDB.

#![cfg(all(feature = "lambda", feature = "dynamodb", feature = "sqlite"))]
#![allow(clippy::disallowed_methods, reason = "a test reads its own files")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::runtime::Runtime;
use common::site::{SITE, definition};
use daisychain_functions::id;
use daisychain_functions::store::dynamo::Dynamo;
use daisychain_functions::store::{Letter, Store, Subscription};
use serde_json::Value;

const NEWSLETTER: &str = env!("CARGO_BIN_EXE_newsletter");
const VOLUNTEER: &str = env!("CARGO_BIN_EXE_volunteer");
const CHAT: &str = env!("CARGO_BIN_EXE_chat");

async fn published(form: &str) -> (Dynamo, String) {
    let name = format!("lambda-{}", id::ulid(0));
    let store = common::named_table(&name).await;
    store.publish(&definition(form)).await.unwrap();
    (store, name)
}

fn start(binary: &str, table: &str) -> Runtime {
    let tokens = format!("1:{}", "ab".repeat(32));
    let person = "cd".repeat(32);
    Runtime::start(
        binary,
        &[
            ("AWS_ENDPOINT_URL", &common::dynamodb()),
            ("DAISYCHAIN_TABLE", table),
            ("DAISYCHAIN_SITE", SITE),
            ("DAISYCHAIN_FROM", "daisy@example.org"),
            ("DAISYCHAIN_PHONE", "01632 960123"),
            ("DAISYCHAIN_TOKEN_KEYS", &tokens),
            ("DAISYCHAIN_PERSON_KEY", &person),
        ],
    )
}

fn event(name: &str) -> String {
    let path = format!("{}/tests/events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn header<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer["headers"][name].as_str().unwrap_or_default()
}

fn reference(answer: &Value) -> &str {
    assert_eq!(answer["statusCode"], 303, "{answer}");
    header(answer, "location").split_once("reference=").unwrap().1
}

#[tokio::test]
async fn a_chat_is_stored() {
    let (store, table) = published("chat").await;
    let function = start(CHAT, &table);
    let answer = function.invoke(&event("chat-post"));
    let reply = store.by_reference("chat", reference(&answer)).await.unwrap().unwrap();
    assert_eq!(reply.submission.get("anything"), Some("It’s quiet here."));
    assert_eq!(reply.page.as_deref(), Some("/"));
    // No mailer is configured: what is owed stays owed.
    let owed = store.due(i64::MAX / 2, 9).await.unwrap();
    assert_eq!(owed.iter().map(|owed| owed.letter).collect::<Vec<_>>(), [Letter::Notice]);

    let again = function.invoke(&event("chat-post"));
    assert_eq!(reference(&again), reply.reference);

    let wrong = function.invoke(&event("chat-wrong"));
    assert_eq!(wrong["statusCode"], 422);
    let page = wrong["body"].as_str().unwrap();
    assert!(page.contains("There is a problem") && page.contains("value=\"ring the bell\""));

    let thanks = function.invoke(&event("chat-thanks"));
    assert_eq!(thanks["statusCode"], 200);
    assert!(thanks["body"].as_str().unwrap().contains("2345-6789"));

    let json = function.invoke(&event("chat-function-url"));
    assert_eq!(json["statusCode"], 200);
    assert!(json["body"].as_str().unwrap().contains("\"sent\":true"));

    // Nobody's words, numbers or addresses are in the log.
    let log = function.log();
    for word in ["Mrs", "01632", "960", "quiet", "198.51"] {
        assert!(!log.contains(word), "{log}");
    }
}

#[tokio::test]
async fn a_volunteer_is_stored() {
    let (store, table) = published("volunteer").await;
    let function = start(VOLUNTEER, &table);
    let answer = function.invoke(&event("volunteer-post"));
    let reply = store.by_reference("volunteer", reference(&answer)).await.unwrap().unwrap();
    assert_eq!(reply.submission.answers["skills"], ["Driving", "Bees"]);
    // It serves its own form alone.
    assert_eq!(function.invoke(&event("chat-post"))["statusCode"], 404);
}

#[tokio::test]
async fn a_sign_up_is_stored_and_the_schedule_is_no_request() {
    let (store, table) = published("newsletter").await;
    let function = start(NEWSLETTER, &table);
    let answer = function.invoke(&event("newsletter-post"));
    assert_eq!(answer["statusCode"], 303);
    let given = reference(&answer).to_owned();
    let page = store.people("newsletter", Subscription::Pending, None, 9).await.unwrap();
    assert_eq!(page.items[0].email.as_deref(), Some("rose@example.com"));
    assert_eq!(page.items[0].reference, given);
    assert_eq!(function.invoke(&event("schedule")), Value::Null);
    assert!(function.log().contains("\"event\":\"posted\""));
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_said_and_the_words_are_kept() {
    let function = start(CHAT, "no-such-table");
    let answer = function.invoke(&event("chat-post"));
    assert_eq!(answer["statusCode"], 503);
    let page = answer["body"].as_str().unwrap();
    assert!(page.contains("were not sent") && page.contains("01632 960123"));
    assert!(page.contains("Mrs P.") && page.contains("It’s quiet here."));
}

#[test]
fn a_function_without_its_environment_names_what_is_missing() {
    let output = std::process::Command::new(CHAT)
        .env_remove("DAISYCHAIN_TABLE")
        .env("AWS_LAMBDA_FUNCTION_NAME", "test")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("DAISYCHAIN_TABLE is missing"), "{log}");
}
