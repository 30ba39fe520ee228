//! Makes names for things: ids that sort by time, and references that people read out. Takes
//! random bytes from the system.

use crate::characters::{ascii, is_separator};
use crate::clock::Millis;
use crate::secret_keys::fill;
use sha2::{Digest, Sha256};

/// Crockford's base 32, as ULIDs have it.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// No vowels, so that no words appear; nothing that sounds or looks like another.
const SPOKEN: &[u8; 26] = b"23456789BCDFGHJKLMPQRTVWXZ";

/// A ULID: 48 bits of time, 80 random bits; 26 characters, in the order of time.
pub fn ulid(time: Millis) -> String {
    let mut bytes = [0_u8; 16];
    fill(&mut bytes[6..]);
    with_time(bytes, time)
}

fn with_time(mut bytes: [u8; 16], time: Millis) -> String {
    let time = u64::try_from(time).unwrap_or_default().to_be_bytes();
    bytes[..6].copy_from_slice(&time[2..]);
    let number = u128::from_be_bytes(bytes);
    (0..26)
        .rev()
        .map(|place| {
            char::from(CROCKFORD[usize::try_from(number >> (place * 5) & 31).unwrap_or(0)])
        })
        .collect()
}

/// The ULID of a time and a name: the same input always gives the same one.
pub(crate) fn ulid_of(time: Millis, name: &str) -> String {
    let mut bytes = [0_u8; 16];
    bytes[6..].copy_from_slice(&Sha256::digest(name)[..10]);
    with_time(bytes, time)
}

/// What the ULIDs of a time begin with: it comes before all of them, and after all earlier ones.
#[cfg(feature = "sqlite")]
pub(crate) fn first_of(time: Millis) -> String {
    ulid(time)[..10].to_owned()
}

/// The time in a ULID; `None` where it is none.
pub fn time_of(ulid: &str) -> Option<Millis> {
    let digit = |byte| CROCKFORD.iter().position(|known| *known == byte);
    // Ten characters of five bits hold the 48 bits of time.
    let time = ulid
        .bytes()
        .take(10)
        .try_fold(0, |time: u64, byte| Some(time << 5 | u64::try_from(digit(byte)?).ok()?))?;
    (ulid.len() == 26).then_some(i64::try_from(time).ok()?)
}

/// A short reference, such as `7KMB-2XQ4`. The store makes sure that it is unique.
pub fn reference() -> String {
    let mut text = String::with_capacity(9);
    while text.len() < 9 {
        let mut byte = [0];
        fill(&mut byte);
        // Bytes beyond the last whole round are thrown away, so that each letter is as likely.
        if usize::from(byte[0]) < 256 / SPOKEN.len() * SPOKEN.len() {
            text.push(char::from(SPOKEN[usize::from(byte[0]) % SPOKEN.len()]));
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
    let fits = letters.len() == 8 && letters.bytes().all(|byte| SPOKEN.contains(&byte));
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
        assert_eq!(time_of("mail"), None);
        assert_eq!(time_of(""), None);
    }

    #[test]
    fn references_are_read_as_people_write_them() {
        let made = reference();
        assert_eq!(parse_reference(&made.to_lowercase().replace('-', " ")), Some(made));
        assert_eq!(parse_reference("۲۳۴۵‑６７８９").as_deref(), Some("2345-6789"));
        assert_eq!(parse_reference("<script>"), None);
    }
}
