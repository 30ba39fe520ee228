//! Takes in what became of mails: who cannot be reached or does not want to be is sent no more.

use super::subscription::{self, Step, suppress};
use super::{TRIES, changed_too_often, look_up, of_mailbox};
use crate::deadline::Patience;
use crate::email_address::{mailbox, sending_address};
use crate::form::{Form, Purpose};
use crate::hashes::Hashes;
use crate::log;
use crate::mail::Mailer;
use crate::mail::feedback::{Feedback, Outcome};
use crate::service::Service;
use crate::store::{Person, Store, StoreError};
use crate::submission::Contact;

impl<S: Store, M: Mailer> Service<S, M> {
    /// Notes bounces and complaints with the subscribers that they are about, in every newsletter
    /// that is served, and a complaint with the mailbox, for every form. The same news again changes
    /// nothing.
    ///
    /// # Errors
    /// The store does not answer; then the whole may be told again.
    pub async fn heed(&self, feedback: &[Feedback]) -> Result<(), StoreError> {
        let mut noted = 0;
        for Feedback { address, outcome } in feedback {
            // First of all, so that whoever signs up in the meantime is not mailed either.
            if *outcome == Outcome::Complained {
                self.suppress_mailbox(address).await?;
            }
        }
        for name in &self.settings.forms {
            let Some(definition) = self.current(name).await? else { continue };
            if definition.form.purpose() != Purpose::Newsletter {
                continue;
            }
            for feedback in feedback {
                noted += self.heed_one(&definition.form, feedback).await?;
            }
        }
        log::event("mail_feedback", &[("noted", &noted.to_string())]);
        Ok(())
    }

    async fn suppress_mailbox(&self, address: &str) -> Result<(), StoreError> {
        let hash = self.keys.mailbox(&mailbox(address));
        for _ in 0..TRIES {
            let known = self.store.mailbox(&hash).await?;
            let Some(suppressed) = suppress(known, &hash, self.clock.now()) else { return Ok(()) };
            if self.store.save_mailbox(&suppressed).await? {
                return Ok(());
            }
        }
        Err(StoreError("a mailbox changed at each of several tries".to_owned()))
    }

    /// Gives how many subscribers it changed. A mail that cannot arrive is news of the one address, a
    /// complaint of everybody with the same mailbox.
    async fn heed_one(&self, form: &Form, feedback: &Feedback) -> Result<u32, StoreError> {
        let contact = Contact::Email(sending_address(&feedback.address));
        let hashes = Hashes::of(&self.keys, form.name(), &contact);
        let people = match feedback.outcome {
            Outcome::Bounced => {
                let known = look_up(&self.store, form.name(), &hashes, None).await?;
                known.person.into_iter().collect()
            }
            Outcome::Complained => of_mailbox(&self.store, form.name(), &hashes).await?,
        };
        let mut noted = 0;
        for person in people {
            noted += u32::from(self.note(form, feedback.outcome, person).await?);
        }
        Ok(noted)
    }

    async fn note(
        &self,
        form: &Form,
        outcome: Outcome,
        person: Person,
    ) -> Result<bool, StoreError> {
        let mut patience = Patience::new();
        let step = Step { form, method: "mail", page: None, now: self.clock.now() };
        let hash = person.hash.clone();
        let mut known = Some(person);
        for _ in 0..TRIES {
            let change = known.as_ref().and_then(|known| match outcome {
                Outcome::Bounced => subscription::bounce(&step, known),
                Outcome::Complained => subscription::complain(&step, known),
            });
            let Some(change) = change else { return Ok(false) };
            match self.store.save_person(&change).await {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(_) if patience.allows_once_more() => {}
                Err(error) => return Err(error),
            }
            known = self.store.person(form.name(), &hash).await?;
        }
        Err(changed_too_often())
    }
}
