//! What the team does with what came in.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::site::Site;
use daisychain_functions::clock::Clock;
use daisychain_functions::inbox::{self, Found, Inbox, InboxError};
use daisychain_functions::mail::outbox::Outbox;
use daisychain_functions::store::Store;
use daisychain_functions::store::sqlite::Sqlite;

fn inbox(site: &Site<Sqlite, Outbox>) -> Inbox<Sqlite> {
    let now = Clock::new(|| common::site::WEDNESDAY + 60_000);
    Inbox::new(site.service.store().clone(), Some(common::site::keys()), now)
}

async fn found(inbox: &Inbox<Sqlite>, form: &str, reference: &str) -> Found {
    inbox.find(form, &reference.to_lowercase()).await.unwrap()
}

#[tokio::test]
async fn a_reply_is_found_and_moved_by_one() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    let answer = site.post("chat", &[("name", "Rose"), ("contact", "01632 960 111")]).await;
    let Found::Reply(reply) = found(&inbox, "chat", answer.reference()).await else { panic!() };
    let (asha, note) = (Some("Asha".to_owned()), Some("rings on Monday".to_owned()));
    let moved = inbox.move_reply(&reply, "assigned", asha, note).await.unwrap();
    assert_eq!(moved.state, "assigned");
    let late =
        inbox.move_reply(&reply, "assigned", Some("Tom".to_owned()), None).await.unwrap_err();
    assert_eq!(late.to_string(), "Asha moved it to `assigned` before");
    let wrong = inbox.move_reply(&moved, "asigned", None, None).await.unwrap_err();
    assert!(matches!(wrong, InboxError::UnknownState(states) if states.contains(&"done")));
    assert_eq!(inbox.list("chat", Some("assigned")).await.unwrap(), [moved]);
    assert_eq!(inbox.find("chat", "none").await.unwrap_err(), InboxError::UnknownReference);
    let form = inbox.list("lunch", None).await.unwrap_err();
    assert_eq!(form.to_string(), "the store has no form `lunch`");
}

#[tokio::test]
async fn what_the_team_types_holds_no_commands_for_a_terminal() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    let answer = site.post("chat", &[("name", "Rose"), ("contact", "01632 960 111")]).await;
    for (typed, by, note) in [
        ("Asha\u{1b}[2J", Some("Asha[2J"), Some("Asha[2J")),
        ("a\u{9b}2J\u{7}\u{0}\u{8}b", Some("a2Jb"), Some("a2Jb")),
        ("\u{202e}ahsA\r\nx", Some("ahsA x"), Some("ahsA\nx")),
        ("\u{200b}\u{1b}", None, None),
    ] {
        let Found::Reply(reply) = found(&inbox, "chat", answer.reference()).await else { panic!() };
        let typed = Some(typed.to_owned());
        let moved = inbox.move_reply(&reply, "assigned", typed.clone(), typed).await.unwrap();
        let step = moved.history.last().unwrap();
        assert_eq!((step.by.as_deref(), step.note.as_deref()), (by, note));
    }
}

#[tokio::test]
async fn everything_can_be_exported() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    let answers = [("name", "=HYPERLINK(1)"), ("contact", "+44 1632 960111"), ("anything", "a\nb")];
    site.post("chat", &answers).await;
    let (form, replies) =
        (inbox.form("chat").await.unwrap(), inbox.list("chat", None).await.unwrap());
    let table = inbox::csv(&form, &replies);
    assert!(table.starts_with("\u{feff}\"reference\",\"received\","), "{table}");
    assert!(table.contains("\"'=HYPERLINK(1)\",\"'+44 1632 960111\",\"\",\"a\nb\"\r\n"), "{table}");
    let list: serde_json::Value = serde_json::from_str(&inbox::json(&replies)).unwrap();
    assert_eq!(list[0]["answers"]["name"][0], "=HYPERLINK(1)");
}

#[tokio::test]
async fn a_person_is_erased_everywhere() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    let email = ("contact", "Rose@Example.com");
    site.post("chat", &[("name", "Rose"), email]).await;
    site.post("newsletter", &[("email", "Rose@example.com")]).await;
    assert_eq!(inbox.of_person("chat", "Rose@EXAMPLE.com").await.unwrap().len(), 1);
    for form in ["chat", "newsletter"] {
        assert_eq!(inbox.erase(form, "Rose@example.com").await.unwrap(), 1);
        assert_eq!(inbox.erase(form, "Rose@example.com").await.unwrap(), 0);
    }
    drop(inbox);
    let path = site.folder.path().join("copy.sqlite");
    site.service.store().backup(&path).unwrap();
    #[allow(clippy::disallowed_methods, reason = "a test reads its own files")]
    let bytes = std::fs::read(path).unwrap();
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    assert!(text.contains("erased") && !text.contains("rose@"));
}

#[tokio::test]
async fn a_held_sign_up_that_is_accepted_is_asked_to_confirm() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    let answers = [("email", "rose@example.com"), ("website", "x")];
    let answer = site.post("newsletter", &answers).await;
    let location = answer.header("location").to_owned();
    let page = site.get(&location).await;
    // It never promises a mail that does not come.
    assert!(!page.body.contains("email") && page.body.contains("We have your address"));
    // The team alone is told.
    let mails = site.mails();
    assert!(mails.len() == 1 && mails[0].contains("\nTo: hello@example.org"));
    let reply = inbox.list("newsletter", Some("held")).await.unwrap().remove(0);
    // Another sign-up says nothing but an address, and so is nobody's correction.
    site.post("newsletter", &[("email", "asha@example.com"), ("website", "x")]).await;
    let held = inbox.list("newsletter", Some("held")).await.unwrap();
    assert!(held.len() == 2 && held.iter().all(|reply| reply.corrects.is_none()));
    inbox.move_reply(&reply, "accepted", None, None).await.unwrap();
    site.pass(3 * 60_000);
    site.service.send_due().await.unwrap();
    assert!(site.mails().iter().any(|mail| mail.contains("\nTo: rose@example.com")));
    assert_eq!(site.service.store().failed(9).await.unwrap(), []);
}

#[tokio::test]
async fn subscribers_are_listed_and_exported_by_state() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    for email in ["rose@example.com", "=cmd@example.com"] {
        site.post("newsletter", &[("email", email)]).await;
    }
    site.post("newsletter", &[("email", "tom@example.com"), ("website", "x")]).await;
    let pending = inbox.people("newsletter", Some("pending")).await.unwrap();
    assert_eq!(pending.len(), 2);
    assert_eq!(inbox.people("newsletter", Some("active")).await.unwrap(), []);
    assert_eq!(inbox.people("newsletter", None).await.unwrap(), pending);
    // Of the replies, those that are held; a subscriber's state is no mistake there.
    assert_eq!(inbox.list("newsletter", Some("held")).await.unwrap().len(), 1);
    assert_eq!(inbox.list("newsletter", Some("pending")).await.unwrap(), []);
    let wrong = inbox.list("newsletter", Some("activ")).await.unwrap_err();
    assert!(wrong.to_string().contains("held, accepted, refused, pending, active"), "{wrong}");
    let table = inbox::people_csv(&pending);
    assert!(table.contains("\"rose@example.com\",\"pending\",\"2026-"), "{table}");
    assert!(table.contains("\"'=cmd@example.com\""), "{table}");
    let list: serde_json::Value = serde_json::from_str(&inbox::people_json(&pending)).unwrap();
    assert_eq!(list[0]["state"], "pending");
}

#[tokio::test]
async fn a_mail_that_was_given_up_is_shown_and_tried_again() {
    use common::faulty::{Fault, Faulty, Plan};
    let folder = tempfile::tempdir().unwrap();
    let store = daisychain_functions::store::sqlite::in_memory().unwrap();
    store.publish(&common::site::definition("chat")).await.unwrap();
    let outbox = Outbox::new(folder.path().join("outbox"));
    let mailer = Faulty { inner: outbox, plan: Plan::never() };
    mailer.plan.fail_from(0, Fault::Before);
    let site = Site::over(folder, store, mailer);
    site.post("chat", &[("name", "Rose"), ("contact", "01632 960 111")]).await;
    for _ in 0..48 {
        site.pass(3_600_000);
        site.service.send_due().await.unwrap();
    }
    let now = Clock::new(|| common::site::WEDNESDAY + 50 * 3_600_000);
    let inbox = Inbox::new(site.service.store().clone(), None, now);
    let failed = inbox.failed_mails().await.unwrap();
    assert_eq!(failed.iter().map(|owed| owed.tries).collect::<Vec<_>>(), [5]);
    inbox.resend(&failed[0]).await.unwrap();
    site.service.mailer().plan.mend();
    site.pass(3 * 3_600_000);
    site.service.send_due().await.unwrap();
    assert_eq!(inbox.failed_mails().await.unwrap(), []);
    assert_eq!(site.service.mailer().inner.files().unwrap().len(), 1);
}
