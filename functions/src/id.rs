//! Makes ids that sort by time, and references that people can read out. Uses the system's random numbers.

use crate::characters::{ascii, is_separator};
use crate::clock::Millis;
use crate::secret_keys::fill;
use sha2::{Digest, Sha256};
use ulid::Ulid;

/// Consonants and digits that sound and look different; no vowels, so that no words appear.
const REFERENCE_CHARACTERS: &[u8; 26] = b"23456789BCDFGHJKLMPQRTVWXZ";

/// A ULID: 48 bits of time, 80 random bits; 26 characters, in the order of time.
pub fn ulid(time: Millis) -> String {
    let mut random = [0; 10];
    fill(&mut random);
    with_time(time, random)
}

/// The ULID of a time and a name: the same input always gives the same one.
pub(crate) fn ulid_of(time: Millis, name: &str) -> String {
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&Sha256::digest(name)[..10]);
    with_time(time, bytes)
}

fn with_time(time: Millis, rest: [u8; 10]) -> String {
    let mut number = [0; 16];
    number[6..].copy_from_slice(&rest);
    let time = u64::try_from(time).unwrap_or_default();
    Ulid::from_parts(time, u128::from_be_bytes(number)).to_string()
}

/// The prefix of all ULIDs of a time. It sorts before them, and after all earlier ones.
#[cfg(feature = "sqlite")]
pub(crate) fn first_of(time: Millis) -> String {
    ulid(time)[..10].to_owned()
}

/// The time in a ULID; `None` if the text is not a ULID as we write them, in capitals.
pub fn time_of(text: &str) -> Option<Millis> {
    let ulid = Ulid::from_string(text).ok().filter(|ulid| ulid.to_string() == text)?;
    i64::try_from(ulid.timestamp_ms()).ok()
}

/// A short reference, such as `7KMB-2XQ4`. The store makes sure that it is unique.
pub fn reference() -> String {
    let mut text = String::with_capacity(9);
    while text.len() < 9 {
        let mut byte = [0];
        fill(&mut byte);
        // Rejecting the highest bytes makes every character equally likely.
        if usize::from(byte[0]) < 256 / REFERENCE_CHARACTERS.len() * REFERENCE_CHARACTERS.len() {
            text.push(char::from(
                REFERENCE_CHARACTERS[usize::from(byte[0]) % REFERENCE_CHARACTERS.len()],
            ));
            if text.len() == 4 {
                text.push('-');
            }
        }
    }
    text
}

/// A reference as a person typed it, in its normal form; `None` if it cannot be one.
pub fn parse_reference(text: &str) -> Option<String> {
    let letters: String = ascii(text)
        .chars()
        .filter(|c| !c.is_whitespace() && !is_separator(*c))
        .collect::<String>()
        .to_uppercase();
    let fits =
        letters.len() == 8 && letters.bytes().all(|byte| REFERENCE_CHARACTERS.contains(&byte));
    fits.then(|| format!("{}-{}", &letters[..4], &letters[4..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time() {
        let (early, late) = (ulid(1_000), ulid(2_000));
        assert!(early < late && early.len() == 26);
        assert_ne!(ulid(1), ulid(1));
        for time in [0, 1, 1_795_615_200_000] {
            assert_eq!(time_of(&ulid(time)), Some(time));
        }
        assert_eq!(ulid_of(2_000, "chat"), ulid_of(2_000, "chat"));
        assert_ne!(ulid_of(2_000, "chat"), ulid_of(2_000, "lunch"));
        assert_eq!(time_of(&ulid_of(2_000, "chat")), Some(2_000));
        for other in [
            "",
            "mail",
            "01d39zy06fgsctvn4t2v9pkhfz",
            "01D39ZY06FGSCTVN4T2V9PKHF",
            "01D39ZY06FGSCTVN4T2V9PKHFZZ",
            "01D39ZY06FGSCTVN4T2V9PKHFU",
            "O1D39ZY06FGSCTVN4T2V9PKHFZ",
            "81D39ZY06FGSCTVN4T2V9PKHFZ",
            "01D39ZY06FGSCTVN4T2V9PKHé",
        ] {
            assert_eq!(time_of(other), None, "{other}");
        }
        // Ids that an earlier version made with its own encoder.
        assert_eq!(ulid_of(1_795_615_200_000, "chat"), "01M89G34R067G6YZC9ZTWSM3KC");
    }

    #[test]
    fn references_are_read_as_people_write_them() {
        let made = reference();
        assert_eq!(parse_reference(&made.to_lowercase().replace('-', " ")), Some(made));
        assert_eq!(parse_reference("۲۳۴۵‑６７８９").as_deref(), Some("2345-6789"));
        assert_eq!(parse_reference("<script>"), None);
    }
}
