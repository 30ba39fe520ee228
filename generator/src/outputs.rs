//! Generates output files from the site as a whole and from other files.

pub(crate) mod feed;
pub(crate) mod host;
pub(crate) mod redirect;
pub(crate) mod removed;
pub(crate) mod sitemap;
pub(crate) mod style;
pub(crate) mod webmanifest;
mod xml;

use crate::digest::Digest;
use crate::site::Site;

/// A file that lists pages of the site or redirects to one; made when it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteFile {
    /// A feed, by its index in [`Site::feeds`].
    Feed(usize),
    /// A redirecting page, by its index in [`Site::redirects`].
    Redirect(usize),
    /// A page that says that another was removed, by its index in [`Site::removed`].
    Removed(usize),
    /// `sitemap.xml`.
    Sitemap,
    /// A part of a sitemap that is too long for one file, from 0 on.
    SitemapPart(usize),
}

/// Returns the feeds, redirecting pages and sitemaps of a site, by path below the output folder.
pub(crate) fn site_files(site: &Site) -> Vec<(String, SiteFile)> {
    let feeds =
        site.feeds.iter().enumerate().map(|(index, feed)| {
            (feed.url.trim_start_matches('/').to_owned(), SiteFile::Feed(index))
        });
    let redirects = site.redirects.iter().enumerate();
    let redirects = redirects.map(|(index, each)| (each.file(), SiteFile::Redirect(index)));
    let removed = site.removed.iter().enumerate();
    let removed = removed.map(|(index, each)| (each.file(), SiteFile::Removed(index)));
    feeds.chain(redirects).chain(removed).chain(sitemap::files(site)).collect()
}

/// Returns the digest of everything that [`write()`] shows in a file.
pub(crate) fn digest(site: &Site, file: SiteFile) -> Digest {
    match file {
        SiteFile::Feed(index) => feed::digest(site, &site.feeds[index]),
        SiteFile::Redirect(index) => redirect::digest(site, &site.redirects[index]),
        SiteFile::Removed(index) => removed::digest(site, &site.removed[index]),
        SiteFile::Sitemap | SiteFile::SitemapPart(_) => sitemap::digest(site),
    }
}

/// Generates the text of a file.
pub(crate) fn write(site: &Site, file: SiteFile) -> String {
    match file {
        SiteFile::Feed(index) => feed::write(site, &site.feeds[index]),
        SiteFile::Redirect(index) => redirect::write(site, &site.redirects[index]),
        SiteFile::Removed(index) => removed::write(site, &site.removed[index]),
        SiteFile::Sitemap => sitemap::sitemap(site),
        SiteFile::SitemapPart(part) => sitemap::part(site, part),
    }
}

/// Returns the text of `robots.txt`, of the host's settings and of the web manifest, by path below
/// the output folder.
pub(crate) fn settings_files(site: &Site) -> Vec<(String, String)> {
    let robots = sitemap::robots(site).map(|text| ("robots.txt".to_owned(), text));
    robots.into_iter().chain(host::files(site)).chain(webmanifest::file(site)).collect()
}
