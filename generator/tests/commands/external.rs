//! Tests of checking links to other sites, with a local server.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use daisychain::check::external::{Asked, LinkOccurrence, Offline, Pace, check};
use daisychain::diagnostic;

use super::support::Site;
use super::support::transcript::{Transcript, matches_kept};

const NOW: i64 = 1_590_000_000;

/// A site with various responses, under two names: 127.0.0.1 and localhost.
struct Outside {
    port: u16,
    log: Arc<Mutex<Log>>,
}

#[derive(Default)]
struct Log {
    /// Method, host and path of each request, in order.
    asked: Vec<String>,
    /// The number of open requests of each host.
    open: BTreeMap<String, usize>,
    /// Whether a host ever had two requests at the same time.
    crowded: bool,
}

impl Outside {
    fn start() -> Outside {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let log: Arc<Mutex<Log>> = Arc::default();
        let shared = Arc::clone(&log);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let log = Arc::clone(&shared);
                thread::spawn(move || answer(stream, &log));
            }
        });
        Outside { port, log }
    }

    fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port)
    }

    fn asked(&self) -> Vec<String> {
        self.log.lock().unwrap().asked.clone()
    }
}

fn answer(stream: TcpStream, log: &Mutex<Log>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    // A TLS handshake gets a response in plain text.
    if reader.fill_buf().is_ok_and(|start| start.first() == Some(&0x16)) {
        stream.write_all(b"HTTP/1.1 400 X\r\n\r\n").unwrap();
        let _ = std::io::copy(&mut reader, &mut std::io::sink());
        return;
    }
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        let (mut host, mut agent) = (String::new(), String::new());
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let lower = line.trim().to_lowercase();
            host = lower.strip_prefix("host: ").map_or(host, str::to_owned);
            agent = lower.strip_prefix("user-agent: ").map_or(agent, str::to_owned);
            if lower.is_empty() {
                break;
            }
        }
        assert!(agent.starts_with("daisychain/"), "{agent}");
        let mut words = first.split(' ');
        let (method, path) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
        let name = host.split(':').next().unwrap().to_owned();
        let before = {
            let mut log = log.lock().unwrap();
            let asked = format!("{method} {name}{path}");
            let before = log.asked.iter().filter(|each| **each == asked).count();
            log.asked.push(asked);
            let open = log.open.entry(host.clone()).or_default();
            *open += 1;
            log.crowded |= *open > 1;
            before
        };
        // Long enough that a concurrent request would be noticed.
        thread::sleep(Duration::from_millis(10));
        let (status, more) = match (path.as_str(), method.as_str()) {
            ("/fine" | "/other", _) => (200, String::new()),
            ("/no-head", "HEAD") => (405, String::new()),
            ("/no-head", _) => (200, String::new()),
            ("/moved", _) => (301, "Location: /fine\r\n".to_owned()),
            ("/elsewhere", _) => (302, "Location: /fine\r\n".to_owned()),
            ("/loop", _) => (302, "Location: /loop\r\n".to_owned()),
            ("/wall", _) => (403, String::new()),
            ("/busy", _) if before == 0 => (429, "Retry-After: 0\r\n".to_owned()),
            ("/busy", _) => (200, String::new()),
            ("/later", _) => (429, "Retry-After: 3600\r\n".to_owned()),
            ("/ill", _) => (500, String::new()),
            ("/silent", _) => {
                // No response until the client closes the connection.
                let _ = std::io::copy(&mut reader, &mut std::io::sink());
                return;
            }
            _ => (404, String::new()),
        };
        *log.lock().unwrap().open.get_mut(&host).unwrap() -= 1;
        if path == "/cut" {
            return;
        }
        let head = format!("HTTP/1.1 {status} X\r\n{more}Content-Length: 0\r\n\r\n");
        if stream.write_all(head.as_bytes()).is_err() {
            return;
        }
    }
}

fn pace() -> Pace {
    Pace {
        hosts: 8,
        pause: Duration::from_millis(1),
        patience: Duration::from_secs(300),
        tries: 2,
        again: Duration::from_millis(1),
        longest: Duration::from_secs(1),
    }
}

fn mention() -> LinkOccurrence {
    LinkOccurrence {
        path: "content/about.md".to_owned(),
        place: None,
        pages: vec!["/about/".to_owned(), "/help/".to_owned()],
    }
}

fn ask(site: &Site, addresses: &[String], now: i64) -> Result<Asked, Offline> {
    let outside = addresses.iter().map(|address| (address.clone(), mention())).collect();
    check(&outside, site.root(), now, &pace())
}

/// All findings as text.
fn told(asked: &Asked) -> String {
    let found: Vec<_> = asked.found.iter().map(|found| found.diagnostic.clone()).collect();
    diagnostic::write(&found, &|_| None, false)
}

/// Compares with an expected file. `PORT` replaces the port, which varies.
fn is_kept_as(name: &str, said: &str, port: u16) {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/transcripts/{name}.txt"));
    matches_kept(&kept, &said.replace(&port.to_string(), "PORT")).unwrap();
}

#[test]
fn requests_are_polite_and_results_are_cautious() {
    let site = Site::with_address();
    let outside = Outside::start();
    let paths = [
        "/fine",
        "/no-head",
        "/moved",
        "/elsewhere",
        "/loop",
        "/wall",
        "/busy",
        "/later",
        "/ill",
        "/gone",
        "/cut",
    ];
    let mut addresses: Vec<String> =
        paths.iter().map(|path| outside.url("127.0.0.1", path)).collect();
    addresses.push(outside.url("localhost", "/other"));
    // It is asked for a secure connection, and has none.
    addresses.push(outside.url("127.0.0.1", "/").replace("http:", "https:"));
    let asked = ask(&site, &addresses, NOW).unwrap();
    is_kept_as("check-external", &told(&asked), outside.port);
    let log = outside.asked();
    assert!(!outside.log.lock().unwrap().crowded, "{log:?}");
    assert!(
        log.contains(&"HEAD 127.0.0.1/fine".to_owned())
            && !log.contains(&"GET 127.0.0.1/fine".to_owned())
    );
    assert!(log.contains(&"GET 127.0.0.1/no-head".to_owned()));
    assert_eq!(log.iter().filter(|each| *each == "HEAD 127.0.0.1/later").count(), 1);
    assert_eq!(log.iter().filter(|each| *each == "HEAD 127.0.0.1/busy").count(), 2);
}

#[test]
fn good_results_are_cached_for_a_day() {
    let site = Site::with_address();
    let outside = Outside::start();
    let addresses = [outside.url("127.0.0.1", "/fine"), outside.url("127.0.0.1", "/gone")];
    ask(&site, &addresses, NOW).unwrap();
    let before = outside.asked().len();
    let again = ask(&site, &addresses, NOW + 3600).unwrap();
    assert_eq!((again.addresses, again.cached, again.found.len()), (2, 1, 1));
    assert!(outside.asked()[before..].iter().all(|each| each.ends_with("/gone")));
    let next_day = ask(&site, &addresses, NOW + 25 * 3600).unwrap();
    assert_eq!(next_day.cached, 0);
    // A corrupt cache counts as none.
    site.write(".daisy/links.json", "{");
    assert_eq!(ask(&site, &addresses, NOW).unwrap().cached, 0);
}

#[test]
fn an_unreachable_site_is_an_error() {
    let site = Site::with_address();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let asked = ask(&site, &[format!("http://127.0.0.1:{closed}/")], NOW).unwrap();
    is_kept_as("check-external-silent", &told(&asked), closed);
    // A name that does not resolve (RFC 6761).
    let asked = ask(&site, &["http://a.invalid/".to_owned()], NOW).unwrap();
    is_kept_as("check-external-unknown", &told(&asked), closed);
}

#[test]
fn a_slow_site_times_out() {
    let site = Site::with_address();
    let outside = Outside::start();
    let hurried = Pace { patience: Duration::from_millis(200), ..pace() };
    let slow = BTreeMap::from([(outside.url("127.0.0.1", "/silent"), mention())]);
    let asked = check(&slow, site.root(), NOW, &hurried).unwrap();
    is_kept_as("check-external-slow", &told(&asked), outside.port);
}

#[test]
fn the_command_reports_the_line_of_a_link() {
    let site = super::check::site();
    let outside = Outside::start();
    let page = |links: &str| format!("---\ntitle: About\n---\n\n{links}\n");
    let gone = outside.url("127.0.0.1", "/gone#part");
    let fine = outside.url("127.0.0.1", "/fine");
    let mut told = Transcript::new(site.root());
    site.write("content/about.md", &page(&format!("[a page]({gone})")));
    told.run(&["check", "--external"]);
    site.write("content/about.md", &page(&format!("[a page]({gone})\n[another]({fine})")));
    told.then("one more broken link").run(&["check", "--external", "--verbose"]);
    told.then("again at once").run(&["check", "--external", "--quiet"]);
    told.run(&["check", "--external"]);
    site.write("content/about.md", &page("[a](https://a.invalid/) [b](https://b.invalid/)"));
    told.then("no host name can be resolved").run(&["check", "--external"]);
    told.is_kept_as("check-external-command", &[(&outside.port.to_string(), "PORT")]);
}
