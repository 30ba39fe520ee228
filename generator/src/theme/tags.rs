//! Finds the Tera tags of a template: `{{ … }}`, `{% … %}` and `{# … #}`.

use std::ops::Range;

/// The kind of a tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// `{{ … }}`
    Expression,
    /// `{% … %}`
    Statement,
    /// `{# … #}`
    Comment,
}

impl Kind {
    /// The end delimiter.
    pub(super) fn end(self) -> &'static str {
        match self {
            Kind::Expression => "}}",
            Kind::Statement => "%}",
            Kind::Comment => "#}",
        }
    }
}

/// A tag in the text of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tag {
    /// Its kind.
    pub(super) kind: Kind,
    /// Its byte range, including the braces; for one that is not closed, its first two characters.
    pub(super) range: Range<usize>,
    /// Whether it is closed; one that is not is the last.
    pub(super) is_closed: bool,
}

impl Tag {
    /// The range of the first word at or after `from`.
    pub(super) fn word(&self, text: &str, from: usize) -> Range<usize> {
        let is_part = |character: char| character.is_alphanumeric() || character == '_';
        let end = self.range.end;
        let start = text[from..end].find(is_part).map_or(end, |found| from + found);
        start..text[start..end].find(|c| !is_part(c)).map_or(end, |found| start + found)
    }

    /// The first word, such as `if`; for the end of a component's body, its name with the slash, such as `/band`.
    pub(super) fn first_word<'a>(&self, text: &'a str) -> &'a str {
        &text[self.word(text, self.range.start)]
    }
}

/// The tags of a template, in order, except those between `{% raw %}` and `{% endraw %}`.
pub(super) fn tags(text: &str) -> Tags<'_> {
    Tags { text, at: 0, in_raw: false }
}

/// The text with each byte of a tag replaced by a space: the HTML, with all offsets unchanged.
pub(super) fn masked(text: &str) -> String {
    let mut masked = text.to_owned();
    for tag in tags(text) {
        let blank = blank(&text[tag.range.clone()]);
        masked.replace_range(tag.range, &blank);
    }
    masked
}

/// As many spaces as the text has bytes, with its line breaks kept.
pub(super) fn blank(text: &str) -> String {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
}

/// See [`tags`].
pub(super) struct Tags<'a> {
    text: &'a str,
    at: usize,
    in_raw: bool,
}

impl Iterator for Tags<'_> {
    type Item = Tag;

    fn next(&mut self) -> Option<Tag> {
        loop {
            let start = self.at + self.text.get(self.at..)?.find('{')?;
            let rest = &self.text[start..];
            let kind = match rest.as_bytes().get(1) {
                Some(b'{') => Kind::Expression,
                Some(b'%') => Kind::Statement,
                Some(b'#') => Kind::Comment,
                _ => {
                    self.at = start + 1;
                    continue;
                }
            };
            let tag = match length(rest, kind) {
                Some(length) => Tag { kind, range: start..start + length, is_closed: true },
                None => Tag { kind, range: start..start + 2, is_closed: false },
            };
            let word = tag.first_word(self.text);
            if self.in_raw && !(kind == Kind::Statement && word == "endraw") {
                self.at = start + 2;
                continue;
            }
            self.in_raw = kind == Kind::Statement && word == "raw";
            self.at = if tag.is_closed { tag.range.end } else { self.text.len() };
            return Some(tag);
        }
    }
}

/// The length of the tag at the start of a text. Delimiters in quotation marks do not end it.
fn length(rest: &str, kind: Kind) -> Option<usize> {
    let end = kind.end();
    if kind == Kind::Comment {
        return rest.find(end).map(|at| at + end.len());
    }
    let mut quote = None;
    for (at, character) in rest.char_indices().skip(2) {
        match (quote, character) {
            (Some(open), character) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(character),
            (None, _) if rest[at..].starts_with(end) => return Some(at + end.len()),
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_except_in_quotes_and_raw_blocks() {
        let text = "{ {{ a(b=\"}}\") }} {% if x == '%}' %} {# {{ #} {% raw %} {{ no }} {% endraw %}{{-b-}}{% c";
        let found: Vec<(&str, bool)> =
            tags(text).map(|tag| (&text[tag.range.clone()], tag.is_closed)).collect();
        assert_eq!(
            found,
            [
                ("{{ a(b=\"}}\") }}", true),
                ("{% if x == '%}' %}", true),
                ("{# {{ #}", true),
                ("{% raw %}", true),
                ("{% endraw %}", true),
                ("{{-b-}}", true),
                ("{%", false),
            ]
        );
        for text in ["", "{", "{{", "{#", "é{%é"] {
            assert!(tags(text).all(|tag| !tag.is_closed), "{text}");
        }
    }
}
