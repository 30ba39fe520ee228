//! Handles requests across origins: detects forms of other sites, lets the site's own origins read responses (CORS),
//! and makes pages work that are shown on another origin than the site. Pure.

use crate::urls::origin;
use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

/// Whether a browser says that a page of another origin than `ours` sent this form. Other hosts of the same site
/// (`other.daisy.example`) are other origins. A client that sends none of these headers is not a browser or a very old
/// one; it has no cookie or login that could be abused.
pub(crate) fn is_cross_origin(headers: &HeaderMap, ours: &[String]) -> bool {
    let text = |name| super::header_text(headers, name);
    let is_ours = |address: &str| ours.contains(&origin(address));
    let site = text("sec-fetch-site");
    // Pages cannot forge this header: the request comes from the same origin or from the user.
    if matches!(site.as_deref(), Some("same-origin" | "none")) {
        return false;
    }
    match text("origin").as_deref() {
        Some(origin) if origin != "null" => !is_ours(origin),
        // `null` is sent by pages that hide their origin, by files, and after some redirects.
        hidden => match text("referer") {
            Some(page) => !is_ours(&page),
            None => hidden.is_some() || site.is_some(),
        },
    }
}

/// Answers a CORS-preflight request (Fetch Standard); `None` if the request is not one.
pub(crate) fn preflight(method: &Method, headers: &HeaderMap) -> Option<Response<Bytes>> {
    if *method != Method::OPTIONS || !headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        return None;
    }
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "accept, content-type"),
        (ACCESS_CONTROL_MAX_AGE, "86400"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Some(response)
}

/// Allows pages of exactly these origins to read the response, without credentials.
pub(crate) fn allow(request: &HeaderMap, origins: &[String], response: &mut Response<Bytes>) {
    let Some(asked) = request.get(ORIGIN) else { return };
    // A cache must not give the response for one origin to another.
    response.headers_mut().append(VARY, HeaderValue::from_static("origin"));
    if asked.to_str().is_ok_and(|asked| origins.iter().any(|origin| origin == asked)) {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, asked.clone());
    }
}

/// Makes the page in a response load the styles of the site at `site`, and link to its pages.
pub(crate) fn absolutize_links(site: &str, response: &mut Response<Bytes>) {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("text/html")) {
        return;
    }
    if let Ok(page) = std::str::from_utf8(response.body()) {
        *response.body_mut() = absolutized(page, &origin(site)).into();
    }
    let policy = response.headers().get(CONTENT_SECURITY_POLICY).and_then(|it| it.to_str().ok());
    let policy = policy.map(|policy| {
        policy.replacen("default-src 'self'", &format!("default-src 'self' {}", origin(site)), 1)
    });
    if let Some(Ok(policy)) = policy.map(|policy| HeaderValue::from_str(&policy)) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
}

/// The attributes with URLs in frames and forms.
const ADDRESSES: [&str; 5] = [" action", " href", " poster", " src", " srcset"];

/// Makes root-relative URLs in attributes absolute, except those of forms. Residents' texts contain no `"`, because it
/// is escaped.
fn absolutized(page: &str, origin: &str) -> String {
    let mut whole = String::with_capacity(page.len() + 1_024);
    let mut rest = page;
    while let Some(at) = rest.find("=\"") {
        let (before, value) = rest.split_at(at + 2);
        let name = &before[..at];
        let end = value.find('"').unwrap_or(value.len());
        let (value, after) = value.split_at(end);
        // Checking the digest of a file of another origin would require CORS headers there.
        if let Some(tag) = before.strip_suffix(" integrity=\"") {
            whole.push_str(tag);
            rest = after.get(1..).unwrap_or_default();
            continue;
        }
        whole.push_str(before);
        let is_address = ADDRESSES.iter().any(|known| name.ends_with(known));
        let is_set = name.ends_with(" srcset");
        for (number, part) in value.split(", ").enumerate() {
            if number > 0 {
                whole.push_str(", ");
            }
            if is_address && (number == 0 || is_set) && is_of_site(part) {
                whole.push_str(origin);
            }
            whole.push_str(part);
        }
        rest = after;
    }
    whole + rest
}

fn is_of_site(address: &str) -> bool {
    address.starts_with('/') && !address.starts_with("//") && !address.starts_with("/api/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_site_are_made_whole_and_nothing_else_is() {
        let page = "<link href=\"/a.css\" integrity=\"sha384-x\"><a href=\"/\">a=b</a>\
            <img srcset=\"/1.webp 1x, /2.webp 2x\" alt=\"and, /so on\"><form action=\"/api/chat\">\
            <a href=\"//else.example/\"><a href=\"#top\"><textarea>=&quot;/x&quot;</textarea>\
            <input value=\"/about/ is what I read\" name=\"/x\"><div data-href=\"/x\">";
        let whole = "<link href=\"https://d.example/a.css\"><a href=\"https://d.example/\">a=b</a>\
            <img srcset=\"https://d.example/1.webp 1x, https://d.example/2.webp 2x\" \
            alt=\"and, /so on\"><form action=\"/api/chat\">\
            <a href=\"//else.example/\"><a href=\"#top\"><textarea>=&quot;/x&quot;</textarea>\
            <input value=\"/about/ is what I read\" name=\"/x\"><div data-href=\"/x\">";
        assert_eq!(absolutized(page, "https://d.example"), whole);
        assert_eq!(
            absolutized("<a href=\"/x", "https://d.example"),
            "<a href=\"https://d.example/x"
        );
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
            })
            .collect()
    }

    #[test]
    fn only_a_browser_on_another_site_is_cross_origin() {
        let ours = ["https://daisy.example".to_owned(), "https://trial.example".to_owned()];
        let (site, trial, sibling) =
            ("https://daisy.example", "https://trial.example", "https://other.daisy.example");
        for (pairs, foreign) in [
            (&[][..], false),
            (&[("origin", site)][..], false),
            (&[("origin", "https://DAISY.example:443")][..], false),
            (&[("origin", "http://daisy.example")][..], true),
            (&[("origin", "https://daisy.example:8443")][..], true),
            (&[("origin", "https://trial.example.evil.example")][..], true),
            (&[("origin", "https://evil.example")][..], true),
            (&[("origin", "null")][..], true),
            (&[("origin", "")][..], true),
            // An old browser sends only the referrer.
            (&[("referer", "https://daisy.example/help/?a=b")][..], false),
            (&[("referer", "https://daisy.example?a=b")][..], false),
            (&[("referer", "https://daisy.example@evil.example/")][..], true),
            (&[("referer", "https://other.daisy.example/")][..], true),
            (&[("referer", "about:blank")][..], true),
            (&[("origin", "null"), ("referer", "https://trial.example/")][..], false),
            (&[("origin", "null"), ("referer", sibling)][..], true),
            (&[("origin", "https://evil.example"), ("referer", site)][..], true),
            // A browser that sends fetch metadata.
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")][..], false),
            (&[("sec-fetch-site", "none"), ("origin", "null")][..], false),
            (&[("sec-fetch-site", "same-site"), ("origin", sibling)][..], true),
            (&[("sec-fetch-site", "same-site"), ("origin", "null")][..], true),
            (&[("sec-fetch-site", "same-site")][..], true),
            (&[("sec-fetch-site", "same-site"), ("origin", trial)][..], false),
            (&[("sec-fetch-site", "same-site"), ("referer", "https://trial.example/")][..], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", trial)][..], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", site)][..], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")][..], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "null")][..], true),
            (&[("sec-fetch-site", "cross-site")][..], true),
        ] {
            assert_eq!(is_cross_origin(&headers(pairs), &ours), foreign, "{pairs:?}");
        }
    }
}
