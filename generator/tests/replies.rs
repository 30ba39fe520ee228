//! Tests of replies to forms while the `daisy serve` process is stopped and killed.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use daisychain_functions::model::{ReplyState, StoredReply};
use daisychain_functions::store::Replies as _;
use daisychain_functions::store::sqlite::{self, Sqlite};
use support::Site;
use support::server::{Server, site};

const REPLIES: usize = 1_000;
const SENDERS: usize = 16;

fn site_with_a_chat() -> Site {
    let site = site();
    let form = concat!(env!("CARGO_MANIFEST_DIR"), "/../content/forms/chat.yaml");
    site.write(
        "content/forms/chat.yaml",
        &(fs::read_to_string(form).unwrap() + "\nphone: 01632 960123\n"),
    );
    site
}

fn name(number: usize) -> String {
    format!("Person {number}")
}

/// Sends one chat; returns its reference, or `None` without a confirmation.
fn send(port: u16, number: usize) -> Option<String> {
    let body = format!("name=Person+{number}&contact=01632+{number:06}");
    let length = body.len();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(
        stream,
        "POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (_, from) = answer.split_once("thanks?reference=")?;
    Some(from.split(['\r', '&']).next().unwrap().to_owned())
}

/// Every chat in the store.
async fn stored(store: &Sqlite) -> Vec<StoredReply> {
    let (mut replies, mut next) = (Vec::new(), None);
    loop {
        let page = store.queue("chat", ReplyState::New, next.as_deref(), 500).await.unwrap();
        replies.extend(page.items);
        next = page.next;
        if next.is_none() {
            return replies;
        }
    }
}

/// Sends a request to the team's pages; returns the whole answer.
fn ask_team(port: u16, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = body.len();
    write!(stream, "{head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_team_works_with_replies_at_a_port_of_its_own() {
    let site = site_with_a_chat();
    let server = Server::start(site.root(), &["--host", "0.0.0.0"]);
    server.wait_until_said("Replies to your forms are at http://127.0.0.1:");
    let said = server.said();
    let (_, port) = said.split_once("Replies to your forms are at http://127.0.0.1:").unwrap();
    let port: u16 = port.split('/').next().unwrap().parse().unwrap();
    let reference = send(server.port, 7).unwrap();
    let own = format!("Host: 127.0.0.1:{port}");
    let queue = ask_team(port, &format!("GET / HTTP/1.1\r\n{own}"), "");
    assert!(queue.starts_with("HTTP/1.1 200 ") && queue.contains(&reference), "{queue}");
    let (_, path) = queue.split_once("href=\"/replies/").unwrap();
    let path = format!("/replies/{}", path.split('"').next().unwrap());
    let origin = format!("Origin: http://127.0.0.1:{port}\r\nCookie: name=Asha");
    let post = format!("POST {path} HTTP/1.1\r\n{own}\r\n");
    let moved = ask_team(port, &format!("{post}{origin}"), "seen=0&state=assigned&note=");
    assert!(moved.starts_with("HTTP/1.1 303 "), "{moved}");
    let page = ask_team(port, &format!("GET {path} HTTP/1.1\r\n{own}"), "");
    assert!(page.contains("Asha, since "), "{page}");
    // The site is another origin, and its addresses lead to no reply.
    assert_eq!(server.get(&path).status, 404);
    let foreign = format!("Origin: http://127.0.0.1:{}\r\nCookie: name=Asha", server.port);
    let refused = ask_team(port, &format!("{post}{foreign}"), "seen=1&state=done&note=");
    assert!(refused.starts_with("HTTP/1.1 403 "), "{refused}");
    let rebound = ask_team(port, &format!("GET {path} HTTP/1.1\r\nHost: evil.example:{port}"), "");
    assert!(rebound.starts_with("HTTP/1.1 403 ") && !rebound.contains("Person"), "{rebound}");
    // Others on the network can open the site, and not these pages.
    let others = std::net::TcpListener::bind(("127.0.0.2", port));
    assert!(others.is_ok(), "the pages are served at other addresses too");
}

#[test]
fn a_site_without_forms_has_no_team_s_pages_to_show() {
    let site = site();
    let server = Server::start(site.root(), &[]);
    server.wait_until_said("To stop, press Ctrl+C.");
    server.get("/");
    assert!(!server.said().contains("Replies to your forms"), "{}", server.said());
}

#[tokio::test]
async fn a_killed_server_loses_no_confirmed_reply() {
    let site = site_with_a_chat();
    let mut server = Server::start(site.root(), &[]);
    let (next, thanked) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let port = server.port;
    thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= REPLIES {
                        return;
                    }
                    if let Some(reference) = send(port, number) {
                        thanked.lock().unwrap().push((number, reference));
                    }
                }
            });
        }
        // Half-way, with replies in every stage of being stored.
        support::server::until("half of the replies", || {
            (thanked.lock().unwrap().len() >= REPLIES / 2).then_some(())
        });
        server.terminate("-KILL");
    });
    let thanked = thanked.into_inner().unwrap();
    assert!((REPLIES / 2..REPLIES - SENDERS).contains(&thanked.len()), "{}", thanked.len());

    let path = site.root().join(".daisy/replies.sqlite");
    let store = sqlite::open(&path).unwrap();
    for (number, reference) in &thanked {
        let reply = store.by_reference("chat", reference).await.unwrap();
        let reply = reply.unwrap_or_else(|| panic!("{reference} was thanked for and is lost"));
        assert_eq!(reply.submission.get("name"), Some(name(*number).as_str()));
    }
    // Unconfirmed replies are sent again; one that was stored anyway counts once.
    drop(store);
    let server = Server::start(site.root(), &[]);
    for number in (0..REPLIES).filter(|number| !thanked.iter().any(|(each, _)| each == number)) {
        assert!(send(server.port, number).is_some(), "{number}");
    }
    let replies = stored(&sqlite::open(&path).unwrap()).await;
    let mut names: Vec<&str> =
        replies.iter().filter_map(|reply| reply.submission.get("name")).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!((replies.len(), names.len()), (REPLIES, REPLIES));
}

#[tokio::test]
async fn two_hundred_equal_concurrent_replies_are_stored_once() {
    let site = site_with_a_chat();
    let server = Server::start(site.root(), &[]);
    let references: Vec<Option<String>> = thread::scope(|scope| {
        let senders: Vec<_> = (0..200).map(|_| scope.spawn(|| send(server.port, 7))).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    let replies = stored(&sqlite::open(&site.root().join(".daisy/replies.sqlite")).unwrap()).await;
    let [reply] = &replies[..] else { panic!("{} are stored", replies.len()) };
    assert!(references.iter().all(|given| given.as_deref() == Some(reply.reference.as_str())));
}

/// Copies only the store's main file; returns the names in the copy.
async fn names_in_a_copy(site: &Site) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.sqlite");
    fs::copy(site.root().join(".daisy/replies.sqlite"), &copy).unwrap();
    let replies = stored(&sqlite::open(&copy).unwrap()).await;
    let name = |reply: StoredReply| reply.submission.get("name").unwrap().to_owned();
    let mut names: Vec<String> = replies.into_iter().map(name).collect();
    names.sort_unstable();
    names
}

fn names(numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(name).collect()
}

/// Sends chats with these numbers; each is confirmed.
fn send_all(server: &Server, numbers: impl IntoIterator<Item = usize>) {
    for number in numbers {
        assert!(send(server.port, number).is_some(), "{number}");
    }
}

fn log_of(site: &Site) -> u64 {
    let log = site.root().join(".daisy/replies.sqlite-wal");
    fs::metadata(log).map_or(0, |metadata| metadata.len())
}

#[tokio::test]
async fn after_a_clean_shutdown_the_main_file_is_complete() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let site = site_with_a_chat();
        let mut server = Server::start(site.root(), &[]);
        send_all(&server, 0..5);
        let status = server.terminate(signal);
        assert!(status.success(), "{signal}: {status}");
        assert_eq!(names_in_a_copy(&site).await, names(0..5), "{signal}");
        assert_eq!(log_of(&site), 0, "{signal}");
    }
}

#[tokio::test]
async fn without_replies_the_main_file_is_complete_too() {
    let site = site_with_a_chat();
    // The site was never valid, so no form was published.
    site.write("content/about.md", "---\ntitle: [\n---\n");
    let mut server = Server::spawn(site.root(), &[], &[]);
    server.wait_until_said("Your site is at");
    server.terminate("-INT");
    assert_eq!(log_of(&site), 0);
    assert_eq!(names_in_a_copy(&site).await, names([]));
}

#[tokio::test]
async fn after_a_kill_the_next_clean_shutdown_completes_the_main_file() {
    type End = fn(&Site);
    let ends: [(&str, End); 2] = [
        ("serve", |site| {
            Server::start(site.root(), &[]).terminate("-TERM");
        }),
        ("inbox list", |site| {
            assert!(inbox(site.root(), &["list"]));
        }),
    ];
    for (what, end) in ends {
        let site = site_with_a_chat();
        let mut server = Server::start(site.root(), &[]);
        send_all(&server, 0..3);
        server.terminate("-KILL");
        assert!(log_of(&site) > 0, "the kill left nothing to be moved");
        end(&site);
        assert_eq!(names_in_a_copy(&site).await, names(0..3), "{what}");
    }
}

/// Runs `daisy inbox`; returns whether it succeeded.
fn inbox(root: &Path, words: &[&str]) -> bool {
    ask_inbox(root, words).status.success()
}

fn ask_inbox(root: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daisy"));
    command.arg("inbox").args(words).arg("--root").arg(root);
    command.output().unwrap()
}

#[test]
fn a_store_open_in_another_program_is_reported() {
    let site = site_with_a_chat();
    let mut server = Server::start(site.root(), &[]);
    send_all(&server, 0..1);
    let path = site.root().join(".daisy/replies.sqlite");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN; SELECT count(*) FROM reply").unwrap();
    // The other program still sees the file without this reply.
    send_all(&server, 1..2);
    let output = ask_inbox(site.root(), &["list"]);
    let told = String::from_utf8(output.stderr).unwrap();
    let expected = format!(
        "warning: some changes are not yet in {} (sqlite: another program is using the file); before you \
         copy the file, stop all other programs that use it, and run `daisy inbox list`\n",
        path.display()
    );
    assert_eq!((told, output.status.success()), (expected, true));
    assert!(server.terminate("-TERM").success());
    server.wait_until_said(
        "error: some replies are not yet in replies.sqlite (sqlite: another program is using the file); before you copy the file, stop all other programs that use it, and run `daisy inbox list`\n",
    );
}

#[test]
fn an_unreadable_outbox_is_reported_on_erasure() {
    let site = site_with_a_chat();
    let server = Server::start(site.root(), &[]);
    send_all(&server, 0..1);
    let outbox = site.root().join(".daisy/outbox");
    fs::remove_dir_all(&outbox).unwrap();
    fs::write(&outbox, "").unwrap();
    let output = ask_inbox(site.root(), &["erase", "chat", "01632 000000"]);
    let expected = format!(
        "error: the records are erased, but emails about them are still in {}: \
         the outbox cannot be read: not a directory\n",
        outbox.display()
    );
    assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
    assert_eq!(output.status.code(), Some(2));
}

#[tokio::test]
async fn every_inbox_command_leaves_the_main_file_complete() {
    let site = site_with_a_chat();
    let server = Server::start(site.root(), &[]);
    let reference = send(server.port, 0).unwrap();
    let copy = site.root().join("copy.sqlite");
    let commands: [(bool, &[&str]); 12] = [
        (true, &["list"]),
        (true, &["list", "chat", "--state", "new"]),
        (true, &["show", &reference]),
        (false, &["show", "none"]),
        (true, &["move", &reference, "new"]),
        (false, &["move", &reference, "nowhere"]),
        (true, &["export", "chat"]),
        (true, &["mails"]),
        (true, &["resend"]),
        (false, &["erase", "lunch", "nobody@example.org"]),
        (true, &["backup", copy.to_str().unwrap()]),
        (false, &["backup", copy.to_str().unwrap()]),
    ];
    for (number, (goes_well, command)) in commands.into_iter().enumerate() {
        // While the server runs, the data it stored is in the write-ahead log.
        send_all(&server, [number + 1]);
        assert!(log_of(&site) > 0);
        assert_eq!(inbox(site.root(), command), goes_well, "{command:?}");
        assert_eq!(log_of(&site), 0, "{command:?}");
        assert_eq!(names_in_a_copy(&site).await.len(), number + 2, "{command:?}");
    }
}

/// Sends the headers of a chat of `length` bytes, and waits until the server asks for the body.
fn begin_to_send(server: &Server, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    stream.set_read_timeout(Some(support::server::PATIENCE)).unwrap();
    write!(
        stream,
        "POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
    )
    .unwrap();
    let mut answer = vec![0; 1_000];
    let length = stream.read(&mut answer).unwrap();
    assert!(answer[..length].starts_with(b"HTTP/1.1 100 "));
    stream
}

/// Signals the server to shut down, and waits until it accepts no connections.
fn begin_to_end(server: &Server) {
    server.signal("-TERM");
    support::server::until("nobody else is let in", || {
        TcpStream::connect(("127.0.0.1", server.port)).is_err().then_some(())
    });
}

#[tokio::test]
async fn a_reply_in_transit_is_stored_before_shutdown() {
    let site = site_with_a_chat();
    let mut server = Server::start(site.root(), &[]);
    let body = "name=Person+7&contact=01632+000007";
    let mut stream = begin_to_send(&server, body.len());
    begin_to_end(&server);
    write!(stream, "{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    assert!(server.wait().success());
    assert_eq!(names_in_a_copy(&site).await, names([7]));
}

#[tokio::test]
async fn a_second_signal_ends_the_wait_and_leaves_the_main_file_complete() {
    let site = site_with_a_chat();
    let mut server = Server::start(site.root(), &[]);
    send_all(&server, 0..3);
    let never_ends = begin_to_send(&server, 100);
    begin_to_end(&server);
    let status = server.terminate("-INT");
    assert!(status.success(), "{status}");
    assert_eq!(names_in_a_copy(&site).await, names(0..3));
    drop(never_ends);
}

#[tokio::test]
async fn erasure_while_the_server_runs_leaves_no_byte() {
    let site = site_with_a_chat();
    let settings = "title: A site\nlanguage: en-GB\norganisation:\n  email: team@example.org\n";
    site.write("content/site.yaml", settings);
    let server = Server::start(site.root(), &[]);
    send_all(&server, 0..3);
    let body = "name=Quillfeather&contact=rose%40example.com&anything=Zanzibar";
    assert_eq!(server.post("/api/chat", body).status, 303);
    let left = || {
        let folder = walkdir::WalkDir::new(site.root().join(".daisy"));
        let files =
            folder.into_iter().map(Result::unwrap).filter(|file| file.file_type().is_file());
        let texts =
            files.map(|file| String::from_utf8_lossy(&fs::read(file.path()).unwrap()).into());
        texts.collect::<Vec<String>>().concat()
    };
    let words = ["Quillfeather", "rose@example.com", "Zanzibar"];
    // The team got a notice, and Quillfeather an acknowledgement.
    assert!(
        left().contains("To: rose@example.com") && words.iter().all(|word| left().contains(word))
    );
    assert!(inbox(site.root(), &["erase", "chat", "rose@example.com"]));
    for word in words {
        assert!(!left().contains(word), "{word}");
    }
    for number in 0..3 {
        assert!(left().contains(&name(number)), "{number}");
    }
}

#[tokio::test]
async fn a_date_field_accepts_month_names_in_the_site_s_languages() {
    let site = site();
    site.write(
        "content/site.yaml",
        "title: A site\nlanguages:\n  en-GB: { name: English }\n  pl: { name: Polski }\n",
    );
    site.write(
        "content/forms/lunch.yaml",
        "title: Lunch\nphone: 01632 960123\nsubmit: Send\nthanks:\n  title: Thank you\n  next: We ring you\n\
         fields:\n  - name: born\n    kind: date\n    label: Date of birth\n",
    );
    let server = Server::start(site.root(), &[]);
    let post = |language: &str, day: u8, month: &str| {
        let body = format!("_language={language}&born_day={day}&born_month={month}&born_year=1980");
        server.post("/api/lunch", &body).status
    };
    for (language, day, month, status) in [
        ("en-GB", 1, "January", 303),
        ("en-GB", 2, "jan", 303),
        ("en-GB", 3, "stycznia", 303),
        ("pl", 4, "STY", 303),
        ("pl", 5, "styczen", 303),
        ("pl", 6, "styczeń", 303),
        ("pl", 7, "Jan.", 303),
        ("pl", 8, "janvier", 422),
        ("en-GB", 9, "Smarch", 422),
    ] {
        assert_eq!(post(language, day, month), status, "{language} {month}");
    }
    let store = sqlite::open(&site.root().join(".daisy/replies.sqlite")).unwrap();
    let replies = store.queue("lunch", ReplyState::New, None, 99).await.unwrap().items;
    let mut born: Vec<_> = replies.iter().filter_map(|r| r.submission.get("born")).collect();
    born.sort_unstable();
    let expected: Vec<String> = (1..8).map(|day| format!("1980-01-{day:02}")).collect();
    assert_eq!(born, expected);
}

#[tokio::test]
async fn a_deleted_store_is_recreated_and_reported() {
    let site = site_with_a_chat();
    let mut server = Server::start(site.root(), &[]);
    send_all(&server, 0..2);
    fs::remove_dir_all(site.root().join(".daisy")).unwrap();
    send_all(&server, 2..4);
    server.wait_until_said(
        "error: replies.sqlite was deleted, renamed or replaced: new replies are stored in the file that is there now; earlier ones are in the previous file\n",
    );
    assert!(inbox(site.root(), &["list"]));
    assert!(server.terminate("-TERM").success());
    assert_eq!(names_in_a_copy(&site).await, names(2..4));
}

#[test]
fn an_ignored_hangup_signal_stays_ignored() {
    let site = site_with_a_chat();
    // Ignores SIGHUP like `nohup`.
    let script = r#"trap '' HUP; exec "$0" serve --port 0 --root "$1" 2>&1"#;
    let mut child = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_daisy")])
        .arg(site.root())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    assert!(lines.any(|line| line.unwrap().starts_with("Your site is at")));
    let kill = |signal: &str| {
        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    };
    kill("-HUP");
    kill("-TERM");
    // A process ended by SIGHUP would have no exit code.
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
