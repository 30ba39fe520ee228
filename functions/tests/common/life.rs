//! Brings a store into every state that it can have, through actions of residents and the team.

#![allow(clippy::disallowed_methods, reason = "a test makes its own files")]

use super::faulty::{Fault, Faulty, Plan};
use super::site::{Answer, SITE, Site, WEDNESDAY, browser, keys};
use daisychain_functions::clock::Clock;
use daisychain_functions::form::{Definition, Form};
use daisychain_functions::http::Visitor;
use daisychain_functions::inbox::{Inbox, MoveOptions};
use daisychain_functions::mail::feedback::{Feedback, FeedbackKind};
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::model::StoredReply;
use daisychain_functions::store::Store;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The forms. Their texts are fixed here because the store keeps definitions. There are two versions of
/// `chat`.
const NEWSLETTER: &str = "title: News
fields:
  - { name: email, kind: email, label: Email address }
submit: Sign up
thanks: { title: Open our email, next: [Soon.] }
confirmation:
  subject: Do you want our news?
  mail: [Open this link.]
  button: Yes
  confirmed: { title: Welcome, next: [Soon.] }
  leave_button: Stop
  left: { title: Goodbye, next: [Stopped.] }
";
const CHAT: &str = "title: A chat
fields:
  - { name: name, kind: full-name, label: Your name }
  - { name: contact, kind: phone-or-email, label: Email or phone }
  - { name: anything, kind: long-text, label: Anything else, optional: true }
submit: Send
thanks: { title: Thank you, next: [Soon.] }
";
const FORMS: [(&str, &str); 5] = [
    ("newsletter", NEWSLETTER),
    ("volunteer", CHAT),
    ("chat", CHAT),
    ("chat", "keep_days: 365\n"),
    ("callback", CHAT),
];

const CHAT_STATES: [&str; 7] =
    ["new", "assigned", "attempted", "arranged", "done", "unreachable", "withdrawn"];
const VOLUNTEER_STATES: [&str; 7] =
    ["interested", "contacted", "conversation", "matched", "active", "paused", "left"];
const ENQUIRY_STATES: [&str; 3] = ["new", "answered", "closed"];

/// The tokens of links in emails.
pub(crate) struct Links {
    /// Confirms the sign-up of `pending@example.com`.
    pub(crate) confirm: String,
    /// Unsubscribes `active@example.com`.
    pub(crate) leave: String,
}

pub(crate) type LifeSite<S> = Site<S, Faulty<FileMailer>>;

/// A site with a store and a mailer that can be made to fail.
pub(crate) fn site_over<S: Store>(folder: tempfile::TempDir, store: S) -> LifeSite<S> {
    let inner = FileMailer::new(folder.path().join("outbox"));
    let mailer = Faulty { inner, plan: Plan::never() };
    Site::with(folder, store, mailer, |settings| {
        settings.forms = ["newsletter", "volunteer", "chat", "callback"].map(str::to_owned).into();
    })
}

pub(crate) fn inbox<S: Store + Clone>(site: &LifeSite<S>) -> Inbox<S> {
    Inbox::new(site.service.store().clone(), Some(keys()), Clock::new(|| WEDNESDAY + DAY))
}

/// Sends a form as a browser does, fifteen minutes after the one before.
pub(crate) async fn send<S: Store>(
    site: &LifeSite<S>,
    form: &str,
    answers: &[(&str, &str)],
) -> Answer {
    send_from(site, form, answers, None).await
}

async fn send_from<S: Store>(
    site: &LifeSite<S>,
    form: &str,
    answers: &[(&str, &str)],
    visitor: Option<&str>,
) -> Answer {
    site.pass(15 * MINUTE);
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(answers).finish();
    let mut request = browser(&format!("/api/{form}"), body);
    if let Some(address) = visitor {
        request.extensions_mut().insert(Visitor(address.parse().unwrap()));
    }
    site.send(request).await
}

/// Opens the link in an email and presses its button.
pub(crate) async fn follow<S: Store>(site: &LifeSite<S>, page: &str, token: &str) -> u16 {
    site.pass(1);
    site.send(browser(&format!("/api/newsletter/{page}?token={token}"), "")).await.status
}

pub(crate) fn mails<S: Store>(site: &LifeSite<S>) -> Vec<String> {
    let files = site.service.mailer().inner.files().unwrap();
    let read = |path| std::fs::read_to_string(path).unwrap().replace("=\r\n", "");
    files.iter().rev().map(read).map(|mail| mail.replace("=3D", "=")).collect()
}

/// The token of the last link to a page in the emails to an address.
fn token<S: Store>(site: &LifeSite<S>, page: &str, to: &str) -> String {
    let begin = format!("{SITE}/api/newsletter/{page}?token=");
    let mails = mails(site);
    let mail = mails.iter().rfind(|mail| mail.contains(&format!("\nTo: {to}"))).unwrap();
    let token = mail.split(&begin).nth(1).unwrap();
    token.split(|c: char| c.is_whitespace() || "\">&".contains(c)).next().unwrap().to_owned()
}

pub(crate) async fn live<S: Store + Clone>(site: &LifeSite<S>) -> Links {
    publish(site.service.store()).await;
    give_up_a_mail(site).await;
    for (form, states) in [
        ("chat", &CHAT_STATES[..]),
        ("volunteer", &VOLUNTEER_STATES),
        ("callback", &ENQUIRY_STATES),
    ] {
        for state in states {
            let reply = reply_in(site, form, state).await;
            assert_eq!(reply.state.as_str(), *state, "{form}");
        }
    }
    take_over(site).await;
    let leave = subscribe(site).await;
    hold(site).await;
    repeat(site).await;
    let confirm = token(site, "confirm", "pending@example.com");
    leave_mail_queued(site).await;
    site.service.store().withdraw("callback").await.unwrap();
    Links { confirm, leave }
}

async fn publish<S: Store>(store: &S) {
    let frame = "<title>%%daisychain:title%%</title><main>%%daisychain:main%%</main>";
    for (name, text) in FORMS {
        let text =
            if text.starts_with("title") { text.to_owned() } else { format!("{CHAT}{text}") };
        let text = format!("{text}notify: team@example.org\nphone: 01632 960123\n");
        store.publish(&Definition::new(Form::parse(name, &text).unwrap(), frame)).await.unwrap();
    }
}

/// An email to the team that fails until it is given up.
async fn give_up_a_mail<S: Store>(site: &LifeSite<S>) {
    let mailer = site.service.mailer();
    mailer.plan.fail_from(0, Fault::Before);
    send(site, "volunteer", &[("name", "Given Up"), ("contact", "01632 960001")]).await;
    for wait in [2 * MINUTE, 11 * MINUTE, 2 * HOUR, 7 * HOUR] {
        site.pass(wait);
        site.service.run_schedule().await.unwrap();
    }
    mailer.plan.mend();
    mailer.plan.fail(usize::MAX, Fault::Before);
}

/// Sends a form with an email address or a number, and moves the reply to a state.
async fn reply_in<S: Store + Clone>(site: &LifeSite<S>, form: &str, state: &str) -> StoredReply {
    let contact = if state.len().is_multiple_of(2) {
        format!("{state}+{form}@example.com")
    } else {
        format!("01632 9601{:02}", state.len())
    };
    let name = format!("{state} of {form}");
    let answer = send(site, form, &[("name", &name), ("contact", &contact)]).await;
    let store = site.service.store();
    let reply = store.by_reference(form, answer.reference()).await.unwrap().unwrap();
    let options = MoveOptions {
        by: Some("Asha".to_owned()),
        note: (state.len() > 5).then(|| "rang on Monday".to_owned()),
        email: None,
        take_over: false,
    };
    if reply.state.as_str() == state {
        return reply;
    }
    inbox(site).move_reply(&reply, state, options).await.unwrap()
}

async fn take_over<S: Store + Clone>(site: &LifeSite<S>) {
    let reply = reply_in(site, "chat", "assigned").await;
    let by = |name: &str| MoveOptions {
        by: Some(name.to_owned()),
        note: None,
        email: None,
        take_over: true,
    };
    inbox(site).move_reply(&reply, "attempted", by("Bill")).await.unwrap();
}

/// A subscriber in each state. Returns the token that unsubscribes the active one.
async fn subscribe<S: Store + Clone>(site: &LifeSite<S>) -> String {
    let address = |who: &str| format!("{who}@example.com");
    for who in ["active", "unsubscribed", "bounced", "complained", "erased", "back", "Ivy+news"] {
        send(site, "newsletter", &[("email", &address(who))]).await;
        let confirm = token(site, "confirm", &address(who));
        assert_eq!(follow(site, "confirm", &confirm).await, 200, "{who}");
    }
    let leave = token(site, "leave", "active@example.com");
    for who in ["unsubscribed", "back"] {
        let leave = token(site, "leave", &address(who));
        assert_eq!(follow(site, "leave", &leave).await, 200, "{who}");
    }
    for (who, kind) in
        [("bounced", FeedbackKind::Bounced), ("complained", FeedbackKind::Complained)]
    {
        site.pass(1);
        site.service.process_feedback(&[Feedback { address: address(who), kind }]).await.unwrap();
    }
    inbox(site).erase("newsletter", &address("erased")).await.unwrap();
    for who in ["pending", "back"] {
        send(site, "newsletter", &[("email", &address(who))]).await;
    }
    leave
}

/// Sign-ups that are held, accepted and refused, and a held reply.
async fn hold<S: Store + Clone>(site: &LifeSite<S>) {
    for (who, state) in
        [("held", None), ("accepted", Some("accepted")), ("refused", Some("refused"))]
    {
        let email = format!("{who}@example.com");
        let answer =
            send(site, "newsletter", &[("email", &email), ("website", "https://spam.example")])
                .await;
        let Some(state) = state else { continue };
        let store = site.service.store();
        let reply = store.by_reference("newsletter", answer.reference()).await.unwrap().unwrap();
        inbox(site).move_reply(&reply, state, MoveOptions::default()).await.unwrap();
    }
    let words = [("name", "Held"), ("contact", "held@example.com"), ("anything", "casino")];
    send(site, "chat", &words).await;
}

/// The same reply twice, and once more with another number.
async fn repeat<S: Store>(site: &LifeSite<S>) {
    let words = ("anything", "Tuesdays are best");
    let mut references = Vec::new();
    for contact in ["01632 960777", "01632 960777", "01632 960778"] {
        let answers = [("name", "Twice"), ("contact", contact), words];
        references.push(send(site, "chat", &answers).await.reference().to_owned());
    }
    assert!(references[0] == references[1] && references[1] != references[2], "{references:?}");
}

/// Emails that wait because the mail server does not respond, some of them behind others.
async fn leave_mail_queued<S: Store>(site: &LifeSite<S>) {
    site.service.mailer().plan.fail_from(0, Fault::Before);
    for number in 0..5 {
        let (name, contact) = (format!("Waiting {number}"), format!("waiting{number}@example.com"));
        let answers = [("name", name.as_str()), ("contact", contact.as_str())];
        site.pass(-14 * MINUTE);
        send_from(site, "chat", &answers, Some("2001:db8::7")).await;
    }
    send(site, "newsletter", &[("email", "queued@example.com")]).await;
    site.service.mailer().plan.mend();
}
