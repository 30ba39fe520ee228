//! Finds the components that a template defines.

use std::ops::Range;

use super::tags::{Kind, Tag, blank, tags};

/// A component's definition in the text of a template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Definition<'a> {
    /// The component's name.
    pub(crate) name: &'a str,
    /// The text between the parenthesis after its name and the tag that ends it.
    pub(crate) inner: &'a str,
    /// The byte range from the start of `{% component` to the end of `{% endcomponent %}`.
    pub(crate) range: Range<usize>,
    /// The byte range of the name.
    pub(crate) name_range: Range<usize>,
}

/// The components that a template defines, in order. Syntax errors are left to Tera.
pub(crate) fn definitions(text: &str) -> Vec<Definition<'_>> {
    let mut found = Vec::new();
    let mut open: Option<Tag> = None;
    for tag in tags(text).filter(|tag| tag.kind == Kind::Statement && tag.is_closed) {
        match tag.first_word(text) {
            "component" => open = Some(tag),
            "endcomponent" => {
                let Some(start) = open.take() else { continue };
                let name_range = start.word(text, start.word(text, start.range.start).end);
                let inner = text[name_range.end..tag.range.start].split_once('(');
                found.push(Definition {
                    name: &text[name_range.clone()],
                    inner: inner.map_or("", |(_, inner)| inner),
                    range: start.range.start..tag.range.end,
                    name_range,
                });
            }
            _ => {}
        }
    }
    found
}

/// The text without these definitions, with all offsets unchanged: a definition outputs nothing, and neither does a
/// comment in its place.
pub(crate) fn without<'a>(
    text: &str,
    definitions: impl Iterator<Item = &'a Definition<'a>>,
) -> String {
    let mut rest = text.to_owned();
    for Definition { range, .. } in definitions {
        let definition = &text[range.clone()];
        let open = if definition.starts_with("{%-") { "{#-" } else { "{#" };
        let close = if definition.ends_with("-%}") { "-#}" } else { "#}" };
        let inner = &definition[open.len()..definition.len() - close.len()];
        rest.replace_range(range.clone(), &format!("{open}{}{close}", blank(inner)));
    }
    rest
}

/// These definitions only, with all offsets unchanged.
pub(crate) fn only<'a>(
    text: &str,
    definitions: impl Iterator<Item = &'a Definition<'a>>,
) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    for Definition { range, .. } in definitions {
        kept.push_str(&blank(&text[at..range.start]));
        kept.push_str(&text[range.clone()]);
        at = range.end;
    }
    kept + &blank(&text[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "{# {% component no() %} #}\n\
        {%- component one(a: string = \"%}\") -%}\n{{ a }}{% if a %}é{% endif %}\n{%- endcomponent one -%}\n\
        {% raw %}{% component no() %}{% endcomponent %}{% endraw %}\n\
        {% component  two_b() %}x{% endcomponent %}\n<p>{</p>";

    fn names(text: &str) -> Vec<&str> {
        definitions(text).into_iter().map(|definition| definition.name).collect()
    }

    #[test]
    fn definitions_are_found_except_in_comments() {
        assert_eq!(names(TEMPLATE), ["one", "two_b"]);
        assert_eq!(definitions(TEMPLATE)[1].inner, ") %}x");
        for text in ["", "{", "{%", "{% component", "{# {% component a() %}", "{% endcomponent %}"]
        {
            assert_eq!(names(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn offsets_are_unchanged() {
        let found = definitions(TEMPLATE);
        let rest = without(TEMPLATE, found.iter().take(1));
        assert_eq!(names(&rest), ["two_b"]);
        assert!(rest.contains("\n{#-"), "{rest}");
        let kept = only(TEMPLATE, found.iter().skip(1));
        assert_eq!(names(&kept), ["two_b"]);
        for text in [&rest, &kept] {
            assert_eq!(text.len(), TEMPLATE.len());
            assert_eq!(text.find("two_b"), TEMPLATE.find("two_b"));
            assert_eq!(text.matches('\n').count(), TEMPLATE.matches('\n').count());
        }
        assert!(!kept.contains("<p>") && rest.contains("<p>{</p>"));
    }
}
