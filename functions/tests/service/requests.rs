//! Requests other than a form sent from this site.

use super::CHAT;
use super::common;
use super::common::site::{Site, browser};
use bytes::Bytes;
use daisychain_functions::model::ReplyState;
use daisychain_functions::store::{Definitions as _, Replies as _};
use http::{Method, Request};

#[tokio::test(start_paused = true)]
async fn bodies_that_are_not_forms_are_rejected() {
    let site = Site::laptop().await;
    // A long text fits in any script: the limit is on characters, not on bytes as sent.
    let urdu = "\u{6d2}".repeat(4_000);
    let fits =
        site.post("chat", &[("name", "R"), ("contact", "a@b.cd"), ("anything", &urdu)]).await;
    assert_eq!(fits.status, 303);
    let large = format!("name=Rose&anything={}", "x".repeat(20_000));
    let answer = site.send(browser("/api/chat", large)).await;
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("value=\"Rose\""));
    let many = "a=1&".repeat(60);
    assert_eq!(site.send(browser("/api/chat", many)).await.status, 413);
    let kind = Request::post("/api/chat").header("content-type", "text/plain");
    assert_eq!(site.send(kind.body(Bytes::from("a=b")).unwrap()).await.status, 415);
    let json = Request::post("/api/chat").header("content-type", "application/json");
    assert_eq!(site.send(json.body(Bytes::from("{")).unwrap()).await.status, 400);
    let long = "é".repeat(4_001);
    let answers = [("name", "R"), ("contact", "a@b.cd"), ("anything", &long)];
    let answer = site.post("chat", &answers).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("must be 4000 characters or fewer"));
    let bytes = site.send(browser("/api/chat", "name=%FF%00&contact=a@b.cd")).await;
    assert_eq!(bytes.status, 422);
    assert!(bytes.body.contains("could not be read"));
}

#[tokio::test(start_paused = true)]
async fn a_form_of_another_site_is_shown_again_and_not_stored() {
    let site = Site::laptop().await;
    let mut request = browser("/api/chat", "name=Rose&contact=a@b.cd");
    request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    request.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    let answer = site.send(request).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("value=\"Rose\""));
    assert_eq!(
        site.service.store().queue("chat", ReplyState::New, None, 9).await.unwrap().items,
        []
    );
}

#[tokio::test(start_paused = true)]
async fn an_old_page_still_works_and_an_unknown_one_shows_the_current_form() {
    let site = Site::laptop().await;
    let text = common::campaign_text("chat").replace("Your name", "What do we call you?");
    let form = daisychain_functions::form::Form::parse("chat", &text).unwrap();
    let frame = "<!doctype html><title>a new frame</title>%%daisychain:main%%";
    let new = daisychain_functions::form::Definition::new(form, frame);
    site.service.store().publish(&new).await.unwrap();
    let answer = site.post("chat", &CHAT).await;
    let store = site.service.store();
    let reply = store.by_reference("chat", answer.reference()).await.unwrap().unwrap();
    assert_eq!(reply.definition, common::campaign("chat").digest());
    // The old questions are shown again in the current frame.
    let answer = site.post("chat", &[("name", "Rose")]).await;
    assert!(answer.body.contains("Your name") && answer.body.contains("a new frame"));
    let body = format!("_form={}&name=Rose&contact=a@b.cd", "0".repeat(64));
    let answer = site.send(browser("/api/chat", body)).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("What do we call you?") && answer.body.contains("value=\"Rose\""));
}

#[tokio::test(start_paused = true)]
async fn get_requests_change_nothing_and_other_paths_do_not_exist() {
    let site = Site::laptop().await;
    assert_eq!(site.get("/api/chat").await.status, 200);
    assert_eq!(site.get("/api/none").await.status, 404);
    assert_eq!(site.get("/api/chat/none").await.status, 404);
    assert_eq!(site.get("/api/../etc/passwd").await.status, 404);
    let delete = Request::builder().method(Method::DELETE).uri("/api/chat").body(Bytes::new());
    let answer = site.send(delete.unwrap()).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, POST"));
    let head = Request::builder().method(Method::HEAD).uri("/api/chat").body(Bytes::new());
    let answer = site.send(head.unwrap()).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    let thanks = site.get("/api/chat/thanks?reference=%3Cscript%3E").await;
    assert!(!thanks.body.contains("script"));
}

#[tokio::test(start_paused = true)]
async fn answers_reach_neither_headers_nor_other_sites() {
    let site = Site::laptop().await;
    let hostile = [
        "a@b.cd\r\nBcc: all@example.org",
        "a@b.cd%0aBcc: all@example.org",
        "\"x\r\nBcc: y\"@b.cd",
        "a@evil⑴.com",
        "<a@b.cd>, all@example.org",
    ];
    for contact in hostile {
        let answer = site.post("chat", &[("name", "x\r\nBcc: a@b.cd"), ("contact", contact)]).await;
        assert_eq!(answer.status, 422, "{contact}");
    }
    site.post("chat", &[("name", "x\r\nBcc: a@b.cd"), ("contact", "rose@example.com")]).await;
    for mail in site.mails() {
        let head = mail.split("\r\n\r\n").next().unwrap();
        assert!(!head.contains("Bcc"), "{head}");
    }
    for query in [
        "reference=//evil.example&language=//evil.example",
        "reference=2345-6789&by=https://evil.example",
        "next=https://evil.example",
    ] {
        let page = site.get(&format!("/api/chat/thanks?{query}")).await;
        assert!(!page.body.contains("evil") && page.header("location").is_empty(), "{query}");
    }
    let body = "name=Rose&contact=rose@example.com&_language=//evil.example&next=//evil.example";
    let answer = site.send(browser("/api/chat", body)).await;
    assert!(answer.header("location").starts_with("/api/chat/thanks?reference="));
}
