//! Normalizes names to Unicode's NFC (Unicode Standard Annex #15): `é` may be stored as one character or as two, and a
//! Mac writes file names in the other form than most keyboards write links.

use std::borrow::Cow;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// Normalizes a name to NFC. ASCII is returned unchanged.
pub fn nfc(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return Cow::Borrowed(name);
    }
    ComposingNormalizerBorrowed::new_nfc().normalize(name)
}

/// A word without the accents of the Latin, Greek and Cyrillic scripts, as many people type it: `fevrier`.
pub fn without_accents(word: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(word);
    decomposed.chars().filter(|c| !('\u{300}'..='\u{36F}').contains(c)).collect()
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

    #[test]
    fn accents_are_left_out_and_the_vowels_of_indian_scripts_are_not() {
        assert_eq!(without_accents("février"), "fevrier");
        assert_eq!(without_accents("Ιανουάριος"), "Ιανουαριος");
        assert_eq!(without_accents("ਜੂਨ"), "ਜੂਨ");
    }
}
