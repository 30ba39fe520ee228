//! Runs a [`Service`] under AWS Lambda: events in, responses out, configured by environment.

mod event;

use crate::clock::Clock;
use crate::keys::Keys;
use crate::mail::Mailer;
use crate::mail::configured::Configured;
use crate::mail::feedback;
use crate::reply::{self, Format};
use crate::service::{MAIL_LIMIT, Service, Settings, Visitor};
use crate::store::Store;
use crate::store::dynamo::{self, Dynamo};
use crate::{log, secrets};
use event::HttpEvent;
use http::{HeaderMap, Response, StatusCode};
use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What a function is told by its environment.
pub struct Environment {
    table: String,
    keys: Keys,
    settings: Settings,
    origin: Origin,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the keys.
        formatter.debug_struct("Environment").field("table", &self.table).finish_non_exhaustive()
    }
}

impl Environment {
    /// Reads the environment of a function that serves the form `name`, and others where
    /// `DAISYCHAIN_FORMS` lists them.
    ///
    /// # Errors
    /// One line for each variable that is missing or wrong.
    pub fn read(name: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut wrong = Vec::new();
        let mut required = |key: &str, what: &str| {
            let value = variable(key).filter(|value| !value.trim().is_empty());
            value.unwrap_or_else(|| {
                wrong.push(format!("{key} is missing: {what}"));
                String::new()
            })
        };
        let table = required("DAISYCHAIN_TABLE", "the name of the table");
        let site = required("DAISYCHAIN_SITE", "the site's address, like https://daisy.example");
        let from = required("DAISYCHAIN_FROM", "the sender of mails");
        let phone = required("DAISYCHAIN_PHONE", "the number to ring when nothing else works");
        let tokens = required("DAISYCHAIN_TOKEN_KEYS", "`id:hexadecimal`, the newest key first");
        let person = required("DAISYCHAIN_PERSON_KEY", "64 hexadecimal digits that never change");
        let limit = variable("DAISYCHAIN_MAIL_LIMIT").filter(|limit| !limit.is_empty());
        let mail_limit = limit.as_deref().map_or(Ok(MAIL_LIMIT), str::parse).unwrap_or_else(|_| {
            wrong.push("DAISYCHAIN_MAIL_LIMIT is a whole number of mails in an hour".to_owned());
            MAIL_LIMIT
        });
        let forms_url = variable("DAISYCHAIN_FORMS_URL").filter(|url| !url.trim().is_empty());
        let origins = variable("DAISYCHAIN_ORIGINS").unwrap_or_default();
        let origins = origins.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        let origins: Vec<String> = origins.map(str::to_owned).collect();
        // `https://*.example` and the like would be a list that is not exact.
        for origin in origins.iter().filter(|origin| !is_origin(origin)) {
            wrong.push(format!(
                "DAISYCHAIN_ORIGINS: `{origin}` is no origin, like https://trial.daisy.example"
            ));
        }
        let keys = match Keys::parse(&tokens, &person) {
            Ok(keys) => Some(keys),
            // Where one is missing, that was said.
            Err(_) if tokens.is_empty() || person.is_empty() => None,
            Err(error) => {
                wrong.push(format!("DAISYCHAIN_TOKEN_KEYS or DAISYCHAIN_PERSON_KEY: {error}"));
                None
            }
        };
        let forms = variable("DAISYCHAIN_FORMS").unwrap_or_else(|| name.to_owned());
        let forms = forms.split(',').map(|form| form.trim().to_owned()).collect();
        match keys {
            Some(keys) if wrong.is_empty() => Ok(Environment {
                table,
                keys,
                settings: Settings {
                    forms,
                    mail_limit,
                    origins,
                    forms_url: forms_url.unwrap_or_else(|| site.clone()),
                    ..Settings::new(site, from, phone)
                },
                origin: Origin::read(&variable("DAISYCHAIN_ORIGIN_SECRET").unwrap_or_default()),
            }),
            _ => Err(wrong.join("\n")),
        }
    }
}

/// Whether a text is the origin of one host (RFC 6454), as a browser writes it.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        let is_plain =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:[]".contains(c);
        !host.is_empty() && host.chars().all(is_plain)
    })
}

/// Serves the form `name` until the process is ended.
///
/// # Errors
/// The environment is not whole, or the runtime cannot be reached.
pub async fn run(name: &str) -> Result<(), Error> {
    let not_started = |wrong: String| {
        log::event("not_started", &[("why", &wrong)]);
        wrong
    };
    let given = |key: &str| std::env::var(key).ok();
    let fetched = secrets::fetch(given).await.map_err(not_started)?;
    let variable = |key: &str| fetched.get(key).cloned().or_else(|| given(key));
    let environment = Environment::read(name, variable).map_err(not_started)?;
    let mailer = Configured::read(variable).await.map_err(not_started)?;
    let store: Dynamo = dynamo::connect(&environment.table).await;
    let Environment { keys, settings, origin, .. } = environment;
    let service = Service::new(store, mailer, keys, Clock::system(), settings);
    let (service, origin) = (&service, &origin);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        // Boxed, because the type of what is within is very deep.
        Box::pin(answer(service, origin, event.payload))
    }))
    .await
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
        // Whoever comes past the distribution comes past its limits, and may give any address.
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
        service.heed(&feedback).await?;
        return Ok(Value::Null);
    }
    let posted = service.send_due().await?;
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
    fn every_missing_variable_is_named() {
        let error = Environment::read("chat", |key| {
            (key == "DAISYCHAIN_TABLE").then(|| "table".to_owned())
        })
        .unwrap_err();
        let named: Vec<_> = error.lines().map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(
            named,
            [
                "DAISYCHAIN_SITE",
                "DAISYCHAIN_FROM",
                "DAISYCHAIN_PHONE",
                "DAISYCHAIN_TOKEN_KEYS",
                "DAISYCHAIN_PERSON_KEY"
            ]
        );
    }

    #[test]
    fn an_origin_is_that_of_one_host() {
        for origin in ["https://trial.daisy.example", "http://localhost:8000", "http://[::1]:8000"]
        {
            assert!(is_origin(origin), "{origin}");
        }
        for other in ["*", "https://*.example", "https://daisy.example/", "daisy.example", "null"] {
            assert!(!is_origin(other), "{other}");
        }
        let error = Environment::read("chat", |key| {
            (key == "DAISYCHAIN_ORIGINS").then(|| "https://a.example, *".to_owned())
        });
        assert!(error.unwrap_err().contains("DAISYCHAIN_ORIGINS: `*` is no origin"));
    }

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
