//! Subscribers of newsletters.

use super::{ConsentEvent, Mailbox, QueuedMail};
use crate::clock::{DAY, Millis};
use serde::{Deserialize, Serialize};

/// A subscriber.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscriber {
    /// The form's name.
    pub form: String,
    /// The keyed hash of the address's identity.
    pub hash: String,
    /// The keyed hash of the address's mailbox, if that is not the identity itself; removed with the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
    /// What they can quote on the telephone; unique within the form.
    pub reference: String,
    /// The address as they typed it; removed when they unsubscribe or are erased.
    pub email: Option<String>,
    /// The state of the subscription.
    pub state: SubscriptionState,
    /// In the link of the last confirmation mail; a new one makes older links invalid.
    pub nonce: String,
    /// When that link expires.
    pub nonce_until: Millis,
    /// The digest of the definition that they last saw.
    pub definition: String,
    /// The language in which they signed up, if it is not the form's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// When the state last changed.
    pub since: Millis,
    /// When they were sent confirmation mails, oldest first.
    pub mailed: Vec<Millis>,
    /// When a pending subscriber is deleted.
    pub expires: Option<Millis>,
    /// The state to which an unconfirmed sign-up returns, if they had unsubscribed or were erased before. So a
    /// stranger who types their address cannot delete the record of what they asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<SubscriptionState>,
    /// Incremented by each change.
    pub version: u64,
}

/// How long a sign-up can be confirmed.
pub const CONFIRM_WITHIN: Millis = 7 * DAY;

impl Subscriber {
    /// When an unconfirmed sign-up of someone who had unsubscribed or was erased returns to that state. `None`
    /// for everyone else.
    pub fn lapses_at(&self) -> Option<Millis> {
        let lapses = self.state == SubscriptionState::Pending && self.before.is_some();
        lapses.then(|| self.nonce_until.max(self.since + CONFIRM_WITHIN))
    }
}

/// The state of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubscriptionState {
    /// Signed up, not confirmed.
    Pending,
    /// Confirmed.
    Active,
    /// Unsubscribed.
    Unsubscribed,
    /// Mail to the address bounces.
    Bounced,
    /// The subscriber reported a mail as unwanted.
    Complained,
    /// Erased on request: only the hash is left, so that nothing is sent again.
    Erased,
}

impl SubscriptionState {
    /// Every state, in the order in which they usually follow.
    pub const ALL: [SubscriptionState; 6] = [
        SubscriptionState::Pending,
        SubscriptionState::Active,
        SubscriptionState::Unsubscribed,
        SubscriptionState::Bounced,
        SubscriptionState::Complained,
        SubscriptionState::Erased,
    ];

    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            SubscriptionState::Pending => "pending",
            SubscriptionState::Active => "active",
            SubscriptionState::Unsubscribed => "unsubscribed",
            SubscriptionState::Bounced => "bounced",
            SubscriptionState::Complained => "complained",
            SubscriptionState::Erased => "erased",
        }
    }
}

/// One change of a subscriber, in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriberChange {
    /// The subscriber after the change.
    pub person: Subscriber,
    /// The version that must be stored; `None` if there must be none.
    pub expected: Option<u64>,
    /// The hash of the mailbox that no longer finds them.
    pub former_mailbox: Option<String>,
    /// The next version of their mailbox's record; `None` if it does not change.
    pub mailbox: Option<Mailbox>,
    /// The evidence.
    pub event: ConsentEvent,
    /// The mails to queue.
    pub mails: Vec<QueuedMail>,
}

/// A subscriber who is to be stored under another hash, and merged with the subscriber stored there, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriberMove {
    /// As stored under the former hash. That hash leads to the new one for ever, because links in mails
    /// contain it.
    pub from: Subscriber,
    /// The subscriber after the change.
    pub person: Subscriber,
    /// The version that must be stored under the new hash; `None` if there must be none.
    pub expected: Option<u64>,
}
