//! Recognises domains of freemail providers. Pure.

/// One domain a line; `make deploy` reads the same file.
const DOMAINS: &str = include_str!("freemail.txt");

/// The domain of an address at a freemail provider. Only the provider may send mail from it (DMARC, RFC 7489).
pub(super) fn domain_of(address: &str) -> Option<&'static str> {
    let (_, domain) = super::bare_address(address).rsplit_once('@')?;
    DOMAINS.lines().find(|known| known.eq_ignore_ascii_case(domain.trim_end_matches('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_that_anybody_can_have() {
        for (address, domain) in [
            ("daisy@gmail.com", Some("gmail.com")),
            ("Daisy <daisy@BTinternet.com>", Some("btinternet.com")),
            ("a@yahoo.co.uk", Some("yahoo.co.uk")),
            ("a@web.de", Some("web.de")),
            ("a@proton.me.", Some("proton.me")),
            ("a@notgmail.com", None),
            ("a@gmail.com.daisy.example", None),
            ("gmail.com@daisy.example", None),
            ("hello@mail.daisy.example", None),
            ("gmail.com", None),
        ] {
            assert_eq!(domain_of(address), domain, "{address}");
        }
        for line in DOMAINS.lines().filter(|line| !line.starts_with('#')) {
            assert!(line.contains('.') && *line == line.trim().to_lowercase(), "{line}");
        }
    }
}
