//! The queue of mails.

use super::Dynamo;
use super::item::{Item, body_of, number, rank};
use super::table::{FIRST_RANK, LAST_RANK};
use super::transaction::{Condition, Transaction, Written};
use crate::clock::Millis;
use crate::model::{Owed, Settled};
use crate::store::{MailQueue, Stored, from_text};

/// The list of mails that are to be tried.
const WAITING: &str = "OUTBOX#waiting";
/// The list of mails that were given up.
const FAILED: &str = "OUTBOX#failed";

impl MailQueue for Dynamo {
    async fn due(&self, now: Millis, limit: u32) -> Stored<Vec<Owed>> {
        let mut mails = Vec::new();
        for item in self.due_items(WAITING, "mail", now, limit).await? {
            mails.push(from_text::<Owed>(body_of(&item)?)?);
        }
        // The index lags behind the table: a mail may have been leased meanwhile.
        mails.retain(|mail| !mail.failed && mail.due <= now);
        mails.sort_by(|one, other| (one.due, &one.id).cmp(&(other.due, &other.id)));
        Ok(mails)
    }

    async fn failed(&self, limit: u32) -> Stored<Vec<Owed>> {
        self.list(FAILED, (FIRST_RANK, LAST_RANK), limit).await
    }

    async fn lease(&self, owed: &Owed, until: Millis) -> Stored<Option<Owed>> {
        let leased = Owed { due: until, tries: owed.tries + 1, ..owed.clone() };
        let unchanged = Condition::equal("due", number(owed.due));
        let written = Transaction::new(self).put_if(owed_item(&leased), unchanged).write().await?;
        Ok(written.is_all().then_some(leased))
    }

    async fn settle(&self, owed: &Owed, settled: Settled) -> Stored<()> {
        let mut owed = owed.clone();
        match settled {
            Settled::Sent => {
                let deleted = Transaction::new(self).delete(&key(&owed), "mail").write().await?;
                return deleted.all_or("settle");
            }
            Settled::Again(at) => owed.due = at,
            Settled::Waiting(at) => owed = owed.postponed(at),
            Settled::Failed => owed.failed = true,
        }
        // In the index `lists` too: the team finds mails that were given up there, and the schedule of a stack
        // that was deployed before the index `due` existed finds those that wait.
        let item = owed_item(&owed).text("rank", &rank(owed.due, &owed.id));
        // If it is gone, someone else has sent it.
        let _: Written = Transaction::new(self).put_over(item).write().await?;
        Ok(())
    }
}

impl Dynamo {
    /// Queues a summary unless it is queued already. Written before the reply, at most once a process: an empty
    /// summary is not sent, and if every held reply wrote it, they would hold each other up.
    pub(super) async fn owe_summary(&self, summary: &Owed) -> Stored<()> {
        let name = key(summary);
        if self.is_noted(&name) {
            return Ok(());
        }
        // The condition fails if it is queued.
        let _: Written = Transaction::new(self).put_new(owed_item(summary)).write().await?;
        self.note(name);
        Ok(())
    }
}

impl Transaction<'_> {
    pub(super) fn put_owed(self, owed: &[Owed]) -> Self {
        owed.iter().fold(self, |transaction, owed| transaction.put_new(owed_item(owed)))
    }
}

fn key(owed: &Owed) -> String {
    format!("{}#OUT#{}", owed.form, owed.id)
}

fn owed_item(owed: &Owed) -> Item {
    let list = if owed.failed { FAILED } else { WAITING };
    Item::new(&key(owed), "mail", owed).due_in(list, Some(owed.due))
}
