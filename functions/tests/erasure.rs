//! When a person is erased or their data has expired, nothing of it is left in the bytes of the store's files
//! or of the outbox.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::disallowed_methods, reason = "a test reads its own files")]

mod common;

use common::site::{Site, browser};
use daisychain_functions::clock::{Clock, DAY};
use daisychain_functions::inbox::{Inbox, MoveOptions, Referenced};
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::rights::Receipt;
use daisychain_functions::store::Replies as _;
use daisychain_functions::store::sqlite::{self, Sqlite};
use std::collections::BTreeSet;
use std::path::Path;

type Laptop = Site<Sqlite, FileMailer>;

async fn laptop() -> Laptop {
    let forms = ["newsletter", "volunteer", "chat"].map(str::to_owned);
    Site::laptop_with(|settings| settings.forms = forms.to_vec()).await
}

fn inbox(site: &Laptop) -> Inbox<Sqlite> {
    let now = Clock::new(|| common::site::WEDNESDAY + 60_000);
    Inbox::new(site.service.store().clone(), Some(common::site::keys()), now)
}

/// All bytes of all files in a folder, with emails decoded.
fn bytes_below(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all += &bytes_below(&path);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            all += &String::from_utf8_lossy(&bytes).replace("=\r\n", "").replace("=3D", "=");
        }
    }
    all
}

/// Fails if a word is left anywhere.
#[track_caller]
fn assert_gone(site: &Laptop, words: &[&str]) {
    let left = bytes_below(site.folder.path()).to_lowercase();
    for word in words {
        assert!(!left.contains(&word.to_lowercase()), "`{word}` is left");
    }
}

#[track_caller]
fn assert_there(site: &Laptop, words: &[&str]) {
    let there = bytes_below(site.folder.path());
    for word in words {
        assert!(there.contains(word), "`{word}` was never there");
    }
}

/// Other people's data, among which a person's must be found.
async fn others(site: &Laptop) {
    for number in 0..40 {
        let name = format!("Somebody Else {number}");
        let words = "We could meet at the library. ".repeat(number);
        let contact = format!("01632 961 {number:03}");
        let answers = [("name", name.as_str()), ("contact", &contact), ("anything", &words)];
        assert_eq!(site.post("chat", &answers).await.status, 303);
    }
    let answers = [("name", "Kept Person"), ("contact", "kept@example.com")];
    site.post("chat", &answers).await;
    site.post("newsletter", &[("email", "kept.reader@example.com")]).await;
}

/// Other people's data that must still exist afterwards.
const OTHERS: [&str; 4] =
    ["Somebody Else 7", "Somebody Else 39", "To: kept@example.com", "To: kept.reader@example.com"];

/// The contact by which someone is erased, what they sent, and what must not remain.
type Kind<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);

#[tokio::test(start_paused = true)]
async fn whoever_is_erased_leaves_no_byte() {
    // Four bytes a character, so that the text does not fit into one page of the file.
    let long = "Zanzibar 🌼🌼🌼🌼🌼🌼🌼🌼🌼🌼🌼 ".repeat(90);
    let kinds: [Kind<'_>; 6] = [
        (
            "01632 960 111",
            &[("name", "Quillfeather"), ("contact", "01632 960 111")],
            &["Quillfeather", "960 111"],
        ),
        (
            "rose@example.com",
            &[("name", "Quillfeather"), ("contact", "rose@example.com")],
            &["Quillfeather", "rose@"],
        ),
        (
            "rose@example.com",
            &[("name", "Quillfeather"), ("contact", "rose@example.com"), ("anything", &long)],
            &["Quillfeather", "rose@", "Zanzibar"],
        ),
        (
            "rose@example.com",
            &[("name", "Zoë ‘Q’ Łucja"), ("contact", "rose@example.com"), ("anything", "a\n\"b\"")],
            &["Łucja", "=C5=81ucja", "rose@"],
        ),
        (
            "rose@example.com",
            // The reply is held, so only the team is notified.
            &[("name", "Quillfeather"), ("contact", "rose@example.com"), ("website", "spamword")],
            &["Quillfeather", "rose@", "spamword"],
        ),
        (
            "01632 960 111",
            &[("name", "Quillfeather https://x.example"), ("contact", "01632960111")],
            &["Quillfeather", "960111"],
        ),
    ];
    for (contact, answers, words) in kinds {
        let site = laptop().await;
        let inbox = inbox(&site);
        others(&site).await;
        let reference = site.post("chat", answers).await.reference().to_owned();
        let Referenced::Reply(reply) = inbox.find("chat", &reference).await.unwrap() else {
            panic!()
        };
        let (by, note) = (Some("Asha".to_owned()), Some("Quillfeather was not at home".to_owned()));
        let options = MoveOptions { by, note, ..MoveOptions::default() };
        inbox.move_reply(&reply, "assigned", options).await.unwrap();
        others(&site).await;
        assert_there(&site, &words[..1]);
        assert_eq!(inbox.erase("chat", contact).await.unwrap(), 1, "{contact}");
        site.service.run_schedule().await.unwrap();
        assert_gone(&site, words);
        assert_gone(&site, &[&reference, "not at home"]);
        assert_there(&site, &OTHERS);
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_is_erased_from_all_forms_at_once() {
    let site = laptop().await;
    let inbox = inbox(&site);
    others(&site).await;
    let contact = "quill.feather@example.com";
    let mut references = Vec::new();
    for spelling in [contact, "QUILL.Feather@Example.com"] {
        let answers = [("name", "Quillfeather"), ("contact", spelling), ("adult", "yes")];
        for form in ["chat", "volunteer"] {
            references.push(site.post(form, &answers).await.reference().to_owned());
        }
    }
    site.post("newsletter", &[("email", contact)]).await;
    let held = [("name", "Quillfeather"), ("contact", contact), ("website", "spamword")];
    site.post("chat", &held).await;
    assert_there(&site, &["Quillfeather", "quill.feather@example.com"]);

    let mut receipt = Receipt::new(7);
    receipt.erase(&inbox, contact).await.unwrap();
    site.service.run_schedule().await.unwrap();
    let shown = format!("{receipt:?}").to_lowercase();
    assert!(!shown.contains("quill") && !shown.contains("example"), "{shown}");
    let erased: Vec<_> = receipt.forms.iter().map(|form| form.form.as_str()).collect();
    assert_eq!(BTreeSet::from_iter(erased), BTreeSet::from(["chat", "newsletter", "volunteer"]));
    for form in &receipt.forms {
        assert_eq!(form.references.len(), usize::try_from(form.records).unwrap(), "{form:?}");
    }
    assert_gone(&site, &["Quillfeather", "quill.feather", "spamword"]);
    assert_gone(&site, &references.iter().map(String::as_str).collect::<Vec<_>>());
    assert_there(&site, &OTHERS);

    let mut again = Receipt::new(8);
    again.erase(&inbox, contact).await.unwrap();
    assert_eq!(again.forms, []);
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_who_is_erased_leaves_or_lapses_leaves_no_byte() {
    for way in ["erased", "pending and erased", "left", "complained", "never confirmed"] {
        let site = laptop().await;
        let inbox = inbox(&site);
        others(&site).await;
        site.post("newsletter", &[("email", "quill.feather@example.com")]).await;
        let link = |mail: &str, what: &str| {
            let begin = mail.find(&format!("/api/newsletter/{what}?token=")).unwrap();
            mail[begin..].split([' ', '\r', '>', '"']).next().unwrap().to_owned()
        };
        let to_them = "\nTo: quill.feather@example.com";
        let mail = site.mails().into_iter().find(|mail| mail.contains(to_them)).unwrap();
        assert_there(&site, &["To: quill.feather@example.com"]);
        if way != "pending and erased" && way != "never confirmed" {
            assert_eq!(site.send(browser(&link(&mail, "confirm"), "")).await.status, 200);
        }
        match way {
            "left" => {
                assert_eq!(site.send(browser(&link(&mail, "leave"), "")).await.status, 200);
            }
            "complained" => {
                let event = r#"{"source":"aws.ses","detail-type":"Email Complaint","detail":
                    {"eventType":"Complaint","complaint":{"complainedRecipients":
                    [{"emailAddress":"quill.feather@example.com"}]}}}"#;
                let feedback = daisychain_functions::mail::feedback::read(event).unwrap();
                site.service.process_feedback(&feedback).await.unwrap();
            }
            "never confirmed" => site.pass(7 * DAY),
            _ => {
                let gone = inbox.erase("newsletter", "quill.feather@example.com").await.unwrap();
                assert_eq!(gone, 1);
                // In the store they are deleted at once.
                let store = site.folder.path().join("replies.sqlite");
                let log = site.folder.path().join("replies.sqlite-wal");
                for file in [store, log] {
                    let bytes = std::fs::read(file).unwrap();
                    let left = String::from_utf8_lossy(&bytes).to_lowercase();
                    assert!(!left.contains("quill.feather"), "{way}");
                }
            }
        }
        site.service.run_schedule().await.unwrap();
        assert_gone(&site, &["quill.feather"]);
        if way != "never confirmed" {
            assert_there(&site, &OTHERS);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_expired_leaves_no_byte() {
    let site = laptop().await;
    let mut words = Vec::new();
    for number in 0..30 {
        let (name, address) = (format!("Quill{number}x"), format!("feather{number}x@example.com"));
        let more = format!("plume{number}x ").repeat(number * 10 + 1);
        let answers = [("name", name.as_str()), ("contact", &address), ("anything", &more)];
        assert_eq!(site.post("chat", &answers).await.status, 303);
        words.extend([name, address, format!("plume{number}x")]);
    }
    // Volunteers' replies are kept for longer.
    let volunteer = [("name", "Kept Person"), ("contact", "kept@example.com"), ("adult", "yes")];
    site.post("volunteer", &volunteer).await;
    for _ in 0..365 {
        site.pass(DAY);
        site.service.run_schedule().await.unwrap();
    }
    assert_gone(&site, &words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_there(&site, &["Kept Person", "To: kept@example.com"]);
}

#[tokio::test(start_paused = true)]
async fn no_copy_is_left_where_pages_were_divided() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replies.sqlite");
    let store = sqlite::open(&path).unwrap();
    // Inserting and deleting replies of every length makes SQLite split and merge pages. This connection does
    // not wait for the disk.
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "synchronous", "OFF").unwrap();
    connection.pragma_update(None, "secure_delete", "ON").unwrap();
    let mut random = 1_u64;
    let mut dice = |sides: u64| {
        // Knuth's linear congruential generator gives the same numbers on every run.
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % sides
    };
    let (mut there, mut gone) = (Vec::new(), Vec::new());
    for number in 0..3_000 {
        let word = format!("word{number:05}x");
        let id = format!("{:026}", dice(1 << 31));
        let length = [1, 5, 30, 90, 500][usize::try_from(dice(5)).unwrap()];
        let insert = "INSERT INTO reply (form, id, reference, person, state, due, expires, body)
                      VALUES ('chat', ?1, ?1, ?2, 'new', 0, 0, ?3)";
        let body = format!("{word} ").repeat(length);
        connection.execute(insert, [&id, &word, &body]).unwrap();
        let contact = "INSERT INTO contact (form, hash, reply, is_mailbox)
                       VALUES ('chat', ?2, ?1, 0)";
        connection.execute(contact, [&id, &word]).unwrap();
        there.push(word);
        if dice(3) == 0 {
            let word = there.swap_remove(usize::try_from(dice(there.len() as u64)).unwrap());
            connection.execute("DELETE FROM reply WHERE person = ?1", [&word]).unwrap();
            gone.push(word);
        }
    }
    drop(connection);
    let last = there.pop().unwrap();
    assert_eq!(store.erase_replies("chat", &last).await.unwrap(), 1);
    gone.push(last);
    let files = [path, folder.path().join("replies.sqlite-wal")];
    let bytes: Vec<u8> = files.iter().flat_map(|file| std::fs::read(file).unwrap()).collect();
    let bytes = String::from_utf8_lossy(&bytes);
    let found = bytes.split("word").filter_map(|rest| rest.get(..6));
    let found: BTreeSet<String> = found.map(|number| format!("word{number}")).collect();
    let left: Vec<_> = gone.iter().filter(|word| found.contains(*word)).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(there.iter().all(|word| found.contains(word)));
}

#[tokio::test(start_paused = true)]
async fn the_outbox_keeps_what_is_about_nobody_who_is_gone() {
    let site = laptop().await;
    others(&site).await;
    let outbox = site.folder.path().join("outbox");
    let written = |name: &str, text: &str| {
        std::fs::write(outbox.join(name), text).unwrap();
        outbox.join(name)
    };
    let id = |time| daisychain_functions::id::ulid(time);
    let none = format!("reply chat {}", id(7));
    let header = |about: &str| format!("X-Daisychain-About: {about}\r\nFrom: a\r\n\r\nwords\r\n");
    let goes = [
        // An email written by an earlier version does not say who it is about.
        written(&format!("{}.eml", id(1)), "From: a\r\n\r\nwords\r\n"),
        written(&format!("{}.eml", id(2)), &header(&none)),
        written(
            &format!("{}.eml", id(3)),
            &header(&format!("nobody\r\nX-Daisychain-About: {none}")),
        ),
        // The program ended while it was writing this one.
        written(&format!("{}.part", id(4)), &header(&none)),
        written(&format!("{}.eml", id(5)), &header("subscriber newsletter 00ff")),
    ];
    let stays = [
        written(&format!("{}.eml", id(6)), &header("nobody")),
        written(&format!("{}.part", id(8)), "X-Daisychain-Abou"),
        written("from-a-friend.eml", "From: a\r\n\r\nwords\r\n"),
    ];
    let answers = [("name", "Quillfeather"), ("contact", "01632 960 111")];
    site.post("chat", &answers).await;
    inbox(&site).erase("chat", "01632 960 111").await.unwrap();
    site.service.run_schedule().await.unwrap();
    assert!(goes.iter().all(|path| !path.exists()), "{goes:?}");
    assert!(stays.iter().all(|path| path.exists()), "{stays:?}");
    assert_there(&site, &OTHERS);
}
