//! Checks links to other sites. Uses the network and a cache under `.daisy/`.
//!
//! Requests are polite: one at a time to each host with a pause between them, HEAD before GET, and good
//! results are cached for a day. A site that blocks automated requests (403 and the like) may still work
//! for visitors, so that is a warning.

mod cache;
mod client;

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use located_yaml::Place;
use serde::{Deserialize, Serialize};

use super::finding::Found;
use crate::diagnostic::Diagnostic;
use crate::url;

pub(super) const RULE: &str = "external";

/// The first occurrence of a link to another site.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkOccurrence {
    /// The file with the first link to it.
    pub path: String,
    /// The place in that file, if known.
    pub place: Option<Place>,
    /// The addresses of the pages that link to it.
    pub pages: Vec<String>,
}

impl LinkOccurrence {
    pub(super) fn note_page(&mut self, page: &str) {
        if self.pages.last().is_none_or(|last| last != page) {
            self.pages.push(page.to_owned());
        }
    }
}

/// Rates and timeouts of requests.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The number of hosts requested concurrently.
    pub hosts: usize,
    /// The pause between two requests to one host.
    pub pause: Duration,
    /// The timeout of one request.
    pub patience: Duration,
    /// The maximum number of attempts for one address.
    pub tries: u32,
    /// The delay before the second attempt; it doubles for each further one.
    pub again: Duration,
    /// The longest `Retry-After` that is respected.
    pub longest: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Pace {
            hosts: 8,
            pause: Duration::from_millis(300),
            patience: Duration::from_secs(20),
            tries: 3,
            again: Duration::from_secs(1),
            longest: Duration::from_secs(30),
        }
    }
}

/// The result for one address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Verdict {
    /// The address works.
    Fine,
    /// It has moved permanently to this address.
    Moved(String),
    /// It does not exist (the HTTP status).
    Gone(u16),
    /// The site blocks automated requests (the HTTP status).
    Blocked(u16),
    /// The site has an error of its own (the HTTP status).
    Failing(u16),
    /// The site limits requests (429).
    Busy,
    /// Redirects do not end, or lead to an invalid address.
    RedirectLoop,
    /// The host name does not resolve, or the network is unreachable.
    Unknown,
    /// The connection failed (the reason).
    Unreachable(String),
    /// The request timed out.
    Slow,
    /// No secure connection could be made (the reason).
    Insecure(String),
}

/// None of this many sites was found.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot check links to other sites: none of {0} sites was found; is this computer connected to the internet?"
)]
pub struct Offline(usize);

/// The result of checking links to other sites.
#[derive(Debug, Default)]
pub struct Asked {
    /// The number of addresses.
    pub addresses: usize,
    /// The number of addresses whose result was cached.
    pub cached: usize,
    /// The findings.
    pub found: Vec<Found>,
}

/// The address to request for a link as written: absolute and without its fragment.
pub(super) fn address(written: &str) -> String {
    let bare = written.split('#').next().unwrap_or(written);
    if bare.starts_with("//") { format!("https:{bare}") } else { bare.to_owned() }
}

/// Checks every address of `outside` at `now` (Unix seconds); the cache is below `root`.
///
/// # Errors
/// This computer seems to have no network.
pub fn check(
    outside: &BTreeMap<String, LinkOccurrence>,
    root: &Path,
    now: i64,
    pace: &Pace,
) -> Result<Asked, Offline> {
    let mut cache = cache::Cache::read(root, now);
    let (known, unknown): (Vec<&str>, Vec<&str>) =
        outside.keys().map(String::as_str).partition(|address| cache.get(address).is_some());
    let mut verdicts: BTreeMap<&str, Verdict> =
        known.iter().filter_map(|address| Some((*address, cache.get(address)?.clone()))).collect();
    let asked = ask_all(&unknown, pace);
    let hosts = unknown.iter().filter_map(|address| url::host(address));
    let hosts: std::collections::BTreeSet<&str> = hosts.collect();
    // One unknown host is most likely gone; if all of several are unknown, this computer is offline.
    if hosts.len() > 1 && asked.iter().all(|(_, verdict)| *verdict == Verdict::Unknown) {
        return Err(Offline(hosts.len()));
    }
    for (address, verdict) in &asked {
        cache.put(address, verdict);
    }
    // Failing to write the cache only costs time on the next run.
    let _ = cache.write(root);
    verdicts.extend(asked);
    let found = verdicts.into_iter().filter_map(|(address, verdict)| {
        let mention = outside.get(address)?;
        let diagnostic = told(address, &verdict, mention)?;
        Some(Found { rule: RULE, pages: mention.pages.clone(), diagnostic })
    });
    Ok(Asked { addresses: outside.len(), cached: known.len(), found: found.collect() })
}

/// Requests addresses: one host's in sequence, several hosts concurrently.
fn ask_all<'a>(addresses: &[&'a str], pace: &Pace) -> Vec<(&'a str, Verdict)> {
    let mut by_host: BTreeMap<&str, Vec<&'a str>> = BTreeMap::new();
    for address in addresses {
        by_host.entry(url::host(address).unwrap_or_default()).or_default().push(address);
    }
    let waiting: Mutex<VecDeque<Vec<&'a str>>> = Mutex::new(by_host.into_values().collect());
    let done: Mutex<Vec<(&'a str, Verdict)>> = Mutex::default();
    let asker = client::Asker::new(*pace);
    std::thread::scope(|scope| {
        for _ in 0..pace.hosts.min(addresses.len()) {
            scope.spawn(|| {
                loop {
                    let next =
                        waiting.lock().expect("nothing panics while it holds this").pop_front();
                    let Some(of_one_host) = next else { return };
                    for address in of_one_host {
                        let verdict = asker.ask(address);
                        let mut done = done.lock().expect("nothing panics while it holds this");
                        done.push((address, verdict));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().expect("nothing panics while it holds this");
    done.sort_unstable_by_key(|(address, _)| *address);
    done
}

/// The diagnostic for a verdict, or `None` for a working address.
fn told(address: &str, verdict: &Verdict, mention: &LinkOccurrence) -> Option<Diagnostic> {
    let host = url::host(address).unwrap_or(address);
    let (is_error, message, help) = match verdict {
        Verdict::Fine => return None,
        Verdict::Moved(to) => (
            false,
            "the page that this links to has moved permanently".to_owned(),
            format!("change the link to `{to}`"),
        ),
        Verdict::Gone(status) => (
            true,
            format!("the page that this links to does not exist ({status})"),
            "find its new address, or remove the link".to_owned(),
        ),
        Verdict::Blocked(status) => (
            false,
            format!(
                "{host} blocks automated requests ({status}), so this link could not be \
                     checked"
            ),
            "open it in a browser to check it".to_owned(),
        ),
        Verdict::Failing(status) => (
            false,
            format!("{host} has an internal error ({status})"),
            "check again later".to_owned(),
        ),
        Verdict::Busy => (
            false,
            format!("{host} limits requests, so this link could not be checked"),
            "check again later".to_owned(),
        ),
        Verdict::RedirectLoop => (
            true,
            "this link redirects in a loop, or to an invalid address".to_owned(),
            "find its new address, or remove the link".to_owned(),
        ),
        Verdict::Unknown => (
            true,
            format!("there is no site `{host}`"),
            "check the spelling, and that this computer is connected to the internet".to_owned(),
        ),
        Verdict::Unreachable(why) => (
            true,
            format!("cannot connect to {host}: {why}"),
            "find its new address, or remove the link".to_owned(),
        ),
        Verdict::Slow => {
            (false, format!("{host} did not respond in time"), "check again later".to_owned())
        }
        Verdict::Insecure(why) => (
            false,
            format!("cannot make a secure connection to {host}: {why}"),
            "open it in a browser; if that also shows a warning, remove the link".to_owned(),
        ),
    };
    let mut diagnostic = match is_error {
        true => Diagnostic::error(&mention.path, message),
        false => Diagnostic::warning(&mention.path, message),
    };
    diagnostic.place = mention.place;
    let more = match mention.pages.len() {
        0 | 1 => String::new(),
        2 => " and 1 more page".to_owned(),
        count => format!(" and {} more pages", count - 1),
    };
    let first = mention.pages.first().map_or("", String::as_str);
    Some(diagnostic.note(format!("{address} on {first}{more} (rule `{RULE}`)")).help(help))
}
