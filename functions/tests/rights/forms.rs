//! Forms of every purpose with every kind of field, and answers to them.

use daisychain_functions::form::field::Kind;
use daisychain_functions::form::{Form, Purpose};
use std::fmt::Write as _;

/// Every kind of field, with its name in a definition.
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

/// A form with these kinds of field, each named after its kind.
pub(crate) fn form(name: &str, purpose: Purpose, kinds: &[&str]) -> Form {
    Form::parse(name, &text(purpose, kinds)).unwrap()
}

/// The definition of such a form.
pub(crate) fn text(purpose: Purpose, kinds: &[&str]) -> String {
    let mut text = format!(
        "title: A form\npurpose: {}\nnotify: team@example.org\nphone: 01632 960123\nsubmit: Send\n\
         thanks: {{ title: Thanks, next: Soon }}\nfields:\n",
        word(purpose)
    );
    for kind in kinds {
        let name = kind.replace('-', "_");
        write!(text, "  - {{ name: {name}, kind: {kind}, label: {kind}").unwrap();
        text.push_str(match *kind {
            "choice" | "choices" => ", choices: [Driving, First aid], other: Something else }\n",
            _ => " }\n",
        });
    }
    if purpose == Purpose::Newsletter {
        text.push_str(
            "confirmation:\n  subject: Subscribe?\n  mail: Press the button\n  button: Yes\n  \
             leave_button: Stop\n  confirmed: { title: Subscribed, next: Soon }\n  \
             left: { title: Unsubscribed, next: Done }\n",
        );
    }
    text
}

fn word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Newsletter => "newsletter",
        Purpose::Volunteer => "volunteer",
        Purpose::Chat => "chat",
        Purpose::Enquiry => "enquiry",
    }
}

/// A person and what they write.
#[derive(Clone, Copy)]
pub(crate) struct Resident {
    /// Determines the address and the number.
    pub(crate) contact: u32,
    /// Determines the answers.
    pub(crate) words: u32,
}

impl Resident {
    /// A person who differs from all others.
    pub(crate) fn new(number: u32) -> Resident {
        Resident { contact: number, words: number }
    }

    fn email(self) -> String {
        format!("resident{}@example.com", self.contact)
    }

    /// Answers to every field of the form.
    pub(crate) fn answers(self, form: &Form) -> Vec<(String, String)> {
        let mut answers = Vec::new();
        for field in form.fields() {
            let name = field.name();
            let mut answer = |end: &str, value: &str| {
                answers.push((format!("{name}{end}"), value.to_owned()));
            };
            match field.kind() {
                Kind::Text | Kind::LongText | Kind::FullName => {
                    answer("", &format!("Rose {}", self.words));
                }
                Kind::Email => answer("", &self.email()),
                Kind::PhoneOrEmail if self.contact.is_multiple_of(2) => answer("", &self.email()),
                Kind::Telephone | Kind::PhoneOrEmail => {
                    answer("", &format!("01632 {:06}", self.contact));
                }
                Kind::Postcode => answer("", "CV1 1AA"),
                Kind::Choice => answer("", "Driving"),
                Kind::Choices => {
                    answer("", "First aid");
                    answer("_other", &format!("Bees {}", self.words));
                }
                Kind::Date => {
                    for (end, value) in [("_day", "27"), ("_month", "3"), ("_year", "1980")] {
                        answer(end, value);
                    }
                }
                Kind::YesNo | Kind::Consent => answer("", "yes"),
            }
        }
        answers
    }
}
