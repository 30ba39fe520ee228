//! Reads the clock; no other module of the generator does.

#![allow(clippy::disallowed_methods, reason = "reads the clock")]

use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since 1970-01-01T00:00:00Z.
pub fn nanoseconds() -> u64 {
    let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(age.as_nanos()).unwrap_or(u64::MAX)
}

/// Seconds since 1970-01-01T00:00:00Z.
pub fn seconds() -> i64 {
    i64::try_from(nanoseconds() / 1_000_000_000).unwrap_or(i64::MAX)
}
