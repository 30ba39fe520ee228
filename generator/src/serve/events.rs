//! Notifies a browser when what it shows changes, by a stream of server-sent events (HTML Living
//! Standard, 9.2).
//!
//! An event is the whole state of one page, never a difference: a browser that missed some or was
//! disconnected is up to date after the next one.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::generation::{Generation, Problems};
use super::newsletters;
use super::state::{Found, Served};
use crate::site::{Asset, Site};

/// The digest of a page that does not exist.
pub(super) const NO_PAGE: &str = "none";

/// How long a browser waits before it reconnects.
const RETRY: Duration = Duration::from_millis(300);

/// What a browser should show.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct State {
    /// The digest of the page.
    page: String,
    /// The style sheets.
    styles: Vec<Style>,
    /// The errors above the page.
    errors: String,
    /// The warnings above it.
    warnings: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Style {
    url: String,
    integrity: String,
}

struct Listener {
    served: Arc<Served>,
    path: String,
    changes: watch::Receiver<u64>,
    sent: Option<State>,
}

/// Returns the event stream for the page at the decoded path `path`.
pub(super) fn stream(served: Arc<Served>, path: String) -> Response {
    let changes = served.changes();
    let listener = Listener { served, path, changes, sent: None };
    let events = stream::unfold(listener, |mut listener| async {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

impl Listener {
    /// Returns the next state that differs from the last one sent; `None` when the server shuts
    /// down.
    async fn next(&mut self) -> Option<Event> {
        loop {
            self.changes.mark_unchanged();
            let (served, path) = (Arc::clone(&self.served), self.path.clone());
            let state = spawn_blocking(move || state(&served, &served.generation(), &path)).await;
            if let Ok(Some(state)) = state
                && self.sent.as_ref() != Some(&state)
            {
                let data = serde_json::to_string(&state).ok()?;
                self.sent = Some(state);
                return Some(Event::default().event("state").retry(RETRY).data(data));
            }
            tokio::select! {
                changed = self.changes.changed() => changed.ok()?,
                () = self.served.ended() => return None,
            }
        }
    }
}

/// Returns the state of a page; `None` if another generation is about to follow.
fn state(served: &Served, generation: &Generation, path: &str) -> Option<State> {
    let found = served.find(generation, path);
    let page = match &found {
        Found::Stale => return None,
        _ if path.starts_with("_daisy/newsletters/") => newsletters::digest(generation),
        Found::Page { page, .. } => page.digest.hex(),
        _ => NO_PAGE.to_owned(),
    };
    let Problems { errors, warnings } = Served::problems(generation, &found);
    let styles =
        generation.snapshot.as_ref().map_or_else(Vec::new, |snapshot| styles(snapshot.site()));
    Some(State { page, styles, errors, warnings })
}

/// Returns the style sheets, by the URL that pages use.
fn styles(site: &Site) -> Vec<Style> {
    let styles = site.assets.iter().filter(|(name, _)| name.starts_with("styles/"));
    let style = |(_, asset): (&String, &Asset)| Style {
        url: site.base_url.href(&asset.url).into_owned(),
        integrity: asset.integrity.clone().unwrap_or_default(),
    };
    styles.map(style).collect()
}
