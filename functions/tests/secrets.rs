//! Secrets from a Parameter Store that fails: a temporary failure does not stop a function from starting, and
//! a permanent one is reported at once.

#![cfg(feature = "dynamodb")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use daisychain_functions::secrets::fetch_within;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// How the store responds to one call.
#[derive(Clone, Copy)]
enum Said {
    /// With this status and body.
    With(u16, &'static str),
    /// The connection ends without a response.
    Nothing,
    /// The connection ends in the middle of the response.
    Half,
}

const FOUND: Said = Said::With(200, r#"{"Parameters":[{"Name":"/d/person-key","Value":"cdcd"}]}"#);
const THROTTLED: Said = Said::With(400, r#"{"__type":"ThrottlingException"}"#);

/// Starts a Parameter Store that gives these responses, one a call. Returns its address and a channel that
/// reports each call.
async fn parameter_store(script: Vec<Said>) -> (String, UnboundedReceiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (call, calls) = unbounded_channel();
    tokio::spawn(async move {
        let mut script = script.into_iter();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let said = script.next().expect("no more calls than the script has answers");
            call.send(()).unwrap();
            answer(stream, said).await;
        }
    });
    (endpoint, calls)
}

async fn answer(mut stream: TcpStream, said: Said) {
    let mut request = Vec::new();
    // Our requests end with a JSON object.
    while !request.ends_with(b"}") {
        stream.read_buf(&mut request).await.unwrap();
    }
    let text = match said {
        Said::Nothing => return,
        Said::Half => "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"Para".to_owned(),
        Said::With(status, body) => format!(
            "HTTP/1.1 {status} -\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ),
    };
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// Fetches one secret from there. Returns the result and the number of calls. No machine reaches the time
/// limit: `aws::retry` is tested with its own clock.
async fn fetch(script: Vec<Said>) -> (Result<String, String>, usize) {
    let (endpoint, mut calls) = parameter_store(script).await;
    let variable = |name: &str| match name {
        "DAISYCHAIN_PERSON_KEY_PARAMETER" => Some("/d/person-key".to_owned()),
        _ => None,
    };
    let fetched = fetch_within(Duration::from_secs(600), Some(&endpoint), variable).await;
    calls.close();
    let mut count = 0;
    while calls.recv().await.is_some() {
        count += 1;
    }
    let fetched = fetched.map(|secrets| secrets["DAISYCHAIN_PERSON_KEY"].clone());
    (fetched.map_err(|error| error.to_string()), count)
}

#[tokio::test]
async fn what_passes_in_a_moment_is_asked_again() {
    let unavailable = Said::With(503, "<html>unavailable</html>");
    for script in [
        vec![FOUND],
        vec![THROTTLED, FOUND],
        vec![Said::Nothing, Said::Half, FOUND],
        vec![unavailable, THROTTLED, Said::Nothing, FOUND],
    ] {
        let wanted = script.len();
        assert_eq!(fetch(script).await, (Ok("cdcd".to_owned()), wanted));
    }
    let (error, calls) = fetch(vec![THROTTLED; 4]).await;
    assert_eq!(error.unwrap_err(), "ssm: cannot fetch the secrets: ThrottlingException");
    assert_eq!(calls, 4);
}

#[tokio::test]
async fn what_stays_is_said_at_once() {
    let absent = r#"{"Parameters":[],"InvalidParameters":["/d/person-key"]}"#;
    for (said, words) in [
        (Said::With(400, r#"{"__type":"AccessDeniedException","message":"x"}"#), "AccessDenied"),
        (Said::With(400, r#"{"__type":"a.b#UnrecognizedClientException"}"#), "Unrecognized"),
        (Said::With(400, r#"{"__type":"ParameterNotFound"}"#), "ParameterNotFound"),
        (Said::With(200, absent), "there is no parameter `/d/person-key`"),
    ] {
        let (error, calls) = fetch(vec![said]).await;
        assert!(error.unwrap_err().contains(words), "{words}");
        assert_eq!(calls, 1, "{words}");
    }
}
