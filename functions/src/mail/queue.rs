//! Sends the mails that are owed: at once after a reply is stored, and again on a schedule.

use crate::catch_unwind::catch_unwind;
use crate::clock::{HOUR, MINUTE, Millis};
use crate::deadline::Patience;
use crate::form::Form;
use crate::mail::{Mail, MailError, Mailer, templates};
use crate::service::Service;
use crate::store::{Letter, Owed, Settled, Store, StoreError};
use crate::{id, log};
use std::time::Duration;
use tokio::time::Instant;

/// How long a resident waits for the first try of a mail.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How long one try on the schedule may take.
const ON_SCHEDULE: Duration = Duration::from_secs(10);
/// How long a mail belongs to who tries it.
const LEASE: Millis = 2 * MINUTE;
/// The waits after each try; after one more it is given up.
const WAITS: [Millis; 4] = [MINUTE, 10 * MINUTE, HOUR, 6 * HOUR];
/// How many held replies a summary shows; it counts the others.
const MOST_IN_SUMMARY: usize = 20;
/// How often a try may begin: more than the waits, because a process may end in the middle of one.
const MOST_TRIES: u32 = 20;

/// What one run of the schedule did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Posted {
    /// Mails that went out.
    pub sent: u32,
    /// Mails that are to be tried again.
    pub again: u32,
    /// Mails that were given up.
    pub failed: u32,
    /// How long ago the oldest mail that was due came to be owed; 0 where none was.
    pub oldest: Millis,
}

/// Why a mail did not go out.
enum Unsent {
    /// There is nothing to send any more: its reply was erased, or nobody is named.
    Nothing,
    /// More mails were sent this hour than the limit.
    Waiting,
    Store(StoreError),
    Mail(MailError),
}

impl<S: Store, M: Mailer> Service<S, M> {
    /// Sends what is due, one lease a mail: several of these may run at the same time. Call it
    /// every minute. It also removes what has expired.
    ///
    /// # Errors
    /// The store does not answer, or the clock is wrong.
    pub async fn send_due(&self) -> Result<Posted, StoreError> {
        let mut posted = Posted::default();
        let now = self.clock.checked()?;
        for owed in self.store.due(now, 50).await? {
            let age = id::time_of(&owed.id).map_or(0, |since| now - since);
            posted.oldest = posted.oldest.max(age);
            let Some(owed) = self.store.lease(&owed, now + LEASE).await? else {
                continue;
            };
            if owed.tries > MOST_TRIES {
                // Whoever began to send it never came to an end.
                log::event("mail_failed", &[("id", &owed.id), ("error", "no try ends")]);
                self.store.settle(&owed, Settled::Failed).await?;
                posted.failed += 1;
                continue;
            }
            match catch_unwind(self.attempt(&owed, ON_SCHEDULE)).await {
                None => log::event("panic", &[("id", &owed.id)]),
                Some(settled) => match settled? {
                    Settled::Sent => posted.sent += 1,
                    Settled::Again(_) | Settled::Waiting(_) => posted.again += 1,
                    Settled::Failed => posted.failed += 1,
                },
            }
        }
        let believed = self.store.believed(now).await?;
        self.lapse(believed).await?;
        if self.store.sweep(believed).await? {
            self.mailer.prune(&self.store).await?;
        }
        Ok(posted)
    }

    /// The first try, before the reply goes out. Whatever goes wrong, the schedule tries again.
    pub(crate) async fn try_at_once(&self, owed: &[Owed]) {
        let until = Instant::now() + AT_ONCE;
        let tries = async {
            for owed in owed {
                // One second over all of them: the lease that they were recorded with ends by itself.
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return;
                }
                let owed = Owed { tries: 1, ..owed.clone() };
                if let Err(error) = self.attempt(&owed, left).await {
                    log::event("mail_waits", &[("id", &owed.id), ("error", &error.0)]);
                }
            }
        };
        // A mail that went out has as long again to be noted, or it would go out twice.
        if let Ok(None) = tokio::time::timeout(2 * AT_ONCE, catch_unwind(tries)).await {
            log::event("panic", &[("in", "mail")]);
        }
    }

    async fn attempt(&self, owed: &Owed, limit: Duration) -> Result<Settled, StoreError> {
        let sent = tokio::time::timeout(limit, self.send(owed)).await.unwrap_or_else(|_| {
            let message = "the mail server took too long".to_owned();
            Err(Unsent::Mail(MailError { message, permanent: false }))
        });
        let settled = match sent {
            Ok(()) => settled_with("mail_sent", owed),
            Err(Unsent::Nothing) => settled_with("mail_skipped", owed),
            Err(Unsent::Store(error)) => return Err(error),
            Err(Unsent::Waiting) => Settled::Waiting(self.next_hour(owed)),
            Err(Unsent::Mail(error)) => {
                let wait =
                    WAITS.get(owed.tries.saturating_sub(1) as usize).filter(|_| !error.permanent);
                let name = if wait.is_some() { "mail_again" } else { "mail_failed" };
                log::event(name, &[("id", &owed.id), ("error", &error.message)]);
                wait.map_or(Settled::Failed, |wait| Settled::Again(self.clock.now() + wait))
            }
        };
        self.store.settle(owed, settled).await?;
        Ok(settled)
    }

    async fn send(&self, owed: &Owed) -> Result<(), Unsent> {
        let (form, mail) = self.write(owed).await.map_err(Unsent::Store)?.ok_or(Unsent::Nothing)?;
        if !self.may_mail(&form, owed).await {
            return Err(Unsent::Waiting);
        }
        self.mailer.send(&mail).await.map_err(Unsent::Mail)
    }

    /// Writes a mail from what the store has now; `None` where there is nothing to send. It is worded
    /// as the page that the person saw, and goes where the form says now.
    async fn write(&self, owed: &Owed) -> Result<Option<(Form, Mail)>, StoreError> {
        match owed.letter {
            Letter::Confirmation => self.write_confirmation(owed).await,
            Letter::Notice => self.write_notice(owed).await,
            Letter::HeldSummary => self.write_held_summary(owed).await,
            Letter::Acknowledgement => self.write_acknowledgement(owed).await,
        }
    }

    async fn write_notice(&self, owed: &Owed) -> Result<Option<(Form, Mail)>, StoreError> {
        let Some(reply) = self.store.reply(&owed.form, &owed.about).await? else {
            return Ok(None);
        };
        let form = self.form_of(owed, &reply.definition, None).await?;
        Ok(form.and_then(|form| {
            let mail = templates::notice(&self.settings, &form, &reply, owed)?;
            Some((form, mail))
        }))
    }

    async fn write_held_summary(&self, owed: &Owed) -> Result<Option<(Form, Mail)>, StoreError> {
        let Some(current) = self.policy(&owed.form).await? else { return Ok(None) };
        let form = self.governed(&current.definition.form, &current);
        let (mut held, mut more) = (Vec::new(), 0);
        for id in self.store.held(owed).await? {
            if held.len() == MOST_IN_SUMMARY {
                more += 1;
                continue;
            }
            let Some(reply) = self.store.reply(&owed.form, &id).await? else { continue };
            // One that somebody has moved, they have seen.
            if reply.history.is_empty()
                && let Some(wording) = self.form_of(owed, &reply.definition, None).await?
            {
                held.push((wording, reply));
            }
        }
        let mail = templates::held_summary(&self.settings, &form, (&held, more), owed);
        Ok(mail.map(|mail| (form, mail)))
    }

    async fn write_acknowledgement(&self, owed: &Owed) -> Result<Option<(Form, Mail)>, StoreError> {
        let Some(reply) = self.store.reply(&owed.form, &owed.about).await? else {
            return Ok(None);
        };
        let language = reply.language.as_deref();
        let Some(form) = self.form_of(owed, &reply.definition, language).await? else {
            return Ok(None);
        };
        let Some(mail) = templates::acknowledgement(&self.settings, &form, &reply, owed) else {
            return Ok(None);
        };
        // Counted once, at the first try; the resident saw their thanks on the page in any case.
        let first = owed.tries <= 1;
        if first && !self.may_acknowledge(&mail.to).await? {
            return Ok(None);
        }
        Ok(Some((form, mail)))
    }

    async fn write_confirmation(&self, owed: &Owed) -> Result<Option<(Form, Mail)>, StoreError> {
        let Some(person) = self.store.person(&owed.form, &owed.about).await? else {
            return Ok(None);
        };
        let language = person.language.as_deref();
        let Some(form) = self.form_of(owed, &person.definition, language).await? else {
            return Ok(None);
        };
        let mail = form.confirmation.as_ref().and_then(|words| {
            let words = (&form, words);
            templates::confirmation(&self.settings, &self.keys, words, &person, owed)
        });
        Ok(mail.map(|mail| (form, mail)))
    }

    /// The form in the wording of a digest, or in its current one where the store has lost that, under
    /// what the team decides now.
    async fn form_of(
        &self,
        owed: &Owed,
        digest: &str,
        language: Option<&str>,
    ) -> Result<Option<Form>, StoreError> {
        let Some(current) = self.policy(&owed.form).await? else { return Ok(None) };
        let own = self.by_digest(&owed.form, digest, &Patience::new()).await?;
        let wording = own.unwrap_or_else(|| current.definition.clone());
        Ok(Some(self.governed(&wording.in_language(language).form, &current)))
    }
}

/// Logs that a mail needs no further try, and why: sent, or skipped because there is nothing to send
/// (any more). The id of a mail begins with the time of the reply or sign-up that it is about, by which
/// `make smoke` finds its own.
fn settled_with(event: &str, owed: &Owed) -> Settled {
    log::event(event, &[("id", &owed.id), ("form", &owed.form), ("letter", owed.letter.word())]);
    Settled::Sent
}
