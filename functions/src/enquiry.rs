//! Says what any other reply goes through. Pure.

/// The states, the first when it comes in.
pub const STATES: [&str; 3] = ["new", "answered", "closed"];
