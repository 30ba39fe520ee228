//! The queue of mails.

use super::Sqlite;
use super::rows::many;
use crate::clock::{DAY, Millis};
use crate::model::{QueuedMail, SendOutcome, StoredReply};
use crate::store::{MailQueue, StoreResult, to_text};
use rusqlite::{Transaction, params};

impl MailQueue for Sqlite {
    async fn due(&self, now: Millis, limit: u32) -> StoreResult<Vec<QueuedMail>> {
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

    async fn failed(&self, limit: u32) -> StoreResult<Vec<QueuedMail>> {
        self.run(move |t| {
            many(t, "SELECT body FROM outbox WHERE failed ORDER BY id LIMIT ?1", params![limit])
        })
        .await
    }

    async fn lease(&self, queued: &QueuedMail, until: Millis) -> StoreResult<Option<QueuedMail>> {
        let before = queued.due;
        let queued = QueuedMail { due: until, tries: queued.tries + 1, ..queued.clone() };
        self.run(move |t| {
            let changed = t.execute(
                "UPDATE outbox SET due = ?3, body = ?4 WHERE id = ?1 AND due = ?2 AND NOT failed",
                params![queued.id, before, until, to_text(&queued)],
            )?;
            Ok((changed == 1).then_some(queued))
        })
        .await
    }

    async fn record_outcome(&self, queued: &QueuedMail, outcome: SendOutcome) -> StoreResult<()> {
        let mut queued = queued.clone();
        self.run(move |t| {
            match outcome {
                SendOutcome::Sent => {
                    t.execute("DELETE FROM outbox WHERE id = ?1", [queued.id])?;
                    return Ok(());
                }
                SendOutcome::Again(at) => queued.due = at,
                SendOutcome::Waiting(at) => queued = queued.postponed(at),
                SendOutcome::Failed => queued.failed = true,
            }
            t.execute(
                "UPDATE outbox SET due = ?2, failed = ?3, body = ?4 WHERE id = ?1",
                params![queued.id, queued.due, queued.failed, to_text(&queued)],
            )?;
            Ok(())
        })
        .await
    }
}

pub(super) fn enqueue(t: &Transaction<'_>, queued: &[QueuedMail]) -> StoreResult<()> {
    for queued in queued {
        t.execute(
            "INSERT INTO outbox (id, due, failed, body) VALUES (?1, ?2, ?3, ?4)",
            params![queued.id, queued.due, queued.failed, to_text(queued)],
        )?;
    }
    Ok(())
}

/// Queues a summary that includes this reply, if it is not queued yet.
pub(super) fn enqueue_summary(
    t: &Transaction<'_>,
    summary: &QueuedMail,
    reply: &StoredReply,
) -> StoreResult<()> {
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
