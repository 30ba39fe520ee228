//! Decides what a host should say beside each file: the policy of what a page may load, and how long
//! a browser may keep a file. Pure.
//!
//! Whoever publishes a site reads [`Assembled::headers`], [`cache_control`] and [`Assembled::redirects`]; the
//! lists that hosts read as files are written from them (see [`crate::derive::host`]).

use super::Assembled;

/// A header of every answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// Its name, as HTTP has it.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// For a year, the longest that HTTP knows (RFC 9111): another content has another name.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// The host is asked each time; it says "unchanged" at no cost.
const ASKED_EACH_TIME: &str = "public, max-age=0, must-revalidate";

/// What `Cache-Control` says of the file at `path` below the output folder: styles and pictures carry
/// the digest of their content in their names, everything else keeps its address when it changes.
pub fn cache_control(path: &str) -> &'static str {
    if names_its_digest(path) { FOR_GOOD } else { ASKED_EACH_TIME }
}

/// Whether a path is one of those that `daisy` makes of a digest: `styles/main.0123456789abcdef.css`,
/// `play.0123456789abcdef.js`, `images/0123456789abcdef-480.webp`.
fn names_its_digest(path: &str) -> bool {
    let part = match path.strip_prefix("images/").and_then(|name| name.split_once('-')) {
        Some((digest, _)) => Some(digest),
        None => path.rsplit('/').next().and_then(|name| name.rsplit('.').nth(1)),
    };
    part.is_some_and(|part| part.len() == 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

impl Assembled {
    /// The headers of every answer of the host, in the order of their names.
    pub fn headers(&self) -> Vec<Header> {
        let header = |name, value: &str| Header { name, value: value.to_owned() };
        let mut headers = vec![
            // Frames elsewhere could trick a visitor into a click; only a header can forbid them.
            Header {
                name: "Content-Security-Policy",
                value: format!("{}; frame-ancestors 'none'", self.policy()),
            },
            header("Cross-Origin-Opener-Policy", "same-origin"),
            header("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
            // A stricter one hides the site's own name from its forms, which then refuse a reply
            // that seems to come from nowhere.
            header("Referrer-Policy", "strict-origin-when-cross-origin"),
        ];
        if self.base_url.as_str().starts_with("https://") {
            headers.push(header("Strict-Transport-Security", "max-age=31536000"));
        }
        headers.push(header("X-Content-Type-Options", "nosniff"));
        headers
    }

    /// What a page may load and where its forms may send, for a `<meta>` as well (Content Security
    /// Policy Level 3): its own host and nobody else. No script or style stands within a page.
    pub fn policy(&self) -> String {
        let forms = match self.forms_url.as_str() {
            "" => "'self'".to_owned(),
            forms_url => format!("'self' {forms_url}"),
        };
        format!("default-src 'self'; base-uri 'none'; form-action {forms}; object-src 'none'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_names_its_digest_is_kept_for_good() {
        for path in [
            "styles/main.0123456789abcdef.css",
            "images/0123456789abcdef-480.webp",
            "play.0123456789abcdef.js",
            "fonts/a.b.0123456789abcdef.woff2",
        ] {
            assert_eq!(cache_control(path), FOR_GOOD, "{path}");
        }
        for path in ["index.html", "images/plan-of-the-hall.pdf", "styles/main.css", "favicon.svg"]
        {
            assert_eq!(cache_control(path), ASKED_EACH_TIME, "{path}");
        }
    }
}
