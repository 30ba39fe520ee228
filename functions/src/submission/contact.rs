//! Finds the contact details in a submission. Pure.

use super::Submission;
use super::check::phone_digits;
use crate::email_address::{canonical_mailbox, earlier_identities, identity, sending_address};
use crate::form::Form;
use crate::form::field::{Field, Kind};

/// A contact detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// An email address, as mail is sent to it.
    Email(String),
    /// A telephone number: an optional `+`, then digits.
    Phone(String),
}

impl Contact {
    /// Parses an address or a number; `None` if the text is neither.
    pub fn parse(text: &str) -> Option<Contact> {
        match text.contains('@') {
            true => Some(Contact::Email(sending_address(text))),
            false => phone_digits(text).map(Contact::Phone),
        }
    }

    /// What identifies the person: the [`identity`] of an address, or the digits of a number.
    pub fn identity(&self) -> String {
        match self {
            Contact::Email(address) => identity(address),
            Contact::Phone(digits) => digits.clone(),
        }
    }

    /// The [`canonical_mailbox`] that an address reaches; `None` for a number.
    pub fn mailbox(&self) -> Option<String> {
        match self {
            Contact::Email(address) => Some(canonical_mailbox(address)),
            Contact::Phone(_) => None,
        }
    }

    /// Other spellings under which an earlier version may have stored the person.
    pub(crate) fn earlier_identities(&self) -> Vec<String> {
        match self {
            Contact::Email(address) => earlier_identities(address),
            Contact::Phone(_) => Vec::new(),
        }
    }
}

impl Submission {
    /// All contact details of this person, in the order of the form.
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

    /// The answers without the contact details; `None` if there are none, or if no other answer is free text: many
    /// people choose the same from a list.
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
