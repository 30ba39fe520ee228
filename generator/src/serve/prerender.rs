//! Renders pages that have not been requested in idle time, so that every error is reported. Reads
//! the disk only if a body must be parsed again.

use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use super::state::Served;

/// How long nothing must have changed before rendering begins: requested pages go first.
const IDLE: Duration = Duration::from_millis(150);
/// How long to pause for a page that is being requested.
const PAUSE: Duration = Duration::from_millis(5);

/// Renders the rest of every generation when woken, until the sender is dropped.
pub(super) fn render_rest(served: &Served, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        while woken.recv_timeout(IDLE).is_ok() {}
        let generation = served.generation();
        let Some(snapshot) = &generation.snapshot else { continue };
        let mut rendered = snapshot.outputs.iter().filter(|output| output.source.is_rendered());
        let is_done = rendered.all(|output| {
            while served.is_busy() {
                thread::sleep(PAUSE);
            }
            let is_served = served.generation().number == generation.number;
            if is_served {
                served.check(&generation, snapshot, output);
            }
            is_served
        });
        // Another save must not wait for it.
        if is_done {
            served.tidy(snapshot);
        }
    }
}
