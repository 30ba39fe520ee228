//! The states that replies go through, by the purpose of their form.

use crate::form::Purpose;

/// A request for a chat.
const CHAT: [&str; 7] =
    ["new", "assigned", "attempted", "arranged", "done", "unreachable", "withdrawn"];
/// An offer of help.
const VOLUNTEER: [&str; 7] =
    ["interested", "contacted", "conversation", "matched", "active", "paused", "left"];
/// Any other reply.
const ENQUIRY: [&str; 3] = ["new", "answered", "closed"];
/// A held sign-up to a newsletter, which a person decides on.
pub const HELD_SIGN_UP: [&str; 3] = ["held", "accepted", "refused"];

/// The states of a form's replies, in their usual order.
pub fn states(purpose: Purpose) -> &'static [&'static str] {
    match purpose {
        Purpose::Newsletter => &HELD_SIGN_UP,
        Purpose::Volunteer => &VOLUNTEER,
        Purpose::Chat => &CHAT,
        Purpose::Enquiry => &ENQUIRY,
    }
}

/// All states that a form's replies may have, those of its purpose first: the form may have had another purpose
/// earlier.
pub fn every_state(purpose: Purpose) -> Vec<&'static str> {
    let all = [purpose, Purpose::Chat, Purpose::Volunteer, Purpose::Enquiry, Purpose::Newsletter];
    let mut every = Vec::new();
    for state in all.into_iter().flat_map(states) {
        if !every.contains(state) {
            every.push(*state);
        }
    }
    every
}

/// The states in which a reply needs no more work.
const CLOSED: [&str; 10] = [
    "done",
    "unreachable",
    "withdrawn",
    "active",
    "paused",
    "left",
    "answered",
    "closed",
    "accepted",
    "refused",
];

/// Whether a reply in this state needs no more work.
pub(crate) fn is_closed(state: &str) -> bool {
    CLOSED.contains(&state)
}

/// Whether replies of some form begin in this state.
pub(crate) fn is_first(state: &str) -> bool {
    [CHAT[0], VOLUNTEER[0], ENQUIRY[0], HELD_SIGN_UP[0]].contains(&state)
}
