//! The queue of mails.

use super::Sqlite;
use super::rows::many;
use crate::clock::{DAY, Millis};
use crate::model::{Owed, Reply, Settled};
use crate::store::{MailQueue, Stored, to_text};
use rusqlite::{Transaction, params};

impl MailQueue for Sqlite {
    async fn due(&self, now: Millis, limit: u32) -> Stored<Vec<Owed>> {
        self.run(move |t| {
            // No mail waits for a day: whatever is due later was put off while the clock was ahead.
            many(
                t,
                "SELECT body FROM outbox WHERE NOT failed AND (due <= ?1 OR due > ?2)
                 ORDER BY due, id LIMIT ?3",
                params![now, now.saturating_add(DAY), limit],
            )
        })
        .await
    }

    async fn failed(&self, limit: u32) -> Stored<Vec<Owed>> {
        self.run(move |t| {
            many(t, "SELECT body FROM outbox WHERE failed ORDER BY id LIMIT ?1", params![limit])
        })
        .await
    }

    async fn lease(&self, owed: &Owed, until: Millis) -> Stored<Option<Owed>> {
        let before = owed.due;
        let owed = Owed { due: until, tries: owed.tries + 1, ..owed.clone() };
        self.run(move |t| {
            let changed = t.execute(
                "UPDATE outbox SET due = ?3, body = ?4 WHERE id = ?1 AND due = ?2 AND NOT failed",
                params![owed.id, before, until, to_text(&owed)],
            )?;
            Ok((changed == 1).then_some(owed))
        })
        .await
    }

    async fn settle(&self, owed: &Owed, settled: Settled) -> Stored<()> {
        let mut owed = owed.clone();
        self.run(move |t| {
            match settled {
                Settled::Sent => {
                    t.execute("DELETE FROM outbox WHERE id = ?1", [owed.id])?;
                    return Ok(());
                }
                Settled::Again(at) => owed.due = at,
                Settled::Waiting(at) => owed = owed.postponed(at),
                Settled::Failed => owed.failed = true,
            }
            t.execute(
                "UPDATE outbox SET due = ?2, failed = ?3, body = ?4 WHERE id = ?1",
                params![owed.id, owed.due, owed.failed, to_text(&owed)],
            )?;
            Ok(())
        })
        .await
    }
}

pub(super) fn owe(t: &Transaction<'_>, owed: &[Owed]) -> Stored<()> {
    for owed in owed {
        t.execute(
            "INSERT INTO outbox (id, due, failed, body) VALUES (?1, ?2, ?3, ?4)",
            params![owed.id, owed.due, owed.failed, to_text(owed)],
        )?;
    }
    Ok(())
}

/// Owes a summary, if it is not owed yet, that tells of this reply too.
pub(super) fn owe_summary(t: &Transaction<'_>, summary: &Owed, reply: &Reply) -> Stored<()> {
    t.execute(
        "INSERT INTO outbox (id, due, failed, body) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO NOTHING",
        params![summary.id, summary.due, summary.failed, to_text(summary)],
    )?;
    t.execute(
        "INSERT INTO held (summary, form, reply) VALUES (?1, ?2, ?3)",
        params![summary.id, reply.form, reply.id],
    )?;
    Ok(())
}
