//! What a resident sees, from the form that they send to the thanks they get.

#![cfg(feature = "sqlite")]
#![allow(clippy::disallowed_methods, reason = "a test reads its own files")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use bytes::Bytes;
use common::site::{SITE, Site, browser};
use daisychain_functions::http::Visitor;
use daisychain_functions::store::{
    Counters as _, Definitions as _, MailQueue as _, Replies as _, Subscribers as _, Subscription,
};
use http::{Method, Request};

const CHAT: [(&str, &str); 4] = [
    ("name", "Mrs P."),
    ("contact", "01632 960 111"),
    ("best_time", "weekday mornings"),
    ("anything", "I'd like to hear a voice.\r\nAnd tea."),
];

#[tokio::test(start_paused = true)]
async fn a_chat_is_stored_and_thanked_for() {
    let site = Site::laptop().await;
    let answer = site.post("chat", &CHAT).await;
    let reference = answer.reference();
    assert!(answer.header("location").starts_with("/api/chat/thanks?reference="));
    let reply = site.service.store().by_reference("chat", reference).await.unwrap().unwrap();
    assert_eq!(reply.submission.get("name"), Some("Mrs P."));
    assert_eq!(reply.submission.get("anything"), Some("I'd like to hear a voice.\nAnd tea."));
    assert_eq!((reply.state.as_str(), reply.held), ("new", None));
    assert_eq!(reply.page.as_deref(), Some("/"));
    // Three working days after a Wednesday is a Monday.
    assert_eq!(reply.due - reply.received, 5 * 86_400_000);

    let thanks = site.get(answer.header("location")).await;
    assert_eq!(thanks.status, 200);
    assert!(thanks.body.contains("<title>Thank you. We will be in touch</title>"));
    assert!(thanks.body.contains(&format!("<span class=\"reference\">{reference}</span>")));
    assert!(thanks.body.contains("within 3 working days"));
}

#[tokio::test(start_paused = true)]
async fn the_team_is_told_at_once() {
    let site = Site::laptop().await;
    let answer = site.post("chat", &[("name", "Rose"), ("contact", "rose@example.com")]).await;
    let mails = site.mails();
    assert_eq!(mails.len(), 2);
    let notice = mails.iter().find(|mail| mail.contains("\nTo: hello@example.org")).unwrap();
    assert!(notice.contains(&format!("Reference: {}", answer.reference())));
    assert!(notice.contains("Reply-To: rose@example.com"));
    assert!(notice.contains("Your name\r\nRose"));
    assert!(notice.contains("Answer by: Mon 30 Nov 2026"));
    let acknowledgement =
        mails.iter().find(|mail| mail.contains("\nTo: rose@example.com")).unwrap();
    assert!(acknowledgement.contains(&format!("Your reference is {}", answer.reference())));
    // Nothing that was written goes to an address that anybody could have written.
    assert!(!acknowledgement.contains("Your name"));
    assert_eq!(site.service.store().due(i64::MAX / 2, 10).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_notice_without_details_says_the_reference_alone() {
    let site = Site::laptop().await;
    let text = common::campaign_text("chat").replace("details: true", "details: false");
    let form = daisychain_functions::form::Form::parse("chat", &text).unwrap();
    let digest = form.digest().to_owned();
    let definition = daisychain_functions::form::Definition::new(form, "<main>%%daisychain:main%%");
    site.service.store().publish(&definition).await.unwrap();
    let body = format!("_form={digest}&name=Rose&contact=rose@example.com&anything=Quietly");
    let answer = site.send(browser("/api/chat", body)).await;
    let mails = site.mails();
    let notice = mails.iter().find(|mail| mail.contains("\nTo: hello@example.org")).unwrap();
    assert!(notice.contains(&format!("Reference: {}", answer.reference())));
    assert!(notice.contains("Answer by: Mon 30 Nov 2026"));
    for said in ["Rose", "rose@example.com", "Quietly", "Reply-To"] {
        assert!(!notice.contains(said), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_volunteer_is_stored_with_every_choice() {
    let site = Site::laptop().await;
    let answers = [
        ("name", "Asha"),
        ("contact", "asha@example.com"),
        ("adult", "yes"),
        ("time", "Weekends"),
        ("time", "Weekday mornings"),
        ("skills", "Driving"),
        ("skills_other", "Bees"),
    ];
    let answer = site.post("volunteer", &answers).await;
    let store = site.service.store();
    let reply = store.by_reference("volunteer", answer.reference()).await.unwrap().unwrap();
    assert_eq!(reply.submission.answers["time"], ["Weekday mornings", "Weekends"]);
    assert_eq!(reply.submission.answers["skills"], ["Driving", "Bees"]);
    assert_eq!(reply.state, "interested");
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_said_and_what_was_written_is_kept() {
    let site = Site::laptop().await;
    let answer = site.post("chat", &[("name", " "), ("contact", "<b>"), ("anything", "x")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("<title>Error: Have a chat with one of our team</title>"));
    assert!(answer.body.contains("<h2>There is a problem</h2>"));
    assert!(answer.body.contains("<a href=\"#chat-name\">Enter your name</a>"));
    assert!(answer.body.contains("id=\"chat-contact-error\""));
    assert!(answer.body.contains("value=\"&lt;b&gt;\""));
    assert!(answer.body.contains("\nx</textarea>"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(site.service.store().queue("chat", "new", None, 9).await.unwrap().items, []);
}

#[tokio::test(start_paused = true)]
async fn a_program_is_answered_in_json() {
    let site = Site::laptop().await;
    let request = |body: &'static str| {
        Request::post("/api/chat")
            .header("content-type", "application/json")
            .body(Bytes::from(body))
            .unwrap()
    };
    let wrong = site.send(request(r#"{"name": "Rose"}"#)).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(
        wrong.body,
        r#"{"problems":[{"field":"contact","message":"Enter your phone number or email address"}],"sent":false}"#
    );
    let mut right = request(r#"{"name": "Rose", "contact": "01632 960111"}"#);
    // Types of content are not told apart by their letters' case (RFC 9110, 8.3.1).
    right.headers_mut().insert("content-type", "Application/JSON; charset=UTF-8".parse().unwrap());
    let right = site.send(right).await;
    assert_eq!(right.status, 200);
    let value: serde_json::Value = serde_json::from_str(&right.body).unwrap();
    assert_eq!(value["sent"], true);
    let reference = value["reference"].as_str().unwrap();
    assert!(site.service.store().by_reference("chat", reference).await.unwrap().is_some());
    // The same checks as for pages: the trap holds this one.
    let trap = r#"{"name": "Bot", "contact": "01632 960112", "website": "x"}"#;
    assert_eq!(site.send(request(trap)).await.status, 200);
    let queue = site.service.store().queue("chat", "new", None, 9).await.unwrap();
    assert_eq!(queue.items.iter().filter(|reply| reply.held.is_some()).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_same_reply_twice_is_one_and_a_corrected_one_is_another() {
    let site = Site::laptop().await;
    let first = site.post("chat", &CHAT).await;
    site.pass(60_000);
    let again = site.post("chat", &CHAT).await;
    assert_eq!(first.reference(), again.reference());
    let mut renamed = CHAT;
    renamed[0].1 = "Mrs Patel";
    let renamed = site.post("chat", &renamed).await;
    assert_ne!(first.reference(), renamed.reference());
    let store = site.service.store();
    let queue = store.queue("chat", "new", None, 9).await.unwrap().items;
    assert_eq!(queue.len(), 2);
    // Both are of one person, because the number is the same.
    assert_eq!(queue[0].person, queue[1].person);
    assert_eq!(queue[1].corrects, None);
    site.pass(86_400_000);
    assert_ne!(site.post("chat", &CHAT).await.reference(), first.reference());
    assert_eq!(site.mails().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_corrected_digit_is_kept_and_linked_and_the_team_is_told() {
    let site = Site::laptop().await;
    let wrong = site.post("chat", &CHAT).await;
    // Back, another digit, sent again.
    site.pass(60_000);
    let mut corrected = CHAT;
    corrected[1].1 = "01632 960 112";
    let right = site.post("chat", &corrected).await;
    assert_ne!(wrong.reference(), right.reference());
    assert!(site.get(right.header("location")).await.body.contains("Thank you"));
    let store = site.service.store();
    let queue = store.queue("chat", "new", None, 9).await.unwrap().items;
    let [first, second] = &queue[..] else { panic!("{queue:?}") };
    assert_ne!(first.person, second.person);
    assert_eq!(second.corrects.as_deref(), Some(wrong.reference()));
    let told = format!("Perhaps corrects {}: it says the same", wrong.reference());
    assert_eq!(site.mails().iter().filter(|mail| mail.contains(&told)).count(), 1);
    // Somebody else, with words of their own, is nobody's correction.
    let other = site.post("chat", &[("name", "Rose"), ("contact", "01632 960 113")]).await;
    let other = store.by_reference("chat", other.reference()).await.unwrap().unwrap();
    assert_eq!(other.corrects, None);
}

#[tokio::test(start_paused = true)]
async fn who_fills_the_trap_is_thanked_and_marked() {
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
async fn bodies_that_are_no_forms_are_refused() {
    let site = Site::laptop().await;
    // A long text in any script fits: what counts is what was written, not how it travels.
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
async fn another_sites_form_is_shown_again_and_not_stored() {
    let site = Site::laptop().await;
    let mut request = browser("/api/chat", "name=Rose&contact=a@b.cd");
    request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    request.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    let answer = site.send(request).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("value=\"Rose\""));
    assert_eq!(site.service.store().queue("chat", "new", None, 9).await.unwrap().items, []);
}

#[tokio::test(start_paused = true)]
async fn an_old_page_still_posts_and_an_unknown_one_shows_the_form_of_today() {
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
    // Its questions come back in the frame of today.
    let answer = site.post("chat", &[("name", "Rose")]).await;
    assert!(answer.body.contains("Your name") && answer.body.contains("a new frame"));
    let body = format!("_form={}&name=Rose&contact=a@b.cd", "0".repeat(64));
    let answer = site.send(browser("/api/chat", body)).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("What do we call you?") && answer.body.contains("value=\"Rose\""));
}

#[tokio::test(start_paused = true)]
async fn reading_changes_nothing_and_other_addresses_are_not_there() {
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
async fn a_coffee_morning_is_stored_and_a_flood_is_held_and_then_refused() {
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
    let pending = store.people("newsletter", Subscription::Pending, None, 99).await.unwrap();
    assert_eq!((pending.items.len(), site.mails().len()), (30, 30));
}

#[tokio::test(start_paused = true)]
async fn a_network_of_ipv6_is_one_place() {
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
    // Another address of the same 64 bits, and then another network.
    assert!(held("2001:db8:1:2:ffff::9", 2).await);
    assert!(!held("2001:db8:1:3::1", 3).await);
    // An IPv4 address is the same however it is written.
    assert!(!held("198.51.100.7", 4).await);
    assert!(held("::ffff:198.51.100.7", 5).await);
    // An hour later everybody begins anew.
    site.pass(3_600_000);
    assert!(!held("2001:db8:1:2::1", 6).await);
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
async fn who_is_under_18_is_thanked_in_the_same_words_and_told_nothing_of_matching() {
    let site = Site::laptop().await;
    let mut said = Vec::new();
    for (adult, contact) in [("yes", "asha@example.com"), ("no", "rose@example.com")] {
        let answers = [("name", "Somebody"), ("contact", contact), ("adult", adult)];
        let answer = site.post("volunteer", &answers).await;
        let reference = answer.reference().to_owned();
        let page = site.get(answer.header("location")).await.body.replace(&reference, "");
        let line = format!("\nTo: {contact}");
        let mail = site.mails().into_iter().find(|mail| mail.contains(&line)).unwrap();
        let words = mail.split_once("text/plain").unwrap().1.split("\r\n--daisy").next().unwrap();
        said.push((page, words.replace(&reference, "")));
        // Whoever answers sees it.
        let store = site.service.store();
        let reply = store.by_reference("volunteer", &reference).await.unwrap().unwrap();
        assert_eq!((reply.submission.get("adult"), reply.held), (Some(adult), None));
    }
    assert_eq!(said[0], said[1]);
    assert!(!format!("{said:?}").to_lowercase().contains("match"), "{said:?}");
}

#[tokio::test(start_paused = true)]
async fn two_hundred_equal_replies_at_once_are_one() {
    let site = std::sync::Arc::new(Site::laptop().await);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let site = site.clone();
        tasks.spawn(async move { site.post("chat", &CHAT).await.reference().to_owned() });
    }
    let mut references = Vec::new();
    while let Some(done) = tasks.join_next().await {
        references.push(done.unwrap());
    }
    let queue = site.service.store().queue("chat", "new", None, 9).await.unwrap().items;
    let [reply] = &queue[..] else { panic!("{queue:?}") };
    // Everybody was thanked, with one and the same reference; the team was told once.
    assert!(references.len() == 200 && references.iter().all(|given| *given == reply.reference));
    assert_eq!(site.mails().len(), 1);
}

/// The address of the link in a mail that begins so.
fn link(mail: &str, page: &str) -> String {
    let start = mail.find(&format!("{SITE}/api/newsletter/{page}?token=")).unwrap();
    let link = &mail[start + SITE.len()..];
    let end = link.find(|c: char| c.is_whitespace() || c == '"' || c == '>').unwrap();
    link[..end].to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_subscription_is_asked_for_confirmed_and_left() {
    let site = Site::laptop().await;
    let answer = site.post("newsletter", &[("email", "Rose@Example.com")]).await;
    let reference = answer.reference().to_owned();
    let mails = site.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("To: Rose@example.com"));
    assert!(mails[0].contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
    let (confirm, leave) = (link(&mails[0], "confirm"), link(&mails[0], "leave"));

    let store = site.service.store();
    let people = async |state| store.people("newsletter", state, None, 9).await.unwrap().items;
    assert_eq!(people(Subscription::Pending).await[0].reference, reference);

    // A program that follows links changes nothing.
    let page = site.get(&confirm).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Yes, send me the news</button>"));
    assert_eq!(people(Subscription::Active).await, []);

    for _ in 0..2 {
        site.pass(1);
        let done = site.send(browser(&confirm, "")).await;
        assert_eq!(done.status, 200);
        assert!(done.body.contains("You will receive our latest news"));
    }
    let active = people(Subscription::Active).await;
    assert_eq!(active[0].email.as_deref(), Some("Rose@example.com"));

    // RFC 8058: no login, no redirect, no origin.
    let one_click = Request::post(&leave)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from("List-Unsubscribe=One-Click"))
        .unwrap();
    site.pass(1);
    assert_eq!(site.send(one_click).await.status, 200);
    assert_eq!(site.send(browser(&leave, "")).await.status, 200);
    let left = people(Subscription::Unsubscribed).await;
    assert_eq!((left.len(), left[0].email.as_ref()), (1, None));
    let events = store.events("newsletter", &left[0].hash).await.unwrap();
    let steps: Vec<_> = events.iter().map(|e| (e.step.as_str(), e.method.as_str())).collect();
    assert_eq!(steps, [("asked", "form"), ("confirmed", "link"), ("unsubscribed", "one-click")]);
    // What was consented to, where, in which language, and when.
    let wording = common::campaign("newsletter").digest();
    assert!(events.iter().all(|event| event.definition == wording && event.language == "en-GB"));
    assert_eq!(events[0].page.as_deref(), Some("/"));
    assert!(events.is_sorted_by(|one, other| one.at < other.at));
    // The old link does not bring somebody back who has left.
    assert_eq!(site.send(browser(&confirm, "")).await.status, 410);
}

#[tokio::test(start_paused = true)]
async fn nobody_wipes_out_the_record_of_anothers_wish() {
    let site = Site::laptop_with(|settings| settings.forms = vec!["newsletter".to_owned()]).await;
    let store = site.service.store();
    let people = async |state| store.people("newsletter", state, None, 9).await.unwrap().items;
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    let leave = link(&site.mails()[0], "leave");
    site.pass(1);
    assert_eq!(site.send(browser(&leave, "")).await.status, 200);
    // Somebody signs her up again; she does nothing.
    site.pass(86_400_000);
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    site.pass(6 * 86_400_000);
    site.service.run_schedule().await.unwrap();
    assert_eq!(people(Subscription::Pending).await.len(), 1);
    site.pass(86_400_000);
    site.service.run_schedule().await.unwrap();
    let [left] = &people(Subscription::Unsubscribed).await[..] else { panic!() };
    assert_eq!((&left.email, left.before, left.expires), (&None, None, None));
    let events = store.events("newsletter", &left.hash).await.unwrap();
    let steps: Vec<_> = events.iter().map(|e| (e.step.as_str(), e.method.as_str())).collect();
    let expected =
        [("asked", "form"), ("unsubscribed", "link"), ("asked", "form"), ("lapsed", "time")];
    assert_eq!(steps, expected);
    // She herself can come back.
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    let confirm = link(site.mails().last().unwrap(), "confirm");
    assert_eq!(site.send(browser(&confirm, "")).await.status, 200);
    site.pass(30 * 86_400_000);
    site.service.run_schedule().await.unwrap();
    assert_eq!(people(Subscription::Active).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_new_link_makes_the_old_one_void_and_links_end() {
    let site = Site::laptop().await;
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    site.pass(11 * 60_000);
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    let links: Vec<_> = site.mails().iter().map(|mail| link(mail, "confirm")).collect();
    assert_eq!(site.send(browser(&links[0], "")).await.status, 410);
    site.pass(8 * 86_400_000);
    let over = site.send(browser(&links[1], "")).await;
    assert_eq!(over.status, 410);
    assert!(over.body.contains("we send you another"));
    let forged = links[1].replace("token=1.", "token=1.0");
    assert_eq!(site.get(&forged).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn nobodys_letter_box_is_filled() {
    let site = Site::laptop().await;
    let mut reference = None;
    for _ in 0..20 {
        let answer = site.post("newsletter", &[("email", "rose@example.com")]).await;
        // The same reference, whether the address is known or not.
        let first = reference.get_or_insert_with(|| answer.reference().to_owned());
        assert_eq!(answer.reference(), first);
    }
    assert_eq!(site.mails().len(), 1);
    for _ in 0..40 * 24 {
        site.pass(3_600_000);
        site.post("newsletter", &[("email", "rose@example.com")]).await;
    }
    // Five in thirty days, and the first three days of the next thirty.
    assert!(site.mails().len() <= 10, "{}", site.mails().len());
}

#[tokio::test(start_paused = true)]
async fn an_address_is_written_to_so_often_and_no_more() {
    let site = Site::laptop().await;
    let to_rose = |site: &Site<_, _>| {
        let line = "\nTo: rose@example.com";
        site.mails().iter().filter(|mail| mail.contains(line)).count()
    };
    // Different words, different forms, one victim.
    for number in 0..10 {
        let words = format!("{number}");
        site.post("chat", &[("name", &words), ("contact", "rose@example.com")]).await;
        let volunteer =
            [("name", words.as_str()), ("contact", "rose@EXAMPLE.com"), ("adult", "yes")];
        site.post("volunteer", &volunteer).await;
    }
    assert_eq!(to_rose(&site), 1);
    // The newsletter's own mail is promised on the page: it goes out too, a little later.
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
    // Every reply is stored, whatever was mailed.
    let queue = site.service.store().queue("chat", "new", None, 99).await.unwrap();
    assert_eq!(queue.items.len(), 58);
}

#[tokio::test(start_paused = true)]
async fn the_brake_over_all_mail_holds_tells_the_team_once_and_loses_nothing() {
    let site = Site::laptop_with(|settings| settings.mail_limit = 20).await;
    for number in 0..40 {
        let (name, contact) = (format!("Person {number}"), format!("01632 960 {number:03}"));
        let answer = site.post("chat", &[("name", &name), ("contact", &contact)]).await;
        assert_eq!(answer.status, 303);
    }
    let alerts =
        |mails: &[String]| mails.iter().filter(|mail| mail.contains("Mail is held back")).count();
    let mails = site.mails();
    // A quarter for notices, and a quarter for what is left over.
    let sent = mails.len() - alerts(&mails);
    assert!((10..=12).contains(&sent) && alerts(&mails) == 1, "{sent}");
    assert!(mails.iter().any(|mail| mail.contains("More than 20 mails were to go out")));
    for _ in 0..6 {
        site.pass(3_600_000);
        site.service.run_schedule().await.unwrap();
    }
    let mails = site.mails();
    assert_eq!((mails.len() - alerts(&mails), alerts(&mails)), (40, 1));
    assert_eq!(site.service.store().failed(9).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn who_cannot_be_reached_or_complains_is_sent_no_more() {
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
    let people = async |state| store.people("newsletter", state, None, 9).await.unwrap().items;
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
    let bounced = people(Subscription::Bounced).await;
    assert_eq!(bounced[0].email.as_deref(), Some("rose@example.com"));
    let complained = people(Subscription::Complained).await;
    assert_eq!((complained.len(), complained[0].email.as_ref()), (1, None));
    assert_eq!(people(Subscription::Pending).await.len(), 1);
    let events = store.events("newsletter", &bounced[0].hash).await.unwrap();
    let steps: Vec<_> = events.iter().map(|e| (e.step.as_str(), e.method.as_str())).collect();
    assert_eq!(steps, [("asked", "form"), ("bounced", "mail")]);
    // Who complained is never mailed again, and sees what everybody sees.
    let before = site.mails().len();
    site.pass(40 * 86_400_000);
    let answer = site.post("newsletter", &[("email", "asha@example.com")]).await;
    assert_eq!((answer.status, site.mails().len()), (303, before));
    assert_eq!(people(Subscription::Complained).await[0].email, None);
    // A letter box that works again can be given again.
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    assert_eq!(site.mails().len(), before + 1);
}

/// The form that `docs/forms.md` adds.
fn lunch() -> daisychain_functions::form::Form {
    daisychain_functions::form::Form::parse("lunch", &common::documented("title: Come to lunch"))
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_fourth_form_needs_no_program() {
    let site = Site::laptop().await;
    let definition =
        daisychain_functions::form::Definition::new(lunch(), "<main>%%daisychain:main%%");
    site.service.store().publish(&definition).await.unwrap();
    let body = "name=Rose&contact=rose@example.com";
    let answer = site.send(browser("/api/lunch", body)).await;
    let store = site.service.store();
    let reply = store.by_reference("lunch", answer.reference()).await.unwrap().unwrap();
    assert_eq!((reply.state.as_str(), reply.submission.get("name")), ("new", Some("Rose")));
    assert!(site.get(answer.header("location")).await.body.contains("We have saved you a place"));
    assert_eq!(site.mails().len(), 2);
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

#[tokio::test(start_paused = true)]
async fn a_clock_does_not_tell_who_is_on_the_list() {
    // Time passes only where something waits for it, so it is exact.
    let site = Site::laptop().await;
    let mut took = Vec::new();
    for _ in 0..3 {
        let from = tokio::time::Instant::now();
        let answer = site.post("newsletter", &[("email", "rose@example.com")]).await;
        took.push((answer.status, from.elapsed().as_millis() / 100));
    }
    // The first is mailed, the others are not.
    assert_eq!(site.mails().len(), 1);
    assert!(took.iter().all(|each| *each == took[0]) && took[0].1 >= 4, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_that_is_written_reaches_a_header_or_another_site() {
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

#[tokio::test(start_paused = true)]
async fn a_link_of_one_form_or_use_is_none_of_another() {
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
    let pending = store.people("newsletter", Subscription::Pending, None, 9).await.unwrap();
    assert_eq!(pending.items.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_has_had_its_time_is_removed() {
    let site = Site::laptop().await;
    let mut request = browser("/api/chat", "name=Rosalind&contact=rosalind@example.com");
    request.extensions_mut().insert(Visitor("198.51.100.7".parse().unwrap()));
    let reference = site.send(request).await.reference().to_owned();
    site.post("newsletter", &[("email", "pending@example.com")]).await;
    site.post("newsletter", &[("email", "active@example.com")]).await;
    let confirm = site.mails().iter().find(|mail| mail.contains("To: active@")).cloned().unwrap();
    assert_eq!(site.send(browser(&link(&confirm, "confirm"), "")).await.status, 200);
    let kept = || {
        let folder = std::fs::read_dir(site.folder.path()).unwrap();
        let files = folder.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
        let bytes: Vec<u8> = files.flat_map(|file| std::fs::read(file).unwrap()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let store = site.service.store();
    let counters = async || {
        let day = common::site::WEDNESDAY / 86_400_000;
        let hash = common::site::keys().visitor(day, "198.51.100.7");
        let hour = common::site::WEDNESDAY / 3_600_000;
        store.counted(&[format!("visitor#{hash}#{hour}")]).await.unwrap()
    };
    assert_eq!(counters().await, 1);
    // A visitor is no more than counted, and that for two days.
    assert!(!kept().contains("198.51.100.7"));
    site.pass(2 * 86_400_000);
    site.service.run_schedule().await.unwrap();
    assert_eq!(counters().await, 0);
    // Who did not confirm is forgotten after a week, with all evidence.
    assert!(kept().contains("pending@example.com"));
    site.pass(5 * 86_400_000);
    site.service.run_schedule().await.unwrap();
    let people = async |state| store.people("newsletter", state, None, 9).await.unwrap().items;
    assert_eq!(people(Subscription::Pending).await, []);
    assert_eq!(people(Subscription::Active).await.len(), 1);
    // A chat is kept for a year, and then nothing of it is left in the file.
    for _ in 0..51 {
        site.pass(7 * 86_400_000);
        site.service.run_schedule().await.unwrap();
    }
    assert!(store.by_reference("chat", &reference).await.unwrap().is_some());
    site.pass(86_400_000);
    site.service.run_schedule().await.unwrap();
    assert!(store.by_reference("chat", &reference).await.unwrap().is_none());
    let Site { service, folder, .. } = site;
    // The last connection to the file takes its log into it.
    drop(service);
    let kept =
        String::from_utf8_lossy(&std::fs::read(folder.path().join("replies.sqlite")).unwrap())
            .into_owned();
    for gone in ["Rosalind", "rosalind@", "pending@"] {
        assert!(!kept.contains(gone), "{gone}");
    }
    assert!(kept.contains("active@example.com"));
}
