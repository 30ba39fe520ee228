//! Tests of S3 and CloudFront responses that the emulator does not give, and the messages about them.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use aws_config::SdkConfig;
use daisychain::publish::bucket::Bucket;
use daisychain::publish::lock::Lock;
use daisychain::publish::plan::Version;
use daisychain::publish::stack;
use daisychain_functions::aws;

use super::cloud::Cloud;
use super::site;
use super::support::SPRING;
use super::support::transcript::Transcript;

/// The response to a request with this first line; `None` for no response.
type Mood = fn(&str) -> Option<&'static str>;

const REFUSED: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 67\r\n\r\n\
    <Error><Code>AccessDenied</Code><Message>Not you</Message></Error>\n";
const NAMELESS: &str = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";

/// A timeout for a test that would hang, not a measure of speed.
const PATIENCE: Duration = Duration::from_secs(300);

/// A configuration for a server with these responses and this timeout.
async fn moody(mood: Mood, patience: Duration) -> SdkConfig {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || answer(stream, mood));
        }
    });
    aws::config(Some(&endpoint), patience).await
}

/// The bucket `daisy` on that server.
async fn bucket(mood: Mood) -> Bucket {
    Bucket::new(&moody(mood, PATIENCE).await, "daisy")
}

fn answer(mut stream: TcpStream, mood: Mood) {
    let mut bytes = Vec::new();
    let mut part = [0; 16 * 1024];
    while let Ok(count @ 1..) = stream.read(&mut part) {
        bytes.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() < length.map_or(0, |length| length.parse().unwrap()) {
            continue;
        }
        match mood(head.lines().next().unwrap()) {
            Some(answer) => stream.write_all(answer.as_bytes()).unwrap(),
            // Waits until the client closes the connection.
            None => drop(std::io::copy(&mut stream, &mut std::io::sink())),
        }
        bytes.clear();
        // An incomplete response is cut off.
        return;
    }
}

#[tokio::test]
async fn failed_requests_to_a_bucket_are_reported() {
    let said = bucket(|_| Some(REFUSED)).await.check().await.unwrap_err().to_string();
    assert_eq!(said, "bucket `daisy`: cannot read its settings: AccessDenied: Not you");
    let said = bucket(|_| Some(NAMELESS)).await.check().await.unwrap_err().to_string();
    assert_eq!(said, "bucket `daisy`: cannot read its settings: unknown error");
    let silent = Bucket::new(&moody(|_| None, Duration::from_secs(1)).await, "daisy");
    let said = silent.check().await.unwrap_err().to_string();
    assert_eq!(said, "bucket `daisy`: cannot read its settings: no response in time");

    let version =
        Version { path: "a.html".to_owned(), id: "1".to_owned(), latest: true, marker: false };
    let versions = [version];
    let said = bucket(|_| Some(REFUSED)).await.purge(&versions).await.unwrap_err().to_string();
    assert_eq!(said, "bucket `daisy`: cannot delete files: AccessDenied: Not you");
    let one_stays = |_: &str| {
        Some(
            "HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n\
             <DeleteResult><Error><Key>site/a.html</Key></Error></DeleteResult>    ",
        )
    };
    let said = bucket(one_stays).await.purge(&versions).await.unwrap_err().to_string();
    assert_eq!(said, "cannot delete `site/a.html` from the bucket `daisy`: no reason given");
}

#[tokio::test]
async fn unreadable_release_records_are_reported() {
    let half = |_: &str| Some("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\": \"2020");
    let said = bucket(half).await.unfinished().await.unwrap_err().to_string();
    assert_eq!(said, "the download of `releases/unfinished.json` from the bucket was interrupted");
    let other = |_: &str| Some("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]");
    let said = bucket(other).await.unfinished().await.unwrap_err().to_string();
    let why = "invalid length 0, expected struct Unfinished with 2 elements at line 1 column 2";
    assert_eq!(
        said,
        format!("`releases/unfinished.json` in the bucket `daisy` cannot be read: {why}")
    );
}

#[tokio::test]
async fn an_invalidation_without_a_response_is_retried() {
    let config = moody(|_| Some(REFUSED), PATIENCE).await;
    let said = stack::invalidate(&config, "E1", &["index.html".to_owned()], "1")
        .await
        .unwrap_err()
        .to_string();
    assert_eq!(
        said,
        "cannot clear the CloudFront cache (Not you); it updates within 60 seconds, and the next publish tries again"
    );
}

#[tokio::test]
async fn a_lock_that_appears_and_disappears_belongs_to_another_run() {
    let mood = |first: &str| {
        Some(match first.starts_with("PUT") {
            true => {
                "HTTP/1.1 412 Precondition Failed\r\nContent-Length: 54\r\n\r\n\
                 <Error><Code>PreconditionFailed</Code></Error>        "
            }
            false => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        })
    };
    let (bucket, site) = (bucket(mood).await, site());
    let said =
        Lock::take(&bucket, site.root(), "asha", Duration::from_secs(60)).await.err().unwrap();
    let words = "someone else is publishing this site; wait until they have finished";
    assert_eq!(said.to_string(), words);
}

#[tokio::test]
async fn an_unresponsive_bucket_ends_a_publish() {
    static PUTS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let mood = |first: &str| {
        let before = PUTS.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        (first.starts_with("PUT") && before == 0)
            .then_some("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 0\r\n\r\n")
    };
    let (bucket, site) = (bucket(mood).await, site());
    let lease = Duration::from_secs(2);
    let mut lock = Lock::take(&bucket, site.root(), "asha", lease).await.unwrap();
    let said = tokio::time::timeout(PATIENCE, lock.hold()).await.unwrap();
    assert_eq!(said.to_string(), "the bucket no longer responds; the publish was stopped");
}

/// Inspects sent data; `true` lets it through.
type Gate = Arc<dyn Fn(&[u8]) -> bool + Send + Sync>;

/// A proxy to the emulated AWS; returns its address.
fn door(cloud: &Cloud, gate: Gate) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let behind = cloud.endpoint.strip_prefix("http://").unwrap().to_owned();
    thread::spawn(move || {
        for mut outside in listener.incoming().map_while(Result::ok) {
            let (behind, gate) = (behind.clone(), Arc::clone(&gate));
            thread::spawn(move || {
                let mut inside = TcpStream::connect(behind).unwrap();
                let (mut back, mut out) =
                    (inside.try_clone().unwrap(), outside.try_clone().unwrap());
                thread::spawn(move || std::io::copy(&mut back, &mut out));
                let mut part = [0; 16 * 1024];
                while let Ok(count @ 1..) = outside.read(&mut part) {
                    if !gate(&part[..count]) || inside.write_all(&part[..count]).is_err() {
                        break;
                    }
                }
                let _ = inside.shutdown(std::net::Shutdown::Both);
                let _ = outside.shutdown(std::net::Shutdown::Both);
            });
        }
    });
    address
}

fn holds(part: &[u8], words: &str) -> bool {
    part.windows(words.len()).any(|window| window == words.as_bytes())
}

#[tokio::test]
async fn changes_during_a_publish_are_handled() {
    let cloud = Cloud::new().await;
    let site = site();
    let name = cloud.name.clone();
    let publish = [
        "publish",
        "--bucket",
        &name,
        "--table",
        &name,
        "--yes",
        "--base-url",
        "https://daisy.org.uk",
    ];
    let mut told = Transcript::new(site.root());
    told.set("SOURCE_DATE_EPOCH", SPRING.to_string());

    // Another run finishes between the confirmation and the lock.
    let (endpoint, other) = (cloud.endpoint.clone(), name.clone());
    let meanwhile: Gate = Arc::new(move |part| {
        if holds(part, "releases/lock.json") && holds(part, "PUT ") {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let bucket = Bucket::new(&super::cloud::config(&endpoint).await, &other);
                bucket.put("index.html", false, b"Another's.".to_vec()).await.unwrap();
            });
        }
        true
    });
    told.set("AWS_ENDPOINT_URL", door(&cloud, meanwhile));
    told.then("another publish finishes just before").run(&publish);

    let no_forms: Gate =
        Arc::new(|part| !holds(part, "TransactWriteItems") && !holds(part, "PutItem"));
    told.set("AWS_ENDPOINT_URL", door(&cloud, no_forms));
    told.then("the form cannot be written to the table").run(&publish);
    told.is_kept_as("publish-meanwhile", &[(&name, "BUCKET")]);
}
