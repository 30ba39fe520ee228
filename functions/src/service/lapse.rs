//! Returns those who had left, were signed up again and did not confirm it to where they were.

use super::Service;
use crate::clock::Millis;
use crate::form::Purpose;
use crate::mail::Mailer;
use crate::newsletter::{self, LINK_FOR, Step};
use crate::store::{Store, StoreError, Subscription};

/// How many subscribers are looked at together.
const PART: u32 = 50;

impl<S: Store, M: Mailer> Service<S, M> {
    /// Looks through those who have not confirmed, the longest there first, as far as their time is over at
    /// `now`, a time that the store believes.
    pub(super) async fn lapse(&self, now: Millis) -> Result<(), StoreError> {
        for name in &self.served_forms().await? {
            let Some(definition) = self.current(name).await? else { continue };
            if definition.form.purpose() != Purpose::Newsletter {
                continue;
            }
            let mut after = None;
            loop {
                let state = Subscription::Pending;
                let part = self.store.people(name, state, after.as_deref(), PART).await?;
                for known in &part.items {
                    let form = &definition.form;
                    let step = Step { form, method: "time", page: None, now };
                    if let Some(change) = newsletter::lapse(&step, known) {
                        // Where they confirmed at this very moment, they stay.
                        self.store.save_person(&change).await?;
                    }
                }
                let over = |since| since + LINK_FOR <= now;
                after =
                    part.next.filter(|_| part.items.last().is_some_and(|last| over(last.since)));
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }
}
