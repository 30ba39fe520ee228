//! Processes bounces and complaints: no more mail is sent to these addresses.

use super::subscription::{self, Step, suppress};
use super::{look_up, of_mailbox};
use crate::deadline::Deadline;
use crate::email_address::{canonical_mailbox, sending_address};
use crate::form::{Form, Purpose};
use crate::hashes::Hashes;
use crate::log;
use crate::mail::Mailer;
use crate::mail::feedback::{Feedback, FeedbackKind};
use crate::model::ConsentMethod;
use crate::optimistic::{Decision, update};
use crate::service::Service;
use crate::store::{Store, StoreError};
use crate::submission::Contact;

impl<S: Store, M: Mailer> Service<S, M> {
    /// Records bounces and complaints with the subscribers of all newsletters that are served, and complaints with the
    /// mailbox, for all forms. Idempotent.
    ///
    /// # Errors
    /// The store does not answer; then the event may be delivered again.
    pub async fn process_feedback(&self, feedback: &[Feedback]) -> Result<(), StoreError> {
        let mut noted = 0;
        for Feedback { address, kind } in feedback {
            // First, so that sign-ups in the meantime are not mailed either.
            if *kind == FeedbackKind::Complained {
                self.suppress_mailbox(address).await?;
            }
        }
        for name in &self.settings.forms {
            let Some(definition) = self.current(name).await? else { continue };
            if definition.form.purpose() != Purpose::Newsletter {
                continue;
            }
            for feedback in feedback {
                noted += self.apply_to_form(&definition.form, feedback).await?;
            }
        }
        log::event("mail_feedback", &[("noted", &noted.to_string())]);
        Ok(())
    }

    async fn suppress_mailbox(&self, address: &str) -> Result<(), StoreError> {
        let hash = self.keys.mailbox(&canonical_mailbox(address));
        let load = || self.store.mailbox(&hash);
        let suppressed = update(&self.store, &mut Deadline::unlimited(), load, |known| {
            match suppress(known, &hash, self.clock.now()) {
                Some(mailbox) => Decision::Save(Box::new(mailbox), ()),
                None => Decision::Keep(()),
            }
        })
        .await;
        Ok(suppressed?)
    }

    /// Returns how many subscribers it changed. A bounce concerns one address, a complaint all addresses of the
    /// mailbox.
    async fn apply_to_form(&self, form: &Form, feedback: &Feedback) -> Result<u32, StoreError> {
        let contact = Contact::Email(sending_address(&feedback.address));
        let hashes = Hashes::of(&self.keys, form.name(), &contact);
        let people = match feedback.kind {
            FeedbackKind::Bounced => {
                let known = look_up(&self.store, form.name(), &hashes, None).await?;
                known.person.into_iter().collect()
            }
            FeedbackKind::Complained => of_mailbox(&self.store, form.name(), &hashes).await?,
        };
        let mut noted = 0;
        for person in people {
            noted += u32::from(self.note(form, feedback.kind, &person.hash).await?);
        }
        Ok(noted)
    }

    /// Records feedback with one subscriber. False if it was recorded before.
    async fn note(&self, form: &Form, kind: FeedbackKind, hash: &str) -> Result<bool, StoreError> {
        let step = Step { form, method: ConsentMethod::Mail, page: None, now: self.clock.now() };
        let load = || self.store.subscriber(form.name(), hash);
        let noted = update(&self.store, &mut Deadline::unlimited(), load, |known| {
            let change = known.as_ref().and_then(|known| match kind {
                FeedbackKind::Bounced => subscription::bounce(&step, known),
                FeedbackKind::Complained => subscription::complain(&step, known),
            });
            match change {
                Some(change) => Decision::Save(Box::new(change), true),
                None => Decision::Keep(false),
            }
        })
        .await;
        Ok(noted?)
    }
}
