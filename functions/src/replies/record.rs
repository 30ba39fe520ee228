//! Builds the reply to store for a submission: its first state, when it is due, and its mails. Pure, except for new
//! ids.

use crate::clock::{DAY, HOUR, MINUTE, Millis};
use crate::form::Form;
use crate::hashes;
use crate::holidays::working_days_later;
use crate::id;
use crate::mail::queue::new_mail;
use crate::model::workflow::states;
use crate::model::{MailKind, NewReply, Priority, QueuedMail, StoredReply};
use crate::search;
use crate::secret_keys::SecretKeys;
use crate::submission::Submission;
use crate::submission::spam::Verdict;

/// How long the same answers are recognised as the same reply.
const DEDUP_PERIOD: Millis = DAY;

/// A submission's context.
pub(crate) struct ReceivedSubmission<'a> {
    pub(crate) form: &'a Form,
    pub(crate) verdict: Verdict,
    pub(crate) priority: Priority,
    pub(crate) page: Option<String>,
    pub(crate) now: Millis,
}

/// The reply to store, with a new reference.
pub(crate) fn new_reply(
    keys: &SecretKeys,
    received: &ReceivedSubmission<'_>,
    submission: Submission,
) -> NewReply {
    let ReceivedSubmission { form, now, .. } = *received;
    let id = id::ulid(now);
    let (contacts, mailboxes) = hashes::of_submission(keys, form, &submission);
    let reference = id::reference();
    let rest = submission.without_contacts(form);
    // A held reply may contain someone else's address, so it is not acknowledged by mail.
    let kinds: &[MailKind] = match received.verdict {
        Verdict::Hold(_) => &[],
        Verdict::Accept if submission.email(form).is_none() => &[MailKind::Notice],
        Verdict::Accept => &[MailKind::Notice, MailKind::Acknowledgement],
    };
    let priority = received.priority;
    let queued =
        kinds.iter().map(|kind| QueuedMail { priority, ..new_mail(form, *kind, &id, now) });
    let is_held = received.verdict != Verdict::Accept;
    NewReply {
        dedup_hash: keys.dedup_hash(form.name(), &text(&submission)),
        correction_hash: rest.map(|rest| keys.correction_hash(form.name(), &text(&rest))),
        dedup_until: now + DEDUP_PERIOD,
        mails: queued.collect(),
        summary: is_held.then(|| held_summary(form, now)),
        reply: StoredReply {
            id,
            form: form.name().to_owned(),
            search: search::terms_of_reply(keys, &reference, Some(form), &submission),
            reference,
            definition: form.digest(),
            page: received.page.clone(),
            language: form.page_language().map(str::to_owned),
            received: now,
            due: working_days_later(now, form.answer_within.unwrap_or(5), &form.closed),
            state: states(form.purpose())[0],
            held: match received.verdict {
                Verdict::Accept => None,
                Verdict::Hold(reason) => Some(reason.to_owned()),
            },
            person: contacts.first().cloned(),
            contacts,
            mailboxes,
            corrects: None,
            submission,
            history: Vec::new(),
            expires: now + Millis::from(form.keep_days) * DAY,
        },
    }
}

fn text(submission: &Submission) -> String {
    serde_json::to_string(submission).expect("answers are texts")
}

/// The summary that notifies the team of a held reply: one for all those of an hour. The hour ends a minute before the
/// summary is due, so that no reply is stored after it was sent.
fn held_summary(form: &Form, now: Millis) -> QueuedMail {
    let due = ((now + MINUTE).div_euclid(HOUR) + 1) * HOUR;
    let id = id::ulid_of(due, &format!("held {}", form.name()));
    QueuedMail { id, due, ..new_mail(form, MailKind::HeldSummary, "", now) }
}
