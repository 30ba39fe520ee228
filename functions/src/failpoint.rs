//! Points at which tests end the process, as if it were killed there. Reads an environment variable.
//!
//! Without the cargo feature `failpoints`, which no release has, a point does nothing.

/// Passes a point. With the feature, the process ends here if `DAISYCHAIN_FAILPOINT` is `prefix:number`, and this is the
/// point of that number among the points passed whose names begin with the prefix. Its name is then the last line of
/// standard error.
#[inline]
pub fn pass(name: &'static str) {
    #[cfg(feature = "failpoints")]
    enabled::pass(name);
    #[cfg(not(feature = "failpoints"))]
    let _ = name;
}

#[cfg(feature = "failpoints")]
mod enabled {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static CHOSEN: LazyLock<Option<(String, usize)>> = LazyLock::new(|| {
        let chosen = std::env::var("DAISYCHAIN_FAILPOINT").ok()?;
        let (prefix, number) = chosen.rsplit_once(':')?;
        Some((prefix.to_owned(), number.parse().ok()?))
    });
    static PASSED: AtomicUsize = AtomicUsize::new(0);

    pub(super) fn pass(name: &str) {
        let Some((prefix, number)) = &*CHOSEN else { return };
        if name.starts_with(prefix) && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *number {
            eprintln!("{name}");
            // No destructors run, as with SIGKILL.
            std::process::abort();
        }
    }
}
