//! Sends queued mails: directly after a reply is stored, and on a schedule.

use crate::catch_unwind::catch_unwind;
use crate::clock::{HOUR, MINUTE, Millis};
use crate::deadline::Deadline;
use crate::form::Form;
use crate::mail::{Mail, MailError, Mailer, templates};
use crate::model::{MailKind, Priority, QueuedMail, SendOutcome, Subscriber};
use crate::service::Service;
use crate::store::{Store, StoreError};
use crate::{id, log};
use std::time::Duration;
use tokio::time::Instant;

/// How long a mail that was just stored is left to the process that stored it, before the schedule takes it.
pub(crate) const FIRST_LEASE: Millis = MINUTE;
/// How long a resident waits for the first attempt to send a mail.
const FIRST_ATTEMPT_LIMIT: Duration = Duration::from_secs(1);
/// How long an attempt on the schedule may take.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(10);
/// How long an attempt leases a mail.
const LEASE: Millis = 2 * MINUTE;
/// The delays after each failed attempt; after one more attempt the mail is given up.
const RETRY_DELAYS: [Millis; 4] = [MINUTE, 10 * MINUTE, HOUR, 6 * HOUR];
/// How many held replies a summary shows; others are only counted.
const MAX_IN_SUMMARY: usize = 20;
/// The most attempts that may begin: more than the delays, because a process can end during an attempt.
const MAX_ATTEMPTS: u32 = 20;

/// A mail to store in the queue, leased to the process that stores it.
pub(crate) fn new_mail(form: &Form, kind: MailKind, about: &str, now: Millis) -> QueuedMail {
    QueuedMail {
        id: id::ulid(now),
        form: form.name().to_owned(),
        kind,
        about: about.to_owned(),
        due: now + FIRST_LEASE,
        tries: 0,
        failed: false,
        priority: Priority::Normal,
    }
}

/// What one run of the schedule sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendReport {
    /// Mails that were sent.
    pub sent: u32,
    /// Mails that will be tried again.
    pub again: u32,
    /// Mails that were given up.
    pub failed: u32,
    /// The age of the oldest mail that was due; 0 if none was.
    pub oldest: Millis,
}

/// Why a mail was not sent.
enum Unsent {
    /// There is nothing to send: the reply was erased, or there is no recipient.
    Nothing,
    /// The hourly limit is reached.
    Waiting,
    Store(StoreError),
    Mail(MailError),
}

impl<S: Store, M: Mailer> Service<S, M> {
    /// Sends the mails that are due, each under a lease of its own.
    pub(crate) async fn send_due(&self, now: Millis) -> Result<SendReport, StoreError> {
        let mut report = SendReport::default();
        for queued in self.store.due(now, 50).await? {
            let age = id::time_of(&queued.id).map_or(0, |since| now - since);
            report.oldest = report.oldest.max(age);
            let Some(queued) = self.store.lease(&queued, now + LEASE).await? else {
                continue;
            };
            if queued.tries > MAX_ATTEMPTS {
                // No attempt ever ended.
                log::event("mail_failed", &[("id", &queued.id), ("error", "no try ends")]);
                self.store.record_outcome(&queued, SendOutcome::Failed).await?;
                report.failed += 1;
                continue;
            }
            match catch_unwind(self.attempt(&queued, None, ATTEMPT_LIMIT)).await {
                None => log::event("panic", &[("id", &queued.id)]),
                Some(settled) => match settled? {
                    SendOutcome::Sent => report.sent += 1,
                    SendOutcome::Again(_) | SendOutcome::Waiting(_) => report.again += 1,
                    SendOutcome::Failed => report.failed += 1,
                },
            }
        }
        Ok(report)
    }

    /// Makes the first attempt to send mails that were just stored, before the visitor is answered. If it fails, the
    /// schedule repeats it. `subscriber` is the one that the mails are about, if they are about a subscriber, so that
    /// it need not be read again.
    pub(crate) async fn send_now(&self, mails: &[QueuedMail], subscriber: Option<&Subscriber>) {
        let end = Instant::now() + FIRST_ATTEMPT_LIMIT;
        let attempts = async {
            for mail in mails {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return;
                }
                let mail = QueuedMail { tries: 1, ..mail.clone() };
                if let Err(error) = self.attempt(&mail, subscriber, left).await {
                    log::event("mail_waits", &[("id", &mail.id), ("error", &error.to_string())]);
                }
            }
        };
        // A mail that was sent has as long again to be recorded as sent, or it would be sent twice.
        if let Ok(None) =
            tokio::time::timeout(2 * FIRST_ATTEMPT_LIMIT, catch_unwind(attempts)).await
        {
            log::event("panic", &[("in", "mail")]);
        }
    }

    async fn attempt(
        &self,
        queued: &QueuedMail,
        subscriber: Option<&Subscriber>,
        limit: Duration,
    ) -> Result<SendOutcome, StoreError> {
        let sent =
            tokio::time::timeout(limit, self.send(queued, subscriber)).await.unwrap_or_else(|_| {
                let message = "the mail server took too long".to_owned();
                Err(Unsent::Mail(MailError { message, permanent: false }))
            });
        let settled = match sent {
            Ok(()) => sent_with_event("mail_sent", queued),
            Err(Unsent::Nothing) => sent_with_event("mail_skipped", queued),
            Err(Unsent::Store(error)) => return Err(error),
            Err(Unsent::Waiting) => SendOutcome::Waiting(self.next_hour(queued)),
            Err(Unsent::Mail(error)) => {
                let wait = RETRY_DELAYS
                    .get(queued.tries.saturating_sub(1) as usize)
                    .filter(|_| !error.permanent);
                let name = if wait.is_some() { "mail_again" } else { "mail_failed" };
                log::event(name, &[("id", &queued.id), ("error", &error.message)]);
                wait.map_or(SendOutcome::Failed, |wait| SendOutcome::Again(self.clock.now() + wait))
            }
        };
        self.store.record_outcome(queued, settled).await?;
        Ok(settled)
    }

    async fn send(
        &self,
        queued: &QueuedMail,
        subscriber: Option<&Subscriber>,
    ) -> Result<(), Unsent> {
        let (form, mail) =
            self.write(queued, subscriber).await.map_err(Unsent::Store)?.ok_or(Unsent::Nothing)?;
        if !self.may_mail(&form, queued).await {
            return Err(Unsent::Waiting);
        }
        self.mailer.send(&mail).await.map_err(Unsent::Mail)
    }

    /// Composes a mail from the current records; `None` if there is nothing to send. It uses the wording of the page
    /// that the person saw, and the recipients of the current definition.
    async fn write(
        &self,
        queued: &QueuedMail,
        subscriber: Option<&Subscriber>,
    ) -> Result<Option<(Form, Mail)>, StoreError> {
        match queued.kind {
            MailKind::Confirmation => self.write_confirmation(queued, subscriber).await,
            MailKind::Notice => self.write_notice(queued).await,
            MailKind::HeldSummary => self.write_held_summary(queued).await,
            MailKind::Acknowledgement => self.write_acknowledgement(queued).await,
            MailKind::Answer => self.write_answer(queued).await,
        }
    }

    async fn write_answer(&self, queued: &QueuedMail) -> Result<Option<(Form, Mail)>, StoreError> {
        let Some((id, change)) = queued.about.split_once('#') else { return Ok(None) };
        let Some(reply) = self.store.reply(&queued.form, id).await? else { return Ok(None) };
        let change = change.parse().ok().and_then(|number: usize| reply.history.get(number));
        let Some(change) = change else { return Ok(None) };
        let form = self.form_of(queued, &reply.definition, reply.language.as_deref()).await?;
        Ok(form.and_then(|form| {
            let mail = templates::answer(&self.settings, &form, (&reply, change), queued)?;
            Some((form, mail))
        }))
    }

    async fn write_notice(&self, queued: &QueuedMail) -> Result<Option<(Form, Mail)>, StoreError> {
        let Some(reply) = self.store.reply(&queued.form, &queued.about).await? else {
            return Ok(None);
        };
        let form = self.form_of(queued, &reply.definition, None).await?;
        Ok(form.and_then(|form| {
            let mail = templates::notice(&self.settings, &form, &reply, queued)?;
            Some((form, mail))
        }))
    }

    async fn write_held_summary(
        &self,
        queued: &QueuedMail,
    ) -> Result<Option<(Form, Mail)>, StoreError> {
        let Some(current) = self.current_rules(&queued.form).await? else { return Ok(None) };
        let form = self.with_current_rules(&current.definition.form, &current);
        let (mut held, mut more) = (Vec::new(), 0);
        for id in self.store.held(queued).await? {
            if held.len() == MAX_IN_SUMMARY {
                more += 1;
                continue;
            }
            let Some(reply) = self.store.reply(&queued.form, &id).await? else { continue };
            // A reply whose state was changed has been seen.
            if reply.history.is_empty()
                && let Some(wording) = self.form_of(queued, &reply.definition, None).await?
            {
                held.push((wording, reply));
            }
        }
        let mail = templates::held_summary(&self.settings, &form, (&held, more), queued);
        Ok(mail.map(|mail| (form, mail)))
    }

    async fn write_acknowledgement(
        &self,
        queued: &QueuedMail,
    ) -> Result<Option<(Form, Mail)>, StoreError> {
        let Some(reply) = self.store.reply(&queued.form, &queued.about).await? else {
            return Ok(None);
        };
        let language = reply.language.as_deref();
        let Some(form) = self.form_of(queued, &reply.definition, language).await? else {
            return Ok(None);
        };
        let Some(mail) = templates::acknowledgement(&self.settings, &form, &reply, queued) else {
            return Ok(None);
        };
        // Counted at the first attempt only. The resident has seen the thanks page in any case.
        let first = queued.tries <= 1;
        if first && !self.may_acknowledge(&mail.to).await? {
            return Ok(None);
        }
        Ok(Some((form, mail)))
    }

    async fn write_confirmation(
        &self,
        queued: &QueuedMail,
        subscriber: Option<&Subscriber>,
    ) -> Result<Option<(Form, Mail)>, StoreError> {
        let person = match subscriber {
            Some(person) => Some(person.clone()),
            None => self.store.subscriber(&queued.form, &queued.about).await?,
        };
        let Some(person) = person else { return Ok(None) };
        let language = person.language.as_deref();
        let Some(form) = self.form_of(queued, &person.definition, language).await? else {
            return Ok(None);
        };
        let mail = form.confirmation.as_ref().and_then(|words| {
            let words = (&form, words);
            templates::confirmation(&self.settings, &self.keys, words, &person, queued)
        });
        Ok(mail.map(|mail| (form, mail)))
    }

    /// The form in the wording of a digest (or in its current one, if the store does not have that), with the rules of
    /// the current definition.
    async fn form_of(
        &self,
        queued: &QueuedMail,
        digest: &str,
        language: Option<&str>,
    ) -> Result<Option<Form>, StoreError> {
        let Some(current) = self.current_rules(&queued.form).await? else { return Ok(None) };
        let wording = match current.definition.form.digest() == digest {
            true => None,
            false => self.by_digest(&queued.form, digest, &Deadline::new()).await?,
        };
        let wording = wording.unwrap_or_else(|| current.definition.clone());
        Ok(Some(self.with_current_rules(&wording.in_language(language).form, &current)))
    }
}

/// Logs that a mail needs no further attempt, and why: it was sent, or there is nothing to send. The id of a mail
/// begins with the time of its reply or sign-up, by which `make smoke` finds its own.
fn sent_with_event(event: &str, queued: &QueuedMail) -> SendOutcome {
    log::event(
        event,
        &[("id", &queued.id), ("form", &queued.form), ("letter", queued.kind.as_str())],
    );
    SendOutcome::Sent
}
