//! Decides the steps of a subscription: asked for, confirmed, left. Pure, but for fresh ids.

use super::lookup::Known;
use crate::clock::{DAY, MINUTE, Millis};
use crate::form::Form;
use crate::hashes::Hashes;
use crate::id;
use crate::mail::queue::new_mail;
use crate::replies::workflow::HELD_SIGN_UP;
use crate::secret_keys::{Keys, random_hex};
use crate::store::{
    CONFIRM_WITHIN, ConsentEvent, Letter, MailKind, Mailbox, Owed, Person, PersonChange,
    Subscription,
};
use crate::submission::Contact;

/// The states by which a newsletter's inbox is listed: its held sign-ups, then its subscribers.
pub(crate) const STATES: [&str; 9] = [
    HELD_SIGN_UP[0],
    HELD_SIGN_UP[1],
    HELD_SIGN_UP[2],
    Subscription::Pending.word(),
    Subscription::Active.word(),
    Subscription::Unsubscribed.word(),
    Subscription::Bounced.word(),
    Subscription::Complained.word(),
    Subscription::Erased.word(),
];

/// How long a link in a confirmation mail works.
pub(crate) const LINK_FOR: Millis = CONFIRM_WITHIN;

/// Where and how a step was taken.
pub(crate) struct Step<'a> {
    pub(crate) form: &'a Form,
    pub(crate) method: &'a str,
    pub(crate) page: Option<String>,
    pub(crate) now: Millis,
}

impl Step<'_> {
    fn event(&self, person: &str, step: &str) -> ConsentEvent {
        ConsentEvent {
            id: id::ulid(self.now),
            form: self.form.name().to_owned(),
            person: person.to_owned(),
            at: self.now,
            step: step.to_owned(),
            method: self.method.to_owned(),
            definition: self.form.digest(),
            language: self.form.language.clone(),
            page: self.page.clone(),
        }
    }
}

/// An address that somebody asks the newsletter to be sent to.
pub(crate) struct Address {
    /// As mail is sent to it.
    email: String,
    pub(crate) hashes: Hashes,
    /// The hash of its mailbox, over all forms.
    pub(crate) mailbox: String,
}

impl Address {
    pub(crate) fn new(keys: &Keys, form: &Form, email: String) -> Address {
        let contact = Contact::Email(email.clone());
        Address {
            email,
            hashes: Hashes::of(keys, form.name(), &contact),
            mailbox: keys.mailbox(&contact.mailbox().expect("an email address has a mailbox")),
        }
    }
}

/// Somebody asks for the newsletter to be sent to an address. Who is subscribed stays so, and is
/// sent the same mail: the answer tells nobody who is on the list.
pub(crate) fn ask(step: &Step<'_>, address: &Address, known: Known) -> PersonChange {
    let now = step.now;
    let Known { person: known, mailbox, complained } = known;
    let expected = known.as_ref().map(|person| person.version);
    let mut person = known.unwrap_or_else(|| new_person(step, &address.hashes));
    person.version += 1;
    person.language = step.form.page_language().map(str::to_owned);
    let event = step.event(&person.hash, "asked");
    let suppressed = mailbox.as_ref().is_some_and(|mailbox| mailbox.suppressed.is_some());
    if complained || suppressed {
        let unsaid = !suppressed;
        let mailbox = unsaid.then(|| suppress(mailbox, &address.mailbox, now)).flatten();
        return PersonChange { mailbox, ..silenced(step, person, expected, event) };
    }
    if person.state != Subscription::Active {
        if person.state != Subscription::Pending {
            person.since = now;
            let wish = matches!(person.state, Subscription::Unsubscribed | Subscription::Erased);
            person.before = wish.then_some(person.state);
        }
        person.state = Subscription::Pending;
        // Who had left before returns to that; whoever else does not confirm is forgotten.
        person.expires = person.before.is_none().then_some(now + LINK_FOR);
        person.definition = step.form.digest();
    }
    // Mail goes to the spelling that was confirmed, not to one that anybody typed since.
    if person.state != Subscription::Active || person.email.is_none() {
        person.email = Some(address.email.clone());
        person.mailbox.clone_from(&address.hashes.mailbox);
    }
    let (owed, mailbox) = match confirmation_slot(&person, mailbox, address, now) {
        Some((slot, mailbox)) => {
            person.mailed.retain(|at| now - at < 30 * DAY);
            person.mailed.push(slot);
            person.nonce = random_hex(16);
            person.nonce_until = slot + LINK_FOR;
            let mail = new_mail(step.form, Letter::Confirmation, &person.hash, now);
            // What has to wait is left to the schedule.
            let due = if slot == now { mail.due } else { slot };
            (vec![Owed { due, ..mail }], Some(mailbox))
        }
        None => (Vec::new(), None),
    };
    PersonChange { person, expected, former_mailbox: None, mailbox, event, owed }
}

/// When a mail that asks to confirm is sent, and the record of its mailbox with it; `None` where none is.
fn confirmation_slot(
    person: &Person,
    mailbox: Option<Mailbox>,
    address: &Address,
    now: Millis,
) -> Option<(Millis, Mailbox)> {
    // One that was just sent, or waits for its turn, is enough for who asks again.
    if person.mailed.last().is_some_and(|last| now - last < 10 * MINUTE) {
        return None;
    }
    let mailbox = mailbox.unwrap_or_else(|| Mailbox::new(address.mailbox.clone()));
    mailbox.take_slot(&MailKind::CONFIRMATION, now)
}

fn new_person(step: &Step<'_>, hashes: &Hashes) -> Person {
    Person {
        form: step.form.name().to_owned(),
        hash: hashes.person.clone(),
        mailbox: None,
        reference: id::reference(),
        email: None,
        state: Subscription::Pending,
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

/// The change when an address is signed up whose mailbox is never written to again. The address is not
/// kept: nobody who types it again brings it back. What was not there before goes after a while.
fn silenced(
    step: &Step<'_>,
    mut person: Person,
    expected: Option<u64>,
    event: ConsentEvent,
) -> PersonChange {
    if person.state != Subscription::Complained {
        person.state = Subscription::Complained;
        person.since = step.now;
        person.before = None;
        person.nonce = String::new();
        person.expires = expected.is_none().then_some(step.now + LINK_FOR);
    }
    person.email = None;
    let former_mailbox = person.mailbox.take();
    PersonChange { person, expected, former_mailbox, mailbox: None, event, owed: Vec::new() }
}

/// The record of a mailbox when its owner calls our mail unwanted: nothing is sent to it ever again, by
/// whatever form and under whatever address. `None` where that is known.
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

/// The change when a confirmation link is used; `None` where the link is of an older mail, or
/// its time is over. Using it again changes nothing and is no error.
pub(crate) fn confirm(step: &Step<'_>, known: &Person, nonce: &str) -> Option<Confirmed> {
    if known.nonce != nonce || step.now >= known.nonce_until || known.email.is_none() {
        return None;
    }
    match known.state {
        Subscription::Active => return Some(Confirmed::Already),
        Subscription::Pending => {}
        _ => return None,
    }
    let person = Person {
        state: Subscription::Active,
        since: step.now,
        expires: None,
        before: None,
        version: known.version + 1,
        ..known.clone()
    };
    Some(Confirmed::Now(Box::new(PersonChange {
        person,
        expected: Some(known.version),
        former_mailbox: None,
        mailbox: None,
        event: step.event(&known.hash, "confirmed"),
        owed: Vec::new(),
    })))
}

/// What a confirmation does.
pub(crate) enum Confirmed {
    /// It was confirmed before.
    Already,
    /// It is confirmed by this change.
    Now(Box<PersonChange>),
}

/// The change when somebody leaves; `None` where they have left before. The address goes, its
/// hash stays: the record that nothing is to be sent.
pub(crate) fn leave(step: &Step<'_>, known: &Person) -> Option<PersonChange> {
    if !matches!(known.state, Subscription::Active | Subscription::Pending | Subscription::Bounced)
    {
        return None;
    }
    Some(forgotten(step, known, Subscription::Unsubscribed))
}

/// The change when a mail cannot arrive; `None` where nothing is sent to them anyhow. The address
/// stays for a while, so that the team can ask the person for another.
pub(crate) fn bounce(step: &Step<'_>, known: &Person) -> Option<PersonChange> {
    if !matches!(known.state, Subscription::Active | Subscription::Pending) {
        return None;
    }
    let mut change = forgotten(step, known, Subscription::Bounced);
    change.person.email.clone_from(&known.email);
    change.person.mailbox = change.former_mailbox.take();
    change.person.expires = Some(step.now + Millis::from(step.form.keep_days) * DAY);
    Some(change)
}

/// The change when somebody calls our mail unwanted: nothing is sent to them ever again. `None`
/// where that is known.
pub(crate) fn complain(step: &Step<'_>, known: &Person) -> Option<PersonChange> {
    let complained = known.state == Subscription::Complained;
    (!complained).then(|| forgotten(step, known, Subscription::Complained))
}

/// The change when somebody wishes to be erased; `None` where they are.
pub(crate) fn erase(step: &Step<'_>, known: &Person) -> Option<PersonChange> {
    let erased = known.state == Subscription::Erased;
    (!erased).then(|| forgotten(step, known, Subscription::Erased))
}

/// The change when somebody who had left before was signed up again, and has not confirmed it in
/// time; `None` where that is not so. Their address goes once more, and the record of their wish stays.
pub(crate) fn lapse(step: &Step<'_>, known: &Person) -> Option<PersonChange> {
    let before = known.before?;
    known.lapses_at().is_some_and(|at| at <= step.now).then(|| {
        let mut change = forgotten(step, known, before);
        change.event.step = "lapsed".to_owned();
        change
    })
}

/// A person without an address, and without a link that works.
fn forgotten(step: &Step<'_>, known: &Person, state: Subscription) -> PersonChange {
    let person = Person {
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
    PersonChange {
        person,
        expected: Some(known.version),
        former_mailbox: known.mailbox.clone(),
        mailbox: None,
        event: step.event(&known.hash, state.word()),
        owed: Vec::new(),
    }
}
