//! Stores a reply, and sends the mails that it causes.

use super::record::{self, ReceivedSubmission};
use crate::deadline::Deadline;
use crate::mail::Mailer;
use crate::model::Recorded;
use crate::service::Service;
use crate::store::{Store, StoreResult};
use crate::submission::Submission;
use crate::{id, log};

impl<S: Store, M: Mailer> Service<S, M> {
    /// Stores a reply that the team is to answer, and tries to send its mails. Returns its reference.
    ///
    /// # Errors
    /// It is not stored.
    pub(crate) async fn store_reply(
        &self,
        received: &ReceivedSubmission<'_>,
        submission: Submission,
        deadline: &mut Deadline,
    ) -> StoreResult<String> {
        let mut entry = record::new_reply(&self.keys, received, submission);
        let reference = loop {
            match deadline.call(self.store.record(&entry)).await {
                Ok(Recorded::New) => break entry.reply.reference.clone(),
                Ok(Recorded::Same(reference)) => {
                    entry.mails.clear();
                    break reference;
                }
                // One in 200 thousand million, times the number of replies.
                Ok(Recorded::ReferenceTaken) => entry.reply.reference = id::reference(),
                // It may have been stored, and only the answer lost: then it is recognised as the same.
                Err(error) if deadline.allow_retry(&error) => {
                    let error = error.to_string();
                    log::event(
                        "store_failed",
                        &[("form", received.form.name()), ("error", &error)],
                    );
                }
                Err(error) => return Err(error),
            }
        };
        // From here on nothing turns a stored reply into an error.
        self.send_now(&entry.mails, None).await;
        Ok(reference)
    }
}
