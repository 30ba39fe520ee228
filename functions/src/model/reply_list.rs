//! The lists of replies that the team works from, and which of them a reply is in. Pure.

use super::StoredReply;
use super::claim::{canonical_name, claim_of};
use crate::clock::{self, Millis};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A list of replies to all forms. A reply can be in several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReplyList {
    /// Replies that need the team, the earliest due first.
    Open,
    /// Open replies that no one has claimed, the earliest due first.
    Unassigned,
    /// Held replies that no one has decided on, the earliest due first.
    Held,
    /// Replies that a person has claimed, the earliest due first. Holds the digest of their name, because a key
    /// contains nothing personal.
    ClaimedBy(String),
    /// Replies that were closed in a month, such as `2026-12`, the last closed first.
    Closed(String),
}

impl ReplyList {
    /// The list of replies that this person has claimed.
    pub fn claimed_by(name: &str) -> ReplyList {
        let digest = Sha256::digest(canonical_name(name).as_bytes());
        ReplyList::ClaimedBy(hex::encode(&digest[..16]))
    }

    /// The list of replies that were closed in the month of this time (UTC).
    pub fn closed_in(time: Millis) -> ReplyList {
        ReplyList::Closed(clock::month(time))
    }

    /// Whether the last entry is the first to be read.
    pub(crate) fn is_newest_first(&self) -> bool {
        matches!(self, ReplyList::Closed(_))
    }

    /// The name in the store.
    pub(crate) fn name(&self) -> String {
        match self {
            ReplyList::Open => "open".to_owned(),
            ReplyList::Unassigned => "unassigned".to_owned(),
            ReplyList::Held => "held".to_owned(),
            ReplyList::ClaimedBy(digest) => format!("claimed#{digest}"),
            ReplyList::Closed(month) => format!("closed#{month}"),
        }
    }
}

impl StoredReply {
    /// Whether it needs no more work.
    pub fn is_closed(&self) -> bool {
        self.state.is_closed()
    }

    /// Whether it is held and no one has decided on it.
    pub fn is_held(&self) -> bool {
        self.held.is_some() && self.state.is_first()
    }

    /// Whether it is open although the team should have answered by now.
    pub fn is_overdue(&self, now: Millis) -> bool {
        !self.is_closed() && self.due < now
    }

    /// The names of the lists that it is in, each with the time by which it is sorted there.
    pub(crate) fn lists(&self) -> BTreeMap<String, Millis> {
        let mut lists = BTreeMap::new();
        if self.is_closed() {
            let closed = self.history.iter().rev().take_while(|step| step.to == self.state).last();
            let closed = closed.map_or(self.received, |step| step.at);
            lists.insert(ReplyList::closed_in(closed).name(), closed);
            return lists;
        }
        let owner = match claim_of(self) {
            Some(claim) => ReplyList::claimed_by(claim.by),
            None => ReplyList::Unassigned,
        };
        let held = self.is_held().then_some(ReplyList::Held);
        for list in [Some(ReplyList::Open), Some(owner), held].into_iter().flatten() {
            lists.insert(list.name(), self.due);
        }
        lists
    }
}
