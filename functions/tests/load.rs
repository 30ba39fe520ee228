//! As many replies as arrive in a minute at fifty a second, while one call to the store in twenty fails: each
//! is acknowledged, and each acknowledged reply is stored exactly once. `tests/aws/test_deploy.py` does the
//! same with an emulated AWS.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::faulty::{Faulty, Plan};
use common::site::{Site, browser, definition};
use daisychain_functions::http::Visitor;
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::model::{ReplyState, StoredReply};
use daisychain_functions::store::sqlite::{self, Sqlite};
use daisychain_functions::store::{Definitions as _, Replies as _};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

const REPLIES: u32 = 50 * 60;
const AT_ONCE: usize = 16;
/// A visitor who sees that nothing was sent tries again, this often at most.
const TRIES: usize = 20;

type Loaded = Site<Faulty<Sqlite>, FileMailer>;

fn contact(number: u32) -> String {
    format!("01632 {}", 960_000 + number)
}

/// Sends one visitor's form until it is acknowledged. Returns its reference.
async fn visit(site: &Loaded, number: u32) -> String {
    for _ in 0..TRIES {
        let answers = format!("name=Person+{number}&contact={}", contact(number));
        let mut request = browser("/api/chat", answers.replace(' ', "+"));
        request.extensions_mut().insert(Visitor(Ipv4Addr::from(0x0a00_0000 + number).into()));
        let answer = Box::pin(site.send(request)).await;
        if answer.status == 303 {
            return answer.reference().to_owned();
        }
        // No answers are lost: the page that says so shows them.
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.body.contains(&contact(number)), "{answer:?}");
    }
    panic!("a reply was refused {TRIES} times");
}

async fn all_of(store: &Sqlite) -> Vec<StoredReply> {
    let (mut replies, mut after) = (Vec::new(), None);
    loop {
        let page = store.queue("chat", ReplyState::New, after.as_deref(), 500).await.unwrap();
        replies.extend(page.items);
        after = page.next;
        if after.is_none() {
            return replies;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_thanked_for_is_lost_and_nothing_is_there_twice() {
    let folder = tempfile::tempdir().unwrap();
    let inner = sqlite::open(&folder.path().join("replies.sqlite")).unwrap();
    inner.publish(&definition("chat")).await.unwrap();
    let outbox = FileMailer::new(folder.path().join("outbox"));
    let store = Faulty { inner, plan: Plan::never() };
    store.plan.fail_often();
    let site = Site::with(folder, store, outbox, |settings| settings.mail_limit = u64::MAX);
    let site = Arc::new(site);

    let mut numbers = 0..REPLIES;
    let (mut under_way, mut thanked) = (tokio::task::JoinSet::new(), BTreeMap::new());
    loop {
        if under_way.len() < AT_ONCE
            && let Some(number) = numbers.next()
        {
            let site = site.clone();
            under_way.spawn(async move { (contact(number), visit(&site, number).await) });
            continue;
        }
        let Some(done) = under_way.join_next().await else { break };
        let (contact, reference) = done.unwrap();
        thanked.insert(contact, reference);
    }
    assert_eq!(thanked.len(), REPLIES as usize);

    let stored = all_of(&site.service.store().inner).await;
    let found: BTreeMap<String, String> = stored
        .iter()
        .map(|reply| (reply.submission.get("contact").unwrap().to_owned(), reply.reference.clone()))
        .collect();
    assert_eq!(found.len(), stored.len(), "a reply is stored twice");
    assert_eq!(found, thanked);
    for reference in thanked.values() {
        let reply = site.service.store().inner.by_reference("chat", reference).await.unwrap();
        assert_eq!(reply.map(|reply| reply.reference).as_deref(), Some(reference.as_str()));
    }
}
