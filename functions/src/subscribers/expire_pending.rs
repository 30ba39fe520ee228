//! Reverts unconfirmed re-subscriptions of people who had unsubscribed.

use super::subscription::{self, Step};
use crate::clock::Millis;
use crate::form::Purpose;
use crate::mail::Mailer;
use crate::model::ConsentMethod;
use crate::service::Service;
use crate::store::{Store, StoreError};

/// The most subscribers of a form in one run of the schedule; the next run continues.
const PART: u32 = 50;

impl<S: Store, M: Mailer> Service<S, M> {
    /// Reverts the sign-ups that have expired at `now`, a time that the store believes.
    pub(crate) async fn expire_pending(&self, now: Millis) -> Result<(), StoreError> {
        for name in &self.served_forms().await? {
            let Some(definition) = self.current(name).await? else { continue };
            if definition.form.purpose() != Purpose::Newsletter {
                continue;
            }
            let step =
                Step { form: &definition.form, method: ConsentMethod::Time, page: None, now };
            for known in self.store.lapsing(name, now, PART).await? {
                if let Some(change) = subscription::expire(&step, &known) {
                    // If they confirm at the same moment, they stay subscribed.
                    self.store.save_subscriber(&change).await?;
                }
            }
        }
        Ok(())
    }
}
