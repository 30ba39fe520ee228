//! Generates output files from the site as a whole and from other files.

pub mod feed;
pub mod host;
pub mod redirect;
pub mod sitemap;
pub mod style;
pub mod webmanifest;
mod xml;

use std::collections::HashSet;

use rayon::prelude::*;

use crate::site::{Feed, PageId, Redirect, Site};

/// Returns the generated files that have no page or template, by path below the output folder:
/// feeds, the sitemap, `robots.txt`, redirecting pages and the host's configuration. Their text is
/// their only dependency.
pub fn files(site: &Site) -> Vec<(String, String)> {
    let (feeds, sitemaps) = rayon::join(
        || site.feeds.par_iter().map(|feed| feed_file(site, feed)).collect::<Vec<_>>(),
        || sitemap::sitemaps(site),
    );
    let robots = sitemap::robots(site).map(|text| ("robots.txt".to_owned(), text));
    let redirects = site.redirects.iter().map(|redirect| redirect_file(site, redirect));
    let of_host = host::files(site).into_iter().chain(webmanifest::file(site));
    feeds.into_iter().chain(redirects).chain(sitemaps).chain(robots).chain(of_host).collect()
}

/// Returns those of [`files`] that contain the text of `pages`.
pub fn showing(site: &Site, pages: &HashSet<PageId>) -> Vec<(String, String)> {
    let feeds = site.feeds.iter().filter(|feed| feed.pages.iter().any(|id| pages.contains(id)));
    let redirects = site.redirects.iter().filter(|redirect| pages.contains(&redirect.to));
    let feeds = feeds.map(|feed| feed_file(site, feed));
    feeds.chain(redirects.map(|redirect| redirect_file(site, redirect))).collect()
}

fn feed_file(site: &Site, feed: &Feed) -> (String, String) {
    (feed.url.trim_start_matches('/').to_owned(), feed::write(site, feed))
}

fn redirect_file(site: &Site, redirect: &Redirect) -> (String, String) {
    (redirect.file(), redirect::write(site, redirect))
}
