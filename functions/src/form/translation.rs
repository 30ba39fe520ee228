//! Translations of a form: read from their own files, applied to the form. Pure.
//!
//! Choices are stored in the form's own language, so that the team reads all replies alike.

use super::field::Field;
use super::messages::{self, MESSAGES};
use super::reader::Reader;
use super::{Confirmation, DefinitionError, Form, Thanks};
use located_yaml::{Node, Place};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The texts of one language; missing ones are shown in the form's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Translation {
    title: Option<String>,
    intro: Vec<String>,
    fields: BTreeMap<String, FieldWords>,
    more: Option<String>,
    submit: Option<String>,
    small_print: Vec<String>,
    thanks: ThanksWords,
    confirmation: ConfirmationWords,
    words: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct FieldWords {
    label: Option<String>,
    hint: Option<String>,
    missing: Option<String>,
    invalid: Option<String>,
    choices: BTreeMap<String, String>,
    other: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct ThanksWords {
    title: Option<String>,
    next: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct ConfirmationWords {
    subject: Option<String>,
    mail: Vec<String>,
    button: Option<String>,
    confirmed: ThanksWords,
    leave_button: Option<String>,
    left: ThanksWords,
}

impl Translation {
    /// All its paragraphs.
    pub(super) fn paragraphs(&mut self) -> impl Iterator<Item = &mut String> {
        let ConfirmationWords { mail, confirmed, left, .. } = &mut self.confirmation;
        [&mut self.intro, &mut self.small_print, &mut self.thanks.next, mail]
            .into_iter()
            .chain([&mut confirmed.next, &mut left.next])
            .flatten()
    }
}

const KEYS: [&str; 9] = [
    "title",
    "intro",
    "fields",
    "more",
    "submit",
    "small_print",
    "thanks",
    "confirmation",
    "words",
];
const FIELD_KEYS: [&str; 6] = ["label", "hint", "missing", "invalid", "choices", "other"];

/// Reads a translation of `form`, or every mistake in it.
pub(super) fn read(form: &Form, text: &str) -> Result<Translation, Vec<DefinitionError>> {
    let node = located_yaml::parse(text, 1).map_err(|error| vec![error])?.root;
    let mut errors = Vec::new();
    let translation = whole(form, &node, &mut errors);
    errors.sort_by_key(|error| (error.place.line, error.place.column));
    if errors.is_empty() { Ok(translation) } else { Err(errors) }
}

fn whole(form: &Form, node: &Node, errors: &mut Vec<DefinitionError>) -> Translation {
    // A translation has only keys that the form has.
    let known: Vec<&str> = KEYS
        .into_iter()
        .filter(|key| match *key {
            "more" => form.more.is_some(),
            "confirmation" => form.confirmation.is_some(),
            _ => true,
        })
        .collect();
    let mut reader = Reader::new(node, &known, errors);
    let mut translation = Translation {
        title: reader.text("title"),
        intro: reader.paragraphs("intro"),
        more: reader.text("more").filter(|_| form.more.is_some()),
        submit: reader.text("submit"),
        small_print: reader.paragraphs("small_print"),
        ..Translation::default()
    };
    let part = |key: &str| node.get(key).map(|entry| &entry.node);
    if let Some(node) = part("thanks") {
        translation.thanks = thanks(node, errors);
    }
    if let Some(node) = part("confirmation").filter(|_| form.confirmation.is_some()) {
        translation.confirmation = confirmation(node, errors);
    }
    if let Some(node) = part("words") {
        translation.words = messages::read(node, errors);
    }
    if let Some(node) = part("fields") {
        let names: Vec<&str> = form.fields().map(|field| field.name.as_str()).collect();
        let _ = Reader::new(node, &names, errors);
        for entry in node.entries().unwrap_or_default() {
            if let Some(known) = form.field(&entry.key) {
                translation.fields.insert(entry.key.clone(), field(known, &entry.node, errors));
            }
        }
    }
    translation
}

fn field(known: &Field, node: &Node, errors: &mut Vec<DefinitionError>) -> FieldWords {
    let keys: Vec<&str> = FIELD_KEYS
        .into_iter()
        .filter(|key| match *key {
            "choices" => !known.choices.is_empty(),
            "other" => known.other.is_some(),
            _ => true,
        })
        .collect();
    let mut reader = Reader::new(node, &keys, errors);
    let mut field = FieldWords {
        label: reader.text("label"),
        hint: reader.text("hint"),
        missing: reader.text("missing"),
        invalid: reader.text("invalid"),
        choices: BTreeMap::new(),
        other: reader.text("other"),
    };
    if let Some(entry) = node.get("choices").filter(|_| !known.choices.is_empty()) {
        let choices: Vec<&str> = known.choices.iter().map(String::as_str).collect();
        let mut reader = Reader::new(&entry.node, &choices, errors);
        for choice in &choices {
            if let Some(words) = reader.text(choice) {
                field.choices.insert((*choice).to_owned(), words);
            }
        }
    }
    field
}

fn thanks(node: &Node, errors: &mut Vec<DefinitionError>) -> ThanksWords {
    let mut reader = Reader::new(node, &["title", "next"], errors);
    ThanksWords { title: reader.text("title"), next: reader.paragraphs("next") }
}

fn confirmation(node: &Node, errors: &mut Vec<DefinitionError>) -> ConfirmationWords {
    let mut reader = Reader::new(node, &Confirmation::KEYS, errors);
    let mut words = ConfirmationWords {
        subject: reader.text("subject"),
        mail: reader.paragraphs("mail"),
        button: reader.text("button"),
        leave_button: reader.text("leave_button"),
        ..ConfirmationWords::default()
    };
    for (key, page) in [("confirmed", &mut words.confirmed), ("left", &mut words.left)] {
        if let Some(entry) = node.get(key) {
            *page = thanks(&entry.node, errors);
        }
    }
    words
}

/// Whether a text has the form of a language tag: `ur`, `pa-Guru`, `en-GB`.
pub(super) fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// The error for a translation whose file names no other language.
pub(super) fn no_language(text: &str, own: &str) -> DefinitionError {
    let message = match text == own {
        true => format!("the form is in `{text}` itself"),
        false => format!("`{text}` is not the short name of a language"),
    };
    let help = "name the file like `chat.ur.yaml`, with a language's short name in it";
    DefinitionError::error(Place::START, message).help(help)
}

/// Applies a translation to a form. Returns the keys of the texts that are not translated.
pub(super) fn apply(form: &mut Form, translation: &Translation) -> BTreeSet<String> {
    let mut untranslated = Untranslated(BTreeSet::new());
    untranslated.text("title", &mut form.title, translation.title.as_ref());
    untranslated.texts("intro", &mut form.intro, &translation.intro);
    for field in
        form.fields.iter_mut().chain(form.more.iter_mut().flat_map(|more| &mut more.fields))
    {
        translate_field(field, translation.fields.get(&field.name), &mut untranslated);
    }
    if let Some(more) = &mut form.more {
        untranslated.text("more", &mut more.summary, translation.more.as_ref());
    }
    untranslated.text("submit", &mut form.submit, translation.submit.as_ref());
    untranslated.texts("small_print", &mut form.small_print, &translation.small_print);
    untranslated.thanks("thanks", &mut form.thanks, &translation.thanks);
    if let Some(own) = &mut form.confirmation {
        let words = &translation.confirmation;
        untranslated.text("confirmation.subject", &mut own.subject, words.subject.as_ref());
        untranslated.texts("confirmation.mail", &mut own.mail, &words.mail);
        untranslated.text("confirmation.button", &mut own.button, words.button.as_ref());
        untranslated.thanks("confirmation.confirmed", &mut own.confirmed, &words.confirmed);
        untranslated.text(
            "confirmation.leave_button",
            &mut own.leave_button,
            words.leave_button.as_ref(),
        );
        untranslated.thanks("confirmation.left", &mut own.left, &words.left);
    }
    let has_date = form.has_date();
    for (word, key, _) in MESSAGES {
        match translation.words.get(*key) {
            Some(words) => {
                form.words.insert((*key).to_owned(), words.clone());
            }
            None if word.is_of_dates() && !has_date => {}
            None => untranslated.note(&format!("words.{key}")),
        }
    }
    untranslated.0
}

fn translate_field(field: &mut Field, words: Option<&FieldWords>, untranslated: &mut Untranslated) {
    let none = FieldWords::default();
    let words = words.unwrap_or(&none);
    let key = |key: &str| format!("fields.{}.{key}", field.name);
    let [label, hint, missing, invalid, other] =
        ["label", "hint", "missing", "invalid", "other"].map(key);
    untranslated.text(&label, &mut field.label, words.label.as_ref());
    untranslated.text(&missing, &mut field.missing, words.missing.as_ref());
    untranslated.text(&invalid, &mut field.invalid, words.invalid.as_ref());
    match (&mut field.hint, &words.hint) {
        (Some(own), translated) => untranslated.text(&hint, own, translated.as_ref()),
        (own @ None, translated) => own.clone_from(translated),
    }
    if let Some(own) = &mut field.other {
        untranslated.text(&other, own, words.other.as_ref());
    }
    for choice in &field.choices {
        match words.choices.get(choice) {
            Some(words) => {
                field.choice_words.insert(choice.clone(), words.clone());
            }
            None => untranslated.note(&format!("fields.{}.choices.{choice}", field.name)),
        }
    }
}

/// Collects the keys of texts that are not translated.
struct Untranslated(BTreeSet<String>);

impl Untranslated {
    fn note(&mut self, key: &str) {
        self.0.insert(key.to_owned());
    }

    fn text(&mut self, key: &str, own: &mut String, words: Option<&String>) {
        match words {
            Some(words) => own.clone_from(words),
            None => self.note(key),
        }
    }

    fn texts(&mut self, key: &str, own: &mut Vec<String>, words: &[String]) {
        match words {
            [] if own.is_empty() => {}
            [] => self.note(key),
            words => *own = words.to_vec(),
        }
    }

    fn thanks(&mut self, key: &str, own: &mut Thanks, words: &ThanksWords) {
        self.text(&format!("{key}.title"), &mut own.title, words.title.as_ref());
        self.texts(&format!("{key}.next"), &mut own.next, &words.next);
    }
}
