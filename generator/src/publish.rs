//! Brings a built site to its bucket behind CloudFront, and its forms into their table. Uses the
//! network.
//!
//! ```text
//! dist/ ─wanted─┐
//! the bucket ───┼─plan─▶ account ─asked─▶ carry: assets ▶ forms ▶ pages ▶ lists ▶ removals
//! releases ─────┘
//! ```
//!
//! The middle is pure: [`release`] is what the bucket remembers of a publish, [`plan`] says what must
//! be done so that visitors see a site, [`back`] what the release before was as far as it may return.
//! At the edges stand [`bucket`] and [`lock`] (S3), [`stack`] (CloudFormation and CloudFront) and
//! [`carry`], which does what the plan says in its order. What the bucket holds is looked at each
//! time, so a run that was broken off leaves nothing that the next would have to be told.

pub mod apply;
pub mod bucket;
pub mod links;
pub mod lock;
pub mod plan;
pub mod release;
pub mod rollback;
pub mod served;
pub mod stack;
#[cfg(test)]
mod test_support;

/// How long a digested file stays after the last release that used it: old pages are open in browsers,
/// and kept by search engines.
pub const RESTS: i64 = 90 * 24 * 60 * 60;

/// How many releases can be returned to.
pub const REMEMBERED: usize = 10;

/// How long a page may be kept by CloudFront without asking. The end of every doubt about what is
/// cached there.
pub const EDGE_TTL_SECONDS: u64 = 60;

/// What `Cache-Control` says of a published file: one that is named by its digest is kept for good; a browser
/// asks for everything else each time, and CloudFront once a minute ([`EDGE_TTL_SECONDS`]).
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
    fn a_page_is_asked_for_and_a_digested_file_is_kept() {
        assert_eq!(cache_control(false), "public, max-age=0, s-maxage=60, must-revalidate");
        let kept = cache_control(true);
        assert_eq!(kept, "public, max-age=31536000, immutable");
    }
}
