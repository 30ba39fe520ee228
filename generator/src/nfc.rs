//! Brings names to one form, Unicode's NFC (Unicode Standard Annex #15): `é` may be stored as one character
//! or as two, and a Mac writes names of files in the other way than most keyboards write links. Pure.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

/// A name in NFC. A name in ASCII is so already.
pub fn nfc(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return Cow::Borrowed(name);
    }
    ComposingNormalizerBorrowed::new_nfc().normalize(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_to_store_a_letter_are_one_name() {
        assert_eq!(nfc("Cafe\u{301}"), "Café");
        assert_eq!(nfc("Café"), "Café");
        assert_eq!(nfc("\u{1112}\u{1161}\u{11ab}"), "한");
        // Unicode excludes these from composition: NFC is the longer form.
        assert_eq!(nfc("\u{0a59}"), "\u{0a16}\u{0a3c}");
        assert!(matches!(nfc("cafe"), Cow::Borrowed("cafe")));
    }
}
