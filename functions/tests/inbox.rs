//! What the team does with replies and subscribers.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::site::Site;
use daisychain_functions::clock::Clock;
use daisychain_functions::form::{Definition, Form, Purpose};
use daisychain_functions::inbox::{self, Inbox, InboxError, MoveOptions, Referenced};
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::model::{Claim, claim_of, same_person};
use daisychain_functions::model::{NewReply, StoredReply};
use daisychain_functions::store::sqlite::Sqlite;
use daisychain_functions::store::{Definitions as _, MailQueue as _, Replies as _};

/// When the team opens the inbox, after everything has been received.
const LATER: i64 = common::site::WEDNESDAY + 60_000;

fn inbox(site: &Site<Sqlite, FileMailer>) -> Inbox<Sqlite> {
    let now = Clock::new(|| LATER);
    Inbox::new(site.service.store().clone(), Some(common::site::keys()), now)
}

fn by(name: Option<&str>) -> MoveOptions {
    MoveOptions { by: name.map(str::to_owned), ..MoveOptions::default() }
}

async fn found(inbox: &Inbox<Sqlite>, form: &str, reference: &str) -> Referenced {
    inbox.find(form, &reference.to_lowercase()).await.unwrap()
}

async fn replies(inbox: &Inbox<Sqlite>, form: &str, state: Option<&str>) -> Vec<StoredReply> {
    inbox.contents(form, state).await.unwrap().replies
}

#[tokio::test(start_paused = true)]
async fn a_reply_is_found_and_moved_by_one() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    let answer = site.post("chat", &[("name", "Rose"), ("contact", "01632 960 111")]).await;
    let Referenced::Reply(reply) = found(&inbox, "chat", answer.reference()).await else {
        panic!()
    };
    let note = Some("rings on Monday".to_owned());
    let asha = MoveOptions { note, ..by(Some("Asha")) };
    let moved = inbox.move_reply(&reply, "assigned", asha).await.unwrap();
    assert_eq!(moved.state.as_str(), "assigned");
    let late = inbox.move_reply(&reply, "assigned", by(Some("Tom"))).await.unwrap_err();
    let since = "since Wed 25 Nov 2026, 14:01 UTC";
    assert_eq!(late.to_string(), format!("Asha has claimed {} {since}", reply.reference));
    let wrong = inbox.move_reply(&moved, "asigned", by(None)).await.unwrap_err();
    assert!(matches!(wrong, InboxError::UnknownState(states) if states.contains(&"done")));
    assert_eq!(replies(&inbox, "chat", Some("assigned")).await, [moved]);
    assert_eq!(inbox.find("chat", "none").await.unwrap_err(), InboxError::UnknownReference);
    let form = inbox.contents("lunch", None).await.unwrap_err();
    assert_eq!(form.to_string(), "the store has no form `lunch`");
}

/// The result of a move.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// Recorded. Who has claimed the reply now, and since which minute.
    Moved(Option<(&'static str, i64)>),
    /// The reply was in that state already.
    Unchanged,
    /// Refused. Who has claimed the reply, and since which minute.
    Claimed(&'static str, i64),
    /// Refused: the move needs a member's name.
    NoName,
}

#[tokio::test(start_paused = true)]
async fn only_who_has_a_reply_moves_it_unless_another_takes_it_over() {
    use Outcome::{Claimed, Moved, NoName, Unchanged};
    // One step each minute.
    for (form, [one, two, three], [before, after]) in [
        ("chat", ["assigned", "attempted", "arranged"], ["new", "done"]),
        ("volunteer", ["contacted", "conversation", "matched"], ["interested", "active"]),
    ] {
        let steps = [
            (one, None, false, NoName),
            (one, Some(" "), false, NoName),
            (one, Some("Asha Patel"), false, Moved(Some(("Asha Patel", 2)))),
            (one, Some(" ASHA  patel"), false, Unchanged),
            (one, Some("Tom"), false, Claimed("Asha Patel", 2)),
            (two, Some("asha patel"), false, Moved(Some(("asha patel", 2)))),
            (one, Some("Asha"), false, Claimed("asha patel", 2)),
            (after, Some("Tom"), false, Claimed("asha patel", 2)),
            (before, None, true, NoName),
            (two, Some("Tom"), true, Moved(Some(("Tom", 9)))),
            (two, Some("Asha Patel"), false, Claimed("Tom", 9)),
            (three, Some("tom"), true, Moved(Some(("tom", 9)))),
            (before, Some("Asha Patel"), true, Moved(None)),
            (before, None, false, Unchanged),
            (three, Some("Noor"), false, Moved(Some(("Noor", 14)))),
            (after, Some("Noor"), false, Moved(None)),
            (after, Some("Tom"), false, Unchanged),
            (two, Some("Noor"), false, Moved(Some(("Noor", 17)))),
        ];
        let site = Site::laptop().await;
        let store = site.service.store().clone();
        let entry = common::entry(form, "Rose", common::site::WEDNESDAY);
        let first = StoredReply { state: before.parse().unwrap(), ..entry.reply.clone() };
        store.record(&NewReply { reply: first, ..entry.clone() }).await.unwrap();
        for (minute, (to, name, take_over, outcome)) in (0..).zip(steps) {
            let inbox =
                Inbox::new(store.clone(), None, Clock::new(move || LATER + minute * 60_000));
            let Referenced::Reply(reply) = found(&inbox, form, &entry.reply.reference).await else {
                panic!()
            };
            let had_by = claim_of(&reply).map(|claim| claim.by.to_owned());
            let options = MoveOptions { take_over, ..by(name) };
            let since = |claim: Claim<'_>| (claim.since - LATER) / 60_000;
            let case = format!("{form}, minute {minute}");
            match (inbox.move_reply(&reply, to, options).await, outcome) {
                (Ok(moved), Unchanged) => assert_eq!(moved, *reply, "{case}"),
                (Ok(moved), Moved(claim)) => {
                    let has = claim_of(&moved).map(|claim| (claim.by.to_owned(), since(claim)));
                    assert_eq!(has, claim.map(|(by, since)| (by.to_owned(), since)), "{case}");
                    let step = moved.history.last().unwrap();
                    assert_eq!(
                        (step.to.as_str(), moved.history.len()),
                        (to, reply.history.len() + 1)
                    );
                    let other = had_by.filter(|had_by| !same_person(had_by, name.unwrap()));
                    assert_eq!(step.taken_over_from, other, "{case}");
                }
                (Err(InboxError::Claimed(now)), Claimed(by, minute)) => {
                    let claim = claim_of(&now).unwrap();
                    assert_eq!((claim.by, since(claim)), (by, minute), "{case}");
                }
                (Err(error), NoName) => {
                    assert_eq!(error, InboxError::NoName, "{case}");
                }
                (result, outcome) => panic!("{case}: {result:?} instead of {outcome:?}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_move_sent_twice_is_one_and_a_note_is_kept() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    let answer = site.post("chat", &[("name", "Rose"), ("contact", "01632 960 111")]).await;
    let look = async || match found(&inbox, "chat", answer.reference()).await {
        Referenced::Reply(reply) => reply,
        Referenced::Subscriber(_) => panic!(),
    };
    let new = look().await;
    let with = |note: &str| MoveOptions { note: Some(note.to_owned()), ..by(Some("Asha")) };
    inbox.move_reply(&new, "assigned", with("rings on Monday")).await.unwrap();
    let moved = look().await;
    // The result was lost and the same move is repeated, with the reply as read before and as read again.
    for reply in [new, moved.clone()] {
        let again = inbox.move_reply(&reply, "assigned", with("rings on Monday")).await.unwrap();
        assert_eq!(again, *moved);
    }
    assert_eq!(look().await, moved);
    let noted = inbox.move_reply(&moved, "assigned", with("not at home")).await.unwrap();
    let notes = noted.history.iter().map(|step| step.note.as_deref().unwrap());
    assert_eq!(notes.collect::<Vec<_>>(), ["rings on Monday", "not at home"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_team_types_holds_no_commands_for_a_terminal() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    let answer = site.post("chat", &[("name", "Rose"), ("contact", "01632 960 111")]).await;
    // States that need no member's name.
    for (state, typed, by, note) in [
        ("done", "Asha\u{1b}[2J", Some("Asha[2J"), Some("Asha[2J")),
        ("new", "a\u{9b}2J\u{7}\u{0}\u{8}b", Some("a2Jb"), Some("a2Jb")),
        ("done", "\u{202e}ahsA\r\nx", Some("ahsA x"), Some("ahsA\nx")),
        ("new", "\u{200b}\u{1b}", None, None),
    ] {
        let Referenced::Reply(reply) = found(&inbox, "chat", answer.reference()).await else {
            panic!()
        };
        let typed = Some(typed.to_owned());
        let options = MoveOptions { by: typed.clone(), note: typed, email: None, take_over: false };
        let moved = inbox.move_reply(&reply, state, options).await.unwrap();
        let step = moved.history.last().unwrap();
        assert_eq!((step.by.as_deref(), step.note.as_deref()), (by, note));
    }
}

#[tokio::test(start_paused = true)]
async fn a_number_is_the_same_person_in_the_digits_of_every_script() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    let written =
        ["۰۷۷۰۰ ۹۰۰۵۵۵", "٠٧٧٠٠ ٩٠٠٥٥٥", "０７７００\u{3000}９００５５５", "07700 900555"];
    for (number, contact) in written.into_iter().enumerate() {
        let name = format!("Rose {number}");
        let answer = site.post("chat", &[("name", &name), ("contact", contact)]).await;
        let Referenced::Reply(reply) = found(&inbox, "chat", answer.reference()).await else {
            panic!()
        };
        // The text is stored as typed, except that white space becomes ordinary spaces.
        assert_eq!(
            reply.submission.get("contact"),
            Some(contact.replace('\u{3000}', " ").as_str())
        );
    }
    for contact in written {
        assert_eq!(inbox.of_person("chat", contact).await.unwrap().len(), written.len());
    }
}

#[tokio::test(start_paused = true)]
async fn everything_can_be_exported() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    let answers = [("name", "=HYPERLINK(1)"), ("contact", "+44 1632 960111"), ("anything", "a\nb")];
    site.post("chat", &answers).await;
    let replies = replies(&inbox, "chat", None).await;
    let wordings = inbox.wordings("chat", &replies).await.unwrap();
    let table = inbox::csv(&wordings, &replies);
    assert!(table.starts_with("\u{feff}\"reference\",\"received\","), "{table}");
    assert!(table.contains("\"'=HYPERLINK(1)\",\"'+44 1632 960111\",\"\",\"a\nb\"\r\n"), "{table}");
    let list: serde_json::Value = serde_json::from_str(&inbox::json(&wordings, &replies)).unwrap();
    assert_eq!(list[0]["answers"]["name"][0], "=HYPERLINK(1)");
}

#[tokio::test(start_paused = true)]
async fn a_person_is_erased_everywhere() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    let email = ("contact", "Rose@Example.com");
    site.post("chat", &[("name", "Rose"), email]).await;
    site.post("newsletter", &[("email", "Rose@example.com")]).await;
    assert_eq!(inbox.of_person("chat", "Rose@EXAMPLE.com").await.unwrap().len(), 1);
    for form in ["chat", "newsletter"] {
        assert_eq!(inbox.erase(form, "Rose@example.com").await.unwrap(), 1);
        assert_eq!(inbox.erase(form, "Rose@example.com").await.unwrap(), 0);
    }
    drop(inbox);
    let path = site.folder.path().join("copy.sqlite");
    site.service.store().backup(&path).unwrap();
    #[allow(clippy::disallowed_methods, reason = "a test reads its own files")]
    let bytes = std::fs::read(path).unwrap();
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    assert!(text.contains("erased") && !text.contains("rose@"));
}

#[tokio::test(start_paused = true)]
async fn a_held_sign_up_that_is_accepted_is_asked_to_confirm() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    let answers = [("email", "rose@example.com"), ("website", "x")];
    let answer = site.post("newsletter", &answers).await;
    let location = answer.header("location").to_owned();
    let page = site.get(&location).await;
    // The page never promises an email that will not be sent.
    assert!(!page.body.contains("email") && page.body.contains("We have your address"));
    let reply = replies(&inbox, "newsletter", Some("held")).await.remove(0);
    // Another sign-up contains only an address, so it corrects nothing.
    site.post("newsletter", &[("email", "asha@example.com"), ("website", "x")]).await;
    let held = replies(&inbox, "newsletter", Some("held")).await;
    assert!(held.len() == 2 && held.iter().all(|reply| reply.corrects.is_none()));
    // Only the team is notified.
    site.pass(3_600_000);
    site.service.run_schedule().await.unwrap();
    let mails = site.mails();
    assert!(mails.len() == 1 && mails[0].contains("\nTo: hello@example.org"));
    inbox.move_reply(&reply, "accepted", by(None)).await.unwrap();
    site.pass(3 * 60_000);
    site.service.run_schedule().await.unwrap();
    assert!(site.mails().iter().any(|mail| mail.contains("\nTo: rose@example.com")));
    assert_eq!(site.service.store().failed(9).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn subscribers_are_listed_and_exported_by_state() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    for email in ["rose@example.com", "=cmd@example.com"] {
        site.post("newsletter", &[("email", email)]).await;
    }
    site.post("newsletter", &[("email", "tom@example.com"), ("website", "x")]).await;
    let pending = inbox.subscribers("newsletter", Some("pending")).await.unwrap();
    assert_eq!(pending.len(), 2);
    assert_eq!(inbox.subscribers("newsletter", Some("active")).await.unwrap(), []);
    assert_eq!(inbox.subscribers("newsletter", None).await.unwrap(), pending);
    // Lists held replies. A subscriber's state is also accepted, and lists no replies.
    assert_eq!(replies(&inbox, "newsletter", Some("held")).await.len(), 1);
    assert_eq!(replies(&inbox, "newsletter", Some("pending")).await, []);
    let wrong = inbox.contents("newsletter", Some("activ")).await.unwrap_err();
    assert!(wrong.to_string().contains("held, accepted, refused, pending, active"), "{wrong}");
    let table = inbox::people_csv(&pending);
    assert!(table.contains("\"rose@example.com\",\"pending\",\"2026-"), "{table}");
    assert!(table.contains("\"'=cmd@example.com\""), "{table}");
    let list: serde_json::Value = serde_json::from_str(&inbox::people_json(&pending)).unwrap();
    assert_eq!(list[0]["state"], "pending");
}

#[tokio::test(start_paused = true)]
async fn someone_who_rings_is_unsubscribed_and_the_evidence_names_the_team() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    let one = site.post("newsletter", &[("email", "rose@example.org")]).await;
    let two = site.post("newsletter", &[("email", "tom@example.org")]).await;
    let by_reference = two.reference().to_lowercase();
    for (who, reference) in
        [(" ROSE@example.org", one.reference()), (by_reference.as_str(), two.reference())]
    {
        let (person, is_new) = inbox.unsubscribe("newsletter", who).await.unwrap().unwrap();
        assert!(is_new && person.reference == reference, "{who}");
        assert_eq!((person.state.as_str(), person.email.as_deref()), ("unsubscribed", None));
        let again = inbox.unsubscribe("newsletter", who).await.unwrap();
        assert_eq!(again, Some((person, false)), "{who}");
    }
    let (_, events) = inbox.subscriber("newsletter", "rose@example.org").await.unwrap().unwrap();
    let last = events.last().unwrap();
    let evidence = (last.step.as_str(), last.method.as_str(), last.at);
    assert_eq!(evidence, ("unsubscribed", "team", LATER));

    // An erased person stays erased.
    inbox.erase("newsletter", "tom@example.org").await.unwrap();
    let erased = inbox.unsubscribe("newsletter", &by_reference).await.unwrap().unwrap();
    assert_eq!((erased.0.state.as_str(), erased.1), ("erased", false));
    for who in ["ann@example.org", "2345-6789", "", "Rose"] {
        assert_eq!(inbox.unsubscribe("newsletter", who).await.unwrap(), None, "{who}");
    }
    let unknown = inbox.unsubscribe("lunch", "rose@example.org").await.unwrap_err();
    assert_eq!(unknown, InboxError::UnknownForm("lunch".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_was_given_up_is_shown_and_tried_again() {
    use common::faulty::{Fault, Faulty, Plan};
    let folder = tempfile::tempdir().unwrap();
    let store = daisychain_functions::store::sqlite::in_memory().unwrap();
    store.publish(&common::site::definition("chat")).await.unwrap();
    let outbox = FileMailer::new(folder.path().join("outbox"));
    let mailer = Faulty { inner: outbox, plan: Plan::never() };
    mailer.plan.fail_from(0, Fault::Before);
    let site = Site::over(folder, store, mailer);
    site.post("chat", &[("name", "Rose"), ("contact", "01632 960 111")]).await;
    for _ in 0..48 {
        site.pass(3_600_000);
        site.service.run_schedule().await.unwrap();
    }
    let now = Clock::new(|| common::site::WEDNESDAY + 50 * 3_600_000);
    let inbox = Inbox::new(site.service.store().clone(), None, now);
    let failed = inbox.failed_mails().await.unwrap();
    assert_eq!(failed.iter().map(|queued| queued.tries).collect::<Vec<_>>(), [5]);
    inbox.resend(&failed[0]).await.unwrap();
    site.service.mailer().plan.mend();
    site.pass(3 * 3_600_000);
    site.service.run_schedule().await.unwrap();
    assert_eq!(inbox.failed_mails().await.unwrap(), []);
    assert_eq!(site.service.mailer().inner.files().unwrap().len(), 1);
}

/// A form with this name, purpose and fields (each a name and a label).
fn edition(name: &str, purpose: &str, fields: &[(&str, &str)]) -> Definition {
    let fields: String = fields
        .iter()
        .map(|(name, label)| format!("  - {{ name: {name}, kind: text, label: \"{label}\" }}\n"))
        .collect();
    let text = format!(
        "title: A form\npurpose: {purpose}\nfields:\n{fields}submit: Send\nthanks:\n  title: Thanks\n  \
         next: Soon.\nphone: 01632 960123\n"
    );
    Definition::new(Form::parse(name, &text).unwrap(), "<main>%%daisychain:main%%</main>")
}

/// Publishes the editions one after another, and sends a reply to each in which every answer is `LABEL of
/// EDITION`. Returns the references.
async fn answer_each(site: &Site<Sqlite, FileMailer>, editions: &[Definition]) -> Vec<String> {
    let mut references = Vec::new();
    for (number, edition) in editions.iter().enumerate() {
        site.service.store().publish(edition).await.unwrap();
        site.pass(60_000);
        let fields: Vec<_> = edition
            .form
            .fields()
            .map(|field| (field.name(), format!("{} of {number}", field.label())))
            .collect();
        let answers: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let form = edition.form.name();
        let sent = site.post_by(&edition.form.digest(), form, &answers).await;
        references.push(sent.reference().to_owned());
    }
    references
}

/// The rows of a table, with cells unquoted.
fn rows(table: &str) -> Vec<Vec<String>> {
    let lines = table.trim_start_matches('\u{FEFF}').trim_end().split("\r\n");
    let cells = |line: &str| {
        let within = &line[1..line.len() - 1];
        within.split("\",\"").map(str::to_owned).collect()
    };
    lines.map(cells).collect()
}

#[tokio::test(start_paused = true)]
async fn every_reply_is_shown_by_its_own_definition() {
    // The fields of each edition, the current one last, and the expected columns of the table.
    type Fields = &'static [(&'static str, &'static str)];
    let cases: [(&str, &[Fields], &[&str]); 6] = [
        ("a field that was removed", &[&[("a", "A"), ("b", "B")], &[("a", "A")]], &["A", "B"]),
        (
            "a field that was renamed",
            &[&[("a", "A"), ("b", "B")], &[("c", "A"), ("b", "B")]],
            &["A", "B", "A (a)"],
        ),
        ("another order", &[&[("a", "A"), ("b", "B")], &[("b", "B"), ("a", "A")]], &["B", "A"]),
        (
            "a question reworded",
            &[&[("a", "18 or over?")], &[("a", "Under 18?")]],
            &["Under 18?", "18 or over?"],
        ),
        ("another form", &[&[("a", "A")], &[("b", "B")], &[("c", "C")]], &["C", "A", "B"]),
        (
            "a label like a built-in column",
            &[&[("a", "state")], &[("b", "state"), ("a_b", "A")]],
            &["state (b)", "A", "state (a)"],
        ),
    ];
    for (what, editions, columns) in cases {
        let site = Site::laptop().await;
        let inbox = inbox(&site);
        let editions: Vec<_> =
            editions.iter().map(|fields| edition("lunch", "enquiry", fields)).collect();
        let references = answer_each(&site, &editions).await;
        for withdrawn in [false, true] {
            if withdrawn {
                site.service.store().withdraw("lunch").await.unwrap();
            }
            let replies = replies(&inbox, "lunch", None).await;
            let wordings = inbox.wordings("lunch", &replies).await.unwrap();
            let table = rows(&inbox::csv(&wordings, &replies));
            assert_eq!(table[0][8..], *columns, "{what}");
            let list: serde_json::Value =
                serde_json::from_str(&inbox::json(&wordings, &replies)).unwrap();
            for (number, (edition, reference)) in editions.iter().zip(&references).enumerate() {
                let reply = replies.iter().find(|reply| reply.reference == *reference).unwrap();
                let row = table.iter().find(|row| row[0] == *reference).unwrap();
                let said = |label: &str| format!("{label} of {number}");
                let shown: Vec<_> = wordings
                    .answered(reply)
                    .iter()
                    .map(|answered| (answered.name, answered.label, answered.answers.to_vec()))
                    .collect();
                let asked: Vec<_> = edition
                    .form
                    .fields()
                    .map(|field| (field.name(), field.label(), vec![said(field.label())]))
                    .collect();
                assert_eq!(shown, asked, "{what}");
                // Each answer is in the column of its own question, and the row has nothing else.
                let cells = || row[8..].iter().zip(columns).filter(|(cell, _)| !cell.is_empty());
                assert_eq!(cells().count(), asked.len(), "{what}: {row:?}");
                for (cell, column) in cells() {
                    let (label, _) = cell.split_once(" of ").unwrap();
                    assert!(column.starts_with(label), "{what}: {cell} under {column}");
                    assert_eq!(*cell, said(label), "{what}");
                }
                let listed = list.as_array().unwrap();
                let json = listed.iter().find(|json| json["reference"] == **reference).unwrap();
                for (name, label, answers) in &asked {
                    assert_eq!(json["questions"][name], **label, "{what}");
                    assert_eq!(json["answers"][name][0], answers[0], "{what}");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_no_definition_knows_is_shown_under_its_fields_name() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    // The reply's definition is not in the store.
    let mut entry = common::entry("chat", "Rose", common::site::WEDNESDAY);
    entry.reply.submission.answers.insert("pet".to_owned(), vec!["a cat".to_owned()]);
    site.service.store().record(&entry).await.unwrap();
    let replies = replies(&inbox, "chat", None).await;
    let wordings = inbox.wordings("chat", &replies).await.unwrap();
    let shown: Vec<_> =
        wordings.answered(&replies[0]).iter().map(|answered| answered.label).collect();
    assert_eq!(shown, ["Your name", "pet"]);
    let table = rows(&inbox::csv(&wordings, &replies));
    assert_eq!(table[0].last().unwrap(), "pet");
    assert_eq!(table[1].last().unwrap(), "a cat");
}

#[tokio::test(start_paused = true)]
async fn replies_in_a_state_of_a_former_purpose_are_listed_and_moved() {
    let purposes = ["chat", "volunteer", "enquiry"];
    for (before, after) in purposes.iter().flat_map(|a| purposes.map(|b| (*a, b))) {
        let site = Site::laptop().await;
        let inbox = inbox(&site);
        let fields = [("a", "A")];
        let reference = answer_each(&site, &[edition("lunch", before, &fields)]).await.remove(0);
        let states = daisychain_functions::model::workflow::states(purpose(before));
        for state in states {
            let Referenced::Reply(reply) = found(&inbox, "lunch", &reference).await else {
                panic!()
            };
            if reply.state != *state {
                inbox.move_reply(&reply, state, by(Some("Asha"))).await.unwrap();
            }
            site.service.store().publish(&edition("lunch", after, &fields)).await.unwrap();
            for asked in [None, Some(state.as_str())] {
                let listed = replies(&inbox, "lunch", asked).await;
                assert_eq!(listed.len(), 1, "{before} {state} in a form that is {after} now");
                assert_eq!(listed[0].state, *state);
            }
        }
        // The reply can be moved through the states of either purpose.
        let Referenced::Reply(reply) = found(&inbox, "lunch", &reference).await else { panic!() };
        let first = daisychain_functions::model::workflow::states(purpose(after))[0];
        inbox.move_reply(&reply, first, by(Some("Asha"))).await.unwrap();
    }
}

fn purpose(word: &str) -> Purpose {
    match word {
        "chat" => Purpose::Chat,
        "volunteer" => Purpose::Volunteer,
        _ => Purpose::Enquiry,
    }
}

#[tokio::test(start_paused = true)]
async fn subscribers_stay_visible_when_the_form_is_no_newsletter_any_more() {
    let site = Site::laptop().await;
    let inbox = inbox(&site);
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    site.post("newsletter", &[("email", "tom@example.com"), ("website", "x")]).await;
    let now = edition("newsletter", "enquiry", &[("email", "Email")]);
    site.service.store().publish(&now).await.unwrap();
    let contents = inbox.contents("newsletter", None).await.unwrap();
    assert_eq!((contents.replies.len(), contents.people.len()), (1, 1));
    let contents = inbox.contents("newsletter", Some("pending")).await.unwrap();
    assert_eq!((contents.replies.len(), contents.people.len()), (0, 1));

    // When a held sign-up is accepted, the email that asks for confirmation has the wording that the person
    // read.
    let held = replies(&inbox, "newsletter", Some("held")).await.remove(0);
    inbox.move_reply(&held, "accepted", by(None)).await.unwrap();
    let people = inbox.subscribers("newsletter", Some("pending")).await.unwrap();
    assert_eq!(people.len(), 2);
    assert!(
        people.iter().all(|person| person.definition == common::campaign("newsletter").digest())
    );
    site.pass(3 * 60_000);
    site.service.run_schedule().await.unwrap();
    let mails = site.mails();
    let mail = mails.iter().find(|mail| mail.contains("\nTo: tom@example.com")).unwrap();
    assert!(mail.contains("Do you want our latest news?"), "{mail}");
}
