//! Limits all mail in an hour, and mail to one mailbox. Counts in the store; notifies the team once a day if the hourly
//! limit is reached.

use crate::clock::{DAY, HOUR, MINUTE, Millis};
use crate::deadline::Deadline;
use crate::email_address::canonical_mailbox;
use crate::form::Form;
use crate::log;
use crate::mail::{Mailer, templates};
use crate::model::{MailKind, Mailbox, MailboxLimit, Priority, QueuedMail};
use crate::optimistic::{Decision, UpdateError, update};
use crate::rate_limiter::RateLimiter;
use crate::secret_keys::fill;
use crate::service::Service;
use crate::store::{Store, StoreResult};

/// Over how many counters an hour's mails are spread.
const SHARDS: u64 = 8;

/// The hourly limit is divided into shares, so that many mails of one kind do not block the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    /// Mails to residents: confirmations and acknowledgements.
    Residents,
    /// Mails to the team, and those that its members write.
    Team,
    /// Mails of [`Priority::Low`], and those whose own share is used up.
    Rest,
}

impl Share {
    /// The shares that a mail may use, in order of preference.
    fn of(queued: &QueuedMail) -> &'static [Share] {
        match (queued.priority, queued.kind) {
            (Priority::Low, _) => &[Share::Rest],
            (Priority::Normal, MailKind::Notice | MailKind::HeldSummary | MailKind::Answer) => {
                &[Share::Team, Share::Rest]
            }
            (Priority::Normal, MailKind::Acknowledgement | MailKind::Confirmation) => {
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

    /// Its part of the hourly limit: half for residents, a quarter each for the team and the rest.
    fn limit(self, all: u64) -> u64 {
        match self {
            Share::Residents => all / 2,
            Share::Team => all / 4,
            Share::Rest => all - all / 2 - all / 4,
        }
    }
}

impl<S: Store, M: Mailer> Service<S, M> {
    /// Counts a mail; false if the limit of this hour is reached.
    pub(crate) async fn may_mail(&self, form: &Form, queued: &QueuedMail) -> bool {
        for share in Share::of(queued) {
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

    /// When a mail over the hourly limit is tried again: early in the next hour or, with low priority, at a random time
    /// in it, so that new mails are not queued behind all of these.
    pub(crate) fn next_hour(&self, queued: &QueuedMail) -> Millis {
        let mut byte = [0];
        fill(&mut byte);
        let spread = match queued.priority {
            Priority::Normal => MINUTE,
            Priority::Low => HOUR - MINUTE,
        };
        (self.clock.now() / HOUR + 1) * HOUR + spread * Millis::from(byte[0]) / 255
    }

    /// Notifies the team, once a day and without a limit. It is counted after it was sent.
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
            // Two notifications are better than none.
            Ok(()) => drop(limiter.count(&self.store, now).await),
            Err(error) => log::event("mail_alert_failed", &[("error", &error.message)]),
        }
    }

    /// Records an acknowledgement to an address; false if the limit of its mailbox is reached, or if its owner
    /// complained.
    pub(crate) async fn may_acknowledge(&self, address: &str) -> StoreResult<bool> {
        let hash = self.keys.mailbox(&canonical_mailbox(address));
        let load = || self.store.mailbox(&hash);
        // If a write that failed was stored after all, a retry would find the slot taken, and the mail would be lost.
        let allowed = update(&self.store, &mut Deadline::without_retry(), load, |known| {
            let known = known.unwrap_or_else(|| Mailbox::new(hash.clone()));
            match known.take_slot(&MailboxLimit::ACKNOWLEDGEMENT, self.clock.now()) {
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
