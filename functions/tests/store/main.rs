//! The contract of a store: every test runs with SQLite and with an emulated DynamoDB.

#![cfg(any(feature = "sqlite", feature = "dynamodb"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod claims;
mod counters;
mod definitions;
mod mail_queue;
mod replies;
mod reply_lists;
mod subscribers;
#[cfg(feature = "dynamodb")]
mod tables;

use daisychain_functions::model::StateChange;

/// Makes a test for each store from a check that every store must pass.
macro_rules! contract {
    ($($name:ident),* $(,)?) => {
        #[cfg(feature = "sqlite")]
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("replies.sqlite");
                super::$name(daisychain_functions::store::sqlite::open(&path).unwrap()).await;
            })*
        }

        #[cfg(feature = "dynamodb")]
        mod dynamodb {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::common::table().await).await;
            })*
        }
    };
}
pub(crate) use contract;

pub(crate) fn step(from: &str, to: &str, by: &str) -> StateChange {
    let (from, to, by) = (from.parse().unwrap(), to.parse().unwrap(), Some(by.to_owned()));
    let note = Some("rang twice".to_owned());
    StateChange { at: 5_000, from, to, by, note, email: None, taken_over_from: None }
}
