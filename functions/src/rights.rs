//! What people may ask for about their data: erasure from all forms, with a receipt.

use crate::clock::Millis;
use crate::inbox::{Inbox, InboxError, Related};
use crate::store::Store;
use std::collections::BTreeSet;

/// What was erased of a person. It names no person, so it can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// When the erasure began.
    pub at: Millis,
    /// What was erased, form by form.
    pub forms: Vec<ErasedRecords>,
}

/// What was erased from one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasedRecords {
    /// The form's name.
    pub form: String,
    /// How many records: replies, and the subscription.
    pub records: u32,
    /// The references of these records.
    pub references: Vec<String>,
}

impl Receipt {
    /// A receipt of an erasure that begins now.
    pub fn new(at: Millis) -> Receipt {
        Receipt { at, forms: Vec::new() }
    }

    /// Erases a person from every form, including withdrawn ones. If it fails, the receipt has what was erased before,
    /// and another call erases the rest.
    ///
    /// # Errors
    /// The store does not answer; there are no keys.
    pub async fn erase<S: Store>(
        &mut self,
        inbox: &Inbox<S>,
        contact: &str,
    ) -> Result<(), InboxError> {
        for form in inbox.forms().await? {
            let replies = inbox.of_person(&form.name, contact).await?;
            let person = inbox.subscriber(&form.name, contact).await?;
            // An erased subscriber stays as a hash, which is no record of the person.
            let person = person.map(|(person, _)| person).filter(|person| person.email.is_some());
            let references = replies.into_iter().map(|reply| reply.reference);
            let references = references.chain(person.map(|person| person.reference)).collect();
            let records = inbox.erase(&form.name, contact).await?;
            if records > 0 {
                self.forms.push(ErasedRecords { form: form.name, records, references });
            }
        }
        Ok(())
    }
}

/// Other contacts that probably belong to the same person, over all forms. They are not erased with the person.
///
/// # Errors
/// The store does not answer; there are no keys.
pub async fn related<S: Store>(
    inbox: &Inbox<S>,
    contact: &str,
) -> Result<Vec<Related>, InboxError> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for form in inbox.forms().await? {
        let related = inbox.related(&form.name, contact).await?;
        found.extend(related.into_iter().filter(|related| seen.insert(related.contact.clone())));
    }
    Ok(found)
}
