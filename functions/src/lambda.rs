//! Runs a [`Service`] under AWS Lambda: events in, responses out, configured by environment.

mod environment;
mod event;

use crate::clock::Clock;
use crate::http::Visitor;
use crate::http::response::{self as reply, Format};
use crate::mail::Mailer;
use crate::mail::feedback;
use crate::mail::from_env::AnyMailer;
use crate::service::Service;
use crate::store::Store;
use crate::store::dynamodb::{self, DynamoDb};
use crate::{log, secrets};
pub use environment::{Environment, EnvironmentError};
use event::HttpEvent;
use http::{HeaderMap, Response, StatusCode};
use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Runs the function `name` until the process is ended.
///
/// # Errors
/// A variable is missing or wrong, or the runtime cannot be reached.
pub async fn run(name: &str) -> Result<(), Error> {
    let given = |key: &str| std::env::var(key).ok();
    let fetched = secrets::fetch(given).await.map_err(not_started)?;
    let variable = |key: &str| fetched.get(key).cloned().or_else(|| given(key));
    let environment = Environment::read(name, variable).map_err(not_started)?;
    let mailer = AnyMailer::read(variable).await.map_err(|error| not_started(error.to_string()))?;
    let store: DynamoDb = dynamodb::connect(&environment.table).await;
    let Environment { keys, settings, origin, .. } = environment;
    let service = Service::new(store, mailer, keys, Clock::system(), settings);
    let (service, origin) = (&service, &origin);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        // Boxed, because the future's type is very deep.
        Box::pin(answer(service, origin, event.payload))
    }))
    .await
}

/// Logs why the function does not start.
fn not_started(error: impl ToString) -> Error {
    let why = error.to_string();
    log::event("not_started", &[("why", &why)]);
    why.into()
}

/// The secrets with which the site's own distribution identifies itself in every request: one, or two while it is being
/// replaced; none if there is no distribution.
struct Origin(Vec<[u8; 32]>);

impl Origin {
    /// Parses secrets separated by commas.
    fn read(secrets: &str) -> Origin {
        let secrets = secrets.split(',').map(str::trim).filter(|secret| !secret.is_empty());
        Origin(secrets.map(|secret| Sha256::digest(secret).into()).collect())
    }

    fn is_shown_by(&self, headers: &HeaderMap) -> bool {
        let sent = headers.get("x-origin-secret").map_or(&[][..], |sent| sent.as_bytes());
        let sent: [u8; 32] = Sha256::digest(sent).into();
        // Comparing digests, and all of them, takes a time that reveals nothing about a secret.
        self.0.iter().fold(false, |shown, secret| shown | (*secret == sent))
    }
}

async fn answer<S: Store, M: Mailer>(
    service: &Service<S, M>,
    origin: &Origin,
    event: Value,
) -> Result<Value, Error> {
    let Some(event) = HttpEvent::read(&event) else {
        return process(service, &event).await;
    };
    if !origin.0.is_empty() && !origin.is_shown_by(&event.headers) {
        // A request that bypasses the distribution also bypasses its limits, and can claim any address.
        let text =
            "This address only accepts requests through the site. Use the forms on its pages.\n";
        let mut refused = Response::new(text.into());
        *refused.status_mut() = StatusCode::FORBIDDEN;
        return Ok(event::answer(refused));
    }
    let visitor = visitor(&event, origin);
    let format = Format::of(&event.headers);
    let Some(mut request) = event.into_request() else {
        return Ok(event::answer(reply::bad_request(format)));
    };
    if let Some(visitor) = visitor {
        request.extensions_mut().insert(visitor);
    }
    Ok(event::answer(service.handle(request).await))
}

/// Processes an event that is not a visitor's request: a bounce or complaint; at any other event, such as the schedule's,
/// sends due mail.
async fn process<S: Store, M: Mailer>(
    service: &Service<S, M>,
    event: &Value,
) -> Result<Value, Error> {
    if let Some(feedback) = feedback::read(&event.to_string()) {
        service.process_feedback(&feedback).await?;
        return Ok(Value::Null);
    }
    let report = service.run_schedule().await?;
    let [sent, again, failed] = [report.sent, report.again, report.failed].map(i64::from);
    let oldest = report.oldest / 1_000;
    log::measured(
        "posted",
        &[("sent", sent), ("again", again), ("failed", failed), ("oldest", oldest)],
    );
    Ok(Value::Null)
}

/// The visitor's address: from CloudFront, if the request came through the site's own distribution; otherwise the peer
/// address of the connection. `X-Forwarded-For` is never used, because visitors can set it.
fn visitor(event: &HttpEvent, origin: &Origin) -> Option<Visitor> {
    if origin.is_shown_by(&event.headers) {
        // An address and a port: `198.51.100.7:443`, `2001:db8::1:443`.
        let viewer = event.headers.get("cloudfront-viewer-address")?.to_str().ok()?;
        let viewer = viewer.rsplit_once(':')?.0;
        return viewer.trim_matches(['[', ']']).parse().ok().map(Visitor);
    }
    event.source.map(Visitor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloudfronts_header_is_trusted_only_with_the_secret() {
        let event = |secret: &str| {
            let headers = serde_json::json!({
                "cloudfront-viewer-address": "2001:db8::1:443",
                "x-forwarded-for": "203.0.113.9",
                "x-origin-secret": secret,
            });
            let event = serde_json::json!({ "requestContext": {}, "headers": headers });
            HttpEvent::read(&event).unwrap()
        };
        let viewer = Some(Visitor("2001:db8::1".parse().unwrap()));
        let origin = Origin::read("right");
        assert_eq!(visitor(&event("right"), &origin), viewer);
        assert_eq!(visitor(&event("wrong"), &origin), None);
        assert_eq!(visitor(&event("right"), &Origin::read("")), None);
        // While the secret is being replaced, both are accepted.
        for secret in ["right", "new"] {
            assert!(Origin::read("new, right").is_shown_by(&event(secret).headers));
        }
        for none in ["", ","] {
            assert!(!Origin::read(none).is_shown_by(&event("").headers));
        }
    }
}
