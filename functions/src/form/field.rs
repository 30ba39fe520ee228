//! A field of a form: its kind, texts and limits. Pure.

use super::messages::Message;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name in a request's body and in the store.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) label: String,
    pub(crate) hint: Option<String>,
    pub(crate) optional: bool,
    /// The message if there is no answer.
    pub(crate) missing: String,
    /// The message if the answer is not valid.
    pub(crate) invalid: String,
    /// The most characters an answer may have.
    pub(crate) longest: u32,
    pub(crate) choices: Vec<String>,
    /// Translations of the choices; the choice itself is what is sent and stored.
    #[serde(skip)]
    pub(crate) choice_words: BTreeMap<String, String>,
    /// The label of an input below the choices, for any other answer.
    pub(crate) other: Option<String>,
    pub(crate) autocomplete: Option<String>,
}

/// What a field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One line.
    Text,
    /// Several lines.
    LongText,
    /// A person's name, in one input.
    FullName,
    /// An email address.
    Email,
    /// A telephone number.
    Telephone,
    /// Either of the two, in one input.
    PhoneOrEmail,
    /// A British postcode.
    Postcode,
    /// One of a list.
    Choice,
    /// Any of a list.
    Choices,
    /// Day, month and year, in three inputs.
    Date,
    /// Yes or no.
    YesNo,
    /// A checkbox.
    Consent,
}

/// Every kind, with its name in a definition.
pub(crate) const KINDS: [(&str, Kind); 12] = [
    ("text", Kind::Text),
    ("long-text", Kind::LongText),
    ("full-name", Kind::FullName),
    ("email", Kind::Email),
    ("telephone", Kind::Telephone),
    ("phone-or-email", Kind::PhoneOrEmail),
    ("postcode", Kind::Postcode),
    ("choice", Kind::Choice),
    ("choices", Kind::Choices),
    ("date", Kind::Date),
    ("yes-no", Kind::YesNo),
    ("consent", Kind::Consent),
];

/// The most characters that any answer may have.
pub(crate) const MAX_TEXT_CHARS: u32 = 4_000;

/// The suffixes of the names of a date's three inputs, and their labels.
pub(crate) const DATE_PARTS: [(&str, Message); 3] =
    [("_day", Message::Day), ("_month", Message::Month), ("_year", Message::Year)];

impl Kind {
    /// The default of the most characters.
    pub(crate) fn max_chars(self) -> u32 {
        match self {
            Kind::LongText => MAX_TEXT_CHARS,
            Kind::Email | Kind::PhoneOrEmail => 254, // RFC 5321, 4.5.3.1.3, without its brackets
            Kind::Telephone => 40,
            Kind::Postcode => 12,
            _ => 200,
        }
    }

    /// The default of `autocomplete` (HTML, "Autofill").
    pub(crate) fn autocomplete(self) -> Option<&'static str> {
        match self {
            Kind::FullName => Some("name"),
            Kind::Email => Some("email"),
            Kind::Telephone => Some("tel"),
            Kind::Postcode => Some("postal-code"),
            _ => None,
        }
    }

    /// The default message if there is no answer, worded as GOV.UK does.
    pub(crate) fn missing(self, label: &str) -> String {
        match self {
            Kind::FullName => "Enter your name".to_owned(),
            Kind::Email => "Enter your email address".to_owned(),
            Kind::Telephone => "Enter a phone number".to_owned(),
            Kind::PhoneOrEmail => "Enter a phone number or an email address".to_owned(),
            Kind::Postcode => "Enter a postcode".to_owned(),
            Kind::YesNo => "Select yes or no".to_owned(),
            Kind::Consent => "Tick the box if you agree".to_owned(),
            Kind::Choice | Kind::Choices => format!("Select an answer to ‘{label}’"),
            Kind::Date => format!("Enter a date for ‘{label}’"),
            Kind::Text | Kind::LongText => format!("Enter an answer to ‘{label}’"),
        }
    }

    /// The default message if the answer is not valid.
    pub(crate) fn invalid(self, label: &str) -> String {
        match self {
            Kind::Email => {
                "Enter an email address in the correct format, like name@example.com".to_owned()
            }
            Kind::Telephone => "Enter a phone number, like 01632 960 001".to_owned(),
            Kind::PhoneOrEmail => {
                "Enter a phone number, like 01632 960 001, or an email address, like \
                 name@example.com"
                    .to_owned()
            }
            Kind::Postcode => "Enter a full postcode, like CV1 1AA".to_owned(),
            Kind::Date => "Enter a real date, like 27 3 2026".to_owned(),
            Kind::Choice | Kind::Choices | Kind::YesNo | Kind::Consent => {
                format!("Choose from the list for ‘{label}’")
            }
            Kind::Text | Kind::LongText | Kind::FullName => {
                format!("Check your answer to ‘{label}’")
            }
        }
    }
}

impl Field {
    /// Its name in a request's body.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it asks for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The names of its inputs in a request's body.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = match self.kind {
            Kind::Date => DATE_PARTS.iter().map(|(end, _)| format!("{}{end}", self.name)).collect(),
            _ => vec![self.name.clone()],
        };
        if self.other.is_some() {
            names.push(format!("{}_other", self.name));
        }
        names
    }

    /// The most pairs of a body that it can have.
    pub(crate) fn max_pairs(&self) -> usize {
        match self.kind {
            Kind::Choices => self.choices.len() + usize::from(self.other.is_some()),
            _ => self.names().len(),
        }
    }
}
