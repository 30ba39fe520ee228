//! Forms on another origin than the site's pages: our own pages may send them and read the responses, other
//! origins may not, and links in responses lead back to the site.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use bytes::Bytes;
use common::site::{SITE, Site, browser};
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::store::sqlite::Sqlite;
use http::{Method, Request};

const FORMS: &str = "https://forms.example";
const TRIAL: &str = "https://trial.daisy.example";

async fn site() -> Site<Sqlite, FileMailer> {
    Site::laptop_with(|settings| {
        settings.forms_url = FORMS.to_owned();
        settings.origins = vec![TRIAL.to_owned()];
    })
    .await
}

/// A request as a script on a page of `origin` sends it.
fn script(origin: &str, answers: &str) -> Request<Bytes> {
    Request::post("/api/chat")
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .header("origin", origin)
        .header("sec-fetch-site", "cross-site")
        .body(Bytes::from(answers.to_owned()))
        .unwrap()
}

const MRS_P: &str = "{\"name\": \"Mrs P.\", \"contact\": \"01632 960111\"}";

#[tokio::test(start_paused = true)]
async fn exactly_our_origins_may_send_and_read() {
    let site = site().await;
    for origin in [SITE, TRIAL] {
        let answer = site.send(script(origin, MRS_P)).await;
        assert_eq!(answer.status, 200, "{origin}: {}", answer.body);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert_eq!(answer.header("vary"), "origin");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    for origin in [
        "https://evil.example",
        "https://daisy.example.evil.example",
        "https://evil-daisy.example",
        "http://daisy.example",
        "https://other.daisy.example",
        "null",
        "*",
    ] {
        let answer = site.send(script(origin, MRS_P)).await;
        assert_eq!(answer.status, 400, "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
        assert_eq!(answer.header("vary"), "origin");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sibling_of_the_same_site_is_another_origin() {
    let site = site().await;
    for (origin, referer, status) in [
        (Some("https://other.daisy.example"), None, 400),
        (Some("https://other.daisy.example"), Some("https://daisy.example/"), 400),
        (Some("null"), None, 400),
        (Some("null"), Some("https://other.daisy.example/"), 400),
        (None, None, 400),
        (None, Some("https://other.daisy.example/"), 400),
        (Some(TRIAL), None, 303),
        (Some(FORMS), None, 303),
        (Some("null"), Some("https://daisy.example/help/"), 303),
        (None, Some("https://trial.daisy.example/"), 303),
    ] {
        let mut request = browser("/api/chat", "name=Mrs+P.&contact=01632+960111");
        let headers = request.headers_mut();
        headers.insert("sec-fetch-site", "same-site".parse().unwrap());
        for (name, value) in [("origin", origin), ("referer", referer)] {
            headers.remove(name);
            if let Some(value) = value {
                headers.insert(name, value.parse().unwrap());
            }
        }
        let answer = site.send(request).await;
        assert_eq!(answer.status, status, "{origin:?} {referer:?}");
        // A refused form keeps its answers.
        assert!(status == 303 || answer.body.contains("value=\"Mrs P.\""), "{}", answer.body);
    }
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_asks_first_is_answered() {
    let site = site().await;
    let ask = |origin: &str| {
        Request::builder()
            .method(Method::OPTIONS)
            .uri("/api/chat")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
            .body(Bytes::new())
            .unwrap()
    };
    let answer = site.send(ask(TRIAL)).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert_eq!(answer.header("access-control-allow-origin"), TRIAL);
    assert_eq!(answer.header("access-control-allow-methods"), "GET, HEAD, POST");
    assert_eq!(answer.header("access-control-allow-headers"), "accept, content-type");
    assert_eq!(
        site.send(ask("https://evil.example")).await.header("access-control-allow-origin"),
        ""
    );
    // An `OPTIONS` request that is not a preflight is a wrong method, as before.
    let plain = Request::builder().method(Method::OPTIONS).uri("/api/chat").body(Bytes::new());
    assert_eq!(site.send(plain.unwrap()).await.status, 405);
}

#[tokio::test(start_paused = true)]
async fn a_form_without_a_script_goes_there_and_what_is_answered_leads_back() {
    let site = site().await;
    let from_page = |body: &'static str| {
        let mut request = browser("/api/chat", body);
        request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        request
    };
    let sent = site.send(from_page("name=Mrs+P.&contact=01632+960111")).await;
    assert_eq!(sent.status, 303);
    let thanks = site.get(sent.header("location")).await;
    assert_eq!(thanks.status, 200);

    let again = site.send(from_page("name=%22%2F%3D&contact=")).await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("action=\"/api/chat\""), "the form is sent to its own origin");
    assert!(again.body.contains("<a href=\"https://daisy.example/privacy/\">"), "{}", again.body);
    assert!(again.body.contains("value=\"&quot;/=\""), "answers are shown as typed");
    let policy = again.header("content-security-policy");
    assert!(policy.starts_with("default-src 'self' https://daisy.example; "), "{policy}");

    // A form shown on the forms' own origin is sent from there.
    let mut request = browser("/api/chat", "name=Mrs+P.&contact=01632+960112");
    request.headers_mut().insert("origin", FORMS.parse().unwrap());
    request.headers_mut().remove("sec-fetch-site");
    assert_eq!(site.send(request).await.status, 303);
}

#[tokio::test(start_paused = true)]
async fn links_in_mails_go_where_forms_are_answered() {
    let site = site().await;
    assert_eq!(site.post("newsletter", &[("email", "asha@example.org")]).await.status, 303);
    let mails = site.mails();
    assert!(
        mails[0].contains("https://forms.example/api/newsletter/confirm?token="),
        "{}",
        mails[0]
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_led_anywhere_where_all_stands_at_one_address() {
    let site = Site::laptop().await;
    let page = site.get("/api/chat").await;
    assert!(page.body.contains("href=\"/privacy/\""), "{}", page.body);
    assert!(page.header("content-security-policy").starts_with("default-src 'self'; "));
}
