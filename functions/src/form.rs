//! Turns a form's definition into a [`Form`], or every error in it at its place. Pure.
//!
//! A definition is data: the page shows it, the function validates with it, and the store keeps
//! it under the digest of its canonical form, as the wording that people agreed to.

mod definition;
pub mod field;
pub mod frame;
pub mod html;
mod reader;

use crate::yaml;
use field::Field;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One form, whole and checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    pub(crate) name: String,
    pub(crate) purpose: Purpose,
    pub(crate) language: String,
    pub(crate) title: String,
    pub(crate) intro: Vec<String>,
    pub(crate) fields: Vec<Field>,
    pub(crate) more: Option<More>,
    pub(crate) submit: String,
    pub(crate) small_print: Vec<String>,
    pub(crate) thanks: Thanks,
    /// Days after which a reply is removed.
    pub(crate) keep_days: u32,
    /// Working days within which somebody answers.
    pub(crate) answer_within: Option<u8>,
    /// Where the team is told of each reply.
    pub(crate) notify: Option<String>,
    /// Whether that mail carries the answers, or the reference alone.
    pub(crate) details: bool,
    /// The telephone number for when nothing else works.
    pub(crate) phone: String,
    /// Words of the mail that asks a subscriber to confirm.
    pub(crate) confirmation: Option<Confirmation>,
}

/// What a reply to a form means, and so which states it goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// A subscription, confirmed by mail.
    Newsletter,
    /// An offer of help.
    Volunteer,
    /// A wish to be rung or written to.
    Chat,
    /// Anything else that somebody answers.
    Enquiry,
}

/// The optional fields, folded away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct More {
    pub(crate) summary: String,
    pub(crate) fields: Vec<Field>,
}

/// The page of thanks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thanks {
    pub(crate) title: String,
    /// What happens next, and when: one paragraph each.
    pub(crate) next: Vec<String>,
}

/// The mail and the pages by which a subscriber confirms and leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The mail's subject.
    pub(crate) subject: String,
    /// The mail's paragraphs, before the link.
    pub(crate) mail: Vec<String>,
    /// The words of the link and of the button.
    pub(crate) button: String,
    /// The page once confirmed.
    pub(crate) confirmed: Thanks,
    /// The words of the button that unsubscribes.
    pub(crate) leave_button: String,
    /// The page once unsubscribed.
    pub(crate) left: Thanks,
}

/// What is published into the store: a form, and the page that frames it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// The form.
    pub form: Form,
    /// A whole page with the slots of [`frame`].
    pub frame: String,
}

/// A mistake in a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionError {
    /// Where it stands.
    pub place: yaml::Place,
    /// What is wrong, lower case, without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Form {
    /// Reads a definition. `name` is the stem of its file: `newsletter`, `volunteer`, `chat` or
    /// any other.
    ///
    /// # Errors
    /// Every mistake found, in the order of the text.
    pub fn parse(name: &str, text: &str) -> Result<Form, Vec<DefinitionError>> {
        definition::read(name, text)
    }

    /// The name in addresses and in the store.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The heading.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What a reply to it means.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Every field, the folded ones last.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().chain(self.more.iter().flat_map(|more| &more.fields))
    }

    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields().find(|field| field.name == name)
    }

    /// The definition as JSON: keys in one fixed order, no white space.
    pub fn canonical_json(&self) -> String {
        serde_json::to_string(self).expect("a form holds only text, numbers and lists")
    }

    /// SHA-256 of the canonical JSON, in hexadecimal.
    pub fn digest(&self) -> String {
        crate::keys::hex(&Sha256::digest(self.canonical_json()))
    }
}

#[cfg(test)]
mod tests;
