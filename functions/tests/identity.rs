//! A person is identified however their address is spelled, and a mailbox gets no emails once its owner has
//! complained.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::site::{SITE, Site, browser, keys};
use daisychain_functions::clock::Clock;
use daisychain_functions::form::{Definition, Form};
use daisychain_functions::inbox::Inbox;
use daisychain_functions::mail::feedback::{Feedback, FeedbackKind};
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::model::{Subscriber, SubscriptionState};
use daisychain_functions::store::sqlite::Sqlite;
use daisychain_functions::store::{Definitions as _, Subscribers as _};

/// Each row has spellings of one person's address.
const SPELLINGS: [[&str; 3]; 4] = [
    ["Name@example.org", "name@example.org", "NAME@EXAMPLE.ORG"],
    ["name+Lists@example.org", "Name+lists@Example.org", "NAME+LISTS@example.org"],
    ["o'hara@b\u{fc}cher.example", "O'Hara@xn--bcher-kva.example", "O'HARA@B\u{dc}CHER.example"],
    ["j.doe@gmail.com", "J.Doe@Gmail.com", "J.DOE@gmail.com"],
];

/// A second newsletter, and a form that asks for a number and an address.
const CARERS: &str = "carers";
const CALLBACK: &str = "title: Ask us to ring you
fields:
  - name: name
    kind: full-name
    label: Your name
  - name: phone
    kind: telephone
    label: Telephone number
  - name: email
    kind: email
    label: Email address
submit: Ask us to ring
thanks:
  title: We will ring you
  next: [Soon.]
notify: hello@example.org
phone: 01632 960123
";

type Laptop = Site<Sqlite, FileMailer>;

async fn site() -> Laptop {
    let forms = ["newsletter", CARERS, "chat", "volunteer", "callback"];
    let site = Site::laptop_with(|settings| settings.forms = forms.map(str::to_owned).into()).await;
    let carers = common::campaign_text("newsletter") + "purpose: newsletter\n";
    for (name, text) in [(CARERS, carers.as_str()), ("callback", CALLBACK)] {
        let form = Form::parse(name, text).unwrap();
        let frame = "<main>%%daisychain:main%%</main>";
        site.service.store().publish(&Definition::new(form, frame)).await.unwrap();
    }
    site
}

/// Sends a form fifteen minutes after the one before. Returns its reference.
async fn send(site: &Laptop, form: &str, answers: &[(&str, &str)]) -> String {
    site.pass(15 * 60_000);
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(answers).finish();
    site.send(browser(&format!("/api/{form}"), body)).await.reference().to_owned()
}

async fn sign_up(site: &Laptop, form: &str, email: &str) -> String {
    send(site, form, &[("email", email)]).await
}

async fn people(site: &Laptop, form: &str) -> Vec<Subscriber> {
    let mut people = Vec::new();
    for state in SubscriptionState::ALL {
        people.extend(site.service.store().subscribers(form, state, None, 99).await.unwrap().items);
    }
    people
}

async fn states(site: &Laptop, form: &str) -> Vec<SubscriptionState> {
    people(site, form).await.into_iter().map(|person| person.state).collect()
}

/// The addresses that emails went to, oldest first, except those to the team.
fn mailed(site: &Laptop) -> Vec<String> {
    let to =
        |mail: &String| mail.split("\nTo: ").nth(1).unwrap().lines().next().unwrap().to_owned();
    site.mails().iter().map(to).filter(|to| to != "hello@example.org").collect()
}

async fn follow(site: &Laptop, page: &str) {
    let mail = site.mails().pop().unwrap();
    let begin = format!("{SITE}/api/newsletter/{page}?token=");
    let token = mail.split(&begin).nth(1).unwrap();
    let token = token.split(|c: char| c.is_whitespace() || "\">&".contains(c)).next().unwrap();
    site.pass(1);
    let link = format!("/api/newsletter/{page}?token={token}");
    assert_eq!(site.send(browser(&link, "")).await.status, 200);
}

async fn heed(site: &Laptop, kind: FeedbackKind, address: &str) {
    site.pass(1);
    let feedback = Feedback { address: address.to_owned(), kind };
    site.service.process_feedback(&[feedback]).await.unwrap();
}

fn inbox(site: &Laptop) -> Inbox<Sqlite> {
    let now = Clock::new(|| common::site::WEDNESDAY + 86_400_000);
    Inbox::new(site.service.store().clone(), Some(keys()), now)
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_is_one_person_in_every_step() {
    for [first, second, third] in SPELLINGS {
        let site = site().await;
        let reference = sign_up(&site, "newsletter", first).await;
        assert_eq!(sign_up(&site, "newsletter", second).await, reference, "{first}");
        // The email goes to the spelling that was sent last, and its link confirms the one subscriber.
        let typed = second.rsplit_once('@').unwrap().0;
        assert!(mailed(&site).last().unwrap().starts_with(typed), "{:?}", mailed(&site));
        follow(&site, "confirm").await;
        assert_eq!(states(&site, "newsletter").await, [SubscriptionState::Active], "{first}");
        let confirmed = people(&site, "newsletter").await[0].email.clone();
        // Typing the address again does not change where the newsletter goes.
        assert_eq!(sign_up(&site, "newsletter", third).await, reference);
        assert_eq!(people(&site, "newsletter").await[0].email, confirmed);

        heed(&site, FeedbackKind::Bounced, third).await;
        assert_eq!(states(&site, "newsletter").await, [SubscriptionState::Bounced], "{third}");
        site.pass(2 * 86_400_000);
        sign_up(&site, "newsletter", first).await;
        follow(&site, "confirm").await;
        follow(&site, "leave").await;
        assert_eq!(states(&site, "newsletter").await, [SubscriptionState::Unsubscribed], "{first}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_is_erased_by_any_spelling_and_nobody_else_is() {
    for [first, second, third] in SPELLINGS {
        let site = site().await;
        let inbox = inbox(&site);
        sign_up(&site, "newsletter", first).await;
        sign_up(&site, "newsletter", "somebody.else@example.org").await;
        send(&site, "chat", &[("name", "One"), ("contact", first)]).await;
        send(&site, "chat", &[("name", "Two"), ("contact", second)]).await;
        send(&site, "chat", &[("name", "Three"), ("contact", "somebody.else@example.org")]).await;
        assert_eq!(inbox.of_person("chat", third).await.unwrap().len(), 2, "{first}");
        assert_eq!(inbox.erase("chat", third).await.unwrap(), 2, "{first}");
        assert_eq!(inbox.erase("newsletter", second).await.unwrap(), 1, "{first}");
        for contact in [first, second, third, "nobody@example.org"] {
            assert_eq!(inbox.erase("chat", contact).await.unwrap(), 0, "{contact}");
            assert_eq!(inbox.erase("newsletter", contact).await.unwrap(), 0, "{contact}");
        }
        assert_eq!(inbox.contents("chat", None).await.unwrap().replies.len(), 1);
        let mut states = states(&site, "newsletter").await;
        states.sort_by_key(|state| state.as_str());
        assert_eq!(states, [SubscriptionState::Erased, SubscriptionState::Pending]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_is_found_by_every_contact_that_they_gave() {
    for contact in
        ["01632 960 112", "+44 (0)1632 960112", "rosalind@example.org", "ROSALIND@Example.org"]
    {
        let site = site().await;
        let inbox = inbox(&site);
        let answers = |name: &'static str, phone: &'static str, email: &'static str| {
            [("name", name), ("phone", phone), ("email", email)]
        };
        send(&site, "callback", &answers("R", "01632 960112", "Rosalind@example.org")).await;
        send(&site, "callback", &answers("A", "01632 960113", "asha@example.org")).await;
        // People who gave a number and an address get an acknowledgement by email.
        assert_eq!(mailed(&site), ["Rosalind@example.org", "asha@example.org"]);
        assert_eq!(inbox.of_person("callback", contact).await.unwrap().len(), 1, "{contact}");
        assert_eq!(inbox.erase("callback", contact).await.unwrap(), 1, "{contact}");
        for gone in ["01632 960112", "rosalind@example.org"] {
            assert_eq!(inbox.of_person("callback", gone).await.unwrap(), []);
        }
        assert_eq!(inbox.contents("callback", None).await.unwrap().replies.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_complaint_silences_the_whole_mailbox_in_every_form() {
    for [complains, tagged, present, later] in [
        ["name@example.org", "name+x@example.org", "Name@example.org", "name+y@example.org"],
        ["Name+x@example.org", "name+x@example.org", "name+z@example.org", "NAME@example.org"],
        ["j.doe@gmail.com", "jdoe+x@gmail.com", "J.D.O.E@googlemail.com", "jdoe@gmail.com"],
    ] {
        let site = site().await;
        sign_up(&site, "newsletter", tagged).await;
        sign_up(&site, CARERS, present).await;
        sign_up(&site, CARERS, "somebody.else@example.org").await;
        let before = mailed(&site).len();
        heed(&site, FeedbackKind::Complained, complains).await;
        assert_eq!(
            states(&site, "newsletter").await,
            [SubscriptionState::Complained],
            "{complains}"
        );
        let mut carers = states(&site, CARERS).await;
        carers.sort_by_key(|state| state.as_str());
        assert_eq!(
            carers,
            [SubscriptionState::Complained, SubscriptionState::Pending],
            "{complains}"
        );

        // No more emails go to any address of the mailbox, and no response shows that.
        site.pass(40 * 86_400_000);
        for address in [complains, tagged, present, later] {
            for form in ["newsletter", CARERS] {
                sign_up(&site, form, address).await;
            }
            let name = format!("About {address}");
            send(&site, "chat", &[("name", &name), ("contact", address)]).await;
        }
        assert_eq!(mailed(&site).len(), before, "{complains}: {:?}", mailed(&site));
        site.pass(2 * 3_600_000);
        site.service.run_schedule().await.unwrap();
        let is_other = |to: &String| to.starts_with("somebody.else");
        assert!(mailed(&site).iter().all(is_other), "{complains}: {:?}", mailed(&site));
        let kept = people(&site, "newsletter").await.into_iter().filter_map(|person| person.email);
        assert_eq!(kept.collect::<Vec<_>>(), [""; 0], "{complains}");
        // Other people get emails as before.
        let before = mailed(&site).len();
        sign_up(&site, "newsletter", "somebody.else@example.org").await;
        assert_eq!(mailed(&site).len(), before + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn other_contacts_of_what_may_be_the_same_person_are_named() {
    use daisychain_functions::inbox::Relation;
    let site = site().await;
    let inbox = inbox(&site);
    sign_up(&site, "newsletter", "Rose@example.org").await;
    sign_up(&site, "newsletter", "rose+news@example.org").await;
    sign_up(&site, "newsletter", "rosemary@example.org").await;
    for (phone, email) in
        [("01632 960112", "rose@example.org"), ("01632 960113", "Rose+x@example.org")]
    {
        send(&site, "callback", &[("name", email), ("phone", phone), ("email", email)]).await;
    }
    let related = async |form: &str, contact: &str| {
        let related = inbox.related(form, contact).await.unwrap();
        related.into_iter().map(|it| (it.contact, it.relation)).collect::<Vec<_>>()
    };
    let of = |contact: &str, relation| (contact.to_owned(), relation);
    let news = of("rose+news@example.org", Relation::SameMailbox);
    assert_eq!(related("newsletter", "ROSE@example.org").await, [news]);
    let own = of("Rose@example.org", Relation::SameMailbox);
    assert_eq!(related("newsletter", "rose+news@example.org").await, [own]);
    let number = of("01632960112", Relation::SameReply);
    let tagged = of("Rose+x@example.org", Relation::SameMailbox);
    assert_eq!(related("callback", "rose@example.org").await, [number, tagged]);
    let email = of("rose@example.org", Relation::SameReply);
    assert_eq!(related("callback", "01632 960112").await, [email]);
    assert_eq!(related("callback", "nobody@example.org").await, []);
}
