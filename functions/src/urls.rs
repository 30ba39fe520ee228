//! Parses origins and names of forms in URLs. Pure.

/// The origin of a URL, serialized as browsers do: `https://daisy.example` for `https://Daisy.example:443/?a=b`.
pub(crate) fn origin(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let scheme = scheme.to_ascii_lowercase();
    let host = match (scheme.as_str(), host.rsplit_once(':')) {
        ("https", Some((host, "443" | ""))) | ("http", Some((host, "80" | ""))) => host,
        _ => host,
    };
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, format!(":{port}")),
        _ => (host, String::new()),
    };
    let name = idna::domain_to_ascii(name).unwrap_or_else(|_| name.to_ascii_lowercase());
    format!("{scheme}://{name}{port}")
}

/// Whether a text is valid as the name of a form.
pub(crate) fn is_form_name(name: &str) -> bool {
    (1..=40).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (address, written) in [
            ("https://daisy.example/x/", "https://daisy.example"),
            ("HTTPS://Daisy.Example", "https://daisy.example"),
            ("https://daisy.example:443", "https://daisy.example"),
            ("http://daisy.example:80/", "http://daisy.example"),
            ("http://daisy.example:443", "http://daisy.example:443"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://[::1]:8000/", "http://[::1]:8000"),
            ("http://[::1]", "http://[::1]"),
            ("https://Bücher.example/", "https://xn--bcher-kva.example"),
            ("https://daisy.example#a", "https://daisy.example"),
            ("null", "://null"),
        ] {
            assert_eq!(origin(address), written, "{address}");
        }
    }
}
