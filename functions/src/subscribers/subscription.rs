//! The state transitions of subscriptions: sign-up, confirmation, unsubscription, bounce, complaint, erasure. Pure,
//! except for new ids.

use super::lookup::Known;
use crate::clock::{DAY, Millis};
use crate::form::Form;
use crate::hashes::Hashes;
use crate::id;
use crate::mail::queue::new_mail;
use crate::model::mailbox::{MAIL_HISTORY, MIN_INTERVAL};
use crate::model::{
    CONFIRM_WITHIN, ConsentEvent, ConsentMethod, ConsentStep, MailKind, Mailbox, MailboxLimit,
    QueuedMail, ReplyState, Subscriber, SubscriberChange, SubscriptionState,
};
use crate::secret_keys::{SecretKeys, random_hex};
use crate::submission::Contact;

/// The states by which a newsletter's inbox is listed: held sign-ups, then subscribers.
pub(crate) const STATES: [&str; 9] = [
    ReplyState::Held.as_str(),
    ReplyState::Accepted.as_str(),
    ReplyState::Refused.as_str(),
    SubscriptionState::Pending.as_str(),
    SubscriptionState::Active.as_str(),
    SubscriptionState::Unsubscribed.as_str(),
    SubscriptionState::Bounced.as_str(),
    SubscriptionState::Complained.as_str(),
    SubscriptionState::Erased.as_str(),
];

/// Where and how a transition was caused.
pub(crate) struct Step<'a> {
    pub(crate) form: &'a Form,
    pub(crate) method: ConsentMethod,
    pub(crate) page: Option<String>,
    pub(crate) now: Millis,
}

impl Step<'_> {
    fn event(&self, person: &str, step: ConsentStep) -> ConsentEvent {
        ConsentEvent {
            id: id::ulid(self.now),
            form: self.form.name().to_owned(),
            person: person.to_owned(),
            at: self.now,
            step,
            method: self.method,
            definition: self.form.digest(),
            language: self.form.language.clone(),
            page: self.page.clone(),
        }
    }
}

/// An address that the newsletter is to be sent to.
pub(crate) struct Address {
    /// The address that mail is sent to.
    email: String,
    pub(crate) hashes: Hashes,
    /// The hash of its mailbox, for all forms.
    pub(crate) mailbox: String,
}

impl Address {
    pub(crate) fn new(keys: &SecretKeys, form: &Form, email: String) -> Address {
        let contact = Contact::Email(email.clone());
        Address {
            email,
            hashes: Hashes::of(keys, form.name(), &contact),
            mailbox: keys.mailbox(&contact.mailbox().expect("an email address has a mailbox")),
        }
    }
}

/// An address is signed up. A subscriber stays subscribed and is sent the same mail, so that the response does not
/// reveal who is subscribed.
pub(crate) fn subscribe(step: &Step<'_>, address: &Address, known: Known) -> SubscriberChange {
    let now = step.now;
    let Known { person: known, mailbox, complained } = known;
    let expected = known.as_ref().map(|person| person.version);
    let mut person = known.unwrap_or_else(|| new_person(step, &address.hashes));
    person.version += 1;
    person.language = step.form.page_language().map(str::to_owned);
    let event = step.event(&person.hash, ConsentStep::Asked);
    let suppressed = mailbox.as_ref().is_some_and(|mailbox| mailbox.suppressed.is_some());
    if complained || suppressed {
        let unsaid = !suppressed;
        let mailbox = unsaid.then(|| suppress(mailbox, &address.mailbox, now)).flatten();
        return SubscriberChange { mailbox, ..suppressed_sign_up(step, person, expected, event) };
    }
    if person.state != SubscriptionState::Active {
        if person.state != SubscriptionState::Pending {
            person.since = now;
            let wish =
                matches!(person.state, SubscriptionState::Unsubscribed | SubscriptionState::Erased);
            person.before = wish.then_some(person.state);
        }
        person.state = SubscriptionState::Pending;
        // Without confirmation, those who had unsubscribed return to that state, and others are deleted.
        person.expires = person.before.is_none().then_some(now + CONFIRM_WITHIN);
        person.definition = step.form.digest();
    }
    // Mail is sent to the spelling that was confirmed, not to one that anyone entered later.
    if person.state != SubscriptionState::Active || person.email.is_none() {
        person.email = Some(address.email.clone());
        person.mailbox.clone_from(&address.hashes.mailbox);
    }
    let (mails, mailbox) = match confirmation_slot(&person, mailbox, address, now) {
        Some((slot, mailbox)) => {
            person.mailed.retain(|at| now - at < MAIL_HISTORY);
            person.mailed.push(slot);
            person.nonce = random_hex(16);
            person.nonce_until = slot + CONFIRM_WITHIN;
            let mail = new_mail(step.form, MailKind::Confirmation, &person.hash, now);
            // A mail that has to wait is left to the schedule.
            let due = if slot == now { mail.due } else { slot };
            (vec![QueuedMail { due, ..mail }], Some(mailbox))
        }
        None => (Vec::new(), None),
    };
    SubscriberChange { person, expected, former_mailbox: None, mailbox, event, mails }
}

/// When the mail that asks to confirm is sent, and the record of its mailbox; `None` if none is sent.
fn confirmation_slot(
    person: &Subscriber,
    mailbox: Option<Mailbox>,
    address: &Address,
    now: Millis,
) -> Option<(Millis, Mailbox)> {
    // If one was just sent or is waiting, another is not needed.
    if person.mailed.last().is_some_and(|last| now - last < MIN_INTERVAL) {
        return None;
    }
    let mailbox = mailbox.unwrap_or_else(|| Mailbox::new(address.mailbox.clone()));
    mailbox.take_slot(&MailboxLimit::CONFIRMATION, now)
}

fn new_person(step: &Step<'_>, hashes: &Hashes) -> Subscriber {
    Subscriber {
        form: step.form.name().to_owned(),
        hash: hashes.person.clone(),
        mailbox: None,
        reference: id::reference(),
        email: None,
        state: SubscriptionState::Pending,
        nonce: String::new(),
        nonce_until: 0,
        definition: step.form.digest(),
        language: None,
        since: step.now,
        mailed: Vec::new(),
        expires: None,
        before: None,
        version: 0,
    }
}

/// The change when an address is signed up whose mailbox is suppressed. The address is not stored, so entering it again
/// does not bring it back. A new record is deleted after a while.
fn suppressed_sign_up(
    step: &Step<'_>,
    mut person: Subscriber,
    expected: Option<u64>,
    event: ConsentEvent,
) -> SubscriberChange {
    if person.state != SubscriptionState::Complained {
        person.state = SubscriptionState::Complained;
        person.since = step.now;
        person.before = None;
        person.nonce = String::new();
        person.expires = expected.is_none().then_some(step.now + CONFIRM_WITHIN);
    }
    person.email = None;
    let former_mailbox = person.mailbox.take();
    SubscriberChange { person, expected, former_mailbox, mailbox: None, event, mails: Vec::new() }
}

/// The record of a mailbox when its owner reports our mail as unwanted: no form ever sends to any of its addresses
/// again. `None` if it is already suppressed.
pub(crate) fn suppress(known: Option<Mailbox>, hash: &str, now: Millis) -> Option<Mailbox> {
    let mut mailbox = known.unwrap_or_else(|| Mailbox::new(hash.to_owned()));
    if mailbox.suppressed.is_some() {
        return None;
    }
    mailbox.suppressed = Some(now);
    mailbox.mailed = Vec::new();
    mailbox.version += 1;
    Some(mailbox)
}

/// The change when a confirmation link is used; `None` if the link is from an older mail or has expired. Using it again
/// is no error.
pub(crate) fn confirm(step: &Step<'_>, known: &Subscriber, nonce: &str) -> Option<Confirmed> {
    if known.nonce != nonce || step.now >= known.nonce_until || known.email.is_none() {
        return None;
    }
    match known.state {
        SubscriptionState::Active => return Some(Confirmed::Already),
        SubscriptionState::Pending => {}
        _ => return None,
    }
    let person = Subscriber {
        state: SubscriptionState::Active,
        since: step.now,
        expires: None,
        before: None,
        version: known.version + 1,
        ..known.clone()
    };
    Some(Confirmed::Now(Box::new(SubscriberChange {
        person,
        expected: Some(known.version),
        former_mailbox: None,
        mailbox: None,
        event: step.event(&known.hash, ConsentStep::Confirmed),
        mails: Vec::new(),
    })))
}

/// The result of a confirmation.
pub(crate) enum Confirmed {
    /// It was confirmed before.
    Already,
    /// This change confirms it.
    Now(Box<SubscriberChange>),
}

/// The change when a person unsubscribes; `None` if they already have. The address is deleted; its hash stays, as the
/// record that nothing is to be sent.
pub(crate) fn unsubscribe(step: &Step<'_>, known: &Subscriber) -> Option<SubscriberChange> {
    if !matches!(
        known.state,
        SubscriptionState::Active | SubscriptionState::Pending | SubscriptionState::Bounced
    ) {
        return None;
    }
    Some(without_address(step, known, SubscriptionState::Unsubscribed, ConsentStep::Unsubscribed))
}

/// The change when a mail bounces; `None` if nothing is sent to them anyway. The address stays for a while, so that the
/// team can ask the person for another.
pub(crate) fn bounce(step: &Step<'_>, known: &Subscriber) -> Option<SubscriberChange> {
    if !matches!(known.state, SubscriptionState::Active | SubscriptionState::Pending) {
        return None;
    }
    let mut change = without_address(step, known, SubscriptionState::Bounced, ConsentStep::Bounced);
    change.person.email.clone_from(&known.email);
    change.person.mailbox = change.former_mailbox.take();
    change.person.expires = Some(step.now + Millis::from(step.form.keep_days) * DAY);
    Some(change)
}

/// The change when a person reports our mail as unwanted: nothing is ever sent to them again. `None` if that is already
/// recorded.
pub(crate) fn complain(step: &Step<'_>, known: &Subscriber) -> Option<SubscriberChange> {
    let complained = known.state == SubscriptionState::Complained;
    (!complained).then(|| {
        without_address(step, known, SubscriptionState::Complained, ConsentStep::Complained)
    })
}

/// The change when a person is erased at their request; `None` if they already are.
pub(crate) fn erase(step: &Step<'_>, known: &Subscriber) -> Option<SubscriberChange> {
    let erased = known.state == SubscriptionState::Erased;
    (!erased).then(|| without_address(step, known, SubscriptionState::Erased, ConsentStep::Erased))
}

/// The change when a person who had unsubscribed was signed up again, and has not confirmed in time; `None` otherwise.
/// Their address is deleted, and the record of their decision stays.
pub(crate) fn expire(step: &Step<'_>, known: &Subscriber) -> Option<SubscriberChange> {
    let before = known.before?;
    let lapses = known.lapses_at().is_some_and(|at| at <= step.now);
    lapses.then(|| without_address(step, known, before, ConsentStep::Lapsed))
}

/// The change that deletes a person's address and makes their links invalid.
fn without_address(
    step: &Step<'_>,
    known: &Subscriber,
    state: SubscriptionState,
    event: ConsentStep,
) -> SubscriberChange {
    let person = Subscriber {
        state,
        email: None,
        mailbox: None,
        nonce: String::new(),
        since: step.now,
        expires: None,
        before: None,
        version: known.version + 1,
        ..known.clone()
    };
    SubscriberChange {
        person,
        expected: Some(known.version),
        former_mailbox: known.mailbox.clone(),
        mailbox: None,
        event: step.event(&known.hash, event),
        mails: Vec::new(),
    }
}
