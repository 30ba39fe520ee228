//! Counts words, and extracts the first paragraph of a page as plain text.

/// Counts words of a text that arrives in parts.
#[derive(Default)]
pub(super) struct Words {
    number: u32,
    inside: bool,
}

/// Whether a byte of UTF-8 starts or continues a letter or a digit. Beyond ASCII the first byte of a character decides:
/// those of general punctuation and symbols (`0xe2`) and of Latin-1 symbols (`0xc2`) do not start a word, all others
/// do. This needs no Unicode table.
fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | (byte >= 0xc3) & (byte != 0xe2)
}

/// Whether a byte separates words.
fn is_space(byte: u8) -> bool {
    (byte == b' ') | (byte == b'\n') | (byte == b'\t') | (byte == b'\r')
}

/// Whether there is a letter in the bytes between two spaces.
fn is_word(run: &[u8]) -> bool {
    run.iter().any(|byte| is_letter(*byte))
}

/// The number of bytes counted at once, so that the count fits into a byte: the compiler then vectorizes the loop,
/// sixteen bytes at a time.
const BLOCK_BYTES: usize = 255;

/// How often a letter follows a space, and how often another character does.
fn begun(bytes: &[u8]) -> (u32, u32) {
    let (mut letters, mut signs) = (0, 0);
    let behind = bytes.get(1..).unwrap_or_default();
    for (these, those) in bytes.chunks(BLOCK_BYTES).zip(behind.chunks(BLOCK_BYTES)) {
        let (mut by_letters, mut by_signs) = (0_u8, 0_u8);
        for (before, byte) in these.iter().zip(those) {
            by_letters += u8::from(is_space(*before) & is_letter(*byte));
            by_signs += u8::from(is_space(*before) & !is_letter(*byte) & !is_space(*byte));
        }
        letters += u32::from(by_letters);
        signs += u32::from(by_signs);
    }
    (letters, signs)
}

impl Words {
    pub(super) fn count(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let first = bytes.split(|byte| is_space(*byte)).next().unwrap_or_default();
        let last = bytes.rsplit(|byte| is_space(*byte)).next().unwrap_or_default();
        let (letters, signs) = begun(bytes);
        let behind_first = if signs == 0 {
            letters
        } else {
            // A run that starts with punctuation, such as `(so`, is a word if a letter follows.
            let runs = bytes.split(|byte| is_space(*byte)).skip(1);
            runs.map(|run| u32::from(is_word(run))).sum()
        };
        let number = u32::from(!self.inside && is_word(first)) + behind_first;
        self.number = self.number.saturating_add(number);
        self.inside = is_word(last) || self.inside && last.len() == bytes.len();
    }

    pub(super) fn gap(&mut self) {
        self.inside = false;
    }

    pub(super) fn number(&self) -> u32 {
        self.number
    }
}

/// Collects the first paragraph; one within a component only if there is no other.
#[derive(Default)]
pub(super) struct Prose {
    open: Option<(String, bool)>,
    opening: Option<String>,
    inner: Option<String>,
}

/// Longer than any summary.
const MAX_SUMMARY_BYTES: usize = 2_000;

impl Prose {
    /// Starts a paragraph: on the page itself, or in a component.
    pub(super) fn begin(&mut self, outermost: bool) {
        if self.opening.is_none() && (outermost || self.inner.is_none()) {
            self.open = Some((String::new(), outermost));
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        if let Some((words, _)) = &mut self.open
            && words.len() < MAX_SUMMARY_BYTES
        {
            words.push_str(text);
        }
    }

    /// Ends the paragraph.
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

/// A text's words, separated by single spaces.
pub(super) fn trimmed(text: String) -> String {
    let bytes = text.as_bytes();
    let ends_on_space = bytes.first().is_some_and(|first| *first <= b' ')
        || bytes.last().is_some_and(|last| *last <= b' ');
    // Branch-free, so that the compiler can vectorize it.
    let is_doubtful =
        bytes.iter().zip(bytes.iter().skip(1)).fold(ends_on_space, |found, (a, b)| {
            found | (*b < b' ') | (*b > b'~') | (*a == b' ') & (*b == b' ')
        });
    if is_doubtful || !bytes.first().is_none_or(u8::is_ascii) {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        text
    }
}

/// The text on one line, cut at a word boundary to about 200 characters.
pub(super) fn summary(text: &str) -> String {
    const MAX_CHARS: usize = 200;
    let mut summary = trimmed(text.to_owned());
    let Some((end, _)) = summary.char_indices().nth(MAX_CHARS) else { return summary };
    let is_whole = summary[end..].starts_with(' ');
    let end = if is_whole { end } else { summary[..end].rfind(' ').unwrap_or(end) };
    let kept = summary[..end].trim_end_matches([',', ';', ':', '.', '-', '–', '—']).len();
    summary.truncate(kept);
    summary.push('…');
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_separated_by_spaces() {
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
    fn the_word_count_does_not_depend_on_how_a_text_is_split() {
        let one_by_one = |text: &str| {
            let (mut number, mut inside) = (0, false);
            for byte in text.bytes() {
                number += u32::from(!inside && is_letter(byte));
                inside = !is_space(byte) && (inside || is_letter(byte));
            }
            number
        };
        let text =
            "(We’re) all — together, «well-known» 'friends'\tof\r\nthe \"1st\" day … ".repeat(9);
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let mut words = Words::default();
            words.count(&text[..end]);
            assert_eq!(words.number(), one_by_one(&text[..end]), "{:?}", &text[..end]);
            words.count(&text[end..]);
            assert_eq!(words.number(), one_by_one(&text), "parted at {end}");
        }
    }

    #[test]
    fn words_are_separated_by_single_spaces() {
        let texts = [
            "",
            " ",
            "a b",
            " a b",
            "a b ",
            "a  b",
            "a\tb",
            "a\n b",
            "a\u{b}b",
            "a\u{7f}b",
            "a\u{a0} b",
            "a b\u{2003}c",
            "\u{3000}a b",
            "ਰੋਜ਼ a",
            "é",
            "é  é",
            "a",
            "a\u{1f}b",
        ];
        for text in texts {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(trimmed(text.to_owned()), words, "{text:?}");
        }
    }

    #[test]
    fn a_summary_is_cut_at_a_word() {
        assert_eq!(summary(" a\n b "), "a b");
        let long = "word, ".repeat(60);
        let cut = summary(&long);
        assert!(cut.ends_with("word…") && cut.chars().count() <= 201, "{cut}");
        assert_eq!(summary(&"a".repeat(300)), format!("{}…", "a".repeat(200)));
        let exactly = |last: usize| format!("{} {}", "ਰੋ".repeat(50), "b".repeat(last));
        assert_eq!(summary(&exactly(99)), exactly(99));
        assert_eq!(summary(&format!("{} c", exactly(99))), format!("{}…", exactly(99)));
        assert_eq!(summary(&exactly(100)), format!("{}…", "ਰੋ".repeat(50)));
    }
}
