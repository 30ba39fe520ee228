//! The states that replies go through, by the purpose of their form. Pure.

use crate::form::Purpose;
use serde::{Deserialize, Serialize};

/// The state of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the states are words of the team; docs/replies.md explains them")]
pub enum ReplyState {
    New,
    Assigned,
    Attempted,
    Arranged,
    Done,
    Unreachable,
    Withdrawn,
    Interested,
    Contacted,
    Conversation,
    Matched,
    Active,
    Paused,
    Left,
    Answered,
    Closed,
    Held,
    Accepted,
    Refused,
}

impl ReplyState {
    /// Every state.
    const ALL: [ReplyState; 19] = [
        ReplyState::New,
        ReplyState::Assigned,
        ReplyState::Attempted,
        ReplyState::Arranged,
        ReplyState::Done,
        ReplyState::Unreachable,
        ReplyState::Withdrawn,
        ReplyState::Interested,
        ReplyState::Contacted,
        ReplyState::Conversation,
        ReplyState::Matched,
        ReplyState::Active,
        ReplyState::Paused,
        ReplyState::Left,
        ReplyState::Answered,
        ReplyState::Closed,
        ReplyState::Held,
        ReplyState::Accepted,
        ReplyState::Refused,
    ];

    /// The word in the store, and for the team.
    pub const fn as_str(self) -> &'static str {
        match self {
            ReplyState::New => "new",
            ReplyState::Assigned => "assigned",
            ReplyState::Attempted => "attempted",
            ReplyState::Arranged => "arranged",
            ReplyState::Done => "done",
            ReplyState::Unreachable => "unreachable",
            ReplyState::Withdrawn => "withdrawn",
            ReplyState::Interested => "interested",
            ReplyState::Contacted => "contacted",
            ReplyState::Conversation => "conversation",
            ReplyState::Matched => "matched",
            ReplyState::Active => "active",
            ReplyState::Paused => "paused",
            ReplyState::Left => "left",
            ReplyState::Answered => "answered",
            ReplyState::Closed => "closed",
            ReplyState::Held => "held",
            ReplyState::Accepted => "accepted",
            ReplyState::Refused => "refused",
        }
    }

    /// Whether one person works on a reply in this state. Moving a reply to it claims the reply.
    pub(crate) const fn is_working(self) -> bool {
        use ReplyState::{Arranged, Assigned, Attempted, Contacted, Conversation, Matched};
        matches!(self, Assigned | Attempted | Arranged | Contacted | Conversation | Matched)
    }

    /// Whether a reply in this state needs no more work.
    pub(crate) const fn is_closed(self) -> bool {
        !self.is_working() && !self.is_first()
    }

    /// Whether replies of some form begin in this state.
    pub(crate) const fn is_first(self) -> bool {
        matches!(self, ReplyState::New | ReplyState::Interested | ReplyState::Held)
    }
}

impl AsRef<str> for ReplyState {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl std::fmt::Display for ReplyState {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// A word that is no state of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no reply has such a state")]
pub struct UnknownReplyState;

impl std::str::FromStr for ReplyState {
    type Err = UnknownReplyState;

    fn from_str(word: &str) -> Result<ReplyState, UnknownReplyState> {
        let mut all = ReplyState::ALL.into_iter();
        all.find(|state| state.as_str() == word).ok_or(UnknownReplyState)
    }
}

/// The states of a form's replies, in their usual order.
pub fn states(purpose: Purpose) -> &'static [ReplyState] {
    use ReplyState::{
        Accepted, Active, Answered, Arranged, Assigned, Attempted, Closed, Contacted, Conversation,
        Done, Held, Interested, Left, Matched, New, Paused, Refused, Unreachable, Withdrawn,
    };
    match purpose {
        // Held sign-ups, on which a person decides.
        Purpose::Newsletter => &[Held, Accepted, Refused],
        Purpose::Volunteer => &[Interested, Contacted, Conversation, Matched, Active, Paused, Left],
        Purpose::Chat => &[New, Assigned, Attempted, Arranged, Done, Unreachable, Withdrawn],
        Purpose::Enquiry => &[New, Answered, Closed],
    }
}

/// All states that a form's replies may have, those of its purpose first: the form may have had another purpose
/// earlier.
pub fn every_state(purpose: Purpose) -> Vec<ReplyState> {
    let all = [purpose, Purpose::Chat, Purpose::Volunteer, Purpose::Enquiry, Purpose::Newsletter];
    let mut every = Vec::new();
    for state in all.into_iter().flat_map(states) {
        if !every.contains(state) {
            every.push(*state);
        }
    }
    every
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_in_the_store() {
        for state in ReplyState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert_eq!("asigned".parse::<ReplyState>(), Err(UnknownReplyState));
        let purposes = [Purpose::Newsletter, Purpose::Volunteer, Purpose::Chat, Purpose::Enquiry];
        let mut every: Vec<_> = purposes.into_iter().flat_map(states).copied().collect();
        every.sort_unstable();
        every.dedup();
        assert_eq!(every, ReplyState::ALL);
    }
}
