//! Each function uses the table as its role in `template.yaml` allows, and each right is used. Every call to
//! DynamoDB is recorded, for every kind of field and on every path, and calls and rights are compared both
//! ways.

#![cfg(all(feature = "dynamodb", feature = "sqlite"))]
#![allow(clippy::disallowed_methods, reason = "a test reads the template")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod calls;
mod flows;
mod forms;
mod policy;

use calls::Recorder;
use daisychain_functions::form::{Definition, Purpose};
use daisychain_functions::store::Definitions as _;
use flows::Table;
use policy::Role;

/// The purposes whose replies are answered by people.
const REPLIES: [Purpose; 3] = [Purpose::Volunteer, Purpose::Chat, Purpose::Enquiry];

/// Drives a form of each of these purposes. The form's name is the function's.
async fn replies(name: &'static str, recorder: &Recorder) {
    for purpose in REPLIES {
        flows::every_path(&Table::new().await, name, purpose, recorder).await;
    }
    flows::every_kind_of_field(name, Purpose::Enquiry, recorder).await;
}

#[tokio::test]
async fn the_chat_function_has_the_rights_it_uses() {
    let recorder = Recorder::default();
    Box::pin(replies("chat", &recorder)).await;
    Role::read("ChatRole").compare(&recorder);
}

#[tokio::test]
async fn the_volunteer_function_has_the_rights_it_uses() {
    let recorder = Recorder::default();
    Box::pin(replies("volunteer", &recorder)).await;
    Role::read("VolunteerRole").compare(&recorder);
}

#[tokio::test]
async fn the_enquiry_function_has_the_rights_it_uses() {
    let recorder = Recorder::default();
    Box::pin(replies("lunch", &recorder)).await;
    // A name that has another function's name as a prefix.
    Box::pin(replies("chat-2", &recorder)).await;
    Role::read("EnquiryRole").compare(&recorder);
}

#[tokio::test]
async fn the_newsletter_function_has_the_rights_it_uses() {
    let (recorder, unrecorded) = (Recorder::default(), Recorder::default());
    let (table, name) = (Table::new().await, "newsletter");
    Box::pin(replies(name, &recorder)).await;
    flows::every_kind_of_field(name, Purpose::Newsletter, &recorder).await;
    Box::pin(flows::every_path(&table, name, Purpose::Newsletter, &recorder)).await;
    Box::pin(flows::every_step_of_a_subscription(&table, name, &recorder)).await;
    // The function sends the emails of all forms.
    for other in ["volunteer", "chat", "lunch"] {
        Box::pin(flows::every_path(&table, other, Purpose::Enquiry, &unrecorded)).await;
    }
    Box::pin(flows::the_schedule(&table, &[name], &recorder)).await;
    Role::read("NewsletterRole").compare(&recorder);
}

#[tokio::test]
async fn a_sign_up_makes_few_calls() {
    let table = Table::new().await;
    // The visitor's counter and the subscriber are read concurrently. Then the subscriber is written, and the
    // email is counted and removed from the queue.
    let each =
        ["BatchGetItem", "TransactWriteItems", "TransactWriteItems", "UpdateItem", "UpdateItem"];
    let [cold, warm] = flows::operations_of_sign_ups(&table).await;
    assert_eq!(warm, each);
    // The definition is read once.
    assert_eq!(cold[..1], each[..1]);
    assert!(cold[1..].iter().filter(|operation| **operation == "GetItem").count() <= 2, "{cold:?}");
}

#[tokio::test]
async fn the_publisher_reads_and_writes_definitions_and_their_list_alone() {
    let (table, recorder) = (Table::new().await, Recorder::default());
    let store = table.recorded(&recorder).await;
    for form in ["newsletter", "volunteer", "chat", "lunch"] {
        let form = forms::form(form, Purpose::Enquiry, &["full-name"]);
        store.publish(&Definition::new(form.clone(), "")).await.unwrap();
        store.definition(form.name(), Some(&form.digest())).await.unwrap();
    }
    assert_eq!(store.forms().await.unwrap().len(), 4);
    store.withdraw("volunteer").await.unwrap();
    Role::read("Publisher").compare(&recorder);
}
