//! What a store holds: replies, subscribers, mailboxes and queued mail. Pure.
//!
//! Records are stored as JSON. A field that an earlier version did not write has a default, so that what it stored
//! can still be read.

#![cfg_attr(
    not(any(feature = "sqlite", feature = "dynamodb")),
    allow(dead_code, reason = "some methods are for stores, and there is none")
)]

pub(crate) mod claim;
mod consent;
pub(crate) mod mailbox;
mod queued_mail;
mod rehash;
mod reply;
mod reply_list;
mod subscriber;
pub mod workflow;

pub use claim::{Claim, claim_of, same_person};
pub use consent::{ConsentEvent, ConsentMethod, ConsentStep};
pub use mailbox::Mailbox;
pub(crate) use mailbox::MailboxLimit;
pub use queued_mail::{MailKind, Priority, QueuedMail, SendOutcome};
pub use reply::{NewReply, Recorded, StateChange, StateChangeOutcome, StoredReply};
pub use reply_list::ReplyList;
pub use subscriber::{
    CONFIRM_WITHIN, Subscriber, SubscriberChange, SubscriberMove, SubscriptionState,
};
pub use workflow::ReplyState;
