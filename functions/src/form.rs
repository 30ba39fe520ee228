//! Turns a form's definition into a [`Form`], or every error in it at its place. Pure.
//!
//! A definition is data: the page shows it, the function validates with it, and the store keeps
//! it under the digest of its canonical form, as the wording that people agreed to.

mod answers;
mod definition;
pub mod field;
pub mod frame;
pub mod html;
pub(crate) mod messages;
pub(crate) mod months;
mod paragraph;
mod reader;
mod translation;

pub use answers::{Answers, Problem};
use field::{Field, Kind};
pub use located_yaml::Problem as DefinitionError;
use messages::Word;
pub use months::MonthNames;
pub(crate) use paragraph::next_link;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use translation::Translation;

/// The name of the box that no person sees. Programs like to fill it in; browsers, which fill in what
/// they know of a person without being asked, know no such thing (`company`, they do).
pub const HONEYPOT_FIELD: &str = "website";

/// The most pairs of name and value that a body may have.
pub const MAX_PAIRS: usize = 40;

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
    /// Days on which nobody answers, beyond weekends and bank holidays: `2026-12-24`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) closed: Vec<String>,
    /// Where the team is told of each reply.
    pub(crate) notify: Option<String>,
    /// Whether that mail carries the answers, or the reference alone.
    pub(crate) details: bool,
    /// The telephone number for when nothing else works.
    pub(crate) phone: String,
    /// Words of the mail that asks a subscriber to confirm.
    pub(crate) confirmation: Option<Confirmation>,
    /// The small words that are not to be said in English, or not so; by [`Word::key`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) words: BTreeMap<String, String>,
    /// Its words in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) translations: BTreeMap<String, Translation>,
    /// Where this is a form in one of its languages: what was said to make it so.
    #[serde(skip)]
    pub(crate) spoken: Option<Spoken>,
    /// The names of months that a date may have: first those in the language of the page. They are stored with the
    /// [`Definition`], because they are no wording that anybody agreed to.
    #[serde(skip)]
    pub(crate) months: Vec<MonthNames>,
}

/// How a form came to be in a language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spoken {
    /// The digest of the whole form, in all its languages.
    digest: String,
    /// The language that was asked for: that of the page around the form.
    page: String,
    /// The form's own language.
    own: String,
    /// What is said in the form's own language because the other has no words for it.
    untranslated: BTreeSet<String>,
}

/// What a site says of those who answer, for each form that does not say it itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisation {
    /// The telephone number.
    pub phone: Option<String>,
    /// The address that is told of replies.
    pub email: Option<String>,
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

/// What is published into the store: a form, and the pages that frame it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// The form.
    pub form: Form,
    /// A whole page with the slots of [`frame`], in the form's own language.
    pub frame: String,
    /// The same page in the site's other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub frames: BTreeMap<String, String>,
    /// The names of months in the languages of the site (BCP 47), for a form that asks for a date.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub months: BTreeMap<String, MonthNames>,
}

impl Confirmation {
    /// Its keys in a definition and in a translation.
    const KEYS: [&str; 6] = ["subject", "mail", "button", "confirmed", "leave_button", "left"];
}

impl Definition {
    /// A form in a site of one language.
    pub fn new(form: Form, frame: impl Into<String>) -> Definition {
        let (frames, months) = (BTreeMap::new(), BTreeMap::new());
        Definition { form, frame: frame.into(), frames, months }
    }

    /// The form and its frame in a language that was asked for, where there is either; else in the
    /// form's own.
    pub(crate) fn in_language(&self, asked: Option<&str>) -> Definition {
        let own = self.form.language.as_str();
        let known = |asked: &&str| {
            self.frames.contains_key(*asked) || self.form.translations.contains_key(*asked)
        };
        let language = asked.filter(known).unwrap_or(own);
        let frame = self.frames.get(language).unwrap_or(&self.frame);
        let others = self.months.iter().filter(|(code, _)| *code != language);
        let months = self.months.get_key_value(language).into_iter().chain(others);
        let mut form = self.form.in_language(language);
        form.months = months.map(|(_, names)| names.clone()).collect();
        Definition::new(form, frame.clone())
    }
}

impl Form {
    /// Reads a definition that says all by itself. `name` is the stem of its file: `newsletter`,
    /// `volunteer`, `chat` or any other.
    ///
    /// # Errors
    /// Every mistake found, in the order of the text.
    pub fn parse(name: &str, text: &str) -> Result<Form, Vec<DefinitionError>> {
        Form::parse_for(&Organisation::default(), name, text)
    }

    /// Reads a definition in a site of this organisation.
    ///
    /// # Errors
    /// Every mistake found, in the order of the text.
    pub fn parse_for(
        organisation: &Organisation,
        name: &str,
        text: &str,
    ) -> Result<Form, Vec<DefinitionError>> {
        definition::read(organisation, name, text)
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

    /// Adds the form's words in another language, from the text of a file of their own.
    ///
    /// # Errors
    /// Every mistake found, in the order of the text.
    pub fn add_translation(
        &mut self,
        language: &str,
        text: &str,
    ) -> Result<(), Vec<DefinitionError>> {
        if !translation::is_language(language) || language == self.language {
            return Err(vec![translation::no_language(language, &self.language)]);
        }
        let mut translation = translation::read(self, text)?;
        translation.paragraphs().for_each(|text| paragraph::insert_phone(text, &self.phone));
        self.translations.insert(language.to_owned(), translation);
        Ok(())
    }

    /// Whether it asks for a date.
    pub fn has_date(&self) -> bool {
        self.fields().any(|field| field.kind == Kind::Date)
    }

    /// Puts the site in a folder of its host, such as `/our-site`: what paragraphs link to on the site is
    /// below it.
    pub fn place_below(&mut self, folder: &str) {
        let translated = self.translations.values_mut().flat_map(Translation::paragraphs);
        translated.for_each(|text| paragraph::prefix_links(text, folder));
        self.paragraphs().for_each(|text| paragraph::prefix_links(text, folder));
    }

    /// Every paragraph in the form's own language.
    fn paragraphs(&mut self) -> impl Iterator<Item = &mut String> {
        let confirmation = self.confirmation.iter_mut().flat_map(|words| {
            [&mut words.mail, &mut words.confirmed.next, &mut words.left.next].into_iter().flatten()
        });
        [&mut self.intro, &mut self.small_print, &mut self.thanks.next]
            .into_iter()
            .flatten()
            .chain(confirmation)
    }

    /// The language of its words.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// The other languages that it has words in.
    pub fn translations(&self) -> impl Iterator<Item = &str> {
        self.translations.keys().map(String::as_str)
    }

    /// The form as a page in this language shows it. What a translation has no words for is said in
    /// the form's own language, and marked as such.
    pub fn in_language(&self, language: &str) -> Form {
        let mut form = Form { translations: BTreeMap::new(), ..self.clone() };
        let mut untranslated = BTreeSet::new();
        if let Some(translation) = self.translations.get(language) {
            untranslated = translation::lay_over(&mut form, translation);
            form.language = language.to_owned();
        }
        let (page, own) = (language.to_owned(), self.language.clone());
        form.spoken = Some(Spoken { digest: self.digest(), page, own, untranslated });
        form
    }

    /// This wording, under what the team decides in the form's `current` definition: who is told and
    /// of what, until when somebody answers, how long a reply is kept, which number is to be rung. The
    /// digest stays that of the wording.
    pub(crate) fn under(&self, current: &Form) -> Form {
        // Each key is named, so that a new one is not added without a decision whose it is; the table
        // in `docs/forms.md` tells the team.
        let Form {
            keep_days,
            answer_within,
            closed,
            notify,
            details,
            phone,
            name: _,
            purpose: _,
            language: _,
            title: _,
            intro: _,
            fields: _,
            more: _,
            submit: _,
            small_print: _,
            thanks: _,
            confirmation: _,
            words: _,
            translations: _,
            spoken: _,
            months: _,
        } = current.clone();
        let spoken = self.spoken.clone().unwrap_or_else(|| Spoken {
            digest: self.digest(),
            page: self.language.clone(),
            own: self.language.clone(),
            untranslated: BTreeSet::new(),
        });
        Form {
            keep_days,
            answer_within,
            closed,
            notify,
            details,
            phone,
            spoken: Some(spoken),
            ..self.clone()
        }
    }

    /// What the form has no words for in a language, by the keys of a translation's file.
    pub fn untranslated(&self, language: &str) -> Vec<String> {
        let spoken = self.in_language(language).spoken;
        spoken.map(|spoken| spoken.untranslated.into_iter().collect()).unwrap_or_default()
    }

    /// The language of the page that shows it, where that is not the form's own.
    pub(crate) fn page_language(&self) -> Option<&str> {
        let spoken = self.spoken.as_ref()?;
        (spoken.page != spoken.own).then_some(&spoken.page)
    }

    /// What is added to a form's addresses so that their pages are in the language of the page that shows the form:
    /// `&language=pa`; empty for the form's own language.
    pub(crate) fn language_parameter(&self) -> String {
        self.page_language().map(|language| format!("&language={language}")).unwrap_or_default()
    }

    /// The language of a text of this form, where it is not that of the form: WCAG 2.2, 3.1.2.
    pub(crate) fn language_of(&self, key: &str) -> Option<&str> {
        let spoken = self.spoken.as_ref()?;
        spoken.untranslated.contains(key).then_some(&spoken.own)
    }

    /// One of the small words, with values in its slots.
    pub(crate) fn word(&self, word: Word, values: &[(&str, &str)]) -> String {
        let text = self.words.get(word.key()).map_or(word.english(), String::as_str);
        messages::filled(text, values)
    }

    /// The definition as JSON: keys in one fixed order, no white space.
    pub fn canonical_json(&self) -> String {
        serde_json::to_string(self).expect("a form holds only text, numbers and lists")
    }

    /// SHA-256 of the canonical JSON, in hexadecimal. A form in one of its languages keeps the
    /// digest of the whole.
    pub fn digest(&self) -> String {
        match &self.spoken {
            Some(spoken) => spoken.digest.clone(),
            None => crate::secret_keys::hex(&Sha256::digest(self.canonical_json())),
        }
    }
}

#[cfg(test)]
mod tests;
