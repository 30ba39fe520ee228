//! The inputs that a site is assembled from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{FormLink, Host, Site};
use crate::attachment::Attachment;
use crate::config::Config;
use crate::digest::Digest;
use crate::images::ResponsiveImage;
use crate::parse::{PageMeta, Purpose};
use crate::source::git::History;
use crate::translations::Table;
use crate::url::BaseUrl;
use daisychain_functions::form::Form;

/// The inputs that a site is assembled from.
pub struct SiteInputs {
    /// `content/site.yaml`.
    pub config: Arc<Config>,
    /// The metadata of every page, ordered by path, with the digest of its text and of the options
    /// it was parsed with.
    pub metadata: Vec<(Arc<PageMeta>, Digest)>,
    /// The forms of `content/forms/`, by name.
    pub forms: Arc<BTreeMap<String, Form>>,
    /// The links in the forms' texts to pages and files of the site.
    pub form_links: Arc<Vec<FormLink>>,
    /// The theme's files, copied or generated, by the name that templates use.
    pub assets: Arc<BTreeMap<String, Asset>>,
    /// The files of `content/` that are neither pages nor images, by path below it.
    pub attachments: Arc<BTreeMap<String, Attachment>>,
    /// The images, by path below `content/`.
    pub images: Arc<BTreeMap<String, ResponsiveImage>>,
    /// The data files of `content/data/`, by name.
    pub data: Arc<BTreeMap<String, Data>>,
    /// The theme's strings in each language.
    pub strings: Arc<Vec<Table>>,
    /// The last commit times of files, if the site uses them.
    pub history: Option<Arc<History>>,
    /// The options of the build.
    pub options: Options,
    /// The sources that could not be read; empty unless the site is shown despite errors.
    pub unread: Arc<Unread>,
}

/// The sources of a site that have errors. Only `daisy serve` shows such a site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unread {
    /// The pages, by path below `content/`.
    pub pages: BTreeSet<String>,
    /// The forms, by name.
    pub forms: BTreeSet<String>,
    /// The data files of `content/data/`, by name.
    pub data: BTreeSet<String>,
    /// The templates, by name.
    pub templates: BTreeSet<String>,
    /// Whether the whole theme is unusable and replaced by the built-in one.
    pub theme: bool,
}

impl Unread {
    /// Whether a template is missing only because it has errors.
    pub fn has_template(&self, name: &str) -> bool {
        self.theme || self.templates.contains(name)
    }
}

impl Site {
    /// Returns the inputs that the site was assembled from, with this page metadata.
    pub(crate) fn inputs(&self, metadata: Vec<(Arc<PageMeta>, Digest)>) -> SiteInputs {
        SiteInputs {
            config: Arc::clone(&self.config),
            metadata,
            forms: Arc::clone(&self.forms),
            form_links: Arc::clone(&self.form_links),
            assets: Arc::clone(&self.assets),
            attachments: Arc::clone(&self.attachments),
            images: Arc::clone(&self.images),
            data: Arc::clone(&self.data),
            strings: Arc::clone(&self.strings),
            history: self.history.clone(),
            // The settings already contain the URLs.
            options: Options { host: self.host, ..Options::default() },
            unread: Arc::clone(&self.unread),
        }
    }
}

/// The options of a build that affect pages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// Overrides `base_url` in `site.yaml`.
    pub base_url: Option<String>,
    /// Includes drafts, expired pages, and pages whose publish date has not passed.
    pub drafts: bool,
    /// The host the site is built for, if it reads configuration files.
    pub host: Option<Host>,
    /// The origin at which `daisy serve` shows the site, under the same base path as on its host.
    /// It also handles the forms, whatever `forms_url` says.
    pub served_at: Option<String>,
}

impl Options {
    /// The purpose for which pages are parsed.
    pub(crate) fn purpose(&self) -> Purpose {
        match self.served_at {
            Some(_) => Purpose::Writing,
            None => Purpose::Publishing,
        }
    }

    /// Returns the settings with the URLs that these options ask for.
    pub fn place(&self, config: Config) -> Config {
        let address = match &self.served_at {
            Some(origin) => Some(format!("{origin}{}", BaseUrl::new(&config.base_url).folder())),
            None => self.base_url.clone(),
        };
        match address {
            Some(address) => config.with_base_url(address),
            None => config,
        }
    }
}

/// A file of the theme, or a file of the site that is published even if nothing links to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Asset {
    /// Its URL path, such as `/styles/main.0123456789abcdef.css`.
    pub url: String,
    /// The path below the output folder of a second copy under its own name, such as `app.js`. The
    /// fingerprinted copy is published only if a page uses it.
    pub plain: Option<String>,
    /// The value of `integrity` (Subresource Integrity, W3C) for styles and scripts.
    pub integrity: Option<String>,
    /// The digest of its bytes.
    pub digest: Digest,
}

impl Asset {
    /// Whether its URL contains its digest.
    pub fn is_fingerprinted(&self) -> bool {
        self.url.contains(&format!(".{}", self.digest.short()))
    }
}

/// A data file of `content/data/`.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// Its content.
    pub value: crate::value::Value,
    /// The digest of its bytes and of its name.
    pub digest: Digest,
}
