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

pub mod back;
pub mod bucket;
pub mod carry;
pub mod examples;
pub mod links;
pub mod lock;
pub mod plan;
pub mod release;
pub mod stack;
#[cfg(test)]
mod trial;

/// How long a digested file stays after the last release that used it: old pages are open in browsers,
/// and kept by search engines.
pub const RESTS: i64 = 90 * 24 * 60 * 60;

/// How many releases can be returned to.
pub const REMEMBERED: usize = 10;

/// How long a page may be kept by CloudFront without asking. The end of every doubt about what is
/// cached there.
pub const AT_THE_EDGE: u64 = 60;

/// What `Cache-Control` says of a published file: what names its digest is kept for good; a browser
/// asks for everything else each time, and CloudFront once a minute ([`AT_THE_EDGE`]).
pub fn cache_control(path: &str) -> String {
    let said = crate::site::cache_control(path);
    if is_kept_for_good(path) {
        return said.to_owned();
    }
    format!("public, max-age=0, s-maxage={AT_THE_EDGE}, must-revalidate")
}

/// Whether a file's name tells its content.
pub fn is_kept_for_good(path: &str) -> bool {
    crate::site::cache_control(path).contains("immutable")
}

/// What `Content-Type` says of a published file.
pub fn content_type(path: &str) -> &'static str {
    let kind = path.rsplit_once('.').map_or("", |(_, kind)| kind);
    match kind.to_ascii_lowercase().as_str() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        // Feeds too: browsers show `application/atom+xml` to nobody.
        "xml" => "application/xml; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "ics" => "text/calendar; charset=utf-8",
        "svg" => "image/svg+xml",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "pdf" => "application/pdf",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "vtt" => "text/vtt; charset=utf-8",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "odt" => "application/vnd.oasis.opendocument.text",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_asked_for_and_a_digested_file_is_kept() {
        assert_eq!(
            cache_control("stories/index.html"),
            "public, max-age=0, s-maxage=60, must-revalidate"
        );
        let kept = cache_control("styles/main.0123456789abcdef.css");
        assert_eq!(kept, "public, max-age=31536000, immutable");
        assert_eq!(content_type("stories/index.html"), "text/html; charset=utf-8");
        assert_eq!(content_type("images/Plan.PDF"), "application/pdf");
    }
}
