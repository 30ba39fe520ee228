//! The values that templates see of the theme's texts.

use tera::Value;

use super::map;
use crate::translations::{self, Text, Words};

/// The value of a text: a string, or its plural forms with the language whose rules choose among
/// them.
pub(crate) fn text(text: &Text, language: &str) -> Value {
    let code = ("code", Value::from(text.code.as_str()));
    let untranslated = translations::base(&text.code) != translations::base(language);
    match &text.words {
        Words::Plain(words) if untranslated => {
            map([code, ("text", words.as_str().into()), ("untranslated", true.into())])
        }
        Words::Plain(words) => Value::from(words.as_str()),
        Words::Counted(forms) => {
            let forms = forms.iter();
            let forms = forms.map(|(form, words)| (form.clone().into(), words.as_str().into()));
            let forms = ("forms", Value::from(forms.collect::<tera::Map>()));
            match untranslated {
                true => map([code, forms, ("untranslated", true.into())]),
                false => map([code, forms]),
            }
        }
    }
}
