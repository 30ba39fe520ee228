//! A wrong clock deletes no replies, and what was stored while it was wrong is right once the clock is
//! corrected.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::site::{Answer, SITE, Site, WEDNESDAY, browser};
use daisychain_functions::clock::{Clock, DAY, HOUR, Millis, RELEASED};
use daisychain_functions::inbox::Inbox;
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::model::{ReplyState, SendOutcome, StoredReply, SubscriptionState};
use daisychain_functions::store::sqlite::{self, Sqlite};
use daisychain_functions::store::{MailQueue as _, Replies as _, Subscribers as _};

const YEAR: Millis = 365 * DAY;

/// A site with a clock that can be set and a server that can be restarted.
struct Computer {
    site: Site<Sqlite, FileMailer>,
    said: Millis,
}

impl Computer {
    async fn new() -> Computer {
        let forms = ["newsletter", "volunteer", "chat"].map(str::to_owned);
        let site = Site::laptop_with(|settings| settings.forms = forms.to_vec()).await;
        Computer { site, said: WEDNESDAY }
    }

    /// Sets the clock and runs the schedule. Returns whether the schedule ran.
    async fn set(&mut self, time: Millis) -> bool {
        self.site.pass(time - self.said);
        self.said = time;
        self.site.service.run_schedule().await.is_ok()
    }

    /// Advances the clock by this many days while the server runs.
    async fn run_for(&mut self, days: i64) {
        let until = self.said + days * DAY;
        while self.said < until {
            assert!(self.set(until.min(self.said + 5 * DAY)).await);
        }
    }

    /// Restarts the server.
    fn restart(self) -> Computer {
        let Computer { site: Site { service, folder, .. }, said } = self;
        service.store().close().unwrap();
        let store = sqlite::open(&folder.path().join("replies.sqlite")).unwrap();
        let outbox = FileMailer::new(folder.path().join("outbox"));
        let forms = ["newsletter", "volunteer", "chat"].map(str::to_owned);
        let site = Site::with(folder, store, outbox, |settings| settings.forms = forms.to_vec());
        site.pass(said - WEDNESDAY);
        Computer { site, said }
    }

    async fn send(&self, name: &str) -> Answer {
        self.site.post("chat", &[("name", name), ("contact", "01632 960 111")]).await
    }

    async fn replies(&self) -> Vec<StoredReply> {
        self.site.service.store().queue("chat", ReplyState::New, None, 99).await.unwrap().items
    }

    async fn names(&self) -> Vec<String> {
        let replies = self.replies().await;
        let name = |reply: &StoredReply| reply.submission.get("name").unwrap().to_owned();
        let mut names: Vec<String> = replies.iter().map(name).collect();
        names.sort_unstable();
        names
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_corrected_has_removed_nothing() {
    // The time that the clock is set to, and for how many hours. Each case runs with and without a restart.
    let wrong = [
        (0, 1),
        (YEAR, 20),
        (RELEASED - 1, 5),
        (RELEASED + DAY, 30),
        (WEDNESDAY - 10 * DAY, 30),
        (WEDNESDAY + YEAR, 6 * 24),
        (WEDNESDAY + 2 * YEAR, 6 * 24),
        (WEDNESDAY + 30 * YEAR, 40 * 24),
        (WEDNESDAY + 50 * YEAR, 1),
        (WEDNESDAY + 50 * YEAR, 40 * 24),
        (WEDNESDAY + 900 * YEAR, 40 * 24),
    ];
    for (set_to, hours) in wrong {
        for starts_anew in [false, true] {
            let mut computer = Computer::new().await;
            assert_eq!(computer.send("before").await.status, 303);
            computer.run_for(10).await;
            let right = computer.said;
            for from in [0, hours / 2] {
                computer.set(set_to + from * HOUR).await;
                if starts_anew {
                    computer = computer.restart();
                }
                computer.set(set_to + (from + hours / 2) * HOUR).await;
            }
            let what = format!("{set_to} for {hours} hours");
            assert_eq!(computer.names().await, ["before"], "{what}");
            computer.set(right + hours * HOUR).await;
            assert_eq!(computer.names().await, ["before"], "{what}, corrected");
            computer.run_for(40).await;
            assert_eq!(computer.names().await, ["before"], "{what}, and a month later");
            // It is deleted in the end, all the same.
            computer.run_for(YEAR / DAY - 40).await;
            assert_eq!(computer.names().await, [""; 0], "{what}, and a year later");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_before_the_program_was_made_is_refused() {
    for time in [0, YEAR, RELEASED - 1] {
        let mut computer = Computer::new().await;
        let answers = [("name", "Rose"), ("contact", "01632 960 111")];
        assert!(!computer.set(time).await, "{time}");
        let answer = computer.site.post("chat", &answers).await;
        assert_eq!(answer.status, 503, "{time}: {}", answer.body);
        for kept in ["value=\"Rose\"", "value=\"01632 960 111\"", "01632 960123"] {
            assert!(answer.body.contains(kept), "{time}: {kept} in {}", answer.body);
        }
        let sign_up = computer.site.post("newsletter", &[("email", "rose@example.com")]).await;
        assert_eq!(sign_up.status, 503, "{time}");
        let inbox = Inbox::new(
            computer.site.service.store().clone(),
            Some(common::site::keys()),
            Clock::new(move || time),
        );
        let refused = inbox.erase("chat", "01632 960 111").await.unwrap_err().to_string();
        assert!(refused.starts_with("the clock of this computer is wrong: it shows "), "{refused}");
        // With the right time, everything works.
        assert!(computer.set(WEDNESDAY).await);
        assert_eq!(computer.site.post("chat", &answers).await.status, 303);
        computer.run_for(30).await;
        assert_eq!(computer.names().await, ["Rose"]);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_confirms_at_a_time_that_never_was() {
    let mut computer = Computer::new().await;
    computer.site.post("newsletter", &[("email", "rose@example.com")]).await;
    let mail = computer.site.mails().pop().unwrap();
    let link = |what: &str| {
        let begin = mail.find(&format!("{SITE}/api/newsletter/{what}")).unwrap() + SITE.len();
        mail[begin..].split([' ', '\r', '\n', '>', '"']).next().unwrap().to_owned()
    };
    computer.set(0).await;
    assert_eq!(computer.site.send(browser(&link("confirm"), "")).await.status, 503);
    computer.set(WEDNESDAY + HOUR).await;
    assert_eq!(computer.site.send(browser(&link("confirm"), "")).await.status, 200);
    // It is always possible to unsubscribe.
    computer.set(0).await;
    assert_eq!(computer.site.send(browser(&link("leave"), "")).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_computer_that_was_off_for_two_years_removes_what_is_due_after_a_week() {
    for starts_anew in [false, true] {
        let mut computer = Computer::new().await;
        computer.send("long ago").await;
        computer.site.post("newsletter", &[("email", "rose@example.com")]).await;
        computer.run_for(3).await;
        computer.send("on the last day").await;
        computer.site.pass(2 * YEAR);
        computer.said += 2 * YEAR;
        if starts_anew {
            computer = computer.restart();
        }
        computer.set(computer.said).await;
        computer.send("afterwards").await;
        computer.run_for(6).await;
        let all = ["afterwards", "long ago", "on the last day"];
        assert_eq!(computer.names().await, all);
        let people = async |computer: &Computer| {
            let store = computer.site.service.store();
            store
                .subscribers("newsletter", SubscriptionState::Pending, None, 9)
                .await
                .unwrap()
                .items
                .len()
        };
        assert_eq!(people(&computer).await, 1);
        computer.run_for(1).await;
        assert!(!computer.names().await.contains(&"long ago".to_owned()));
        assert_eq!(people(&computer).await, 0);
        computer.run_for(YEAR / DAY - 10).await;
        assert!(computer.names().await.contains(&"afterwards".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_from_before_the_correction_is_kept_as_long_as_promised() {
    // A computer without a battery for its clock continues from when it was switched off, until it gets the
    // time from the network.
    for by in [9 * DAY, 300 * DAY, 2 * YEAR] {
        let mut computer = Computer::new().await;
        computer.run_for(9).await;
        computer.send("before").await;
        computer.run_for(1).await;
        computer = computer.restart();
        computer.set(computer.said + HOUR).await;
        computer.send("in between").await;
        computer.set(computer.said + HOUR + by).await;
        let [.., reply] = &computer.replies().await[..] else { panic!() };
        let reply = if reply.submission.get("name") == Some("in between") {
            reply.clone()
        } else {
            computer.replies().await.remove(0)
        };
        assert_eq!(reply.expires, reply.received + YEAR + by + HOUR, "{by}");
        let store = computer.site.service.store();
        let stored = store.by_reference("chat", &reply.reference).await.unwrap().unwrap();
        assert_eq!(stored.expires, reply.expires, "{by}");
        // What was received while the clock was right is unchanged.
        let replies = computer.replies().await;
        let before = replies.iter().find(|reply| reply.submission.get("name") == Some("before"));
        assert_eq!(before.unwrap().expires, before.unwrap().received + YEAR, "{by}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_of_the_future_is_not_kept_until_then() {
    let mut computer = Computer::new().await;
    computer.run_for(1).await;
    let right = computer.said;
    computer.set(right + 50 * YEAR).await;
    assert_eq!(computer.send("ahead").await.status, 303);
    computer.set(right + DAY).await;
    computer.run_for(10).await;
    // It is unknown when the clock was set back, so the reply is treated as if it had been received a week
    // later.
    computer.run_for(YEAR / DAY - 10).await;
    assert_eq!(computer.names().await, ["ahead"]);
    computer.run_for(20).await;
    assert_eq!(computer.names().await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_was_put_off_by_a_wrong_clock_goes_out() {
    let mut computer = Computer::new().await;
    let store = computer.site.service.store().clone();
    let entry = common::entry("chat", "Rose", WEDNESDAY);
    store.record(&entry).await.unwrap();
    let ahead = WEDNESDAY + 3 * YEAR;
    let leased = store.lease(&entry.mails[0], ahead).await.unwrap().unwrap();
    store.record_outcome(&leased, SendOutcome::Again(ahead)).await.unwrap();
    computer.set(WEDNESDAY + HOUR).await;
    assert_eq!(store.due(ahead + 1, 9).await.unwrap(), []);
}
