//! Turns text of any script into an anchor or the last segment of an address.

use std::collections::{BTreeSet, HashMap, HashSet};

use unicode_width::UnicodeWidthChar;

use crate::nfc::nfc;

/// Lower-case letters, digits and marks of any script, with hyphens for everything between them.
pub(crate) fn slug(words: &str) -> String {
    let words = &*nfc(words);
    let mut slug = String::with_capacity(words.len());
    let mut gap = false;
    let mut rest = words;
    while let Some(character) = rest.chars().next() {
        let plain = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (part, behind) = rest.split_at(plain.max(character.len_utf8()));
        rest = behind;
        let is_letter = plain > 0
            || !character.is_ascii() && (character.is_alphanumeric() || is_mark(character));
        if is_letter {
            if gap && !slug.is_empty() {
                slug.push('-');
            }
            gap = false;
            if plain > 0 {
                slug.push_str(part);
            } else {
                slug.extend(character.to_lowercase());
            }
        } else if !matches!(character, '\'' | '’' | '\u{200c}' | '\u{200d}') {
            // An apostrophe or a joiner does not split a word: "we've" is one.
            gap = true;
        }
    }
    slug.make_ascii_lowercase();
    slug
}

/// The longest folder name that every file system accepts, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// A slug for a folder, cut at a word boundary if a file system would reject it.
pub(crate) fn folder_name(words: &str) -> String {
    shortened(slug(words), MAX_NAME_BYTES)
}

/// The beginning of a slug that fits into `longest` bytes, cut between words, or else between letters.
pub(crate) fn shortened(mut slug: String, longest: usize) -> String {
    if slug.len() <= longest {
        return slug;
    }
    let start = slug.floor_char_boundary(longest);
    let is_between_words = slug[start..].starts_with('-');
    let words = slug[..start].rfind('-').filter(|_| !is_between_words);
    // A combining mark stays with its letter.
    let letters = || {
        let starts_letter = |at: &usize| !slug[*at..].starts_with(is_mark);
        (0..=start).rev().filter(|at| slug.is_char_boundary(*at)).find(starts_letter)
    };
    let end = words.filter(|end| *end > 0).or_else(letters).unwrap_or(start);
    slug.truncate(end);
    slug
}

/// Whether this is a combining mark, such as a vowel sign: many scripts are unreadable without them.
pub(crate) fn is_mark(character: char) -> bool {
    !character.is_ascii()
        && character.width() == Some(0)
        && !matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Why an anchor is not available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The page already uses it.
    Here,
    /// The theme or a form uses it on every page.
    ByTheme,
}

/// The anchors of one page, each used once.
pub(super) struct Anchors<'a> {
    reserved: &'a BTreeSet<String>,
    taken: HashSet<String>,
    next: HashMap<String, u32>,
}

impl<'a> Anchors<'a> {
    /// No anchors yet; those of `reserved` are never given out.
    pub(super) fn new(reserved: &'a BTreeSet<String>) -> Self {
        Anchors { reserved, taken: HashSet::new(), next: HashMap::new() }
    }

    /// Reserves an explicit anchor.
    ///
    /// # Errors
    /// It is already in use.
    pub(super) fn keep(&mut self, anchor: &str) -> Result<(), Taken> {
        if self.reserved.contains(anchor) {
            return Err(Taken::ByTheme);
        }
        if self.taken.insert(anchor.to_owned()) { Ok(()) } else { Err(Taken::Here) }
    }

    /// Reserves an anchor if it is available.
    fn take(&mut self, anchor: &str) -> bool {
        self.keep(anchor).is_ok()
    }

    /// Generates an anchor from text, with a number if it is already in use.
    pub(super) fn make(&mut self, words: &str) -> String {
        let mut base = slug(words);
        if base.is_empty() {
            base.push_str("part");
        }
        if self.take(&base) {
            return base;
        }
        // The counter is kept, so that ten thousand equal headings do not each count from one.
        let mut next = self.next.get(&base).copied().unwrap_or(2);
        loop {
            let anchor = format!("{base}-{next}");
            next += 1;
            if self.take(&anchor) {
                self.next.insert(base, next);
                return anchor;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_correct_in_every_script() {
        assert_eq!(slug("We've been facing it together!"), "weve-been-facing-it-together");
        assert_eq!(slug("  Łódź & Kraków — 2020 "), "łódź-kraków-2020");
        assert_eq!(slug("ਜੀ ਆਇਆਂ ਨੂੰ"), "ਜੀ-ਆਇਆਂ-ਨੂੰ");
        assert_eq!(slug("हिन्दी में"), "हिन्दी-में");
        assert_eq!(slug("خوش آمدید، دوست۔"), "خوش-آمدید-دوست");
        assert_eq!(slug("一起 做。"), "一起-做");
        assert_eq!(slug("CaféBAR 2K’s ÉTÉ"), "cafébar-2ks-été");
        assert_eq!(slug("\u{212a}elvin"), "kelvin");
        assert_eq!(slug("?!"), "");
        assert_eq!(slug("Cafe\u{301} Zoe\u{308}"), "café-zoë");
    }

    #[test]
    fn a_long_name_is_cut_between_words() {
        assert_eq!(shortened("one-two".to_owned(), 7), "one-two");
        assert_eq!(shortened("one-two-three".to_owned(), 7), "one-two");
        assert_eq!(shortened("one-two-three".to_owned(), 10), "one-two");
        assert_eq!(shortened("one".to_owned(), 2), "on");
        // `ਰੋ` is a letter of three bytes and a mark of three.
        assert_eq!(shortened("ਰੋਰੋ".to_owned(), 11), "ਰੋ");
        assert_eq!(shortened("ਰੋਰੋ".to_owned(), 9), "ਰੋ");
        let long = "ਜੀ ਆਇਆਂ ਨੂੰ ".repeat(20);
        let name = folder_name(&long);
        assert!(name.len() <= 255 && name.len() > 200 && slug(&long).starts_with(&name));
        assert!(slug(&long)[name.len()..].starts_with('-'), "{name}");
    }

    #[test]
    fn anchors_are_unique() {
        let reserved = BTreeSet::from(["main".to_owned()]);
        let mut anchors = Anchors::new(&reserved);
        assert_eq!(anchors.keep("rose"), Ok(()));
        assert_eq!(anchors.keep("rose"), Err(Taken::Here));
        assert_eq!(anchors.keep("main"), Err(Taken::ByTheme));
        assert_eq!(anchors.make("Main"), "main-2");
        assert_eq!(anchors.make("Rose"), "rose-2");
        assert_eq!(anchors.make("Rose 3"), "rose-3");
        assert_eq!(anchors.make("Rose"), "rose-4");
        assert_eq!(anchors.make("…"), "part");
    }
}
