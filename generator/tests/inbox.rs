//! Tests of `daisy inbox` with a local store.

#![allow(clippy::unwrap_used, reason = "tests panic on failure")]
#![allow(clippy::disallowed_methods, reason = "performs I/O")]

mod support;

use axum::body::Bytes;
use axum::http::Request;
use daisychain_functions::clock::{Clock, date_and_time_words, date_words, month, rfc3339};
use daisychain_functions::form::{Definition, Form, frame};
use daisychain_functions::mail::none::NoMailer;
use daisychain_functions::model::{NewReply, ReplyState, SendOutcome, StoredReply};
use daisychain_functions::service::Service;
use daisychain_functions::settings::Settings;
use daisychain_functions::store::{Definitions as _, MailQueue as _, Replies as _, sqlite};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::Relaxed;
use support::transcript::Transcript;

/// A Thursday in the autumn of 2026, in milliseconds.
const THURSDAY: i64 = 1_795_687_200_000;

/// A form with a phone number and an address.
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

/// The forms of a site, and their clock.
struct Forms {
    service: Service<sqlite::Sqlite, NoMailer>,
    now: Arc<AtomicI64>,
}

/// A site with two forms of the campaign.
async fn site(root: &Path) -> Forms {
    fs::create_dir_all(root.join("content/forms")).unwrap();
    fs::create_dir_all(root.join(".daisy")).unwrap();
    let store = sqlite::open(&root.join(".daisy/replies.sqlite")).unwrap();
    for name in ["chat", "newsletter"] {
        let file = format!("content/forms/{name}.yaml");
        let campaign = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(&file);
        let text = fs::read_to_string(campaign).unwrap() + "\nphone: 01632 960123\n";
        fs::write(root.join(file), &text).unwrap();
        let form = Form::parse(name, &text).unwrap();
        store.publish(&Definition::new(form, frame::PLAIN)).await.unwrap();
    }
    let keys = store.keys().unwrap();
    let settings = Settings::new("http://127.0.0.1", "daisy@example.org", "01632 960123");
    let now = Arc::new(AtomicI64::new(THURSDAY));
    let shared = Arc::clone(&now);
    let clock = Clock::new(move || shared.load(Relaxed));
    Forms { service: Service::new(store, NoMailer, keys, clock, settings), now }
}

/// Sends a form, a minute after the previous one; returns its reference.
async fn send(forms: &Forms, form: &str, answers: &'static str) -> String {
    let request = Request::post(format!("/api/{form}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(answers));
    forms.now.fetch_add(60_000, Relaxed);
    let answer = forms.service.handle(request.unwrap()).await;
    let location = answer.headers()["location"].to_str().unwrap();
    location.split_once("reference=").unwrap().1.to_owned()
}

/// A site with one reply to its chat; returns the reply's reference.
async fn site_with_a_reply(root: &Path) -> String {
    let forms = site(root).await;
    send(&forms, "chat", "name=Mrs+P.&contact=01632+960+111&anything=%3D1%2B1").await
}

#[tokio::test]
async fn replies_cannot_control_the_terminal() {
    use daisychain_functions::model::StateChange;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let reference = site_with_a_reply(root).await;
    // As an earlier version stored it.
    let store = sqlite::open(&root.join(".daisy/replies.sqlite")).unwrap();
    let reply = store.by_reference("chat", &reference).await.unwrap().unwrap();
    let odd = |text: &str| Some(format!("{text}\u{1b}[2J\u{9b}31m\r\u{202e}\nnew line"));
    let (from, to) = (reply.state, ReplyState::Assigned);
    let (by, note, taken_over_from) = (odd("Asha"), odd("rings"), odd("Tom"));
    let email = odd("Dear Mrs P.");
    let step = StateChange { at: THURSDAY, from, to, by, note, email, taken_over_from };
    store.move_reply(&reply, &step, &[]).await.unwrap();
    for arguments in [
        &["inbox", "show", &reference][..],
        &["inbox", "list"],
        &["inbox", "export", "chat"],
        &["inbox", "move", &reference, "\u{1b}[2J"],
        &["inbox", "list", "\u{1b}[2J"],
        &["inbox", "list", "--store", "sqlite:\u{1b}[2J"],
        &["inbox", "backup", "\u{1b}[2J/\u{9b}x"],
        &["--root", "\u{1b}[2J", "check"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daisy"));
        let output = command.args(arguments).current_dir(root).output().unwrap();
        for told in [output.stdout, output.stderr] {
            let told = String::from_utf8(told).unwrap();
            let told = told.replace("\r\n", "\n");
            let odd = told.find(|c: char| c != '\n' && c.is_control() || c == '\u{202e}');
            assert_eq!(odd, None, "{arguments:?} {}", told.escape_debug());
            assert!(!told.contains("\nnew line") || arguments[1] == "export", "{told}");
        }
    }
}

#[tokio::test]
async fn the_inbox_messages_are_as_expected() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut told = Transcript::new(root);
    told.then("without a store").run(&["inbox", "list"]);
    told.run(&["inbox", "list", "--store", "paper"]);
    told.then("too few file descriptors").shell("ulimit -n 4; daisy inbox list");

    let forms = site(root).await;
    told.then("an empty store").run(&["inbox", "list"]).run(&["inbox", "mails"]);
    told.run(&["inbox", "resend"]);
    let first = send(&forms, "chat", "name=Mrs+P.&contact=01632+960+111&anything=Hello").await;
    let second = send(&forms, "chat", "name=Mrs+P.&contact=01632+960+112&anything=Hello").await;
    let reader = send(&forms, "newsletter", "email=rose%40example.org").await;
    told.then("two replies, one of which corrects the other, and a sign-up");
    told.run(&["inbox", "list"]).run(&["inbox", "list", "chat", "--state", "done"]);
    told.run(&["inbox", "show", &second]).run(&["inbox", "show", &reader]);
    told.run(&["inbox", "move", &first, "assigned", "--by", "asha"]);
    told.run(&["inbox", "move", &first, "finished"]);
    told.run(&["inbox", "move", &reader, "assigned"]);
    told.then("two members claim the same chat");
    told.run(&["inbox", "move", &first, "assigned", "--by", "Asha"]);
    told.run(&["inbox", "move", &first, "assigned", "--by", "tom"]);
    told.run(&["inbox", "move", &first, "done", "--by", "tom"]);
    told.run(&["inbox", "move", &first, "assigned", "--by", ""]);
    told.run(&["inbox", "move", &first, "attempted", "--by", "tom", "--take-over"]);
    told.run(&["inbox", "list", "chat"]).run(&["inbox", "show", &first]);
    told.run(&["inbox", "move", &first, "done", "--by", "tom"]);
    told.run(&["inbox", "move", &first, "done", "--by", "asha"]);
    told.run(&["inbox", "move", &first, "assigned", "--by", "asha"]);
    let moved = forms.service.store().by_reference("chat", &first).await.unwrap().unwrap();
    let times = moved.history.iter().map(|step| step.at);
    let mut times: BTreeSet<_> =
        times.flat_map(|at| [rfc3339(at), date_and_time_words(at)]).collect();

    let fail = async || {
        for mail in forms.service.store().due(i64::MAX, 9).await.unwrap() {
            forms.service.store().record_outcome(&mail, SendOutcome::Failed).await.unwrap();
        }
    };
    fail().await;
    told.then("an email could not be sent").run(&["inbox", "list", "chat"]);
    let tom = send(&forms, "newsletter", "email=tom%40example.org").await;
    let ann = send(&forms, "newsletter", "email=ann%40example.org").await;
    fail().await;
    told.then("two more emails could not be sent")
        .run(&["inbox", "list", "chat"])
        .run(&["inbox", "mails"]);
    let queued = forms.service.store().failed(9).await.unwrap();
    told.run(&["inbox", "resend", "01ARZ3NDEKTSV4RRFFQ69G5FAV"]);
    told.run(&["inbox", "resend", &queued[0].id]).run(&["inbox", "resend"]);

    told.then("the form has different questions now");
    let chat = root.join("content/forms/chat.yaml");
    let text = fs::read_to_string(&chat).unwrap();
    let (before, after) = (text.find("  - name: anything").unwrap(), text.find("submit:").unwrap());
    let text = format!("{}{}", &text[..before], &text[after..]).replace("best_time", "day");
    fs::write(&chat, &text).unwrap();
    let store = forms.service.store();
    let now = Form::parse("chat", &text).unwrap();
    store.publish(&Definition::new(now, frame::PLAIN)).await.unwrap();
    told.run(&["inbox", "show", &second]);
    told.then("the form is removed from the site");
    fs::remove_file(&chat).unwrap();
    told.run(&["inbox", "list"]);
    told.run(&["inbox", "export", "newsletter", "--records", "replies", "--format", "json"]);

    told.then("a backup").run(&["inbox", "backup", "copy.sqlite"]);
    told.run(&["inbox", "backup", "copy.sqlite"]);
    let aws = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    let aws = aws.map(|name| (name, "none".as_ref()));
    told.run_with(&["inbox", "backup", "copy.sqlite", "--store", "dynamodb:site"], &aws);
    let region = |region: &'static str, key: &'static str| {
        [
            ("AWS_REGION", region.as_ref()),
            ("AWS_ACCESS_KEY_ID", key.as_ref()),
            ("AWS_SECRET_ACCESS_KEY", key.as_ref()),
        ]
    };
    told.set("AWS_EC2_METADATA_DISABLED", "true").set("AWS_DEFAULT_REGION", "");
    told.set("AWS_CONFIG_FILE", "none").set("AWS_SHARED_CREDENTIALS_FILE", "none");
    told.set("AWS_ACCESS_KEY_ID", "").set("AWS_SECRET_ACCESS_KEY", "");
    told.then("AWS is not set up");
    told.run_with(&["inbox", "list", "--store", "dynamodb:site"], &region("", ""));
    told.run_with(&["inbox", "upgrade", "--store", "dynamodb:site"], &region("", "none"));
    told.run_with(&["inbox", "list", "--store", "dynamodb:site"], &region("eu-west-2", ""));
    let unknown = [("AWS_REGION", "eu-west-2".as_ref()), ("AWS_PROFILE", "office".as_ref())];
    told.run_with(&["inbox", "list", "--store", "dynamodb:site"], &unknown);
    told.then("several replies at once, and notes");
    let both = [first.as_str(), &second];
    told.run(&["inbox", "note", both[0], both[1], "--note", "rang, no answer"]);
    told.run(&["inbox", "note", &first, "--note", "rang, no answer"]);
    told.run(&["inbox", "note", &first, "--note", " "]);
    told.run(&["inbox", "note", &first, "--note", "rang", "--by", ""]);
    told.run(&["inbox", "move", both[0], both[1], "done", "--by", "tom"]);
    told.run(&["inbox", "move", both[0], "2345-6789", "done"]);
    for reference in both {
        let noted = store.by_reference("chat", reference).await.unwrap().unwrap();
        let noted = noted.history.iter().map(|step| step.at);
        times.extend(noted.flat_map(|at| [rfc3339(at), date_and_time_words(at)]));
    }
    told.then("the team's lists");
    told.run(&["inbox", "list", "--open", "--held"]);
    told.run(&["inbox", "list", "--by", "tom"]);
    told.run(&["inbox", "list", "--mine", "--by", ""]);
    told.run(&["inbox", "list", "--closed", "chat"]);
    told.run(&["inbox", "list", "lunch", "--open"]);
    told.run(&["inbox", "list", "--closed", "2026-11"]);
    told.then("a search");
    told.run(&["inbox", "find", "Margaret"]);
    told.run(&["inbox", "find", "01632", "960111"]);
    told.shell("echo ROSE@example.org | daisy inbox find -");
    told.shell("printf '\\377' | daisy inbox find -");
    told.then("people ask what is stored about them, and to be erased").run(&[
        "inbox",
        "person",
        "+44 1632 960112",
    ]);
    send(&forms, "newsletter", "email=rose%2Bnews%40example.org").await;
    told.run(&["inbox", "unsubscribe", "newsletter", "Tom@Example.org"]);
    told.run(&["inbox", "unsubscribe", "newsletter", &tom]);
    told.run(&["inbox", "unsubscribe", "newsletter", "nobody@example.org"]);
    told.run(&["inbox", "unsubscribe", "lunch", &tom]);
    told.run(&["inbox", "person", "ROSE@example.org"]);
    told.run(&["inbox", "erase", "newsletter", "ROSE@example.org"]);
    let callback = Definition::new(Form::parse("callback", CALLBACK).unwrap(), frame::PLAIN);
    store.publish(&callback).await.unwrap();
    for answers in [
        "name=Tom&phone=01632+960+113&email=tom%40example.org",
        "name=Tom&phone=01632+960+113&email=tom%40example.com",
    ] {
        send(&forms, "callback", answers).await;
    }
    told.run(&["inbox", "erase", "callback", "01632 960113"]);
    told.run(&["inbox", "person", "nobody@example.org"]);
    told.run(&["inbox", "person", "rose@example.org", "--form", "lunch"]);
    told.run(&["inbox", "upgrade"]);
    told.run(&["inbox", "erase", "chat", "rose@example.org"]);
    told.run(&["inbox", "erase", "chat", "01632 960112"]);
    told.run(&["inbox", "erase", "lunch", "01632 960112"]);
    send(&forms, "chat", "name=Mrs+P.&contact=01632+960+111&anything=Again").await;
    told.run(&["inbox", "erase", "chat", "01632 960111"]);
    told.then("a person is erased from all forms");
    let again = send(&forms, "chat", "name=Rose&contact=rose%40example.net&anything=Hello").await;
    let sign_up = send(&forms, "newsletter", "email=rose%40example.net").await;
    send(&forms, "newsletter", "email=rose%2Bnews%40example.net").await;
    told.run(&["person", "erase", "rose@example.net"]);
    told.run(&["person", "show", "rose@example.net"]);
    // Midnight may pass while it runs.
    let receipt = || format!("on request on {}", date_words(Clock::system().now()));
    let before = receipt();
    told.run(&["person", "erase", "Rose@Example.net", "--yes"]);
    let after = receipt();
    told.run(&["person", "erase", "rose@example.net", "--yes"]);
    told.then("a backup, outside a site");
    told.run(&["inbox", "list", "--root", "elsewhere", "--store", "sqlite:copy.sqlite"]);
    let hide = [
        (first, "1111-1111"),
        (second, "2222-2222"),
        (reader, "3333-3333"),
        (tom, "4444-4444"),
        (ann, "5555-5555"),
        (again, "6666-6666"),
        (sign_up, "7777-7777"),
        (before, "on request on DATE"),
        (after, "on request on DATE"),
    ];
    let times = times.iter().map(|time| (time, "TIME"));
    let mails =
        queued.iter().zip(["FIRST", "SECOND", "THIRD"]).map(|(queued, name)| (&queued.id, name));
    let hide = hide.iter().map(|(what, name)| (what, *name)).chain(mails).chain(times);
    let digest = store.definition("newsletter", None).await.unwrap().unwrap().form.digest();
    let wording = [(&digest[..12], "WORDING")];
    let hide: Vec<_> = hide.map(|(what, name)| (what.as_str(), name)).chain(wording).collect();
    told.is_kept_as("inbox", &hide);
}

fn daisy(root: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daisy"));
    command.arg("inbox").args(words).arg("--root").arg(root).env("USER", "asha");
    command.output().unwrap()
}

fn said(root: &Path, words: &[&str]) -> String {
    let output = daisy(root, words);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The references that a command lists, in order.
fn listed(root: &Path, words: &[&str]) -> Vec<String> {
    let lines = said(root, words);
    let is_reference = |word: &&str| word.len() == 9 && word.as_bytes()[4] == b'-';
    lines.lines().filter_map(|line| line.get(..9)).filter(is_reference).map(str::to_owned).collect()
}

fn refused(root: &Path, words: &[&str]) -> String {
    let output = daisy(root, words);
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn the_team_reads_moves_exports_and_erases() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let reference = site_with_a_reply(root).await;
    let listed = said(root, &["list"]);
    assert!(listed.starts_with(&reference) && listed.contains("Mrs P."), "{listed}");
    let shown = said(root, &["show", &reference.to_lowercase()]);
    assert!(shown.contains("Phone number or email address\n  01632 960 111"), "{shown}");

    said(root, &["move", &reference, "assigned", "--note", "rings on Monday"]);
    assert!(said(root, &["show", &reference]).contains("asha: new → assigned: rings on Monday"));
    assert!(said(root, &["list", "chat", "--state", "new"]).contains("nothing found"));
    let wrong = refused(root, &["move", &reference, "finished"]);
    assert!(wrong.contains("no such state; it has new, assigned"), "{wrong}");

    let table = said(root, &["export", "chat"]);
    assert!(table.contains("\"'=1+1\""), "{table}");
    assert!(table.contains(",\"state\",\"assignee\","), "{table}");
    assert!(table.contains(",\"assigned\",\"asha\","), "{table}");
    let list: Value =
        serde_json::from_str(&said(root, &["export", "chat", "--format", "json"])).unwrap();
    assert_eq!(
        (&list[0]["answers"]["anything"][0], &list[0]["assignee"]),
        (&"=1+1".into(), &"asha".into())
    );

    assert!(said(root, &["erase", "chat", "+44 1632 960111"]).contains("one record erased"));
    assert!(refused(root, &["show", &reference]).contains("no reply has this reference"));
}

#[tokio::test]
async fn each_list_has_the_replies_that_it_is_named_for() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let forms = site(root).await;
    let store = forms.service.store();
    let callback = Definition::new(Form::parse("callback", CALLBACK).unwrap(), frame::PLAIN);
    store.publish(&callback).await.unwrap();
    // Due decades after the date of the test.
    forms.now.store(THURSDAY + 70 * 365 * 86_400_000, Relaxed);
    let old = "name=Margaret+O%27Neill&contact=01632+960+111&anything=Hi";
    let old = send(&forms, "chat", old).await;
    let ring = "name=Jos%C3%A9&phone=01632+960+112&email=jose%40example.org";
    let ring = send(&forms, "callback", ring).await;
    let new = send(&forms, "chat", "name=Tom&contact=01632+960+113&anything=Hello").await;
    let spam = send(&forms, "chat", "name=Ann&contact=01632+960+114&anything=Hi&website=x").await;
    for (due, form, reference, contact) in
        [(1, "chat", &old, "01632 960111"), (2, "callback", &ring, "01632 960112")]
    {
        let reply = store.by_reference(form, reference).await.unwrap().unwrap();
        said(root, &["erase", form, contact]);
        let entry = NewReply {
            reply: StoredReply { due, ..reply },
            dedup_hash: reference.clone(),
            correction_hash: None,
            dedup_until: i64::MAX,
            mails: Vec::new(),
            summary: None,
        };
        store.record(&entry).await.unwrap();
    }

    let all = [&old, &ring, &new, &spam];
    let none: [&String; 0] = [];
    said(root, &["move", &old, "assigned"]);
    said(root, &["move", &new, "assigned", "--by", "Tom B."]);
    let cases: &[(&[&str], &[&String])] = &[
        (&["--open"], &all),
        (&["--open", "chat"], &[&old, &new, &spam]),
        (&["--overdue"], &[&old, &ring]),
        (&["callback", "--overdue"], &[&ring]),
        (&["--unassigned"], &[&ring, &spam]),
        (&["--held"], &[&spam]),
        (&["--held", "callback"], &none),
        (&["--mine"], &[&old]),
        (&["--mine", "--by", "tom b."], &[&new]),
        (&["--closed"], &none),
    ];
    for (words, expected) in cases {
        let list = listed(root, &[&["list"], *words].concat());
        assert_eq!(list.iter().collect::<Vec<_>>(), *expected, "{words:?}");
    }

    // Those that can be moved are, whichever comes first.
    let failed = refused(root, &["move", &ring, &new, &spam, "closed"]);
    assert_eq!(failed.lines().filter(|line| line.starts_with("error: ")).count(), 3, "{failed}");
    assert_eq!(listed(root, &["list", "--closed"]), [ring.as_str()]);
    let month = month(Clock::system().now());
    assert_eq!(listed(root, &["list", "callback", "--closed", &month]), [ring.as_str()]);
    assert_eq!(listed(root, &["list", "--closed", "1999-12"]), [""; 0]);

    for (typed, found) in [
        (&["Neill"][..], &[][..]),
        (&["margaret"], &[&old]),
        (&["O'Neill", "MARG"], &[&old]),
        (&["jose"], &[&ring]),
        (&["jose@example.org"], &[&ring]),
        (&["+44 1632 960113"], &[&new]),
        (&[spam.as_str()], &[&spam]),
        (&["–"], &[]),
    ] {
        let output = daisy(root, &[&["find"], typed].concat());
        let lines = String::from_utf8(output.stdout).unwrap();
        let references: Vec<_> = lines.lines().map(|line| line[..9].to_owned()).collect();
        assert_eq!(references.iter().collect::<Vec<_>>(), found, "{typed:?}");
        assert_eq!(output.status.code(), Some(i32::from(found.is_empty())), "{typed:?}");
    }
}

#[test]
fn a_missing_store_is_not_created() {
    let folder = tempfile::tempdir().unwrap();
    refused(folder.path(), &["list"]);
    assert!(!folder.path().join(".daisy").exists());
}
