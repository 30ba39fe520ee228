//! Returns those who had left, were signed up again and did not confirm it to where they were.

use super::subscription::{self, Step};
use crate::clock::Millis;
use crate::form::Purpose;
use crate::mail::Mailer;
use crate::service::Service;
use crate::store::{Store, StoreError};

/// The most subscribers of a form in one run of the schedule; the next run goes on.
const PART: u32 = 50;

impl<S: Store, M: Mailer> Service<S, M> {
    /// Ends the sign-ups whose time is over at `now`, a time that the store believes.
    pub(crate) async fn expire_pending(&self, now: Millis) -> Result<(), StoreError> {
        for name in &self.served_forms().await? {
            let Some(definition) = self.current(name).await? else { continue };
            if definition.form.purpose() != Purpose::Newsletter {
                continue;
            }
            let step = Step { form: &definition.form, method: "time", page: None, now };
            for known in self.store.lapsing(name, now, PART).await? {
                if let Some(change) = subscription::lapse(&step, &known) {
                    // Where they confirmed at this very moment, they stay.
                    self.store.save_person(&change).await?;
                }
            }
        }
        Ok(())
    }
}
