//! Counts words, and keeps the first paragraph of a page as plain text. Pure.

/// Counts words across the parts that a text comes in.
#[derive(Default)]
pub(super) struct Words {
    number: u32,
    inside: bool,
}

/// A byte that begins a word, or goes on with one: a letter or a digit.
const LETTER: u8 = 0b01;
/// A byte that does not end a word: all but spaces.
const INSIDE: u8 = 0b10;

/// What a byte of UTF-8 is in a word. Beyond ASCII the first byte of a character decides: those of
/// general punctuation and symbols (`0xe2`) and of Latin signs (`0xc2`) begin no word, every other
/// does, which costs no table of Unicode.
const BYTES: [u8; 256] = {
    let mut bytes = [INSIDE; 256];
    let mut at = 0;
    while at < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "less than 256")]
        let byte = at as u8;
        if matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
            bytes[at] = 0;
        } else if byte.is_ascii_alphanumeric() || (byte >= 0xc3 && byte != 0xe2) {
            bytes[at] = INSIDE | LETTER;
        }
        at += 1;
    }
    bytes
};

impl Words {
    pub(super) fn count(&mut self, text: &str) {
        // Without a branch: every byte of a site passes here.
        let mut number = 0;
        let mut inside = u8::from(self.inside);
        for byte in text.bytes() {
            let kind = BYTES[usize::from(byte)];
            number += u32::from(kind & !inside & LETTER);
            inside = (inside | kind) & (kind >> 1);
        }
        self.number = self.number.saturating_add(number);
        self.inside = inside != 0;
    }

    pub(super) fn gap(&mut self) {
        self.inside = false;
    }

    pub(super) fn number(&self) -> u32 {
        self.number
    }
}

/// Collects the first paragraph; one that stands in a component only where there is no other.
#[derive(Default)]
pub(super) struct Prose {
    open: Option<(String, bool)>,
    opening: Option<String>,
    inner: Option<String>,
}

/// More than any summary shows.
const LONGEST: usize = 2_000;

impl Prose {
    /// A paragraph begins: on the page itself, or in a component.
    pub(super) fn begin(&mut self, outermost: bool) {
        if self.opening.is_none() && (outermost || self.inner.is_none()) {
            self.open = Some((String::new(), outermost));
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        if let Some((words, _)) = &mut self.open
            && words.len() < LONGEST
        {
            words.push_str(text);
        }
    }

    /// The paragraph ends.
    pub(super) fn end(&mut self) {
        let Some((words, outermost)) = self.open.take() else { return };
        if words.trim().is_empty() {
            return;
        }
        let slot = if outermost { &mut self.opening } else { &mut self.inner };
        slot.get_or_insert(words);
    }

    pub(super) fn into_opening(self) -> String {
        self.opening.or(self.inner).unwrap_or_default()
    }
}

/// Text on one line, cut at a word to about 200 characters.
pub(super) fn summary(text: &str) -> String {
    const LONGEST: usize = 200;
    let mut summary = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let word_length = word.chars().count();
        if length + word_length + 1 > LONGEST {
            if summary.is_empty() {
                summary.extend(word.chars().take(LONGEST));
            }
            let kept = summary.trim_end_matches([',', ';', ':', '.', '-', '–', '—']).len();
            summary.truncate(kept);
            summary.push('…');
            break;
        }
        if !summary.is_empty() {
            summary.push(' ');
            length += 1;
        }
        summary.push_str(word);
        length += word_length;
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_stands_between_spaces() {
        let count = |parts: &[&str]| {
            let mut words = Words::default();
            parts.iter().for_each(|part| words.count(part));
            words.number()
        };
        assert_eq!(count(&["We’re all — together, well-known “friends”"]), 5);
        assert_eq!(count(&["don", "'", "t ", "go"]), 2);
        assert_eq!(count(&["… – ?"]), 0);
        assert_eq!(count(&["ਜੀ ਆਇਆਂ ਨੂੰ Łódź"]), 4);
    }

    #[test]
    fn a_summary_is_cut_at_a_word() {
        assert_eq!(summary(" a\n b "), "a b");
        let long = "word, ".repeat(60);
        let cut = summary(&long);
        assert!(cut.ends_with("word…") && cut.chars().count() <= 201, "{cut}");
        assert!(summary(&"a".repeat(300)).chars().count() <= 201);
    }
}
