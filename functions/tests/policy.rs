//! Which version of a form applies: pages have the wording of the page that was sent. Whom to notify, with
//! what, and how long to keep replies follows the current form, also for queued emails.

#![cfg(feature = "sqlite")]
#![allow(clippy::disallowed_methods, reason = "a test reads its own files")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::faulty::{Fault, Faulty, Plan};
use common::site::{Answer, Site, WEDNESDAY, definition};
use common::{campaign, campaign_text};
use daisychain_functions::form::{Definition, Form};
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::model::StoredReply;
use daisychain_functions::store::sqlite::{Sqlite, in_memory};
use daisychain_functions::store::{Definitions as _, MailQueue as _, Replies as _};

const DAY: i64 = 86_400_000;
const ANSWERS: [(&str, &str); 3] =
    [("name", "Rosalind"), ("contact", "rosalind@example.com"), ("anything", "In confidence")];

type Mailbox = Site<Sqlite, Faulty<FileMailer>>;

/// The campaign's site, with a mailer that can be made to fail.
async fn site(notify: Option<&str>) -> Mailbox {
    let folder = tempfile::tempdir().unwrap();
    let store = in_memory().unwrap();
    for name in ["chat", "newsletter"] {
        store.publish(&definition(name)).await.unwrap();
    }
    let outbox = FileMailer::new(folder.path().join("outbox"));
    let mailer = Faulty { inner: outbox, plan: Plan::never() };
    Site::with(folder, store, mailer, |settings| settings.notify = notify.map(str::to_owned))
}

/// The form `chat` with these changes to its text.
fn changed(changes: &[(&str, &str)]) -> Definition {
    let mut text = campaign_text("chat");
    for (before, after) in changes {
        assert!(text.contains(before), "{before}");
        text = text.replace(before, after);
    }
    Definition::new(Form::parse("chat", &text).unwrap(), definition("chat").frame)
}

/// When the team changes the form.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    /// Before someone sends the page that they have open.
    BeforeSending,
    /// After the reply is stored, while its emails are queued.
    WhileMailsWait,
}

/// Sends an open page of the chat, while `decide` changes the form. Returns the reply and its emails.
async fn decided<F: Future<Output = ()>>(
    site: &Mailbox,
    when: When,
    decide: impl Fn(Sqlite) -> F,
) -> (StoredReply, Vec<String>) {
    let store = site.service.store();
    let send = async || -> Answer { site.post("chat", &ANSWERS).await };
    let sent = match when {
        When::BeforeSending => {
            decide(store.clone()).await;
            send().await
        }
        When::WhileMailsWait => {
            site.service.mailer().plan.fail_from(0, Fault::Before);
            let sent = send().await;
            site.service.mailer().plan.mend();
            decide(store.clone()).await;
            site.pass(10 * 60_000);
            site.service.run_schedule().await.unwrap();
            sent
        }
    };
    let reply = store.by_reference("chat", sent.reference()).await.unwrap().unwrap();
    assert_eq!(reply.definition, campaign("chat").digest());
    // No emails to anyone are left.
    assert_eq!(store.due(i64::MAX / 2, 9).await.unwrap(), []);
    assert_eq!(store.failed(9).await.unwrap(), []);
    let mails = site.service.mailer().inner.files().unwrap();
    let read = |path| std::fs::read_to_string(path).unwrap().replace("=\r\n", "");
    (reply, mails.into_iter().map(read).collect())
}

/// The email to an address.
fn to<'a>(mails: &'a [String], address: &str) -> Option<&'a String> {
    mails.iter().find(|mail| mail.contains(&format!("\nTo: {address}\r\n")))
}

#[tokio::test(start_paused = true)]
async fn the_team_is_told_where_and_of_what_it_decides_now() {
    const CONFIDENCES: [&str; 4] = ["Rosalind", "rosalind@", "In confidence", "Reply-To"];
    let other_address = ("notify: hello@example.org", "notify: new@example.org");
    let no_details = ("details: true", "details: false");
    for when in [When::BeforeSending, When::WhileMailsWait] {
        for (changes, address, details) in [
            (&[other_address][..], "new@example.org", true),
            (&[no_details], "hello@example.org", false),
            (&[other_address, no_details], "new@example.org", false),
            (&[other_address, ("Your name", "What do we call you?")], "new@example.org", true),
        ] {
            let site = site(None).await;
            let (_, mails) = decided(&site, when, async |store: Sqlite| {
                store.publish(&changed(changes)).await.unwrap();
            })
            .await;
            // The notice, and the acknowledgement to the person who sent the reply.
            assert_eq!(mails.len(), 2, "{when:?} {changes:?}");
            let notice = to(&mails, address).unwrap_or_else(|| panic!("{when:?} {changes:?}"));
            for word in CONFIDENCES {
                assert_eq!(notice.contains(word), details, "{when:?} {changes:?}: {word}");
            }
            // The questions keep the wording that the person read.
            assert_eq!(notice.contains("Your name"), details, "{when:?} {changes:?}");
            assert!(
                to(&mails, "rosalind@example.com").unwrap().contains("Thank you. We will be in")
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_is_kept_and_answered_as_the_team_decides_now() {
    let site = site(None).await;
    let now = changed(&[
        ("keep_days: 365", "keep_days: 30\nclosed: [2026-11-26]"),
        ("answer_within: 3", "answer_within: 1"),
    ]);
    let (reply, _) = decided(&site, When::BeforeSending, async |store: Sqlite| {
        store.publish(&now).await.unwrap();
    })
    .await;
    assert_eq!(reply.expires - reply.received, 30 * DAY);
    // One working day after a Wednesday, where the Thursday is a holiday.
    assert_eq!(reply.due - WEDNESDAY, 2 * DAY);
}

#[tokio::test(start_paused = true)]
async fn a_number_that_changed_is_given_to_who_has_an_old_page() {
    let site = site(None).await;
    let now = changed(&[("phone: 01632 960123", "phone: 01632 960999")]);
    site.service.store().publish(&now).await.unwrap();
    // No one requests the current page: the store fails, and the old page is shown again.
    let plan = Plan::never();
    let store = Faulty { inner: site.service.store().clone(), plan: plan.clone() };
    let folder = tempfile::tempdir().unwrap();
    let outbox = FileMailer::new(folder.path().join("outbox"));
    let site = Site::over(folder, store, outbox);
    let digest = campaign("chat").digest();
    assert_eq!(site.post_by(&digest, "chat", &[]).await.status, 422);
    plan.fail_from(0, Fault::Before);
    let answer = site.post_by(&digest, "chat", &ANSWERS).await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("ring us on 01632 960999"), "{}", answer.body);
}

#[tokio::test(start_paused = true)]
async fn of_a_form_that_left_the_site_the_site_s_own_address_is_told_without_the_answers() {
    for when in [When::BeforeSending, When::WhileMailsWait] {
        for notify in [Some("office@example.org"), None] {
            let site = site(notify).await;
            let (reply, mails) = decided(&site, when, async |store: Sqlite| {
                store.withdraw("chat").await.unwrap();
            })
            .await;
            assert!(to(&mails, "hello@example.org").is_none(), "{when:?} {notify:?}");
            assert!(to(&mails, "rosalind@example.com").is_some(), "{when:?} {notify:?}");
            assert_eq!(mails.len(), 1 + usize::from(notify.is_some()), "{when:?} {notify:?}");
            if let Some(address) = notify {
                let notice = to(&mails, address).unwrap();
                assert!(notice.contains(&format!("Reference: {}", reply.reference)));
                for word in ["Rosalind", "rosalind@", "In confidence", "Reply-To"] {
                    assert!(!notice.contains(word), "{when:?}: {word}");
                }
            }
        }
    }
}

/// The earlier definition may name a former address, so emails wait until the store can be read.
#[tokio::test(start_paused = true)]
async fn a_mail_waits_where_the_store_does_not_say_who_is_told_now() {
    let plan = Plan::never();
    let folder = tempfile::tempdir().unwrap();
    let inner = in_memory().unwrap();
    inner.publish(&definition("chat")).await.unwrap();
    let outbox = FileMailer::new(folder.path().join("outbox"));
    let mailer = Faulty { inner: outbox, plan: Plan::never() };
    let store = Faulty { inner: inner.clone(), plan: plan.clone() };
    let site = Site::with(folder, store, mailer, |settings| settings.keep_definitions = 0);
    site.service.mailer().plan.fail_from(0, Fault::Before);
    site.post("chat", &[("name", "Rose"), ("contact", "01632 960 111")]).await;
    site.service.mailer().plan.mend();
    inner
        .publish(&changed(&[("notify: hello@example.org", "notify: new@example.org")]))
        .await
        .unwrap();
    // One call after another fails, until no call is left that could.
    for number in 0.. {
        site.pass(24 * 3_600_000);
        plan.fail_once(number, Fault::Before);
        let _ = site.service.run_schedule().await;
        let files = site.service.mailer().inner.files().unwrap();
        for file in &files {
            let mail = std::fs::read_to_string(file).unwrap();
            assert!(mail.contains("\nTo: new@example.org\r\n"), "call {number}: {mail}");
        }
        if !files.is_empty() {
            break;
        }
        assert!(number < 30, "no mail goes out");
    }
}
