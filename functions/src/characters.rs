//! Says what characters are to a person, by the properties that Unicode gives them. Pure.

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Whether a person sees nothing in a text: white space, format characters such as the zero-width joiner,
/// Hangul fillers, and combining marks without a letter to stand on.
pub fn is_blank(text: &str) -> bool {
    !text.chars().any(is_visible)
}

fn is_visible(c: char) -> bool {
    use GeneralCategory::{
        Control, EnclosingMark, Format, LineSeparator, NonspacingMark, ParagraphSeparator,
        SpaceSeparator, SpacingMark,
    };
    // Braille without a dot, a note without a head, and blank hieroglyphs: signs by their category, though
    // nothing of them is drawn.
    if matches!(c, '\u{2800}' | '\u{1D159}' | '\u{13441}' | '\u{13442}') {
        return false;
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    !matches!(
        category,
        Control
            | Format
            | SpaceSeparator
            | LineSeparator
            | ParagraphSeparator
            | NonspacingMark
            | SpacingMark
            | EnclosingMark
    ) && !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether a terminal shows a character and does nothing else: control characters are commands to it, and
/// direction overrides make a line read as something else.
pub fn is_printable(c: char) -> bool {
    let turns = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
    !c.is_control() && !turns
}

/// Text that others wrote, for a terminal: what is not printable becomes U+FFFD. Lines and tabs stay.
pub fn for_terminal(text: &str) -> String {
    let shown = |c: char| if c == '\n' || c == '\t' || is_printable(c) { c } else { '\u{FFFD}' };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of which nothing is seen.
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
