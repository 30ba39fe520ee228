//! The queue of mails.

use super::DynamoDb;
use super::item::{Item, body_of, number, rank};
use super::table::{FIRST_RANK, LAST_RANK};
use super::transaction::{Condition, Transaction, WriteOutcome};
use crate::clock::Millis;
use crate::model::{QueuedMail, SendOutcome};
use crate::store::{MailQueue, StoreResult, from_text};

/// The list of mails that are to be tried.
const WAITING: &str = "OUTBOX#waiting";
/// The list of mails that were given up.
const FAILED: &str = "OUTBOX#failed";

impl MailQueue for DynamoDb {
    async fn due(&self, now: Millis, limit: u32) -> StoreResult<Vec<QueuedMail>> {
        let mut mails = Vec::new();
        for item in self.due_items(WAITING, "mail", now, limit).await? {
            mails.push(from_text::<QueuedMail>(body_of(&item)?)?);
        }
        // The index is eventually consistent: a mail may have been leased meanwhile.
        mails.retain(|mail| !mail.failed && mail.due <= now);
        mails.sort_by(|one, other| (one.due, &one.id).cmp(&(other.due, &other.id)));
        Ok(mails)
    }

    async fn failed(&self, limit: u32) -> StoreResult<Vec<QueuedMail>> {
        self.list(FAILED, (FIRST_RANK, LAST_RANK), limit).await
    }

    async fn lease(&self, queued: &QueuedMail, until: Millis) -> StoreResult<Option<QueuedMail>> {
        let leased = QueuedMail { due: until, tries: queued.tries + 1, ..queued.clone() };
        let unchanged = Condition::equal("due", number(queued.due));
        let written = Transaction::new(self).put_if(mail_item(&leased), unchanged).write().await?;
        Ok(written.is_all().then_some(leased))
    }

    async fn record_outcome(&self, queued: &QueuedMail, outcome: SendOutcome) -> StoreResult<()> {
        let mut queued = queued.clone();
        match outcome {
            SendOutcome::Sent => {
                let deleted = Transaction::new(self).delete(&key(&queued), "mail").write().await?;
                return deleted.all_or("settle");
            }
            SendOutcome::Again(at) => queued.due = at,
            SendOutcome::Waiting(at) => queued = queued.postponed(at),
            SendOutcome::Failed => queued.failed = true,
        }
        // In the index `lists` too: the team finds mails that were given up there, and the schedule of a stack
        // that was deployed before the index `due` existed finds those that wait.
        let item = mail_item(&queued).text("rank", &rank(queued.due, &queued.id));
        // If it is gone, someone else has sent it.
        let _: WriteOutcome = Transaction::new(self).put_over(item).write().await?;
        Ok(())
    }
}

impl DynamoDb {
    /// Queues a summary unless it is queued already. Written before the reply, at most once a process: an empty
    /// summary is not sent, and if every held reply wrote it, they would hold each other up.
    pub(super) async fn enqueue_summary(&self, summary: &QueuedMail) -> StoreResult<()> {
        let name = key(summary);
        if self.is_noted(&name) {
            return Ok(());
        }
        // The condition fails if it is queued.
        let _: WriteOutcome = Transaction::new(self).put_new(mail_item(summary)).write().await?;
        self.note(name);
        Ok(())
    }
}

impl Transaction<'_> {
    pub(super) fn enqueue(self, queued: &[QueuedMail]) -> Self {
        queued.iter().fold(self, |transaction, queued| transaction.put_new(mail_item(queued)))
    }
}

fn key(queued: &QueuedMail) -> String {
    format!("{}#OUT#{}", queued.form, queued.id)
}

fn mail_item(queued: &QueuedMail) -> Item {
    let list = if queued.failed { FAILED } else { WAITING };
    Item::new(&key(queued), "mail", queued).due_in(list, Some(queued.due))
}
