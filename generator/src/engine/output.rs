//! Describes the files of the output folder and what each is made from.

use std::sync::Arc;

use crate::digest::Digest;
use crate::images::ImageVariant;
use crate::outputs::SiteFile;
use crate::site::{ListPage, PageId, Site};

/// A file of the output folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its path below the output folder, such as `stories/rose/index.html`.
    pub path: String,
    /// What it is made from.
    pub source: OutputSource,
}

/// What an output is made from.
#[derive(Clone, Debug, PartialEq)]
pub enum OutputSource {
    /// A page, rendered by its template.
    Page(PageId),
    /// A generated page: of a list, a taxonomy or a term.
    List(ListPage),
    /// The 404 page, rendered by its own template.
    NotFound,
    /// A feed, redirect or sitemap, generated on demand.
    Site(SiteFile),
    /// A file copied unchanged, by path below the root.
    Copy(String, Digest),
    /// A file generated from others or from the whole site, or a file of the built-in theme.
    Bytes(Arc<Vec<u8>>, Digest),
    /// An image at one width, encoded on demand.
    Image(Box<ImageVariant>),
}

impl OutputSource {
    /// The page whose text it shows.
    pub fn page(&self) -> Option<PageId> {
        match self {
            OutputSource::Page(page) | OutputSource::List(ListPage::Part { page, .. }) => {
                Some(*page)
            }
            _ => None,
        }
    }

    /// Whether a template renders it.
    pub fn is_rendered(&self) -> bool {
        matches!(self, OutputSource::Page(_) | OutputSource::List(_) | OutputSource::NotFound)
    }
}

impl Output {
    /// Creates the output of an image variant.
    pub(crate) fn image(variant: &ImageVariant) -> Output {
        Output {
            path: variant.path.clone(),
            source: OutputSource::Image(Box::new(variant.clone())),
        }
    }

    /// Creates the output of a file at `path` below `content/`.
    pub(crate) fn attachment(path: &str, digest: Digest) -> Output {
        Output {
            path: path.to_owned(),
            source: OutputSource::Copy(format!("content/{path}"), digest),
        }
    }
}

/// Returns the outputs made from the site itself: its pages and lists, feeds, redirects, sitemaps
/// and settings for hosts.
pub(super) fn of_site(site: &Site, has_not_found: bool) -> Vec<Output> {
    let index = |url: &str| format!("{}index.html", url.trim_start_matches('/'));
    let mut outputs = Vec::with_capacity(site.count());
    if has_not_found {
        outputs.push(Output { path: "404.html".to_owned(), source: OutputSource::NotFound });
    }
    let pages = site.iter();
    outputs.extend(
        pages.map(|(id, page)| Output { path: index(&page.url), source: OutputSource::Page(id) }),
    );
    let lists = site.list_pages().into_iter();
    outputs.extend(
        lists.map(|(url, page)| Output { path: index(&url), source: OutputSource::List(page) }),
    );
    let files = crate::outputs::site_files(site).into_iter();
    outputs.extend(files.map(|(path, file)| Output { path, source: OutputSource::Site(file) }));
    let settings = crate::outputs::settings_files(site).into_iter();
    outputs.extend(settings.map(|(path, text)| {
        let digest = Digest::xxh3(&text);
        Output { path, source: OutputSource::Bytes(Arc::new(text.into_bytes()), digest) }
    }));
    outputs
}
