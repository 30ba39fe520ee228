//! Measures the work of code, and ends work that hangs. Neither depends on the speed of the machine or
//! on other processes.

use std::io::Write as _;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Far longer than any test needs on any machine.
const HANGS: Duration = Duration::from_secs(15 * 60);

/// Runs `work`. If it hangs, prints a message and ends the test process, which nothing else would do.
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

/// The processor time of `work`, which runs on one thread.
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

/// Shorter times are not compared: they may be page faults or a cold cache.
const UNMEASURABLE: Duration = Duration::from_millis(10);
/// The number of further measurements if work seems to grow too fast. Other programs evict the
/// processor's caches, so the minimum of several measurements is the most accurate.
const TRIES: usize = 5;

/// Asserts that the work for an input grows linearly within a factor of three: quadratic work is eight
/// times too much if the large input is eight times as large. `small` and `large` do the work for inputs
/// of these sizes.
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
