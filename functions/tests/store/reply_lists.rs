//! The team's lists of replies, and its search.

use crate::common::entry;
use daisychain_functions::model::{
    NewReply, ReplyList, StateChange, StateChangeOutcome, StoredReply,
};
use daisychain_functions::store::Store;

crate::contract!(
    a_reply_is_in_the_lists_of_its_state,
    a_list_has_pages,
    a_list_has_the_replies_to_one_form_or_to_all,
    closed_replies_are_listed_by_month_the_last_closed_first,
    a_search_term_finds_replies_to_all_forms,
    an_erased_reply_is_in_no_list_and_is_not_found,
);

/// When the replies of these tests are received: 4 November 2026.
const NOW: i64 = 1_793_800_000_000;
const DAY: i64 = 86_400_000;

fn change(from: &str, to: &str, by: Option<&str>, at: i64) -> StateChange {
    StateChange {
        at,
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        by: by.map(str::to_owned),
        note: None,
        email: None,
        taken_over_from: None,
    }
}

async fn moved(store: &impl Store, reply: &StoredReply, step: StateChange) -> StoredReply {
    match store.move_reply(reply, &step, &[]).await.unwrap() {
        StateChangeOutcome::Changed(reply) => reply,
        outcome => panic!("{outcome:?}"),
    }
}

/// The names of the people whose replies are in a list, in its order.
async fn names(store: &impl Store, list: &ReplyList) -> Vec<String> {
    names_of(store.listed(list, None, None, 99).await.unwrap().items)
}

fn names_of(replies: Vec<StoredReply>) -> Vec<String> {
    replies.iter().map(|reply| reply.submission.get("name").unwrap().to_owned()).collect()
}

async fn a_reply_is_in_the_lists_of_its_state(store: impl Store) {
    let mut held = entry("chat", "held", NOW);
    held.reply.held = Some("it has many links".to_owned());
    let first = entry("chat", "first", NOW + 1_000);
    for entry in [&first, &held] {
        store.record(entry).await.unwrap();
    }
    let (asha, tom) = (ReplyList::claimed_by("Asha Patel"), ReplyList::claimed_by("Tom"));
    let lists = [
        ReplyList::Open,
        ReplyList::Unassigned,
        ReplyList::Held,
        asha.clone(),
        tom.clone(),
        ReplyList::closed_in(NOW),
    ];
    let all = async || {
        let mut all = Vec::new();
        for list in &lists {
            all.push(names(&store, list).await.join(" "));
        }
        all
    };
    assert_eq!(all().await, ["held first", "held first", "held", "", "", ""]);
    let claimed = change("new", "assigned", Some(" asha  PATEL"), NOW + 2_000);
    let reply = moved(&store, &first.reply, claimed).await;
    assert_eq!(all().await, ["held first", "held", "held", "first", "", ""]);
    // Nothing of a claim is left when another person takes it over, or gives it back.
    let reply = moved(&store, &reply, change("assigned", "attempted", Some("Tom"), NOW)).await;
    assert_eq!(all().await, ["held first", "held", "held", "", "first", ""]);
    let reply = moved(&store, &reply, change("attempted", "new", Some("Tom"), NOW)).await;
    assert_eq!(all().await, ["held first", "held first", "held", "", "", ""]);
    let released = change("new", "assigned", Some("Tom"), NOW + 3_000);
    moved(&store, &held.reply, released).await;
    assert_eq!(all().await, ["held first", "first", "", "", "held", ""]);
    let reply = moved(&store, &reply, change("new", "done", Some("Tom"), NOW + 4_000)).await;
    assert_eq!(all().await, ["held", "", "", "", "held", "first"]);
    moved(&store, &reply, change("done", "new", None, NOW + 5_000)).await;
    assert_eq!(all().await, ["held first", "first", "", "", "held", ""]);
}

/// Reads a list in pages of this size.
async fn pages(
    store: &impl Store,
    list: &ReplyList,
    form: Option<&str>,
    limit: u32,
) -> Vec<String> {
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let page = store.listed(list, form, next.as_deref(), limit).await.unwrap();
        assert!(page.items.len() <= limit as usize);
        found.extend(names_of(page.items));
        next = page.next;
        if next.is_none() {
            return found;
        }
    }
}

async fn a_list_has_pages(store: impl Store) {
    let mut due: Vec<(i64, String)> = Vec::new();
    // Some are due at the same time.
    for number in [3, 1, 4, 1, 5, 9, 2, 6, 5] {
        let name = format!("person {}", due.len());
        let mut entry = entry("chat", &name, NOW + number);
        entry.reply.due = NOW + number * DAY;
        store.record(&entry).await.unwrap();
        due.push((entry.reply.due, entry.reply.id.clone()));
    }
    due.sort_unstable();
    for limit in [1, 2, 3, 9, 10] {
        let (mut found, mut next) = (Vec::new(), None);
        loop {
            let page = store.listed(&ReplyList::Open, None, next.as_deref(), limit).await.unwrap();
            found.extend(page.items.into_iter().map(|reply| (reply.due, reply.id)));
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(found, due, "{limit} a page");
    }
}

async fn a_list_has_the_replies_to_one_form_or_to_all(store: impl Store) {
    for (number, form) in (0..).zip(["chat", "volunteer", "chat-2", "chat", "volunteer", "chat"]) {
        store.record(&entry(form, &format!("{form} {number}"), NOW + number)).await.unwrap();
    }
    for limit in [1, 2, 9] {
        let chats = pages(&store, &ReplyList::Open, Some("chat"), limit).await;
        assert_eq!(chats, ["chat 0", "chat 3", "chat 5"]);
        let all = pages(&store, &ReplyList::Open, None, limit).await;
        assert_eq!(all.len(), 6);
        assert_eq!(pages(&store, &ReplyList::Open, Some("none"), limit).await, [""; 0]);
    }
}

async fn closed_replies_are_listed_by_month_the_last_closed_first(store: impl Store) {
    for (name, days) in [("one", 1), ("two", 20), ("three", 30), ("four", 3)] {
        let entry = entry("chat", name, NOW);
        store.record(&entry).await.unwrap();
        let at = NOW + days * DAY;
        let done = moved(&store, &entry.reply, change("new", "done", None, at)).await;
        // A note does not close it again.
        moved(&store, &done, change("done", "done", None, at + 40 * DAY)).await;
    }
    let november = ReplyList::Closed("2026-11".to_owned());
    for limit in [1, 2, 9] {
        assert_eq!(pages(&store, &november, None, limit).await, ["two", "four", "one"]);
    }
    let december = ReplyList::Closed("2026-12".to_owned());
    assert_eq!(names(&store, &december).await, ["three"]);
}

fn with_terms(form: &str, name: &str, now: i64, terms: &[&str]) -> NewReply {
    let mut entry = entry(form, name, now);
    entry.reply.search = terms.iter().map(|term| (*term).to_owned()).collect();
    entry
}

async fn a_search_term_finds_replies_to_all_forms(store: impl Store) {
    for (second, (form, name, terms)) in (0..).zip([
        ("chat", "one", &["rose", "phone"][..]),
        ("volunteer", "two", &["rose"]),
        ("chat", "three", &["tom"]),
        ("chat", "four", &["rose"]),
    ]) {
        store.record(&with_terms(form, name, NOW + second * 1_000, terms)).await.unwrap();
    }
    for (term, limit, found) in [
        ("rose", 9, &["four", "two", "one"][..]),
        ("rose", 2, &["four", "two"]),
        ("phone", 9, &["one"]),
        ("ros", 9, &[]),
    ] {
        assert_eq!(names_of(store.search(term, limit).await.unwrap()), found, "{term} {limit}");
    }
}

async fn an_erased_reply_is_in_no_list_and_is_not_found(store: impl Store) {
    let rose = with_terms("chat", "rose", NOW, &["r", "reference-r"]);
    let tom = with_terms("chat", "tom", NOW, &["t", "r"]);
    for entry in [&rose, &tom] {
        store.record(entry).await.unwrap();
    }
    let claimed = change("new", "assigned", Some("Asha"), NOW);
    moved(&store, &rose.reply, claimed).await;
    assert_eq!(names_of(store.search("r", 9).await.unwrap()).len(), 2);
    assert_eq!(store.erase_replies("chat", "person-rose").await.unwrap(), 1);
    for list in [ReplyList::Open, ReplyList::Unassigned] {
        assert_eq!(names(&store, &list).await, ["tom"]);
    }
    assert_eq!(names(&store, &ReplyList::claimed_by("Asha")).await, [""; 0]);
    assert_eq!(names_of(store.search("r", 9).await.unwrap()), ["tom"]);
    assert_eq!(store.search("reference-r", 9).await.unwrap(), []);
}
