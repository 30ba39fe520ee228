//! How much work code does, and an end to work that hangs. Neither depends on how fast the machine is, or on what else it
//! does.

use std::io::Write as _;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Far longer than any machine needs for what a test does.
const HANGS: Duration = Duration::from_secs(15 * 60);

/// Runs `work`. If it hangs, says so and ends the test program, which nothing else would do.
pub fn watched<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (ended, wait) = channel::<()>();
    let words = format!("`{what}` has not ended after {HANGS:?}: it hangs\n");
    let watchdog = thread::spawn(move || {
        if wait.recv_timeout(HANGS) == Err(RecvTimeoutError::Timeout) {
            // `eprintln!` would be captured, and shown only when the test ends.
            let _ = std::io::stderr().write_all(words.as_bytes());
            std::process::abort();
        }
    });
    let done = work();
    drop(ended);
    let _ = watchdog.join();
    done
}

/// How long processors were busy with `work`, all of which is done on one thread.
fn processor_time(work: impl FnOnce() + Send) -> Duration {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
    };
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    one_thread.install(|| {
        let begun = now();
        work();
        now() - begun
    })
}

/// Less than this is not measured: it may be the first touch of memory, or a cache that was cold.
const UNMEASURABLE: Duration = Duration::from_millis(10);
/// How often work is measured again that seems to grow too fast. Other programs empty the processor's caches, so that the
/// least of several measurements is the truest.
const TRIES: usize = 5;

/// Asserts that the work for an input grows no faster than the input, give or take a factor of three: work that grows with
/// the square of the input is eight times too much if the large input is eight times as large. `small` and `large` do the
/// work for inputs of these sizes.
pub fn assert_grows_with_size(
    what: &str,
    (small_size, small): (usize, impl Fn() + Sync),
    (large_size, large): (usize, impl Fn() + Sync),
) {
    let times = large_size as f64 / small_size as f64;
    let (mut least_small, mut least_large) = (Duration::MAX, Duration::MAX);
    for _ in 0..TRIES {
        watched(what, || {
            least_small = least_small.min(processor_time(&small));
            least_large = least_large.min(processor_time(&large));
        });
        if least_large <= least_small.max(UNMEASURABLE).mul_f64(3.0 * times) {
            return;
        }
    }
    panic!(
        "{what}: {times:.1} times the input is {:.1} times the work ({least_small:?} and {least_large:?} of processor time)",
        least_large.as_secs_f64() / least_small.as_secs_f64()
    );
}
