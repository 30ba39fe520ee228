//! Serves the team's pages: the replies to the forms, at a port of their own, so that no page of the site can read
//! them. Performs network I/O.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use daisychain_functions::clock::Clock;
use daisychain_functions::secret_keys::SecretKeys;
use daisychain_functions::store::sqlite::Sqlite;
use daisychain_functions::team::TeamPages;
use tokio::time::timeout;

use super::connection::Answer;

/// More than any form on the pages sends.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The team's pages at one address.
#[derive(Clone)]
pub(super) struct Team {
    pages: Arc<TeamPages<Sqlite>>,
    /// The origins at which a browser on this computer reaches them.
    origins: Arc<[String]>,
    body_limit: Duration,
}

impl Team {
    /// The pages over a store with its keys. They are served at `address`, a loopback address.
    pub(super) fn new(
        (store, keys): (Sqlite, SecretKeys),
        title: &str,
        address: SocketAddr,
        body_limit: Duration,
    ) -> Team {
        let pages = TeamPages::new(store, Some(keys), Clock::system(), title);
        let origins = [format!("http://{address}"), format!("http://localhost:{}", address.port())];
        Team { pages: Arc::new(pages), origins: Arc::new(origins), body_limit }
    }
}

impl Answer for Team {
    async fn answer(&self, _peer: IpAddr, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let bytes = match timeout(self.body_limit, to_bytes(body, MAX_BODY_BYTES)).await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(_)) => {
                let words = "This request is too large.\n";
                return (StatusCode::PAYLOAD_TOO_LARGE, words).into_response();
            }
            Err(_) => {
                let words = "This request took too long. Go back, and send it again.\n";
                return (StatusCode::REQUEST_TIMEOUT, words).into_response();
            }
        };
        let request = Request::from_parts(parts, bytes);
        self.pages.handle(request, &self.origins).await.map(Body::from)
    }
}
