//! Replies that are stored, and what residents and the team see of them.

use super::CHAT;
use super::common;
use super::common::site::{Site, browser};
use super::subscriptions::link;
use bytes::Bytes;
use daisychain_functions::http::Visitor;
use daisychain_functions::model::{ReplyState, SubscriptionState};
use daisychain_functions::store::{
    Counters as _, Definitions as _, MailQueue as _, Replies as _, Subscribers as _,
};
use http::Request;

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
async fn the_team_is_notified_at_once() {
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
    // Nothing of the answers goes to an address that anyone could have typed.
    assert!(!acknowledgement.contains("Your name"));
    assert_eq!(site.service.store().due(i64::MAX / 2, 10).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_notice_without_details_has_only_the_reference() {
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
    assert_eq!(reply.state.as_str(), "interested");
}

#[tokio::test(start_paused = true)]
async fn problems_are_named_and_answers_are_kept() {
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
    assert_eq!(
        site.service.store().queue("chat", ReplyState::New, None, 9).await.unwrap().items,
        []
    );
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
    // Media types are case-insensitive (RFC 9110, 8.3.1).
    right.headers_mut().insert("content-type", "Application/JSON; charset=UTF-8".parse().unwrap());
    let right = site.send(right).await;
    assert_eq!(right.status, 200);
    let value: serde_json::Value = serde_json::from_str(&right.body).unwrap();
    assert_eq!(value["sent"], true);
    let reference = value["reference"].as_str().unwrap();
    assert!(site.service.store().by_reference("chat", reference).await.unwrap().is_some());
    // The checks are the same as for pages: the honeypot holds this one.
    let trap = r#"{"name": "Bot", "contact": "01632 960112", "website": "x"}"#;
    assert_eq!(site.send(request(trap)).await.status, 200);
    let queue = site.service.store().queue("chat", ReplyState::New, None, 9).await.unwrap();
    assert_eq!(queue.items.iter().filter(|reply| reply.held.is_some()).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_same_reply_twice_is_stored_once() {
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
    let queue = store.queue("chat", ReplyState::New, None, 9).await.unwrap().items;
    assert_eq!(queue.len(), 2);
    // Both are from one person, because the number is the same.
    assert_eq!(queue[0].person, queue[1].person);
    assert_eq!(queue[1].corrects, None);
    site.pass(86_400_000);
    assert_ne!(site.post("chat", &CHAT).await.reference(), first.reference());
    assert_eq!(site.mails().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_corrected_reply_is_linked_to_the_earlier_one() {
    let site = Site::laptop().await;
    let wrong = site.post("chat", &CHAT).await;
    // The visitor goes back, changes a digit and sends the form again.
    site.pass(60_000);
    let mut corrected = CHAT;
    corrected[1].1 = "01632 960 112";
    let right = site.post("chat", &corrected).await;
    assert_ne!(wrong.reference(), right.reference());
    assert!(site.get(right.header("location")).await.body.contains("Thank you"));
    let store = site.service.store();
    let queue = store.queue("chat", ReplyState::New, None, 9).await.unwrap().items;
    let [first, second] = &queue[..] else { panic!("{queue:?}") };
    assert_ne!(first.person, second.person);
    assert_eq!(second.corrects.as_deref(), Some(wrong.reference()));
    let told = format!("Perhaps corrects {}: it says the same", wrong.reference());
    assert_eq!(site.mails().iter().filter(|mail| mail.contains(&told)).count(), 1);
    // Another person's answers correct nothing.
    let other = site.post("chat", &[("name", "Rose"), ("contact", "01632 960 113")]).await;
    let other = store.by_reference("chat", other.reference()).await.unwrap().unwrap();
    assert_eq!(other.corrects, None);
}

#[tokio::test(start_paused = true)]
async fn people_under_18_get_the_same_thanks() {
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
        // The team sees it.
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
    let queue = site.service.store().queue("chat", ReplyState::New, None, 9).await.unwrap().items;
    let [reply] = &queue[..] else { panic!("{queue:?}") };
    // Everyone got the same reference, and the team was notified once.
    assert!(references.len() == 200 && references.iter().all(|given| *given == reply.reference));
    assert_eq!(site.mails().len(), 1);
}

/// The form that `docs/forms.md` adds.
fn lunch() -> daisychain_functions::form::Form {
    daisychain_functions::form::Form::parse("lunch", &common::documented("title: Come to lunch"))
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn another_form_needs_no_code() {
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
async fn expired_records_are_deleted() {
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
        store.sum_counters(&[format!("visitor#{hash}#{hour}")]).await.unwrap()
    };
    assert_eq!(counters().await, 1);
    // A visitor is only counted, and the counter is kept for two days.
    assert!(!kept().contains("198.51.100.7"));
    site.pass(2 * 86_400_000);
    site.service.run_schedule().await.unwrap();
    assert_eq!(counters().await, 0);
    // A sign-up that was not confirmed is deleted after a week, with all evidence.
    assert!(kept().contains("pending@example.com"));
    site.pass(5 * 86_400_000);
    site.service.run_schedule().await.unwrap();
    let people = async |state| store.subscribers("newsletter", state, None, 9).await.unwrap().items;
    assert_eq!(people(SubscriptionState::Pending).await, []);
    assert_eq!(people(SubscriptionState::Active).await.len(), 1);
    // A chat is kept for a year. After that, nothing of it is left in the file.
    for _ in 0..51 {
        site.pass(7 * 86_400_000);
        site.service.run_schedule().await.unwrap();
    }
    assert!(store.by_reference("chat", &reference).await.unwrap().is_some());
    site.pass(86_400_000);
    site.service.run_schedule().await.unwrap();
    assert!(store.by_reference("chat", &reference).await.unwrap().is_none());
    let Site { service, folder, .. } = site;
    // The last connection to the file merges the log into it.
    drop(service);
    let kept =
        String::from_utf8_lossy(&std::fs::read(folder.path().join("replies.sqlite")).unwrap())
            .into_owned();
    for gone in ["Rosalind", "rosalind@", "pending@"] {
        assert!(!kept.contains(gone), "{gone}");
    }
    assert!(kept.contains("active@example.com"));
}
