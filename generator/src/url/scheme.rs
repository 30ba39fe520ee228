//! Reads the scheme and the host of an address.

/// The scheme of an address (RFC 3986, 3.1), if any.
pub(crate) fn scheme(address: &str) -> Option<&str> {
    let (scheme, _) = address.split_once(':')?;
    let mut bytes = scheme.bytes();
    let is_scheme = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    is_scheme.then_some(scheme)
}

/// Whether the scheme is `http` or `https`.
pub(crate) fn is_web(address: &str) -> bool {
    scheme(address).is_some_and(|scheme| {
        scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
    })
}

/// Whether this names a site of its own, or none: it has a scheme, or begins with `//`.
pub(crate) fn is_absolute(address: &str) -> bool {
    address.starts_with("//") || scheme(address).is_some()
}

/// Whether a browser reads this as an absolute address: it ignores spaces and control characters before the address,
/// ignores tabs and line breaks within it, and treats `\` as `/` (URL Standard, 4.4).
pub(crate) fn leaves_site(address: &str) -> bool {
    let read: String = address
        .trim_start_matches(|c: char| c <= ' ')
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .map(|c| if c == '\\' { '/' } else { c })
        .collect();
    is_absolute(&read)
}

/// The host of a web address, with its port.
pub(crate) fn host(address: &str) -> Option<&str> {
    let rest = match scheme(address).filter(|_| is_web(address)) {
        Some(scheme) => &address[scheme.len() + 1..],
        None => address,
    };
    let rest = rest.strip_prefix("//")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some(host).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_classified_alike() {
        // Scheme, host, whether a browser leaves the site.
        for (address, expected) in [
            ("https://a.org/x", (Some("https"), Some("a.org"), true)),
            ("HTTPS://me@a.org:80/x", (Some("HTTPS"), Some("a.org:80"), true)),
            ("http:a.org", (Some("http"), None, true)),
            ("httpx://a.org", (Some("httpx"), None, true)),
            ("https", (None, None, false)),
            ("https-explained/", (None, None, false)),
            ("//a.org?x", (None, Some("a.org"), true)),
            ("//", (None, None, true)),
            ("mailto:a@b.org", (Some("mailto"), None, true)),
            ("tel:+441632960123", (Some("tel"), None, true)),
            ("javascript:x", (Some("javascript"), None, true)),
            (" java\nscript:x", (None, None, true)),
            ("\\\\a.org", (None, None, true)),
            ("ਰੋਜ਼://x", (None, None, false)),
            ("1a:x", (None, None, false)),
            (":x", (None, None, false)),
            ("a/b:c", (None, None, false)),
            ("#a:b", (None, None, false)),
            ("/a", (None, None, false)),
            ("../a.md", (None, None, false)),
            ("", (None, None, false)),
        ] {
            assert_eq!(
                (scheme(address), host(address), leaves_site(address)),
                expected,
                "{address}"
            );
            let is_web = matches!(
                expected.0.map(str::to_ascii_lowercase).as_deref(),
                Some("http" | "https")
            );
            assert_eq!(is_web, super::is_web(address), "{address}");
        }
    }
}
