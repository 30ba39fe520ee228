//! Ties the stages together: a request comes in, a response goes out, and between them the store
//! and the mailer. The same in the Lambdas and in `daisy serve`.

mod definitions;
mod feedback;
mod lapse;
mod mail_limits;
mod patience;
mod post;
mod submit;
mod subscribe;
mod unavailable;

use crate::clock::{Clock, Millis};
use crate::form::Definition;
use crate::keys::Keys;
use crate::mail::Mailer;
use crate::reply::{self, Format};
use crate::store::Store;
use crate::{elsewhere, id, log};
use bytes::Bytes;
use definitions::{Definitions, Opened};
use http::{Method, Request, Response};
use patience::Patience;
use std::future::Future;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;
use std::time::Duration;

pub use post::Posted;
pub use unavailable::unavailable;

/// How many mails go out in an hour, where nothing else is said.
pub const MAIL_LIMIT: u64 = 500;

/// What a site says about itself.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The origin that pages are served under, such as `https://daisy.example`: a site in a folder of its
    /// host has that folder in the addresses that its pages and forms hold.
    pub site: String,
    /// The address that forms are answered under; the same, unless `forms_url` says otherwise.
    pub forms_url: String,
    /// Other origins whose pages may send forms and read the answers, such as a trial's. Exactly
    /// these.
    pub origins: Vec<String>,
    /// The sender of mails: an address, or a name and an address in brackets.
    pub from: String,
    /// The number to ring when not even a form's own is at hand.
    pub phone: String,
    /// How long a definition is used before the store is asked again; 0 on a laptop, where a
    /// changed page must show at once.
    pub keep_definitions: Millis,
    /// How many replies from one visitor in an hour are taken as they are; above it they are
    /// held, and at ten times it refused for a while. A community centre shares one address.
    pub visitor_limit: u64,
    /// The forms that are served, also once they are no longer on the site; none named means all
    /// that the store has, but for [`Settings::forms_elsewhere`].
    pub forms: Vec<String>,
    /// Forms that are not served here, because another function serves them.
    pub forms_elsewhere: Vec<String>,
    /// How many mails are sent in an hour, over all forms; above it they wait.
    pub mail_limit: u64,
    /// Who is told of replies to a form that is no longer on the site; nobody where there is none.
    pub notify: Option<String>,
    /// How long the answer to a sign-up takes at least, so that nobody learns by a clock who has signed up or left.
    pub sign_up_time: Duration,
}

impl Settings {
    /// Settings for a site at an address, with the usual limits.
    pub fn new(
        site: impl Into<String>,
        from: impl Into<String>,
        phone: impl Into<String>,
    ) -> Settings {
        let site = site.into();
        Settings {
            site: elsewhere::origin(&site),
            forms_url: site,
            origins: Vec::new(),
            from: from.into(),
            phone: phone.into(),
            keep_definitions: 60_000,
            visitor_limit: 40,
            forms: Vec::new(),
            forms_elsewhere: Vec::new(),
            mail_limit: MAIL_LIMIT,
            notify: None,
            // Longer than a mail usually takes to be handed on.
            sign_up_time: Duration::from_millis(400),
        }
    }

    /// Whether requests for a form are answered here.
    fn serves(&self, form: &str) -> bool {
        let is_in = |forms: &[String]| forms.iter().any(|known| known == form);
        if self.forms.is_empty() { !is_in(&self.forms_elsewhere) } else { is_in(&self.forms) }
    }

    /// Whether pages stand at another address than forms.
    fn is_elsewhere(&self) -> bool {
        elsewhere::origin(&self.site) != elsewhere::origin(&self.forms_url)
    }

    /// The origins whose pages are ours.
    fn ours(&self) -> Vec<String> {
        let own = [&self.site, &self.forms_url].into_iter();
        own.chain(&self.origins).map(|address| elsewhere::origin(address)).collect()
    }
}

/// The visitor's address, as an extension of a request, where whoever serves knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visitor(
    /// The address.
    pub IpAddr,
);

/// Everything a request needs, built once at start.
pub struct Service<S, M> {
    store: S,
    mailer: M,
    keys: Keys,
    clock: Clock,
    settings: Settings,
    definitions: Definitions,
}

impl<S: Store, M: Mailer> Service<S, M> {
    /// A service over a store and a mailer.
    pub fn new(store: S, mailer: M, keys: Keys, clock: Clock, settings: Settings) -> Service<S, M> {
        Service { store, mailer, keys, clock, settings, definitions: Definitions::default() }
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The mailer.
    pub fn mailer(&self) -> &M {
        &self.mailer
    }

    /// Answers one request: `/api/FORM`, `/api/FORM/thanks`, `/api/FORM/confirm` and
    /// `/api/FORM/leave`. It always answers; a panic becomes a page that keeps the answers.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let sent = request.clone();
        let answered = unwinding(Box::pin(self.route(request))).await;
        let mut response = answered.unwrap_or_else(|| {
            log::event("panic", &[("path", form_of(sent.uri().path()))]);
            unavailable(&sent, None, &self.settings.phone)
        });
        elsewhere::allow(sent.headers(), &self.settings.ours(), &mut response);
        if self.settings.is_elsewhere() {
            elsewhere::lead_back(&self.settings.site, &mut response);
        }
        reply::for_method(sent.method(), response)
    }

    async fn route(&self, request: Request<Bytes>) -> Response<Bytes> {
        let format = Format::of(request.headers());
        let path = request.uri().path().trim_end_matches('/').to_owned();
        let mut parts = path.strip_prefix("/api/").unwrap_or_default().split('/');
        let (form, page, rest) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        if !is_form_name(form) || !self.settings.serves(form) || rest.is_some() {
            return reply::not_found(format);
        }
        if let Some(response) = elsewhere::preflight(request.method(), request.headers()) {
            return response;
        }
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let posts = *request.method() == Method::POST;
        match page {
            None if posts => self.submit(form, &request).await,
            None if reads => self.show(form, &request).await,
            Some("thanks") if reads => self.thanks(form, &request).await,
            Some("confirm") if reads || posts => self.confirm(form, &request).await,
            Some("leave") if reads || posts => self.leave(form, &request).await,
            Some("thanks") => reply::wrong_method(format, "GET, HEAD"),
            None | Some("confirm" | "leave") => reply::wrong_method(format, "GET, HEAD, POST"),
            Some(_) => reply::not_found(format),
        }
    }

    async fn show(&self, form: &str, request: &Request<Bytes>) -> Response<Bytes> {
        match self.on_site(form).await {
            Ok(Some(definition)) => reply::form(&spoken(&definition, request)),
            Ok(None) => reply::not_found(Format::of(request.headers())),
            Err(error) => self.unavailable(form, request, &error),
        }
    }

    async fn thanks(&self, form: &str, request: &Request<Bytes>) -> Response<Bytes> {
        let format = Format::of(request.headers());
        let reference = query(request, "reference");
        let reference = reference.as_deref().and_then(id::parse_reference);
        let by_hand = query(request, "by").is_some();
        let digest = query(request, reply::DEFINITION).unwrap_or_default();
        match self.opened(form, &digest, &Patience::new()).await {
            Ok(Some(Opened { definition, .. })) => {
                reply::thanks(&spoken(&definition, request), reference.as_deref(), by_hand)
            }
            Ok(None) => reply::not_found(format),
            Err(error) => self.unavailable(form, request, &error),
        }
    }

    /// The page for when the store does not answer and nothing was sent.
    fn unavailable(
        &self,
        form: &str,
        request: &Request<Bytes>,
        error: &crate::store::StoreError,
    ) -> Response<Bytes> {
        log::event("store_failed", &[("form", form), ("error", &error.0)]);
        let last = self.definitions.last(form);
        unavailable(request, last.as_deref(), &self.settings.phone)
    }
}

/// A definition in the language that the address asks for.
fn spoken(definition: &Definition, request: &Request<Bytes>) -> Definition {
    definition.in_language(query(request, "language").as_deref())
}

/// The first value under a name in the request's query.
fn query(request: &Request<Bytes>, name: &str) -> Option<String> {
    form_urlencoded::parse(request.uri().query()?.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A header's value. What is not UTF-8 in it becomes U+FFFD: the rest still says something.
pub(crate) fn text(headers: &http::HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The path of the page that a request came from, without what follows it.
fn page_of(request: &Request<Bytes>, site: &str) -> Option<String> {
    let referer = text(request.headers(), "referer")?;
    let path = referer.strip_prefix(site.trim_end_matches('/'))?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    (path.starts_with('/') && path.len() <= 200).then(|| path.to_owned())
}

fn form_of(path: &str) -> &str {
    let name = path.strip_prefix("/api/").unwrap_or_default();
    let name = name.split('/').next().unwrap_or_default();
    if is_form_name(name) { name } else { "" }
}

/// Whether a text can be the name of a form.
pub(crate) fn is_form_name(name: &str) -> bool {
    (1..=40).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
}

/// Runs a future to its end; `None` if it panicked.
async fn unwinding<F: Future>(future: F) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    // Nothing that a panic could leave half done is used afterwards: the store's transactions
    // roll back, and the definitions are replaced whole.
    std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Ready(value)) => Poll::Ready(Some(value)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}
