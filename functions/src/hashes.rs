//! The keyed hashes by which people are found. Pure.

use crate::form::Form;
use crate::secret_keys::SecretKeys;
use crate::submission::{Contact, Submission};

/// The hashes of one contact, in one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hashes {
    /// Of its identity, by which the person is found.
    pub(crate) person: String,
    /// Of the mailbox that it reaches, if that is not the identity itself.
    pub(crate) mailbox: Option<String>,
    /// Of other spellings, under which an earlier version may have stored the same person.
    pub(crate) earlier: Vec<String>,
    /// Of the mailbox's own address and its other spellings, if that is not the identity.
    pub(crate) mailbox_owner: Vec<String>,
}

impl Hashes {
    pub(crate) fn of(keys: &SecretKeys, form: &str, contact: &Contact) -> Hashes {
        let hash = |text: &String| keys.person(form, text);
        let (identity, mailbox) = (contact.identity(), contact.mailbox());
        let mailbox = mailbox.filter(|mailbox| *mailbox != identity).map(Contact::Email);
        let owner = mailbox.iter().flat_map(|mailbox| {
            std::iter::once(mailbox.identity()).chain(mailbox.earlier_identities())
        });
        Hashes {
            person: hash(&identity),
            mailbox: mailbox.as_ref().map(|mailbox| hash(&mailbox.identity())),
            earlier: contact.earlier_identities().iter().map(hash).collect(),
            mailbox_owner: owner.map(|spelling| hash(&spelling)).collect(),
        }
    }

    /// Hashes of a person of whom only one hash is known.
    pub(crate) fn only(person: String) -> Hashes {
        Hashes { person, mailbox: None, earlier: Vec::new(), mailbox_owner: Vec::new() }
    }

    /// Every hash under which the person may be stored, the current one first.
    pub(crate) fn of_person(&self) -> Vec<String> {
        std::iter::once(&self.person).chain(&self.earlier).cloned().collect()
    }

    /// The hash by which all people with the same mailbox are found.
    pub(crate) fn of_mailbox(&self) -> &str {
        self.mailbox.as_ref().unwrap_or(&self.person)
    }
}

/// The hashes of every contact in a submission, and of the mailboxes that these reach if they differ: each once, in the
/// order of the form.
pub(crate) fn of_submission(
    keys: &SecretKeys,
    form: &Form,
    submission: &Submission,
) -> (Vec<String>, Vec<String>) {
    let (mut contacts, mut mailboxes) = (Vec::new(), Vec::new());
    for contact in submission.contacts(form) {
        let Hashes { person, mailbox, .. } = Hashes::of(keys, form.name(), &contact);
        contacts.push(person);
        mailboxes.extend(mailbox);
    }
    for hashes in [&mut contacts, &mut mailboxes] {
        let mut seen = std::collections::BTreeSet::new();
        hashes.retain(|hash| seen.insert(hash.clone()));
    }
    (contacts, mailboxes)
}
