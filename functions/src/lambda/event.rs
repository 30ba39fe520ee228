//! Reads the HTTP events of API Gateway and of function URLs (payload format 2.0), and writes the answers
//! that they take. Pure.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
//!
//! API Gateway decodes `rawPath`, so any character can be in it, and it passes on most bytes of a query or a
//! header. The crate `lambda_http` panics on many of those, and takes an event with an invalid header for the
//! schedule's; in both cases the visitor's answers would be lost. So each part is checked here before
//! `lambda_http` makes a request of the event.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::uri::{PathAndQuery, Uri};
use http::{Method, Request, Response};
use lambda_http::request::LambdaRequest;
use serde_json::{Map, Value, json};
use std::net::IpAddr;

/// A visitor's request, as far as it is valid.
pub(super) struct HttpEvent {
    /// The valid headers.
    pub(super) headers: HeaderMap,
    /// The address that the connection came from.
    pub(super) source: Option<IpAddr>,
    method: Option<Method>,
    uri: Option<Uri>,
    body: Option<Body>,
}

/// A body as the event holds it, known to be encoded as the event says.
struct Body {
    text: String,
    is_base64: bool,
}

impl HttpEvent {
    /// Reads an event; `None` if it is not an HTTP event, but the schedule's or news of a mail.
    pub(super) fn read(event: &Value) -> Option<HttpEvent> {
        let is_http = ["rawPath", "requestContext"].iter().any(|key| event.get(key).is_some());
        if !is_http {
            return None;
        }
        let context = &event["requestContext"]["http"];
        let method = context["method"].as_str();
        let method = method.and_then(|method| Method::from_bytes(method.as_bytes()).ok());
        let text = |key| event[key].as_str().unwrap_or_default();
        let (path, query) = (text("rawPath"), text("rawQueryString"));
        let uri = uri(path, query)
            // A form's answers are in its body, and must not be lost because of its address: what is invalid
            // there is left out.
            .or_else(|| uri(&valid_path(path), "").filter(|_| method == Some(Method::POST)));
        Some(HttpEvent {
            headers: headers(&event["headers"]),
            source: context["sourceIp"].as_str().and_then(|address| address.parse().ok()),
            method,
            uri,
            body: body(&event["body"], event["isBase64Encoded"] == true),
        })
    }

    /// The request; `None` if the event cannot be one.
    pub(super) fn into_request(self) -> Option<Request<Bytes>> {
        let (uri, method, body) = (self.uri?, self.method?, self.body?);
        let valid = json!({
            "version": "2.0",
            "rawPath": uri.path(),
            "rawQueryString": uri.query().unwrap_or_default(),
            "headers": {},
            "requestContext": { "http": { "method": method.as_str() } },
            "body": body.text,
            "isBase64Encoded": body.is_base64,
        });
        let event: LambdaRequest = serde_json::from_value(valid).ok()?;
        let mut request = lambda_http::Request::from(event).map(|body| match body {
            lambda_http::Body::Text(text) => Bytes::from(text),
            lambda_http::Body::Binary(bytes) => Bytes::from(bytes),
            _ => Bytes::new(),
        });
        *request.headers_mut() = self.headers;
        Some(request)
    }
}

/// Path and query, if together they are a valid target of a request.
fn uri(path: &str, query: &str) -> Option<Uri> {
    let whole = match query {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    };
    let is_apart = path.starts_with('/') && !path.contains(['?', '#']) && !query.contains('#');
    let target = PathAndQuery::try_from(whole).ok().filter(|_| is_apart)?;
    Some(Uri::from(target))
}

/// A path without the characters that no path has.
fn valid_path(path: &str) -> String {
    path.chars().filter(|c| c.is_ascii_alphanumeric() || "/-_.~%".contains(*c)).collect()
}

/// The headers whose names are valid. In values, control characters become spaces (RFC 9110, 5.5).
fn headers(headers: &Value) -> HeaderMap {
    let mut valid = HeaderMap::new();
    for (name, value) in headers.as_object().into_iter().flatten() {
        let value: String =
            value.as_str().unwrap_or_default().chars().map(without_control).collect();
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value.trim())) {
            valid.append(name, value);
        }
    }
    valid
}

fn without_control(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

/// The body; `None` if it is not encoded as the event says.
fn body(body: &Value, is_base64: bool) -> Option<Body> {
    let text = body.as_str().unwrap_or_default().to_owned();
    (!is_base64 || STANDARD.decode(&text).is_ok()).then_some(Body { text, is_base64 })
}

/// A response in the shape that API Gateway takes.
pub(super) fn answer(response: Response<Bytes>) -> Value {
    let (parts, body) = response.into_parts();
    let mut headers = Map::new();
    for name in parts.headers.keys() {
        let values = parts.headers.get_all(name).iter();
        let values: Vec<_> =
            values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        headers.insert(name.as_str().to_owned(), values.join(", ").into());
    }
    let (body, is_base64) = match String::from_utf8(body.into()) {
        Ok(text) => (text, false),
        Err(error) => (STANDARD.encode(error.as_bytes()), true),
    };
    json!({
        "statusCode": parts.status.as_u16(),
        "headers": headers,
        "body": body,
        "isBase64Encoded": is_base64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(method: &str) -> Value {
        json!({
            "version": "2.0",
            "rawPath": "/api/chat",
            "rawQueryString": "language=ur",
            "headers": { "content-type": "application/x-www-form-urlencoded", "host": "a.example" },
            "requestContext": { "http": { "method": method, "sourceIp": "198.51.100.7" } },
            "body": "bmFtZT1Sb3Nl",
            "isBase64Encoded": true,
        })
    }

    fn with(method: &str, pointer: &str, value: Value) -> Option<Request<Bytes>> {
        let mut event = event(method);
        *event.pointer_mut(pointer).unwrap() = value;
        HttpEvent::read(&event).unwrap().into_request()
    }

    /// Every character below U+0180, and some that look like a part of an address.
    fn characters() -> impl Iterator<Item = char> {
        (0..0x180).filter_map(char::from_u32).chain("\u{200b}\u{2028}\u{fffd}😀".chars())
    }

    #[test]
    fn a_whole_event_is_its_request() {
        let read = HttpEvent::read(&event("POST")).unwrap();
        assert_eq!(read.source, Some("198.51.100.7".parse().unwrap()));
        let request = read.into_request().unwrap();
        assert_eq!(request.uri(), "/api/chat?language=ur");
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.body(), "name=Rose");
        assert_eq!(request.headers()["host"], "a.example");
    }

    #[test]
    fn no_character_in_an_address_loses_answers() {
        for (c, pointer) in characters().flat_map(|c| [(c, "/rawPath"), (c, "/rawQueryString")]) {
            let text = if pointer == "/rawPath" { format!("/api/chat{c}") } else { c.to_string() };
            let request = with("POST", pointer, text.clone().into()).expect("an address");
            assert_eq!(request.body(), "name=Rose", "{c:?}");
            if c.is_ascii_control() || c == ' ' {
                assert_eq!(request.uri().path(), "/api/chat", "{c:?}");
                assert!(with("GET", pointer, text.into()).is_none(), "{pointer} {c:?}");
            }
        }
    }

    #[test]
    fn no_character_in_a_header_loses_a_request() {
        for c in characters() {
            let value = format!("application/x-www-form-urlencoded{c}");
            let headers = json!({
                "content-type": value, "host": format!("a{c}b"), "x-forwarded-proto": c.to_string(),
                format!("x{c}odd"): "y", "cookie": value,
            });
            let request = with("POST", "/headers", headers).expect("a request");
            let kept = &request.headers()["content-type"];
            assert!(kept.as_bytes().starts_with(b"application/x-www-form-urlencoded"), "{c:?}");
            assert!(!kept.as_bytes().iter().any(u8::is_ascii_control), "{c:?}");
        }
        let absent = [Value::Null, json!([]), json!("x"), json!({ "": "x", "a b": "x", "c": 1 })];
        for headers in absent {
            let request = with("POST", "/headers", headers).expect("a request");
            assert_eq!(request.headers().get("a b"), None);
        }
    }

    #[test]
    fn what_cannot_be_a_request_is_refused() {
        let long = format!("/{}", "x".repeat(70_000));
        for (pointer, value) in [
            ("/requestContext/http/method", json!("")),
            ("/requestContext/http/method", json!("BREW\r\n")),
            ("/requestContext/http/method", Value::Null),
            ("/requestContext/http", json!([])),
            ("/requestContext", json!({})),
            ("/rawPath", json!("")),
            ("/rawPath", json!("api/chat")),
            ("/rawPath", json!(":99999/")),
            ("/rawPath", json!("/api/chat?a=b")),
            ("/rawPath", json!("/api/chat#a")),
            ("/rawPath", json!(long)),
            ("/rawPath", json!(7)),
            ("/rawQueryString", json!(long)),
            ("/rawQueryString", json!("a=b#c")),
            ("/body", json!("not base64 at all!")),
        ] {
            assert!(with("GET", pointer, value.clone()).is_none(), "{pointer} {value}");
        }
    }

    #[test]
    fn other_events_are_told_from_requests() {
        for event in [json!({}), json!([]), Value::Null, json!("x"), json!({ "source": "aws.ses" })]
        {
            assert!(HttpEvent::read(&event).is_none(), "{event}");
        }
    }

    #[test]
    fn an_answer_keeps_every_header_and_byte() {
        let mut response = Response::new(Bytes::from_static(b"\xff"));
        response.headers_mut().append("vary", HeaderValue::from_static("origin"));
        response.headers_mut().append("vary", HeaderValue::from_static("accept"));
        let answered = answer(response);
        assert_eq!(answered["headers"]["vary"], "origin, accept");
        assert_eq!(
            (&answered["body"], &answered["isBase64Encoded"]),
            (&json!("/w=="), &json!(true))
        );
        let text = answer(Response::new(Bytes::from_static("é".as_bytes())));
        assert_eq!((&text["body"], &text["isBase64Encoded"]), (&json!("é"), &json!(false)));
    }
}
