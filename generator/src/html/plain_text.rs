//! Converts the HTML of a page's content to plain text, for the text part of an email.

use html5gum::{StartTag, Token, Tokenizer};

/// Returns the content as plain text: links with their addresses, images as their text alternatives.
pub(crate) fn plain_text(html: &str) -> String {
    let mut writer = Writer::default();
    for token in Tokenizer::new(html) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => writer.open(&tag),
            Token::EndTag(tag) => writer.close(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) => writer.text(&String::from_utf8_lossy(&text.value)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    writer.end_paragraph();
    writer.text.trim_end().to_owned()
}

#[derive(Default)]
struct Writer {
    text: String,
    /// The line that is being written.
    line: String,
    /// What precedes each line: of quotations and lists.
    indents: Vec<String>,
    /// What precedes the first line of a list's item, instead of its indent.
    bullet: Option<String>,
    /// The open lists: the number of the next item, if they are numbered.
    lists: Vec<Option<u32>>,
    /// The open links: each address, and where its text begins in the line.
    links: Vec<(String, usize)>,
    /// Whether white space counts.
    is_preformatted: bool,
    /// If an empty line precedes the next one, the number of indents before it.
    gap: Option<usize>,
}

impl Writer {
    fn open(&mut self, tag: &StartTag<()>) {
        let attribute = |name: &str| {
            let found = tag.attributes.iter().find(|(key, _)| key.as_slice() == name.as_bytes());
            found.map(|(_, value)| String::from_utf8_lossy(&value.value).into_owned())
        };
        match &*String::from_utf8_lossy(&tag.name) {
            "br" => self.end_line(),
            "hr" => {
                self.end_paragraph();
                self.line.push_str("-----");
                self.end_paragraph();
            }
            "img" => {
                let alt = attribute("alt").unwrap_or_default();
                if !alt.is_empty() {
                    self.text(&format!("[{alt}]"));
                }
            }
            "a" => {
                let address = attribute("href").unwrap_or_default();
                self.links.push((address, self.line.len()));
            }
            "ul" | "ol" => {
                self.end_block();
                let start = attribute("start").and_then(|start| start.parse().ok()).unwrap_or(1);
                self.lists.push((*tag.name == *b"ol").then_some(start));
            }
            "li" => {
                self.end_line();
                let bullet = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "- ".to_owned(),
                };
                self.indents.push(" ".repeat(bullet.len()));
                self.bullet = Some(bullet);
            }
            "blockquote" => {
                self.end_paragraph();
                self.indents.push("> ".to_owned());
            }
            "pre" => {
                self.end_paragraph();
                self.is_preformatted = true;
            }
            "td" | "th" if !self.line.is_empty() => self.line.push_str(" | "),
            name if is_paragraph(name) => self.end_block(),
            name if is_line(name) => self.end_line(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "a" => self.close_link(),
            "ul" | "ol" => {
                self.end_line();
                self.lists.pop();
                if self.lists.is_empty() {
                    self.end_paragraph();
                }
            }
            "li" => {
                self.end_line();
                self.bullet = None;
                self.indents.pop();
            }
            "blockquote" => {
                self.end_line();
                self.indents.pop();
                self.end_paragraph();
            }
            "pre" => {
                self.is_preformatted = false;
                self.end_paragraph();
            }
            name if is_paragraph(name) => self.end_block(),
            name if is_line(name) => self.end_line(),
            _ => {}
        }
    }

    /// Adds the address of a link to its text, unless that is the address.
    fn close_link(&mut self) {
        let Some((address, from)) = self.links.pop() else { return };
        let words = self.line.get(from..).unwrap_or_default().trim();
        let address = address.strip_prefix("mailto:").unwrap_or(&address);
        if address.is_empty() || address == words || address.starts_with("tel:") {
            return;
        }
        if !words.is_empty() {
            self.line.truncate(self.line.trim_end().len());
            self.line.push(' ');
        }
        self.line.push_str(&format!("<{address}>"));
    }

    fn text(&mut self, text: &str) {
        if self.is_preformatted {
            for (number, line) in text.split('\n').enumerate() {
                if number > 0 {
                    self.end_line();
                }
                self.line.push_str(line);
            }
            return;
        }
        for character in text.chars() {
            // No-break spaces stay.
            let is_space = matches!(character, ' ' | '\n' | '\t' | '\r');
            if !is_space {
                self.line.push(character);
            } else if !self.line.is_empty() && !self.line.ends_with(' ') {
                self.line.push(' ');
            }
        }
    }

    /// Ends the line, if there is one.
    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if line.trim().is_empty() {
            return;
        }
        let last = self.indents.len().saturating_sub(1);
        let outer = self.indents[..last].concat();
        let inner = self.indents.last().cloned().unwrap_or_default();
        if let Some(depth) = self.gap.take()
            && !self.text.is_empty()
        {
            let around = self.indents[..depth.min(self.indents.len())].concat();
            self.text.push_str(around.trim_end());
            self.text.push('\n');
        }
        let inner = self.bullet.take().unwrap_or(inner);
        self.text.push_str(&format!("{outer}{inner}{}\n", line.trim_end()));
        for (_, from) in &mut self.links {
            *from = 0;
        }
    }

    /// Ends a paragraph, which an empty line follows.
    fn end_paragraph(&mut self) {
        self.end_line();
        let depth = self.indents.len();
        self.gap = Some(self.gap.map_or(depth, |gap| gap.min(depth)));
    }

    /// Ends a paragraph; in a list, no empty line follows.
    fn end_block(&mut self) {
        match self.lists.is_empty() {
            true => self.end_paragraph(),
            false => self.end_line(),
        }
    }
}

/// Whether an element has empty lines around it.
fn is_paragraph(name: &str) -> bool {
    matches!(
        name,
        "p" | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "table"
            | "figure"
            | "div"
            | "section"
            | "aside"
            | "dl"
    )
}

/// Whether an element has lines of its own.
fn is_line(name: &str) -> bool {
    matches!(name, "tr" | "figcaption" | "caption" | "dt" | "dd")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_converted_to_text() {
        for (html, text) in [
            (
                "<h2>Beans</h2>\n<p>A &lt; B\n<em>and</em>  C.</p>\n<p>D</p>",
                "Beans\n\nA < B and C.\n\nD",
            ),
            (
                "<p>See <a href=\"https://a.org/b?c=1&amp;d=2\">the <b>beans</b></a>.</p>",
                "See the beans <https://a.org/b?c=1&d=2>.",
            ),
            ("<a href=\"https://a.org/\">https://a.org/</a>", "https://a.org/"),
            ("<p>Ring <a href=\"tel:01632960123\">01632 960123</a></p>", "Ring 01632 960123"),
            (
                "<a href=\"mailto:a@b.org\">a@b.org</a> <a href=\"mailto:a@b.org\">write</a>",
                "a@b.org write <a@b.org>",
            ),
            (
                "<a href=\"https://a.org/\"><img src=\"x\" alt=\"Rose\"></a>",
                "[Rose] <https://a.org/>",
            ),
            ("<a href=\"https://a.org/\"><img src=\"x\" alt=\"\"></a>", "<https://a.org/>"),
            (
                "<ul><li>One</li><li>Two<ol><li>a</li>\n<li>b</li></ol></li></ul><p>End</p>",
                "- One\n- Two\n  1. a\n  2. b\n\nEnd",
            ),
            ("<ol start=\"9\"><li><p>One</p></li><li><p>Two</p></li></ol>", "9. One\n10. Two"),
            (
                "<p>He said</p><blockquote><p>a</p><p>b</p></blockquote><p>c</p>",
                "He said\n\n> a\n>\n> b\n\nc",
            ),
            ("<pre><code>a\n  b\n</code></pre>", "a\n  b"),
            ("<p>a<br>b</p><hr><p>c", "a\nb\n\n-----\n\nc"),
            (
                "<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table>",
                "a | b\nc | d",
            ),
            ("<p></p><p>\u{627}\u{644}\u{641}\u{a0}!</p>", "\u{627}\u{644}\u{641}\u{a0}!"),
        ] {
            assert_eq!(plain_text(html), text, "{html}");
        }
    }
}
