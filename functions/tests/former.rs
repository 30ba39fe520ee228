//! A form that changes, moves or leaves the site while people have its page open.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::site::{Answer, Site, browser, definition};
use common::{campaign, campaign_text};
use daisychain_functions::form::{Definition, Form};
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::model::{StoredReply, SubscriptionState};
use daisychain_functions::store::sqlite::Sqlite;
use daisychain_functions::store::{Definitions as _, Replies as _, Subscribers as _};

const FRAME: &str = "<title>%%daisychain:title%%</title><main>%%daisychain:main%%</main>";

/// An enquiry with different questions, under any name.
fn other(name: &str) -> Definition {
    let text = "title: Something else\npurpose: enquiry\nfields:\n  - name: colour\n    kind: choice\n    \
        label: Which colour?\n    choices: [Red, Blue]\nsubmit: Send\nthanks:\n  title: Noted\n  \
        next: Soon.\nphone: 01632 960123\nnotify: new@example.org\n";
    Definition::new(Form::parse(name, text).unwrap(), FRAME)
}

/// What can happen to a form while its page is open.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// It is withdrawn.
    Withdrawn,
    /// It is replaced by another form with the same name.
    Replaced,
    /// It is withdrawn, and another form with its name is published.
    Recreated,
}

const CHANGES: [Change; 3] = [Change::Withdrawn, Change::Replaced, Change::Recreated];

async fn change(store: &Sqlite, name: &str, change: Change) {
    if !matches!(change, Change::Replaced) {
        store.withdraw(name).await.unwrap();
    }
    if !matches!(change, Change::Withdrawn) {
        store.publish(&other(name)).await.unwrap();
    }
}

async fn reply(site: &Site<Sqlite, FileMailer>, form: &str, answer: &Answer) -> StoredReply {
    site.service.store().by_reference(form, answer.reference()).await.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_open_can_be_sent_whatever_becomes_of_its_form() {
    for (form, answers) in [
        ("chat", &[("name", "Rose"), ("contact", "rose@example.com"), ("anything", "Tea")][..]),
        ("volunteer", &[("name", "Rose"), ("contact", "01632 960 111"), ("adult", "yes")]),
    ] {
        for what in CHANGES {
            let site = Site::laptop().await;
            change(site.service.store(), form, what).await;
            // After a mistake, the open page's own questions are shown again with the answers.
            let wrong = site.post(form, &answers[..1]).await;
            assert_eq!(wrong.status, 422, "{form} {what:?}");
            assert!(wrong.body.contains("value=\"Rose\""), "{form} {what:?}");

            let sent = site.post(form, answers).await;
            let reply = reply(&site, form, &sent).await;
            assert_eq!(reply.definition, campaign(form).digest());
            for (name, value) in answers {
                assert_eq!(reply.submission.get(name), Some(*value), "{form} {what:?}");
            }
            // the thank-you page has the wording of the page that was sent.
            let thanks = site.get(sent.header("location")).await;
            assert_eq!(thanks.status, 200, "{form} {what:?}");
            assert!(thanks.body.contains("Thank you"), "{form} {what:?}: {}", thanks.body);
            assert!(thanks.body.contains(&reply.reference));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_form_that_left_the_site_is_offered_to_nobody() {
    let site = Site::laptop().await;
    site.service.store().withdraw("chat").await.unwrap();
    assert_eq!(site.get("/api/chat").await.status, 404);
    // A request without a digest does not come from one of our pages.
    let answer = site.send(browser("/api/chat", "name=Rose&contact=01632960111")).await;
    assert_eq!(answer.status, 404);
    // Answers are not lost if the store does not know the digest.
    let answers = [("name", "Rose"), ("contact", "01632 960 111")];
    let answer = site.post_by(&"0".repeat(64), "chat", &answers).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("value=\"Rose\""));
    site.service.store().publish(&definition("chat")).await.unwrap();
    // Functions cache a definition for a minute.
    site.pass(60_000);
    assert_eq!(site.get("/api/chat").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn who_signed_up_can_confirm_and_leave_whatever_becomes_of_the_form() {
    for what in CHANGES {
        let site = Site::laptop().await;
        let store = site.service.store();
        let people =
            async |state| store.subscribers("newsletter", state, None, 9).await.unwrap().items;
        change(store, "newsletter", what).await;
        let sent = site.post("newsletter", &[("email", "rose@example.com")]).await;
        assert!(site.get(sent.header("location")).await.body.contains("One more step"), "{what:?}");
        let mails = site.mails();
        let mail = mails.iter().find(|mail| mail.contains("\nTo: rose@example.com"));
        let mail = mail.unwrap_or_else(|| panic!("{what:?}: no email asks for confirmation"));
        let link = |page: &str| {
            let from = mail.find(&format!("/api/newsletter/{page}?")).unwrap();
            mail[from..].split(['\r', '\n', '"', '>', '<']).next().unwrap().to_owned()
        };
        assert_eq!(site.send(browser(&link("confirm"), "")).await.status, 200, "{what:?}");
        assert_eq!(people(SubscriptionState::Active).await.len(), 1, "{what:?}");
        assert_eq!(site.get(&link("leave")).await.status, 200, "{what:?}");
        assert_eq!(site.send(browser(&link("leave"), "")).await.status, 200, "{what:?}");
        assert_eq!(people(SubscriptionState::Unsubscribed).await.len(), 1, "{what:?}");
    }
}

/// A choice that is no longer offered is stored as it was made.
#[tokio::test(start_paused = true)]
async fn a_page_is_checked_by_its_own_definition() {
    let site = Site::laptop().await;
    let text = campaign_text("volunteer").replace("        - Driving\n", "");
    let form = Form::parse("volunteer", &text).unwrap();
    site.service.store().publish(&Definition::new(form, FRAME)).await.unwrap();
    let answers =
        [("name", "Rose"), ("contact", "01632 960 111"), ("adult", "yes"), ("skills", "Driving")];
    let sent = site.post("volunteer", &answers).await;
    assert_eq!(reply(&site, "volunteer", &sent).await.submission.get("skills"), Some("Driving"));
    let digest = site.service.store().current("volunteer").await.unwrap().unwrap();
    let sent = site.post_by(&digest.definition.form.digest(), "volunteer", &answers).await;
    assert_eq!(sent.status, 422);
}
