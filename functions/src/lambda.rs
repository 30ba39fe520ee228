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
/// The environment is not whole, or the runtime cannot be reached.
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
        // Boxed, because the type of what is within is very deep.
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

/// What our own distribution shows with every request: a secret, or the one before it too while they
/// are being changed. None where there is no distribution in front.
struct Origin(Vec<[u8; 32]>);

impl Origin {
    /// Secrets with commas between them.
    fn read(secrets: &str) -> Origin {
        let secrets = secrets.split(',').map(str::trim).filter(|secret| !secret.is_empty());
        Origin(secrets.map(|secret| Sha256::digest(secret).into()).collect())
    }

    fn is_shown_by(&self, headers: &HeaderMap) -> bool {
        let sent = headers.get("x-origin-secret").map_or(&[][..], |sent| sent.as_bytes());
        let sent: [u8; 32] = Sha256::digest(sent).into();
        // Digests are compared, and all of them, so the time it takes tells nothing of a secret.
        self.0.iter().fold(false, |shown, secret| shown | (*secret == sent))
    }
}

async fn answer<S: Store, M: Mailer>(
    service: &Service<S, M>,
    origin: &Origin,
    event: Value,
) -> Result<Value, Error> {
    let Some(event) = HttpEvent::read(&event) else {
        return work(service, &event).await;
    };
    if !origin.0.is_empty() && !origin.is_shown_by(&event.headers) {
        // A request that bypasses the distribution also bypasses its limits, and can claim any address.
        let words = "This address answers the campaign's own site alone. Please use its pages.\n";
        let mut refused = Response::new(words.into());
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

/// Does what an event asks for that is no visitor's request: notes what became of a mail; at any other
/// event, such as the schedule's, sends the mail that is due.
async fn work<S: Store, M: Mailer>(service: &Service<S, M>, event: &Value) -> Result<Value, Error> {
    if let Some(feedback) = feedback::read(&event.to_string()) {
        service.process_feedback(&feedback).await?;
        return Ok(Value::Null);
    }
    let posted = service.run_schedule().await?;
    let [sent, again, failed] = [posted.sent, posted.again, posted.failed].map(i64::from);
    let oldest = posted.oldest / 1_000;
    log::measured(
        "posted",
        &[("sent", sent), ("again", again), ("failed", failed), ("oldest", oldest)],
    );
    Ok(Value::Null)
}

/// The visitor's address: what CloudFront says, where the request shows that it came through our
/// own distribution; else where the connection came from. `X-Forwarded-For` is the visitor's to
/// write, and never asked.
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
    fn cloudfront_is_believed_beside_the_secret_alone() {
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
        // While the secret is changed, both are shown.
        for secret in ["right", "new"] {
            assert!(Origin::read("new, right").is_shown_by(&event(secret).headers));
        }
        for none in ["", ","] {
            assert!(!Origin::read(none).is_shown_by(&event("").headers));
        }
    }
}
