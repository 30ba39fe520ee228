//! Determines what a component outputs from its template, beyond what Tera reports.

use std::collections::BTreeMap;

use super::definition::definitions;

/// The metadata key that declares a component a block, written after its arguments: `{% component map(place: string)
/// {"block": true} %}`.
pub(crate) const BLOCK: &str = "block";
/// The metadata key for its callers: `{"for": "templates"}`.
pub(crate) const FOR: &str = "for";
pub(crate) const TEMPLATES: &str = "templates";

/// The output of a component, as far as its allowed places depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Content {
    /// It contains an element that cannot be in a paragraph.
    pub(crate) is_block: bool,
    /// It contains a link, a field or another element that cannot be in a link.
    pub(crate) is_interactive: bool,
    /// It contains a first-level heading.
    pub(crate) shows_title: bool,
}

/// Elements allowed in a paragraph: phrasing content (HTML, 3.2.5.2.5) and its parts.
const PHRASING: [&str; 59] = [
    "a", "abbr", "area", "audio", "b", "bdi", "bdo", "br", "button", "canvas", "cite", "code",
    "data", "datalist", "del", "dfn", "em", "embed", "i", "iframe", "img", "input", "ins", "kbd",
    "label", "map", "mark", "math", "meter", "noscript", "object", "optgroup", "option", "output",
    "picture", "progress", "q", "rp", "rt", "ruby", "s", "samp", "script", "select", "slot",
    "small", "source", "span", "strong", "sub", "sup", "svg", "template", "textarea", "time",
    "track", "u", "var", "wbr",
];

/// Interactive content (HTML, 3.2.5.2.7), whatever its attributes.
const INTERACTIVE: [&str; 8] =
    ["a", "button", "details", "embed", "iframe", "input", "select", "textarea"];

/// The output of each component, including that of the components it calls.
pub(crate) fn contents<'a>(templates: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, Content> {
    let definitions = templates.flat_map(definitions);
    let written: Vec<(&str, Written)> =
        definitions.map(|definition| (definition.name, Written::of(definition.inner))).collect();
    let mut contents: BTreeMap<&str, Content> =
        written.iter().map(|(name, written)| (*name, written.content)).collect();
    loop {
        let before = contents.clone();
        for (name, written) in &written {
            for called in written.calls.iter().filter_map(|called| before.get(called)) {
                let content = contents.entry(name).or_default();
                content.is_block |= called.is_block;
                content.is_interactive |= called.is_interactive;
                content.shows_title |= called.shows_title;
            }
        }
        if contents == before {
            return contents;
        }
    }
}

/// A component's own output, and the names of the components it calls.
#[derive(Default)]
struct Written<'a> {
    content: Content,
    calls: Vec<&'a str>,
    /// The number of open drawings, whose elements are not HTML.
    drawings: usize,
}

impl<'a> Written<'a> {
    fn of(inner: &'a str) -> Self {
        let mut written = Written::default();
        // The text after its arguments.
        let mut rest = inner.split_once("%}").map_or("", |(_, rest)| rest);
        while let Some(at) = rest.find(['<', '{']) {
            rest = &rest[at..];
            let end = match rest.as_bytes() {
                [b'{', b'#', ..] => "#}",
                [b'{', b'{', ..] => "}}",
                [b'{', b'%', ..] => "%}",
                [b'<', b'!', b'-', b'-', ..] => "-->",
                [b'<', ..] => {
                    written.tag(&rest[1..]);
                    rest = &rest[1..];
                    continue;
                }
                _ => {
                    rest = &rest[1..];
                    continue;
                }
            };
            let length = rest.find(end).map_or(rest.len(), |length| length + end.len());
            if matches!(end, "}}" | "%}") {
                written.expression(&rest[2..length]);
            }
            rest = &rest[length..];
        }
        written
    }

    /// Reads an HTML tag, starting after its `<`.
    fn tag(&mut self, text: &str) {
        let name =
            |text: &str| name_at(text, |c| c.is_ascii_alphanumeric() || c == '-').to_lowercase();
        if let Some(text) = text.strip_prefix('/') {
            if matches!(name(text).as_str(), "svg" | "math") {
                self.drawings = self.drawings.saturating_sub(1);
            }
            return;
        }
        let name = name(text);
        if self.drawings == 0 && name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            // A name with a hyphen is a custom element, which HTML allows in paragraphs.
            self.content.is_block |= !name.contains('-') && !PHRASING.contains(&name.as_str());
            self.content.shows_title |= name == "h1";
            self.content.is_interactive |= INTERACTIVE.contains(&name.as_str());
        }
        self.drawings += usize::from(matches!(name.as_str(), "svg" | "math"));
    }

    /// Reads a Tera tag, starting after its braces: a call of a component, or of functions that return HTML.
    fn expression(&mut self, text: &'a str) {
        let part_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        let text = text.trim_start_matches(['-', ' ', '\n', '\t']);
        if let Some(called) = text.strip_prefix('<') {
            self.calls.push(name_at(called, part_of_name));
        }
        let calls = text.match_indices("cached(component=\"");
        let called = calls.map(|(at, start)| name_at(&text[at + start.len()..], part_of_name));
        self.calls.extend(called);
        let is_form = |at: usize| !text[..at].ends_with(part_of_name);
        if text.match_indices("form(").any(|(at, _)| is_form(at)) {
            self.content.is_block = true;
            self.content.is_interactive = true;
        }
    }
}

/// The name at the start of a text.
fn name_at(text: &str, is_part: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !is_part(c)).unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_of_a_component_decides_its_allowed_places() {
        for (inner, is_block, is_interactive) in [
            ("<b>{{ words }}</b>", false, false),
            ("{{ words }}", false, false),
            ("<svg><path d=\"M0 0\"/><svg><g/></svg><a/></svg> <i>x</i>", false, false),
            ("<svg></svg><div></div>", true, false),
            ("{# <div> #}<!-- <div> --><SPAN>x</SPAN>", false, false),
            ("<a href=\"{{ url(path=link) }}\">x</a>", false, true),
            ("{% if a < b %}x{% endif %}", false, false),
            ("{{ image(src=src, alt=alt) }}", false, false),
            ("{{ <inline /> }}", false, true),
            ("{{<inner x={1} />}}", true, true),
            ("{% <inner> %}x{% </inner> %}", true, true),
            ("{{ cached(component=\"inner\") }}", true, true),
            ("{{- form(name=name) }}", true, true),
            ("{{ platform(name=name) }}", false, false),
            ("<call-out>x</call-out>", false, false),
            ("<li>x</li>", true, false),
        ] {
            let others = "{%- component inline() %}<a></a>{% endcomponent inline %}\
                          {% component inner() -%}<p>{{ <inline /> }}</p>{% endcomponent %}";
            let text = format!(
                "{others}{{% component c(x: string = \"<p>\") -%}}{inner}{{% endcomponent c %}}"
            );
            let found = contents([text.as_str()].into_iter())["c"];
            let expected = Content { is_block, is_interactive, shows_title: false };
            assert_eq!(found, expected, "{inner}");
        }
    }
}
