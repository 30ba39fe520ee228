//! Decides which requests are answered, and who sent them. Pure.

use super::{plain, see_other};
use crate::characters::is_blank;
use crate::submission::clean;
use bytes::Bytes;
use http::header::{COOKIE, HOST, ORIGIN, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};

/// The cookie with the member's name.
const NAME_COOKIE: &str = "name";
/// The most characters of a member's name.
const MAX_NAME_CHARS: usize = 60;
/// The most bytes of a request's body.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Headers that a proxy adds.
const FORWARDED: [&str; 5] =
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/// Refuses a request to another host, through a proxy, or from a page of another origin.
///
/// # Errors
/// Why it is refused.
pub(super) fn check(request: &Request<Bytes>, origins: &[String]) -> Result<(), &'static str> {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if FORWARDED.iter().any(|name| request.headers().contains_key(*name)) {
        return Err("These pages are not available through a proxy.\n");
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    let own = match (hosts.next().and_then(|host| host.to_str().ok()), hosts.next()) {
        (Some(host), None) => origins.iter().find(|origin| is_at(origin, host)),
        _ => None,
    };
    // A name that an attacker controls could lead here (DNS rebinding).
    let Some(own) = own else {
        return Err("These pages are only available at the address that the terminal shows.\n");
    };
    let is_own = |origin: &str| origin.eq_ignore_ascii_case(own);
    let site = text("sec-fetch-site");
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_allowed = match (is_read, text(ORIGIN.as_str()), site) {
        // A page of another site may link here, but not embed anything from here.
        (true, _, None | Some("same-origin" | "none")) => true,
        (true, _, Some(_)) => text("sec-fetch-mode") == Some("navigate"),
        (false, Some(origin), None | Some("same-origin")) => is_own(origin),
        (false, _, _) => false,
    };
    match (is_allowed, request.body().len() <= MAX_BODY_BYTES) {
        (true, true) => Ok(()),
        (true, false) => Err("This request is too large.\n"),
        (false, _) => Err("This request comes from a page of another site.\n"),
    }
}

fn is_at(origin: &str, host: &str) -> bool {
    let own = origin.split_once("://").map_or(origin, |(_, own)| own);
    own.eq_ignore_ascii_case(host)
}

/// Who uses the pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Member {
    /// Their name, which changes of replies record; `None` until they enter it.
    pub(super) name: Option<String>,
}

impl Member {
    /// The member whose name the browser keeps.
    pub(super) fn of(headers: &HeaderMap) -> Member {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split(';'));
        let name = pairs.find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == NAME_COOKIE).then_some(value)
        });
        // Percent-encoding of one value is the encoding of a form with one name.
        let name = name.and_then(|value| {
            form_urlencoded::parse(value.as_bytes()).next().map(|(name, _)| name.into_owned())
        });
        Member { name: name.and_then(|name| member_name(&name)) }
    }
}

/// A name as it was typed, without control characters; `None` if nothing of it is visible.
fn member_name(typed: &str) -> Option<String> {
    let name: String = clean(typed, false).chars().take(MAX_NAME_CHARS).collect();
    (!is_blank(&name)).then(|| name.trim().to_owned())
}

/// Keeps the member's name in their browser, and leads back to the page that they came from.
pub(super) fn set_name(fields: &Fields) -> Response<Bytes> {
    let Some(name) = fields.get("name").and_then(member_name) else {
        return plain(StatusCode::BAD_REQUEST, "Enter your name. Go back, and try again.\n");
    };
    let back = fields.get("back").filter(|back| is_own_path(back)).unwrap_or("/");
    let mut response = see_other(back);
    let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    // A year.
    let cookie =
        format!("{NAME_COOKIE}={encoded}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict");
    let cookie = HeaderValue::from_str(&cookie).expect("an encoded name is ASCII");
    response.headers_mut().insert(SET_COOKIE, cookie);
    response
}

/// Whether this is the path of a page here, and not another origin (`//evil.example`).
fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// The fields of a form or a query.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn of_query(uri: &Uri) -> Fields {
        Fields::parse(uri.query().unwrap_or_default().as_bytes())
    }

    pub(super) fn of_body(request: &Request<Bytes>) -> Fields {
        Fields::parse(request.body())
    }

    fn parse(encoded: &[u8]) -> Fields {
        Fields(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first value under a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method, headers: &[(&str, &str)]) -> Request<Bytes> {
        let mut request = Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Bytes::new()).unwrap()
    }

    #[test]
    fn only_requests_of_this_origin_are_answered() {
        let origins = ["http://127.0.0.1:1212", "http://localhost:1212"].map(str::to_owned);
        let own = ("host", "127.0.0.1:1212");
        let origin = ("origin", "http://127.0.0.1:1212");
        let (same, cross) = (("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site"));
        let sibling = ("sec-fetch-site", "same-site");
        let navigate = ("sec-fetch-mode", "navigate");
        for (headers, reads, posts) in [
            (&[own][..], true, false),
            (&[own, origin], true, true),
            (&[own, origin, same], true, true),
            (&[("host", "LOCALHOST:1212"), ("origin", "http://localhost:1212")], true, true),
            // One name of this computer is another origin than the other.
            (&[("host", "localhost:1212"), origin], true, false),
            (&[("host", "localhost:1111"), origin], false, false),
            (&[("host", "evil.example:1212"), origin], false, false),
            (&[own, own, origin], false, false),
            (&[], false, false),
            (&[own, ("origin", "http://127.0.0.1:1111"), sibling], false, false),
            (&[own, ("origin", "http://127.0.0.1:1111")], true, false),
            (&[own, ("origin", "null"), same], true, false),
            (&[own, origin, cross], false, false),
            (&[own, origin, cross, navigate], true, false),
            (&[own, origin, ("sec-fetch-site", "none")], true, false),
            (&[own, origin, same, ("x-forwarded-for", "192.0.2.1")], false, false),
            (&[own, origin, same, ("forwarded", "for=192.0.2.1")], false, false),
        ] {
            let reading = check(&request(Method::GET, headers), &origins).is_ok();
            let posting = check(&request(Method::POST, headers), &origins).is_ok();
            assert_eq!((reading, posting), (reads, posts), "{headers:?}");
        }
    }

    #[test]
    fn a_name_is_kept_in_the_browser() {
        for (typed, name) in [
            ("Asha Patel", Some("Asha Patel")),
            ("  Zoë; Path=/x, \"=é ", Some("Zoë; Path=/x, \"=é")),
            ("आशा", Some("आशा")),
            ("\u{200b} ", None),
        ] {
            let encoded: String = form_urlencoded::byte_serialize(typed.as_bytes()).collect();
            let response = set_name(&Fields::parse(format!("name={encoded}").as_bytes()));
            let mut headers = HeaderMap::new();
            if let Some(cookie) = response.headers().get(SET_COOKIE) {
                let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
                let all = format!("other=1; {cookie}; last=2");
                headers.insert(COOKIE, HeaderValue::from_str(&all).unwrap());
            }
            assert_eq!(Member::of(&headers).name.as_deref(), name, "{typed:?}");
        }
    }

    #[test]
    fn a_way_back_leads_to_a_page_here() {
        for (back, is_own) in [
            ("/", true),
            ("/replies/chat/01ABC", true),
            ("//evil.example/", false),
            ("/\\evil.example/", false),
            ("https://evil.example/", false),
            ("/a b", false),
            ("/\u{e9}", false),
            ("", false),
        ] {
            assert_eq!(is_own_path(back), is_own, "{back}");
        }
    }
}
