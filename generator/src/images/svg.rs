//! Sanitizes SVG drawings.
//!
//! Active and external content is an error, since the author has to know that it would be gone: scripts, event
//! handlers, other files, embedded pages. Content that is never shown is removed silently: comments, metadata, the
//! private data of drawing programs, and titles and descriptions, which often name the program, the file or the author;
//! pages have their own text alternatives.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, Writer};

use super::ImageRefusal;

/// A sanitized drawing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Drawing {
    /// UTF-8.
    pub bytes: Vec<u8>,
    /// Its intrinsic width, in CSS pixels.
    pub width: u32,
    /// Its intrinsic height, in CSS pixels.
    pub height: u32,
}

/// The largest drawing: a larger one usually embeds a photo, and is slow to show.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// The deepest nesting of elements.
const MAX_DEPTH: usize = 200;

/// The elements of SVG 2 that only draw, and those of SVG 1.1 that hold the outlines of a font.
const DRAWING: [&str; 65] = [
    "circle",
    "clipPath",
    "defs",
    "ellipse",
    "feBlend",
    "feColorMatrix",
    "feComponentTransfer",
    "feComposite",
    "feConvolveMatrix",
    "feDiffuseLighting",
    "feDisplacementMap",
    "feDistantLight",
    "feDropShadow",
    "feFlood",
    "feFuncA",
    "feFuncB",
    "feFuncG",
    "feFuncR",
    "feGaussianBlur",
    "feMerge",
    "feMergeNode",
    "feMorphology",
    "feOffset",
    "fePointLight",
    "feSpecularLighting",
    "feSpotLight",
    "feTile",
    "feTurbulence",
    "filter",
    "g",
    "line",
    "linearGradient",
    "marker",
    "mask",
    "path",
    "pattern",
    "polygon",
    "polyline",
    "radialGradient",
    "rect",
    "stop",
    "style",
    "svg",
    "switch",
    "symbol",
    "text",
    "textPath",
    "tspan",
    "use",
    "view",
    "a",
    "solidcolor",
    "hatch",
    "hatchpath",
    "cursor",
    "font",
    "font-face",
    "font-face-format",
    "font-face-name",
    "font-face-src",
    "font-face-uri",
    "glyph",
    "hkern",
    "missing-glyph",
    "vkern",
];

/// Sanitizes a drawing.
///
/// # Errors
/// It is not SVG, or has active or external content.
pub(crate) fn clean(bytes: &[u8]) -> Result<Drawing, ImageRefusal> {
    if bytes.len() > MAX_BYTES {
        return Err(ImageRefusal::new(
            format!("this SVG image is too large: {} MB", bytes.len() / 1_048_576),
            "save it as PNG, or draw it with fewer points",
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8 text"))?;
    let text = text.trim_start_matches('\u{feff}');
    let mut cleaner = Cleaner { text, ..Cleaner::default() };
    cleaner.run()?;
    let (width, height) =
        cleaner.size.ok_or_else(|| unreadable("it has no `<svg>` element, or no size"))?;
    Ok(Drawing { bytes: cleaner.writer, width, height })
}

#[derive(Default)]
struct Cleaner<'a> {
    text: &'a str,
    writer: Vec<u8>,
    size: Option<(u32, u32)>,
    depth: usize,
    in_style: bool,
}

impl<'a> Cleaner<'a> {
    fn run(&mut self) -> Result<(), ImageRefusal> {
        let mut reader = Reader::from_str(self.text);
        let mut writer = Writer::new(Vec::with_capacity(self.text.len()));
        // The number of open elements within a removed one.
        let mut skipping = 0_usize;
        loop {
            let at = reader.buffer_position();
            let event = reader.read_event().map_err(|error| unreadable(&error.to_string()))?;
            match &event {
                Event::Eof if self.depth > 0 || skipping > 0 => {
                    return Err(unreadable("it ends before all elements are closed"));
                }
                Event::Eof => break,
                Event::Start(_) if skipping > 0 => skipping += 1,
                Event::End(_) if skipping > 0 => skipping -= 1,
                _ if skipping > 0 => {}
                Event::Start(start) => match self.element(start, at)? {
                    Some(start) => {
                        self.depth += 1;
                        if self.depth > MAX_DEPTH {
                            return Err(unreadable("its groups are nested too deeply"));
                        }
                        self.in_style = start.name().as_ref() == "style";
                        put(&mut writer, Event::Start(start))?;
                    }
                    None => skipping = 1,
                },
                Event::Empty(start) => {
                    if let Some(start) = self.element(start, at)? {
                        put(&mut writer, Event::Empty(start))?;
                    }
                }
                Event::End(_) => {
                    self.depth -= 1;
                    self.in_style = false;
                    put(&mut writer, event)?;
                }
                Event::Text(words) => {
                    self.check_words(words, at)?;
                    if self.depth > 0 {
                        put(&mut writer, event)?;
                    }
                }
                Event::CData(words) => {
                    self.check_words(words, at)?;
                    put(&mut writer, event)?;
                }
                Event::GeneralRef(reference) => {
                    let known = ["amp", "lt", "gt", "quot", "apos"].contains(&&**reference);
                    if !known && !reference.is_char_ref() {
                        return Err(
                            self.refuse(at, &format!("it uses the entity `&{};`", &**reference))
                        );
                    }
                    if self.in_style {
                        return Err(self.refuse(at, "its styles contain escapes"));
                    }
                    put(&mut writer, event)?;
                }
                Event::DocType(words) if words.contains('[') => {
                    return Err(self.refuse(at, "its DOCTYPE defines entities"));
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        self.writer = writer.into_inner();
        Ok(())
    }

    /// The element without private data; `None` if the whole element is removed.
    fn element(
        &mut self,
        start: &BytesStart<'a>,
        at: u64,
    ) -> Result<Option<BytesStart<'a>>, ImageRefusal> {
        let name = start.name().as_ref().to_owned();
        if ["metadata", "title", "desc"].contains(&name.as_str()) || name.contains(':') {
            // `svg:path` is valid too, but no common program writes it.
            return match name.strip_prefix("svg:") {
                Some(_) => Err(self.refuse(at, "its elements have the prefix `svg:`")),
                None => Ok(None),
            };
        }
        if !DRAWING.contains(&name.as_str()) {
            return Err(self.refuse(at, &format!("the element `<{name}>` is not allowed")));
        }
        let mut kept = BytesStart::new(name.clone());
        let mut size = Size::default();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| unreadable(&error.to_string()))?;
            let key = attribute.key.as_ref();
            let value = quick_xml::escape::unescape(&attribute.value)
                .map_err(|error| unreadable(&error.to_string()))?;
            if key.len() > 2 && key[..2].eq_ignore_ascii_case("on") {
                return Err(self.refuse(at, &format!("`{key}` would run a script")));
            }
            if (key == "href" || key == "xlink:href") && !value.trim_start().starts_with('#') {
                return Err(self.refuse(at, &format!("`{key}` refers to another file")));
            }
            self.check_style(&value, at)?;
            let ours = !key.contains(':') || key == "xlink:href" || key == "xml:space";
            let namespace = key == "xmlns" || key == "xmlns:xlink";
            if ours || namespace {
                kept.push_attribute((key, &*value));
            }
            if name == "svg" && self.depth == 0 {
                size.note(key, &value);
            }
        }
        if name == "svg" && self.depth == 0 && self.size.is_none() {
            self.size = size.pixels();
        }
        Ok(Some(kept))
    }

    fn check_words(&self, words: &str, at: u64) -> Result<(), ImageRefusal> {
        if self.in_style { self.check_style(words, at) } else { Ok(()) }
    }

    /// Styles may only refer to parts of the drawing; CSS escapes could hide words, so they are refused.
    fn check_style(&self, style: &str, at: u64) -> Result<(), ImageRefusal> {
        let lower = style.to_ascii_lowercase();
        let reaches = lower.match_indices("url(").any(|(from, _)| {
            let target = lower[from + 4..].trim_start_matches([' ', '"', '\'', '\n', '\t']);
            !target.starts_with('#')
        });
        if reaches || lower.contains("@import") || lower.contains("image-set(") {
            return Err(self.refuse(at, "it loads another file"));
        }
        if lower.contains("javascript:") || lower.contains("expression(") {
            return Err(self.refuse(at, "it contains a script"));
        }
        if self.in_style && lower.contains('\\') {
            return Err(self.refuse(at, "its styles contain escapes"));
        }
        Ok(())
    }

    fn refuse(&self, at: u64, why: &str) -> ImageRefusal {
        let before = self.text.get(..usize::try_from(at).unwrap_or(0)).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        ImageRefusal::new(
            format!("this SVG image contains something unsafe: {why} (line {line})"),
            "in your drawing program, save it as plain SVG, or export it as PNG",
        )
    }
}

fn unreadable(why: &str) -> ImageRefusal {
    ImageRefusal::new(
        format!("this SVG image cannot be read: {}", why.trim_end_matches('.')),
        "in your drawing program, save it again as plain SVG, or export it as PNG",
    )
}

fn put(writer: &mut Writer<Vec<u8>>, event: Event) -> Result<(), ImageRefusal> {
    writer.write_event(event).map_err(|error| unreadable(&error.to_string()))
}

/// The size given by the root element.
#[derive(Default)]
struct Size {
    width: Option<f64>,
    height: Option<f64>,
    view: Option<(f64, f64)>,
}

impl Size {
    fn note(&mut self, key: &str, value: &str) {
        match key {
            "width" => self.width = length(value),
            "height" => self.height = length(value),
            "viewBox" => {
                let numbers: Vec<f64> = value
                    .split([' ', ',', '\n', '\t'])
                    .filter(|part| !part.is_empty())
                    .filter_map(|part| part.parse().ok())
                    .collect();
                if let [_, _, width, height] = numbers[..] {
                    self.view = Some((width, height));
                }
            }
            _ => {}
        }
    }

    fn pixels(&self) -> Option<(u32, u32)> {
        let ratio = self.view.map(|(width, height)| height / width);
        let (width, height) = match (self.width, self.height, ratio) {
            (Some(width), Some(height), _) => (width, height),
            (Some(width), None, Some(ratio)) => (width, width * ratio),
            (None, Some(height), Some(ratio)) => (height / ratio, height),
            (None, None, Some(_)) => self.view?,
            _ => return None,
        };
        Some((whole(width)?, whole(height)?))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it was found to be between 1 and 100,000"
)]
fn whole(length: f64) -> Option<u32> {
    let length = length.round();
    (1.0..=100_000.0).contains(&length).then_some(length as u32)
}

/// A length in CSS pixels; percentages do not give an intrinsic size.
fn length(value: &str) -> Option<f64> {
    let value = value.trim();
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let number: f64 = digits.parse().ok()?;
    let unit = match &value[digits.len()..] {
        "" | "px" => 1.0,
        "pt" => 4.0 / 3.0,
        "pc" => 16.0,
        "mm" => 96.0 / 25.4,
        "cm" => 96.0 / 2.54,
        "in" => 96.0,
        "em" | "rem" => 16.0,
        _ => return None,
    };
    Some(number * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(body: &str) -> Result<String, String> {
        let text =
            format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 20 10\">{body}</svg>");
        match clean(text.as_bytes()) {
            Ok(drawing) => Ok(String::from_utf8(drawing.bytes).unwrap()),
            Err(refusal) => Err(refusal.message),
        }
    }

    #[test]
    fn metadata_is_removed() {
        let text = "<?xml version=\"1.0\"?><!DOCTYPE svg PUBLIC \"a\" \"b\"><!-- Rose's -->\n\
            <svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:s=\"http://x\" s:docname=\"C:\\Rose\" \
            width=\"5mm\" height=\"10mm\"><metadata><who>Rose</who></metadata>\
            <title>Rose's</title><s:namedview><s:b/></s:namedview><path id=\"a\" d=\"M0 0\"/><use href=\"#a\"/></svg>";
        let drawing = clean(text.as_bytes()).unwrap();
        let svg = String::from_utf8(drawing.bytes).unwrap();
        assert_eq!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"5mm\" height=\"10mm\">\
             <path id=\"a\" d=\"M0 0\"/><use href=\"#a\"/></svg>"
        );
        assert_eq!((drawing.width, drawing.height), (19, 38));
    }

    #[test]
    fn active_and_external_content_is_refused() {
        for wrong in [
            "<script>alert(1)</script>",
            "<foreignObject><p/></foreignObject>",
            "<rect onclick=\"alert(1)\"/>",
            "<rect ONLOAD=\"alert(1)\"/>",
            "<font-face-src><font-face-uri xlink:href=\"https://example.org/a.svg\"/></font-face-src>",
            "<image href=\"https://example.org/a.png\"/>",
            "<use href=\"other.svg#a\"/>",
            "<a href=\"javascript:alert(1)\"><rect/></a>",
            "<a xlink:href=\" java&#10;script:alert(1)\"><rect/></a>",
            "<rect fill=\"url(https://example.org/a)\"/>",
            "<rect style=\"fill:URL( 'http://example.org')\"/>",
            "<style>@import 'a.css';</style>",
            "<style>a{fill:u\\72l(x)}</style>",
            "<style>a{fill:&#117;rl(x)}</style>",
            "<style><![CDATA[a{fill:url(x)}]]></style>",
            "<animate attributeName=\"href\" to=\"javascript:alert(1)\"/>",
            "<set attributeName=\"onload\" to=\"alert(1)\"/>",
            "<iframe/>",
            "<svg:script/>",
        ] {
            assert!(cleaned(wrong).is_err(), "{wrong}");
        }
        assert!(
            clean(b"<!DOCTYPE svg [<!ENTITY a \"b\">]><svg width=\"1\" height=\"1\"/>").is_err()
        );
        assert!(clean(b"<svg width=\"1\" height=\"1\"><g>").is_err());
        assert!(clean(b"<html></html>").is_err());
        let deep = format!("<svg width=\"1\" height=\"1\">{}", "<g>".repeat(10_000));
        assert!(clean(deep.as_bytes()).is_err());
    }

    #[test]
    fn a_refusal_names_the_line() {
        let message = cleaned("\n\n<script/>").unwrap_err();
        assert!(message.ends_with("(line 3)"), "{message}");
    }

    #[test]
    fn a_drawing_is_unchanged() {
        let body = "<g fill=\"url(#b)\"><text>a &amp; b</text></g><style>.a{fill:red}</style>";
        assert!(cleaned(body).unwrap().contains(body));
    }
}
