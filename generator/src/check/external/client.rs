//! Requests one address: follows redirects and retries where that may help. Uses the network.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::Method;
use url::Url;

use super::{Pace, Verdict};

/// The maximum number of redirects (the Fetch standard of WHATWG allows 20).
const HOPS: usize = 10;

/// The `User-Agent` header.
const NAME: &str = concat!("Daisychain/", env!("CARGO_PKG_VERSION"), " (link check)");

/// A client shared by all threads.
pub(super) struct Asker {
    agent: Agent,
    pace: Pace,
    /// One lock per host, which holds the time of its last request: redirects lead to hosts that another
    /// thread may be requesting.
    hosts: Mutex<HashMap<String, Arc<Mutex<Option<Instant>>>>>,
}

/// The response to a request.
enum Reply {
    Status { status: u16, location: Option<String>, wait: Option<Duration> },
    Failed(Verdict),
}

impl Asker {
    pub(super) fn new(pace: Pace) -> Asker {
        let agent: Agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(pace.patience))
            .user_agent(NAME)
            .accept("text/html, */*;q=0.8")
            .build()
            .into();
        Asker { agent, pace, hosts: Mutex::default() }
    }

    /// The verdict for `address`.
    pub(super) fn ask(&self, address: &str) -> Verdict {
        let Ok(first) = Url::parse(address) else { return Verdict::RedirectLoop };
        let mut at = first;
        let mut moved = true;
        for hop in 0..HOPS {
            let (status, location) = match self.patiently(&at) {
                Reply::Status { status, location, .. } => (status, location),
                Reply::Failed(verdict) => return verdict,
            };
            match (status, location) {
                (301 | 302 | 303 | 307 | 308, Some(location)) => {
                    let Ok(next) = at.join(&location) else { return Verdict::RedirectLoop };
                    if !matches!(next.scheme(), "http" | "https") {
                        return Verdict::RedirectLoop;
                    }
                    // After a temporary redirect the link stays as it is.
                    moved &= matches!(status, 301 | 308);
                    at = next;
                }
                (200..=399, _) if hop > 0 && moved => return Verdict::Moved(at.into()),
                (200..=399, _) => return Verdict::Fine,
                (429, _) => return Verdict::Busy,
                (401 | 403 | 405 | 406 | 407 | 418 | 423 | 451 | 999, _) => {
                    return Verdict::Blocked(status);
                }
                (500.., _) => return Verdict::Failing(status),
                _ => return Verdict::Gone(status),
            }
        }
        Verdict::RedirectLoop
    }

    /// Sends a request, and retries if the site is busy, has an error or does not respond.
    fn patiently(&self, url: &Url) -> Reply {
        let mut pause = self.pace.again;
        let mut tries = 1;
        loop {
            let reply = self.once(url);
            let wait = match &reply {
                Reply::Status { status: 429 | 503, wait: Some(wait), .. } => *wait,
                Reply::Status { status: 429 | 500..=599, .. } => pause,
                Reply::Failed(Verdict::Slow | Verdict::Unreachable(_)) => pause,
                _ => return reply,
            };
            if tries == self.pace.tries || wait > self.pace.longest {
                return reply;
            }
            std::thread::sleep(wait);
            pause *= 2;
            tries += 1;
        }
    }

    /// Sends HEAD, which costs the site least; after an error GET, because some sites handle HEAD
    /// incorrectly.
    fn once(&self, url: &Url) -> Reply {
        match self.request(Method::HEAD, url) {
            Reply::Status { status: 400..=428 | 430..=502 | 504.., .. } => {
                self.request(Method::GET, url)
            }
            reply => reply,
        }
    }

    fn request(&self, method: Method, url: &Url) -> Reply {
        let host = self.host(url);
        let mut last = host.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(rest) = last.and_then(|last| self.pace.pause.checked_sub(last.elapsed())) {
            std::thread::sleep(rest);
        }
        let answer = match method {
            Method::HEAD => self.agent.head(url.as_str()).call(),
            _ => self.agent.get(url.as_str()).call(),
        };
        *last = Some(Instant::now());
        match answer {
            Ok(response) => {
                let header =
                    |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
                Reply::Status {
                    status: response.status().as_u16(),
                    location: header("location").map(str::to_owned),
                    wait: header("retry-after").and_then(retry_after),
                }
            }
            Err(error) => Reply::Failed(verdict(&error)),
        }
    }

    fn host(&self, url: &Url) -> Arc<Mutex<Option<Instant>>> {
        let name =
            format!("{}:{:?}", url.host_str().unwrap_or_default(), url.port_or_known_default());
        let mut hosts = self.hosts.lock().expect("nothing panics while it holds this");
        Arc::clone(hosts.entry(name).or_default())
    }
}

/// Parses `Retry-After`: seconds, or an HTTP date (RFC 9110, 10.2.3).
fn retry_after(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = jiff::fmt::rfc2822::parse(value.trim()).ok()?.timestamp().as_second();
    u64::try_from(moment - crate::clock::seconds()).ok().map(Duration::from_secs)
}

fn verdict(error: &ureq::Error) -> Verdict {
    match error {
        ureq::Error::HostNotFound => Verdict::Unknown,
        ureq::Error::Timeout(_) => Verdict::Slow,
        ureq::Error::Io(error) => io_verdict(error),
        ureq::Error::Tls(why) => Verdict::Insecure((*why).to_owned()),
        ureq::Error::Rustls(error) => Verdict::Insecure(error.to_string()),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => Verdict::RedirectLoop,
        other => Verdict::Unreachable(other.to_string()),
    }
}

fn io_verdict(error: &std::io::Error) -> Verdict {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Verdict::Slow,
        ErrorKind::ConnectionRefused => Verdict::Unreachable("connection refused".to_owned()),
        ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof => {
            Verdict::Unreachable("connection closed".to_owned())
        }
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => Verdict::Unknown,
        // rustls reports its errors as I/O errors of this kind.
        ErrorKind::InvalidData => Verdict::Insecure(error.to_string()),
        _ => {
            let why = error.to_string();
            let unresolved = why.contains("lookup address") || why.contains("name resolution");
            if unresolved { Verdict::Unknown } else { Verdict::Unreachable(why) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_parsed() {
        assert_eq!(retry_after(" 7 "), Some(Duration::from_secs(7)));
        assert!(retry_after("Fri, 31 Dec 2049 23:59:59 GMT").is_some());
        assert_eq!(retry_after("Fri, 31 Dec 1999 23:59:59 GMT"), None);
        assert_eq!(retry_after("soon"), None);
    }
}
