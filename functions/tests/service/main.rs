//! The service with SQLite: what residents see, what is stored, and which emails are sent.

#![cfg(feature = "sqlite")]
#![allow(clippy::disallowed_methods, reason = "a test reads its own files")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod rate_limits;
mod replies;
mod requests;
mod spam;
mod subscriptions;

/// A reply to the form `chat`.
const CHAT: [(&str, &str); 4] = [
    ("name", "Mrs P."),
    ("contact", "01632 960 111"),
    ("best_time", "weekday mornings"),
    ("anything", "I'd like to hear a voice.\r\nAnd tea."),
];
