//! Recognises names of months in dates. Pure.

use crate::characters::{ascii, is_separator};
use serde::{Deserialize, Serialize};

/// The fewest letters by which a month is recognised, if no other month of the language begins with them.
const MIN_PREFIX_CHARS: usize = 3;

/// The names of the months in one language, January first: full and abbreviated, alone and within a date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MonthNames(
    /// Each month's names, in any case.
    pub [Vec<String>; 12],
);

impl MonthNames {
    /// The number of the month that was typed; `None` if it is no month or ambiguous.
    fn number(&self, typed: &str) -> Option<u16> {
        let typed = folded(typed);
        let is_enough = typed.chars().count() >= MIN_PREFIX_CHARS;
        let the_one = |is_it: &dyn Fn(&str) -> bool| {
            let is_month = |names: &Vec<String>| names.iter().any(|name| is_it(&folded(name)));
            only((1..).zip(&self.0).filter(|(_, names)| is_month(names)).map(|(number, _)| number))
        };
        the_one(&|name| name == typed)
            .or_else(|| the_one(&|name| is_enough && name.starts_with(&typed)))
    }
}

/// The number of the month that was typed. `languages` begins with that of the page, which takes precedence, because a
/// name can be another month elsewhere: `listopad` is October in Croatian and November in Polish. The other languages
/// that know the name must agree.
pub(crate) fn number(languages: &[MonthNames], typed: &str) -> Option<u16> {
    let (first, others) = languages.split_first()?;
    first.number(typed).or_else(|| only(others.iter().filter_map(|names| names.number(typed))))
}

/// The value, if all of these are equal.
fn only(mut values: impl Iterator<Item = u16>) -> Option<u16> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

/// The text of a date's input with ASCII digits, without the characters around it: `3.`, `1月`, ` ٣ `.
pub(crate) fn part(typed: &str) -> String {
    ascii(typed).trim_matches(is_between).to_owned()
}

/// Whether a character separates the parts of a date.
pub(crate) fn is_between(c: char) -> bool {
    is_separator(c) || ",،年月日년월일".contains(c)
}

/// A name without letter case, without combining accents (names are stored with and without them) and with `i` for the
/// Turkish dotless `ı`.
fn folded(name: &str) -> String {
    let letters = part(name).to_lowercase();
    let letters = letters.chars().filter(|c| !('\u{300}'..='\u{36F}').contains(c));
    letters.map(|c| if c == 'ı' { 'i' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A language with these months.
    fn names(known: &[(usize, &[&str])]) -> MonthNames {
        let mut months = MonthNames::default();
        for (number, names) in known {
            months.0[number - 1] = names.iter().map(|name| (*name).to_owned()).collect();
        }
        months
    }

    #[test]
    fn a_month_is_known_by_its_names_in_any_case_and_by_its_first_letters() {
        let english = names(&[
            (1, &["January", "Jan"]),
            (3, &["March", "Mar"]),
            (5, &["May"]),
            (6, &["June", "Jun"]),
            (7, &["July", "Jul"]),
            (9, &["September", "Sept"]),
        ]);
        let french = names(&[
            (1, &["janvier", "janv."]),
            (2, &["février", "févr.", "fevrier", "fevr."]),
            (6, &["juin"]),
            (7, &["juillet", "juil."]),
        ]);
        let turkish = names(&[(5, &["Mayıs", "May", "Mayis"]), (12, &["Aralık", "Ara", "Aralik"])]);
        let vietnamese =
            names(&[(1, &["tháng 1", "thang 1"]), (10, &["tháng 10"]), (11, &["tháng 11"])]);
        let chinese = names(&[(1, &["一月", "1月"]), (11, &["十一月", "11月"])]);
        for (language, typed, number) in [
            (&english, "January", Some(1)),
            (&english, " jANUARY ", Some(1)),
            (&english, "Ｊａｎ．", Some(1)),
            (&english, "Janua", Some(1)),
            (&english, "Sep", Some(9)),
            (&english, "\u{200f}SEPT.", Some(9)),
            (&english, "Jun", Some(6)),
            (&english, "Ju", None),
            (&english, "J", None),
            (&english, "Smarch", None),
            (&english, "", None),
            (&french, "FÉVRIER", Some(2)),
            (&french, "fe\u{301}vrier", Some(2)),
            (&french, "Fevr", Some(2)),
            (&french, "jui", None),
            (&french, "juil", Some(7)),
            (&turkish, "MAYIS", Some(5)),
            (&turkish, "mayıs", Some(5)),
            (&turkish, "ARALIK", Some(12)),
            (&turkish, "aralik", Some(12)),
            (&vietnamese, "Tháng 1", Some(1)),
            (&vietnamese, "thang 1", Some(1)),
            (&vietnamese, "tháng", None),
            (&chinese, "十一月", Some(11)),
            (&chinese, "一", Some(1)),
        ] {
            assert_eq!(language.number(typed), number, "{typed}");
        }
    }

    #[test]
    fn the_language_of_the_page_decides_and_others_have_to_agree() {
        let polish = names(&[(11, &["listopad", "lis"]), (5, &["maj"])]);
        let croatian = names(&[(10, &["listopad", "lis"]), (5, &["svibanj"])]);
        let english = names(&[(5, &["May"]), (10, &["October"])]);
        let number =
            |languages: [&MonthNames; 3], typed| super::number(&languages.map(Clone::clone), typed);
        assert_eq!(number([&polish, &croatian, &english], "listopad"), Some(11));
        assert_eq!(number([&croatian, &english, &polish], "listopad"), Some(10));
        assert_eq!(number([&english, &croatian, &polish], "listopad"), None);
        assert_eq!(number([&polish, &croatian, &english], "october"), Some(10));
        assert_eq!(number([&croatian, &polish, &english], "Maj"), Some(5));
        assert_eq!(super::number(&[], "May"), None);
    }
}
