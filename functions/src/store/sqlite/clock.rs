//! Stores what is known about the clock, and corrects what was stored while the clock was wrong.

use super::clock_trust::{Finding, Trust};
use crate::clock::{DAY, HOUR, MINUTE, Millis};
use crate::id;
use crate::store::StoreResult;
use rusqlite::{OptionalExtension, Transaction, params};

/// How often the time is stored if nothing unusual happens.
const STORE_INTERVAL: Millis = 5 * MINUTE;

/// Processes a reading of the clock. `started` is its first reading in this process. Returns the trusted time: records
/// that expired before it can be deleted.
pub(super) fn trusted_time(
    t: &Transaction<'_>,
    now: Millis,
    started: Millis,
) -> StoreResult<Millis> {
    let before = read(t)?;
    let mut trust = match before {
        Some(trust) => trust,
        None => Trust::new(newest_reply(t)?.unwrap_or(now)),
    };
    match trust.read(now) {
        Finding::Nothing => {}
        Finding::Forward { since, until, by } => {
            // A slow clock has been slow since this process began, or since it was last on probation. Nothing is
            // known if the process began later. The time is stored so often that no reply was received more than
            // an hour after it.
            let from = since.or_else(|| (started <= until).then(|| started.max(until - DAY)));
            if let Some(from) = from {
                keep_longer(t, from, until + HOUR, by)?;
            }
        }
        Finding::Trusted => keep_from(t, now)?,
    }
    let must_store = before.is_none_or(|before| {
        before.probation != trust.probation
            || !(0..STORE_INTERVAL).contains(&(trust.latest - before.latest))
    });
    if must_store {
        write(t, &trust)?;
    }
    Ok(trust.trusted_at(now))
}

fn read(t: &Transaction<'_>) -> StoreResult<Option<Trust>> {
    let stored = |name: &str| {
        let sql = "SELECT value FROM upkeep WHERE name = ?1";
        t.query_row(sql, [name], |row| row.get(0)).optional()
    };
    Ok(match (stored("latest")?, stored("believed")?) {
        (Some(latest), Some(trusted)) => {
            Some(Trust { latest, trusted, probation: stored("probation")? })
        }
        _ => None,
    })
}

fn write(t: &Transaction<'_>, trust: &Trust) -> StoreResult<()> {
    t.execute("DELETE FROM upkeep WHERE name = 'probation'", [])?;
    let values = [("latest", Some(trust.latest)), ("believed", Some(trust.trusted))];
    for (name, value) in values.into_iter().chain([("probation", trust.probation)]) {
        if let Some(value) = value {
            let sql = "INSERT OR REPLACE INTO upkeep (name, value) VALUES (?1, ?2)";
            t.execute(sql, params![name, value])?;
        }
    }
    Ok(())
}

/// When the newest reply was received: all that a store of an earlier version knows about the time.
fn newest_reply(t: &Transaction<'_>) -> StoreResult<Option<Millis>> {
    let newest: Option<String> = t.query_row("SELECT max(id) FROM reply", [], |row| row.get(0))?;
    Ok(newest.as_deref().and_then(id::time_of))
}

/// Keeps the replies received between two times for longer.
fn keep_longer(t: &Transaction<'_>, from: Millis, until: Millis, by: Millis) -> StoreResult<()> {
    t.execute(
        "UPDATE reply SET expires = expires + ?3,
             body = json_set(body, '$.expires', expires + ?3)
         WHERE id >= ?1 AND id < ?2",
        params![id::first_of(from), id::first_of(until), by],
    )?;
    Ok(())
}

/// Keeps replies that seem to be from the future as if they were received now.
fn keep_from(t: &Transaction<'_>, now: Millis) -> StoreResult<()> {
    t.execute(
        "UPDATE reply SET expires = expires - json_extract(body, '$.received') + ?2,
             body = json_set(
                 body, '$.expires', expires - json_extract(body, '$.received') + ?2)
         WHERE id >= ?1",
        params![id::first_of(now + DAY), now],
    )?;
    Ok(())
}
