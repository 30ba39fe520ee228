//! Turns a panic of a future into a value.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::task::Poll;

/// Runs a future to its end; `None` if it panicked.
pub(crate) async fn catch_unwind<F: Future>(future: F) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    // Nothing that a panic could leave half done is used afterwards: the store's transactions
    // roll back, and the definitions are replaced whole.
    std::future::poll_fn(|context| {
        match std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Ready(value)) => Poll::Ready(Some(value)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}
