//! Renders in idle time what nobody has asked for, so that every error is told. Touches the disk
//! only where a body has to be read again.

use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use super::state::Served;
use crate::engine::{Output, Source};

/// How long nothing must have changed before it is idle time: what is in front of somebody goes
/// first.
const IDLE: Duration = Duration::from_millis(150);
/// How long we step aside for a page that somebody waits for.
const PAUSE: Duration = Duration::from_millis(5);

/// Renders the rest of every edition that it is woken for, until nobody is left to wake it.
pub(super) fn render_rest(served: &Served, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        while woken.recv_timeout(IDLE).is_ok() {}
        let edition = served.edition();
        let Some(snapshot) = &edition.snapshot else { continue };
        let is_rendered = |output: &&Output| {
            matches!(output.source, Source::Page(_) | Source::List(_) | Source::NotFound)
        };
        let is_done = snapshot.outputs.iter().filter(is_rendered).all(|output| {
            while served.is_busy() {
                thread::sleep(PAUSE);
            }
            let is_served = served.edition().number == edition.number;
            if is_served {
                served.check(&edition, snapshot, output);
            }
            is_served
        });
        // Whoever saves once more is not to wait for it.
        if is_done {
            served.tidy(snapshot);
        }
    }
}
