//! Counts working days: without weekends and the bank holidays of England and Wales. Pure.
//!
//! The holidays follow from the Banking and Financial Dealings Act 1971 and the royal proclamations
//! under it, which have kept the same rules since 1978; <https://www.gov.uk/bank-holidays> lists
//! them. A day that is proclaimed once, such as a coronation's, is written under `closed` in a
//! form's definition.

use crate::clock::{DAY, Millis};

/// The same time of day, this many working days later. `closed` are further days off, such as `2026-12-24`.
pub(crate) fn working_days_later(time: Millis, days: u8, closed: &[String]) -> Millis {
    let mut later = time;
    for _ in 0..days {
        later += DAY;
        while is_free(later, closed) {
            later += DAY;
        }
    }
    later
}

fn is_free(time: Millis, closed: &[String]) -> bool {
    let date = &crate::clock::rfc3339(time)[..10];
    let year = date[..4].parse().unwrap_or_default();
    let day = time.div_euclid(DAY);
    is_weekend(day) || bank_holidays(year).contains(&day) || closed.iter().any(|free| free == date)
}

/// Whether a text is a date such as `2026-12-24`.
pub(crate) fn is_date(text: &str) -> bool {
    let parts: Vec<i64> = text.split('-').filter_map(|part| part.parse().ok()).collect();
    let [year, month, day] = parts[..] else { return false };
    let real = (1..=12).contains(&month) && (1..=31).contains(&day);
    real && crate::clock::rfc3339(day_number(year, month, day) * DAY).get(..10) == Some(text)
}

/// The bank holidays of a year, as days since 1970 began.
fn bank_holidays(year: i64) -> [i64; 8] {
    let monday = |from: i64| from + (8 - weekday(from)) % 7;
    let easter = easter(year);
    let new_year = day_number(year, 1, 1);
    let (christmas, boxing) = (day_number(year, 12, 25), day_number(year, 12, 26));
    let (christmas_off, boxing_off) = match weekday(christmas) {
        // Friday: Boxing Day is a Saturday. Saturday: both move. Sunday: Boxing Day is a Monday.
        5 => (christmas, boxing + 2),
        6 => (christmas + 2, boxing + 2),
        0 => (christmas + 2, boxing),
        _ => (christmas, boxing),
    };
    [
        if is_weekend(new_year) { monday(new_year) } else { new_year },
        easter - 2,
        easter + 1,
        monday(day_number(year, 5, 1)),
        monday(day_number(year, 5, 25)),
        monday(day_number(year, 8, 25)),
        christmas_off,
        boxing_off,
    ]
}

/// 0 is Sunday.
fn weekday(day: i64) -> i64 {
    (day + 4).rem_euclid(7)
}

fn is_weekend(day: i64) -> bool {
    matches!(weekday(day), 0 | 6)
}

/// Howard Hinnant's `days_from_civil`.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = (month + 9) % 12;
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Easter Sunday, by the anonymous Gregorian computus (Meeus, *Astronomical Algorithms*, 8).
fn easter(year: i64) -> i64 {
    let (century, in_century) = (year / 100, year % 100);
    let golden = year % 19;
    let skipped = (century + 8) / 25;
    let moon = (19 * golden + century - century / 4 - (century - skipped + 1) / 3 + 15) % 30;
    let week = (32 + 2 * (century % 4) + 2 * (in_century / 4) - moon - in_century % 4) % 7;
    let late = (golden + 11 * moon + 22 * week) / 451;
    let day = moon + week - 7 * late + 114;
    day_number(year, day / 31, day % 31 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As gov.uk lists them, the substitutes among them.
    const PUBLISHED: [(i64, [&str; 8]); 5] = [
        (2022, ["01-03", "04-15", "04-18", "05-02", "05-30", "08-29", "12-27", "12-26"]),
        (2025, ["01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"]),
        (2026, ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"]),
        (2027, ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"]),
        (2028, ["01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"]),
    ];

    #[test]
    fn bank_holidays_as_they_are_published() {
        for (year, published) in PUBLISHED {
            let found = bank_holidays(year).map(|day| crate::clock::rfc3339(day * DAY));
            let expected = published.map(|day| format!("{year}-{day}T00:00:00Z"));
            // In 2022 the spring holiday was moved for a jubilee: what `closed` is for.
            assert_eq!(found, expected, "{year}");
        }
    }

    #[test]
    fn dates() {
        assert!(is_date("2024-02-29"));
        for text in ["2026-02-29", "24-12-2026", "2026-1-1", "", "2026-12-24T00:00"] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn three_working_days_leave_out_weekends_and_holidays() {
        let later = |date: &str, days, closed: &[&str]| {
            let [year, month, day] =
                [0, 5, 8].map(|at| date[at..].split('-').next().unwrap().parse().unwrap());
            let closed: Vec<String> = closed.iter().map(|day| (*day).to_owned()).collect();
            let time = day_number(year, month, day) * DAY;
            crate::clock::rfc3339(working_days_later(time, days, &closed))[..10].to_owned()
        };
        assert_eq!(later("2026-11-22", 3, &[]), "2026-11-25");
        assert_eq!(later("2026-11-27", 1, &[]), "2026-11-30");
        // From the Wednesday before Easter.
        assert_eq!(later("2026-04-01", 3, &[]), "2026-04-08");
        assert_eq!(later("2026-12-23", 3, &[]), "2026-12-30");
        assert_eq!(later("2026-12-23", 3, &["2026-12-24", "2026-12-29"]), "2027-01-04");
    }
}
