//! Runs `daisy serve` as a process, with a minimal HTTP client.

#![allow(dead_code, unreachable_pub, reason = "not every test uses every helper")]

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::Site;

/// A timeout for a test that would hang, not a measure of speed.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub struct Server {
    child: Child,
    /// What it has printed to standard output, and to standard error: lines of one never interrupt the other.
    said: [Arc<Mutex<String>>; 2],
    pub port: u16,
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// A small site of two pages and two files.
pub fn site() -> Site {
    let site = Site::new();
    site.write("content/about.md", "---\ntitle: About\n---\nWho we are.\n");
    site.write("content/help.md", "---\ntitle: Help\n---\nHow we help.\n");
    site.write("content/leaflet.pdf", "%PDF-1.7");
    site.write("themes/daisy/static/icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    site
}

/// Waits until `look` returns a value.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

impl Server {
    /// Starts `daisy serve` for the site in `root`, and waits until it prints its address.
    pub fn start(root: &Path, arguments: &[&str]) -> Server {
        Server::start_with(root, arguments, &[])
    }

    /// The same, with environment variables.
    pub fn start_with(root: &Path, arguments: &[&str], settings: &[(&str, &OsStr)]) -> Server {
        let mut server = Server::spawn(root, arguments, settings);
        server.port = until("the address", || {
            let said = server.said();
            assert!(!said.contains("cannot serve"), "{said}");
            let (_, rest) = said.split_once("http://127.0.0.1:")?;
            rest.split_once('/')?.0.parse().ok()
        });
        server
    }

    pub fn spawn(root: &Path, arguments: &[&str], settings: &[(&str, &OsStr)]) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_daisy"))
            .arg("serve")
            .arg("--root")
            .arg(root)
            .args(if arguments.contains(&"--port") { &[][..] } else { &["--port", "0"] })
            .args(arguments)
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = [(); 2].map(|()| Arc::new(Mutex::new(String::new())));
        let out: Box<dyn Read + Send> = Box::new(child.stdout.take().unwrap());
        let err: Box<dyn Read + Send> = Box::new(child.stderr.take().unwrap());
        for (stream, said) in [out, err].into_iter().zip(&said) {
            let said = Arc::clone(said);
            thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let mut said = said.lock().unwrap();
                    said.push_str(&line);
                    said.push('\n');
                }
            });
        }
        Server { child, said, port: 0 }
    }

    /// Everything it has printed: standard output, then standard error.
    pub fn said(&self) -> String {
        self.said.each_ref().map(|said| said.lock().unwrap().clone()).concat()
    }

    pub fn wait_until_said(&self, words: &str) {
        until(words, || self.said().contains(words).then_some(()));
    }

    /// Sends `text` unchanged, and returns the response.
    pub fn send(&self, text: &str) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub fn ask(&self, method: &str, path: &str) -> Answer {
        self.send(&format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        ))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path)
    }

    pub fn post(&self, path: &str, body: &str) -> Answer {
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Requests a page until `right` accepts it.
    pub fn wait_for(&self, path: &str, right: impl Fn(&Answer) -> bool) -> Answer {
        until(path, || Some(self.get(path)).filter(&right))
    }

    /// The event stream that a browser with this page opens.
    pub fn events(&self, path: &str) -> Events {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!("GET /_daisy/events?page={path} HTTP/1.1\r\nHost: localhost:1\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        Events { lines: BufReader::new(stream), states: Vec::new() }
    }

    /// Sends a signal, and waits for the exit.
    pub fn terminate(&mut self, signal: &str) -> ExitStatus {
        self.signal(signal);
        self.wait()
    }

    /// Sends a signal without waiting.
    pub fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Waits for the exit.
    pub fn wait(&mut self) -> ExitStatus {
        until("the end", || self.child.try_wait().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("daisy said:\n{}", self.said());
        }
    }
}

/// A stream of states.
pub struct Events {
    lines: BufReader<TcpStream>,
    /// Every state so far.
    states: Vec<serde_json::Value>,
}

impl Events {
    /// The next state.
    pub fn next(&mut self) -> &serde_json::Value {
        self.next_since(Instant::now())
    }

    /// The next state, within the limit from `begun` on.
    fn next_since(&mut self, begun: Instant) -> &serde_json::Value {
        loop {
            // The server sends keep-alive messages, so reading a line ends.
            assert!(begun.elapsed() < PATIENCE, "waited in vain for a state; {:#?}", self.states);
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "the stream has ended");
            if let Some(data) = line.strip_prefix("data: ") {
                self.states.push(serde_json::from_str(data).unwrap());
                return &self.states[self.states.len() - 1];
            }
        }
    }

    /// The rest of the stream after the server has exited.
    pub fn rest(mut self) -> String {
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).unwrap();
        rest
    }

    /// The next state that `right` accepts.
    pub fn until(&mut self, right: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        let begun = Instant::now();
        loop {
            let state = self.next_since(begun);
            if right(state) {
                return state.clone();
            }
        }
    }
}
