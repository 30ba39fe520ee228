//! Replies to the forms of `daisy serve`, with the real program killed while they come in.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and makes its own files"
)]

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use daisychain_functions::store::sqlite::{self, Sqlite};
use daisychain_functions::store::{Reply, Store};
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

/// Sends one chat; gives its reference, or nothing where no thanks came.
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
async fn stored(store: &Sqlite) -> Vec<Reply> {
    let (mut replies, mut next) = (Vec::new(), None);
    loop {
        let page = store.queue("chat", "new", next.as_deref(), 500).await.unwrap();
        replies.extend(page.items);
        next = page.next;
        if next.is_none() {
            return replies;
        }
    }
}

#[tokio::test]
async fn a_server_that_is_killed_loses_no_reply_that_was_thanked_for() {
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
    // Whoever was not thanked sends it again; what was stored all the same is the same reply.
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
async fn two_hundred_equal_replies_at_once_are_one() {
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
