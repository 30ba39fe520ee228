//! How much mail one mailbox was sent, and whether it may be sent more.

use crate::clock::{DAY, MINUTE, Millis};
use serde::{Deserialize, Serialize};

/// What is known about a mailbox, across all forms and all its addresses. It holds no address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The keyed hash of the mailbox.
    pub hash: String,
    /// Since when nothing is sent to it, because its owner reported one of our mails as unwanted.
    pub suppressed: Option<Millis>,
    /// When mails that anyone could have caused were sent, or are to be sent; oldest first.
    #[serde(default)]
    pub mailed: Vec<Millis>,
    /// Incremented by each change.
    pub version: u64,
}

impl Mailbox {
    /// A mailbox with no history.
    pub fn new(hash: String) -> Mailbox {
        Mailbox { hash, suppressed: None, mailed: Vec::new(), version: 0 }
    }

    /// When the next mail of this kind may be sent; `None` if the limit is reached or the mailbox is
    /// suppressed. Later than `now` only for a mail that can wait.
    fn next_slot(&self, kind: &MailboxLimit, now: Millis) -> Option<Millis> {
        let last = self.mailed.last().copied().unwrap_or(Millis::MIN / 2);
        let slot = now.max(last + MIN_INTERVAL);
        let fits = kind.limits.iter().all(|(most, within)| {
            self.mailed.iter().filter(|at| slot - **at < *within).count() < *most
        });
        (self.suppressed.is_none() && slot <= now + kind.max_delay && fits).then_some(slot)
    }

    /// Takes the next slot for a mail of this kind. Returns its time and the record to store.
    pub(crate) fn take_slot(&self, kind: &MailboxLimit, now: Millis) -> Option<(Millis, Mailbox)> {
        let slot = self.next_slot(kind, now)?;
        let mut mailbox = self.clone();
        mailbox.mailed.retain(|at| slot - at < MAIL_HISTORY);
        mailbox.mailed.push(slot);
        mailbox.version += 1;
        Some((slot, mailbox))
    }

    /// When the record can be deleted; `None` for never.
    pub(crate) fn expires(&self) -> Option<Millis> {
        match self.suppressed {
            Some(_) => None,
            None => Some(self.mailed.last().copied().unwrap_or_default() + MAIL_HISTORY),
        }
    }

    /// Whether this is the next version after the stored one.
    #[cfg(feature = "sqlite")]
    pub(crate) fn follows(&self, stored: Option<u64>) -> bool {
        stored.unwrap_or(0) + 1 == self.version
    }
}

/// How long the mails to a mailbox count.
pub(crate) const MAIL_HISTORY: Millis = 30 * DAY;
/// The least time between two mails to one mailbox.
pub(crate) const MIN_INTERVAL: Millis = 10 * MINUTE;

/// How often one mailbox is sent a mail that anyone can cause by typing an address into a form. It counts
/// all forms, all addresses of the mailbox and all kinds of mail together.
pub(crate) struct MailboxLimit {
    /// How many mails, and within what time.
    limits: [(usize, Millis); 2],
    /// How long the mail may wait for its slot.
    max_delay: Millis,
}

impl MailboxLimit {
    /// The page promises this mail, so it may wait a little if the mailbox was just sent another.
    pub(crate) const CONFIRMATION: MailboxLimit =
        MailboxLimit { limits: [(3, DAY), (5, MAIL_HISTORY)], max_delay: 30 * MINUTE };
    /// The page has shown the same text, so this mail is sent at once or not at all, and leaves slots for confirmations.
    pub(crate) const ACKNOWLEDGEMENT: MailboxLimit =
        MailboxLimit { limits: [(2, DAY), (4, MAIL_HISTORY)], max_delay: 0 };
}
