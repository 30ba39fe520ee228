//! Finds unclosed brackets, comments and strings in a style sheet.
//!
//! CSS closes them implicitly at the end of the sheet (CSS Syntax, 5.3), and so does lightningcss:
//! everything in between is lost without an error.

use std::ops::Range;

/// Returns what is not closed or closes nothing: its byte range and a description.
pub(super) fn unbalanced(css: &str) -> Option<(Range<usize>, String, String)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut at = 0;
    let not_closed = |at: usize, sign: &str, end: &str| {
        let help = format!("add the closing `{end}`");
        Some((at..at + sign.len(), format!("this `{sign}` is not closed"), help))
    };
    while let Some(character) = css[at..].chars().next() {
        let rest = &css[at..];
        match character {
            '\\' => at += 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            '/' if rest.starts_with("/*") => match rest[2..].find("*/") {
                Some(end) => at += 2 + end + 2,
                None => return not_closed(at, "/*", "*/"),
            },
            '"' | '\'' => match text_length(rest, character) {
                Some(length) => at += length,
                None => return not_closed(at, &rest[..1], &rest[..1]),
            },
            '(' if is_address(&css[..at], &rest[1..]) => match address_length(rest) {
                Some(length) => at += length,
                None => return not_closed(at, "(", ")"),
            },
            '{' | '(' | '[' => {
                open.push((at, character));
                at += 1;
            }
            '}' | ')' | ']' => {
                match open.pop() {
                    Some((_, start)) if end_of(start) == character => {}
                    Some((start, sign)) => {
                        return not_closed(start, &sign.to_string(), &end_of(sign).to_string());
                    }
                    None => {
                        let message = format!("this `{character}` has no matching opening bracket");
                        return Some((at..at + 1, message, "remove it".to_owned()));
                    }
                }
                at += 1;
            }
            character => at += character.len_utf8(),
        }
    }
    let (start, sign) = open.pop()?;
    not_closed(start, &sign.to_string(), &end_of(sign).to_string())
}

fn end_of(start: char) -> char {
    match start {
        '{' => '}',
        '(' => ')',
        _ => ']',
    }
}

/// The length of a string with its quotation marks; `None` if its line ends first. A backslash
/// before a line break continues the string on the next line, and CR LF is one line break (CSS
/// Syntax, 3.3 and 4.3.5).
fn text_length(rest: &str, mark: char) -> Option<usize> {
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                let escaped = characters.next();
                if escaped.is_some_and(|(_, escaped)| escaped == '\r') {
                    characters.next_if(|(_, next)| *next == '\n');
                }
            }
            '\n' | '\r' | '\u{c}' => return None,
            character if character == mark => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The length of an unquoted URL with its parentheses; `None` if it is not closed. A backslash
/// escapes the next character (CSS Syntax, 4.3.6).
fn address_length(rest: &str) -> Option<usize> {
    let mut characters = rest.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            ')' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Whether a parenthesis opens an unquoted URL, in which other characters have no meaning.
fn is_address(before: &str, behind: &str) -> bool {
    let is_url = before.len() >= 3
        && before.is_char_boundary(before.len() - 3)
        && before[before.len() - 3..].eq_ignore_ascii_case("url");
    is_url && !behind.trim_start().starts_with(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unclosed_brackets_are_found() {
        for (css, at, message) in [
            (".a {\n  color: red;\n\n.b { color: blue }\n", 3, "this `{` is not closed"),
            ("@media print { .a { color: red }\n", 13, "this `{` is not closed"),
            (".a { color: red }}\n", 17, "this `}` has no matching opening bracket"),
            (".a { width: calc(1px + (2px) }", 16, "this `(` is not closed"),
            ("[lang { }", 0, "this `[` is not closed"),
            ("/* é */ .a { } /* more", 16, "this `/*` is not closed"),
            (".a::before { content: \"x }\n }", 22, "this `\"` is not closed"),
            (".a { background: url(a.png }", 20, "this `(` is not closed"),
            (".a { background: url(a\\) }", 20, "this `(` is not closed"),
            ("@import url(a\\\\));", 16, "this `)` has no matching opening bracket"),
            (".a { content: \"x\r\n }", 14, "this `\"` is not closed"),
            (".a { content: \"x\\\r\ny\n }", 14, "this `\"` is not closed"),
        ] {
            let found = unbalanced(css).map(|(range, message, _)| (range.start, message));
            assert_eq!(found, Some((at, message.to_owned())), "{css}");
        }
    }

    #[test]
    fn quoted_and_escaped_characters_and_urls_are_ignored() {
        for css in [
            "",
            ".a { content: \"}\\\"{\"; background: url(a{b.png) }",
            ".a\\} { }",
            "/* { */ .b { content: '(' }",
            ".a { background: url(\"a)b.png\") }",
            "@import url(a.css);",
            ".a { background: url(a\\)b.svg) }",
            ".a { background: url( \\(é\\\\\\).svg ) }",
            ".a { content: \"one \\\ntwo }\" }",
            ".a { content: \"one \\\r\ntwo }\" }",
            ".a { content: 'one \\\rtwo }' }",
            ".a { content: 'one \\\u{c}two }' }",
            ".é\\",
        ] {
            assert_eq!(unbalanced(css), None, "{css}");
        }
    }
}
