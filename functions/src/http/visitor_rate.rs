//! Limits how many forms one visitor's network sends. Counts in the store, under a keyed hash of the address that changes
//! daily.

use super::Visitor;
use crate::clock::{DAY, HOUR};
use crate::deadline::Deadline;
use crate::log;
use crate::rate_limiter::RateLimiter;
use crate::service::Service;
use crate::store::Store;
use bytes::Bytes;
use http::Request;
use std::net::IpAddr;

/// How many forms one network sends in an hour before its mails have low priority.
const MAX_NORMAL_PRIORITY: u64 = 3;
/// How many times the limit at which replies are held is the limit at which they are rejected.
const REJECT_FACTOR: u64 = 10;

/// What the number of a visitor's forms in this hour means for this one.
pub(super) enum RateDecision {
    Accept,
    /// Its mails are sent after those of others.
    LowPriority,
    /// A person looks at it first.
    Hold,
    Reject,
}

impl<S: Store, M: Sync> Service<S, M> {
    /// Counts a form that a visitor sent.
    pub(super) async fn visitor_rate(
        &self,
        request: &Request<Bytes>,
        deadline: &Deadline,
    ) -> RateDecision {
        let Some(Visitor(address)) = request.extensions().get::<Visitor>() else {
            return RateDecision::Accept;
        };
        let now = self.clock.now();
        let visitor = self.keys.visitor(now / DAY, &network(*address));
        let limiter = RateLimiter {
            name: format!("visitor#{visitor}"),
            window: HOUR,
            retention: 2 * HOUR,
            shards: 1,
        };
        let limit = self.settings.visitor_limit;
        match deadline.call_optional(limiter.count(&self.store, now)).await {
            Ok(count) if count > limit.saturating_mul(REJECT_FACTOR) => RateDecision::Reject,
            Ok(count) if count > limit => RateDecision::Hold,
            Ok(count) if count > MAX_NORMAL_PRIORITY => RateDecision::LowPriority,
            Ok(_) => RateDecision::Accept,
            // A counter that fails is no reason to lose a reply.
            Err(error) => {
                log::event("count_failed", &[("error", &error.to_string())]);
                RateDecision::Accept
            }
        }
    }
}

/// The network of an address. The IPv6 addresses of one household or company share their first 64 bits.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}
