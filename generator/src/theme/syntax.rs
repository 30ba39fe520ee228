//! Explains syntax errors of templates: Tera reports where parsing failed, not which tag is not closed.

use super::tags::{Kind, Tag, tags};
use crate::diagnostic::{Diagnostic, Lines};

/// The longest part of a tag shown in a message, in characters.
const MAX_SHOWN_CHARS: usize = 40;

/// The statements with a body, and the names of their end tags.
const BLOCKS: [(&str, &str); 6] = [
    ("block", "endblock"),
    ("component", "endcomponent"),
    ("filter", "endfilter"),
    ("for", "endfor"),
    ("if", "endif"),
    ("raw", "endraw"),
];

/// Rewrites a syntax error in the template `text` if its cause is a tag that is not closed or that closes nothing.
pub(crate) fn explain(fault: Diagnostic, text: &str) -> Diagnostic {
    for kind in [Kind::Expression, Kind::Statement] {
        let end = kind.end();
        if fault.message.ends_with(&format!("expected {end}")) {
            return fault.help(format!("close it with `{end}`"));
        }
    }
    let is_of_form = ["unexpected end of input", "unknown tag"].contains(&fault.message.as_str());
    let Some((tag, message, help)) = unclosed(text).filter(|_| is_of_form) else { return fault };
    Diagnostic::error(fault.path, message).at(Lines::new(text).place(tag.range)).help(help)
}

/// The first tag that is not closed or that closes nothing, with a message and help.
fn unclosed(text: &str) -> Option<(Tag, String, String)> {
    let mut open: Vec<(Tag, String)> = Vec::new();
    for tag in tags(text) {
        if !tag.is_closed {
            let (start, end) = (&text[tag.range.clone()], tag.kind.end());
            let message = format!("`{start}` is not closed");
            return Some((tag, message, format!("close it with `{end}`")));
        }
        if tag.kind != Kind::Statement {
            continue;
        }
        if let Some(end) = end_of(&tag, text) {
            open.push((tag, end));
        } else if let Some(name) = closing(&tag, text) {
            match open.iter().rposition(|(_, end)| *end == name) {
                Some(at) if at + 1 == open.len() => drop(open.pop()),
                Some(at) => return Some(not_closed(open.swap_remove(at + 1), text)),
                None => {
                    let message = format!("`{}` has no matching start", shown(&tag, text));
                    let help = "remove it, or add the tag that it closes".to_owned();
                    return Some((tag, message, help));
                }
            }
        }
    }
    open.pop().map(|last| not_closed(last, text))
}

fn not_closed((tag, end): (Tag, String), text: &str) -> (Tag, String, String) {
    let message = format!("`{}` is not closed", shown(&tag, text));
    (tag, message, format!("add `{{% {end} %}}` after its content"))
}

/// The end tag that a tag requires, if any: `endif`, `</band>`.
fn end_of(tag: &Tag, text: &str) -> Option<String> {
    let word = tag.first_word(text);
    let inner = inside(tag, text);
    if let Some(call) = inner.strip_prefix('<').filter(|call| !call.starts_with('/')) {
        let is_whole = call.ends_with("/>");
        return (!is_whole).then(|| format!("</{word}>"));
    }
    if word == "set" && !inner.contains('=') {
        return Some("endset".to_owned());
    }
    BLOCKS.iter().find(|(block, _)| *block == word).map(|(_, end)| (*end).to_owned())
}

/// The name of what a tag closes, if it is an end tag.
fn closing(tag: &Tag, text: &str) -> Option<String> {
    let word = tag.first_word(text);
    if inside(tag, text).starts_with("</") {
        return Some(format!("</{word}>"));
    }
    let is_end = word == "endset" || BLOCKS.iter().any(|(_, end)| *end == word);
    is_end.then(|| word.to_owned())
}

/// The text between the braces of a tag.
fn inside<'a>(tag: &Tag, text: &'a str) -> &'a str {
    let inner = &text[tag.range.start + 2..tag.range.end - 2];
    inner.trim_matches(|character: char| character == '-' || character.is_whitespace())
}

/// A tag as shown in a message.
fn shown(tag: &Tag, text: &str) -> String {
    let inner = inside(tag, text).split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = inner.chars().take(MAX_SHOWN_CHARS).collect();
    let more = if cut.len() < inner.len() { "…" } else { "" };
    format!("{{% {cut}{more} %}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unclosed_tags_are_reported_at_their_place() {
        for (text, line, message, help) in [
            (
                "{% if a %}\n<p>\n",
                1,
                "`{% if a %}` is not closed",
                "add `{% endif %}` after its content",
            ),
            (
                "{% block b %}\n{%- for x in y -%}\n{% endblock b %}",
                2,
                "`{% for x in y %}` is not closed",
                "add `{% endfor %}` after its content",
            ),
            (
                "{% if a %}{% endif %}\n{% endfor %}",
                2,
                "`{% endfor %}` has no matching start",
                "remove it, or add the tag that it closes",
            ),
            (
                "\n{% <band id=\"a\"> %}{{ <ring /> }}",
                2,
                "`{% <band id=\"a\"> %}` is not closed",
                "add `{% </band> %}` after its content",
            ),
            ("{# one\n{# two #}\n{# three", 3, "`{#` is not closed", "close it with `#}`"),
            ("<p>\n{{ page.title", 2, "`{{` is not closed", "close it with `}}`"),
            (
                "{% set a %}x",
                1,
                "`{% set a %}` is not closed",
                "add `{% endset %}` after its content",
            ),
        ] {
            let fault = explain(Diagnostic::error("a.html", "unexpected end of input"), text);
            assert_eq!(
                (fault.message.as_str(), fault.help.as_deref()),
                (message, Some(help)),
                "{text}"
            );
            assert_eq!(fault.place.map(|place| place.line), Some(line), "{text}");
        }
        let whole = "{% set a = 1 %}{% if a %}{% else %}{% endif %}{% <ring /> %}{% raw %}{% if %}{% endraw %}";
        assert_eq!(unclosed(whole), None);
    }
}
