//! Limits on replies and on emails.

use super::common::site::{Site, browser};
use daisychain_functions::http::Visitor;
use daisychain_functions::model::{ReplyState, SubscriptionState};
use daisychain_functions::store::{MailQueue as _, Replies as _, Subscribers as _};

#[tokio::test(start_paused = true)]
async fn many_replies_from_one_network_are_held_and_then_rejected() {
    let site = Site::laptop().await;
    let mut held = 0;
    let mut statuses = Vec::new();
    for number in 0..402 {
        let body = format!("name=Person {number}&contact=01632 960 {number:03}").replace(' ', "+");
        let mut request = browser("/api/chat", body);
        request.extensions_mut().insert(Visitor("198.51.100.7".parse().unwrap()));
        let answer = site.send(request).await;
        statuses.push(answer.status);
        if answer.status == 303 && number < 100 {
            let store = site.service.store();
            let reply = store.by_reference("chat", answer.reference()).await.unwrap().unwrap();
            held += usize::from(reply.held.is_some());
            assert!(number >= 30 || reply.held.is_none());
        }
        if answer.status == 429 {
            assert_eq!(answer.header("retry-after"), "3600");
            assert!(answer.body.contains("01632 960123") && answer.body.contains("Person"));
        }
    }
    assert!(held > 50);
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 2);
}

#[tokio::test(start_paused = true)]
async fn thirty_sign_ups_from_one_place_are_all_asked_to_confirm() {
    let site = Site::laptop().await;
    for number in 0..30 {
        let mut request = browser("/api/newsletter", format!("email=guest{number}@example.com"));
        request.extensions_mut().insert(Visitor("198.51.100.7".parse().unwrap()));
        assert!(!site.send(request).await.header("location").contains("by=hand"));
    }
    let store = site.service.store();
    let pending =
        store.subscribers("newsletter", SubscriptionState::Pending, None, 99).await.unwrap();
    assert_eq!((pending.items.len(), site.mails().len()), (30, 30));
}

#[tokio::test(start_paused = true)]
async fn an_ipv6_network_is_one_visitor() {
    let site = Site::laptop_with(|settings| settings.visitor_limit = 1).await;
    let held = async |address: &str, number: u32| {
        let body = format!("name=Person+{number}&contact=01632+960+{number:03}");
        let mut request = browser("/api/chat", body);
        request.extensions_mut().insert(Visitor(address.parse().unwrap()));
        let reference = site.send(request).await.reference().to_owned();
        let reply = site.service.store().by_reference("chat", &reference).await.unwrap().unwrap();
        reply.held.is_some()
    };
    assert!(!held("2001:db8:1:2::1", 1).await);
    // Another address with the same first 64 bits, then another network.
    assert!(held("2001:db8:1:2:ffff::9", 2).await);
    assert!(!held("2001:db8:1:3::1", 3).await);
    // An IPv4 address is the same in both notations.
    assert!(!held("198.51.100.7", 4).await);
    assert!(held("::ffff:198.51.100.7", 5).await);
    // The limit starts again an hour later.
    site.pass(3_600_000);
    assert!(!held("2001:db8:1:2::1", 6).await);
}

#[tokio::test(start_paused = true)]
async fn repeated_sign_ups_send_few_mails() {
    let site = Site::laptop().await;
    let mut reference = None;
    for _ in 0..20 {
        let answer = site.post("newsletter", &[("email", "rose@example.com")]).await;
        // The reference is the same, whether the address is known or not.
        let first = reference.get_or_insert_with(|| answer.reference().to_owned());
        assert_eq!(answer.reference(), first);
    }
    assert_eq!(site.mails().len(), 1);
    for _ in 0..40 * 24 {
        site.pass(3_600_000);
        site.post("newsletter", &[("email", "rose@example.com")]).await;
    }
    // Five in thirty days, and those of the first days of the next thirty.
    assert!(site.mails().len() <= 10, "{}", site.mails().len());
}

#[tokio::test(start_paused = true)]
async fn mail_to_an_address_is_limited() {
    let site = Site::laptop().await;
    let to_rose = |site: &Site<_, _>| {
        let line = "\nTo: rose@example.com";
        site.mails().iter().filter(|mail| mail.contains(line)).count()
    };
    // Different answers and different forms for one victim.
    for number in 0..10 {
        let words = format!("{number}");
        site.post("chat", &[("name", &words), ("contact", "rose@example.com")]).await;
        let volunteer =
            [("name", words.as_str()), ("contact", "rose@EXAMPLE.com"), ("adult", "yes")];
        site.post("volunteer", &volunteer).await;
    }
    assert_eq!(to_rose(&site), 1);
    // The page promises the newsletter's own email, so it is sent too, a little later.
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    assert_eq!(to_rose(&site), 1);
    site.pass(11 * 60_000);
    site.service.run_schedule().await.unwrap();
    assert_eq!(to_rose(&site), 2);
    for hour in 0..48 {
        site.pass(3_600_000);
        let words = format!("later {hour}");
        site.post("chat", &[("name", &words), ("contact", "rose@example.com")]).await;
    }
    assert!(to_rose(&site) <= 8, "{}", to_rose(&site));
    // Every reply is stored, whatever is emailed.
    let queue = site.service.store().queue("chat", ReplyState::New, None, 99).await.unwrap();
    assert_eq!(queue.items.len(), 58);
}

#[tokio::test(start_paused = true)]
async fn the_hourly_mail_limit_delays_mail_and_notifies_the_team_once() {
    let site = Site::laptop_with(|settings| settings.mail_limit = 20).await;
    for number in 0..40 {
        let (name, contact) = (format!("Person {number}"), format!("01632 960 {number:03}"));
        let answer = site.post("chat", &[("name", &name), ("contact", &contact)]).await;
        assert_eq!(answer.status, 303);
    }
    let alerts =
        |mails: &[String]| mails.iter().filter(|mail| mail.contains("Emails are delayed")).count();
    let mails = site.mails();
    // A quarter is for notices, and a quarter for everything.
    let sent = mails.len() - alerts(&mails);
    assert!((10..=12).contains(&sent) && alerts(&mails) == 1, "{sent}");
    assert!(mails.iter().any(|mail| mail.contains("More than 20 emails were due")));
    for _ in 0..6 {
        site.pass(3_600_000);
        site.service.run_schedule().await.unwrap();
    }
    let mails = site.mails();
    assert_eq!((mails.len() - alerts(&mails), alerts(&mails)), (40, 1));
    assert_eq!(site.service.store().failed(9).await.unwrap(), []);
}
