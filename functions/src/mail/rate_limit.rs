//! Limits mail: all of it in an hour, and what is sent to one mailbox. Counts in the store; mails the team once a day
//! when an hour is full.

use crate::clock::{DAY, HOUR, MINUTE, Millis};
use crate::email_address::mailbox;
use crate::form::Form;
use crate::log;
use crate::mail::{Mailer, templates};
use crate::secret_keys::fill;
use crate::service::Service;
use crate::store::{Letter, MailKind, Mailbox, Owed, Priority, Store, Stored};
use crate::subscribers::TRIES;

/// Into how many counters an hour's mails are counted, since one item of a table takes only so many
/// writes a second.
const SHARDS: u64 = 8;

/// Each hour's mails are divided, so that a flood of one kind leaves room for the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    /// To residents: confirmations and acknowledgements.
    Residents,
    /// Notices to the team.
    Team,
    /// Whatever is of [`Priority::Low`], and what found the share of its kind used up.
    Rest,
}

impl Share {
    /// The shares that a mail may use, in this order.
    fn of(owed: &Owed) -> &'static [Share] {
        match (owed.priority, owed.letter) {
            (Priority::Low, _) => &[Share::Rest],
            (Priority::Normal, Letter::Notice | Letter::HeldSummary) => &[Share::Team, Share::Rest],
            (Priority::Normal, Letter::Acknowledgement | Letter::Confirmation) => {
                &[Share::Residents, Share::Rest]
            }
        }
    }

    /// The word in the name of its counters.
    fn word(self) -> &'static str {
        match self {
            Share::Residents => "residents",
            Share::Team => "team",
            Share::Rest => "rest",
        }
    }

    /// How many mails it has, of all that may go out in an hour: half for residents, a quarter each for
    /// the team and for the rest.
    fn limit(self, all: u64) -> u64 {
        match self {
            Share::Residents => all / 2,
            Share::Team => all / 4,
            Share::Rest => all - all / 2 - all / 4,
        }
    }
}

impl<S: Store, M: Mailer> Service<S, M> {
    /// Counts a mail; false where this hour has had its fill of such mails.
    pub(crate) async fn may_mail(&self, form: &Form, owed: &Owed) -> bool {
        for share in Share::of(owed) {
            if self.counts_within(*share).await {
                return true;
            }
        }
        log::event("mail_limit", &[("form", form.name())]);
        self.alert_team(form).await;
        false
    }

    /// Counts a mail in a share; false where that is used up.
    async fn counts_within(&self, share: Share) -> bool {
        let (now, limit) = (self.clock.now(), share.limit(self.settings.mail_limit));
        let word = share.word();
        let shards: Vec<String> =
            (0..SHARDS).map(|shard| format!("mail#{word}#{}#{shard}", now / HOUR)).collect();
        let mut byte = [0];
        fill(&mut byte);
        let own = &shards[usize::from(byte[0]) % shards.len()];
        // A limit that cannot be counted is no reason to keep mail back.
        let Ok(count) = self.store.count(own, now + DAY).await else {
            return true;
        };
        // Within its part a shard does not ask the others, which saves eight reads a mail.
        count <= limit / SHARDS || self.store.counted(&shards).await.unwrap_or(0) <= limit
    }

    /// When a mail that found its hour full is tried again: early in the next hour, or, if it is of low
    /// priority, at any time in it, so that mails that come then need not queue behind all of these.
    pub(crate) fn next_hour(&self, owed: &Owed) -> Millis {
        let mut byte = [0];
        fill(&mut byte);
        let spread = match owed.priority {
            Priority::Normal => MINUTE,
            Priority::Low => HOUR - MINUTE,
        };
        (self.clock.now() / HOUR + 1) * HOUR + spread * Millis::from(byte[0]) / 255
    }

    /// One mail a day to the team. No limit holds it back, and it is counted once it went out.
    async fn alert_team(&self, form: &Form) {
        let now = self.clock.now();
        let counter = format!("mail-alert#{}", now / DAY);
        let told = self.store.counted(std::slice::from_ref(&counter)).await;
        if told.is_err() || told.is_ok_and(|times| times > 0) {
            return;
        }
        let Some(mail) = templates::alert(&self.settings, form, now) else {
            return;
        };
        match self.mailer.send(&mail).await {
            // Told twice is better than not at all.
            Ok(()) => drop(self.store.count(&counter, now + 2 * DAY).await),
            Err(error) => log::event("mail_alert_failed", &[("error", &error.message)]),
        }
    }

    /// Notes an acknowledgement to an address; false where its mailbox has had enough of what anybody
    /// can make us send, or where its owner complained.
    pub(crate) async fn may_acknowledge(&self, address: &str) -> Stored<bool> {
        let hash = self.keys.mailbox(&mailbox(address));
        for _ in 0..TRIES {
            let known = self.store.mailbox(&hash).await?;
            let known = known.unwrap_or_else(|| Mailbox::new(hash.clone()));
            let slot = known.take_slot(&MailKind::ACKNOWLEDGEMENT, self.clock.now());
            let Some((_, mailbox)) = slot else { return Ok(false) };
            if self.store.save_mailbox(&mailbox).await? {
                return Ok(true);
            }
        }
        // Very many at once: that is enough.
        Ok(false)
    }
}
