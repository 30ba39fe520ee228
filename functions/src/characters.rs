//! Classifies characters by their Unicode properties. Pure.

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Whether a text is invisible: only white space, format characters such as the zero-width joiner, Hangul fillers, and
/// combining marks without a base letter.
pub fn is_blank(text: &str) -> bool {
    !text.chars().any(is_visible)
}

fn is_visible(c: char) -> bool {
    use GeneralCategory::{
        Control, EnclosingMark, Format, LineSeparator, NonspacingMark, ParagraphSeparator,
        SpaceSeparator, SpacingMark,
    };
    // Blank Braille, a musical note without a head, and blank hieroglyphs are symbols by their category, but are not
    // drawn.
    if matches!(c, '\u{2800}' | '\u{1D159}' | '\u{13441}' | '\u{13442}') {
        return false;
    }
    !matches!(
        category(c),
        Control
            | Format
            | SpaceSeparator
            | LineSeparator
            | ParagraphSeparator
            | NonspacingMark
            | SpacingMark
            | EnclosingMark
    ) && !is_ignorable(c)
}

/// A text in lower case, with the letters that have no other case form written out: `ß`, `ẞ` and `SS` are `ss`.
pub(crate) fn case_folded(text: &str) -> String {
    text.to_lowercase().to_uppercase().to_lowercase()
}

/// Whether a character is invisible by default, such as the zero-width space.
pub(crate) fn is_ignorable(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// A text in ASCII, as far as it has equivalents: decimal digits of every script, and full-width letters and
/// punctuation. Format characters, such as direction marks, are removed.
pub(crate) fn ascii(text: &str) -> String {
    text.chars().filter(|c| category(*c) != GeneralCategory::Format).map(ascii_character).collect()
}

fn ascii_character(c: char) -> char {
    match (digit(c), c) {
        (Some(digit), _) => digit,
        (None, '\u{FF01}'..='\u{FF5E}') => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// The ASCII digit with the value of a decimal digit in any script.
fn digit(c: char) -> Option<char> {
    let is_digit = |number: u32| {
        char::from_u32(number).is_some_and(|c| category(c) == GeneralCategory::DecimalNumber)
    };
    let number = u32::from(c);
    if c.is_ascii_digit() || !is_digit(number) {
        return c.is_ascii_digit().then_some(c);
    }
    // The ten digits of a script are contiguous, beginning with zero (Unicode Character Encoding Stability Policies,
    // "Numeric_Type"). Some sets are adjacent.
    let before = (0..number).rev().take_while(|number| is_digit(*number)).count();
    char::from_digit((before % 10) as u32, 10)
}

/// Whether a character separates groups of digits: white space, hyphens and dashes, dots and slashes.
pub(crate) fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || category(c) == GeneralCategory::DashPunctuation
        // Beyond ASCII: Arabic date separator, fraction and division slash, middle dots, minus.
        || "./\u{60D}\u{2044}\u{2215}\u{B7}\u{30FB}\u{2212}".contains(c)
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

/// Whether a terminal only shows a character: control characters are commands, and direction overrides change how a
/// line reads.
pub fn is_printable(c: char) -> bool {
    let turns = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
    !c.is_control() && !turns
}

/// Makes untrusted text safe for a terminal: unprintable characters become U+FFFD. Line ends and tabs stay.
pub fn for_terminal(text: &str) -> String {
    let shown = |c: char| if c == '\n' || c == '\t' || is_printable(c) { c } else { '\u{FFFD}' };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Invisible texts.
    const BLANK: [&str; 22] = [
        "",
        " \t\r\n",
        "\u{a0}\u{2003}\u{3000}\u{202f}",
        "\0\u{7f}\u{85}",
        "\u{ad}",
        "\u{200b}",
        "\u{200c}\u{200d}",
        "\u{200e}\u{200f}\u{61c}",
        "\u{2060}\u{2061}\u{2064}\u{feff}",
        "\u{202a}\u{202e}\u{2066}\u{2069}",
        "\u{2028}\u{2029}",
        "\u{180e}\u{180b}",
        "\u{115f}\u{1160}",
        "\u{3164}",
        "\u{ffa0}",
        "\u{2800}\u{2800}",
        "\u{1d159}",
        "\u{301}\u{34f}",
        "\u{93f}",
        "\u{20dd}",
        "\u{fe0f}\u{e0100}",
        "\u{e0001}\u{e0041}",
    ];

    #[test]
    fn what_nobody_sees_is_blank() {
        for text in BLANK {
            assert!(is_blank(text), "{}", text.escape_unicode());
            assert!(is_blank(&format!(" {text}\u{200b}")), "{}", text.escape_unicode());
            assert!(!is_blank(&format!("{text}a{text}")), "{}", text.escape_unicode());
        }
    }

    #[test]
    fn digits_of_every_script_have_their_value() {
        let digits = ('\0'..=char::MAX).filter(|c| category(*c) == GeneralCategory::DecimalNumber);
        let digits: String = digits.collect();
        assert!(digits.chars().count() >= 680, "Unicode 15.1 has 680");
        let expected = "0123456789".repeat(digits.chars().count() / 10);
        assert_eq!(ascii(&digits), expected);
        assert_eq!(ascii("۰۷۷۰۰ ９００ (＋) ＣＶ１\u{200f}"), "07700 900 (+) CV1");
        // Letters, and numbers that are not decimal digits, stay.
        assert_eq!(ascii("½ Ⅷ 三 ² é"), "½ Ⅷ 三 ² é");
    }

    #[test]
    fn a_terminal_is_sent_no_commands() {
        let unsafe_characters =
            (0..0x20).chain(0x7f..0xa0).chain(0x202a..0x202f).chain(0x2066..0x206a);
        for c in unsafe_characters.filter_map(char::from_u32).filter(|c| !"\n\t".contains(*c)) {
            assert_eq!(
                for_terminal(&format!("a{c}[2Jb")),
                "a\u{fffd}[2Jb",
                "{}",
                c.escape_unicode()
            );
        }
        for text in ["two\nlines\tapart", "Ünïcode, 中文, ‏اردو", "می\u{200c}روم", "👩\u{200d}👧"]
        {
            assert_eq!(for_terminal(text), text);
        }
    }

    #[test]
    fn every_script_and_sign_is_seen() {
        for text in [
            "a",
            "0",
            ".",
            "é",
            "e\u{301}",
            "ि क",
            "می\u{200c}روم",
            "क्\u{200d}ष",
            "👩\u{200d}👧",
            "🇬🇧",
            "❤\u{fe0f}",
            "ᄀ",
            "가",
            "中",
            "٣",
            "ﷺ",
            "⠁",
            "☐",
            "\u{e000}",
        ] {
            assert!(!is_blank(text), "{text}");
        }
    }
}
