//! Limits mail: all of it in an hour, and what is sent to one mailbox. Counts in the store; mails the team once a day
//! when an hour is full.

use crate::clock::{DAY, HOUR, MINUTE, Millis};
use crate::deadline::Deadline;
use crate::email_address::canonical_mailbox;
use crate::form::Form;
use crate::log;
use crate::mail::{Mailer, templates};
use crate::optimistic::{Decision, UpdateError, update};
use crate::rate_limiter::RateLimiter;
use crate::secret_keys::fill;
use crate::service::Service;
use crate::store::{Letter, MailKind, Mailbox, Owed, Priority, Store, Stored};

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

    /// Counts a mail in a share; false if that is used up.
    async fn counts_within(&self, share: Share) -> bool {
        let limiter = RateLimiter {
            name: format!("mail#{}", share.word()),
            window: HOUR,
            retention: DAY,
            shards: SHARDS,
        };
        let limit = share.limit(self.settings.mail_limit);
        limiter.allows(&self.store, limit, self.clock.now()).await
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
        let name = "mail-alert".to_owned();
        let limiter = RateLimiter { name, window: DAY, retention: 2 * DAY, shards: 1 };
        if limiter.total(&self.store, now).await.map_or(true, |alerts| alerts > 0) {
            return;
        }
        let Some(mail) = templates::alert(&self.settings, form, now) else {
            return;
        };
        match self.mailer.send(&mail).await {
            // Told twice is better than not at all.
            Ok(()) => drop(limiter.count(&self.store, now).await),
            Err(error) => log::event("mail_alert_failed", &[("error", &error.message)]),
        }
    }

    /// Notes an acknowledgement to an address; false where its mailbox has had enough of what anybody
    /// can make us send, or where its owner complained.
    pub(crate) async fn may_acknowledge(&self, address: &str) -> Stored<bool> {
        let hash = self.keys.mailbox(&canonical_mailbox(address));
        let load = || self.store.mailbox(&hash);
        let allowed = update(&self.store, &mut Deadline::unlimited(), load, |known| {
            let known = known.unwrap_or_else(|| Mailbox::new(hash.clone()));
            match known.take_slot(&MailKind::ACKNOWLEDGEMENT, self.clock.now()) {
                Some((_, mailbox)) => Decision::Save(Box::new(mailbox), true),
                None => Decision::Keep(false),
            }
        })
        .await;
        match allowed {
            // So many at once are more than enough.
            Err(UpdateError::Conflict) => Ok(false),
            allowed => Ok(allowed?),
        }
    }
}
