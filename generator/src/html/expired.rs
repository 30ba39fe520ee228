//! Removes the address from links to expired pages.

use memchr::memmem;

use super::Addresses;

/// Replaces the address of an expired page: no page has such an anchor.
pub(crate) const EXPIRED: &str = "#expired:";

/// `href`, and the attributes that an `<a>` without it must not have (HTML, 4.6.2).
const OF_LINKS: [&[u8]; 8] =
    [b"href", b"target", b"download", b"ping", b"rel", b"hreflang", b"type", b"referrerpolicy"];

/// The page with links to expired pages turned into plain text: `<a>` without `href` (HTML, 4.5.1).
pub(crate) fn without_expired(html: Vec<u8>) -> Vec<u8> {
    if memmem::find(&html, EXPIRED.as_bytes()).is_none() {
        return html;
    }
    let mut kept = Vec::with_capacity(html.len());
    let mut copied = 0;
    let mut tags = Addresses { html: &html, at: 0, in_tag: false };
    while tags.go_into_tag().is_some() {
        let mut attributes = Vec::new();
        let mut is_expired = false;
        loop {
            let start = tags.at;
            let Some((name, value)) = tags.attribute() else { break };
            is_expired |= name.eq_ignore_ascii_case(b"href")
                && value.trim_ascii().starts_with(EXPIRED.as_bytes());
            attributes.push((name, start..tags.at));
        }
        let is_of_link =
            |name: &[u8]| OF_LINKS.iter().any(|known| known.eq_ignore_ascii_case(name));
        for (_, place) in attributes.into_iter().filter(|(name, _)| is_expired && is_of_link(name))
        {
            kept.extend_from_slice(&html[copied..place.start]);
            copied = place.end;
        }
    }
    kept.extend_from_slice(&html[copied..]);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_an_expired_page_is_plain_text() {
        for (written, shown) in [
            (r##"<a href="#expired:">the fair</a>"##, "<a>the fair</a>"),
            (
                r##"<a class="button" href="#expired:" rel="next" id=x>on</a>"##,
                r#"<a class="button" id=x>on</a>"#,
            ),
            ("<A HREF='#expired:?a=b' download>x</A><p>#expired:</p>", "<A>x</A><p>#expired:</p>"),
            (
                r##"<a href="/a/" rel=me>a</a> <a href=#expired: hreflang=en>b</a>"##,
                r#"<a href="/a/" rel=me>a</a> <a>b</a>"#,
            ),
            (r##"<!-- <a href="#expired:"> -->"##, r##"<!-- <a href="#expired:"> -->"##),
            (
                r##"<a title="#expired:" href="/b/">b</a>"##,
                r##"<a title="#expired:" href="/b/">b</a>"##,
            ),
        ] {
            let made = without_expired(written.as_bytes().to_vec());
            assert_eq!(String::from_utf8(made).unwrap(), shown);
        }
    }
}
