//! Keeps in the store what it knows of the clock, and mends what was stored while the clock was wrong.

use super::clock_trust::{Finding, Trust};
use crate::clock::{DAY, HOUR, MINUTE, Millis};
use crate::id;
use crate::store::StoreResult;
use rusqlite::{OptionalExtension, Transaction, params};

/// How often the time is written down where nothing is remarkable about it.
const NOTED_EVERY: Millis = 5 * MINUTE;

/// Takes in what the clock says, which said `started` when this process began. Gives the time by which
/// something must have been due to be removed.
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
            // A clock that was behind was so at most since this process began, or since it was last in
            // doubt. Of a process that began later nothing is known. The time is noted so often that
            // nothing came in an hour after the last note.
            let from = since.or_else(|| (started <= until).then(|| started.max(until - DAY)));
            if let Some(from) = from {
                keep_longer(t, from, until + HOUR, by)?;
            }
        }
        Finding::Believed => keep_from(t, now)?,
    }
    let is_remarkable = before.is_none_or(|before| {
        before.probation != trust.probation
            || !(0..NOTED_EVERY).contains(&(trust.latest - before.latest))
    });
    if is_remarkable {
        write(t, &trust)?;
    }
    Ok(trust.settled(now))
}

fn read(t: &Transaction<'_>) -> StoreResult<Option<Trust>> {
    let noted = |name: &str| {
        let sql = "SELECT value FROM upkeep WHERE name = ?1";
        t.query_row(sql, [name], |row| row.get(0)).optional()
    };
    Ok(match (noted("latest")?, noted("believed")?) {
        (Some(latest), Some(believed)) => {
            Some(Trust { latest, trusted: believed, probation: noted("probation")? })
        }
        _ => None,
    })
}

fn write(t: &Transaction<'_>, trust: &Trust) -> StoreResult<()> {
    t.execute("DELETE FROM upkeep WHERE name = 'probation'", [])?;
    let noted = [("latest", Some(trust.latest)), ("believed", Some(trust.trusted))];
    for (name, value) in noted.into_iter().chain([("probation", trust.probation)]) {
        if let Some(value) = value {
            let sql = "INSERT OR REPLACE INTO upkeep (name, value) VALUES (?1, ?2)";
            t.execute(sql, params![name, value])?;
        }
    }
    Ok(())
}

/// When the newest reply came in: what a store of an earlier version knows of the time.
fn newest_reply(t: &Transaction<'_>) -> StoreResult<Option<Millis>> {
    let newest: Option<String> = t.query_row("SELECT max(id) FROM reply", [], |row| row.get(0))?;
    Ok(newest.as_deref().and_then(id::time_of))
}

/// Keeps for longer what came in between two times.
fn keep_longer(t: &Transaction<'_>, from: Millis, until: Millis, by: Millis) -> StoreResult<()> {
    t.execute(
        "UPDATE reply SET expires = expires + ?3,
             body = json_set(body, '$.expires', expires + ?3)
         WHERE id >= ?1 AND id < ?2",
        params![id::first_of(from), id::first_of(until), by],
    )?;
    Ok(())
}

/// Keeps as long as if it came in now what seems to have come in later.
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
