//! The team's lists of replies, and its search, over one store.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::site::{Site, WEDNESDAY};
use daisychain_functions::clock::Clock;
use daisychain_functions::inbox::{Inbox, Referenced, ReplyFilter, SearchResults};
use daisychain_functions::model::StoredReply;
use daisychain_functions::store::Replies as _;

#[tokio::test(start_paused = true)]
async fn a_search_finds_a_person_over_all_forms() {
    let site = Site::laptop().await;
    let now = Clock::new(|| WEDNESDAY + 60_000);
    let store = site.service.store().clone();
    let inbox = Inbox::new(store, Some(common::site::keys()), now);
    let send = async |form: &str, name: &str, contact: &str| {
        let answers = [("name", name), ("contact", contact), ("adult", "yes")];
        site.post(form, &answers).await.reference().to_owned()
    };
    let chat = send("chat", "Rosalind O’Neill", "Rose@Example.com").await;
    let call = send("chat", "José Rosario", "01632 960 111").await;
    let offer = send("volunteer", "Ro O'Neill", "rose@example.com").await;
    site.post("newsletter", &[("email", "rose@example.com")]).await;
    let references = |found: &SearchResults| {
        let mut references: Vec<String> =
            found.replies.iter().map(|reply| reply.reference.clone()).collect();
        references.sort_unstable();
        references
    };
    let (spaced, lower) = (call.replace('-', " "), chat.to_lowercase());
    for (typed, replies, people) in [
        ("rose@EXAMPLE.com", vec![&chat, &offer], 1),
        ("+44 1632 960111", vec![&call], 0),
        (spaced.as_str(), vec![&call], 0),
        (lower.as_str(), vec![&chat], 0),
        ("Ros", vec![&chat, &call], 0),
        ("rosali", vec![&chat], 0),
        ("JOSE", vec![&call], 0),
        ("rosario josé", vec![&call], 0),
        ("oneill", vec![&chat, &offer], 0),
        ("o'neill ro", vec![&offer], 0),
        ("ro", vec![&offer], 0),
        ("rosamund", vec![], 0),
        ("neill", vec![], 0),
        ("rose@example.org", vec![], 0),
        ("01632 960 112", vec![], 0),
        ("…", vec![], 0),
    ] {
        let mut replies: Vec<String> = replies.into_iter().cloned().collect();
        replies.sort_unstable();
        let found = inbox.search(typed, 50).await.unwrap();
        assert_eq!((references(&found), found.people.len()), (replies, people), "{typed}");
        assert!(!found.is_limited);
    }
    assert!(inbox.search("ros", 2).await.unwrap().is_limited);
    let Referenced::Reply(first) = inbox.find("chat", &chat).await.unwrap() else { panic!() };
    let others = inbox.others_of(&first).await.unwrap();
    assert_eq!(others.iter().map(|reply| &reply.reference).collect::<Vec<_>>(), [&offer]);
    // What is erased is not found by any of its terms.
    inbox.erase("chat", "rose@example.com").await.unwrap();
    for typed in ["rosalind", &chat, "rose@example.com"] {
        let found = inbox.search(typed, 50).await.unwrap();
        assert!(!references(&found).contains(&chat), "{typed}");
    }
}

#[tokio::test(start_paused = true)]
async fn overdue_replies_are_those_that_were_due_by_now() {
    let site = Site::laptop().await;
    let store = site.service.store().clone();
    for (name, days) in [("late", 1), ("today", 3), ("later", 9)] {
        let mut entry = common::entry("chat", name, WEDNESDAY);
        entry.reply.due = WEDNESDAY + days * 86_400_000;
        store.record(&entry).await.unwrap();
    }
    let inbox = |days: i64| {
        let now = Clock::new(move || WEDNESDAY + days * 86_400_000);
        Inbox::new(store.clone(), None, now)
    };
    for (day, overdue) in [
        (0, &[][..]),
        (1, &[]),
        (2, &["late"]),
        (4, &["late", "today"]),
        (10, &["late", "today", "later"]),
    ] {
        for limit in [1, 2, 3, 9] {
            let (mut names, mut next) = (Vec::new(), None);
            loop {
                let filter = ReplyFilter::Overdue;
                let page = inbox(day).list(&filter, None, next.as_deref(), limit).await.unwrap();
                let of = |reply: &StoredReply| reply.submission.get("name").unwrap().to_owned();
                names.extend(page.items.iter().map(of));
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
            assert_eq!(names, overdue, "day {day}, {limit} a page");
        }
    }
}
