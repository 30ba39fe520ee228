//! Takes in what became of mails: who cannot be reached or does not want to be is sent no more.

use super::Service;
use super::patience::Patience;
use crate::form::Purpose;
use crate::log;
use crate::mail::Mailer;
use crate::mail::feedback::{Feedback, Outcome};
use crate::newsletter::{self, Step};
use crate::store::{Store, StoreError};
use crate::submission::normal_email;

/// How often a change is tried anew when somebody else changed the same person meanwhile.
const TRIES: u32 = 5;

impl<S: Store, M: Mailer> Service<S, M> {
    /// Notes bounces and complaints with the subscribers that they are about, in every newsletter
    /// that is served. The same news again changes nothing.
    ///
    /// # Errors
    /// The store does not answer; then the whole may be told again.
    pub async fn heed(&self, feedback: &[Feedback]) -> Result<(), StoreError> {
        let mut noted = 0;
        for name in &self.settings.forms {
            let Some(definition) = self.current(name).await? else { continue };
            if definition.form.purpose() != Purpose::Newsletter {
                continue;
            }
            for Feedback { address, outcome } in feedback {
                let person = self.keys.person(name, &normal_email(address));
                let step = Step {
                    form: &definition.form,
                    person: &person,
                    method: "mail",
                    page: None,
                    now: self.clock.now(),
                };
                noted += u32::from(self.heed_one(&step, *outcome).await?);
            }
        }
        log::event("mail_feedback", &[("noted", &noted.to_string())]);
        Ok(())
    }

    async fn heed_one(&self, step: &Step<'_>, outcome: Outcome) -> Result<bool, StoreError> {
        let mut patience = Patience::new();
        for _ in 0..TRIES {
            let Some(known) = self.store.person(step.form.name(), step.person).await? else {
                return Ok(false);
            };
            let change = match outcome {
                Outcome::Bounced => newsletter::bounce(step, &known),
                Outcome::Complained => newsletter::complain(step, &known),
            };
            let Some(change) = change else { return Ok(false) };
            match self.store.save_person(&change).await {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(_) if patience.allows_once_more() => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError("a person changed at each of several tries".to_owned()))
    }
}
