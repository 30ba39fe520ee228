//! No one can flood another person's mailbox through a form, and a flood of forms does not delay residents'
//! emails.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::site::{Answer, Site, browser};
use daisychain_functions::form::{Definition, Form};
use daisychain_functions::http::Visitor;
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::model::{ReplyState, StateChange};
use daisychain_functions::store::sqlite::Sqlite;
use daisychain_functions::store::{Definitions as _, MailQueue as _, Replies as _};
use std::collections::BTreeSet;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const NEWSLETTERS: [&str; 3] = ["newsletter", "carers", "walks"];

type Laptop = Site<Sqlite, FileMailer>;

/// A site with three newsletters.
async fn site() -> Laptop {
    let site = Site::laptop().await;
    for name in &NEWSLETTERS[1..] {
        let text = common::campaign_text("newsletter") + "purpose: newsletter\n";
        let form = Form::parse(name, &text).unwrap();
        let frame = "<main>%%daisychain:main%%</main>";
        site.service.store().publish(&Definition::new(form, frame)).await.unwrap();
    }
    site
}

async fn send(site: &Laptop, form: &str, visitor: &str, answers: &[(&str, &str)]) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(answers).finish();
    let mut request = browser(&format!("/api/{form}"), body);
    request.extensions_mut().insert(Visitor(visitor.parse().unwrap()));
    site.send(request).await
}

/// How many emails to addresses with this prefix still exist: an email is removed with its record.
fn mails_to(site: &Laptop, begin: &str) -> usize {
    let line = format!("\nTo: {begin}").to_lowercase();
    site.mails().iter().filter(|mail| mail.to_lowercase().contains(&line)).count()
}

/// Advances the clock minute by minute, and runs the schedule each minute.
async fn wait(site: &Laptop, minutes: i64) {
    for _ in 0..minutes {
        site.pass(MINUTE);
        site.service.run_schedule().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn one_mailbox_is_written_to_once_in_ten_minutes_whatever_is_typed() {
    for spellings in [
        ["name+1@example.org", "name+2@example.org", "Name+3@example.org", "NAME@example.org"],
        ["j.doe@gmail.com", "jd.oe+x@gmail.com", "JDoe@googlemail.com", "j.d.o.e@gmail.com"],
    ] {
        let site = site().await;
        let begin = &spellings[0][..1];
        let mut pages = Vec::new();
        for (number, address) in spellings.iter().enumerate() {
            for form in NEWSLETTERS {
                let visitor = format!("198.51.100.{number}");
                let answer = send(&site, form, &visitor, &[("email", address)]).await;
                let page = answer.header("location").replace(answer.reference(), "");
                pages.push((answer.status, page.replace(form, "")));
            }
            for form in ["chat", "volunteer"] {
                let answers = [("name", *address), ("contact", address), ("adult", "yes")];
                assert_eq!(send(&site, form, "198.51.100.99", &answers).await.status, 303);
            }
        }
        // Every response is the same, whether an email is sent or not.
        assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
        assert_eq!(mails_to(&site, begin), 1, "{spellings:?}");
        wait(&site, 9).await;
        assert_eq!(mails_to(&site, begin), 1, "{spellings:?}");
        // Someone who wants two newsletters gets the second email a little later.
        wait(&site, 2).await;
        assert_eq!(mails_to(&site, begin), 2, "{spellings:?}");
        wait(&site, 60).await;
        assert_eq!(mails_to(&site, begin), 3, "{spellings:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_mailbox_is_written_to_so_often_in_a_day_and_in_a_month() {
    let site = site().await;
    let mut seen = BTreeSet::new();
    let mut by_day = Vec::new();
    for day in 0..6 {
        let before = seen.len();
        for hour in 0..24 {
            let (tag, form) = (format!("rose+{day}-{hour}@example.org"), NEWSLETTERS[hour % 3]);
            send(&site, form, "198.51.100.1", &[("email", &tag)]).await;
            let words = [("name", tag.as_str()), ("contact", &tag)];
            send(&site, "chat", "198.51.100.2", &words).await;
            seen.extend(site.mails().into_iter().filter(|mail| mail.contains("\nTo: rose")));
            site.pass(HOUR);
            site.service.run_schedule().await.unwrap();
            seen.extend(site.mails().into_iter().filter(|mail| mail.contains("\nTo: rose")));
        }
        by_day.push(seen.len() - before);
    }
    assert!(by_day.iter().all(|mails| *mails <= 3), "{by_day:?}");
    assert!((3..=5).contains(&seen.len()), "{by_day:?}");
    site.pass(31 * DAY);
    let before = site.mails();
    send(&site, "newsletter", "198.51.100.1", &[("email", "rose@example.org")]).await;
    assert!(site.mails().iter().any(|mail| mail.contains("\nTo: rose@") && !before.contains(mail)));
    // Emails that a stranger causes do not use up her limit for those that she asks for herself.
    let site = site_with_many_chats_of("asha@example.org").await;
    send(&site, "newsletter", "203.0.113.1", &[("email", "asha@example.org")]).await;
    assert_eq!(mails_to(&site, "asha"), 3);
}

/// A day of chats with one address, of which two are acknowledged by email.
async fn site_with_many_chats_of(address: &str) -> Laptop {
    let site = site().await;
    for number in 0..20 {
        let name = format!("Person {number}");
        send(&site, "chat", "198.51.100.1", &[("name", &name), ("contact", address)]).await;
        site.pass(HOUR);
    }
    assert_eq!(mails_to(&site, "asha"), 2);
    site
}

/// Many forms from 27 networks, each with a different mailbox.
async fn flood(site: &Laptop, form: &str, forms: u32) {
    for number in 0..forms {
        let (visitor, address) =
            (format!("198.51.100.{}", number % 27), format!("victim{number}@example.com"));
        let name = format!("Person {number}");
        let answers = [("name", name.as_str()), ("contact", &address), ("email", &address)];
        assert_eq!(send(site, form, &visitor, &answers).await.status, 303);
    }
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_forms_does_not_delay_a_residents_mail() {
    // A chat causes two emails.
    for (form, forms) in [("newsletter", 600), ("chat", 300)] {
        let site = site().await;
        flood(&site, form, forms).await;
        let limit = usize::try_from(daisychain_functions::settings::MAIL_LIMIT).unwrap();
        let sent = mails_to(&site, "victim");
        assert!(sent <= limit / 2, "{form}: {sent}");
        for hour in 0..2 {
            let resident = format!("resident{hour}");
            let address = format!("{resident}@example.org");
            let visitor = format!("203.0.113.{hour}");
            send(&site, "newsletter", &visitor, &[("email", &address)]).await;
            assert_eq!(mails_to(&site, &resident), 1, "{form}: hour {hour}");
            let neighbour = format!("neighbour{hour}@example.org");
            let answers = [("name", "Rose"), ("contact", neighbour.as_str())];
            send(&site, "chat", &visitor, &answers).await;
            assert_eq!(mails_to(&site, &neighbour), 1, "{form}: hour {hour}");
            // Emails still queued from the flood do not use up the next hours either.
            wait(&site, 60).await;
        }
        // Nor do they exceed the limit of any hour.
        assert!(site.mails().len() <= 3 * limit, "{form}: {}", site.mails().len());
    }
}

#[tokio::test(start_paused = true)]
async fn a_coffee_morning_is_written_to_at_once() {
    let site = site().await;
    for number in 0..30 {
        let address = format!("guest{number}@example.org");
        send(&site, "newsletter", "198.51.100.7", &[("email", &address)]).await;
    }
    assert_eq!(mails_to(&site, "guest"), 30);
}

#[tokio::test(start_paused = true)]
async fn what_waited_is_sent_in_the_end() {
    let site = Site::laptop_with(|settings| settings.mail_limit = 40).await;
    for number in 0..90 {
        let (visitor, address) =
            (format!("198.51.100.{}", number % 9), format!("guest{number}@example.org"));
        send(&site, "newsletter", &visitor, &[("email", &address)]).await;
    }
    // Half of the hourly limit, and the quarter that all share; a few more, because counters are only added
    // up once each has reached its part.
    let at_once = mails_to(&site, "guest");
    assert!((25..=45).contains(&at_once), "{at_once}");
    wait(&site, 12 * 60).await;
    assert_eq!(mails_to(&site, "guest"), 90);
    assert_eq!(site.service.store().failed(9).await.unwrap(), []);
    site.pass(DAY);
}

/// Sends a chat that is held. Returns its reference.
async fn hold(site: &Laptop, number: u32) -> String {
    // Ids are in order of time.
    site.pass(1);
    let (visitor, name) = (format!("198.51.100.{number}"), format!("Person {number}"));
    let answers = [("name", name.as_str()), ("contact", "asha@example.org"), ("website", "x")];
    send(site, "chat", &visitor, &answers).await.reference().to_owned()
}

#[tokio::test(start_paused = true)]
async fn held_replies_are_told_of_in_one_mail_an_hour() {
    let site = site().await;
    let mut references = Vec::new();
    for number in 0..45 {
        references.push(hold(&site, number).await);
    }
    send(
        &site,
        "volunteer",
        "203.0.113.1",
        &[("name", "Win at evil.com/x"), ("contact", "01632 960111"), ("adult", "yes")],
    )
    .await;
    // The team is notified of a reply that is not held at once, and only once.
    send(&site, "chat", "203.0.113.2", &[("name", "Rose"), ("contact", "01632 960112")]).await;
    assert_eq!(site.mails().len(), 1);
    // A team member has dealt with the first one.
    let store = site.service.store();
    let first = store.by_reference("chat", &references[0]).await.unwrap().unwrap();
    let (from, to) = (first.state, ReplyState::Assigned);
    let step = StateChange {
        at: first.received,
        from,
        to,
        by: None,
        note: None,
        email: None,
        taken_over_from: None,
    };
    store.move_reply(&first, &step, &[]).await.unwrap();
    wait(&site, 58).await;
    assert_eq!(site.mails().len(), 1);
    hold(&site, 45).await;
    wait(&site, 3).await;
    let mails = site.mails();
    assert_eq!(mails.len(), 3, "{mails:#?}");
    let summary = mails.iter().find(|mail| mail.contains("45 replies look odd")).unwrap();
    for reference in &references[1..21] {
        assert!(summary.contains(&format!("Reference: {reference}")), "{reference} {summary}");
    }
    for reference in references[21..].iter().chain(&references[..1]) {
        assert!(!summary.contains(reference), "{reference} {summary}");
    }
    for words in ["Person 1", "25 more are held", "daisy inbox list chat", "To: hello@example.org"]
    {
        assert!(summary.contains(words), "{words} {summary}");
    }
    assert!(
        mails.iter().any(|mail| mail.contains("One reply looks odd") && mail.contains("evil.com"))
    );
    // The next hour gets its own summary, and an hour without held replies gets none.
    let last = hold(&site, 46).await;
    wait(&site, 180).await;
    let mails = site.mails();
    assert_eq!(mails.len(), 4);
    assert!(mails.iter().filter(|mail| mail.contains(&last)).count() == 1, "{last} {mails:#?}");
    // No email goes to an address in a held reply.
    assert_eq!(mails_to(&site, "asha"), 0);
}
