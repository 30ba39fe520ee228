//! A form in several languages: what is shown, stored, emailed and kept as evidence.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::site::{SITE, Site, browser};
use daisychain_functions::form::html::{FormState, render};
use daisychain_functions::form::{Definition, Form};
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::model::SubscriptionState;
use daisychain_functions::store::sqlite::Sqlite;
use daisychain_functions::store::{Definitions as _, Replies as _, Subscribers as _};

const CHAT: &str = "\
title: ہم سے بات کریں
fields:
  name:
    label: آپ کا نام
    missing: اپنا نام لکھیں
submit: بھیجیں
thanks:
  title: شکریہ
words:
  problem: ایک مسئلہ ہے
  reference: آپ کا حوالہ {reference} ہے
  not_sent: آپ کے جوابات نہیں بھیجے گئے۔ {phone}
";

const NEWSLETTER: &str = "\
thanks:
  title: Jeszcze jeden krok
confirmation:
  subject: Czy chcesz nasze wiadomości?
  button: Tak, chcę wiadomości
  confirmed:
    title: Dziękujemy
words:
  link_over: Ten link już nie działa
";

/// A definition with a translation, and a frame for its language.
fn spoken(name: &str, language: &str, text: &str) -> Definition {
    let mut definition = common::site::definition(name);
    definition.form.add_translation(language, text).unwrap();
    let frame = format!("<!doctype html><html lang={language}>{}", definition.frame);
    definition.frames.insert(language.to_owned(), frame);
    definition
}

async fn site(definition: &Definition) -> Site<Sqlite, FileMailer> {
    let site = Site::laptop().await;
    site.service.store().publish(definition).await.unwrap();
    site
}

/// The body that a page in this language sends.
fn body(form: &Form, language: &str, answers: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("_form", &form.digest())
        .append_pair("_language", language)
        .extend_pairs(answers)
        .finish()
}

#[tokio::test(start_paused = true)]
async fn a_chat_is_asked_for_and_thanked_for_in_its_pages_language() {
    let definition = spoken("chat", "ur", CHAT);
    let site = site(&definition).await;
    let wrong = site.send(browser("/api/chat", body(&definition.form, "ur", &[]))).await;
    assert_eq!(wrong.status, 422);
    for shown in [
        "<html lang=ur>",
        "<h1 lang=\"ur\" dir=\"auto\">ہم سے بات کریں</h1>",
        "<h2>ایک مسئلہ ہے</h2>",
        "<a href=\"#chat-name\">اپنا نام لکھیں</a>",
        "<input type=\"hidden\" name=\"_language\" value=\"ur\">",
        // Text without a translation is marked with its language.
        "<span lang=\"en-GB\" dir=\"auto\">Phone number or email address</span>",
        "<span lang=\"en-GB\" dir=\"auto\">Enter your phone number or email address</span>",
        "<p lang=\"en-GB\" dir=\"auto\">Leave your number",
    ] {
        assert!(wrong.body.contains(shown), "{shown}: {}", wrong.body);
    }
    let answers = [("name", "Rose"), ("contact", "rose@example.com")];
    let right = site.send(browser("/api/chat", body(&definition.form, "ur", &answers))).await;
    let location = right.header("location").to_owned();
    assert!(location.ends_with("&language=ur"), "{location}");
    let thanks = site.get(&location).await;
    assert!(thanks.body.contains("<html lang=ur>") && thanks.body.contains("<h1>شکریہ</h1>"));
    assert!(thanks.body.contains("آپ کا حوالہ <span class=\"reference\">"));

    let mails = site.mails();
    let to = |receiver: &str| {
        let line = format!("\nTo: {receiver}");
        mails.iter().find(|mail| mail.contains(&line)).unwrap()
    };
    // The resident's email is in their language, the team's in the form's default language.
    assert!(to("rose@example.com").contains("<html lang=\"ur\""), "{mails:?}");
    assert!(to("hello@example.org").contains("Your name\r\nRose"));
}

#[tokio::test(start_paused = true)]
async fn what_is_stored_is_in_the_forms_own_language() {
    let text =
        "fields:\n  skills:\n    choices:\n      Driving: Jazda samochodem\n    other: Inne\n";
    let definition = spoken("volunteer", "pl", text);
    let page = render(&definition.form.in_language("pl"), &FormState::default());
    let shown = "value=\"Driving\"><label for=\"volunteer-skills\">Jazda samochodem</label>";
    assert!(page.contains(shown), "{page}");
    let site = site(&definition).await;
    let answers = [("name", "R"), ("contact", "a@b.cd"), ("adult", "yes"), ("skills", "Driving")];
    let answer = site.send(browser("/api/volunteer", body(&definition.form, "pl", &answers))).await;
    let reference = answer.reference().split('&').next().unwrap();
    let reply = site.service.store().by_reference("volunteer", reference).await.unwrap().unwrap();
    assert_eq!(reply.submission.answers["skills"], ["Driving"]);
    assert_eq!(reply.language.as_deref(), Some("pl"));
    assert_eq!(reply.definition, definition.form.digest());
}

#[tokio::test(start_paused = true)]
async fn a_subscription_keeps_its_language() {
    let definition = spoken("newsletter", "pl", NEWSLETTER);
    let site = site(&definition).await;
    let sent = body(&definition.form, "pl", &[("email", "rose@example.com")]);
    let answer = site.send(browser("/api/newsletter", sent)).await;
    assert!(site.get(answer.header("location")).await.body.contains("Jeszcze jeden krok"));
    let mail = site.mails().remove(0);
    let start = mail.find(&format!("{SITE}/api/newsletter/confirm")).unwrap() + SITE.len();
    let link: String = mail[start..].chars().take_while(|c| !c.is_whitespace()).collect();
    assert!(link.ends_with("&language=pl"), "{link}");
    assert!(site.get(&link).await.body.contains("Tak, chcę wiadomości</button>"));
    assert!(site.send(browser(&link, "")).await.body.contains("<h1>Dziękujemy</h1>"));
    let store = site.service.store();
    let people =
        store.subscribers("newsletter", SubscriptionState::Active, None, 9).await.unwrap().items;
    let events = store.events("newsletter", &people[0].hash).await.unwrap();
    assert!(events.iter().all(|event| event.language == "pl"), "{events:?}");
    site.pass(8 * 86_400_000);
    assert!(site.send(browser(&link, "")).await.body.contains("Ten link już nie działa"));
}

#[tokio::test(start_paused = true)]
async fn a_language_that_the_site_has_not_is_the_forms_own() {
    let definition = spoken("chat", "ur", CHAT);
    let site = site(&definition).await;
    for language in ["", "fr", "../ur", "ur\r\nX: y", "%%daisychain:main%%"] {
        let sent = body(&definition.form, language, &[("name", "Rose"), ("contact", "a@b.cd")]);
        let answer = site.send(browser("/api/chat", sent)).await;
        assert!(!answer.header("location").contains("language"), "{language}");
    }
    let page = site.get("/api/chat?language=nothing").await;
    assert!(page.body.contains("Have a chat with one of our team"));
}

#[test]
fn a_page_in_a_language_that_the_form_has_not_marks_the_whole_form() {
    let form = common::campaign("chat");
    let page = render(&form.in_language("ur"), &FormState::default());
    assert!(page.contains("novalidate lang=\"en-GB\" dir=\"auto\">"), "{page}");
    assert!(page.contains("name=\"_language\" value=\"ur\""));
    assert!(!page.contains("<span lang"));
    // A site with one language has no language markup.
    let page = render(&form.in_language("en-GB"), &FormState::default());
    assert!(!page.contains("lang"), "{page}");
    assert_eq!(page, render(&form, &FormState::default()));
}

#[test]
fn the_digest_covers_every_language() {
    let mut form = common::campaign("chat");
    let before = form.digest();
    form.add_translation("ur", CHAT).unwrap();
    let (urdu, whole) = (form.in_language("ur").digest(), form.digest());
    assert_ne!(before, whole);
    assert_eq!(urdu, whole);
    form.add_translation("ur", &CHAT.replace("شکریہ", "مہربانی")).unwrap();
    assert_ne!(form.digest(), whole);
    let again: Form = serde_json::from_str(&form.canonical_json()).unwrap();
    assert_eq!(again.digest(), form.digest());
}

#[test]
fn what_a_translation_lacks_is_known() {
    let mut form = common::campaign("newsletter");
    form.add_translation("pl", NEWSLETTER).unwrap();
    let lacks = form.untranslated("pl");
    for key in ["title", "fields.email.label", "confirmation.mail", "words.problem"] {
        assert!(lacks.iter().any(|lacking| lacking == key), "{key}: {lacks:?}");
    }
    assert!(!lacks.iter().any(|lacking| lacking == "confirmation.subject"));
    assert!(!lacks.iter().any(|lacking| lacking == "intro"), "the form has no intro to translate");
}

#[test]
fn every_mistake_of_a_translation_is_found_at_its_place() {
    let mut form = common::campaign("volunteer");
    let text = "titel: x\nfields:\n  nome:\n    label: y\n  skills:\n    choices:\n      Drivin: z\n    \
                longest: 3\nconfirmation:\n  subject: s\nwords:\n  not_sent: nothing\n";
    let errors = form.add_translation("pl", text).unwrap_err();
    let found: Vec<_> = errors
        .iter()
        .map(|e| (e.place.line, e.message.as_str(), e.help.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(
        found,
        [
            (1, "unknown key `titel`", "did you mean `title`?"),
            (3, "unknown key `nome`", "did you mean `name`?"),
            (7, "unknown key `Drivin`", "did you mean `Driving`?"),
            (
                8,
                "unknown key `longest`",
                "one of these: label, hint, missing, invalid, choices, other"
            ),
            (
                9,
                "unknown key `confirmation`",
                "one of these: title, intro, fields, more, submit, small_print, thanks, words"
            ),
            (
                12,
                "`not_sent` has no `{phone}`",
                "write `{phone}` where it belongs, as in `Sorry, something went wrong on our side, and your answers were not sent. They are still below: send them again in a few minutes, or ring us on {phone}`"
            ),
        ]
    );
    let wrong = form.add_translation("en-GB", "").unwrap_err();
    assert_eq!(wrong[0].message, "the form is in `en-GB` itself");
    let wrong = form.add_translation("Urdu", "").unwrap_err();
    assert_eq!(wrong[0].message, "`Urdu` is not the short name of a language");
}
