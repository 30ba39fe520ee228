//! Turns words into an anchor or the last part of an address, in every script. Pure.

use std::collections::{HashMap, HashSet};

use unicode_width::UnicodeWidthChar;

/// Lower case letters, digits and marks of any script, with a hyphen for whatever stands between.
pub(crate) fn slug(words: &str) -> String {
    let mut slug = String::with_capacity(words.len());
    let mut gap = false;
    for character in words.chars() {
        if character.is_alphanumeric() || is_mark(character) {
            if gap && !slug.is_empty() {
                slug.push('-');
            }
            gap = false;
            if character.is_ascii() {
                slug.push(character.to_ascii_lowercase());
            } else {
                slug.extend(character.to_lowercase());
            }
        } else if !matches!(character, '\'' | '’' | '\u{200c}' | '\u{200d}') {
            // An apostrophe or a joiner does not part a word: "we've" is one.
            gap = true;
        }
    }
    slug
}

/// Vowel signs and the like, which change their letter: many scripts cannot be read without them.
pub(crate) fn is_mark(character: char) -> bool {
    !character.is_ascii()
        && character.width() == Some(0)
        && !matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// The anchors of one page, each given once.
#[derive(Default)]
pub(super) struct Anchors {
    taken: HashSet<String>,
    next: HashMap<String, u32>,
}

impl Anchors {
    /// Keeps an anchor that somebody wrote; false where it is taken.
    pub(super) fn keep(&mut self, anchor: &str) -> bool {
        self.taken.insert(anchor.to_owned())
    }

    /// An anchor made from words, with a number where it was given before.
    pub(super) fn make(&mut self, words: &str) -> String {
        let mut base = slug(words);
        if base.is_empty() {
            base.push_str("part");
        }
        if self.taken.insert(base.clone()) {
            return base;
        }
        // The count is kept, so that ten thousand equal headings do not count from one each time.
        let next = self.next.entry(base.clone()).or_insert(2);
        loop {
            let anchor = format!("{base}-{next}");
            *next += 1;
            if self.taken.insert(anchor.clone()) {
                return anchor;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_right_in_every_script() {
        assert_eq!(slug("We've been facing it together!"), "weve-been-facing-it-together");
        assert_eq!(slug("  Łódź & Kraków — 2020 "), "łódź-kraków-2020");
        assert_eq!(slug("ਜੀ ਆਇਆਂ ਨੂੰ"), "ਜੀ-ਆਇਆਂ-ਨੂੰ");
        assert_eq!(slug("हिन्दी में"), "हिन्दी-में");
        assert_eq!(slug("خوش آمدید، دوست۔"), "خوش-آمدید-دوست");
        assert_eq!(slug("一起 做。"), "一起-做");
        assert_eq!(slug("?!"), "");
    }

    #[test]
    fn an_anchor_is_given_once() {
        let mut anchors = Anchors::default();
        assert!(anchors.keep("rose"));
        assert!(!anchors.keep("rose"));
        assert_eq!(anchors.make("Rose"), "rose-2");
        assert_eq!(anchors.make("Rose 3"), "rose-3");
        assert_eq!(anchors.make("Rose"), "rose-4");
        assert_eq!(anchors.make("…"), "part");
    }
}
