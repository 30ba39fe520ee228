//! `daisy serve`: serves the site locally while it is edited, and prints a line for each event.

use std::process::{Command, Stdio};
use std::sync::Arc;

use super::Console;
use super::Error;
use crate::cli::Serve;
use crate::serve::{self, Request, ServeEvent, Shown};

/// The maximum number of changes listed before the rest are only counted.
const NAMED: usize = 3;

pub(super) fn run(voice: &Console, arguments: &Serve) -> Result<(), Error> {
    let request = Request {
        root: voice.root().to_owned(),
        host: arguments.host,
        port: arguments.port,
        drafts: !arguments.no_drafts,
    };
    let (voice, open) = (voice.clone(), arguments.open);
    let tell = Arc::new(move |news| {
        if let (true, ServeEvent::Serving(address)) = (open, &news)
            && !open_browser(address)
        {
            voice.say("could not open a browser; open the address yourself");
        }
        say(&voice, news);
    });
    Ok(serve::serve(&request, tell)?)
}

fn say(voice: &Console, news: ServeEvent) {
    match news {
        ServeEvent::Serving(address) => {
            voice.answer(&format!("Your site is at {address}"));
            voice.say("Pages update when you save a file. To stop, press Ctrl+C.");
        }
        ServeEvent::Exposed(address) => {
            let at = address.map_or(String::new(), |address| format!(" at {address}"));
            voice.warning(&format!(
                "anyone on your network can see the site{at}, including drafts and unpublished \
                 pages, and can submit its forms, but cannot read the emails at /_daisy/outbox"
            ));
        }
        ServeEvent::PortTaken(port) => {
            voice.say(&format!("port {port} is in use; using the next free one"));
        }
        ServeEvent::Changed { changes, took, mended } => {
            let mut words = listed(&changes);
            if mended {
                words.push_str(if words.is_empty() { "errors fixed" } else { "; errors fixed" });
            }
            voice.say(&format!("{words} ({} ms)", took.as_millis()));
        }
        ServeEvent::Warnings(found) => voice.diagnostics(&found),
        ServeEvent::Faults { found, shown } => {
            voice.diagnostics(&found);
            match shown {
                Shown::Nothing => {}
                Shown::Rest => voice.say("meanwhile, pages without errors are served"),
                Shown::Former => voice.say(
                    "until this is fixed, the last version without errors \
                                            is served",
                ),
            }
        }
        ServeEvent::Trouble(message) => voice.error(&message),
    }
}

fn listed(changes: &[String]) -> String {
    let mut words = changes[..changes.len().min(NAMED)].join(", ");
    if changes.len() > NAMED {
        words.push_str(&format!(" and {} more", changes.len() - NAMED));
    }
    words
}

/// Opens the address in the system's default browser.
fn open_browser(address: &str) -> bool {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut command = Command::new(program);
    command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok()
}
