//! Composes queued mails when they are sent. Pure.

use super::{About, Mail, Part};
use crate::clock::{self, Millis};
use crate::form::field::Kind;
use crate::form::messages::Message;
use crate::form::{Confirmation, Form};
use crate::model::{MailKind, Priority, QueuedMail, StateChange, StoredReply, Subscriber};
use crate::secret_keys::SecretKeys;
use crate::settings::Settings;
use crate::token::{Token, TokenPurpose};

/// Notifies the team of a reply; `None` if the definition names no recipient.
pub(crate) fn notice(
    settings: &Settings,
    form: &Form,
    reply: &StoredReply,
    queued: &QueuedMail,
) -> Option<Mail> {
    let held = if reply.held.is_some() { "Held: " } else { "" };
    let mut parts = vec![Part::Text(form.title.clone()), Part::Text(facts(reply))];
    let mut reply_to = None;
    if form.details {
        parts.extend(answers(form, reply));
        reply_to = reply.submission.email(form);
    }
    Some(Mail {
        reply_to,
        parts,
        ..blank(
            settings,
            (form, queued),
            form.notify.clone()?,
            format!("{held}{} ({})", form.title, reply.reference),
            reply.received,
        )
    })
}

/// Notifies the team of held replies, each with the form that it answers, and of the number of `more` ones. `None` if
/// there are none, or if the definition names no recipient.
pub(crate) fn held_summary(
    settings: &Settings,
    form: &Form,
    (held, more): (&[(Form, StoredReply)], usize),
    queued: &QueuedMail,
) -> Option<Mail> {
    let (subject, intro) = match (held, more) {
        ([], _) => return None,
        ([(_, reply)], 0) => (
            format!("Held: {} ({})", form.title, reply.reference),
            "One reply looks odd and is held. A person may have sent it, so please look at it."
                .to_owned(),
        ),
        _ => {
            let count = held.len() + more;
            (
                format!("Held: {count} replies ({})", form.title),
                format!(
                    "{count} replies look odd and are held. People may have sent some of them, so please \
                     look at each."
                ),
            )
        }
    };
    let mut parts = vec![Part::Text(form.title.clone()), Part::Text(intro)];
    for (wording, reply) in held {
        parts.push(Part::Text(facts(reply)));
        if form.details {
            parts.extend(answers(wording, reply));
        }
    }
    if more > 0 {
        let list =
            format!("{more} more are held. To list them all: daisy inbox list {}", form.name());
        parts.push(Part::Text(list));
    }
    let about = |(_, reply): &(Form, StoredReply)| About::Reply {
        form: reply.form.clone(),
        id: reply.id.clone(),
    };
    let date = crate::id::time_of(&queued.id).unwrap_or(queued.due);
    Some(Mail {
        parts,
        about: held.iter().map(about).collect(),
        ..blank(settings, (form, queued), form.notify.clone()?, subject, date)
    })
}

/// The facts about a reply without its answers.
fn facts(reply: &StoredReply) -> String {
    let mut lines = vec![
        format!("Reference: {}", reply.reference),
        format!("Received: {}", clock::rfc3339(reply.received)),
        format!("Answer by: {}", clock::date_words(reply.due)),
    ];
    if let Some(reason) = &reply.held {
        lines.push(format!("Held, because {reason}. The resident was thanked as always."));
    }
    if let Some(earlier) = &reply.corrects {
        lines.push(format!(
            "Perhaps corrects {earlier}: it says the same, with another number or address."
        ));
    }
    lines.join("\n")
}

/// The answers of a reply in the order of its form, then those without a field in the form.
fn answers(form: &Form, reply: &StoredReply) -> Vec<Part> {
    let mut parts = Vec::new();
    for field in form.fields() {
        let Some(answers) = reply.submission.answers.get(&field.name) else { continue };
        let separator = if field.kind == Kind::Choices { "\n" } else { " " };
        parts.push(Part::Text(format!("{}\n{}", field.label, answers.join(separator))));
    }
    let others = reply.submission.answers.iter().filter(|(name, _)| form.field(name).is_none());
    parts.extend(others.map(|(name, all)| Part::Text(format!("{name}\n{}", all.join("\n")))));
    parts
}

/// Sends a resident what a member wrote, with the reference, and the team's address to reply to. It contains none of
/// the resident's text. `None` if the reply has no email address, or nothing was written.
pub(crate) fn answer(
    settings: &Settings,
    form: &Form,
    (reply, change): (&StoredReply, &StateChange),
    queued: &QueuedMail,
) -> Option<Mail> {
    let address = reply.submission.email(form)?;
    let text = change.email.as_deref()?;
    let paragraphs = text.split("\n\n").map(str::trim).filter(|text| !text.is_empty());
    let mut parts: Vec<Part> = paragraphs.map(|text| Part::Text(text.to_owned())).collect();
    let reference = [("reference", reply.reference.as_str())];
    parts.push(Part::Text(form.message(Message::Reference, &reference)));
    let subject = format!("{} ({})", form.title, reply.reference);
    Some(Mail {
        parts,
        reply_to: form.notify.clone(),
        ..blank(settings, (form, queued), address, subject, change.at)
    })
}

/// Tells a resident that their reply has arrived. It contains none of their text: a person who enters someone else's
/// address must not be able to send them text.
pub(crate) fn acknowledgement(
    settings: &Settings,
    form: &Form,
    reply: &StoredReply,
    queued: &QueuedMail,
) -> Option<Mail> {
    let address = reply.submission.email(form)?;
    let mut parts = vec![Part::Text(form.thanks.title.clone())];
    parts.extend(form.thanks.next.iter().map(|text| Part::Text(plain(text, &settings.site))));
    let reference = [("reference", reply.reference.as_str())];
    parts.push(Part::Text(form.message(Message::Reference, &reference)));
    Some(Mail {
        parts,
        ..blank(settings, (form, queued), address, form.thanks.title.clone(), reply.received)
    })
}

/// Asks a subscriber to confirm.
pub(crate) fn confirmation(
    settings: &Settings,
    keys: &SecretKeys,
    (form, words): (&Form, &Confirmation),
    person: &Subscriber,
    queued: &QueuedMail,
) -> Option<Mail> {
    let link = |purpose: TokenPurpose, nonce: &str, expires: Millis| {
        let token =
            Token { purpose, person: person.hash.clone(), nonce: nonce.to_owned(), expires };
        let token = token.sign(keys, form.name());
        let site = settings.forms_url.trim_end_matches('/');
        let language = form.language_parameter();
        format!("{site}/api/{}/{}?token={token}{language}", form.name(), purpose.as_str())
    };
    let mut parts: Vec<Part> =
        words.mail.iter().map(|text| Part::Text(plain(text, &settings.site))).collect();
    let confirm = link(TokenPurpose::Confirm, &person.nonce, person.nonce_until);
    parts.push(Part::Link(words.button.clone(), confirm));
    let leave = link(TokenPurpose::Unsubscribe, "", 0);
    parts.push(Part::Link(words.leave_button.clone(), leave.clone()));
    Some(Mail {
        unsubscribe: Some(leave),
        parts,
        ..blank(
            settings,
            (form, queued),
            person.email.clone()?,
            words.subject.clone(),
            person.mailed.last().copied().unwrap_or(person.since),
        )
    })
}

/// Tells the team that the hourly mail limit was reached.
pub(crate) fn alert(settings: &Settings, form: &Form, now: Millis) -> Option<Mail> {
    let queued = QueuedMail {
        id: crate::id::ulid(now),
        form: form.name.clone(),
        kind: MailKind::Notice,
        about: String::new(),
        due: now,
        tries: 0,
        failed: false,
        priority: Priority::Normal,
    };
    let words = format!(
        "More than {} emails were due within an hour. The rest wait, and are sent in the next hours. \
         Every reply is stored. This happens when a campaign does very well, or when a program \
         sends forms.\n\nTo see the replies, run: daisy inbox list",
        settings.mail_limit
    );
    let parts = words.split("\n\n").map(|text| Part::Text(text.to_owned())).collect();
    let subject = "Emails are delayed: very many replies".to_owned();
    Some(Mail { parts, ..blank(settings, (form, &queued), form.notify.clone()?, subject, now) })
}

fn blank(
    settings: &Settings,
    (form, queued): (&Form, &QueuedMail),
    to: String,
    subject: String,
    date: Millis,
) -> Mail {
    let host = settings.site.split("//").nth(1).unwrap_or(&settings.site);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    Mail {
        id: format!("{}@{host}", queued.id),
        date,
        from: settings.from.clone(),
        language: form.language.clone(),
        to,
        reply_to: None,
        subject,
        unsubscribe: None,
        parts: Vec::new(),
        about: about(queued).into_iter().collect(),
    }
}

/// The record that a mail is about, if it is about one.
fn about(queued: &QueuedMail) -> Option<About> {
    let (form, record) = (queued.form.clone(), queued.about.clone());
    match queued.kind {
        _ if record.is_empty() => None,
        MailKind::HeldSummary => None,
        MailKind::Notice | MailKind::Acknowledgement => Some(About::Reply { form, id: record }),
        MailKind::Answer => {
            let id = record.split('#').next().unwrap_or_default().to_owned();
            Some(About::Reply { form, id })
        }
        MailKind::Confirmation => Some(About::Subscriber { form, hash: record }),
    }
}

/// A definition's paragraph as plain text: links become `text (URL)`, or only their text if they are telephone numbers.
fn plain(text: &str, site: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, words, target, after)) = crate::form::next_link(rest) {
        plain.push_str(before);
        plain.push_str(words);
        if target.starts_with('/') {
            plain.push_str(&format!(" ({}{target})", site.trim_end_matches('/')));
        } else if !target.starts_with("tel:") {
            plain.push_str(&format!(" ({target})"));
        }
        rest = after;
    }
    plain + rest
}
