//! Turns text and addresses into what may stand in XML. Pure.

/// Appends `text` as character data or as the value of an attribute (XML 1.0, 2.4). Characters that
/// XML 1.0 cannot hold at all (2.2) are left out.
pub(super) fn escape(text: &str, xml: &mut String) {
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\t' | '\n' | '\r' => xml.push(character),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            character => xml.push(character),
        }
    }
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

/// The whole address of `path` as every reader takes it: what is not ASCII, and what may not stand
/// in an address, percent-encoded (RFC 3987, 3.1).
pub(crate) fn address(base_url: &str, path: &str) -> String {
    let mut address = String::with_capacity(base_url.len() + path.len());
    for byte in base_url.bytes().chain(path.bytes()) {
        if byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_person_wrote_breaks_out() {
        let mut xml = String::new();
        escape("<b a=\"1\">&\u{8}\u{ffff}ਰੋਜ਼</b>\n", &mut xml);
        assert_eq!(xml, "&lt;b a=&quot;1&quot;&gt;&amp;ਰੋਜ਼&lt;/b&gt;\n");
    }

    #[test]
    fn an_address_is_ascii() {
        assert_eq!(address("https://a.test", "/café/a-b_c/"), "https://a.test/caf%C3%A9/a-b_c/");
    }
}
