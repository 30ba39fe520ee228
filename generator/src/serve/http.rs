//! Answers HTTP requests, each from one generation. Performs network I/O.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::ServeEvent;
use super::error_overlay::{self, Addition};
use super::events;
use super::state::{Found, Served};
use super::{forms, mail_preview, newsletters};
use crate::media_type;
use crate::url;

/// The Content Security Policy: pages may load what they may on the published site. The server's
/// own additions come from the same origin.
const POLICY: &str = "default-src 'self'; style-src 'self'; img-src 'self' data:; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The headers of every response. Browsers must not cache anything, since it may change at any
/// moment.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// The index of the pages below `/_daisy/`.
const INDEX: &str = "<p>You only see these pages while you edit: they are not on the published \
                     site.</p>\n<ul>\n<li><a href=\"/_daisy/outbox\">Outbox</a>: emails that the \
                     forms would have sent</li>\n<li><a href=\"/_daisy/newsletters/\">Newsletters</a>: \
                     the emails that they become</li>\n<li><a href=\"/\">The site</a></li>\n</ul>\n";

/// The message about a store whose file was deleted, renamed or replaced.
const REPLACED: &str = "replies.sqlite was deleted, renamed or replaced: new replies are stored in \
                        the file that is there now; earlier ones are in the previous file";

/// How long a request waits for the generation that follows a change.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers a request from `peer`.
pub(super) async fn answer(served: Arc<Served>, peer: IpAddr, request: Request) -> Response {
    let mut response = if is_ours(request.headers(), request.uri(), served.exposed) {
        route(served, peer, request).await
    } else if served.exposed {
        let words = "Use the IP address of this computer, as shown in the terminal.\n";
        plain(StatusCode::FORBIDDEN, words)
    } else {
        let words = "This site is only available at http://127.0.0.1 and http://localhost.\n";
        plain(StatusCode::FORBIDDEN, words)
    };
    for (name, value) in HEADERS {
        // Responses of forms have their own.
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Whether a request's host is a local name, or any IP address if others can reach the server. This
/// prevents DNS rebinding: a foreign page whose name resolves to our address must not read drafts
/// or replies. An attack needs a name; an IP address cannot be rebound.
fn is_ours(headers: &HeaderMap, uri: &Uri, exposed: bool) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let named = |authority: &str| {
        let (name, port) = match authority.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, port),
            _ => (authority, ""),
        };
        let number = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        let number = number.unwrap_or(name).parse::<IpAddr>();
        port.bytes().all(|byte| byte.is_ascii_digit())
            && (name.eq_ignore_ascii_case("localhost")
                || number.is_ok_and(|number| exposed || number.is_loopback()))
    };
    host.to_str().is_ok_and(named) && uri.authority().is_none_or(|uri| named(uri.as_str()))
}

/// Treats a form sent from its own page, under any of the server's names, as sent from the site,
/// according to `Origin` or, if missing, `Referer`.
fn as_from_the_site(request: &mut Request, address: &str) {
    let text =
        |name: &HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let Some(own) = text(&header::HOST).map(|host| format!("http://{host}")) else { return };
    let is_own = |rest: &str| rest.is_empty() || rest.starts_with('/');
    let rest = |value: &str| {
        let named = value.get(..own.len())?.eq_ignore_ascii_case(&own);
        Some(value[own.len()..].to_owned()).filter(|rest| named && is_own(rest))
    };
    let names = [header::ORIGIN, header::REFERER];
    let rests = names.map(|name| text(&name).and_then(rest).map(|rest| (name, rest)));
    for (name, rest) in rests.into_iter().flatten() {
        if let Ok(value) = HeaderValue::from_str(&format!("{address}{rest}")) {
            request.headers_mut().insert(name, value);
        }
    }
}

async fn route(served: Arc<Served>, peer: IpAddr, mut request: Request) -> Response {
    let Some(path) = url::request_path(request.uri().path()) else {
        return plain(StatusCode::BAD_REQUEST, "This is not a valid address.\n");
    };
    if path.starts_with("api/") {
        let generation = served.generation();
        if let Some(snapshot) = &generation.snapshot {
            as_from_the_site(&mut request, snapshot.site().base_url.origin());
        }
        let answer = forms::answer(&generation, request, served.limits.body).await;
        if generation.replies.as_ref().is_some_and(|replies| replies.store().was_replaced()) {
            (served.on_event)(ServeEvent::Trouble(REPLACED.to_owned()));
        }
        return answer;
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response =
            plain(StatusCode::METHOD_NOT_ALLOWED, "This address can only be read.\n");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match path.strip_prefix("_daisy/") {
        Some("reload.js") => file(include_str!("reload.js"), "x.js"),
        Some("serve.css") => file(include_str!("serve.css"), "x.css"),
        Some("events") => {
            let query = request.uri().query().unwrap_or_default();
            match query.strip_prefix("page=").and_then(url::request_path) {
                Some(page) => events::stream(served, page),
                None => plain(StatusCode::BAD_REQUEST, "Add a page, such as events?page=/about/\n"),
            }
        }
        // The pages below show personal data.
        Some(_) if !peer.to_canonical().is_loopback() => {
            let words = "This page is only available on the computer that runs `daisy serve`.\n";
            plain(StatusCode::FORBIDDEN, words)
        }
        Some("") => html(StatusCode::OK, error_overlay::page("Development pages", INDEX)),
        Some("outbox") => outbox(served).await,
        Some("newsletters") => moved(request.uri()),
        Some(path) if let Some(name) = path.strip_prefix(newsletters::FOLDER) => {
            newsletter(served, name.to_owned()).await
        }
        Some(_) => plain(StatusCode::NOT_FOUND, "This page does not exist.\n"),
        None => page(served, request.uri(), path).await,
    }
}

/// Shows the emails that the forms have sent.
async fn outbox(served: Arc<Served>) -> Response {
    let read = spawn_blocking(move || mail_preview::letters(&forms::outbox(&served.root))).await;
    match read {
        Ok(Ok(letters)) => {
            html(StatusCode::OK, error_overlay::page("Outbox", &mail_preview::main(&letters)))
        }
        _ => plain(StatusCode::INTERNAL_SERVER_ERROR, "Cannot read the folder .daisy/outbox.\n"),
    }
}

/// Shows newsletters as emails.
async fn newsletter(served: Arc<Served>, path: String) -> Response {
    let found = spawn_blocking(move || {
        let generation = served.generation();
        Some(match newsletters::find(&generation, &path)? {
            newsletters::Shown::Email(email) => (email.into_bytes(), true),
            newsletters::Shown::Page { title, main } => {
                (newsletters::page(&generation, &title, &main), false)
            }
        })
    });
    match found.await {
        Ok(Some((bytes, is_email))) => {
            let mut response = html(StatusCode::OK, bytes);
            if is_email {
                let policy = HeaderValue::from_static(newsletters::POLICY);
                response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
            }
            response
        }
        Ok(None) => plain(StatusCode::NOT_FOUND, "There is no such newsletter.\n"),
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal error.\n"),
    }
}

/// Returns the page or file at a path.
async fn page(served: Arc<Served>, uri: &Uri, path: String) -> Response {
    let mut changes = served.changes();
    loop {
        changes.mark_unchanged();
        let (shared, name) = (Arc::clone(&served), path.clone());
        let found = spawn_blocking(move || {
            let generation = shared.generation();
            let found = shared.find(&generation, &name);
            (generation, found)
        });
        // Panics are reported in the terminal.
        let (generation, found) =
            found.await.unwrap_or_else(|_| (served.generation(), Found::BROKEN));
        let problems = || Served::problems(&generation, &found);
        return match &found {
            Found::Stale if matches!(timeout(PATIENCE, changes.changed()).await, Ok(Ok(()))) => {
                continue;
            }
            Found::Page { page, missing, notice, .. } => {
                let addition = Addition {
                    digest: &page.digest.hex(),
                    problems: &problems(),
                    notice: notice.as_deref(),
                };
                let status = if *missing { StatusCode::NOT_FOUND } else { StatusCode::OK };
                html(status, error_overlay::dress(&page.html, &addition))
            }
            Found::File(bytes, name) => {
                (content_type(name), bytes.as_slice().to_vec()).into_response()
            }
            Found::Removed(bytes) => html(StatusCode::GONE, bytes.as_slice().to_vec()),
            Found::Folder => moved(uri),
            Found::Home(address) => to(address.clone()),
            Found::Nothing => plain(StatusCode::NOT_FOUND, "This page does not exist.\n"),
            Found::Broken { .. } | Found::Stale => {
                html(StatusCode::INTERNAL_SERVER_ERROR, error_overlay::unreadable(&problems()))
            }
        };
    }
}

/// Returns the `Content-Type` header for the file `name`.
fn content_type(name: &str) -> [(HeaderName, String); 1] {
    [(header::CONTENT_TYPE, media_type::of(name).into_owned())]
}

fn html(status: StatusCode, bytes: Vec<u8>) -> Response {
    (status, content_type("x.html"), bytes).into_response()
}

fn file(text: &'static str, name: &str) -> Response {
    (content_type(name), text).into_response()
}

pub(super) fn plain(status: StatusCode, words: &'static str) -> Response {
    (status, content_type("x.txt"), Body::from(words)).into_response()
}

/// Redirects to the same URL with a trailing `/`. It is called only for paths of a page's folder,
/// so the target never begins with `//` and never leaves the site.
fn moved(uri: &Uri) -> Response {
    let query = uri.query().map_or(String::new(), |query| format!("?{query}"));
    to(format!("{}/{query}", uri.path()))
}

/// Redirects to another URL of the site.
fn to(address: String) -> Response {
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, address)], "").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn asked(peer: &str, path: &str) -> Response {
        let folder = tempfile::tempdir().unwrap();
        let served = Served::new(folder.path().to_owned(), Arc::new(|_| ()), true);
        let request = axum::http::Request::get(path)
            .header(header::HOST, "127.0.0.1")
            // Clients can forge these.
            .header("forwarded", "for=127.0.0.1")
            .header("x-forwarded-for", "127.0.0.1")
            .header("x-real-ip", "127.0.0.1");
        let request = request.body(Body::empty()).unwrap();
        answer(Arc::new(served), peer.parse().unwrap(), request).await
    }

    async fn status(peer: &str, path: &str) -> u16 {
        asked(peer, path).await.status().as_u16()
    }

    #[tokio::test]
    async fn personal_data_is_shown_only_on_this_computer() {
        let refused = asked("192.168.1.7", "/_daisy/outbox").await.into_body();
        let words = axum::body::to_bytes(refused, 1_000).await.unwrap();
        let expected = "This page is only available on the computer that runs `daisy serve`.\n";
        assert_eq!(words, expected);
        let private = ["/_daisy/outbox", "/_daisy/%6futbox", "/_daisy/", "/_daisy/anything"];
        for peer in ["127.0.0.1", "127.4.5.6", "::1", "::ffff:127.0.0.1"] {
            let found = [200, 200, 200, 404];
            for (path, expected) in private.into_iter().zip(found) {
                assert_eq!(status(peer, path).await, expected, "{peer} {path}");
            }
        }
        for peer in ["192.168.1.7", "10.0.0.1", "0.0.0.0", "::", "fe80::1", "::ffff:192.0.2.7"] {
            for path in private {
                assert_eq!(status(peer, path).await, 403, "{peer} {path}");
            }
            // What a page needs in order to follow the editor's changes.
            for path in ["/_daisy/reload.js", "/_daisy/serve.css", "/_daisy/events?page=/"] {
                assert_eq!(status(peer, path).await, 200, "{peer} {path}");
            }
        }
    }
}
