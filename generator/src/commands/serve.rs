//! `daisy serve`: serves the site locally while it is edited, and prints a line for each event.

use std::process::{Command, Stdio};
use std::sync::Arc;

use super::Console;
use super::Error;
use crate::cli::Serve;
use crate::serve::{self, Request, ServeEvent, Shown};

/// The maximum number of changes listed before the rest are only counted.
const NAMED: usize = 3;

pub(super) fn run(console: &Console, arguments: &Serve) -> Result<(), Error> {
    let request = Request {
        root: console.root().to_owned(),
        host: arguments.host,
        port: arguments.port,
        team_port: arguments.team_port,
        drafts: !arguments.no_drafts,
    };
    let (console, open) = (console.clone(), arguments.open);
    let on_event = Arc::new(move |news| {
        if let (true, ServeEvent::Serving(address)) = (open, &news)
            && !open_browser(address)
        {
            console.say("could not open a browser; open the address yourself");
        }
        say(&console, news);
    });
    Ok(serve::serve(&request, on_event)?)
}

fn say(console: &Console, news: ServeEvent) {
    match news {
        ServeEvent::Serving(address) => {
            console.answer(&format!("Your site is at {address}"));
            console.say("Pages update when you save a file. To stop, press Ctrl+C.");
        }
        ServeEvent::ServingTeam(address) => {
            console.say(&format!("Replies to your forms are at {address}"));
        }
        ServeEvent::Exposed(address) => {
            let at = address.map_or(String::new(), |address| format!(" at {address}"));
            console.warning(&format!(
                "anyone on your network can see the site{at}, including drafts and unpublished \
                 pages, and can submit its forms, but cannot read the emails at /_daisy/outbox"
            ));
        }
        ServeEvent::PortTaken(port) => {
            console.say(&format!("port {port} is in use; using the next free one"));
        }
        ServeEvent::Changed { changes, took, fixed } => {
            let mut words = listed(&changes);
            if fixed {
                words.push_str(if words.is_empty() { "errors fixed" } else { "; errors fixed" });
            }
            console.say(&format!("{words} ({} ms)", took.as_millis()));
        }
        ServeEvent::Warnings(found) => console.diagnostics(&found),
        ServeEvent::Faults { found, shown } => {
            console.diagnostics(&found);
            match shown {
                Shown::Nothing => {}
                Shown::Rest => console.say("meanwhile, pages without errors are served"),
                Shown::Former => console.say(
                    "until this is fixed, the last version without errors \
                                            is served",
                ),
            }
        }
        ServeEvent::Trouble(message) => console.error(&message),
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
