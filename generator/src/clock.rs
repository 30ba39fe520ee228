//! Says what time it is: the one room of the generator that reads the clock.

#![allow(clippy::disallowed_methods, reason = "this room is where the clock is read")]

use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since 1970.
pub fn nanoseconds() -> u64 {
    let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(age.as_nanos()).unwrap_or(u64::MAX)
}

/// Seconds since 1970.
pub fn seconds() -> i64 {
    i64::try_from(nanoseconds() / 1_000_000_000).unwrap_or(i64::MAX)
}
