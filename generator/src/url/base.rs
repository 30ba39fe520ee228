//! The address that a site has, and those of its paths below it. Pure.

use std::borrow::Cow;
use std::fmt;

use super::{ascii, decode, encode, href};

/// Where a site is published, in ASCII and without a last `/`: `https://daisy.example`. Empty where that
/// is not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Of an address as `site.yaml` has it; letters beyond ASCII are encoded.
    pub fn new(address: &str) -> BaseUrl {
        BaseUrl(ascii(address.trim_end_matches('/')).into_owned())
    }

    /// The address without a last `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is not known where the site is published.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The address of a path of the site, such as `/stories/rose/`, as it stands in HTML.
    pub fn href<'a>(&self, path: &'a str) -> Cow<'a, str> {
        href(path)
    }

    /// The same, in ASCII alone: for headers and the lists of hosts.
    pub fn encoded<'a>(&self, path: &'a str) -> Cow<'a, str> {
        encode(path)
    }

    /// The whole address of a path of the site as every reader takes it, in ASCII alone: as feeds and
    /// sitemaps have it. Empty where the site's own is not known.
    pub fn absolute(&self, path: &str) -> String {
        if self.is_empty() { String::new() } else { format!("{}{}", self.0, encode(path)) }
    }

    /// The path that a template was given as an address ([`BaseUrl::href`]).
    pub fn path_of<'a>(&self, address: &'a str) -> Cow<'a, str> {
        decode(address)
    }

    /// What follows the site's own address in a whole one; `None` for an address of another site.
    pub fn within<'a>(&self, address: &'a str) -> Option<&'a str> {
        let rest = address.strip_prefix(&self.0).filter(|_| !self.is_empty())?;
        (rest.is_empty() || rest.starts_with(['/', '?', '#'])).then_some(rest)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_an_address_below_the_site_s() {
        let base = BaseUrl::new("https://a.test/");
        assert_eq!(base.absolute("/café/a#b.pdf"), "https://a.test/caf%C3%A9/a%23b.pdf");
        assert_eq!(BaseUrl::default().absolute("/a/"), "");
        assert_eq!(base.path_of("/caf%C3%A9/"), "/café/");
    }

    #[test]
    fn another_site_with_the_same_beginning_is_another_site() {
        let base = BaseUrl::new("https://a.test");
        assert_eq!(base.within("https://a.test"), Some(""));
        assert_eq!(base.within("https://a.test/x?y"), Some("/x?y"));
        assert_eq!(base.within("https://a.test.evil/x"), None);
        assert_eq!(base.within("https://a.test:8000/x"), None);
        assert_eq!(BaseUrl::default().within("/x"), None);
    }
}
