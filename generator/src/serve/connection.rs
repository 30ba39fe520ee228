//! Accepts connections, and closes those that do not send a complete request in time. Performs
//! network I/O.

use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::http;
use super::state::Served;

/// Timeouts for receiving a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// From the start of the connection or the end of the previous request to the end of the head.
    pub(super) head: Duration,
    /// From the end of the head to the end of the body, which is at most 1 MiB.
    pub(super) body: Duration,
}

impl Limits {
    /// Enough for a phone with a poor connection.
    pub(super) const USUAL: Limits =
        Limits { head: Duration::from_secs(30), body: Duration::from_secs(60) };
}

/// Answers requests.
pub(super) trait Answer: Clone + Send + Sync + 'static {
    /// Answers a request from `peer`.
    fn answer(&self, peer: IpAddr, request: Request) -> impl Future<Output = Response> + Send;
}

impl Answer for Arc<Served> {
    async fn answer(&self, peer: IpAddr, request: Request) -> Response {
        http::answer(Arc::clone(self), peer, request).await
    }
}

/// Answers requests until shutdown, then only those that are active.
pub(super) async fn answer_all(mut listener: TcpListener, served: Arc<Served>, pages: impl Answer) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, peer): (TcpStream, SocketAddr) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = served.ended() => break,
        };
        while connections.try_join_next().is_some() {}
        // Otherwise an event may wait for the acknowledgement of the last packet.
        let _ = stream.set_nodelay(true);
        connections.spawn(answer(stream, peer.ip(), Arc::clone(&served), pages.clone()));
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Answers the requests of one connection.
async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: IpAddr,
    served: Arc<Served>,
    pages: impl Answer,
) {
    let answer = |request: hyper::Request<Incoming>| {
        let pages = pages.clone();
        async move { Ok::<_, Infallible>(pages.answer(peer, request.map(Body::new)).await) }
    };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(served.limits.head);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service_fn(answer)));
    // Errors of a connection, such as a reset, do not affect others.
    tokio::select! {
        _ = &mut connection => return,
        () = served.ended() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
    use tokio::time::{Instant, sleep, timeout};

    const HEAD: Duration = Limits::USUAL.head;
    const BODY: Duration = Limits::USUAL.body;
    /// Longer than any connection may stay open.
    const PATIENCE: Duration = Duration::from_secs(3_600);
    const POST: &str = "POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\n";

    /// A connection to a server without a site. It is in memory, so that the paused clock advances
    /// only while both ends wait.
    fn connect() -> DuplexStream {
        let (client, server) = tokio::io::duplex(64 * 1024);
        let served = Served::new(std::env::temp_dir(), Arc::new(|_| ()), false);
        let served = Arc::new(served);
        let pages = Arc::clone(&served);
        tokio::spawn(answer(server, Ipv4Addr::LOCALHOST.into(), served, pages));
        client
    }

    /// Returns what is received before the connection is closed.
    async fn until_closed(client: &mut DuplexStream) -> String {
        let mut answer = Vec::new();
        let closed = timeout(PATIENCE, client.read_to_end(&mut answer)).await;
        assert!(closed.is_ok(), "the connection stays open");
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn an_incomplete_request_is_closed() {
        let late = "HTTP/1.1 408 ";
        let none = "HTTP/1.1 500 ";
        for (request, answer, limit) in [
            (String::new(), "", HEAD),
            ("G".to_owned(), "", HEAD),
            ("GET /".to_owned(), "", HEAD),
            ("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n".to_owned(), "", HEAD),
            (format!("{POST}Content-Length: 9\r\n\r\n"), late, BODY),
            (format!("{POST}Content-Length: 9\r\n\r\nname=A"), late, BODY),
            (format!("{POST}Transfer-Encoding: chunked\r\n\r\n4\r\nna"), late, BODY),
            // One complete request, and half of the next, or nothing.
            ("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /".to_owned(), none, HEAD),
            ("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".to_owned(), none, HEAD),
        ] {
            let begun = Instant::now();
            let mut client = connect();
            client.write_all(request.as_bytes()).await.unwrap();
            let said = until_closed(&mut client).await;
            let took = begun.elapsed();
            assert!(said.starts_with(answer), "{request:?}: {said}");
            let words = "This request took too long. Go back, and send it again.\n";
            assert_eq!(said.ends_with(words), answer == late, "{request:?}: {said}");
            assert_eq!(took.as_secs(), limit.as_secs(), "{request:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_sent_byte_by_byte_is_closed() {
        for (head, limit) in
            [(String::new(), HEAD), (format!("{POST}Content-Length: 1000000\r\n\r\n"), BODY)]
        {
            let begun = Instant::now();
            let mut client = connect();
            client.write_all(head.as_bytes()).await.unwrap();
            // Each byte arrives in time, but the whole request does not.
            while client.write_all(b"a").await.is_ok() {
                assert!(begun.elapsed() < PATIENCE, "{head:?}: the connection stays open");
                sleep(limit / 4).await;
            }
            assert!((limit..limit * 2).contains(&begun.elapsed()), "{head:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_sent_in_pieces_in_time_is_answered() {
        let mut client = connect();
        let pieces = ["GET / HT", "TP/1.1\r\nHost: 127.0.0.1\r\n", "Connection: close\r\n", "\r\n"];
        for piece in pieces {
            client.write_all(piece.as_bytes()).await.unwrap();
            sleep(HEAD / 5).await;
        }
        assert!(until_closed(&mut client).await.starts_with("HTTP/1.1 500 "));
    }
}
