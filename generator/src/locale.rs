//! Formats dates, times, numbers and plurals for a language, and sorts text by its alphabet (Unicode CLDR, through
//! ICU4X).

use std::cmp::Ordering;
use std::sync::OnceLock;

use icu_calendar::Gregorian;
use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};
use icu_datetime::fieldsets::enums::DateFieldSet;
use icu_datetime::fieldsets::{T, YMD};
use icu_datetime::input::{Date, Time};
use icu_datetime::pattern::{DateTimePattern, FixedCalendarDateTimeNames, MonthNameLength};
use icu_datetime::{FixedCalendarDateTimeFormatter, NoCalendarFormatter};
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_plurals::{PluralCategory, PluralRules};
use writeable::TryWriteable;

use crate::nfc::without_accents;

/// The length of a formatted date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Length {
    /// `21 May 2020`.
    #[default]
    Long,
    /// `21 May 2020`, with months abbreviated.
    Medium,
    /// `21/05/2020`.
    Short,
}

/// The formatting rules of one language; each is loaded on first use.
pub struct Locale {
    locale: icu_locale_core::Locale,
    plurals: OnceLock<Option<PluralRules>>,
    numbers: OnceLock<Option<DecimalFormatter>>,
    days: [OnceLock<Option<Days>>; 3],
    times: OnceLock<Option<NoCalendarFormatter<T>>>,
    collator: OnceLock<Option<CollatorBorrowed<'static>>>,
}

type Days = FixedCalendarDateTimeFormatter<Gregorian, YMD>;

impl Locale {
    /// The rules of the language with this code (BCP 47), or the root rules if it is unknown.
    pub fn new(code: &str) -> Locale {
        Locale {
            locale: code.parse().unwrap_or(icu_locale_core::Locale::UNKNOWN),
            plurals: OnceLock::new(),
            numbers: OnceLock::new(),
            days: Default::default(),
            times: OnceLock::new(),
            collator: OnceLock::new(),
        }
    }

    fn plurals(&self) -> Option<&PluralRules> {
        let rules = || PluralRules::try_new_cardinal((&self.locale).into()).ok();
        self.plurals.get_or_init(rules).as_ref()
    }

    /// The plural category of a count: `one`, `few`, `many` and so on.
    pub fn plural(&self, count: u64) -> &'static str {
        self.plurals().map_or("other", |rules| name(rules.category_for(count)))
    }

    /// All plural categories of the language.
    pub fn plurals_known(&self) -> Vec<&'static str> {
        self.plurals().map_or(vec!["other"], |rules| rules.categories().map(name).collect())
    }

    /// Formats a decimal number with the language's digits and separators.
    pub fn number(&self, digits: &str) -> Option<String> {
        let number = Decimal::try_from_str(digits).ok()?;
        let format = || DecimalFormatter::try_new((&self.locale).into(), Default::default()).ok();
        Some(match self.numbers.get_or_init(format) {
            Some(format) => format.format(&number).to_string(),
            None => digits.to_owned(),
        })
    }

    /// Formats a date of the Gregorian calendar.
    pub fn day(&self, day: jiff::civil::Date, length: Length) -> Option<String> {
        let (fields, at) = match length {
            Length::Long => (YMD::long(), 0),
            Length::Medium => (YMD::medium(), 1),
            Length::Short => (YMD::short(), 2),
        };
        let format = || Days::try_new((&self.locale).into(), fields).ok();
        let format = self.days[at].get_or_init(format).as_ref()?;
        let (month, number) = (u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?);
        let day = Date::try_new_gregorian(day.year().into(), month, number).ok()?;
        Some(format.format(&day).to_string())
    }

    /// The names of each month, January first: full and abbreviated, standalone and within a date (`styczeń`,
    /// `stycznia`), with and without accents. Empty for an unknown language.
    pub fn month_names(&self) -> [Vec<String>; 12] {
        let mut months: [Vec<String>; 12] = Default::default();
        for (pattern, length) in [
            ("LLLL", MonthNameLength::StandaloneWide),
            ("MMMM", MonthNameLength::Wide),
            ("LLL", MonthNameLength::StandaloneAbbreviated),
            ("MMM", MonthNameLength::Abbreviated),
        ] {
            for (number, names) in (1..).zip(&mut months) {
                let Some(name) = self.month_name(number, pattern, length) else { continue };
                let plain = without_accents(&name);
                for name in [name, plain] {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
        }
        months
    }

    /// One name of a month; `pattern` is the pattern for names of this length (Unicode Locale Data Markup Language).
    fn month_name(&self, number: u8, pattern: &str, length: MonthNameLength) -> Option<String> {
        let pattern: DateTimePattern = pattern.parse().ok()?;
        let mut names: FixedCalendarDateTimeNames<Gregorian, DateFieldSet> =
            FixedCalendarDateTimeNames::try_new((&self.locale).into()).ok()?;
        names.include_month_names(length).ok()?;
        let day = Date::try_new_gregorian(2_000, number, 1).ok()?;
        let name = names.with_pattern_unchecked(&pattern).format(&day);
        name.try_write_to_string().ok().map(|name| name.into_owned())
    }

    /// Formats a time of day, to the minute.
    pub fn time(&self, time: jiff::civil::Time) -> Option<String> {
        let format = || NoCalendarFormatter::try_new((&self.locale).into(), T::hm()).ok();
        let format = self.times.get_or_init(format).as_ref()?;
        let (hour, minute) = (u8::try_from(time.hour()).ok()?, u8::try_from(time.minute()).ok()?);
        Some(format.format(&Time::try_new(hour, minute, 0, 0).ok()?).to_string())
    }

    /// Compares two texts by the language's alphabet.
    pub fn compare(&self, one: &str, other: &str) -> Ordering {
        let options = CollatorOptions::default();
        let collator = || Collator::try_new((&self.locale).into(), options).ok();
        match self.collator.get_or_init(collator) {
            Some(collator) => collator.compare(one, other),
            None => one.cmp(other),
        }
    }
}

fn name(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_the_plural_categories_of_their_language() {
        let polish = Locale::new("pl");
        let forms: Vec<&str> = [1, 2, 5, 12, 22, 25].map(|count| polish.plural(count)).into();
        assert_eq!(forms, ["one", "few", "many", "many", "few", "many"]);
        assert_eq!(polish.plurals_known(), ["one", "few", "many", "other"]);
        assert_eq!(Locale::new("pa").plural(0), "one");
        assert_eq!(Locale::new("en-GB").plural(0), "other");
        assert_eq!(Locale::new("xx-nonsense1").plural(1), "other");
    }

    #[test]
    fn dates_times_and_numbers_are_formatted_for_their_language() {
        let day = jiff::civil::date(2020, 5, 21);
        let long = |code: &str| Locale::new(code).day(day, Length::Long).unwrap();
        assert_eq!(long("en-GB"), "21 May 2020");
        assert_eq!(long("en-US"), "May 21, 2020");
        assert_eq!(long("pl"), "21 maja 2020");
        assert_eq!(long("ur"), "21 مئی، 2020");
        assert_eq!(long("pa"), "21 ਮਈ 2020");
        assert_eq!(Locale::new("en-GB").day(day, Length::Short).unwrap(), "21/05/2020");
        assert_eq!(Locale::new("pl").time(jiff::civil::time(18, 30, 0, 0)).unwrap(), "18:30");
        assert_eq!(Locale::new("en-GB").number("12345.5").unwrap(), "12,345.5");
        assert_eq!(Locale::new("pl").number("12345").unwrap(), "12\u{a0}345");
        assert_eq!(Locale::new("ar-EG").number("12").unwrap(), "١٢");
        assert_eq!(Locale::new("en").number("many"), None);
    }

    #[test]
    fn months_have_the_names_that_people_type() {
        for (code, number, expected) in [
            ("en-GB", 9, &["September", "Sept"][..]),
            ("en-US", 1, &["January", "Jan"]),
            ("pl", 1, &["styczeń", "styczen", "stycznia", "sty"]),
            ("fr", 2, &["février", "fevrier", "févr.", "fevr."]),
            ("de", 3, &["März", "Marz", "Mär", "Mar"]),
            ("tr", 12, &["Aralık", "Ara"]),
            ("ar", 1, &["يناير"]),
            ("ur", 5, &["مئی"]),
            ("pa", 6, &["ਜੂਨ"]),
            ("zh", 1, &["一月", "1月"]),
            ("vi", 10, &["Tháng 10", "thang 10", "thg 10"]),
        ] {
            let names = &Locale::new(code).month_names()[number - 1];
            for name in expected {
                assert!(names.iter().any(|known| known == name), "{code}: {name} in {names:?}");
            }
        }
        let unknown = Locale::new("xx-nonsense1").month_names();
        assert!(unknown.iter().all(|names| !names.contains(&"January".to_owned())), "{unknown:?}");
    }

    #[test]
    fn text_is_sorted_by_its_alphabet() {
        let order = |code: &str, mut words: Vec<&'static str>| {
            let locale = Locale::new(code);
            words.sort_by(|one, other| locale.compare(one, other));
            words
        };
        assert_eq!(
            order("pl", vec!["łąka", "luty", "zebra", "mak"]),
            ["luty", "łąka", "mak", "zebra"]
        );
        assert_eq!(
            order("en-GB", vec!["Zoë", "élan", "apple", "Éclair"]),
            ["apple", "Éclair", "élan", "Zoë"]
        );
        assert_eq!(
            order("ur", vec!["ٹماٹر", "تتلی", "پانی", "بات"]),
            ["بات", "پانی", "تتلی", "ٹماٹر"]
        );
    }
}
