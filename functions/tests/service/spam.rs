//! Replies that are held for review.

use super::common::site::Site;
use daisychain_functions::store::Replies as _;

#[tokio::test(start_paused = true)]
async fn a_filled_honeypot_holds_the_reply() {
    let site = Site::laptop().await;
    let answers = [("name", "Bot"), ("contact", "bot@example.com"), ("website", "Bots Ltd")];
    let answer = site.post("chat", &answers).await;
    let store = site.service.store();
    let reply = store.by_reference("chat", answer.reference()).await.unwrap().unwrap();
    assert!(reply.held.is_some());
    assert_eq!(site.mails(), [""; 0]);
    site.pass(3_600_000);
    site.service.run_schedule().await.unwrap();
    let mails = site.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("Subject: =?UTF-8?Q?Held=3A_") || mails[0].contains("Subject: Held"));
}

#[tokio::test(start_paused = true)]
async fn a_text_full_of_links_is_held_and_one_with_a_few_is_not() {
    let site = Site::laptop().await;
    for (links, held) in [(3, false), (100, true)] {
        let words = "See https://example.org please. ".repeat(links);
        let answers = [("name", "Rose"), ("contact", "01632 960 111"), ("anything", &words)];
        let answer = site.post("chat", &answers).await;
        let store = site.service.store();
        let reply = store.by_reference("chat", answer.reference()).await.unwrap().unwrap();
        assert_eq!(reply.held.as_deref(), held.then_some("there are many links"), "{links}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_an_advertisement_is_held() {
    let site = Site::laptop().await;
    for name in ["Win at evil.ru/now", "WWW.evil.example", "Cheap Viagra"] {
        let answer = site.post("chat", &[("name", name), ("contact", "rose@example.com")]).await;
        let store = site.service.store();
        let reply = store.by_reference("chat", answer.reference()).await.unwrap().unwrap();
        assert!(reply.held.is_some(), "{name}");
    }
    assert!(site.mails().iter().all(|mail| mail.contains("\nTo: hello@example.org")));
}
