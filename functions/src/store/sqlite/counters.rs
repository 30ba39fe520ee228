//! Counters for rate limits.

use super::Sqlite;
use crate::clock::Millis;
use crate::store::{Counters, StoreResult};
use rusqlite::{OptionalExtension, params};

impl Counters for Sqlite {
    async fn increment(&self, counter: &str, until: Millis) -> StoreResult<u64> {
        let counter = counter.to_owned();
        self.run(move |t| {
            let value: i64 = t.query_row(
                "INSERT INTO counter (name, value, until) VALUES (?1, 1, ?2)
                 ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value",
                params![counter, until],
                |row| row.get(0),
            )?;
            Ok(u64::try_from(value).unwrap_or_default())
        })
        .await
    }

    async fn sum_counters(&self, counters: &[String]) -> StoreResult<u64> {
        let counters = counters.to_vec();
        self.run(move |t| {
            let mut sum = 0;
            for counter in counters {
                let value: Option<i64> = t
                    .query_row("SELECT value FROM counter WHERE name = ?1", [counter], |row| {
                        row.get(0)
                    })
                    .optional()?;
                sum += value.unwrap_or_default();
            }
            Ok(u64::try_from(sum).unwrap_or_default())
        })
        .await
    }
}
