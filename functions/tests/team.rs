//! The team's pages, as two members use them in their browsers.

#![cfg(all(feature = "sqlite", feature = "team"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use bytes::Bytes;
use common::site::{Site, WEDNESDAY, keys};
use daisychain_functions::clock::Clock;
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::model::StoredReply;
use daisychain_functions::store::Replies as _;
use daisychain_functions::store::sqlite::Sqlite;
use daisychain_functions::team::TeamPages;
use http::{Method, Request, StatusCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const ORIGIN: &str = "http://127.0.0.1:8100";
const HOUR: i64 = 3_600_000;

/// A site, its team's pages, and their clock.
struct Team {
    site: Site<Sqlite, FileMailer>,
    pages: TeamPages<Sqlite>,
    now: Arc<AtomicI64>,
}

struct Page {
    status: StatusCode,
    body: String,
    headers: http::HeaderMap,
}

impl Page {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Panics unless the page has all these texts.
    #[track_caller]
    fn has(&self, texts: &[&str]) {
        for text in texts {
            assert!(self.body.contains(text), "no {text:?} in {}", self.body);
        }
    }

    #[track_caller]
    fn lacks(&self, texts: &[&str]) {
        for text in texts {
            assert!(!self.body.contains(text), "{text:?} in {}", self.body);
        }
    }

    /// How many changes the page that was shown had seen.
    fn seen(&self) -> String {
        let (_, from) = self.body.split_once("name=\"seen\" value=\"").unwrap();
        from.split('"').next().unwrap().to_owned()
    }
}

/// A member's browser.
#[derive(Clone, Copy)]
struct Browser<'a> {
    team: &'a Team,
    name: &'a str,
}

impl Browser<'_> {
    async fn send(&self, method: Method, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let cookie: String = form_urlencoded::byte_serialize(self.name.as_bytes()).collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1:8100")
            .header("origin", ORIGIN)
            .header("sec-fetch-site", "same-origin")
            .header("cookie", format!("name={cookie}"))
            .body(Bytes::from(body))
            .unwrap();
        let response = self.team.pages.handle(request, &[ORIGIN.to_owned()]).await;
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(body.into()).unwrap();
        Page { status: parts.status, body, headers: parts.headers }
    }

    async fn get(&self, path: &str) -> Page {
        self.send(Method::GET, path, &[]).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.send(Method::POST, path, fields).await
    }
}

impl Team {
    async fn new() -> Team {
        let site = Site::laptop().await;
        let now = Arc::new(AtomicI64::new(WEDNESDAY + HOUR));
        let time = Arc::clone(&now);
        let clock = Clock::new(move || time.load(Ordering::SeqCst));
        let store = site.service.store().clone();
        let pages = TeamPages::new(store, Some(keys()), clock, "Connecting <for> Good");
        Team { site, pages, now }
    }

    fn pass(&self, time: i64) {
        self.now.fetch_add(time, Ordering::SeqCst);
    }

    fn browser<'a>(&'a self, name: &'a str) -> Browser<'a> {
        Browser { team: self, name }
    }

    /// Sends a form as a resident does, and returns the stored reply.
    async fn reply(&self, form: &str, name: &str, contact: &str) -> StoredReply {
        let answers = [("name", name), ("contact", contact), ("adult", "yes")];
        let reference = self.site.post(form, &answers).await.reference().to_owned();
        self.site.service.store().by_reference(form, &reference).await.unwrap().unwrap()
    }
}

fn path(reply: &StoredReply) -> String {
    format!("/replies/{}/{}", reply.form, reply.id)
}

#[tokio::test(start_paused = true)]
async fn a_reply_is_claimed_answered_and_closed_in_the_browser() {
    let team = Team::new().await;
    let reply = team.reply("chat", "Rose <b>", "rose@example.com").await;
    let asha = team.browser("Asha");
    let queue = asha.get("/").await;
    queue.has(&["Rose &lt;b&gt;", &path(&reply), &reply.reference, "answer by "]);
    queue.has(&["Connecting &lt;for&gt; Good", "<a href=\"/\" aria-current=\"page\">Open</a>"]);
    let page = asha.get(&path(&reply)).await;
    page.has(&["mailto:rose@example.com", "no one", "<option value=\"new\" selected>new (now)"]);
    let fields = [("seen", "0"), ("state", "assigned"), ("note", "rings on Monday\r\nat ten")];
    let moved = asha.post(&path(&reply), &fields).await;
    assert_eq!((moved.status, moved.header("location")), (StatusCode::SEE_OTHER, &*path(&reply)));
    // The same form sent twice, by an impatient finger, changes nothing.
    assert_eq!(asha.post(&path(&reply), &fields).await.status, StatusCode::SEE_OTHER);
    let page = asha.get(&path(&reply)).await;
    page.has(&["Asha, since Wed 25 Nov 2026", "new → assigned", "rings on Monday\nat ten"]);
    assert_eq!(page.seen(), "1");
    asha.get("/?list=mine").await.has(&[&path(&reply), "with Asha"]);
    asha.get("/?list=unassigned").await.has(&["Every open reply is with someone."]);
    team.browser("Tom").get("/?list=mine").await.has(&["You have no open replies."]);
    let done = [("seen", "1"), ("state", "done"), ("note", "")];
    assert_eq!(asha.post(&path(&reply), &done).await.status, StatusCode::SEE_OTHER);
    asha.get("/").await.has(&["Nothing is open."]);
    asha.get("/?list=closed").await.has(&[&path(&reply), "<option value=\"2026-11\" selected>"]);
    asha.get("/?list=closed&month=2026-10").await.has(&["Nothing was closed in this month."]);
}

#[tokio::test(start_paused = true)]
async fn who_comes_second_is_told_and_keeps_their_note() {
    let team = Team::new().await;
    let reply = team.reply("chat", "Rose", "01632 960 111").await;
    let (asha, tom) = (team.browser("Asha"), team.browser("Tom"));
    let claim = |note| [("seen", "0"), ("state", "assigned"), ("note", note)];
    assert_eq!(asha.post(&path(&reply), &claim("")).await.status, StatusCode::SEE_OTHER);
    team.pass(HOUR);
    let late = tom.post(&path(&reply), &claim("I know <her> well")).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.has(&["Asha has this reply since Wed 25 Nov 2026", "I know &lt;her&gt; well"]);
    late.has(&["<title>Error: Rose", "Take over from <bdi>Asha</bdi>", "role=\"alert\""]);
    let again = [("seen", &*late.seen()), ("state", "assigned"), ("note", "I know her well")];
    let taken = [&again[..], &[("take", "yes")]].concat();
    assert_eq!(tom.post(&path(&reply), &taken).await.status, StatusCode::SEE_OTHER);
    let page = asha.get(&path(&reply)).await;
    page.has(&["taken over from <bdi>Asha</bdi>", "I know her well", "Take over from <bdi>Tom"]);
    // Asha still has the page from before open, and closes the reply.
    let old = [("seen", "1"), ("state", "done"), ("note", "we spoke")];
    let late = asha.post(&path(&reply), &old).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.has(&["Tom has this reply since", "we spoke", "<option value=\"done\" selected>"]);
}

#[tokio::test(start_paused = true)]
async fn anyone_adds_a_note_and_the_reply_stays_where_it_is() {
    let team = Team::new().await;
    let reply = team.reply("chat", "Rose", "01632 960 111").await;
    let (asha, tom) = (team.browser("Asha"), team.browser("Tom"));
    let claim = [("seen", "0"), ("state", "assigned"), ("note", "")];
    asha.post(&path(&reply), &claim).await;
    let note = [("seen", "1"), ("state", "assigned"), ("note", "she prefers mornings")];
    for _ in 0..2 {
        let noted = tom.post(&path(&reply), &note).await;
        assert_eq!(noted.status, StatusCode::SEE_OTHER);
    }
    let page = tom.get(&path(&reply)).await;
    page.has(&["she prefers mornings", "<bdi>Tom</bdi>: assigned", "Asha, since"]);
    assert_eq!(page.seen(), "2");
    asha.get("/?list=mine").await.has(&[&path(&reply)]);
    for (fields, words) in [
        (
            &[("seen", "2"), ("state", "assigned"), ("note", " \u{200b}")][..],
            "Choose another state",
        ),
        (&[("seen", "2"), ("state", "asigned"), ("note", "x")], "one of the states in the list"),
        (&[("seen", "9"), ("state", "done"), ("note", "x")], "while you had it open"),
        (&[("state", "done"), ("note", "x")], "while you had it open"),
    ] {
        let refused = asha.post(&path(&reply), fields).await;
        refused.has(&[words]);
        assert!(refused.status.is_client_error(), "{fields:?}");
    }
    let nameless = team.browser("").post(&path(&reply), &note).await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    nameless.has(&["Enter your name", "she prefers mornings"]);
}

#[tokio::test(start_paused = true)]
async fn a_resident_is_answered_by_email_once() {
    let team = Team::new().await;
    let reply = team.reply("chat", "Rose <b>", "Rose@example.com").await;
    team.site.service.run_schedule().await.unwrap();
    let before = team.site.mails().len();
    let asha = team.browser("Asha");
    asha.get(&path(&reply)).await.has(&["Email to <bdi>Rose@example.com</bdi>"]);
    let text = "Dear Rose,\r\n\r\nI will ring on Monday.\r\nAsha";
    let fields = [("seen", "0"), ("state", "assigned"), ("note", ""), ("email", text)];
    for _ in 0..2 {
        assert_eq!(asha.post(&path(&reply), &fields).await.status, StatusCode::SEE_OTHER);
    }
    asha.get(&path(&reply)).await.has(&["Email:", "I will ring on Monday.\nAsha"]);
    team.site.pass(2 * HOUR);
    for _ in 0..2 {
        team.site.service.run_schedule().await.unwrap();
    }
    let mails = team.site.mails();
    assert_eq!(mails.len(), before + 1, "{mails:?}");
    let mail = mails.last().unwrap();
    let reference = format!("Your reference is {}", reply.reference);
    for part in ["To: Rose@example.com", "Reply-To: hello@example.org", &reference, "Dear Rose,"] {
        assert!(mail.contains(part), "no {part} in {mail}");
    }
    assert!(!mail.contains("<b>"), "the resident's words are quoted: {mail}");
    // Only who has the reply answers, and what was written is kept.
    let late = [("seen", "1"), ("state", "assigned"), ("note", ""), ("email", "Hello <Rose>")];
    let refused = team.browser("Tom").post(&path(&reply), &late).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.has(&["Asha has this reply", "Hello &lt;Rose&gt;"]);
    // Who gave a number has no field for an email, and a forged one sends nothing.
    let call = team.reply("chat", "Tom", "01632 960 111").await;
    asha.get(&path(&call)).await.lacks(&["name=\"email\""]);
    let forged = asha.post(&path(&call), &fields).await;
    assert_eq!(forged.status, StatusCode::UNPROCESSABLE_ENTITY);
    forged.has(&["gave no email address"]);
    // An erased person is sent nothing that still waits.
    let last = team.reply("volunteer", "Ivy", "ivy@example.com").await;
    let answer = [("seen", "0"), ("state", "contacted"), ("note", ""), ("email", "Welcome")];
    assert_eq!(asha.post(&path(&last), &answer).await.status, StatusCode::SEE_OTHER);
    let person = last.person.clone().unwrap();
    team.site.service.store().erase_replies("volunteer", &person).await.unwrap();
    team.site.pass(HOUR);
    team.site.service.run_schedule().await.unwrap();
    assert!(!team.site.mails().iter().any(|mail| mail.contains("Welcome")));
}

#[tokio::test(start_paused = true)]
async fn who_reported_an_email_is_sent_no_other() {
    use daisychain_functions::mail::feedback::{Feedback, FeedbackKind};
    let team = Team::new().await;
    let reply = team.reply("chat", "Rose", "rose+chat@example.com").await;
    let complaint =
        Feedback { address: "rose@example.com".to_owned(), kind: FeedbackKind::Complained };
    team.site.service.process_feedback(&[complaint]).await.unwrap();
    let fields = [("seen", "0"), ("state", "assigned"), ("note", ""), ("email", "Dear Rose")];
    let refused = team.browser("Asha").post(&path(&reply), &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.has(&["reported one of our emails as unwanted", "Dear Rose"]);
    let stored = team.site.service.store().reply("chat", &reply.id).await.unwrap().unwrap();
    assert_eq!(stored, reply);
}

#[tokio::test(start_paused = true)]
async fn lists_are_filtered_and_paged() {
    let team = Team::new().await;
    for number in 0..27 {
        team.reply("chat", &format!("Person {number:02}"), &format!("01632 9601{number:02}")).await;
        team.site.pass(60_000);
    }
    let offer = team.reply("volunteer", "Ivy", "ivy@example.com").await;
    let spam = [("name", "Buy"), ("contact", "buy@example.com"), ("website", "http://x.example")];
    team.site.post("chat", &spam).await;
    let asha = team.browser("Asha");
    let first = asha.get("/?form=chat").await;
    first.has(&["Person 00", "Person 24", "<option value=\"chat\" selected>"]);
    first.lacks(&["Person 25", "Ivy"]);
    let (_, next) = first.body.split_once("rel=\"next\" href=\"").unwrap();
    let next = next.split('"').next().unwrap().replace("&amp;", "&");
    let second = asha.get(&next).await;
    second.has(&["Person 25", "Person 26", "Buy", "<option value=\"chat\" selected>"]);
    second.lacks(&["Person 24", "rel=\"next\"", "Ivy"]);
    asha.get("/?form=volunteer").await.has(&[&path(&offer)]);
    let held = asha.get("/?list=held").await;
    held.has(&["Buy", "<span class=\"warning\">held</span>"]);
    held.lacks(&["Person", "Ivy"]);
    asha.get("/?list=overdue").await.has(&["Nothing is overdue."]);
    team.pass(20 * 24 * HOUR);
    asha.get("/?list=overdue&form=volunteer").await.has(&["Ivy", "overdue since Wed 2 Dec 2026"]);
    assert_eq!(asha.get("/?list=none").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(start_paused = true)]
async fn a_person_is_found_without_a_personal_word_in_an_address() {
    let team = Team::new().await;
    let chat = team.reply("chat", "Rosalind", "Rose@example.com").await;
    let offer = team.reply("volunteer", "Rosa", "rose@example.com").await;
    team.site.post("newsletter", &[("email", "rose@example.com")]).await;
    let asha = team.browser("Asha");
    asha.get("/search").await.has(&["method=\"post\" action=\"/search\""]);
    for (typed, has, lacks) in [
        ("rosal", vec![path(&chat)], vec![path(&offer)]),
        ("ROS", vec![path(&chat), path(&offer), "2 results".to_owned()], vec![]),
        (
            "rose@example.com",
            vec![path(&chat), path(&offer), "pending since".into(), "3 results".into()],
            vec![],
        ),
        (&chat.reference.to_lowercase(), vec![path(&chat), "1 result".into()], vec![path(&offer)]),
        ("<script>", vec!["Nothing found".into(), "value=\"&lt;script&gt;\"".into()], vec![]),
    ] {
        let found = asha.post("/search", &[("for", typed)]).await;
        found.has(&has.iter().map(String::as_str).collect::<Vec<_>>());
        found.lacks(&lacks.iter().map(String::as_str).collect::<Vec<_>>());
    }
    // A reply leads to the others of the same person.
    asha.get(&path(&chat)).await.has(&[&path(&offer), "Other replies with the same phone"]);
    for page in ["/", "/?list=unassigned", &path(&chat)] {
        let page = asha.get(page).await;
        let addresses = page.body.split("href=\"").skip(1).map(|rest| rest.split('"').next());
        for address in addresses.map(Option::unwrap).filter(|it| !it.starts_with("mailto:")) {
            assert!(!address.to_lowercase().contains("ros"), "{address}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn pages_are_for_this_origin_alone_and_are_never_kept() {
    let team = Team::new().await;
    let reply = team.reply("chat", "Rose", "01632 960 111").await;
    let asha = team.browser("Asha");
    for page in ["/", "/search", "/style.css", &path(&reply), "/none", "/replies/chat/none"] {
        let page = asha.get(page).await;
        assert_eq!(page.header("cache-control"), "no-store");
        assert!(page.header("content-security-policy").starts_with("default-src 'none';"));
        assert_eq!(page.header("referrer-policy"), "same-origin");
        page.lacks(&["<script", "style=\""]);
        assert!(page.body.len() < 40_000);
    }
    for (path, status) in [("/none", 404), ("/replies/chat/none", 404), ("/replies/lunch/x", 404)] {
        assert_eq!(asha.get(path).await.status.as_u16(), status, "{path}");
    }
    assert_eq!(asha.post("/", &[]).await.status.as_u16(), 405);
    // A page of the site, which runs on the same computer at another port, can neither read nor change anything.
    let path = path(&reply);
    for (origin, site) in [
        ("http://127.0.0.1:8000", "same-site"),
        ("http://evil.example", "cross-site"),
        ("null", "cross-site"),
    ] {
        for method in [Method::GET, Method::POST] {
            let request = Request::builder()
                .method(method)
                .uri(&path)
                .header("host", "127.0.0.1:8100")
                .header("origin", origin)
                .header("sec-fetch-site", site)
                .header("sec-fetch-mode", "no-cors")
                .header("cookie", "name=Asha")
                .body(Bytes::from("seen=0&state=done"))
                .unwrap();
            let response = team.pages.handle(request, &[ORIGIN.to_owned()]).await;
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{origin}");
            assert!(!String::from_utf8_lossy(response.body()).contains("Rose"));
        }
    }
    let stored = team.site.service.store().reply("chat", &reply.id).await.unwrap().unwrap();
    assert_eq!(stored, reply);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_shows_a_page_with_the_note() {
    let team = Team::new().await;
    let reply = team.reply("chat", "Rose", "01632 960 111").await;
    let asha = team.browser("Asha");
    team.site.service.store().close().unwrap();
    let fields = [("seen", "0"), ("state", "assigned"), ("note", "rings on <Monday>")];
    let failed = asha.post(&path(&reply), &fields).await;
    assert_eq!(failed.status, StatusCode::SERVICE_UNAVAILABLE);
    failed.has(&["Your note was not saved", "rings on &lt;Monday&gt;"]);
    assert_eq!(asha.get("/").await.status, StatusCode::SERVICE_UNAVAILABLE);
}
