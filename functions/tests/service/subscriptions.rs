//! Subscriptions: sign-up, confirmation, unsubscription, bounces and complaints.

use super::common;
use super::common::site::{SITE, Site, browser};
use bytes::Bytes;
use daisychain_functions::model::SubscriptionState;
use daisychain_functions::store::Subscribers as _;
use http::Request;

/// The address of the link to a page in an email.
pub(super) fn link(mail: &str, page: &str) -> String {
    let start = mail.find(&format!("{SITE}/api/newsletter/{page}?token=")).unwrap();
    let link = &mail[start + SITE.len()..];
    let end = link.find(|c: char| c.is_whitespace() || c == '"' || c == '>').unwrap();
    link[..end].to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_subscription_is_requested_confirmed_and_ended() {
    let site = Site::laptop().await;
    let answer = site.post("newsletter", &[("email", "Rose@Example.com")]).await;
    let reference = answer.reference().to_owned();
    let mails = site.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("To: Rose@example.com"));
    assert!(mails[0].contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
    let (confirm, leave) = (link(&mails[0], "confirm"), link(&mails[0], "leave"));

    let store = site.service.store();
    let people = async |state| store.subscribers("newsletter", state, None, 9).await.unwrap().items;
    assert_eq!(people(SubscriptionState::Pending).await[0].reference, reference);

    // A program that follows links changes nothing.
    let page = site.get(&confirm).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Yes, send me the news</button>"));
    assert_eq!(people(SubscriptionState::Active).await, []);

    for _ in 0..2 {
        site.pass(1);
        let done = site.send(browser(&confirm, "")).await;
        assert_eq!(done.status, 200);
        assert!(done.body.contains("You will receive our latest news"));
    }
    let active = people(SubscriptionState::Active).await;
    assert_eq!(active[0].email.as_deref(), Some("Rose@example.com"));

    // RFC 8058: no login, no redirect, no origin.
    let one_click = Request::post(&leave)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from("List-Unsubscribe=One-Click"))
        .unwrap();
    site.pass(1);
    assert_eq!(site.send(one_click).await.status, 200);
    assert_eq!(site.send(browser(&leave, "")).await.status, 200);
    let left = people(SubscriptionState::Unsubscribed).await;
    assert_eq!((left.len(), left[0].email.as_ref()), (1, None));
    let events = store.events("newsletter", &left[0].hash).await.unwrap();
    let steps: Vec<_> = events.iter().map(|e| (e.step.as_str(), e.method.as_str())).collect();
    assert_eq!(steps, [("asked", "form"), ("confirmed", "link"), ("unsubscribed", "one-click")]);
    // The evidence: what was consented to, where, in which language, and when.
    let wording = common::campaign("newsletter").digest();
    assert!(events.iter().all(|event| event.definition == wording && event.language == "en-GB"));
    assert_eq!(events[0].page.as_deref(), Some("/"));
    assert!(events.is_sorted_by(|one, other| one.at < other.at));
    // The old link does not subscribe someone again who has unsubscribed.
    assert_eq!(site.send(browser(&confirm, "")).await.status, 410);
}

#[tokio::test(start_paused = true)]
async fn signing_someone_up_does_not_undo_their_unsubscription() {
    let site = Site::laptop_with(|settings| settings.forms = vec!["newsletter".to_owned()]).await;
    let store = site.service.store();
    let people = async |state| store.subscribers("newsletter", state, None, 9).await.unwrap().items;
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    let leave = link(&site.mails()[0], "leave");
    site.pass(1);
    assert_eq!(site.send(browser(&leave, "")).await.status, 200);
    // Someone else signs her up again, and she does nothing.
    site.pass(86_400_000);
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    site.pass(6 * 86_400_000);
    site.service.run_schedule().await.unwrap();
    assert_eq!(people(SubscriptionState::Pending).await.len(), 1);
    site.pass(86_400_000);
    site.service.run_schedule().await.unwrap();
    let [left] = &people(SubscriptionState::Unsubscribed).await[..] else { panic!() };
    assert_eq!((&left.email, left.before, left.expires), (&None, None, None));
    let events = store.events("newsletter", &left.hash).await.unwrap();
    let steps: Vec<_> = events.iter().map(|e| (e.step.as_str(), e.method.as_str())).collect();
    let expected =
        [("asked", "form"), ("unsubscribed", "link"), ("asked", "form"), ("lapsed", "time")];
    assert_eq!(steps, expected);
    // She can subscribe again herself.
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    let confirm = link(site.mails().last().unwrap(), "confirm");
    assert_eq!(site.send(browser(&confirm, "")).await.status, 200);
    site.pass(30 * 86_400_000);
    site.service.run_schedule().await.unwrap();
    assert_eq!(people(SubscriptionState::Active).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_new_link_invalidates_the_old_one_and_links_expire() {
    let site = Site::laptop().await;
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    site.pass(11 * 60_000);
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    let links: Vec<_> = site.mails().iter().map(|mail| link(mail, "confirm")).collect();
    assert_eq!(site.send(browser(&links[0], "")).await.status, 410);
    site.pass(8 * 86_400_000);
    let over = site.send(browser(&links[1], "")).await;
    assert_eq!(over.status, 410);
    assert!(over.body.contains("we will send you another"));
    let forged = links[1].replace("token=1.", "token=1.0");
    assert_eq!(site.get(&forged).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn bounces_and_complaints_stop_mail() {
    use daisychain_functions::mail::feedback;
    let site = Site::laptop_with(|settings| settings.forms = vec!["newsletter".to_owned()]).await;
    for email in ["rose@example.com", "asha@example.com", "tom@example.com"] {
        site.post("newsletter", &[("email", email)]).await;
    }
    let event = |kind: &str, list: &str, address: &str| {
        let (group, kind_key) = (kind.to_lowercase(), "bounceType");
        format!(
            r#"{{"source":"aws.ses","detail-type":"Email {kind}","detail":{{"eventType":"{kind}",
               "{group}":{{"{kind_key}":"Permanent","{list}":[{{"emailAddress":"{address}"}}]}}}}}}"#
        )
    };
    let store = site.service.store();
    let people = async |state| store.subscribers("newsletter", state, None, 9).await.unwrap().items;
    for _ in 0..2 {
        for (kind, list, address) in [
            ("Bounce", "bouncedRecipients", "rose@EXAMPLE.com"),
            ("Complaint", "complainedRecipients", "asha@example.com"),
            ("Bounce", "bouncedRecipients", "nobody@example.com"),
        ] {
            site.pass(1);
            let feedback = feedback::read(&event(kind, list, address)).unwrap();
            site.service.process_feedback(&feedback).await.unwrap();
        }
    }
    let bounced = people(SubscriptionState::Bounced).await;
    assert_eq!(bounced[0].email.as_deref(), Some("rose@example.com"));
    let complained = people(SubscriptionState::Complained).await;
    assert_eq!((complained.len(), complained[0].email.as_ref()), (1, None));
    assert_eq!(people(SubscriptionState::Pending).await.len(), 1);
    let events = store.events("newsletter", &bounced[0].hash).await.unwrap();
    let steps: Vec<_> = events.iter().map(|e| (e.step.as_str(), e.method.as_str())).collect();
    assert_eq!(steps, [("asked", "form"), ("bounced", "mail")]);
    // Someone who complained never gets an email again, and sees the same page as everyone.
    let before = site.mails().len();
    site.pass(40 * 86_400_000);
    let answer = site.post("newsletter", &[("email", "asha@example.com")]).await;
    assert_eq!((answer.status, site.mails().len()), (303, before));
    assert_eq!(people(SubscriptionState::Complained).await[0].email, None);
    // A mailbox that works again can be subscribed again.
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    assert_eq!(site.mails().len(), before + 1);
}

#[tokio::test(start_paused = true)]
async fn the_response_time_does_not_reveal_who_is_subscribed() {
    // Time only passes while something waits for it, so it is exact.
    let site = Site::laptop().await;
    let mut took = Vec::new();
    for _ in 0..3 {
        let from = tokio::time::Instant::now();
        let answer = site.post("newsletter", &[("email", "rose@example.com")]).await;
        took.push((answer.status, from.elapsed().as_millis() / 100));
    }
    // Only the first request sends an email.
    assert_eq!(site.mails().len(), 1);
    assert!(took.iter().all(|each| *each == took[0]) && took[0].1 >= 4, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_link_is_valid_for_one_form_and_purpose() {
    let site = Site::laptop().await;
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    let mail = site.mails().remove(0);
    let (confirm, leave) = (link(&mail, "confirm"), link(&mail, "leave"));
    let token = |link: &str| link.split_once("token=").unwrap().1.to_owned();
    for (page, token) in [
        ("newsletter/confirm", token(&leave)),
        ("newsletter/leave", token(&confirm)),
        ("chat/leave", token(&leave)),
        ("newsletter/leave", String::new()),
        ("newsletter/leave", token(&leave).to_uppercase()),
        ("newsletter/leave", token(&leave).replace("..", ".x.")),
    ] {
        let path = format!("/api/{page}?token={token}");
        assert_eq!(site.send(browser(&path, "")).await.status, 404, "{path}");
    }
    let store = site.service.store();
    let pending =
        store.subscribers("newsletter", SubscriptionState::Pending, None, 9).await.unwrap();
    assert_eq!(pending.items.len(), 1);
}
