//! Publishes a built site to its S3 bucket behind CloudFront, and its forms to their table. Uses the
//! network.
//!
//! ```text
//! dist/ ──────┐
//! the bucket ─┼─plan─▶ summary ─confirm─▶ apply: assets ▶ forms ▶ pages ▶ lists ▶ removals
//! releases ───┘
//! ```
//!
//! The middle does no I/O: [`release`] is the bucket's record of a publish, [`plan`] computes the steps
//! of a publish, and [`rollback`] computes how much of the previous release can be restored. [`bucket`]
//! and [`lock`] (S3), [`stack`] (CloudFormation and CloudFront) and [`apply`], which carries out the
//! plan in order, use the network. Each run lists what the bucket holds, so an interrupted run leaves no
//! state that the next one depends on.

pub mod apply;
pub mod bucket;
mod error;
pub mod links;
pub mod lock;
pub mod plan;
pub mod release;
pub mod rollback;
pub mod served;
pub mod stack;
#[cfg(test)]
mod test_support;

pub use error::{AwsError, Error};

/// How long (in seconds) a fingerprinted file is kept after the last release that used it: old pages are
/// still open in browsers and cached by search engines.
pub const RESTS: i64 = 90 * 24 * 60 * 60;

/// The number of releases that can be restored.
pub const REMEMBERED: usize = 10;

/// How long CloudFront may keep a page without revalidating it: the upper bound for stale pages.
pub const EDGE_TTL_SECONDS: u64 = 60;

/// The `Cache-Control` of a published file: a fingerprinted file is immutable; a browser revalidates any
/// other file each time, and CloudFront once a minute ([`EDGE_TTL_SECONDS`]).
pub fn cache_control(is_fingerprinted: bool) -> String {
    if is_fingerprinted {
        return crate::site::cache_control(true).to_owned();
    }
    format!("public, max-age=0, s-maxage={EDGE_TTL_SECONDS}, must-revalidate")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_revalidated_and_fingerprinted_files_are_immutable() {
        assert_eq!(cache_control(false), "public, max-age=0, s-maxage=60, must-revalidate");
        let kept = cache_control(true);
        assert_eq!(kept, "public, max-age=31536000, immutable");
    }
}
