//! Renders a site's headers and redirects as configuration files of hosts.
//!
//! Netlify and Cloudflare Pages read them from the site's files, so they are outputs. Web server
//! configuration must not be served, so it is written outside the output folder.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::media_type;
use crate::site::{Host, Redirect, RemovedPage, Site, cache_control};
use crate::url::{BaseUrl, decode};

/// Returns the configuration files that the site's host reads from its outputs, by path.
pub(crate) fn files(site: &Site) -> Vec<(String, String)> {
    let file = |path: &str, text| (path.to_owned(), text);
    match site.host {
        Some(Host::Netlify) => {
            // Without `!`, Netlify serves the redirecting page instead of the redirect.
            let redirects = redirects(site, "301!") + &removed(site);
            vec![file("_headers", headers(site)), file("_redirects", redirects)]
        }
        // Cloudflare Pages has no rules with status 410.
        Some(Host::Cloudflare) => {
            vec![file("_headers", headers(site)), file("_redirects", redirects(site, "301"))]
        }
        Some(Host::Github) => {
            let mut files = vec![file(".nojekyll", String::new())];
            files.extend(own_domain(&site.base_url).map(|domain| file("CNAME", domain)));
            files
        }
        Some(Host::Nginx | Host::Caddy) | None => Vec::new(),
    }
}

/// The file name of a web server's configuration.
pub(crate) fn snippet_name(host: Host) -> Option<&'static str> {
    match host {
        Host::Nginx => Some("nginx.conf"),
        Host::Caddy => Some("Caddyfile"),
        Host::Netlify | Host::Cloudflare | Host::Github => None,
    }
}

/// Returns the configuration for a web server; empty for other hosts.
pub(crate) fn snippet(site: &Site) -> String {
    match site.host {
        Some(Host::Nginx) => nginx(site),
        Some(Host::Caddy) => caddy(site),
        _ => String::new(),
    }
}

/// The folders in which every file is named by its digest: hosts' headers apply to folders.
fn kept_folders(site: &Site) -> Vec<&'static str> {
    let mut folders = vec!["images", "styles"];
    folders.retain(|folder| {
        let files = site.assets.values().filter_map(|asset| match &asset.plain {
            Some(plain) => Some(plain.as_str()),
            None => asset.url.strip_prefix('/').filter(|_| !asset.is_fingerprinted()),
        });
        // Which of them pages link to does not matter.
        let mut files = files.chain(site.attachments.keys().map(String::as_str));
        !files.any(|path| path.split_once('/').is_some_and(|(first, _)| first == *folder))
    });
    folders
}

/// The media types of the files that pages may link to, by extension: servers know only few, and
/// none declares the encoding of text.
fn media_types(site: &Site) -> BTreeMap<String, Cow<'static, str>> {
    let files = site.attachments.keys().filter(|path| site.attachment(path).is_some());
    let endings = files.map(|path| (media_type::ending(path), media_type::of(path)));
    let is_plain = |ending: &str| ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    endings.filter(|(ending, _)| !ending.is_empty() && is_plain(ending)).collect()
}

fn headers(site: &Site) -> String {
    let mut text = String::from("/*\n");
    for header in site.headers() {
        let _ = writeln!(text, "  {}: {}", header.name, header.value);
    }
    for folder in kept_folders(site) {
        let folder = site.base_url.encoded(&format!("/{folder}/")).into_owned();
        let _ = write!(text, "{folder}*\n  Cache-Control: {}\n", cache_control(true));
    }
    text
}

fn redirects(site: &Site, code: &str) -> String {
    let line = |redirect: &Redirect| {
        let to = site.base_url.encoded(&site.page(redirect.to).url);
        format!("{} {to} {code}\n", site.base_url.encoded(&redirect.from))
    };
    site.redirects.iter().map(line).collect()
}

/// Returns the lines that make Netlify send the pages of removed pages with status 410.
fn removed(site: &Site) -> String {
    let line = |page: &RemovedPage| {
        let file = site.base_url.encoded(&format!("/{}", page.file())).into_owned();
        format!("{} {file} 410!\n", site.base_url.encoded(&page.url))
    };
    site.removed.iter().map(line).collect()
}

fn nginx(site: &Site) -> String {
    // nginx compares decoded paths.
    let root = decode(site.base_url.folder());
    let mut text = format!(
        "# For the `server` block of this site: include this file there. Written by `daisy build --for nginx`.\n\
         error_page 404 {};\n",
        site.base_url.encoded("/404.html")
    );
    headers_for_nginx(site, cache_control(false), "", &mut text);
    let folders = kept_folders(site);
    if !folders.is_empty() {
        // A location with headers of its own inherits none.
        let folders = format!("^{}/({})/", literal(&root), folders.join("|"));
        let _ = writeln!(text, "location ~ {folders} {{");
        headers_for_nginx(site, cache_control(true), "    ", &mut text);
        text.push_str("}\n");
    }
    for (ending, kind) in media_types(site) {
        let _ = writeln!(text, "location ~* [.]{ending}$ {{");
        // Without a table of types, the server uses the default below.
        let _ = writeln!(text, "    types {{}}\n    default_type {};\n}}", quoted(&kind));
    }
    for redirect in site.redirects.iter() {
        let to = site.base_url.encoded(&site.page(redirect.to).url);
        let from = quoted(&format!("{root}{}", redirect.from));
        let _ = writeln!(text, "location = {from} {{ return 301 {to}; }}");
    }
    for page in site.removed.iter() {
        let from = quoted(&format!("{root}{}", page.url));
        let file = site.base_url.encoded(&format!("/{}", page.file())).into_owned();
        // A file that is its own address would be asked for again.
        let shown = if page.url.ends_with('/') {
            format!("error_page 410 {file}; ")
        } else {
            String::new()
        };
        let _ = writeln!(text, "location = {from} {{ {shown}return 410; }}");
    }
    text
}

fn headers_for_nginx(site: &Site, cache: &str, indent: &str, text: &mut String) {
    for header in site.headers() {
        let value = quoted(&header.value);
        let _ = writeln!(text, "{indent}add_header {} {value} always;", header.name);
    }
    let _ = writeln!(text, "{indent}add_header Cache-Control \"{cache}\";");
}

fn caddy(site: &Site) -> String {
    let mut text = String::from(
        "# For the block of this site: `import` this file there. Written by `daisy build --for caddy`.\n\
         header {\n",
    );
    for header in site.headers() {
        let _ = writeln!(text, "\t{} {}", header.name, quoted(&header.value));
    }
    text.push_str("}\n");
    let root = site.base_url.folder();
    let folders: Vec<String> =
        kept_folders(site).iter().map(|folder| format!("{root}/{folder}/*")).collect();
    if folders.is_empty() {
        let _ = writeln!(text, "header Cache-Control \"{}\"", cache_control(false));
    } else {
        let folders = folders.join(" ");
        let _ = writeln!(text, "@kept path {folders}");
        let _ = writeln!(text, "header @kept Cache-Control \"{}\"", cache_control(true));
        let _ = writeln!(text, "@asked not path {folders}");
        let _ = writeln!(text, "header @asked Cache-Control \"{}\"", cache_control(false));
    }
    for (ending, kind) in media_types(site) {
        let _ = writeln!(text, "@{ending} path *.{ending}");
        let _ = writeln!(text, "header @{ending} Content-Type {}", quoted(&kind));
    }
    for redirect in site.redirects.iter() {
        let to = site.base_url.encoded(&site.page(redirect.to).url);
        let _ = writeln!(text, "redir {} {to} 301", site.base_url.encoded(&redirect.from));
    }
    for page in site.removed.iter() {
        let _ = writeln!(text, "error {} \"Gone\" 410", site.base_url.encoded(&page.url));
    }
    let missing = site.base_url.encoded("/404.html");
    let rewrite = match site.removed.is_empty() {
        true => format!("\trewrite * {missing}\n"),
        // The page at the address says that it was removed.
        false => format!(
            "\t@missing expression {{err.status_code}} != 410\n\trewrite @missing {missing}\n"
        ),
    };
    let _ = write!(text, "handle_errors {{\n{rewrite}\tfile_server\n}}\n");
    text
}

/// Quotes a string for a server's configuration.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Escapes text for a regular expression of nginx.
fn literal(text: &str) -> String {
    let escaped = |character: char| {
        let is_plain = character.is_alphanumeric() || matches!(character, '/' | '-' | '_');
        (!is_plain).then_some('\\').into_iter().chain([character])
    };
    text.chars().flat_map(escaped).collect()
}

/// The site's own domain; `None` for a domain of GitHub or for a site in a folder of its host.
fn own_domain(base_url: &BaseUrl) -> Option<String> {
    let host = base_url.origin().split_once("://")?.1.split(':').next()?;
    let is_own = base_url.folder().is_empty() && !host.ends_with(".github.io");
    is_own.then(|| format!("{host}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_in_settings_are_quoted() {
        assert_eq!(quoted("a \"b\" \\"), "\"a \\\"b\\\" \\\\\"");
    }

    #[test]
    fn folder_names_are_escaped_in_regular_expressions() {
        assert_eq!(literal("/our.site (2)/é-_"), "/our\\.site\\ \\(2\\)/é-_");
    }

    #[test]
    fn github_gets_a_custom_domain() {
        let domain = |address| own_domain(&BaseUrl::new(address));
        assert_eq!(domain("https://example.org").as_deref(), Some("example.org\n"));
        assert_eq!(domain("https://daisy.github.io"), None);
        assert_eq!(domain("https://example.org/our-site"), None);
        assert_eq!(domain(""), None);
    }
}
