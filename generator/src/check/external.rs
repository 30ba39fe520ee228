//! Asks other sites whether the pages that are linked to are there. Touches the network, and a cache
//! under `.daisy/`.
//!
//! Politely: never two requests to one host at a time, a pause between them, HEAD before GET, and what
//! was found well is not asked again for a day. A wall against programs (403 and the like) says nothing
//! about what a person would see, so it is a warning.

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
use crate::html::links;

pub(super) const RULE: &str = "external";

/// Where the page of another site is named.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkOccurrence {
    /// The file that names it first.
    pub path: String,
    /// Where in it, if that is known.
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

/// How fast to ask, and how long to wait.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How many hosts are asked at the same time.
    pub hosts: usize,
    /// Between two requests to one host.
    pub pause: Duration,
    /// For one answer.
    pub patience: Duration,
    /// How often one address is asked at most.
    pub tries: u32,
    /// Before the second try; twice as long before each further one.
    pub again: Duration,
    /// The longest that a site may ask us to wait (`Retry-After`).
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

/// What another site says of an address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Verdict {
    /// It is there.
    Fine,
    /// It is there, at this address from now on.
    Moved(String),
    /// It is not there.
    Gone(u16),
    /// Programs are not let in.
    Walled(u16),
    /// The site has trouble of its own.
    Failing(u16),
    /// The site asks to be asked later.
    Busy,
    /// One is sent on without end, or to what is no address.
    Astray,
    /// There is no such host.
    Unknown,
    /// Nothing answers there.
    Silent(String),
    /// No answer in time.
    Slow,
    /// No safe connection could be made.
    Insecure(String),
}

/// What came of asking.
#[derive(Debug, Default)]
pub struct Asked {
    /// How many addresses there are.
    pub addresses: usize,
    /// How many of them were known from the last day.
    pub cached: usize,
    /// What was found.
    pub found: Vec<Found>,
}

/// The address to ask for a link as it is written: whole, and without what follows `#`.
pub(super) fn address(written: &str) -> String {
    let bare = written.split('#').next().unwrap_or(written);
    if bare.starts_with("//") { format!("https:{bare}") } else { bare.to_owned() }
}

/// Asks about every address of `outside`, at `now` (seconds since 1970); the cache lies below `root`.
///
/// # Errors
/// This computer seems to have no network, in a plain word.
pub fn check(
    outside: &BTreeMap<String, LinkOccurrence>,
    root: &Path,
    now: i64,
    pace: &Pace,
) -> Result<Asked, String> {
    let mut cache = cache::Cache::read(root, now);
    let (known, unknown): (Vec<&str>, Vec<&str>) =
        outside.keys().map(String::as_str).partition(|address| cache.get(address).is_some());
    let mut verdicts: BTreeMap<&str, Verdict> =
        known.iter().filter_map(|address| Some((*address, cache.get(address)?.clone()))).collect();
    let asked = ask_all(&unknown, pace);
    let hosts = unknown.iter().filter_map(|address| links::host(address));
    let hosts: std::collections::BTreeSet<&str> = hosts.collect();
    // One host that is not found is most likely gone; if it is every one of several, it is us.
    if hosts.len() > 1 && asked.iter().all(|(_, verdict)| *verdict == Verdict::Unknown) {
        return Err(format!(
            "links to other sites could not be checked: not one of {} sites was found; is this \
             computer connected?",
            hosts.len()
        ));
    }
    for (address, verdict) in &asked {
        cache.put(address, verdict);
    }
    // A cache that cannot be written only costs time the next time.
    let _ = cache.write(root);
    verdicts.extend(asked);
    let found = verdicts.into_iter().filter_map(|(address, verdict)| {
        let mention = outside.get(address)?;
        let diagnostic = told(address, &verdict, mention)?;
        Some(Found { rule: RULE, pages: mention.pages.clone(), diagnostic })
    });
    Ok(Asked { addresses: outside.len(), cached: known.len(), found: found.collect() })
}

/// Asks about addresses: those of one host one after another, several hosts at a time.
fn ask_all<'a>(addresses: &[&'a str], pace: &Pace) -> Vec<(&'a str, Verdict)> {
    let mut by_host: BTreeMap<&str, Vec<&'a str>> = BTreeMap::new();
    for address in addresses {
        by_host.entry(links::host(address).unwrap_or_default()).or_default().push(address);
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

/// What a verdict is to an editor; nothing where all is well.
fn told(address: &str, verdict: &Verdict, mention: &LinkOccurrence) -> Option<Diagnostic> {
    let host = links::host(address).unwrap_or(address);
    let (is_error, message, help) = match verdict {
        Verdict::Fine => return None,
        Verdict::Moved(to) => (
            false,
            "the page that this links to has moved for good".to_owned(),
            format!("write `{to}`"),
        ),
        Verdict::Gone(status) => (
            true,
            format!("the page that this links to is not there ({status})"),
            "look for its new address, or take the link out".to_owned(),
        ),
        Verdict::Walled(status) => (
            false,
            format!("{host} lets no programs in ({status}), so this link could not be checked"),
            "open it in a browser and look".to_owned(),
        ),
        Verdict::Failing(status) => (
            false,
            format!("{host} has trouble of its own ({status})"),
            "check again later".to_owned(),
        ),
        Verdict::Busy => {
            (false, format!("{host} asks to be asked later"), "check again later".to_owned())
        }
        Verdict::Astray => (
            true,
            "this link is sent on without end, or to what is no address".to_owned(),
            "look for its new address, or take the link out".to_owned(),
        ),
        Verdict::Unknown => (
            true,
            format!("there is no site `{host}`"),
            "check how it is written, and that this computer is connected".to_owned(),
        ),
        Verdict::Silent(why) => (
            true,
            format!("nothing answers at {host}: {why}"),
            "look for its new address, or take the link out".to_owned(),
        ),
        Verdict::Slow => {
            (false, format!("{host} did not answer in time"), "check again later".to_owned())
        }
        Verdict::Insecure(why) => (
            false,
            format!("no safe connection to {host} could be made: {why}"),
            "open it in a browser: if that warns too, take the link out".to_owned(),
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
