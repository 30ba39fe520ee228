//! The team's pages: lists of replies, a reply with its history, and a search. Rendered on the server, without
//! scripts; they contain personal data, so nothing may be cached or shown inside other pages.
//!
//! Anyone who can send requests here can read and change all replies. `daisy serve` listens on this computer alone.

mod access;
mod layout;
mod queue;
mod reply;
mod reply_page;
mod search;

use crate::catch_unwind::catch_unwind;
use crate::clock::Clock;
use crate::inbox::{Inbox, InboxError};
use crate::log;
use crate::secret_keys::SecretKeys;
use crate::store::{Store, StoreError};
use access::{Fields, Member};
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use layout::{Layout, problem};
use maud::Markup;

/// The styles of all pages, at `/style.css`.
const STYLE: &str = include_str!("team/style.css");

/// A page loads its own styles, posts to its own origin, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// The pages over one store.
pub struct TeamPages<S> {
    inbox: Inbox<S>,
    clock: Clock,
    title: String,
}

/// Why a request is not answered with the page that it asked for.
#[derive(Debug, thiserror::Error)]
enum PageError {
    /// There is no such page or record.
    #[error("not found")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The inbox refused.
    #[error(transparent)]
    Inbox(InboxError),
}

impl From<InboxError> for PageError {
    fn from(error: InboxError) -> PageError {
        match error {
            InboxError::UnknownForm(_) | InboxError::UnknownReference => PageError::NotFound,
            error => PageError::Inbox(error),
        }
    }
}

impl<S: Store> TeamPages<S> {
    /// Pages with the site's title. Without the site's keys, there is no search.
    pub fn new(
        store: S,
        keys: Option<SecretKeys>,
        clock: Clock,
        title: impl Into<String>,
    ) -> TeamPages<S> {
        TeamPages { inbox: Inbox::new(store, keys, clock.clone()), clock, title: title.into() }
    }

    /// Answers a request to one of `origins`, such as `http://127.0.0.1:1212`. Requests to other hosts, requests that a
    /// proxy forwarded, and forms of other origins are refused.
    pub async fn handle(&self, request: Request<Bytes>, origins: &[String]) -> Response<Bytes> {
        let is_head = *request.method() == Method::HEAD;
        if let Err(words) = access::check(&request, origins) {
            return plain(StatusCode::FORBIDDEN, words);
        }
        let answered = catch_unwind(Box::pin(self.route(&request))).await;
        let mut response = answered.unwrap_or_else(|| {
            log::event("panic", &[("path", "team")]);
            self.failed(&request, StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong")
        });
        if is_head {
            *response.body_mut() = Bytes::new();
        }
        response
    }

    async fn route(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path();
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let (reads, posts) = (
            matches!(*request.method(), Method::GET | Method::HEAD),
            *request.method() == Method::POST,
        );
        let member = Member::of(request.headers());
        let query = Fields::of_query(request.uri());
        let answered = match parts[..] {
            [] if reads => self.queue(&member, &query).await,
            ["style.css"] if reads => {
                return with_headers(StatusCode::OK, "text/css", STYLE.into());
            }
            ["search"] if reads => Ok(self.search_form(&member)),
            ["search"] if posts => self.search(&member, &Fields::of_body(request)).await,
            ["name"] if posts => Ok(access::set_name(&Fields::of_body(request))),
            ["replies", form, id] if reads => self.show_reply(&member, form, id).await,
            ["replies", form, id] if posts => {
                self.change_reply(&member, (form, id), &Fields::of_body(request)).await
            }
            [] | ["style.css" | "search" | "name"] | ["replies", _, _] => {
                return plain(StatusCode::METHOD_NOT_ALLOWED, "This address cannot be used so.\n");
            }
            _ => Err(PageError::NotFound),
        };
        answered.unwrap_or_else(|error| match error {
            PageError::NotFound => {
                self.failed(request, StatusCode::NOT_FOUND, "There is no such page or reply")
            }
            error => {
                log::event("team_page_failed", &[("error", &error.to_string())]);
                let status = StatusCode::SERVICE_UNAVAILABLE;
                self.failed(
                    request,
                    status,
                    "The replies cannot be read now. Try again in a minute",
                )
            }
        })
    }

    /// A page with a problem alone, and what was typed in the request, so that it can be copied.
    fn failed(&self, request: &Request<Bytes>, status: StatusCode, words: &str) -> Response<Bytes> {
        let member = Member::of(request.headers());
        let typed = Fields::of_body(request);
        let main = maud::html! {
            (problem(words))
            @for (name, what) in [("note", "Your note was not saved:"), ("email", "Your email was not sent:")] {
                @if let Some(text) = typed.get(name).filter(|text| !text.is_empty()) {
                    p { (what) }
                    p .answer dir="auto" { (text) }
                }
            }
            p { a href="/" { "All open replies" } }
        };
        self.page(status, &member, words, None, &main)
    }

    fn page(
        &self,
        status: StatusCode,
        member: &Member,
        title: &str,
        current: Option<&str>,
        main: &Markup,
    ) -> Response<Bytes> {
        let layout = Layout { site: &self.title, member, title, current };
        with_headers(status, "text/html; charset=utf-8", layout.render(main).into_string())
    }
}

fn plain(status: StatusCode, words: &str) -> Response<Bytes> {
    with_headers(status, "text/plain; charset=utf-8", words.to_owned())
}

/// Leads to another page after a change, so that reloading does not repeat it.
fn see_other(path: &str) -> Response<Bytes> {
    let mut response = plain(StatusCode::SEE_OTHER, "");
    let location = HeaderValue::from_str(path).expect("paths of pages are ASCII");
    response.headers_mut().insert(LOCATION, location);
    response
}

fn with_headers(status: StatusCode, kind: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    for (name, value) in [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
