//! Catches panics of futures.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::task::Poll;

/// The future's output; `None` if it panicked.
pub(crate) async fn catch_unwind<F: Future>(future: F) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    // No state that a panic could leave inconsistent is used afterwards: the store's transactions roll back, and
    // definitions are replaced as a whole.
    std::future::poll_fn(|context| {
        match std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Ready(value)) => Poll::Ready(Some(value)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}
