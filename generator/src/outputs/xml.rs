//! Escapes text for XML.

/// Appends `text` as character data or as an attribute value (XML 1.0, 2.4). Characters that XML
/// 1.0 does not allow (2.2) are left out.
pub(super) fn escape(text: &str, xml: &mut String) {
    let mut rest = text;
    // Runs of other characters are copied as a whole.
    while let Some(at) = rest.bytes().position(|byte| NOT_IN_XML[usize::from(byte)]) {
        let bytes = rest.as_bytes();
        let (instead, length) = match bytes[at] {
            b'&' => ("&amp;", 1),
            b'<' => ("&lt;", 1),
            b'>' => ("&gt;", 1),
            b'"' => ("&quot;", 1),
            // U+FFFE and U+FFFF; other characters begin with the same byte.
            0xef if matches!(bytes[at..], [_, 0xbf, 0xbe | 0xbf, ..]) => ("", 3),
            0xef => (&rest[at..at + 3], 3),
            _ => ("", 1),
        };
        xml.push_str(&rest[..at]);
        xml.push_str(instead);
        rest = &rest[at + length..];
    }
    xml.push_str(rest);
}

/// Bytes that begin characters to escape or leave out.
const NOT_IN_XML: [bool; 256] = {
    let mut may_not = set(b"&<>\"\xef");
    let mut at = 0;
    while at < 0x20 {
        may_not[at] = !matches!(at, 0x09 | 0x0a | 0x0d);
        at += 1;
    }
    may_not
};

/// The set of these bytes.
const fn set(bytes: &[u8]) -> [bool; 256] {
    let mut set = [false; 256];
    let mut at = 0;
    while at < bytes.len() {
        set[bytes[at] as usize] = true;
        at += 1;
    }
    set
}

/// Appends `<name>text</name>` on a line of its own.
pub(super) fn element(name: &str, text: &str, xml: &mut String) {
    xml.push('<');
    xml.push_str(name);
    xml.push('>');
    escape(text, xml);
    xml.push_str("</");
    xml.push_str(name);
    xml.push_str(">\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let mut xml = String::new();
        escape("<b a=\"1\">&\u{8}\u{ffff}ਰੋਜ਼ ﷺ</b>\n", &mut xml);
        assert_eq!(xml, "&lt;b a=&quot;1&quot;&gt;&amp;ਰੋਜ਼ ﷺ&lt;/b&gt;\n");
    }
}
