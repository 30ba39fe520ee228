//! The brakes on mail: over all of it, and for each address. Counts in the store, and tells the team
//! once a day when the first one holds.

use super::Service;
use super::patience::Patience;
use crate::clock::{DAY, HOUR, MINUTE, Millis};
use crate::form::Form;
use crate::keys::fill;
use crate::log;
use crate::mail::{Mailer, letter};
use crate::store::{Store, Stored};
use crate::submission::{identity, mailbox};

/// Into how many counters an hour's mails are counted, since one item of a table takes only so many
/// writes a second.
const SHARDS: u64 = 8;

/// How many mails that nobody confirms one address is sent, and within what time; over all forms.
const ADDRESS_LIMITS: [(u64, Millis); 3] = [(1, 10 * MINUTE), (3, DAY), (5, 30 * DAY)];

/// How many sign-ups under different spellings one letter box has in a day, before a person looks at
/// them.
const MOST_SPELLINGS: u64 = 3;

impl<S: Store, M: Mailer> Service<S, M> {
    /// Counts a mail; false where this hour has had its fill.
    pub(super) async fn may_mail(&self, form: &Form) -> bool {
        let (now, limit) = (self.clock.now(), self.settings.mail_limit);
        let shards: Vec<String> =
            (0..SHARDS).map(|shard| format!("mail#{}#{shard}", now / HOUR)).collect();
        let mut byte = [0];
        fill(&mut byte);
        let own = &shards[usize::from(byte[0]) % shards.len()];
        // A brake that does not work is no reason to keep mail back.
        let Ok(count) = self.store.count(own, now + DAY).await else {
            return true;
        };
        // Within its share a shard does not ask the others, which saves eight reads a mail. So a few
        // mails more than the limit may go out; the brake is for floods, where that is nothing.
        if count <= limit / SHARDS {
            return true;
        }
        let sum = self.store.counted(&shards).await.unwrap_or(0);
        if sum <= limit {
            return true;
        }
        log::event("mail_limit", &[("form", form.name())]);
        self.tell_of_brake(form).await;
        false
    }

    /// One mail a day to the team. It goes past the brake, and is counted once it went out.
    async fn tell_of_brake(&self, form: &Form) {
        let now = self.clock.now();
        let counter = format!("mail-alert#{}", now / DAY);
        let told = self.store.counted(std::slice::from_ref(&counter)).await;
        if told.is_err() || told.is_ok_and(|times| times > 0) {
            return;
        }
        let Some(mail) = letter::alert(&self.settings, form, now) else {
            return;
        };
        match self.mailer.send(&mail).await {
            // Told twice is better than not at all.
            Ok(()) => drop(self.store.count(&counter, now + 2 * DAY).await),
            Err(error) => log::event("mail_alert_failed", &[("error", &error.message)]),
        }
    }

    /// Counts a sign-up of an address that is one of many for the same letter box (`rose+1@…`,
    /// `RoSe@…`, `r.ose@…`); true where one letter box has been signed up so often today that it looks
    /// like an attack on it.
    pub(super) async fn many_spellings(&self, address: &str, patience: &Patience) -> bool {
        let mailbox = mailbox(address);
        // The mailbox's own address has limits of its own, as one subscriber.
        if mailbox == identity(address) {
            return false;
        }
        let today = self.clock.now() / DAY;
        let person = self.keys.person("", &mailbox);
        let counter = format!("address#{person}#spellings#{today}");
        let count = patience.call_for_extra(self.store.count(&counter, (today + 2) * DAY)).await;
        count.is_ok_and(|count| count > MOST_SPELLINGS)
    }

    /// Counts a mail to an address; false where its mailbox has had enough of what anybody can make us
    /// send, or where its owner complained.
    pub(super) async fn may_write_to(&self, address: &str) -> Stored<bool> {
        let now = self.clock.now();
        let known = self.store.mailbox(&self.keys.mailbox(&mailbox(address))).await?;
        if known.is_some_and(|mailbox| mailbox.suppressed.is_some()) {
            return Ok(false);
        }
        let person = self.keys.person("", &mailbox(address));
        let mut allowed = true;
        for (most, within) in ADDRESS_LIMITS {
            let counter = format!("address#{person}#{}#{}", within / MINUTE, now / within);
            allowed &= self.store.count(&counter, now + within + DAY).await? <= most;
        }
        Ok(allowed)
    }
}
