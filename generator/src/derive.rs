//! Makes files of other files, and of the site as a whole. Pure, but for the store of pictures.

pub mod feed;
pub mod host;
pub mod image;
pub mod manifest;
pub mod redirect;
pub mod sitemap;
pub mod style;
mod xml;

pub(crate) use xml::address;

use crate::site::Site;

/// The files that no page or template makes, by their path below the output folder: feeds, the
/// sitemap, `robots.txt`, pages that lead on from
/// former addresses, and what the host reads. What each of them says is all that it depends on.
pub fn files(site: &Site) -> Vec<(String, String)> {
    let path = |url: &str| url.trim_start_matches('/').to_owned();
    let feeds = site.feeds.iter().map(|feed| (path(&feed.url), feed::write(site, feed)));
    let robots = sitemap::robots(site).map(|text| ("robots.txt".to_owned(), text));
    let redirects = site.redirects.iter();
    let redirects = redirects.map(|redirect| (redirect.file(), redirect::write(site, redirect)));
    let of_host = host::files(site).into_iter().chain(manifest::file(site));
    feeds.chain(redirects).chain(sitemap::sitemaps(site)).chain(robots).chain(of_host).collect()
}
