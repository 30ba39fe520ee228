//! Decides whether the clock can be trusted before anything is deleted for good. Pure.
//!
//! A wrong clock is corrected sooner or later, but records that were deleted because of it are lost. A computer cannot
//! distinguish a clock that was set forward from a long time without power. So after a long step the clock is on
//! probation: it is trusted once it has gone on for a week without being set back. Until then nothing is deleted that
//! had not expired before the step. If the computer was really off, deletion is a week late, once.

use crate::clock::{DAY, Millis, is_plausible};

/// Computers are often off for this long. A smaller error of the clock is not noticed.
const USUAL_PAUSE: Millis = 8 * DAY;
/// A step that restarts the probation. Shorter steps are usual for a computer that is used now and then, and its
/// probation would never end otherwise.
const LONG_PAUSE: Millis = 35 * DAY;
/// A clock that had the wrong time zone is set back by up to this much.
const USUAL_SETBACK: Millis = DAY;
/// How long the clock must go on without being set back.
const PROBATION: Millis = 7 * DAY;

/// What a store knows about the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trust {
    /// The last reading.
    pub(super) latest: Millis,
    /// The last trusted time. Records that expired before it can be deleted.
    pub(super) trusted: Millis,
    /// Since when the clock is on probation.
    pub(super) probation: Option<Millis>,
}

/// What a reading of the clock reveals about earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// Nothing.
    Nothing,
    /// The clock went forward at once. It may have been slow before, so replies received then must be kept for
    /// longer.
    Forward {
        /// Since when the clock may have been slow, by its own reading; `None` if it was trusted.
        since: Option<Millis>,
        /// The reading before.
        until: Millis,
        /// By how much.
        by: Millis,
    },
    /// The probation is over. Replies with a later time were received while the clock was fast.
    Trusted,
}

impl Trust {
    /// A clock about which only the time of the last record is known.
    pub(super) fn new(latest: Millis) -> Trust {
        Trust { latest, trusted: latest, probation: None }
    }

    /// Processes a reading.
    pub(super) fn read(&mut self, now: Millis) -> Finding {
        if !is_plausible(now) {
            // This only shows that the clock can be wrong.
            self.probation.get_or_insert(now);
            return Finding::Nothing;
        }
        let (step, before) = (now - self.latest, *self);
        self.latest = now;
        let is_usual = (-USUAL_SETBACK..=LONG_PAUSE).contains(&step);
        if !is_usual || self.probation.is_some_and(|since| !is_plausible(since)) {
            self.probation = Some(now);
        } else if self.probation.is_some_and(|since| now - since >= PROBATION) {
            self.probation = None;
        }
        if step > USUAL_PAUSE && self.probation.is_none() {
            // If the probation has just ended, the step begins a new one.
            if before.probation.is_some() {
                self.trusted = before.latest;
            }
            self.probation = Some(now);
        }
        if self.probation.is_none() {
            self.trusted = now;
        }
        match self.probation {
            _ if step > USUAL_PAUSE => {
                Finding::Forward { since: before.probation, until: before.latest, by: step }
            }
            None if before.probation.is_some() => Finding::Trusted,
            _ => Finding::Nothing,
        }
    }

    /// The trusted time at a reading of `now`.
    pub(super) fn trusted_at(&self, now: Millis) -> Millis {
        self.trusted.min(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{HOUR, RELEASED};

    const BEGIN: Millis = RELEASED + 100 * DAY;
    const YEAR: Millis = 365 * DAY;

    /// The trusted time after readings of a clock that was right until `BEGIN`, all in days since then.
    fn trusted_after(days: &[i64]) -> i64 {
        let mut trust = Trust::new(BEGIN);
        let mut now = BEGIN;
        for day in days {
            now = BEGIN + day * DAY;
            trust.read(now);
        }
        (trust.trusted_at(now) - BEGIN) / DAY
    }

    #[test]
    fn steps_of_the_clock() {
        let year = 365;
        for (what, days, trusted) in [
            ("it goes on", &[1, 2, 3][..], 3),
            ("off for a week", &[8], 8),
            ("off for ten days, and on again", &[10], 0),
            ("and a week later", &[10, 13, 17], 17),
            ("used once in ten days", &[10, 20, 30, 40], 30),
            ("used once a week", &[7, 14, 21], 21),
            ("off for two years", &[2 * year, 2 * year + 6], 0),
            ("and a week later", &[2 * year, 2 * year + 7], 2 * year + 7),
            ("set forward, and back within a week", &[year, year + 6, 6], 0),
            ("and trusted a week after that", &[year, year + 6, 6, 9, 13], 13),
            ("set forward twice", &[year, 3 * year, 3 * year + 3], 0),
            ("set back, and right again", &[-60, -59, 2], 0),
            ("50 years ahead for a year", &[50 * year, 50 * year + 8, 51 * year], 0),
            ("and back again", &[50 * year, 51 * year, 3, 9], 0),
            ("and trusted a week after that", &[50 * year, 51 * year, 3, 10], 10),
            ("in 1970", &[-20_000, -19_990, -19_980], -19_980),
            ("and right again", &[-20_000, -19_980, 1, 8], 8),
        ] {
            assert_eq!(trusted_after(days), trusted, "{what}: {days:?}");
        }
    }

    #[test]
    fn a_slow_clock_is_found() {
        let mut trust = Trust::new(BEGIN);
        let forward = trust.read(BEGIN + YEAR);
        assert_eq!(forward, Finding::Forward { since: None, until: BEGIN, by: YEAR });
        // Once more, while it is on probation.
        let (since, until) = (Some(BEGIN + YEAR), BEGIN + YEAR + HOUR);
        assert_eq!(trust.read(until), Finding::Nothing);
        assert_eq!(trust.read(until + YEAR), Finding::Forward { since, until, by: YEAR });
        assert_eq!(trust.read(BEGIN + 3 * DAY), Finding::Nothing);
        assert_eq!(trust.read(BEGIN + 10 * DAY), Finding::Trusted);
        assert_eq!(trust.read(BEGIN + 11 * DAY), Finding::Nothing);
    }

    #[test]
    fn a_clock_that_is_corrected_within_six_days_is_never_trusted() {
        let mut random = 7_u64;
        let mut dice = |sides: i64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            i64::try_from(random >> 33).unwrap() % sides
        };
        for _ in 0..300 {
            let (mut trust, mut time) = (Trust::new(BEGIN), BEGIN);
            for _ in 0..200 {
                match dice(6) {
                    // Wrong, by up to forty years either way, and read now and then.
                    0 => {
                        let wrong = (dice(80) - 40) * YEAR + dice(YEAR);
                        let until = time + dice(6 * DAY);
                        while time < until {
                            trust.read(time + wrong);
                            let trusted = trust.trusted_at(time + wrong);
                            // An error of a week cannot be told from a week's pause.
                            assert!(trusted <= time + USUAL_PAUSE, "{trust:?} {time} {wrong}");
                            time += 1 + dice(2 * DAY);
                        }
                    }
                    // Switched off.
                    1 => time += dice(2 * YEAR),
                    _ => time += dice(DAY),
                }
                trust.read(time);
                assert!(trust.trusted_at(time) <= time);
            }
            // However it went, what is due is removed in the end.
            for _ in 0..8 {
                time += DAY;
                trust.read(time);
            }
            assert_eq!(trust.trusted_at(time), time);
        }
    }
}
