//! Drives a function through everything that can happen to it, with an emulated table.

use super::calls::Recorder;
use super::common::faulty::{Fault, Faulty, Plan};
use super::common::site::{Answer, Site, browser, keys};
use super::common::{self};
use super::forms::{self, KINDS, Resident};
use daisychain_functions::clock::Clock;
use daisychain_functions::form::HONEYPOT_FIELD;
use daisychain_functions::form::{Definition, Form, Purpose};
use daisychain_functions::http::Visitor;
use daisychain_functions::id;
use daisychain_functions::inbox::{Inbox, MoveOptions, Referenced};
use daisychain_functions::mail::feedback::{Feedback, FeedbackKind};
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::settings::Settings;
use daisychain_functions::store::dynamodb::{self, DynamoDb};
use daisychain_functions::store::{Definitions as _, Replies as _, Subscribers as _};
use std::time::Duration;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// How far ahead the clock of these tests is: the table deletes what has expired by the real clock.
const AHEAD: i64 = 36_500 * DAY;

/// A function with an emulated table, and a mailer that can be made to fail.
pub(crate) type Function = Site<DynamoDb, Faulty<FileMailer>>;

/// A new table.
pub(crate) struct Table(String);

impl Table {
    pub(crate) async fn new() -> Table {
        let name = format!("rights-{}", id::ulid(0));
        common::named_table(&name).await;
        Table(name)
    }

    /// The table with its owner's rights. Calls are not recorded.
    pub(crate) async fn store(&self) -> DynamoDb {
        dynamodb::connect_for_commands(Some(&common::dynamodb()), &self.0).await
    }

    /// The table with a role's rights.
    pub(crate) async fn recorded(&self, recorder: &Recorder) -> DynamoDb {
        let config = aws_sdk_dynamodb::config::Builder::from(&common::dynamodb_config().await);
        let config = config.interceptor(recorder.clone()).build();
        DynamoDb::new(aws_sdk_dynamodb::Client::from_conf(config), &self.0)
    }

    pub(crate) async fn publish(&self, form: &Form) {
        let frame = "<title>%%daisychain:title%%</title><main>%%daisychain:main%%</main>";
        let definition = Definition::new(form.clone(), frame);
        self.store().await.publish(&definition).await.unwrap();
    }

    /// A function that serves these forms, as its Lambda function does.
    pub(crate) async fn function(
        &self,
        forms: &[&str],
        recorder: &Recorder,
        change: impl FnOnce(&mut Settings),
    ) -> Function {
        let folder = tempfile::tempdir().unwrap();
        let outbox = FileMailer::new(folder.path().join("outbox"));
        let mailer = Faulty { inner: outbox, plan: Plan::never() };
        let store = self.recorded(recorder).await;
        let function = Site::with(folder, store, mailer, |settings| {
            settings.forms = forms.iter().map(|form| (*form).to_owned()).collect();
            settings.min_response_time = Duration::ZERO;
            change(settings);
        });
        function.pass(AHEAD);
        function
    }

    async fn inbox(&self) -> Inbox<DynamoDb> {
        let clock = Clock::new(|| common::site::WEDNESDAY + AHEAD + MINUTE);
        Inbox::new(self.store().await, Some(keys()), clock)
    }
}

/// Sends answers as a browser does, from an IP address that is used for this form only.
async fn send(function: &Function, form: &Form, answers: Vec<(String, String)>) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(answers).finish();
    let mut request = browser(&format!("/api/{}", form.name()), body);
    let address = format!("198.51.100.{}", form.name().len());
    request.extensions_mut().insert(Visitor(address.parse().unwrap()));
    // Boxed, because test threads have a small stack.
    Box::pin(function.send(request)).await
}

/// Sends a complete form and checks that it is accepted.
async fn take(function: &Function, form: &Form, resident: Resident) -> String {
    send(function, form, resident.answers(form)).await.reference().to_owned()
}

/// Sends a form that someone must review first, and checks that it is held.
async fn hold(table: &Table, function: &Function, form: &Form, answers: Vec<(String, String)>) {
    let answer = send(function, form, answers).await;
    let reference = answer.reference().split('&').next().unwrap();
    let reply = table.store().await.by_reference(form.name(), reference).await.unwrap().unwrap();
    assert!(reply.held.is_some(), "{reply:?}");
}

fn with(mut answers: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    answers.retain(|(known, _)| known != name);
    answers.push((name.to_owned(), value.to_owned()));
    answers
}

/// The operations of a sign-up on a function that has just started, then of another sign-up. Each list is
/// sorted by name, because some operations run concurrently.
pub(crate) async fn operations_of_sign_ups(table: &Table) -> [Vec<&'static str>; 2] {
    let form = forms::form("newsletter", Purpose::Newsletter, &["email"]);
    table.publish(&form).await;
    let recorder = Recorder::default();
    let function = table.function(&["newsletter"], &recorder, |_| ()).await;
    let mut operations = [1, 2].map(|_| Vec::new());
    for (number, operations) in (1..).zip(&mut operations) {
        take(&function, &form, Resident::new(number)).await;
        *operations = recorder.take_operations();
        operations.sort_unstable();
    }
    operations
}

/// Everything that can happen to one reply, for any questions: each kind of field alone (a newsletter also
/// asks for an address), no contact details, and all kinds together.
pub(crate) async fn every_kind_of_field(name: &'static str, purpose: Purpose, recorder: &Recorder) {
    let email = (purpose == Purpose::Newsletter).then_some("email");
    let alone = KINDS.iter().map(|(kind, _)| {
        let other = email.filter(|email| email != kind);
        other.into_iter().chain([*kind]).collect::<Vec<_>>()
    });
    for kinds in alone.chain([KINDS.map(|(kind, _)| kind).to_vec()]) {
        let table = Table::new().await;
        let form = forms::form(name, purpose, &kinds);
        table.publish(&form).await;
        let function = table.function(&[name], recorder, |_| ()).await;
        let first = Resident::new(1);
        let reference = take(&function, &form, first).await;
        // The same again, then the same answers with another address and number.
        assert_eq!(take(&function, &form, first).await, reference, "{kinds:?}");
        take(&function, &form, Resident { contact: 2, ..first }).await;
        // On another day the same answers are another reply.
        function.pass(2 * DAY);
        let answers = with(Resident::new(3).answers(&form), HONEYPOT_FIELD, "https://example.com");
        hold(&table, &function, &form, answers).await;
    }
}

/// Everything that can happen to a form of any purpose. Leaves emails of every kind queued.
pub(crate) async fn every_path(
    table: &Table,
    name: &'static str,
    purpose: Purpose,
    recorder: &Recorder,
) {
    let form = forms::form(name, purpose, &["full-name", "email", "long-text"]);
    let path = format!("/api/{name}");
    let function = table.function(&[name], recorder, |_| ()).await;
    // The form is not published yet.
    assert_eq!(function.get(&path).await.status, 404);
    let old = forms::form(name, purpose, &["full-name", "email"]);
    table.publish(&old).await;
    table.publish(&form).await;
    for page in ["", "/thanks?reference=2345-6789", "/confirm?token=1", "/leave?token=1"] {
        function.get(&format!("{path}{page}")).await;
    }
    assert_eq!(send(&function, &form, Vec::new()).await.status, 422);
    take(&function, &form, Resident::new(10)).await;
    // From a page with an earlier definition, and with an unknown one.
    let from_old = with(Resident::new(11).answers(&form), "_form", &old.digest());
    assert_eq!(send(&function, &form, from_old).await.status, 303);
    let from_unknown = with(Resident::new(12).answers(&form), "_form", &"0".repeat(64));
    assert_eq!(send(&function, &form, from_unknown).await.status, 422);
    let link = with(Resident::new(13).answers(&form), "full_name", "Win at evil.com/x");
    hold(table, &function, &form, link).await;
    // One mailbox in several spellings.
    for number in 0..5 {
        let many =
            with(Resident::new(14).answers(&form), "email", &format!("asha+{number}@example.com"));
        assert_eq!(send(&function, &form, many).await.status, 303);
    }
    // More replies than one visitor may send: held, then refused.
    let limited = table.function(&[name], recorder, |settings| settings.visitor_limit = 1).await;
    hold(table, &limited, &form, Resident::new(15).answers(&form)).await;
    let refused = table.function(&[name], recorder, |settings| settings.visitor_limit = 0).await;
    assert_eq!(send(&refused, &form, Resident::new(16).answers(&form)).await.status, 429);
    // More emails than an hour allows: they wait, and the team is notified.
    let throttled = table.function(&[name], recorder, |settings| settings.mail_limit = 0).await;
    take(&throttled, &form, Resident::new(17)).await;
    // The schedule sends emails that could not be sent.
    function.service.mailer().plan.fail_from(0, Fault::Before);
    take(&function, &form, Resident::new(18)).await;
    hold(table, &function, &form, with(Resident::new(19).answers(&form), HONEYPOT_FIELD, "x"))
        .await;
}

/// The steps of a subscription through its links, and the bounces and complaints of its mailbox.
pub(crate) async fn every_step_of_a_subscription(
    table: &Table,
    name: &'static str,
    recorder: &Recorder,
) {
    let form = forms::form(name, Purpose::Newsletter, &["full-name", "email"]);
    table.publish(&form).await;
    let function = table.function(&[name], recorder, |_| ()).await;
    let sign_up = async |number| take(&function, &form, Resident::new(number)).await;
    let follow = async |page: &str| {
        let files = function.service.mailer().inner.files().unwrap();
        let mail = std::fs::read_to_string(&files[0]).unwrap();
        let mail = mail.replace("=\r\n", "").replace("=3D", "=");
        let begin = format!("/api/{name}/{page}?token=");
        let token = mail.split(&begin).nth(1).unwrap();
        let link = format!("{begin}{}", token.split(['\r', '\n', '"', '>', '&']).next().unwrap());
        assert_eq!(function.get(&link).await.status, 200);
        assert_eq!(function.send(browser(&link, "")).await.status, 200);
    };
    sign_up(30).await;
    follow("confirm").await;
    follow("confirm").await;
    follow("leave").await;
    follow("leave").await;
    // Someone else signs them up again, and they do not confirm: the earlier state is restored.
    function.pass(HOUR);
    sign_up(30).await;
    function.pass(8 * DAY);
    function.service.run_schedule().await.unwrap();
    let people = async |state| {
        let part = table.store().await.subscribers(name, state, None, 99).await.unwrap();
        part.items.len()
    };
    use daisychain_functions::model::SubscriptionState;
    assert_eq!(people(SubscriptionState::Unsubscribed).await, 1);

    for (number, kind) in [(31, FeedbackKind::Bounced), (32, FeedbackKind::Complained)] {
        sign_up(number).await;
        let feedback = Feedback { address: format!("resident{number}@example.com"), kind };
        for _ in 0..2 {
            function.service.process_feedback(std::slice::from_ref(&feedback)).await.unwrap();
        }
        // They sign up again. Those who complained stay unsubscribed.
        function.pass(HOUR);
        sign_up(number).await;
    }
    assert_eq!(people(SubscriptionState::Complained).await, 1);
    // The team erases them, and they sign up again.
    sign_up(33).await;
    let inbox = table.inbox().await;
    assert_eq!(inbox.erase(name, "resident33@example.com").await.unwrap(), 1);
    function.pass(HOUR);
    sign_up(33).await;
    // A mailbox with two addresses complains.
    let tagged = with(Resident::new(35).answers(&form), "email", "resident35+news@example.com");
    send(&function, &form, tagged).await;
    let address = "resident35@example.com".to_owned();
    function
        .service
        .process_feedback(&[Feedback { address, kind: FeedbackKind::Complained }])
        .await
        .unwrap();
    // The team accepts a held sign-up: the schedule sends the email that asks for confirmation.
    let held = with(Resident::new(34).answers(&form), HONEYPOT_FIELD, "x");
    let answer = send(&function, &form, held).await;
    let reference = answer.reference().split('&').next().unwrap();
    let Referenced::Reply(reply) = inbox.find(name, reference).await.unwrap() else {
        panic!("a held sign-up is a reply");
    };
    inbox.move_reply(&reply, "accepted", MoveOptions::default()).await.unwrap();
}

/// The schedule: failed and waiting emails of every form are tried until they are sent or given up.
pub(crate) async fn the_schedule(table: &Table, forms: &[&str], recorder: &Recorder) {
    let function = table.function(forms, recorder, |settings| settings.mail_limit = 0).await;
    function.pass(2 * HOUR);
    // Over the hourly limit.
    assert!(function.service.run_schedule().await.unwrap().again > 0);
    let function = table.function(forms, recorder, |_| ()).await;
    function.service.mailer().plan.fail_from(0, Fault::Before);
    function.pass(4 * HOUR);
    // Every try fails, until all emails are given up.
    loop {
        let posted = function.service.run_schedule().await.unwrap();
        if posted.again + posted.failed == 0 {
            break;
        }
        function.pass(7 * HOUR);
    }
    let inbox = table.inbox().await;
    let given_up = inbox.failed_mails().await.unwrap();
    assert!(!given_up.is_empty());
    for queued in &given_up {
        inbox.resend(queued).await.unwrap();
    }
    function.service.mailer().plan.mend();
    function.pass(DAY);
    while function.service.run_schedule().await.unwrap().sent > 0 {}
    let left = inbox.failed_mails().await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}
