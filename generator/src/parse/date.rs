//! Parses a date as an editor writes it.

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

/// A moment, with its UTC offset. A date without a time is the start of its day in the site's time zone. Moments are
/// ordered in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Moment {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// Seconds east of Greenwich at that moment.
    pub offset: i32,
    /// Whether a time of day was given.
    pub timed: bool,
}

/// Why a text is not a date, and how to write it, if that can be guessed.
#[derive(Clone, Debug, PartialEq)]
pub struct DateError {
    /// The problem.
    pub message: String,
    /// How to fix it.
    pub help: String,
}

impl Moment {
    /// `2020-05-21`, or `2020-05-21T18:30:00+01:00` if a time was given.
    pub fn iso(&self) -> String {
        if self.timed { self.instant() } else { self.civil().date().to_string() }
    }

    /// `2020-05-21T00:00:00+01:00`, whether or not a time was given (RFC 3339).
    pub fn instant(&self) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.abs() / 60;
        format!("{}{sign}{:02}:{:02}", self.civil(), minutes / 60, minutes % 60)
    }

    /// The moment at `seconds` since 1970-01-01T00:00:00Z, in a time zone.
    pub fn of(seconds: i64, zone: &TimeZone) -> Moment {
        let timestamp = jiff::Timestamp::from_second(seconds).unwrap_or_default();
        let offset = zone.to_offset(timestamp).seconds();
        Moment { seconds, offset, timed: true }
    }

    /// The date and time in its own offset.
    pub fn civil(&self) -> jiff::civil::DateTime {
        let offset = Offset::from_seconds(self.offset).unwrap_or(Offset::UTC);
        let timestamp = jiff::Timestamp::from_second(self.seconds).unwrap_or_default();
        offset.to_datetime(timestamp)
    }
}

/// Parses `2020-05-21`, `2020-05-21 18:30` or `2020-05-21T18:30:00`; a time may be followed by `Z` or `+01:00`. A time
/// that is skipped when the clocks go forward is the one an hour later.
///
/// # Errors
/// Any other text, with the correct form if it looks like a date.
pub fn parse(words: &str, zone: &TimeZone) -> Result<Moment, DateError> {
    let words = words.trim();
    let (day, rest) = match words.find(['T', 't', ' ']) {
        Some(at) if words[..at].contains('-') => (&words[..at], words[at + 1..].trim_start()),
        _ => (words, ""),
    };
    let Some(day) = iso_day(day)? else {
        return Err(guess(words));
    };
    if rest.is_empty() {
        return moment(day, Time::midnight(), zone, false);
    }
    let at = rest.find(['+', '-', 'Z', 'z']).unwrap_or(rest.len());
    let time = time(rest[..at].trim_end())?;
    match &rest[at..] {
        "" => moment(day, time, zone, true),
        "Z" | "z" => moment(day, time, &TimeZone::UTC, true),
        zone => moment(day, time, &TimeZone::fixed(offset(zone)?), true),
    }
}

fn moment(day: Date, time: Time, zone: &TimeZone, timed: bool) -> Result<Moment, DateError> {
    let too_far = |_| DateError {
        message: format!("the end of the year {} is too far in the future", day.year()),
        help: "write an earlier date; to keep the page for ever, remove `expires_on`".to_owned(),
    };
    let zoned = day.to_datetime(time).to_zoned(zone.clone()).map_err(too_far)?;
    Ok(Moment { seconds: zoned.timestamp().as_second(), offset: zoned.offset().seconds(), timed })
}

/// The day of `2020-05-21`; `None` for other forms.
fn iso_day(words: &str) -> Result<Option<Date>, DateError> {
    let bytes = words.as_bytes();
    let digits = |range: std::ops::Range<usize>| -> Option<i16> {
        words.get(range).filter(|part| part.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
    };
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return Ok(None);
    }
    let (Some(year), Some(month), Some(day)) = (digits(0..4), digits(5..7), digits(8..10)) else {
        return Ok(None);
    };
    date(year, month, day).map(Some)
}

fn date(year: i16, month: i16, day: i16) -> Result<Date, DateError> {
    let small = |number: i16| i8::try_from(number).unwrap_or(0);
    let Ok(first) = Date::new(year, small(month), 1) else {
        return Err(DateError {
            message: format!("there is no month {month}"),
            help: "write the year, the month and the day, such as `2020-05-21`".to_owned(),
        });
    };
    Date::new(year, small(month), small(day)).map_err(|_| DateError {
        message: format!("there is no day {day} in month {month} of {year}"),
        help: format!("the last day of that month is `{}`", first.last_of_month()),
    })
}

fn time(words: &str) -> Result<Time, DateError> {
    let error = || DateError {
        message: format!("`{words}` is not a time of day"),
        help: "write hours and minutes, such as `18:30`".to_owned(),
    };
    let words = words.split('.').next().unwrap_or(words);
    let mut parts = words.split(':').map(|part| match part.len() {
        1 | 2 if part.bytes().all(|byte| byte.is_ascii_digit()) => part.parse::<i8>().ok(),
        _ => None,
    });
    let hour = parts.next().flatten().ok_or_else(error)?;
    let minute = parts.next().flatten().ok_or_else(error)?;
    let second = parts.next().map_or(Some(0), |part| part).ok_or_else(error)?;
    if parts.next().is_some() {
        return Err(error());
    }
    Time::new(hour, minute, second, 0).map_err(|_| error())
}

fn offset(words: &str) -> Result<Offset, DateError> {
    let error = || DateError {
        message: format!("`{words}` is not a time zone"),
        help: "leave it out to use the site's time zone, or write an offset such as `+01:00`"
            .to_owned(),
    };
    let (sign, digits) = words.split_at(1);
    let digits: String = digits.chars().filter(|character| *character != ':').collect();
    if !matches!(sign, "+" | "-")
        || !matches!(digits.len(), 2 | 4)
        || !digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err(error());
    }
    let hours: i32 = digits[..2].parse().map_err(|_| error())?;
    let minutes: i32 = digits.get(2..4).map_or(Ok(0), str::parse).map_err(|_| error())?;
    let seconds = (hours * 60 + minutes) * 60;
    let seconds = if sign == "-" { -seconds } else { seconds };
    (minutes < 60).then(|| Offset::from_seconds(seconds).ok()).flatten().ok_or_else(error)
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Guesses the date meant by another form: `21/4/2020`, `21.4.20`, `2020/4/21`, `21st April 2020`, `April 21, 2020`. Of
/// two small numbers the first is the day, as in Britain.
fn guess(words: &str) -> DateError {
    let message = format!("`{words}` is not a valid date");
    let parts: Vec<&str> =
        words.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let found = match parts.as_slice() {
        [a, b, c, ..] => day_from(a, b, c),
        _ => None,
    };
    let help = match found {
        Some(day) => format!("write the year first: `{day}`"),
        None => "write the year, the month and the day, such as `2020-05-21`".to_owned(),
    };
    DateError { message, help }
}

fn day_from(a: &str, b: &str, c: &str) -> Option<Date> {
    let number = |part: &str| part.parse::<i16>().ok();
    let ordinal = |part: &str| {
        let digits = part.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        (part.len() - digits.len() <= 2).then(|| number(digits)).flatten()
    };
    let month = |part: &str| {
        let start = part.get(..3)?.to_ascii_lowercase();
        let index = MONTHS.iter().position(|month| *month == start)?;
        i16::try_from(index + 1).ok()
    };
    let year = |part: &str| match (part.len(), number(part)?) {
        (4, year) => Some(year),
        (2, year) => Some(2000 + year),
        _ => None,
    };
    let (year, month, day) = if a.len() == 4 && number(a).is_some() {
        (number(a)?, number(b).or_else(|| month(b))?, ordinal(c)?)
    } else if let Some(named) = month(a) {
        (year(c)?, named, ordinal(b)?)
    } else if let Some(named) = month(b) {
        (year(c)?, named, ordinal(a)?)
    } else {
        match (number(a)?, number(b)?) {
            (day, month) if month <= 12 => (year(c)?, month, day),
            (month, day) => (year(c)?, month, day),
        }
    };
    date(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn london() -> TimeZone {
        TimeZone::get("Europe/London").unwrap()
    }

    fn iso(words: &str) -> String {
        match parse(words, &london()) {
            Ok(moment) => moment.iso(),
            Err(error) => error.help,
        }
    }

    #[test]
    fn dates_with_and_without_time_and_zone_are_read_in_the_sites_zone() {
        assert_eq!(iso("2020-05-21"), "2020-05-21");
        assert_eq!(iso("2020-05-21 18:30"), "2020-05-21T18:30:00+01:00");
        assert_eq!(iso("2020-12-21T18:30:05"), "2020-12-21T18:30:05+00:00");
        assert_eq!(iso("2020-05-21T18:30:00Z"), "2020-05-21T18:30:00+00:00");
        assert_eq!(iso("2020-05-21 18:30 -0530"), "2020-05-21T18:30:00-05:30");
        let summer = parse("2020-05-21", &london()).unwrap();
        assert_eq!(summer.seconds % 86_400, 23 * 3_600);
    }

    #[test]
    fn a_skipped_time_is_an_hour_later() {
        assert_eq!(iso("2020-03-29 01:30"), "2020-03-29T02:30:00+01:00");
    }

    #[test]
    fn other_forms_are_reported_with_the_correct_one() {
        for words in
            ["21/4/2020", "21.4.20", "2020/4/21", "21st April 2020", "April 21, 2020", "2020-4-21"]
        {
            assert_eq!(iso(words), "write the year first: `2020-04-21`", "{words}");
        }
        assert_eq!(iso("4/13/2020"), "write the year first: `2020-04-13`");
        assert_eq!(iso("2021-02-30"), "the last day of that month is `2021-02-28`");
        assert!(iso("tomorrow").contains("such as"));
        assert!(iso("2020-05-21 25:00").contains("18:30"));
        assert!(iso("").contains("such as"));
        assert!(iso("2020-05-21 +").contains("18:30"));
        assert!(iso("2020-05-21 é").contains("18:30"));
    }
}
