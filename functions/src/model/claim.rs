//! Determines who has claimed a reply: the person who works on it. Pure.

use super::StoredReply;
use crate::characters::{case_folded, is_blank, is_ignorable};
use crate::clock::Millis;
use icu_normalizer::ComposingNormalizerBorrowed;

/// Who has claimed a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim<'a> {
    /// Their name.
    pub by: &'a str,
    /// Since when.
    pub since: Millis,
}

/// Who has claimed a reply: the person who last moved it from one working state to another, or into the first. A note
/// changes nothing. `None` in any other state, or if an earlier version allowed a move without a name.
pub fn claim_of(reply: &StoredReply) -> Option<Claim<'_>> {
    let mut claim: Option<Claim<'_>> = None;
    for step in &reply.history {
        if !step.to.is_working() {
            claim = None;
            continue;
        }
        let Some(by) = step.by.as_deref().filter(|by| !is_blank(by)) else { continue };
        claim = match claim {
            Some(known) if same_person(known.by, by) => Some(Claim { by, ..known }),
            // A note by another person.
            Some(known) if step.from == step.to && step.taken_over_from.is_none() => Some(known),
            _ => Some(Claim { by, since: step.at }),
        };
    }
    claim
}

/// Whether two names are the same but for case, spaces, invisible characters and Unicode normalization.
pub fn same_person(one: &str, other: &str) -> bool {
    canonical_name(one) == canonical_name(other)
}

/// A name in lower case and NFC, with single spaces and without invisible characters.
pub(crate) fn canonical_name(name: &str) -> String {
    let seen: String = name.chars().filter(|&c| !is_ignorable(c)).collect();
    let words: Vec<&str> = seen.split_whitespace().collect();
    let name = case_folded(&words.join(" "));
    ComposingNormalizerBorrowed::new_nfc().normalize(&name).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_recognised_in_every_spelling() {
        for (one, other, same) in [
            ("asha", "Asha", true),
            (" Asha  Patel ", "asha patel", true),
            ("ASHA\u{a0}PATEL", "Asha Patel", true),
            ("asha\u{200b}", "Asha", true),
            ("ÉLODIE", "élodie", true),
            ("E\u{301}lodie", "élodie", true),
            ("Strauß", "STRAUSS", true),
            ("STRAUẞ", "Strauss", true),
            ("ΝΙΚΟΣ", "Νίκος", false),
            ("ΝΙΚΟΣ", "νικος", true),
            ("asha", "ashap", false),
            ("Asha P.", "Asha", false),
            ("Asha Patel", "AshaPatel", false),
        ] {
            assert_eq!(same_person(one, other), same, "{one} {other}");
        }
    }
}
