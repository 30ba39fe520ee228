//! Turns a form's definition into a [`Form`], or every error in it at its place. Pure.
//!
//! A definition is data: the page shows it, the function validates with it, and the store keeps it under the digest of
//! its canonical JSON, as the wording that people agreed to.

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
use messages::Message;
pub use months::MonthNames;
pub(crate) use paragraph::next_link;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use translation::Translation;

/// The name of the honeypot: a field that people do not see and bots fill in. Browsers have no autofill value for it
/// (for `company` they do).
pub const HONEYPOT_FIELD: &str = "website";

/// The most pairs of name and value that a body may have.
pub const MAX_PAIRS: usize = 40;

/// A form whose definition has been checked.
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
    /// After how many days a reply is deleted.
    pub(crate) keep_days: u32,
    /// Within how many working days the team answers.
    pub(crate) answer_within: Option<u8>,
    /// Days on which the team does not answer, besides weekends and bank holidays: `2026-12-24`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) closed: Vec<String>,
    /// The address that is notified of each reply.
    pub(crate) notify: Option<String>,
    /// Whether that mail contains the answers, or only the reference.
    pub(crate) details: bool,
    /// The telephone number to call when the form does not work.
    pub(crate) phone: String,
    /// The texts of the mail that asks a subscriber to confirm.
    pub(crate) confirmation: Option<Confirmation>,
    /// Standard messages that the definition replaces, by [`Message::key`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) words: BTreeMap<String, String>,
    /// Its texts in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) translations: BTreeMap<String, Translation>,
    /// If this is the form in one of its languages: how it was translated.
    #[serde(skip)]
    pub(crate) localization: Option<Localization>,
    /// The names of months that a date may contain, those in the language of the page first. They are stored with the
    /// [`Definition`] and not in the form, because they are no part of the wording that people agree to.
    #[serde(skip)]
    pub(crate) months: Vec<MonthNames>,
}

/// How a form was translated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Localization {
    /// The digest of the form with all its translations.
    digest: String,
    /// The requested language: that of the page around the form.
    page: String,
    /// The form's own language.
    own: String,
    /// The keys of the texts that are not translated, and so are in the form's own language.
    untranslated: BTreeSet<String>,
}

/// The contact details that a site gives for all its forms; a form may replace them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisation {
    /// The telephone number.
    pub phone: Option<String>,
    /// The address that is notified of replies.
    pub email: Option<String>,
}

/// What a reply to a form means, which decides its workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// A subscription, confirmed by mail.
    Newsletter,
    /// An offer of help.
    Volunteer,
    /// A request to be called or written to.
    Chat,
    /// Anything else that the team answers.
    Enquiry,
}

/// Optional fields, shown on request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct More {
    pub(crate) summary: String,
    pub(crate) fields: Vec<Field>,
}

/// The page that thanks for a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thanks {
    pub(crate) title: String,
    /// What happens next, and when, in paragraphs.
    pub(crate) next: Vec<String>,
}

/// The mail and the pages with which a subscriber confirms and unsubscribes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The mail's subject.
    pub(crate) subject: String,
    /// The mail's paragraphs, before the link.
    pub(crate) mail: Vec<String>,
    /// The text of the link and of the button.
    pub(crate) button: String,
    /// The page once confirmed.
    pub(crate) confirmed: Thanks,
    /// The text of the button that unsubscribes.
    pub(crate) leave_button: String,
    /// The page once unsubscribed.
    pub(crate) left: Thanks,
}

/// What is published to the store: a form, and the pages around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// The form.
    pub form: Form,
    /// A page with the placeholders of [`frame`], in the form's own language.
    pub frame: String,
    /// The same page in the site's other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub frames: BTreeMap<String, String>,
    /// The names of months by language (BCP 47), for a form that asks for a date.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub months: BTreeMap<String, MonthNames>,
}

impl Confirmation {
    /// Its keys in a definition and in a translation.
    const KEYS: [&str; 6] = ["subject", "mail", "button", "confirmed", "leave_button", "left"];
}

impl Definition {
    /// The definition of a form in a site with one language.
    pub fn new(form: Form, frame: impl Into<String>) -> Definition {
        let (frames, months) = (BTreeMap::new(), BTreeMap::new());
        Definition { form, frame: frame.into(), frames, months }
    }

    /// The form and its frame in the requested language, if there is either in it; otherwise in the form's own.
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
    /// Reads a definition of a site without default contact details. `name` is the stem of its file, such as
    /// `newsletter`, `volunteer` or `chat`.
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

    /// Its name in URLs and in the store.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The heading.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The purpose.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// All fields, the optional ones of `more` last.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().chain(self.more.iter().flat_map(|more| &more.fields))
    }

    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields().find(|field| field.name == name)
    }

    /// Adds a translation, from the text of its file.
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

    /// Adapts the links of paragraphs to a site in a folder of its host, such as `/our-site`.
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

    /// The language of its texts.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// The languages that it is translated into.
    pub fn translations(&self) -> impl Iterator<Item = &str> {
        self.translations.keys().map(String::as_str)
    }

    /// The form as a page in this language shows it. Texts that are not translated stay in the form's own language, and
    /// are marked as such.
    pub fn in_language(&self, language: &str) -> Form {
        let mut form = Form { translations: BTreeMap::new(), ..self.clone() };
        let mut untranslated = BTreeSet::new();
        if let Some(translation) = self.translations.get(language) {
            untranslated = translation::apply(&mut form, translation);
            form.language = language.to_owned();
        }
        let (page, own) = (language.to_owned(), self.language.clone());
        form.localization = Some(Localization { digest: self.digest(), page, own, untranslated });
        form
    }

    /// This wording with the rules of the form's `current` definition: who is notified, when replies are answered and
    /// deleted, which number to call. The digest stays that of the wording.
    pub(crate) fn with_rules_of(&self, current: &Form) -> Form {
        // Every field is named, so that adding one requires a decision; the table in `docs/forms.md` documents it.
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
            localization: _,
            months: _,
        } = current.clone();
        let localization = self.localization.clone().unwrap_or_else(|| Localization {
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
            localization: Some(localization),
            ..self.clone()
        }
    }

    /// The keys of the texts that are not translated into a language.
    pub fn untranslated(&self, language: &str) -> Vec<String> {
        let localization = self.in_language(language).localization;
        localization
            .map(|localization| localization.untranslated.into_iter().collect())
            .unwrap_or_default()
    }

    /// The language of the page that shows it, if it is not the form's own.
    pub(crate) fn page_language(&self) -> Option<&str> {
        let localization = self.localization.as_ref()?;
        (localization.page != localization.own).then_some(&localization.page)
    }

    /// What is added to a form's addresses so that their pages are in the language of the page that shows the form:
    /// `&language=pa`; empty for the form's own language.
    pub(crate) fn language_parameter(&self) -> String {
        self.page_language().map(|language| format!("&language={language}")).unwrap_or_default()
    }

    /// The language of a text of this form, if it is not that of the form (WCAG 2.2, 3.1.2).
    pub(crate) fn language_of(&self, key: &str) -> Option<&str> {
        let localization = self.localization.as_ref()?;
        localization.untranslated.contains(key).then_some(&localization.own)
    }

    /// A standard message, with its placeholders replaced.
    pub(crate) fn message(&self, word: Message, values: &[(&str, &str)]) -> String {
        let text = self.words.get(word.key()).map_or(word.english(), String::as_str);
        messages::fill(text, values)
    }

    /// The definition as JSON: keys in one fixed order, no white space.
    pub fn canonical_json(&self) -> String {
        serde_json::to_string(self).expect("a form holds only text, numbers and lists")
    }

    /// The SHA-256 of the canonical JSON, in hexadecimal. A translated form keeps the digest of the form with all its
    /// translations.
    pub fn digest(&self) -> String {
        match &self.localization {
            Some(localization) => localization.digest.clone(),
            None => hex::encode(Sha256::digest(self.canonical_json())),
        }
    }
}

#[cfg(test)]
mod tests;
