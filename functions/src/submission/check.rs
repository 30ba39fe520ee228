//! Validates answers by the definition of their form. Pure.

use super::{InvalidAnswer, Submission, date};
use crate::characters::{ascii, is_blank, is_separator};
use crate::email_address::is_email;
use crate::form::Form;
use crate::form::field::{Field, Kind, MAX_TEXT_CHARS};
use crate::form::messages::Message;
use crate::form::{Answers, Problem};

/// Validates the answers to all fields. Names that the form does not have are ignored.
///
/// # Errors
/// All problems, in the order of the form, at most one for each field.
pub fn validate(form: &Form, answers: &Answers) -> Result<Submission, Vec<Problem>> {
    let mut submission = Submission::default();
    let mut problems = Vec::new();
    for field in form.fields() {
        match check(form, field, answers) {
            Ok(given) if given.is_empty() => {}
            Ok(given) => {
                submission.answers.insert(field.name.clone(), given);
            }
            Err(InvalidAnswer { message, inputs }) => {
                problems.push(Problem { field: field.name.clone(), message, inputs });
            }
        }
    }
    if problems.is_empty() { Ok(submission) } else { Err(problems) }
}

/// Validates the answers to one field.
fn check(form: &Form, field: &Field, answers: &Answers) -> Result<Vec<String>, InvalidAnswer> {
    let given = match field.kind {
        Kind::Date => date::check(form, field, answers)?,
        Kind::Choice | Kind::Choices => picked(form, field, answers, &field.choices)?,
        Kind::YesNo => picked(form, field, answers, &["yes".to_owned(), "no".to_owned()])?,
        Kind::Consent => picked(form, field, answers, &["yes".to_owned()])?,
        _ => written(form, field, answers)?,
    };
    if given.is_empty() && !field.optional { Err(field.missing.clone().into()) } else { Ok(given) }
}

fn written(form: &Form, field: &Field, answers: &Answers) -> Result<Vec<String>, String> {
    let values: Vec<String> = answers
        .all(&field.name)
        .map(|value| clean(value, field.kind == Kind::LongText))
        .filter(|value| !is_blank(value))
        .collect();
    let value = match values.as_slice() {
        [] => return Ok(Vec::new()),
        [value] => value.clone(),
        _ => return Err(field.invalid.clone()),
    };
    bounded(form, &field.label, &value, field.longest)?;
    let fits = match field.kind {
        Kind::Email => is_email(&value),
        Kind::Telephone => phone_digits(&value).is_some(),
        Kind::PhoneOrEmail if value.contains('@') => is_email(&value),
        Kind::PhoneOrEmail => phone_digits(&value).is_some(),
        Kind::Postcode => is_postcode(&value),
        _ => true,
    };
    if fits { Ok(vec![value]) } else { Err(field.invalid.clone()) }
}

fn picked(
    form: &Form,
    field: &Field,
    answers: &Answers,
    choices: &[String],
) -> Result<Vec<String>, InvalidAnswer> {
    let given: Vec<&str> =
        answers.all(&field.name).map(str::trim).filter(|value| !is_blank(value)).collect();
    if given.iter().any(|value| !choices.iter().any(|choice| choice == value)) {
        return Err(field.invalid.clone().into());
    }
    // In the definition's order and without repetitions.
    let mut picked: Vec<String> =
        choices.iter().filter(|choice| given.contains(&choice.as_str())).cloned().collect();
    if picked.len() > 1 && field.kind != Kind::Choices {
        return Err(field.invalid.clone().into());
    }
    if let Some(other) = &field.other {
        let name = format!("{}_other", field.name);
        let written = clean(answers.get(&name).unwrap_or_default(), false);
        let bounded = bounded(form, other, &written, field.longest);
        bounded.map_err(|message| InvalidAnswer { message, inputs: vec![name] })?;
        if !is_blank(&written) {
            picked.push(written);
        }
    }
    Ok(picked)
}

fn bounded(form: &Form, label: &str, value: &str, longest: u32) -> Result<(), String> {
    if value.contains('\u{FFFD}') {
        return Err(form.message(Message::Unreadable, &[("label", label)]));
    }
    let longest = longest.min(MAX_TEXT_CHARS);
    if value.chars().count() > longest as usize {
        let number = longest.to_string();
        return Err(form.message(Message::TooLong, &[("label", label), ("number", &number)]));
    }
    Ok(())
}

/// Removes control characters and marks that change the direction of the surrounding text, which can make a name read
/// as another. Line ends become `\n`; in a single line, white space becomes single spaces.
pub(crate) fn clean(value: &str, lines: bool) -> String {
    let text: String = value
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter(|&c| c == '\n' || c == '\t' || !c.is_control())
        .filter(|&c| !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'))
        .collect();
    if lines {
        text.trim().to_owned()
    } else {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The ASCII digits of a telephone number in any script: 7 to 15 of them (ITU-T E.164), after a `+` for another
/// country. A British number has the same digits however it is written.
pub(crate) fn phone_digits(value: &str) -> Option<String> {
    let value = ascii(value);
    let value = value.trim();
    let (plus, rest) = match value.strip_prefix('+') {
        Some(rest) => ("+", rest),
        None => ("", value),
    };
    // An extension such as "ext. 12" is ignored.
    let number = match rest.find(|c: char| c.is_alphabetic()) {
        Some(at) if rest[at..].to_lowercase().starts_with("ext") => &rest[..at],
        Some(_) => return None,
        None => rest,
    };
    let mut digits = String::new();
    for c in number.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '(' | ')' => {}
            c if is_separator(c) => {}
            _ => return None,
        }
    }
    if !(7..=15).contains(&digits.len()) {
        return None;
    }
    // `+44 (0)24 …` and `0044 24 …` are `024 …`.
    let whole = format!("{plus}{digits}");
    let british = whole.strip_prefix("+44").or_else(|| whole.strip_prefix("0044"));
    Some(match british {
        Some(rest) => format!("0{}", rest.trim_start_matches('0')),
        None => whole,
    })
}

/// Whether a text has the format of a British postcode.
fn is_postcode(value: &str) -> bool {
    let letters: Vec<char> = ascii(value)
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if !(5..=7).contains(&letters.len()) {
        return false;
    }
    let (outward, inward) = letters.split_at(letters.len() - 3);
    inward[0].is_ascii_digit()
        && inward[1..].iter().all(char::is_ascii_uppercase)
        && outward[0].is_ascii_uppercase()
        && outward.iter().any(char::is_ascii_digit)
        && outward.iter().all(char::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        let digits = |text| phone_digits(text);
        assert_eq!(digits("01632 960 001"), Some("01632960001".to_owned()));
        assert_eq!(digits("+44 (0)1632 960001 ext. 12"), Some("01632960001".to_owned()));
        assert_eq!(digits("0044 1632 960001"), Some("01632960001".to_owned()));
        assert_eq!(digits("+353 1 555 0100"), Some("+35315550100".to_owned()));
        for number in [
            "۰۷۷۰۰ ۹۰۰۵۵۵",
            "٠٧٧٠٠ ٩٠٠٥٥٥",
            "०७७०० ९००५५५",
            "੦੭੭੦੦ ੯੦੦੫੫੫",
            "০৭৭০০ ৯০০৫৫৫",
            "０７７００\u{3000}９００５５５",
            "＋４４（０）７７００－９００５５５",
            "\u{200e}+۴۴ ۷۷۰۰ ۹۰۰۵۵۵\u{200f}",
            "07700\u{2011}900\u{2010}555",
            "07700\u{202f}900\u{2009}555",
            "07700·900−555",
            "۰۰۴۴ ۷۷۰۰ ۹۰۰۵۵۵",
        ] {
            assert_eq!(digits(number), Some("07700900555".to_owned()), "{number}");
        }
        assert_eq!(digits("三二一〇三二一"), None);
        assert_eq!(digits("ring the bell"), None);
        assert_eq!(digits("12345"), None);
    }

    #[test]
    fn postcodes() {
        for good in ["CV1 1AA", "cv11aa", "SW1A 2AA", "M1 1AE", "CV۱ ۱AA", "ＣＶ１\u{3000}１ＡＡ"]
        {
            assert!(is_postcode(good), "{good}");
        }
        for bad in ["", "CV1", "Coventry", "1CV 1AA", "CV1 AAA"] {
            assert!(!is_postcode(bad), "{bad}");
        }
    }

    #[test]
    fn control_characters_are_removed() {
        assert_eq!(clean("Ro\0se\u{202E}\r\n  P.", false), "Rose P.");
        assert_eq!(clean(" one\r\ntwo\u{7} ", true), "one\ntwo");
    }

    #[test]
    fn an_invisible_answer_is_missing_for_every_kind_of_field() {
        use crate::form::field::KINDS;
        for (word, kind) in KINDS {
            let choices = match kind {
                Kind::Choice | Kind::Choices => "\n    choices: [a, b]\n    other: Something else",
                _ => "",
            };
            let text = format!(
                "title: T\nphone: '1'\nsubmit: S\nthanks:\n  title: T\n  next: N\nfields:\n  - name: x\n    \
                 label: X\n    kind: {word}{choices}\n"
            );
            let form = Form::parse("t", &text).unwrap();
            let names = form.field("x").unwrap().names();
            for blank in
                [" ", "\u{200b}", "\u{3164}\n\u{3164}", "\u{2800}", "\u{301}", "\u{200e}\u{202e}"]
            {
                let pairs = names.iter().map(|name| (name.clone(), blank.to_owned())).collect();
                let problems = validate(&form, &Answers::new(pairs)).unwrap_err();
                let messages: Vec<_> = problems.iter().map(|problem| &problem.message).collect();
                assert_eq!(messages, [&kind.missing("X")], "{word} {}", blank.escape_unicode());
            }
        }
        // Within words these characters are kept.
        for word in ["می\u{200c}روم", "क्\u{200d}ष", "👩\u{200d}👩\u{200d}👧"] {
            assert_eq!(clean(word, false), word);
        }
    }
}
