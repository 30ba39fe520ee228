//! Finds in a submission how the person can be reached. Pure.

use super::Submission;
use super::check::phone_digits;
use crate::email_address::{earlier_identities, identity, mailbox, sending_address};
use crate::form::Form;
use crate::form::field::{Field, Kind};

/// How somebody can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// An email address, as mail is sent to it.
    Email(String),
    /// A telephone number: an optional `+`, then digits.
    Phone(String),
}

impl Contact {
    /// An address or a number as somebody wrote it; `None` where it is neither.
    pub fn parse(text: &str) -> Option<Contact> {
        match text.contains('@') {
            true => Some(Contact::Email(sending_address(text))),
            false => phone_digits(text).map(Contact::Phone),
        }
    }

    /// What the person is known by: the [`identity`] of an address, the digits of a number.
    pub fn identity(&self) -> String {
        match self {
            Contact::Email(address) => identity(address),
            Contact::Phone(digits) => digits.clone(),
        }
    }

    /// The [`mailbox`] that an address reaches; `None` for a number.
    pub fn mailbox(&self) -> Option<String> {
        match self {
            Contact::Email(address) => Some(mailbox(address)),
            Contact::Phone(_) => None,
        }
    }

    /// Other spellings under which an earlier version may have known the person.
    pub(crate) fn earlier_identities(&self) -> Vec<String> {
        match self {
            Contact::Email(address) => earlier_identities(address),
            Contact::Phone(_) => Vec::new(),
        }
    }
}

impl Submission {
    /// Every way to reach this person, in the order of the form.
    pub fn contacts(&self, form: &Form) -> Vec<Contact> {
        self.contact_fields(form).map(|(_, contact)| contact).collect()
    }

    /// The first email address of this person, as mail is sent to it.
    pub fn email(&self, form: &Form) -> Option<String> {
        self.contact_fields(form).find_map(|(_, contact)| match contact {
            Contact::Email(address) => Some(address),
            Contact::Phone(_) => None,
        })
    }

    /// The same answers without those by which the person is reached; `None` where there is none, or
    /// where nothing else is in their own words: many people choose the same from a list.
    pub(crate) fn without_contacts(&self, form: &Form) -> Option<Submission> {
        let mut rest = self.clone();
        for (field, _) in self.contact_fields(form) {
            rest.answers.remove(&field.name);
        }
        let own_words = form.fields().any(|field| {
            let written = matches!(field.kind, Kind::FullName | Kind::Text | Kind::LongText);
            written && rest.answers.contains_key(&field.name)
        });
        (own_words && rest != *self).then_some(rest)
    }

    fn contact_fields<'a>(&self, form: &'a Form) -> impl Iterator<Item = (&'a Field, Contact)> {
        form.fields().filter_map(|field| {
            let answer = self.get(&field.name)?;
            let contact = match field.kind {
                Kind::Email => Some(Contact::Email(sending_address(answer))),
                Kind::Telephone => phone_digits(answer).map(Contact::Phone),
                Kind::PhoneOrEmail => Contact::parse(answer),
                _ => None,
            };
            contact.map(|contact| (field, contact))
        })
    }
}
