//! A small emulator of the Lambda runtime API: one function as a real process, events in,
//! responses out.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a function may take to handle one event.
const PATIENCE: Duration = Duration::from_secs(300);

/// A running function.
pub(crate) struct Runtime {
    process: Child,
    events: Sender<String>,
    answers: Receiver<Result<Value, String>>,
}

/// The emulator's ends of the two channels.
struct Ends {
    events: Mutex<Receiver<String>>,
    answers: Sender<Result<Value, String>>,
}

impl Runtime {
    /// Starts a function's binary with these environment variables added to the test's own.
    pub(crate) fn start(binary: &str, variables: &[(&str, &str)]) -> Runtime {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (events, taken) = channel();
        let (given, answers) = channel();
        let ends = Arc::new(Ends { events: Mutex::new(taken), answers: given });
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let ends = ends.clone();
                // The function closes its connections when it ends.
                std::thread::spawn(move || stream.map(|stream| serve(stream, &ends)));
            }
        });
        let process = Command::new(binary)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "test")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .envs(variables.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Runtime { process, events, answers }
    }

    /// Sends one event to the function, and waits for its response.
    pub(crate) fn invoke(&self, event: &str) -> Value {
        self.events.send(event.to_owned()).unwrap();
        self.answers.recv_timeout(PATIENCE).unwrap().unwrap()
    }

    /// Like `invoke`, for an event that the function may fail to handle.
    pub(crate) fn try_invoke(&self, event: &str) -> Result<Value, String> {
        self.events.send(event.to_owned()).unwrap();
        self.answers.recv_timeout(PATIENCE).map_err(|_| "no answer".to_owned())?
    }

    /// Ends the function and returns what it wrote to its log.
    pub(crate) fn log(mut self) -> String {
        let _ = self.process.kill();
        let mut log = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Answers the requests on one connection until it ends.
fn serve(stream: TcpStream, ends: &Ends) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    loop {
        let (path, body) = request(&mut reader)?;
        let (head, body) = if path.ends_with("/invocation/next") {
            let event = ends.events.lock().ok()?.recv().ok()?;
            let head = "200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\n\
                        Lambda-Runtime-Deadline-Ms: 4102444800000\r\n\
                        Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-2:1:function:f";
            (head, event)
        } else {
            let answer = match path.ends_with("/response") {
                true => serde_json::from_slice(&body).map_err(|error| error.to_string()),
                false => Err(String::from_utf8_lossy(&body).into_owned()),
            };
            ends.answers.send(answer).ok()?;
            ("202 Accepted", String::new())
        };
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {head}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n\
             {body}"
        );
        // In one write: after a partial write, the next would wait until the other side acknowledges the
        // first.
        writer.write_all(answer.as_bytes()).ok()?;
    }
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let (mut length, mut chunked) = (0, false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim().to_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        chunked |= header == "transfer-encoding: chunked";
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    while chunked {
        let mut size = String::new();
        reader.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).ok()?;
        body.extend_from_slice(&chunk[..size]);
        chunked = size > 0;
    }
    Some((path, body))
}
