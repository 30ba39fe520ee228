//! Routes HTTP requests to their handlers, and builds responses.

pub(crate) mod cross_origin;
pub(crate) mod response;
mod submit;
mod subscription;
mod unavailable;
mod visitor_rate;

use crate::catch_unwind::catch_unwind;
use crate::deadline::Deadline;
use crate::form::Definition;
use crate::mail::Mailer;
use crate::service::Service;
use crate::service::definitions::PageDefinition;
use crate::store::Store;
use crate::urls::is_form_name;
use crate::{id, log};
use bytes::Bytes;
use http::{Method, Request, Response};
use response::Format;
use std::net::IpAddr;

pub use unavailable::unavailable;

/// The visitor's address: an extension of a request, if the server knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visitor(
    /// The address.
    pub IpAddr,
);

impl<S: Store, M: Mailer> Service<S, M> {
    /// Answers a request to `/api/FORM`, `/api/FORM/thanks`, `/api/FORM/confirm` or `/api/FORM/leave`. A panic becomes
    /// a page with the visitor's answers.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let sent = request.clone();
        let answered = catch_unwind(Box::pin(self.route(request))).await;
        let mut response = answered.unwrap_or_else(|| {
            log::event("panic", &[("path", form_of(sent.uri().path()))]);
            unavailable(&sent, None, &self.settings.phone)
        });
        cross_origin::allow(sent.headers(), &self.settings.allowed_origins(), &mut response);
        if self.settings.has_separate_forms_origin() {
            cross_origin::absolutize_links(&self.settings.site, &mut response);
        }
        response::for_method(sent.method(), response)
    }

    async fn route(&self, request: Request<Bytes>) -> Response<Bytes> {
        let format = Format::of(request.headers());
        let path = request.uri().path().trim_end_matches('/').to_owned();
        let mut parts = path.strip_prefix("/api/").unwrap_or_default().split('/');
        let (form, page, rest) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        if !is_form_name(form) || !self.settings.serves(form) || rest.is_some() {
            return response::not_found(format);
        }
        if let Some(response) = cross_origin::preflight(request.method(), request.headers()) {
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
            Some("thanks") => response::wrong_method(format, "GET, HEAD"),
            None | Some("confirm" | "leave") => response::wrong_method(format, "GET, HEAD, POST"),
            Some(_) => response::not_found(format),
        }
    }

    async fn show(&self, form: &str, request: &Request<Bytes>) -> Response<Bytes> {
        match self.published_definition(form).await {
            Ok(Some(definition)) => response::form(&in_requested_language(&definition, request)),
            Ok(None) => response::not_found(Format::of(request.headers())),
            Err(error) => self.unavailable(form, request, &error),
        }
    }

    async fn thanks(&self, form: &str, request: &Request<Bytes>) -> Response<Bytes> {
        let format = Format::of(request.headers());
        let reference = query(request, "reference");
        let reference = reference.as_deref().and_then(id::parse_reference);
        let by_hand = query(request, "by").is_some();
        let digest = query(request, response::DEFINITION).unwrap_or_default();
        match self.page_definition(form, &digest, &Deadline::new()).await {
            Ok(Some(PageDefinition { definition, .. })) => response::thanks(
                &in_requested_language(&definition, request),
                reference.as_deref(),
                by_hand,
            ),
            Ok(None) => response::not_found(format),
            Err(error) => self.unavailable(form, request, &error),
        }
    }

    /// The response if the store fails.
    fn unavailable(
        &self,
        form: &str,
        request: &Request<Bytes>,
        error: &crate::store::StoreError,
    ) -> Response<Bytes> {
        log::event("store_failed", &[("form", form), ("error", &error.to_string())]);
        let last = self.definitions.last(form);
        unavailable(request, last.as_deref(), &self.settings.phone)
    }
}

/// The definition in the language that the request's query names.
fn in_requested_language(definition: &Definition, request: &Request<Bytes>) -> Definition {
    definition.in_language(query(request, "language").as_deref())
}

/// The first value under a name in the request's query.
fn query(request: &Request<Bytes>, name: &str) -> Option<String> {
    form_urlencoded::parse(request.uri().query()?.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A header's value; invalid UTF-8 becomes U+FFFD.
fn header_text(headers: &http::HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The path of the page that a request came from, without query and fragment.
fn page_of(request: &Request<Bytes>, site: &str) -> Option<String> {
    let referer = header_text(request.headers(), "referer")?;
    let path = referer.strip_prefix(site.trim_end_matches('/'))?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    (path.starts_with('/') && path.len() <= 200).then(|| path.to_owned())
}

fn form_of(path: &str) -> &str {
    let name = path.strip_prefix("/api/").unwrap_or_default();
    let name = name.split('/').next().unwrap_or_default();
    if is_form_name(name) { name } else { "" }
}
