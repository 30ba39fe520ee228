//! Reads the system's clock, and formats times.

#![allow(clippy::disallowed_methods, reason = "reads the system's clock")]

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds: a duration, or a time since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// One minute.
pub const MINUTE: Millis = 60_000;
/// One hour.
pub const HOUR: Millis = 60 * MINUTE;
/// One day.
pub const DAY: Millis = 24 * HOUR;

/// The start of the month of this release: 1 November 2026. A clock with an earlier time is wrong.
///
/// It is a constant, so that builds are reproducible. Each release sets it to a date shortly before its own.
pub const RELEASED: Millis = 1_793_491_200_000;

/// No version is in use for this long. A clock with a later time is not trusted.
#[cfg(feature = "sqlite")]
const MAX_USE: Millis = 20 * 365 * DAY;

/// Whether the clock can be right.
#[cfg(feature = "sqlite")]
pub(crate) fn is_plausible(time: Millis) -> bool {
    (RELEASED..RELEASED + MAX_USE).contains(&time)
}

/// The clock shows a time before this version was released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the clock of this computer is wrong: it shows {}, but this version was released after {}",
    rfc3339(*.0),
    rfc3339(RELEASED)
)]
pub struct WrongClock(
    /// The time that it shows.
    pub Millis,
);

/// A source of the current time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Millis + Send + Sync>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Clock {
        Clock::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
        })
    }

    /// A clock that shows what `now` returns.
    pub fn new(now: impl Fn() -> Millis + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(now))
    }

    /// The current time.
    pub fn now(&self) -> Millis {
        (self.0)()
    }

    /// The current time, for records to store.
    ///
    /// # Errors
    /// The clock is wrong.
    pub fn checked(&self) -> Result<Millis, WrongClock> {
        let now = self.now();
        if now < RELEASED { Err(WrongClock(now)) } else { Ok(now) }
    }
}

/// The system's time, for signatures, which need the real time.
#[cfg(feature = "dynamodb")]
pub(crate) fn system_time() -> SystemTime {
    SystemTime::now()
}

/// A time in the Gregorian calendar, UTC.
struct CivilTime {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    /// 0 is Sunday.
    weekday: i64,
}

const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Howard Hinnant's `civil_from_days`: years begin in March, so that leap days come last.
fn civil_time(time: Millis) -> CivilTime {
    let (days, rest) = (time.div_euclid(DAY), time.rem_euclid(DAY) / 1_000);
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    CivilTime {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: day_of_year - (153 * from_march + 2) / 5 + 1,
        hour: rest / 3_600,
        minute: rest / 60 % 60,
        second: rest % 60,
        weekday: (days + 4).rem_euclid(7),
    }
}

/// `2026-11-22T11:30:00Z`
pub fn rfc3339(time: Millis) -> String {
    let CivilTime { year, month, day, hour, minute, second, .. } = civil_time(time);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `Sun, 22 Nov 2026 11:30:00 +0000`, as in mails (RFC 5322, 3.3).
pub fn rfc5322(time: Millis) -> String {
    let CivilTime { year, day, hour, minute, second, .. } = civil_time(time);
    let (weekday, month) = names(time);
    format!("{weekday}, {day} {month} {year:04} {hour:02}:{minute:02}:{second:02} +0000")
}

/// `Sun 22 Nov 2026`
pub fn date_words(time: Millis) -> String {
    let CivilTime { year, day, .. } = civil_time(time);
    let (weekday, month) = names(time);
    format!("{weekday} {day} {month} {year}")
}

/// `Sun 22 Nov 2026, 11:30 UTC`
pub fn date_and_time_words(time: Millis) -> String {
    let CivilTime { hour, minute, .. } = civil_time(time);
    format!("{}, {hour:02}:{minute:02} UTC", date_words(time))
}

/// `2026-11`
pub fn month(time: Millis) -> String {
    let CivilTime { year, month, .. } = civil_time(time);
    format!("{year:04}-{month:02}")
}

/// The months from one time to another, both included.
pub fn months(from: Millis, to: Millis) -> Vec<String> {
    let (first, last) = (civil_time(from), civil_time(to));
    (first.year * 12 + first.month - 1..=last.year * 12 + last.month - 1)
        .map(|number| format!("{:04}-{:02}", number.div_euclid(12), number.rem_euclid(12) + 1))
        .collect()
}

fn names(time: Millis) -> (&'static str, &'static str) {
    let CivilTime { month, weekday, .. } = civil_time(time);
    let at = |number: i64| usize::try_from(number).unwrap_or_default();
    (WEEKDAYS[at(weekday)], MONTHS[at(month - 1)])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUNDAY: Millis = 1_795_347_000_000;

    #[test]
    fn the_calendar() {
        assert_eq!(rfc3339(SUNDAY), "2026-11-22T11:30:00Z");
        assert_eq!(date_and_time_words(SUNDAY), "Sun 22 Nov 2026, 11:30 UTC");
        assert_eq!(rfc5322(SUNDAY), "Sun, 22 Nov 2026 11:30:00 +0000");
        assert_eq!(rfc3339(1_709_208_000_000), "2024-02-29T12:00:00Z");
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(RELEASED), "2026-11-01T00:00:00Z");
        assert_eq!(months(SUNDAY, SUNDAY + 70 * DAY), ["2026-11", "2026-12", "2027-01"]);
    }
}
