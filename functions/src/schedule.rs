//! Runs what is to be done every minute.

use crate::mail::Mailer;
use crate::mail::queue::SendReport;
use crate::service::Service;
use crate::store::{Store, StoreError};

impl<S: Store, M: Mailer> Service<S, M> {
    /// Sends the mails that are due, ends sign-ups that were not confirmed in time, and deletes what has expired.
    /// Several of these may run at the same time.
    ///
    /// # Errors
    /// The store does not answer, or the clock is wrong.
    pub async fn run_schedule(&self) -> Result<SendReport, StoreError> {
        let now = self.clock.checked()?;
        let report = self.send_due(now).await?;
        let trusted = self.store.trusted_time(now).await?;
        self.expire_pending(trusted).await?;
        if self.store.delete_expired(trusted).await? {
            self.mailer.prune(&self.store).await?;
        }
        Ok(report)
    }
}
