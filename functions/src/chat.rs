//! Says what a wish for a chat goes through. Pure.

/// The states, the first when it comes in, in the order in which they usually follow.
pub const STATES: [&str; 7] =
    ["new", "assigned", "attempted", "arranged", "done", "unreachable", "withdrawn"];
