//! The functions as real processes, with recorded events, over an emulated DynamoDB.

#![cfg(all(feature = "lambda", feature = "dynamodb", feature = "sqlite"))]
#![allow(clippy::disallowed_methods, reason = "a test reads its own files")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::runtime::Runtime;
use common::site::{SITE, definition};
use daisychain_functions::id;
use daisychain_functions::model::{MailKind, ReplyState, SubscriptionState};
use daisychain_functions::store::dynamodb::DynamoDb;
use daisychain_functions::store::{
    Definitions as _, MailQueue as _, Replies as _, Subscribers as _,
};
use serde_json::Value;

const NEWSLETTER: &str = env!("CARGO_BIN_EXE_newsletter");
const VOLUNTEER: &str = env!("CARGO_BIN_EXE_volunteer");
const CHAT: &str = env!("CARGO_BIN_EXE_chat");
const ENQUIRY: &str = env!("CARGO_BIN_EXE_enquiry");

async fn published(form: &str) -> (DynamoDb, String) {
    let name = format!("lambda-{}", id::ulid(0));
    let store = common::named_table(&name).await;
    store.publish(&definition(form)).await.unwrap();
    (store, name)
}

fn start(binary: &str, table: &str) -> Runtime {
    start_with(binary, table, &[])
}

fn start_with(binary: &str, table: &str, more: &[(&str, &str)]) -> Runtime {
    let tokens = format!("1:{}", "ab".repeat(32));
    let person = "cd".repeat(32);
    let endpoint = common::dynamodb();
    let mut variables = vec![
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("DAISYCHAIN_TABLE", table),
        ("DAISYCHAIN_SITE", SITE),
        ("DAISYCHAIN_FROM", "daisy@example.org"),
        ("DAISYCHAIN_PHONE", "01632 960123"),
        ("DAISYCHAIN_TOKEN_KEYS", &tokens),
        ("DAISYCHAIN_PERSON_KEY", &person),
    ];
    variables.extend(more);
    Runtime::start(binary, &variables)
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
    // No mailer is configured, so emails stay queued.
    let queued = store.due(i64::MAX / 2, 9).await.unwrap();
    assert_eq!(queued.iter().map(|queued| queued.kind).collect::<Vec<_>>(), [MailKind::Notice]);

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

    // The log contains no names, texts, numbers or addresses.
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
    // The function serves only its own form.
    assert_eq!(function.invoke(&event("chat-post"))["statusCode"], 404);
}

#[tokio::test]
async fn a_sign_up_is_stored_and_the_schedule_is_no_request() {
    let (store, table) = published("newsletter").await;
    let function = start(NEWSLETTER, &table);
    let answer = function.invoke(&event("newsletter-post"));
    assert_eq!(answer["statusCode"], 303);
    let given = reference(&answer).to_owned();
    let page = store.subscribers("newsletter", SubscriptionState::Pending, None, 9).await.unwrap();
    assert_eq!(page.items[0].email.as_deref(), Some("rose@example.com"));
    assert_eq!(page.items[0].reference, given);
    assert_eq!(function.invoke(&event("schedule")), Value::Null);
    // `functions/template.yaml` makes the metric `OldestMail` from this number.
    let log = function.log();
    assert!(log.contains("\"event\":\"posted\"") && log.contains("\"oldest\":0"), "{log}");
}

/// A recorded event with one changed value.
fn changed(name: &str, path: &str, value: Value) -> String {
    let mut changed: Value = serde_json::from_str(&event(name)).unwrap();
    *changed.pointer_mut(path).unwrap() = value;
    changed.to_string()
}

#[tokio::test]
async fn strange_events_do_not_end_a_function() {
    use serde_json::json;
    let (store, table) = published("chat").await;
    let function = start(CHAT, &table);
    let odd = |path, value| changed("chat-post", path, value);
    let events = [
        "{}".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        "\"x\"".to_owned(),
        "0".to_owned(),
        "{\"Records\": [{\"Sns\": {\"Message\": \"{\"}}]}".to_owned(),
        "{\"source\": \"aws.ses\", \"detail\": []}".to_owned(),
        odd("/body", json!("not base64 at all!")),
        odd("/body", json!("")),
        odd("/body", Value::Null),
        odd("/isBase64Encoded", Value::Null),
        odd("/isBase64Encoded", json!("yes")),
        odd("/rawPath", json!("")),
        odd("/rawPath", json!("//api//chat//")),
        odd("/rawPath", json!("/api/chat\u{0}\r\n<>\"{}^`")),
        odd("/rawPath", json!("/api/%ff%fe/../chat")),
        odd("/rawPath", json!("x".repeat(70_000))),
        odd("/rawQueryString", json!("&&==%%&language=%ff&\u{0}")),
        odd("/headers", json!({})),
        odd("/headers", json!({ "Host": "a b c", "X-Odd": "\u{0}\r\nX: y", "": "" })),
        odd("/headers", json!({ "host": "[::1", "content-type": "application/json\u{7f}" })),
        odd("/requestContext/http/method", json!("")),
        odd("/requestContext/http/method", json!("BREW\r\n")),
        odd("/requestContext/http/sourceIp", json!("nowhere")),
        odd("/requestContext/http", json!({})),
        odd("/requestContext", json!({})),
    ];
    for event in events {
        let short: String = event.chars().take(300).collect();
        match function.try_invoke(&event) {
            // A scheduled event gets an empty response, everything else a status.
            Ok(answer) => {
                let status = answer["statusCode"].as_u64().unwrap_or(200);
                assert_ne!(status, 500, "{short}: {answer}");
            }
            Err(error) => assert_ne!(error, "no answer", "{short}"),
        }
    }
    let answer = function.invoke(&event("chat-post"));
    assert!(store.by_reference("chat", reference(&answer)).await.unwrap().is_some());
}

#[tokio::test]
async fn no_character_in_an_event_loses_a_reply() {
    use serde_json::json;
    let (store, table) = published("chat").await;
    let function = start(CHAT, &table);
    let form = "application/x-www-form-urlencoded";
    let mut references = std::collections::BTreeSet::new();
    for c in ["\0", "\t", "\n", "\r\n", "\u{1b}", "\u{7f}", "\u{85}", " ", "é", "\u{200b}"] {
        for (path, value) in [
            ("/rawQueryString", json!(format!("a={c}&language=ur"))),
            ("/rawPath", json!(format!("/api/chat{c}"))),
            ("/headers/host", json!(format!("a{c}b"))),
            ("/headers/x-forwarded-proto", json!(c)),
            ("/headers/user-agent", json!(format!("Mozilla{c}5.0"))),
            ("/headers/content-type", json!(format!("{form};{c}"))),
            ("/cookies", json!([format!("a={c}"), 1])),
            ("/requestContext/domainName", json!(c)),
            ("/requestContext/stage", json!(c)),
            ("/requestContext/timeEpoch", json!(c)),
        ] {
            let mut event: Value = serde_json::from_str(&event("chat-post")).unwrap();
            event["cookies"] = json!([]);
            *event.pointer_mut(path).unwrap() = value;
            let answer = function.try_invoke(&event.to_string()).unwrap();
            let is_valid = !path.starts_with("/raw") || c.bytes().all(|b| b > b' ' && b != 127);
            if path == "/rawPath" && is_valid {
                // The path is valid, but there is no form at it.
                assert_eq!(answer["statusCode"], 404, "{c:?} {answer}");
                continue;
            }
            references.insert(reference(&answer).to_owned());
            event["requestContext"]["http"]["method"] = json!("GET");
            let page = function.try_invoke(&event.to_string()).unwrap();
            assert_eq!(page["statusCode"], if is_valid { 200 } else { 400 }, "{path} {c:?} {page}");
        }
    }
    // They all have the same answers, so they are one reply.
    assert_eq!(references.len(), 1, "{references:?}");
    let reference = references.first().unwrap();
    assert!(store.by_reference("chat", reference).await.unwrap().is_some());
}

#[tokio::test]
async fn headers_are_known_however_they_are_written() {
    let (store, table) = published("chat").await;
    let function = start(CHAT, &table);
    let mut shouted: Value = serde_json::from_str(&event("chat-post")).unwrap();
    let headers = shouted["headers"].as_object().unwrap();
    let headers = headers.iter().map(|(name, value)| (name.to_uppercase(), value.clone()));
    shouted["headers"] = headers.collect::<serde_json::Map<_, _>>().into();
    let answer = function.invoke(&shouted.to_string());
    let reply = store.by_reference("chat", reference(&answer)).await.unwrap().unwrap();
    assert_eq!(reply.page.as_deref(), Some("/"));
    // A form from another site is still recognised as such.
    shouted["headers"]["ORIGIN"] = "https://evil.example".into();
    shouted["headers"]["SEC-FETCH-SITE"] = "cross-site".into();
    let refused = function.invoke(&shouted.to_string());
    assert_eq!(refused["statusCode"], 400);
    assert!(refused["body"].as_str().unwrap().contains("sent from another site"));
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

#[tokio::test]
async fn a_bounce_is_noted_and_nothing_else_is_done() {
    let (store, table) = published("newsletter").await;
    let function = start(NEWSLETTER, &table);
    function.invoke(&event("newsletter-post"));
    for _ in 0..2 {
        assert_eq!(function.invoke(&event("bounce")), Value::Null);
    }
    let bounced =
        store.subscribers("newsletter", SubscriptionState::Bounced, None, 9).await.unwrap();
    assert_eq!(bounced.items[0].email.as_deref(), Some("rose@example.com"));
    let log = function.log();
    assert!(log.contains("\"event\":\"mail_feedback\"") && !log.contains("rose"), "{log}");
}

#[tokio::test]
async fn with_a_secret_it_answers_its_own_distribution_alone() {
    let (store, table) = published("newsletter").await;
    let function = start_with(NEWSLETTER, &table, &[("DAISYCHAIN_ORIGIN_SECRET", "new,old")]);
    let with = |secret: &str| {
        let mut event: Value = serde_json::from_str(&event("newsletter-post")).unwrap();
        event["headers"]["x-origin-secret"] = secret.into();
        function.invoke(&event.to_string())["statusCode"].clone()
    };
    assert_eq!(function.invoke(&event("newsletter-post"))["statusCode"], 403);
    assert_eq!(with(""), 403);
    assert_eq!(with("new,old"), 403);
    let people = || store.subscribers("newsletter", SubscriptionState::Pending, None, 9);
    assert_eq!(people().await.unwrap().items, []);
    // Both are accepted while the secret is being changed.
    assert_eq!(with("new"), 303);
    assert_eq!(with("old"), 303);
    assert_eq!(people().await.unwrap().items.len(), 1);
    // Scheduled events need no secret.
    assert_eq!(function.invoke(&event("schedule")), Value::Null);
}

#[tokio::test]
async fn a_form_without_a_function_of_its_own_is_served_by_enquiry() {
    use daisychain_functions::form::{Definition, Form};
    let (store, table) = published("chat").await;
    let documented = common::documented("title: Come to lunch");
    // Two forms. One has a purpose that another function also serves.
    let befriending = format!("{documented}purpose: volunteer\n");
    for (name, text) in [("lunch", &documented), ("befriending", &befriending)] {
        let form = Form::parse(name, text).unwrap();
        store.publish(&Definition::new(form, "<main>%%daisychain:main%%")).await.unwrap();
    }
    let post = |function: &Runtime, name: &str| {
        function.invoke(&event("chat-function-url").replace("/api/chat", &format!("/api/{name}")))
    };
    let enquiry = start(ENQUIRY, &table);
    for (name, state) in [("lunch", ReplyState::New), ("befriending", ReplyState::Interested)] {
        let answer = post(&enquiry, name);
        assert_eq!(answer["statusCode"], 200, "{answer}");
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        let reference = body["reference"].as_str().unwrap();
        let reply = store.by_reference(name, reference).await.unwrap().unwrap();
        assert_eq!(store.queue(name, state, None, 9).await.unwrap().items, [reply]);
    }
    // The form `chat` is published, but belongs to another function.
    assert_eq!(post(&enquiry, "chat")["statusCode"], 404);
    assert_eq!(post(&enquiry, "nobody-s")["statusCode"], 404);
    // A function serves the forms that its configuration names.
    let named = [("DAISYCHAIN_FORMS", "volunteer, lunch")];
    assert_eq!(post(&start_with(VOLUNTEER, &table, &named), "lunch")["statusCode"], 200);
}

/// Sends a request to the emulated AWS that only tests need. `line` is the method and path.
fn request(line: &str, service: &str, target: &str, body: &str) {
    use std::io::{Read, Write};
    let endpoint = common::dynamodb();
    let address = endpoint.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{line} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: {target}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-2/{service}/aws4_request\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Puts a secret into the emulated Parameter Store.
fn put_parameter(name: &str, value: &str) {
    let body = format!("{{\"Name\":\"{name}\",\"Value\":\"{value}\",\"Type\":\"SecureString\"}}");
    request("POST /", "ssm", "AmazonSSM.PutParameter", &body);
}

#[tokio::test]
async fn the_log_says_which_mails_went_out_and_which_were_skipped() {
    let (store, table) = published("chat").await;
    let sender = format!("{table}@example.org").to_lowercase();
    let identity = format!("{{\"EmailIdentity\":\"{sender}\"}}");
    request("POST /v2/email/identities", "ses", "", &identity);
    let ses = [("DAISYCHAIN_MAILER", "ses"), ("DAISYCHAIN_FROM", sender.as_str())];
    let function = start_with(CHAT, &table, &ses);
    let mut replies = Vec::new();
    // The second has the same mailbox within ten minutes, the third another label.
    for (name, label) in [("Rose", "a"), ("Asha", "a"), ("Tom", "b")] {
        let mut event: Value = serde_json::from_str(&event("chat-function-url")).unwrap();
        let contact = format!("success+{label}@simulator.amazonses.com");
        event["body"] = serde_json::json!({ "name": name, "contact": contact }).to_string().into();
        let answer = function.invoke(&event.to_string());
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        let reply = store.by_reference("chat", body["reference"].as_str().unwrap()).await;
        replies.push(reply.unwrap().unwrap());
    }
    let log = function.log();
    assert!(!log.contains("simulator") && !log.contains("Rose"), "{log}");
    let events: Vec<Value> =
        log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let became = |id: &str, letter: &str| {
        // An email's id begins with the time of its reply.
        let mut about = events.iter().filter(|event| {
            event["letter"] == letter && event["id"].as_str().is_some_and(|it| it[..10] == id[..10])
        });
        let event = about.next().unwrap_or_else(|| panic!("no event about the {letter} in {log}"));
        assert_eq!((about.next(), event["form"].as_str()), (None, Some("chat")));
        event["event"].as_str().unwrap().to_owned()
    };
    for (reply, acknowledgement) in replies.iter().zip(["mail_sent", "mail_skipped", "mail_sent"]) {
        assert_eq!(became(&reply.id, "notice"), "mail_sent");
        assert_eq!(became(&reply.id, "acknowledgement"), acknowledgement);
    }
}

#[tokio::test]
async fn secrets_are_taken_from_the_parameter_store() {
    let (store, table) = published("chat").await;
    let parameter = format!("/{table}/person-key");
    let named = [("DAISYCHAIN_PERSON_KEY", ""), ("DAISYCHAIN_PERSON_KEY_PARAMETER", &parameter)];
    // The parameter does not exist yet: the function says what is missing.
    let mut command = std::process::Command::new(CHAT);
    command.env("AWS_ENDPOINT_URL", common::dynamodb()).env("AWS_LAMBDA_FUNCTION_NAME", "test");
    let output = command.envs(named).output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains(&format!("there is no parameter `{parameter}`")), "{log}");

    put_parameter(&parameter, &"cd".repeat(32));
    let function = start_with(CHAT, &table, &named);
    let answer = function.invoke(&event("chat-post"));
    let reply = store.by_reference("chat", reference(&answer)).await.unwrap().unwrap();
    // The hash of the number, with the key that was fetched.
    let person = common::site::keys().person("chat", "01632960111");
    assert_eq!(reply.person, Some(person));
    assert!(!function.log().contains("cdcd"));
}
