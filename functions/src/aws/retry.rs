//! Repeats AWS calls after transient errors, with growing random waits and one time limit for all attempts.

use super::answer::{Answer, CallError};
use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// The attempts at one call.
const MAX_ATTEMPTS: u32 = 4;
/// The longest wait after the first attempt; it doubles after each.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// Makes a call until its answer is final, at most `MAX_ATTEMPTS` times and within `limit`. One attempt takes at
/// most a third of `limit`, so that one that hangs leaves time for another. `random` returns numbers from 0 to 1:
/// each wait is a random part of the longest one, so that functions that failed together do not retry together
/// ("full jitter",
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
pub(super) async fn with_retries<F>(
    limit: Duration,
    mut random: impl FnMut() -> f64,
    mut attempt: impl FnMut() -> F,
) -> Result<Answer, CallError>
where
    F: Future<Output = Result<Answer, CallError>>,
{
    let end = Instant::now() + limit;
    for number in 0.. {
        let until = end.min(Instant::now() + limit / 3);
        let answer = timeout_at(until, attempt()).await.unwrap_or(Err(CallError::Timeout));
        let wait = (FIRST_WAIT * 2_u32.pow(number)).mul_f64(random());
        if !is_transient(&answer) || number + 1 == MAX_ATTEMPTS || Instant::now() + wait >= end {
            return answer;
        }
        sleep(wait).await;
    }
    unreachable!("the last attempt returns")
}

/// Whether the same call may succeed a moment later: AWS was throttling, failing or unreachable. Invalid and denied
/// calls stay so.
fn is_transient(answer: &Result<Answer, CallError>) -> bool {
    match answer {
        Ok(answer) if answer.is_success() => false,
        Ok(answer) => {
            let code = answer.error_code().unwrap_or_default();
            let is_known = |codes: &[&str]| codes.contains(&code.as_str());
            answer.status >= 500
                || answer.status == 429
                || is_known(THROTTLING_ERRORS)
                || is_known(TRANSIENT_ERRORS)
        }
        Err(CallError::NoConnection | CallError::BrokenOff | CallError::Timeout) => true,
        Err(CallError::CredentialsTimeout) => true,
        Err(CallError::Unmade(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use std::future::{pending, ready};

    const LIMIT: Duration = Duration::from_secs(3);

    fn answered(status: u16, body: &str) -> Result<Answer, CallError> {
        Ok(Answer { status, body: body.as_bytes().to_vec() })
    }

    fn json(status: u16, code: &str) -> Result<Answer, CallError> {
        answered(status, &format!("{{\"__type\":\"{code}\",\"message\":\"asked for\"}}"))
    }

    /// Every failure that may pass.
    fn transient() -> Vec<Result<Answer, CallError>> {
        vec![
            Err(CallError::NoConnection),
            Err(CallError::BrokenOff),
            Err(CallError::Timeout),
            Err(CallError::CredentialsTimeout),
            answered(500, ""),
            answered(503, "<html>unavailable</html>"),
            answered(429, ""),
            json(400, "ThrottlingException"),
            json(400, "com.amazonaws.ssm#ThrottlingException"),
            json(400, "RequestLimitExceeded"),
            json(500, "InternalServerError"),
            answered(400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"),
        ]
    }

    /// Every failure that stays.
    fn permanent() -> Vec<Result<Answer, CallError>> {
        vec![
            Err(CallError::Unmade("no credentials are set")),
            answered(400, ""),
            json(400, "AccessDeniedException"),
            json(400, "ParameterNotFound"),
            json(400, "ExpiredTokenException"),
            json(400, "UnrecognizedClientException"),
            json(400, "ValidationException"),
            answered(
                403,
                "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>",
            ),
        ]
    }

    /// Plays one answer after the other, the last for ever; gives the answer, and when each attempt began.
    async fn play(
        answers: Vec<Result<Answer, CallError>>,
        random: f64,
    ) -> (Result<Answer, CallError>, Vec<Duration>) {
        let (begun, from) = (RefCell::new(Vec::new()), Instant::now());
        let answer = with_retries(
            LIMIT,
            || random,
            || {
                let number = begun.borrow().len();
                begun.borrow_mut().push(from.elapsed());
                ready(answers[number.min(answers.len() - 1)].clone())
            },
        );
        (answer.await, begun.take())
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_tried_again_and_what_stays_is_not() {
        for failure in transient() {
            for failures in 1..4 {
                let mut answers = vec![failure.clone(); failures];
                answers.push(answered(200, "{}"));
                let (answer, begun) = play(answers, 1.0).await;
                assert_eq!(answer, answered(200, "{}"), "{failure:?}");
                assert_eq!(begun.len(), failures + 1, "{failure:?}");
            }
            let (answer, begun) = play(vec![failure.clone()], 1.0).await;
            assert_eq!((answer, begun.len()), (failure, 4));
        }
        for failure in permanent() {
            let (answer, begun) = play(vec![failure.clone(), answered(200, "{}")], 1.0).await;
            assert_eq!((answer, begun.len()), (failure, 1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn waits_double_and_are_a_random_part_of_that() {
        for (random, waits) in [(1.0, [200, 400, 800]), (0.5, [100, 200, 400]), (0.0, [0, 0, 0])] {
            let (_, begun) = play(vec![Err(CallError::NoConnection)], random).await;
            let passed = begun.windows(2).map(|pair| pair[1] - pair[0]);
            // A timer goes off at the next whole millisecond.
            let passed: Vec<u128> = passed.map(|wait| wait.as_millis()).collect();
            assert_eq!(passed.len(), waits.len());
            for (passed, wanted) in passed.iter().zip(waits) {
                assert!((wanted..=wanted + 1).contains(passed), "{random}: {passed} {wanted}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_in_time_however_long_an_attempt_takes() {
        for attempt in [0, 400, 900, 1_500, 60_000].map(Duration::from_millis) {
            let (from, attempts) = (Instant::now(), Cell::new(0));
            let answer = with_retries(
                LIMIT,
                || 1.0,
                || {
                    attempts.set(attempts.get() + 1);
                    async move {
                        sleep(attempt).await;
                        answered(500, "")
                    }
                },
            );
            assert_ne!(answer.await, answered(200, ""));
            assert!(from.elapsed() <= LIMIT, "{attempt:?}: {:?}", from.elapsed());
            assert!((2..=4).contains(&attempts.get()), "{attempt:?}: {}", attempts.get());
        }
        let (from, hangs) = (Instant::now(), || pending::<Result<Answer, CallError>>());
        assert_eq!(with_retries(LIMIT, || 0.0, hangs).await, Err(CallError::Timeout));
        assert!(from.elapsed() <= LIMIT + Duration::from_millis(1));
    }
}
