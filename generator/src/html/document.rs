//! Parses the HTML of a page into its elements, in order, each with its text for screen readers.
//!
//! A tokenizer and a stack of open elements are enough: the HTML comes from templates, which close what they open. An
//! element that is not closed extends to the end, which does not affect the checks.

use std::cell::RefCell;

use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};

/// A page as a list of elements.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// In the order of their start tags.
    pub(crate) elements: Vec<Element>,
    /// The size of its HTML in bytes.
    pub(crate) bytes: usize,
}

/// One element.
#[derive(Debug, Default)]
pub(crate) struct Element {
    /// In lower case.
    pub(crate) name: String,
    /// Its attributes in order, their names in lower case.
    pub(crate) attributes: Vec<(String, String)>,
    /// Its text, including that of its images; only for elements that are named by their content.
    pub(crate) text: String,
    /// Its parent element.
    pub(crate) parent: Option<usize>,
    /// Whether it or an ancestor is hidden, from everyone or from screen readers.
    pub(crate) hidden: bool,
    /// Whether it is part of a drawing (SVG).
    pub(crate) drawing: bool,
}

impl Element {
    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether it has an accessible name, apart from its attributes `alt` and `value` (Accessible Name and Description
    /// Computation, W3C; elements that it refers to are assumed to have text).
    pub(crate) fn is_named(&self) -> bool {
        let says = |key| self.attribute(key).is_some_and(|words| !words.trim().is_empty());
        says("aria-label")
            || says("aria-labelledby")
            || !self.text.trim().is_empty()
            || says("title")
    }

    /// Its start tag, shortened to what identifies it.
    pub(crate) fn tag(&self) -> String {
        const SHOWN: [&str; 10] =
            ["id", "href", "src", "name", "type", "for", "action", "lang", "alt", "class"];
        const MAX_TAG_CHARS: usize = 80;
        let mut tag = format!("<{}", self.name);
        for key in SHOWN {
            if let Some(value) = self.attribute(key) {
                let cut: String = value.chars().take(MAX_TAG_CHARS).collect();
                let more = if cut.len() < value.len() { "…" } else { "" };
                tag.push_str(&format!(" {key}=\"{cut}{more}\""));
                if tag.len() > MAX_TAG_CHARS {
                    break;
                }
            }
        }
        tag.push('>');
        tag
    }
}

impl Document {
    /// Parses HTML.
    pub(crate) fn parse(html: &[u8]) -> Document {
        let reading = RefCell::new(Reading::default());
        let mut emitter =
            CallbackEmitter::new(|event: CallbackEvent<'_>, _: html5gum::Span<()>| {
                reading.borrow_mut().take(&event);
                None::<std::convert::Infallible>
            });
        emitter.naively_switch_states(true);
        let mut tokenizer = Tokenizer::new_with_emitter(html, emitter);
        // No tokens are emitted: the results are in `reading`.
        let _ = tokenizer.next();
        drop(tokenizer);
        Document { elements: reading.into_inner().elements, bytes: html.len() }
    }

    /// The elements with this name.
    pub(crate) fn named<'a>(
        &'a self,
        names: &'a [&'a str],
    ) -> impl Iterator<Item = (usize, &'a Element)> {
        self.elements.iter().enumerate().filter(|(_, each)| names.contains(&each.name.as_str()))
    }

    /// Whether an element is in one with this name.
    pub(crate) fn is_in(&self, element: &Element, name: &str) -> bool {
        let mut parent = element.parent;
        while let Some(at) = parent {
            if self.elements[at].name == name {
                return true;
            }
            parent = self.elements[at].parent;
        }
        false
    }
}

/// Elements without an end tag (HTML, 13.1.2).
const VOID: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

/// Elements that are named by their content.
const SPEAKING: [&str; 14] = [
    "a", "button", "h1", "h2", "h3", "h4", "h5", "h6", "title", "label", "legend", "summary",
    "svg", "option",
];

#[derive(Default)]
struct Reading {
    elements: Vec<Element>,
    /// The open elements.
    stack: Vec<usize>,
    /// The element whose start tag is being read.
    opening: Option<Element>,
}

impl Reading {
    fn take(&mut self, event: &CallbackEvent<'_>) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.opening = Some(Element { name: text(name), ..Element::default() });
            }
            CallbackEvent::AttributeName { name } => {
                if let Some(element) = &mut self.opening {
                    element.attributes.push((text(name), String::new()));
                }
            }
            CallbackEvent::AttributeValue { value } => {
                let last = self.opening.as_mut().and_then(|each| each.attributes.last_mut());
                if let Some((_, kept)) = last {
                    *kept = text(value);
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                if let Some(element) = self.opening.take() {
                    self.open(element, *self_closing);
                }
            }
            CallbackEvent::EndTag { name } => self.close(&text(name)),
            CallbackEvent::String { value } => {
                let is_code = self.stack.last().is_some_and(|at| {
                    matches!(self.elements[*at].name.as_str(), "script" | "style" | "template")
                });
                if !is_code {
                    self.say(&text(value));
                }
            }
            CallbackEvent::Comment { .. }
            | CallbackEvent::Doctype { .. }
            | CallbackEvent::Error(_) => {}
        }
    }

    fn open(&mut self, mut element: Element, self_closing: bool) {
        let parent = self.stack.last().copied();
        let above = parent.map(|at| &self.elements[at]);
        element.parent = parent;
        element.drawing = element.name == "svg"
            || above.is_some_and(|above| above.drawing && above.name != "foreignobject");
        element.hidden = above.is_some_and(|above| above.hidden)
            || element.attribute("aria-hidden") == Some("true")
            || element.attribute("hidden").is_some()
            || element.name == "template";
        if element.name == "img" && !element.hidden {
            let alt = element.attribute("alt").unwrap_or_default().to_owned();
            self.say(&alt);
        }
        // Self-closing tags exist in drawings only: in HTML the `/` is ignored.
        let is_closed = VOID.contains(&element.name.as_str()) || (self_closing && element.drawing);
        let at = self.elements.len();
        self.elements.push(element);
        if !is_closed {
            self.stack.push(at);
        }
    }

    fn close(&mut self, name: &str) {
        if let Some(at) = self.stack.iter().rposition(|at| self.elements[*at].name == name) {
            let closed = self.stack[at];
            self.stack.truncate(at);
            // The label of a drawing, or of text, also names the elements around it.
            if self.elements[closed].name == "svg" && !self.elements[closed].hidden {
                let label = self.elements[closed].attribute("aria-label").map(str::to_owned);
                self.say(&label.unwrap_or_default());
            }
        }
    }

    /// Adds text to every open element that is named by its content.
    fn say(&mut self, words: &str) {
        if self.stack.last().is_some_and(|at| self.elements[*at].hidden) || words.is_empty() {
            return;
        }
        for at in &self.stack {
            let element = &mut self.elements[*at];
            if SPEAKING.contains(&element.name.as_str()) {
                element.text.push_str(words);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str, name: &str) -> String {
        let document = Document::parse(html.as_bytes());
        let found = document.named(&[name]).next().map(|(_, each)| each.text.clone());
        found.unwrap_or_default()
    }

    #[test]
    fn an_element_has_the_text_of_its_content() {
        assert_eq!(text("<a href=/><b>To</b> <img alt=Rose></a> no", "a"), "To Rose");
        assert_eq!(text("<a><span aria-hidden=\"true\">→</span></a>", "a"), "");
        assert_eq!(
            text("<button><svg><title>Close</title><path/></svg></button>", "button"),
            "Close"
        );
        assert_eq!(text("<a><script>x</script></a>", "a"), "");
        assert_eq!(text("<title>A &amp; B</title>", "title"), "A & B");
    }

    #[test]
    fn elements_know_their_ancestors() {
        let html =
            "<label>Name <input name=n></label><svg><use href='#a'/><g></g></svg><p hidden><i>";
        let document = Document::parse(html.as_bytes());
        let (_, input) = document.named(&["input"]).next().unwrap();
        assert!(document.is_in(input, "label") && !document.is_in(input, "form"));
        let (_, group) = document.named(&["g"]).next().unwrap();
        assert!(group.drawing && !document.is_in(group, "use"));
        let (_, italic) = document.named(&["i"]).next().unwrap();
        assert!(italic.hidden && !italic.drawing);
        assert_eq!(input.tag(), "<input name=\"n\">");
    }

    #[test]
    fn attributes_without_a_value_are_kept() {
        let document = Document::parse(b"<img src=a alt><input required>");
        assert_eq!(document.elements[0].attribute("alt"), Some(""));
        assert_eq!(document.elements[1].attribute("required"), Some(""));
        assert_eq!(document.elements[0].attribute("id"), None);
    }
}
