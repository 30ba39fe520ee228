//! Stores the steps of a subscription: sign-up, confirmation, unsubscription.

use super::lookup::{Known, look_up};
use super::subscription::{self, Address, Confirmed, Step};
use crate::deadline::Deadline;
use crate::form::{Definition, Form};
use crate::mail::Mailer;
use crate::mail::queue::FIRST_LEASE;
use crate::model::{ConsentMethod, Priority};
use crate::optimistic::{Decision, update};
use crate::service::Service;
use crate::store::{Store, StoreResult};
use crate::token::Token;
use std::sync::Arc;

/// A sign-up to a newsletter.
pub(crate) struct SignUp<'a> {
    pub(crate) form: &'a Form,
    /// The address that the newsletter is to be sent to.
    pub(crate) address: Address,
    /// What the store has about it, if that was read before.
    pub(crate) known: Option<Known>,
    /// The path of the page that it was sent from.
    pub(crate) page: Option<String>,
    pub(crate) priority: Priority,
}

impl<S: Store, M: Mailer> Service<S, M> {
    /// What the store has about an address that is to be signed up; `None` if it does not answer.
    pub(crate) async fn known_subscriber(
        &self,
        form: &Form,
        address: Option<&Address>,
        deadline: &Deadline,
    ) -> Option<Known> {
        let address = address?;
        let mailbox = Some(address.mailbox.as_str());
        let known = look_up(&self.store, form.name(), &address.hashes, mailbox);
        deadline.call(known).await.ok()
    }

    /// Stores a sign-up, and tries to send the mail that asks to confirm it. Returns the subscriber's reference.
    ///
    /// # Errors
    /// It is not stored.
    pub(crate) async fn subscribe(
        &self,
        sign_up: SignUp<'_>,
        deadline: &mut Deadline,
    ) -> StoreResult<String> {
        let SignUp { form, address, mut known, page, priority } = sign_up;
        let mailbox = Some(address.mailbox.as_str());
        let load = || {
            let (known, address) = (known.take(), &address);
            async move {
                match known {
                    Some(known) => Ok(known),
                    None => look_up(&self.store, form.name(), &address.hashes, mailbox).await,
                }
            }
        };
        let change = update(&self.store, deadline, load, |known| {
            let step = Step {
                form,
                method: ConsentMethod::Form,
                page: page.clone(),
                now: self.clock.now(),
            };
            let mut change = subscription::subscribe(&step, &address, known);
            change.mails.iter_mut().for_each(|mail| mail.priority = priority);
            Decision::Save(Box::new(change.clone()), change)
        })
        .await?;
        let now = self.clock.now();
        let mut due = change.mails;
        due.retain(|mail| mail.due <= now + FIRST_LEASE);
        self.send_now(&due, Some(&change.person)).await;
        Ok(change.person.reference)
    }

    /// Confirms a subscription. False if the link is outdated.
    ///
    /// # Errors
    /// The store does not answer.
    pub(crate) async fn confirm_subscription(
        &self,
        form: &Form,
        token: &Token,
        page: Option<String>,
    ) -> StoreResult<bool> {
        let load = || self.store.subscriber(form.name(), &token.person);
        let confirmed = update(&self.store, &mut Deadline::new(), load, |known| {
            let step = Step {
                form,
                method: ConsentMethod::Link,
                page: page.clone(),
                now: self.clock.now(),
            };
            let confirmed = known
                .filter(|_| step.now < token.expires)
                .and_then(|known| subscription::confirm(&step, &known, &token.nonce));
            match confirmed {
                None => Decision::Keep(false),
                Some(Confirmed::Already) => Decision::Keep(true),
                Some(Confirmed::Now(change)) => Decision::Save(change, true),
            }
        })
        .await;
        Ok(confirmed?)
    }

    /// Unsubscribes a person. Repeating it is no error.
    ///
    /// # Errors
    /// The store does not answer.
    pub(crate) async fn unsubscribe(
        &self,
        form: &Form,
        token: &Token,
        method: ConsentMethod,
    ) -> StoreResult<()> {
        let load = || self.store.subscriber(form.name(), &token.person);
        let left = update(&self.store, &mut Deadline::new(), load, |known| {
            let step = Step { form, method, page: None, now: self.clock.now() };
            match known.and_then(|known| subscription::unsubscribe(&step, &known)) {
                Some(change) => Decision::Save(Box::new(change), ()),
                None => Decision::Keep(()),
            }
        })
        .await;
        Ok(left?)
    }

    /// The current definition of a newsletter. If the form of that name is no newsletter any more, the definition that
    /// this person signed up by, so that they can unsubscribe whatever became of the form.
    pub(crate) async fn newsletter(
        &self,
        name: &str,
        person: Option<&str>,
    ) -> StoreResult<Option<Arc<Definition>>> {
        let confirms = |definition: &Arc<Definition>| definition.form.confirmation.is_some();
        let current = self.current(name).await?;
        if current.as_ref().is_some_and(confirms) {
            return Ok(current);
        }
        let Some(hash) = person else { return Ok(None) };
        let Some(person) = self.store.subscriber(name, hash).await? else { return Ok(None) };
        let own = self.by_digest(name, &person.definition, &Deadline::new()).await?;
        Ok(own.filter(confirms))
    }
}
