//! Thousands of hostile bodies, with a valid one after every ten: no panic, no 500, no partial record, and
//! every valid one is stored. `THOROUGH=10` sends ten times as many.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use bytes::Bytes;
use common::site::{Site, browser, definition};
use daisychain_functions::mail::none::NoMailer;
use daisychain_functions::model::ReplyState;
use daisychain_functions::store::{Definitions as _, Replies as _, sqlite};
use http::Request;

const HOSTILE: u32 = 10_000;
/// One valid body follows this many hostile ones.
const EVERY: u32 = 10;

/// Pseudorandom numbers that are the same in each run (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % sides
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.roll(list.len())]
    }
}

const NAMES: [&str; 14] = [
    "name",
    "contact",
    "anything",
    "best_time",
    "_form",
    "website",
    "__proto__",
    "constructor",
    "name[]",
    "",
    "toString",
    "name\0",
    "%%daisychain:main%%",
    "hasOwnProperty",
];
const VALUES: [&str; 26] = [
    "",
    " ",
    "\0",
    "Rose",
    "a@b",
    "a@b.cd\r\nBcc: all@example.org",
    "=1+1",
    "@SUM(A1)",
    "+44",
    "-2+3+cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "{{7*7}}",
    "${jndi:x}",
    "\u{202e}evil",
    "\u{200f}مرحبا",
    "👩‍👩‍👧‍👦",
    "Z̷̢̛a̶l̷g̸o̵",
    "../../etc/passwd",
    "%00",
    "%ff%fe",
    "\u{fffd}",
    "%%daisychain:title%%",
    "01632 960 111",
    "\u{2028}\u{2029}",
    "null",
];

/// A hostile body as a form, as JSON, or without a content type.
fn hostile(dice: &mut Dice) -> Request<Bytes> {
    let mut pairs = Vec::new();
    for _ in 0..dice.roll(6) {
        pairs.push((dice.pick(&NAMES).to_owned(), value(dice)));
    }
    match dice.roll(8) {
        0 => json(json_text(&pairs)),
        1 => json(format!("{}1{}", "[".repeat(dice.roll(3_000)), "]".repeat(dice.roll(3_000)))),
        2 => {
            let depth = dice.roll(3_000);
            json(format!("{}1{}", "{\"name\":".repeat(depth), "}".repeat(depth)))
        }
        3 => {
            // Arbitrary bytes.
            let bytes: Vec<u8> = (0..dice.roll(200)).map(|_| dice.roll(256) as u8).collect();
            browser("/api/chat", bytes)
        }
        4 => {
            let text = json_text(&pairs);
            let cut = (0..=dice.roll(text.len() + 1)).rev().find(|at| text.is_char_boundary(*at));
            json(text[..cut.unwrap_or(0)].to_owned())
        }
        5 => browser("/api/chat", "a=b&".repeat(dice.roll(100))),
        _ => {
            let mut body = form_urlencoded::Serializer::new(String::new());
            body.extend_pairs(&pairs);
            browser("/api/chat", body.finish())
        }
    }
}

fn value(dice: &mut Dice) -> String {
    let value = dice.pick(&VALUES);
    match dice.roll(40) {
        0 => value.repeat(dice.roll(2_000)),
        1 => value.repeat(5),
        _ => value.to_owned(),
    }
}

fn json_text(pairs: &[(String, String)]) -> String {
    let text = |text: &str| serde_json::to_string(text).unwrap();
    let members: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}:{}", text(name), text(value))).collect();
    format!("{{{}}}", members.join(","))
}

fn json(body: String) -> Request<Bytes> {
    let request = Request::post("/api/chat").header("content-type", "application/json");
    request.body(Bytes::from(body)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn hostile_bodies_do_nothing_and_good_ones_are_stored() {
    let folder = tempfile::tempdir().unwrap();
    let store = sqlite::in_memory().unwrap();
    store.publish(&definition("chat")).await.unwrap();
    let site = Site::over(folder, store, NoMailer);
    let mut dice = Dice(0x00da_151e_5000_0001);
    let mut good = 0_usize;
    let mut accepted = 0_usize;
    let times = std::env::var("THOROUGH").ok().and_then(|times| times.parse().ok());
    let hostile_bodies = HOSTILE * times.unwrap_or(1);
    for number in 0..hostile_bodies {
        let request = hostile(&mut dice);
        let sent = request.body().clone();
        let answer = site.send(request).await;
        match answer.status {
            // By chance some of them are valid replies.
            200 | 303 => accepted += 1,
            400 | 413 | 415 | 422 => {}
            status => panic!("{status} for {:?}", String::from_utf8_lossy(&sent)),
        }
        assert!(!answer.body.contains("<script>"), "{:?}", String::from_utf8_lossy(&sent));
        if number % EVERY == 0 {
            let name = format!("Person {number}");
            let answer =
                site.post("chat", &[("name", &name), ("contact", "rose@example.com")]).await;
            let reply =
                site.service.store().by_reference("chat", answer.reference()).await.unwrap();
            assert_eq!(reply.unwrap().submission.get("name"), Some(name.as_str()));
            good += 1;
        }
    }
    // Only what was acknowledged is stored.
    let (mut stored, mut next) = (0, None);
    loop {
        let page = site
            .service
            .store()
            .queue("chat", ReplyState::New, next.as_deref(), 1_000)
            .await
            .unwrap();
        for reply in &page.items {
            assert!(
                reply.submission.get("name").is_some() && reply.submission.get("contact").is_some()
            );
        }
        stored += page.items.len();
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(good, (hostile_bodies / EVERY) as usize);
    // Equal ones are one reply, so fewer may be stored than were acknowledged.
    assert!((good..=good + accepted).contains(&stored), "{good} {accepted} {stored}");
}
