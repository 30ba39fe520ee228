//! The address of a site, and those of its paths.

use std::borrow::Cow;
use std::fmt;

use super::{ascii, decode, encode, href};

/// The address of a site, in ASCII and without a trailing `/`: `https://daisy.example`, or
/// `https://owner.example/our-site` for a site in a folder of its host. Empty if it is not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BaseUrl {
    address: String,
    /// The offset of the folder in the address: the end of the origin.
    folder: usize,
}

impl BaseUrl {
    /// Converts an address from `site.yaml`; letters beyond ASCII are encoded.
    pub fn new(address: &str) -> BaseUrl {
        let address = ascii(address.trim_end_matches('/')).into_owned();
        let host = address.find("://").map_or(0, |end| end + "://".len());
        let folder = address[host..].find('/').map_or(address.len(), |length| host + length);
        BaseUrl { address, folder }
    }

    /// The address without a trailing `/`.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// Whether the address is not known.
    pub fn is_empty(&self) -> bool {
        self.address.is_empty()
    }

    /// The scheme, the host and the port: `https://owner.example`.
    pub fn origin(&self) -> &str {
        &self.address[..self.folder]
    }

    /// The site's folder on its host, encoded: `/our-site`; empty for a site at the root of its host.
    pub fn folder(&self) -> &str {
        &self.address[self.folder..]
    }

    /// The address of a path of the site, such as `/stories/rose/`, as written in HTML.
    pub fn href<'a>(&self, path: &'a str) -> Cow<'a, str> {
        self.below(href(path))
    }

    /// The address of a path in ASCII, for headers and the configuration of hosts.
    pub fn encoded<'a>(&self, path: &'a str) -> Cow<'a, str> {
        self.below(encode(path))
    }

    fn below<'a>(&self, path: Cow<'a, str>) -> Cow<'a, str> {
        match self.folder() {
            "" => path,
            folder => Cow::Owned(format!("{folder}{path}")),
        }
    }

    /// The absolute address of a path of the site, in ASCII, as written in feeds and sitemaps. Empty if the site's own
    /// is not known.
    pub fn absolute(&self, path: &str) -> String {
        if self.is_empty() { String::new() } else { format!("{}{}", self.address, encode(path)) }
    }

    /// The path of an address passed to a template ([`BaseUrl::href`]).
    pub fn path_of<'a>(&self, address: &'a str) -> Cow<'a, str> {
        decode(self.below_folder(address).unwrap_or(address))
    }

    /// The path below the site's folder of a requested path ([`super::request_path`]); `None` if it is outside the
    /// folder.
    pub fn requested<'a>(&self, path: &'a str) -> Option<&'a str> {
        match self.folder() {
            "" => Some(path),
            folder => path.strip_prefix(decode(folder).trim_start_matches('/'))?.strip_prefix('/'),
        }
    }

    /// The rest of an address within the site after the site's own address: for absolute addresses, and for those that
    /// begin at the root of the host. `None` for external addresses, and for those relative to their page.
    pub fn within<'a>(&self, address: &'a str) -> Option<&'a str> {
        let rest = match address.strip_prefix(&self.address).filter(|_| !self.is_empty()) {
            Some(rest) => rest,
            None => return self.below_folder(address),
        };
        begins_part(rest).then_some(rest)
    }

    /// The rest of an address that begins at the root of the host, after the site's folder.
    fn below_folder<'a>(&self, address: &'a str) -> Option<&'a str> {
        let is_rooted = address.starts_with('/') && !address.starts_with("//");
        let rest = address.strip_prefix(self.folder()).filter(|_| is_rooted)?;
        begins_part(rest).then_some(rest)
    }
}

/// Whether the rest of an address begins a new segment, rather than continuing a name.
fn begins_part(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['/', '?', '#'])
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
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
    fn a_site_with_the_same_prefix_is_another_site() {
        let base = BaseUrl::new("https://a.test");
        assert_eq!(base.within("https://a.test"), Some(""));
        assert_eq!(base.within("https://a.test/x?y"), Some("/x?y"));
        assert_eq!(base.within("https://a.test.evil/x"), None);
        assert_eq!(base.within("https://a.test:8000/x"), None);
        assert_eq!(BaseUrl::default().within("/x"), Some("/x"));
        assert_eq!(BaseUrl::default().within("https://a.test/"), None);
    }

    #[test]
    fn a_site_in_a_folder_of_its_host_has_every_address_below_it() {
        let base = BaseUrl::new("https://a.test:8000/our%20site/2/");
        assert_eq!((base.origin(), base.folder()), ("https://a.test:8000", "/our%20site/2"));
        assert_eq!(base.href("/café/"), "/our%20site/2/café/");
        assert_eq!(base.encoded("/café/"), "/our%20site/2/caf%C3%A9/");
        assert_eq!(base.absolute("/a/"), "https://a.test:8000/our%20site/2/a/");
        assert_eq!(base.path_of("/our%20site/2/caf%C3%A9/"), "/café/");
        for (address, within) in [
            ("https://a.test:8000/our%20site/2/x", Some("/x")),
            ("/our%20site/2#y", Some("#y")),
            ("/our%20site/2", Some("")),
            ("/our%20site/22/", None),
            ("/about/", None),
            ("//our%20site/2/", None),
            ("about/", None),
            ("https://a.test:8000/", None),
        ] {
            assert_eq!(base.within(address), within, "{address}");
        }
        assert_eq!(base.requested("our site/2/a/"), Some("a/"));
        assert_eq!(base.requested("our site/2/"), Some(""));
        assert_eq!(base.requested("our site/2"), None);
        assert_eq!(base.requested("our site/22/"), None);
        assert_eq!(BaseUrl::default().requested("a/"), Some("a/"));
        assert_eq!(BaseUrl::new("https://a.test").folder(), "");
        assert_eq!(BaseUrl::new("").origin(), "");
    }
}
