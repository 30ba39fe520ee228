//! Every call to the store and to the mailer fails once, in every way, in every flow. The result is either
//! *stored and acknowledged* or *not stored, with a message that says so and shows the answers*; and every
//! queued email is sent eventually.

#![cfg(feature = "sqlite")]
#![allow(clippy::disallowed_methods, reason = "a test reads its own files")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::faulty::{FAULTS, Fault, Faulty, Plan};
use common::site::{SITE, Site, browser};
use daisychain_functions::http::Visitor;
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::model::{ReplyState, SubscriptionState};
use daisychain_functions::store::sqlite::{self, Sqlite};
use daisychain_functions::store::{
    Definitions as _, MailQueue as _, Replies as _, Subscribers as _,
};

type Broken = Site<Faulty<Sqlite>, Faulty<FileMailer>>;

/// Which of the two fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Store,
    Mailer,
}

async fn site(place: Place, number: usize, fault: Fault) -> Broken {
    let folder = tempfile::tempdir().unwrap();
    let store = sqlite::in_memory().unwrap();
    for name in ["newsletter", "volunteer", "chat"] {
        store.publish(&common::site::definition(name)).await.unwrap();
    }
    let outbox = FileMailer::new(folder.path().join("outbox"));
    let store = Faulty { inner: store, plan: Plan::never() };
    let mailer = Faulty { inner: outbox, plan: Plan::never() };
    match place {
        Place::Store => store.plan.fail(number, fault),
        Place::Mailer => mailer.plan.fail(number, fault),
    }
    Site::over(folder, store, mailer)
}

/// Runs the schedule until a day has passed, with no more failures.
async fn mend_and_wait(site: &Broken) {
    site.service.store().plan.mend();
    site.service.mailer().plan.mend();
    for _ in 0..24 {
        site.pass(3_600_000);
        site.service.run_schedule().await.unwrap();
    }
}

fn mails(site: &Broken) -> Vec<String> {
    let files = site.service.mailer().inner.files().unwrap();
    files.iter().map(|path| std::fs::read_to_string(path).unwrap().replace("=\r\n", "")).collect()
}

/// Repeats a flow with its first, second, … call failing, until the flow has no such call.
async fn each_call_fails<F: Future<Output = ()>>(flow: impl Fn(Broken, String) -> F + Copy) {
    for place in [Place::Store, Place::Mailer] {
        for fault in FAULTS {
            let mut number = 0;
            loop {
                let site = site(place, number, fault).await;
                let plan = (site.service.store().plan.clone(), site.service.mailer().plan.clone());
                flow(site, format!("{place:?} call {number}: {fault:?}")).await;
                let reached = match place {
                    Place::Store => plan.0.was_broken(),
                    Place::Mailer => plan.1.was_broken(),
                };
                if !reached {
                    break;
                }
                number += 1;
            }
            assert!(number > 0, "{place:?} was never called");
        }
    }
}

/// A form that a person answers: it is sent and checked, and all emails are awaited.
async fn reply_flow(
    form: &'static str,
    answers: &'static [(&str, &str)],
    site: Broken,
    what: String,
) {
    let digest = common::campaign(form).digest();
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.append_pair("_form", &digest).extend_pairs(answers);
    let mut request = browser(&format!("/api/{form}"), body.finish());
    request.extensions_mut().insert(Visitor("198.51.100.7".parse().unwrap()));
    let answer = site.send(request).await;
    let store = &site.service.store().inner;
    let state = daisychain_functions::model::workflow::states(common::campaign(form).purpose())[0];
    let stored = store.queue(form, state, None, 9).await.unwrap().items;
    match answer.status {
        303 => {
            assert_eq!(stored.len(), 1, "{what}");
            assert_eq!(stored[0].reference, answer.reference(), "{what}");
        }
        503 => {
            // If a result is lost twice, it is unknown here whether the reply was stored. Sending again gives
            // the same reply.
            let lost = what.ends_with("LatePanic") || what.ends_with("Hang");
            assert!(stored.is_empty() || lost, "{what}: stored, but reported as not sent");
            assert!(answer.body.contains("not sent"), "{what}");
            assert!(answer.body.contains("01632 960123"), "{what}");
            assert!(answer.body.contains("Rose") && answer.body.contains("rose@"), "{what}");
        }
        _ => panic!("{what}: {answer:?}"),
    }
    mend_and_wait(&site).await;
    let mails = mails(&site);
    for receiver in ["hello@example.org", "rose@example.com"] {
        let line = format!("\r\nTo: {receiver}");
        let sent = mails.iter().filter(|mail| mail.contains(&line)).count();
        assert_eq!(sent, stored.len(), "{what}: mails to {receiver}");
    }
    assert_eq!(site.service.store().inner.failed(9).await.unwrap(), [], "{what}");
}

#[tokio::test(start_paused = true)]
async fn a_chat() {
    each_call_fails(|site, what| {
        reply_flow("chat", &[("name", "Rose"), ("contact", "rose@example.com")], site, what)
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_offer_to_volunteer() {
    let answers = &[("name", "Rose"), ("contact", "rose@example.com"), ("adult", "no")];
    each_call_fails(|site, what| reply_flow("volunteer", answers, site, what)).await;
}

#[tokio::test(start_paused = true)]
async fn a_sign_up() {
    each_call_fails(async |site, what| {
        let answer = site.post("newsletter", &[("email", "rose@example.com")]).await;
        let store = &site.service.store().inner;
        let people = store
            .subscribers("newsletter", SubscriptionState::Pending, None, 9)
            .await
            .unwrap()
            .items;
        match answer.status {
            303 => assert_eq!(people.len(), 1, "{what}"),
            503 => {
                let lost = what.ends_with("LatePanic") || what.ends_with("Hang");
                assert!(people.is_empty() || lost, "{what}");
                assert!(answer.body.contains("not sent"), "{what}");
                assert!(answer.body.contains("rose@example.com"), "{what}");
            }
            _ => panic!("{what}: {answer:?}"),
        }
        mend_and_wait(&site).await;
        assert_eq!(mails(&site).len(), people.len(), "{what}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_sign_up_that_is_held() {
    each_call_fails(async |site, what| {
        let answers = [("email", "rose@example.com"), ("website", "x")];
        let answer = site.post("newsletter", &answers).await;
        let store = &site.service.store().inner;
        let held = store.queue("newsletter", ReplyState::Held, None, 9).await.unwrap().items;
        match answer.status {
            303 => assert_eq!(held.len(), 1, "{what}"),
            503 => {
                let lost = what.ends_with("LatePanic") || what.ends_with("Hang");
                assert!(held.is_empty() || lost, "{what}");
                assert!(answer.body.contains("not sent"), "{what}");
                assert!(answer.body.contains("rose@example.com"), "{what}");
            }
            _ => panic!("{what}: {answer:?}"),
        }
        // The team is notified in the next hour by the schedule, which runs again if it fails.
        site.pass(3_600_000);
        let _ = unwinding(site.service.run_schedule()).await;
        mend_and_wait(&site).await;
        // Only the team is notified.
        let mails = mails(&site);
        let to_team = mails.iter().filter(|mail| mail.contains("\r\nTo: hello@example.org"));
        assert_eq!((to_team.count(), mails.len()), (held.len(), held.len()), "{what}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_schedule() {
    let answers = [("name", "Rose"), ("contact", "rose@example.com")];
    for place in [Place::Store, Place::Mailer] {
        for fault in FAULTS {
            let mut number = 0;
            loop {
                let site = site(Place::Mailer, usize::MAX, fault).await;
                let (store, mailer) = (&site.service.store().plan, &site.service.mailer().plan);
                mailer.fail_from(0, Fault::Before);
                assert_eq!(site.post("chat", &answers).await.status, 303);
                mailer.mend();
                assert_eq!(mails(&site).len(), 0);
                site.pass(3 * 60_000);
                let plan = if place == Place::Store { store } else { mailer };
                plan.fail_once(number, fault);
                // A function that panics or fails is called again a minute later.
                let _ = unwinding(site.service.run_schedule()).await;
                let reached = plan.was_broken();
                mend_and_wait(&site).await;
                let what = format!("{place:?} call {number}: {fault:?}");
                assert_eq!(mails(&site).len(), 2, "{what}");
                assert_eq!(site.service.store().inner.failed(9).await.unwrap(), [], "{what}");
                let left = site.service.store().inner.due(i64::MAX / 2, 9).await.unwrap();
                assert_eq!(left, [], "{what}");
                if !reached {
                    break;
                }
                number += 1;
            }
            assert!(number > 0, "{place:?} was never called");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_long_for_a_store_that_does_not_answer() {
    for known in [false, true] {
        let site = site(Place::Store, usize::MAX, Fault::Hang).await;
        if known {
            // The form is cached, and is shown again with all answers.
            assert_eq!(site.get("/api/chat").await.status, 200);
        }
        site.service.store().plan.fail_from(0, Fault::Hang);
        let mut request = browser("/api/chat", "name=Rose&contact=rose@example.com");
        request.extensions_mut().insert(Visitor("198.51.100.7".parse().unwrap()));
        let from = tokio::time::Instant::now();
        let answer = site.send(request).await;
        assert!(from.elapsed() <= std::time::Duration::from_millis(3_010), "{:?}", from.elapsed());
        assert_eq!(answer.status, 503);
        for words in ["not sent", "01632 960123", "Rose", "rose@example.com"] {
            assert!(answer.body.contains(words), "{words}: {}", answer.body);
        }
        assert_eq!(answer.body.contains("Ask for a chat"), known);
        let stored =
            site.service.store().inner.queue("chat", ReplyState::New, None, 9).await.unwrap().items;
        assert_eq!(stored, []);
    }
}

#[test]
fn what_nobody_waits_for_any_more_is_not_stored() {
    let runtime = tokio::runtime::Builder::new_multi_thread().max_blocking_threads(1).build();
    runtime.unwrap().block_on(async {
        let store = sqlite::in_memory().unwrap();
        // The only thread that may wait for the disk is busy.
        let (free, busy) = std::sync::mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || busy.recv());
        let entry = common::entry("chat", "Mrs P.", 1_000);
        let mut call = Box::pin(store.record(&entry));
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(call.as_mut().poll(context).is_pending())
        });
        assert!(polled.await);
        drop(call);
        free.send(()).unwrap();
        assert_eq!(store.queue("chat", ReplyState::New, None, 9).await.unwrap().items, []);
        store.record(&entry).await.unwrap();
        assert_eq!(
            store.queue("chat", ReplyState::New, None, 9).await.unwrap().items,
            [entry.reply]
        );
    });
}

#[tokio::test(start_paused = true)]
async fn a_confirmation_and_a_farewell() {
    for page in ["confirm", "leave"] {
        for fault in FAULTS {
            for number in 0..8 {
                let site = site(Place::Store, usize::MAX, fault).await;
                site.post("newsletter", &[("email", "rose@example.com")]).await;
                let mail = mails(&site).remove(0).replace("=3D", "=");
                let start = mail.find(&format!("{SITE}/api/newsletter/{page}?token=")).unwrap();
                let link: String = mail[start + SITE.len()..]
                    .chars()
                    .take_while(|c| !c.is_whitespace() && !"\">".contains(*c))
                    .collect();
                site.service.store().plan.fail(number, fault);
                let what = format!("{page} call {number}: {fault:?}");
                let first = site.send(browser(&link, "")).await;
                assert!([200, 503].contains(&first.status), "{what}: {first:?}");
                let state = match page {
                    "confirm" => SubscriptionState::Active,
                    _ => SubscriptionState::Unsubscribed,
                };
                let store = site.service.store().inner.clone();
                let done =
                    store.subscribers("newsletter", state, None, 9).await.unwrap().items.len();
                assert!(first.status == 503 || done == 1, "{what}");
                site.service.store().plan.mend();
                assert_eq!(site.send(browser(&link, "")).await.status, 200, "{what}");
                let done =
                    store.subscribers("newsletter", state, None, 9).await.unwrap().items.len();
                assert_eq!(done, 1, "{what}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_dies_half_way_loses_nothing_that_was_acknowledged() {
    let site = std::sync::Arc::new(site(Place::Store, usize::MAX, Fault::Before).await);
    // The definition is cached from here on, so that all calls to the store are for replies.
    let first = site.post("chat", &[("name", "First"), ("contact", "rose@example.com")]).await;
    assert_eq!(first.status, 303);
    site.service.store().plan.fail_from(500, Fault::Before);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..1_000 {
        let site = site.clone();
        tasks.spawn(async move {
            let name = format!("Person {number}");
            let contact = format!("01632 {number:06}");
            (site.post("chat", &[("name", &name), ("contact", &contact)]).await, name)
        });
    }
    let (mut thanked, mut told) = (Vec::new(), 0);
    while let Some(done) = tasks.join_next().await {
        let (answer, name) = done.unwrap();
        match answer.status {
            303 => thanked.push((answer.reference().to_owned(), name)),
            503 => {
                assert!(answer.body.contains(&name) && answer.body.contains("not sent"));
                told += 1;
            }
            _ => panic!("{answer:?}"),
        }
    }
    assert!(thanked.len() > 50 && told > 50, "{} {told}", thanked.len());
    let store = &site.service.store().inner;
    for (reference, name) in &thanked {
        let reply = store.by_reference("chat", reference).await.unwrap().unwrap();
        assert_eq!(reply.submission.get("name"), Some(name.as_str()));
    }
    let mut stored = 0;
    let mut next = None;
    loop {
        let page = store.queue("chat", ReplyState::New, next.as_deref(), 200).await.unwrap();
        stored += page.items.len();
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(stored, thanked.len() + 1);
}

#[tokio::test(start_paused = true)]
async fn news_of_a_bounce() {
    use daisychain_functions::mail::feedback::{Feedback, FeedbackKind};
    for (kind, state) in [
        (FeedbackKind::Bounced, SubscriptionState::Bounced),
        (FeedbackKind::Complained, SubscriptionState::Complained),
    ] {
        for fault in FAULTS {
            for number in 0..6 {
                let folder = tempfile::tempdir().unwrap();
                let store = sqlite::in_memory().unwrap();
                store.publish(&common::site::definition("newsletter")).await.unwrap();
                let store = Faulty { inner: store, plan: Plan::never() };
                let outbox = FileMailer::new(folder.path().join("outbox"));
                let mailer = Faulty { inner: outbox, plan: Plan::never() };
                let forms = |settings: &mut daisychain_functions::settings::Settings| {
                    settings.forms = vec!["newsletter".to_owned()];
                };
                let site = Site::with(folder, store, mailer, forms);
                site.post("newsletter", &[("email", "rose@example.com")]).await;
                site.service.store().plan.fail(number, fault);
                let feedback = [Feedback { address: "rose@example.com".to_owned(), kind }];
                let what = format!("call {number}: {fault:?}");
                // A function that panics or fails gets the same event again.
                let first = unwinding(site.service.process_feedback(&feedback)).await;
                let people = async || {
                    let store = &site.service.store().inner;
                    store.subscribers("newsletter", state, None, 9).await.unwrap().items.len()
                };
                assert!(!matches!(first, Some(Ok(()))) || people().await == 1, "{what}");
                site.service.store().plan.mend();
                site.service.process_feedback(&feedback).await.unwrap();
                assert_eq!(people().await, 1, "{what}");
            }
        }
    }
}

/// Runs a future to its end. Returns `None` if it panicked.
async fn unwinding<F: Future>(future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    std::future::poll_fn(|context| {
        let polled = std::panic::AssertUnwindSafe(|| future.as_mut().poll(context));
        match std::panic::catch_unwind(polled) {
            Ok(polled) => polled.map(Some),
            Err(_) => std::task::Poll::Ready(None),
        }
    })
    .await
}
