//! Shared by several tests: the campaign's forms, records to store, an empty table.

#![allow(clippy::disallowed_methods, reason = "a test makes its own files")]
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

pub(crate) mod faulty;
#[cfg(feature = "sqlite")]
pub(crate) mod life;
#[cfg(feature = "lambda")]
pub(crate) mod runtime;
#[cfg(feature = "sqlite")]
pub(crate) mod site;

use daisychain_functions::form::Form;
use daisychain_functions::id;
use daisychain_functions::model::{
    ConsentEvent, ConsentMethod, ConsentStep, MailKind, NewReply, Priority, QueuedMail, ReplyState,
    StoredReply, Subscriber, SubscriberChange, SubscriptionState,
};
use daisychain_functions::submission::Submission;
use std::collections::BTreeMap;

/// The text of a form's definition in the campaign, and the organisation in its `site.yaml`.
pub(crate) fn campaign_text(name: &str) -> String {
    let path = format!("{}/../content/forms/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    format!("{text}\nnotify: hello@example.org\nphone: 01632 960123\n")
}

/// The block of YAML in `docs/forms.md` that begins with this text.
pub(crate) fn documented(begin: &str) -> String {
    let path = format!("{}/../docs/forms.md", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let block = text.split("```yaml\n").find(|block| block.starts_with(begin)).unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// A copy, in its own folder, of a store that an earlier version wrote (`tests/fixtures/`).
pub(crate) fn old_store(name: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let kept = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let path = folder.path().join("replies.sqlite");
    std::fs::copy(kept, &path).unwrap();
    (folder, path)
}

/// A form of the campaign.
pub(crate) fn campaign(name: &str) -> Form {
    Form::parse(name, &campaign_text(name)).unwrap()
}

/// A reply from `name`, received at `now`, with one queued email.
pub(crate) fn entry(form: &str, name: &str, now: i64) -> NewReply {
    let id = id::ulid(now);
    let answers = BTreeMap::from([("name".to_owned(), vec![name.to_owned()])]);
    NewReply {
        dedup_hash: format!("same-{name}"),
        correction_hash: None,
        dedup_until: now + 86_400_000,
        mails: vec![queued_mail(form, MailKind::Notice, &id, now)],
        summary: None,
        reply: StoredReply {
            id,
            form: form.to_owned(),
            reference: id::reference(),
            definition: "digest".to_owned(),
            page: Some("/".to_owned()),
            language: None,
            received: now,
            due: now + 3 * 86_400_000,
            state: ReplyState::New,
            held: None,
            person: Some(format!("person-{name}")),
            contacts: vec![format!("person-{name}")],
            mailboxes: Vec::new(),
            search: Vec::new(),
            corrects: None,
            submission: Submission { answers },
            history: Vec::new(),
            // Far beyond any time that the table's time to live could compare with.
            expires: 32_503_680_000_000,
        },
    }
}

/// An email queued at `now`.
pub(crate) fn queued_mail(form: &str, kind: MailKind, about: &str, now: i64) -> QueuedMail {
    QueuedMail {
        id: id::ulid(now),
        form: form.to_owned(),
        kind,
        about: about.to_owned(),
        due: now + 60_000,
        tries: 0,
        failed: false,
        priority: Priority::Normal,
    }
}

/// A change to a subscriber.
pub(crate) fn person_change(
    hash: &str,
    expected: Option<u64>,
    state: SubscriptionState,
) -> SubscriberChange {
    let version = expected.unwrap_or(0) + 1;
    let now = i64::try_from(version).unwrap() * 1_000;
    SubscriberChange {
        person: Subscriber {
            form: "newsletter".to_owned(),
            hash: hash.to_owned(),
            mailbox: None,
            reference: format!("reference-{hash}"),
            email: Some(format!("{hash}@example.org")),
            state,
            nonce: "nonce".to_owned(),
            nonce_until: 9_000,
            definition: "digest".to_owned(),
            language: None,
            since: now,
            mailed: vec![now],
            expires: None,
            before: None,
            version,
        },
        expected,
        former_mailbox: None,
        mailbox: None,
        event: ConsentEvent {
            id: id::ulid(now),
            form: "newsletter".to_owned(),
            person: hash.to_owned(),
            at: now,
            step: ConsentStep::Asked,
            method: ConsentMethod::Form,
            definition: "digest".to_owned(),
            language: "en-GB".to_owned(),
            page: None,
        },
        mails: vec![queued_mail("newsletter", MailKind::Confirmation, hash, now)],
    }
}

/// The address of the emulated DynamoDB.
#[cfg(feature = "dynamodb")]
pub(crate) fn dynamodb() -> String {
    std::env::var("DAISYCHAIN_TEST_DYNAMODB").expect(
        "DAISYCHAIN_TEST_DYNAMODB is not set: run the tests with \
         `tests/aws/with-ministack cargo test …`, which starts an emulated DynamoDB",
    )
}

/// A new, empty table in the emulated DynamoDB.
#[cfg(feature = "dynamodb")]
pub(crate) async fn table() -> daisychain_functions::store::dynamodb::DynamoDb {
    named_table(&format!("test-{}", id::ulid(0))).await
}

/// The same, with the table's name.
#[cfg(feature = "dynamodb")]
pub(crate) async fn named_table(name: &str) -> daisychain_functions::store::dynamodb::DynamoDb {
    use daisychain_functions::store::dynamodb;
    let store = dynamodb::connect_for_commands(Some(&dynamodb()), name).await;
    dynamodb::create_table(&store).await.unwrap();
    turn_expiry_off(name).await;
    store
}

/// Stops the emulator, which deletes expired items once a minute, from deleting items of tests whose clock is
/// in 1970. (DynamoDB itself ignores items that expired more than five years ago.)
#[cfg(feature = "dynamodb")]
async fn turn_expiry_off(table: &str) {
    let expiry = aws_sdk_dynamodb::types::TimeToLiveSpecification::builder();
    let expiry = expiry.enabled(false).attribute_name("expires").build().unwrap();
    let client = aws_sdk_dynamodb::Client::new(&dynamodb_config().await);
    let call = client.update_time_to_live().table_name(table);
    call.time_to_live_specification(expiry).send().await.unwrap();
}

/// What a client needs to reach the emulated DynamoDB.
#[cfg(feature = "dynamodb")]
pub(crate) async fn dynamodb_config() -> aws_config::SdkConfig {
    aws_config::defaults(aws_config::BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(dynamodb())
        .load()
        .await
}
