//! Finds numbers that the state gives to people.

use std::ops::Range;
use std::sync::LazyLock;

use fancy_regex::Regex;

use super::{digits, find, pattern};

/// An NHS number, with spaces, hyphens or neither.
static NHS: LazyLock<Regex> =
    LazyLock::new(|| pattern("(?<![0-9+-])[0-9]{3}([ -]?)[0-9]{3}\\1[0-9]{4}(?![0-9-])"));

/// A National Insurance number with its suffix (HMRC, NIM39110).
static INSURANCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        "(?<![A-Za-z0-9])([A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]) ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D](?![A-Za-z0-9])",
    )
});

/// Prefixes of National Insurance numbers that are not used (HMRC, NIM39110).
const UNUSED: [&str; 7] = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"];

/// Returns the NHS numbers: those with a valid check digit that begin like numbers of England and Wales and are written
/// in three groups, or that the line calls so. Numbers that begin with 999 exist for tests.
pub(super) fn nhs_numbers(line: &str) -> Vec<Range<usize>> {
    let is_named = line.contains("NHS");
    find(&NHS, line, |captures| {
        let number = digits(&captures[0]);
        let is_likely = &captures[1] == " " && number.starts_with(['4', '6', '7']);
        (is_named || is_likely) && !number.starts_with("999") && has_valid_check_digit(&number)
    })
}

/// Whether the last of 10 digits is the check digit of the others (modulus 11, NHS Data Dictionary).
fn has_valid_check_digit(number: &str) -> bool {
    let mut values = number.bytes().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = values.by_ref().take(9).zip((2..=10).rev()).map(|(digit, by)| digit * by).sum();
    // A remainder of 1 would give 10, which is no digit.
    values.next() == Some((11 - sum % 11) % 11)
}

/// Returns the National Insurance numbers.
pub(super) fn insurance_numbers(line: &str) -> Vec<Range<usize>> {
    find(&INSURANCE, line, |captures| !UNUSED.contains(&&captures[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_modulus_11() {
        // The first is the example of the NHS Data Dictionary; 10 cannot be a check digit.
        for (number, is_valid) in [
            ("9434765919", true),
            ("9434765918", false),
            ("4010232137", true),
            ("0000000000", true),
            ("1000000001", true),
            ("1000000000", false),
        ] {
            assert_eq!(has_valid_check_digit(number), is_valid, "{number}");
        }
    }
}
