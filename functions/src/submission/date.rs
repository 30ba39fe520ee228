//! Validates a date in three inputs, and finds those that are missing or wrong: GOV.UK's date input,
//! <https://design-system.service.gov.uk/components/date-input/>. Pure.

use super::InvalidAnswer;
use crate::characters::is_blank;
use crate::form::Answers;
use crate::form::Form;
use crate::form::field::{DATE_PARTS, Field};
use crate::form::messages::Message;
use crate::form::months::{self, MonthNames};

/// Years that a form may ask for.
const YEARS: std::ops::RangeInclusive<u16> = 1_900..=2_199;

/// The date as `1980-01-03`; nothing if all inputs are empty.
pub(super) fn check(
    form: &Form,
    field: &Field,
    answers: &Answers,
) -> Result<Vec<String>, InvalidAnswer> {
    let names = DATE_PARTS.map(|(end, _)| format!("{}{end}", field.name));
    let typed = names.clone().map(|name| part(answers.get(&name).unwrap_or_default()));
    let typed = split(typed, &form.months);
    let wrong = |message: String, parts: [bool; 3]| {
        let inputs = names.iter().zip(parts).filter(|(_, is_wrong)| *is_wrong);
        Err(InvalidAnswer { message, inputs: inputs.map(|(name, _)| name.clone()).collect() })
    };
    let missing = typed.each_ref().map(|part| part.is_empty());
    if missing == [true; 3] {
        return Ok(Vec::new());
    }
    if let Some(word) = incomplete(missing) {
        return wrong(form.message(word, &[("label", &field.label)]), missing);
    }
    let [day, month, year] = typed.each_ref().map(|part| part.parse::<u16>().ok());
    let day = day.filter(|day| (1..=31).contains(day));
    let month = month.or_else(|| months::number(&form.months, &typed[1]));
    let month = month.filter(|month| (1..=12).contains(month));
    let has_four = typed[2].len() == 4 && year.is_some();
    let year = year.filter(|year| has_four && YEARS.contains(year));
    match (day, month, year) {
        (Some(day), Some(month), Some(year)) if day <= longest(month, year) => {
            Ok(vec![format!("{year:04}-{month:02}-{day:02}")])
        }
        // A date such as 31 February does not exist, and any part may be wrong.
        (Some(_), Some(_), Some(_)) => wrong(field.invalid.clone(), [true; 3]),
        (Some(_), Some(_), None) if !has_four => wrong(
            form.message(Message::YearNumbers, &[("label", &field.label)]),
            [false, false, true],
        ),
        _ => wrong(field.invalid.clone(), [day.is_none(), month.is_none(), year.is_none()]),
    }
}

/// The text of an input; empty if it is invisible.
fn part(typed: &str) -> String {
    let part = months::part(typed);
    if is_blank(&part) { String::new() } else { part }
}

/// Splits a whole date in the first input: in the order of the inputs, beginning with the year, or beginning with the
/// name of the month.
fn split(parts: [String; 3], languages: &[MonthNames]) -> [String; 3] {
    let [first, second, third] = &parts;
    if !second.is_empty() || !third.is_empty() {
        return parts;
    }
    let words = first.split(months::is_between);
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    match words[..] {
        [month, day, year] if months::number(languages, month).is_some() => {
            [day, month, year].map(str::to_owned)
        }
        [year, month, day] if year.len() == 4 => [day, month, year].map(str::to_owned),
        [day, month, year] => [day, month, year].map(str::to_owned),
        _ => parts,
    }
}

/// The message for a date with missing parts.
fn incomplete(missing: [bool; 3]) -> Option<Message> {
    match missing {
        [false, false, false] => None,
        [true, false, false] => Some(Message::NeedDay),
        [false, true, false] => Some(Message::NeedMonth),
        [false, false, true] => Some(Message::NeedYear),
        [true, true, false] => Some(Message::NeedDayMonth),
        [true, false, true] => Some(Message::NeedDayYear),
        [_, true, true] => Some(Message::NeedMonthYear),
    }
}

/// How many days a month has.
fn longest(month: u16, year: u16) -> u16 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u16::from(leap),
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Definition;

    fn form() -> Form {
        let text = "title: T\nphone: '1'\nsubmit: S\nthanks:\n  title: T\n  next: N\nfields:\n  - name: born\n    \
                    label: Date of birth\n    kind: date\n";
        Form::parse("t", text).unwrap()
    }

    fn read(parts: [&str; 3]) -> Result<Vec<String>, InvalidAnswer> {
        read_in(&form(), parts)
    }

    fn read_in(form: &Form, parts: [&str; 3]) -> Result<Vec<String>, InvalidAnswer> {
        let names = ["born_day", "born_month", "born_year"];
        let pairs = names.iter().zip(parts).map(|(name, part)| ((*name).into(), part.into()));
        check(form, form.field("born").unwrap(), &Answers::new(pairs.collect()))
    }

    #[test]
    fn names_of_months_are_read_in_the_languages_of_the_site() {
        let mut definition = Definition::new(form(), "");
        let digest = definition.form.digest();
        let before = serde_json::to_string(&definition).unwrap();
        for (language, january) in [("en-GB", "January"), ("pl", "stycznia"), ("ar", "يناير")]
        {
            let mut names = MonthNames::default();
            names.0[0].push(january.to_owned());
            definition.months.insert(language.to_owned(), names);
        }
        let stored = serde_json::to_string(&definition).unwrap();
        let stored: Definition = serde_json::from_str(&stored).unwrap();
        assert_eq!(stored, definition);
        let form = stored.in_language(Some("pl")).form;
        assert_eq!(form.digest(), digest, "the names are no part of the wording");
        for parts in [
            ["3", "January", "1980"],
            ["3.", "Stycznia", "1980"],
            ["٣", "يناير", "١٩٨٠"],
            ["3 January 1980", "", ""],
            ["January 3, 1980", "", ""],
            ["3. STYCZNIA 1980", "", ""],
            ["3 jan. 1980", "", ""],
            ["1980-Jan-03", "", ""],
        ] {
            let read = read_in(&form, parts).map_err(|wrong| wrong.message);
            assert_eq!(read, Ok(vec!["1980-01-03".to_owned()]), "{parts:?}");
        }
        let wrong = read_in(&form, ["3", "Smarch", "1980"]).unwrap_err();
        assert_eq!(wrong.inputs, ["born_month"]);
        // A definition of before knows digits alone.
        let before: Definition = serde_json::from_str(&before).unwrap();
        let form = before.in_language(None).form;
        assert!(read_in(&form, ["3", "1", "1980"]).is_ok());
        assert_eq!(read_in(&form, ["3", "January", "1980"]).unwrap_err().inputs, ["born_month"]);
    }

    #[test]
    fn digits_of_every_script_and_whole_dates_are_read() {
        for parts in [
            ["3", "1", "1980"],
            ["03", "01", "1980"],
            ["٣", "١", "١٩٨٠"],
            ["۳", "۱", "۱۹۸۰"],
            ["३", "१", "१९८०"],
            ["੩", "੧", "੧੯੮੦"],
            ["৩", "১", "১৯৮০"],
            ["๓", "๑", "๑๙๘๐"],
            ["３", "１", "１９８０"],
            ["𝟛", "𝟙", "𝟙𝟡𝟠𝟘"],
            ["\u{200f}٣", "١\u{a0}", "\u{3000}1980"],
            ["3.", "1.", "1980."],
            ["3日", "1月", "1980年"],
            ["3/1/1980", "", ""],
            ["03-01-1980", " ", "\u{200b}"],
            ["3\u{2011}1\u{2011}1980", "", ""],
            ["٣؍١؍١٩٨٠", "", ""],
            ["٣/١/١٩٨٠", "", ""],
            ["３／１／１９８０", "", ""],
            ["3\u{3000}1\u{3000}1980", "", ""],
            ["1980-01-03", "", ""],
            ["1980年1月3日", "", ""],
        ] {
            assert_eq!(
                read(parts).map_err(|wrong| wrong.message),
                Ok(vec!["1980-01-03".to_owned()]),
                "{parts:?}"
            );
        }
        assert_eq!(read(["29", "2", "2024"]).unwrap(), ["2024-02-29"]);
        assert_eq!(read(["", "\u{200b}", " "]).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_error_names_the_parts_that_are_missing_or_wrong() {
        const REAL: &str = "Enter a real date, like 27 3 2026";
        let must = |what: &str| format!("‘Date of birth’ must include {what}");
        for (parts, message, inputs) in [
            (["", "1", "1980"], must("a day"), &["born_day"][..]),
            (["3", "", "1980"], must("a month"), &["born_month"]),
            (["3", "1", "\u{200b}"], must("a year"), &["born_year"]),
            (["", "", "1980"], must("a day and month"), &["born_day", "born_month"]),
            (["", "1", ""], must("a day and year"), &["born_day", "born_year"]),
            (["3", "", ""], must("a month and year"), &["born_month", "born_year"]),
            (["32", "1", "1980"], REAL.to_owned(), &["born_day"]),
            (["0", "1", "1980"], REAL.to_owned(), &["born_day"]),
            (["-3", "13", "1980"], REAL.to_owned(), &["born_month"]),
            (["3", "x", "1980"], REAL.to_owned(), &["born_month"]),
            (["x", "٣٣", "1980"], REAL.to_owned(), &["born_day", "born_month"]),
            (["3", "1", "1899"], REAL.to_owned(), &["born_year"]),
            (
                ["3", "1", "80"],
                "The year of ‘Date of birth’ must have 4 numbers".to_owned(),
                &["born_year"],
            ),
            (
                ["3", "1", "198O"],
                "The year of ‘Date of birth’ must have 4 numbers".to_owned(),
                &["born_year"],
            ),
            (
                ["3", "1", "19800"],
                "The year of ‘Date of birth’ must have 4 numbers".to_owned(),
                &["born_year"],
            ),
            (["3", "13", "80"], REAL.to_owned(), &["born_month", "born_year"]),
            (["31", "2", "1980"], REAL.to_owned(), &["born_day", "born_month", "born_year"]),
            (["29", "2", "1900"], REAL.to_owned(), &["born_day", "born_month", "born_year"]),
            (["31", "11", "2026"], REAL.to_owned(), &["born_day", "born_month", "born_year"]),
        ] {
            let wrong = read(parts).unwrap_err();
            assert_eq!(
                (wrong.message, wrong.inputs),
                (message, inputs.iter().map(|name| (*name).to_owned()).collect()),
                "{parts:?}"
            );
        }
    }
}
