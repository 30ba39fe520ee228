//! Reads JSON from rows, and pages of lists.

use crate::clock::Millis;
use crate::store::{Page, StoreResult, from_text};
use rusqlite::{OptionalExtension, Row, Transaction};

pub(super) fn one<T: serde::de::DeserializeOwned>(
    t: &Transaction<'_>,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> StoreResult<Option<T>> {
    let body: Option<String> = t.query_row(sql, parameters, body).optional()?;
    body.as_deref().map(from_text).transpose()
}

pub(super) fn many<T: serde::de::DeserializeOwned>(
    t: &Transaction<'_>,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> StoreResult<Vec<T>> {
    let mut statement = t.prepare(sql)?;
    let bodies = statement.query_map(parameters, body)?.collect::<Result<Vec<_>, _>>()?;
    bodies.iter().map(|body| from_text(body)).collect()
}

fn body(row: &Row<'_>) -> rusqlite::Result<String> {
    row.get(0)
}

/// A cursor is the sort key of the last item: a time and an id.
pub(super) fn cursor(after: Option<&str>) -> (Millis, String) {
    let parts = after.and_then(|after| after.split_once('|'));
    match parts.and_then(|(time, id)| Some((time.parse().ok()?, id.to_owned()))) {
        Some(cursor) => cursor,
        None => (Millis::MIN, String::new()),
    }
}

pub(super) fn page<T>(items: Vec<T>, limit: u32, key: impl Fn(&T) -> (Millis, &String)) -> Page<T> {
    let full = items.len() >= limit as usize;
    let next = items.last().filter(|_| full).map(|last| {
        let (time, id) = key(last);
        format!("{time}|{id}")
    });
    Page { items, next }
}
