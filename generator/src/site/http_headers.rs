//! Defines the HTTP headers of a site: its Content Security Policy, and how long browsers may cache
//! each file.
//!
//! Publishing uses [`Site::headers`], [`cache_control`] and [`Site::redirects`] directly;
//! configuration files of hosts are generated from them (see [`crate::outputs::host`]).

use std::collections::BTreeSet;

use super::Site;
use crate::images::ResponsiveImage;

/// An HTTP header of every response.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// One year, the maximum (RFC 9111). Changed content gets another name.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// Revalidated on each use; an unchanged file costs no transfer.
const ASKED_EACH_TIME: &str = "public, max-age=0, must-revalidate";

/// Returns the `Cache-Control` value of a file. Files named by their digest
/// ([`Site::fingerprinted`]) never change; all others keep their URL when they change.
pub fn cache_control(is_fingerprinted: bool) -> &'static str {
    if is_fingerprinted { FOR_GOOD } else { ASKED_EACH_TIME }
}

impl Site {
    /// The paths of all outputs named by their digest: the style sheet, images, and files of the
    /// theme as `asset()` names them, whether or not a page uses them. An editor's file is never
    /// among them, whatever its name.
    pub fn fingerprinted(&self) -> BTreeSet<&str> {
        let assets = self.assets.values().filter(|asset| asset.is_fingerprinted());
        let assets = assets.filter_map(|asset| asset.url.strip_prefix('/'));
        let pictures = self.images.values().flat_map(ResponsiveImage::all).chain(self.icons.iter());
        let pictures = pictures.filter(|variant| variant.path.contains(&variant.digest.short()));
        assets.chain(pictures.map(|variant| variant.path.as_str())).collect()
    }

    /// The headers of every response, ordered by name.
    pub fn headers(&self) -> Vec<Header> {
        let header = |name, value: &str| Header { name, value: value.to_owned() };
        let mut headers = vec![
            // Prevents clickjacking; `frame-ancestors` has no effect in a `<meta>`.
            Header {
                name: "Content-Security-Policy",
                value: format!("{}; frame-ancestors 'none'", self.policy()),
            },
            header("Cross-Origin-Opener-Policy", "same-origin"),
            header("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
            // A stricter policy would send `Origin: null` with forms, which are then rejected.
            header("Referrer-Policy", "strict-origin-when-cross-origin"),
        ];
        if self.base_url.as_str().starts_with("https://") {
            headers.push(header("Strict-Transport-Security", "max-age=31536000"));
        }
        headers.push(header("X-Content-Type-Options", "nosniff"));
        headers
    }

    /// The Content Security Policy (Level 3), also valid in a `<meta>`: pages load only from their
    /// own host, and forms send only to the forms service. Inline scripts and styles are blocked.
    pub fn policy(&self) -> String {
        let forms = match &*self.forms_url {
            "" => "'self'".to_owned(),
            forms_url => format!("'self' {forms_url}"),
        };
        format!("default-src 'self'; base-uri 'none'; form-action {forms}; object-src 'none'")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::engine::{self, KnownSources, Snapshot};
    use crate::site::Options;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "performs I/O")]
    fn only_files_named_by_daisy_are_fingerprinted() {
        let folder = tempfile::tempdir().unwrap();
        let drawing = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"></svg>";
        for (path, text) in [
            ("content/site.yaml", "title: A site\ntheme: own\n"),
            ("content/_index.md", "---\ntitle: A\n---\n"),
            ("content/leaf.svg", drawing),
            ("content/robots.txt", "User-agent: *\n"),
            ("content/files/2024010112000000.pdf", "%PDF"),
            ("content/files/plan.0123456789abcdef.pdf", "%PDF"),
            ("content/images/0123456789abcdef-480.pdf", "%PDF"),
            ("content/styles/main.0123456789abcdef.csv", "a,b"),
            ("themes/own/theme.yaml", "extends: daisy\n"),
            ("themes/own/static/play.js", "go()"),
            ("themes/own/static/old.0123456789abcdef.js", "go()"),
            ("themes/own/static/favicon.svg", drawing),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let files = engine::sources(folder.path(), None).unwrap().files;
        let snapshot =
            Snapshot::take(folder.path(), files, &Options::default(), 0, KnownSources::NOTHING)
                .unwrap();
        let site = snapshot.site();
        let found = site.fingerprinted();
        let asset = |name: &str| &site.assets[name].url[1..];
        for path in [
            asset("styles/main.css"),
            asset("static/play.js"),
            asset("static/old.0123456789abcdef.js"),
            &site.images["leaf.svg"].variants[0].path,
        ] {
            assert!(found.contains(path), "{path} in {found:#?}");
        }
        let others = site.attachments.keys().map(String::as_str);
        for path in
            others.chain(["index.html", "favicon.svg", "play.js", "old.0123456789abcdef.js"])
        {
            assert!(!found.contains(path), "{path} in {found:#?}");
        }
    }
}
