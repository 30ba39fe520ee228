//! Says what an offer of help goes through. Pure.

/// The states, the first when it comes in, in the order in which they usually follow.
pub const STATES: [&str; 7] =
    ["interested", "contacted", "conversation", "matched", "active", "paused", "left"];
