//! What a site is assembled of. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Assembled, FormLink, Host};
use crate::attachment::Attachment;
use crate::config::Config;
use crate::digest::Digest;
use crate::images::ResponsiveImage;
use crate::parse::{PageMeta, Purpose};
use crate::source::git::History;
use crate::translations::Table;
use crate::url::BaseUrl;
use daisychain_functions::form::Form;

/// What is needed to assemble a site.
pub struct SiteInputs {
    /// `content/site.yaml`.
    pub config: Config,
    /// Every page's card, ordered by path, with the digest of its text and of how it was read.
    pub cards: Vec<(Arc<PageMeta>, Digest)>,
    /// The forms by name, from `content/forms/`.
    pub forms: BTreeMap<String, Form>,
    /// The links of their texts to pages and files of the site.
    pub form_links: Vec<FormLink>,
    /// The theme's files, as they are or made from others, by the name that templates call them.
    pub assets: BTreeMap<String, Asset>,
    /// The files of `content/` that are neither pages nor pictures, by their path below it.
    pub attachments: BTreeMap<String, Attachment>,
    /// The pictures by their path below `content/`.
    pub images: BTreeMap<String, ResponsiveImage>,
    /// What `content/data/` holds, by name.
    pub data: BTreeMap<String, Data>,
    /// The theme's words in each language.
    pub strings: Vec<Table>,
    /// When files were last committed, where the site asks for it.
    pub history: Option<History>,
    /// What the person asked for.
    pub options: Options,
    /// What of the sources could not be read; nothing unless the site is shown in spite of errors.
    pub unread: Unread,
}

/// What of a site's sources has errors. Only `daisy serve` shows a site that has any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unread {
    /// The pages, by their path below `content/`.
    pub pages: BTreeSet<String>,
    /// The forms, by name.
    pub forms: BTreeSet<String>,
    /// The files of `content/data/`, by name.
    pub data: BTreeSet<String>,
    /// The templates, by name.
    pub templates: BTreeSet<String>,
    /// Whether it is the whole theme, so that the built-in one stands in for it.
    pub theme: bool,
}

impl Unread {
    /// Whether a template is missing only because it has errors.
    pub fn has_template(&self, name: &str) -> bool {
        self.theme || self.templates.contains(name)
    }
}

impl Assembled {
    /// What it was assembled of, with the cards of its pages.
    pub(crate) fn materials(&self, cards: Vec<(Arc<PageMeta>, Digest)>) -> SiteInputs {
        // Its addresses are in its settings already.
        let options = Options { host: self.host, ..Options::default() };
        SiteInputs {
            config: self.config.clone(),
            cards,
            forms: self.forms.clone(),
            form_links: self.form_links.clone(),
            assets: self.assets.clone(),
            attachments: self.attachments.clone(),
            images: self.images.clone(),
            data: self.data.clone(),
            strings: self.strings.clone(),
            history: self.history.clone(),
            options,
            unread: self.unread.clone(),
        }
    }
}

/// What a person asks of a build, as far as pages show it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// In place of `base_url` in `site.yaml`.
    pub base_url: Option<String>,
    /// Show drafts, and pages whose day has not come or has passed.
    pub drafts: bool,
    /// Where the site will be served, if its host reads files that say how.
    pub host: Option<Host>,
    /// The origin that `daisy serve` shows the site at, in the folder that the site has on its own host.
    /// Forms are answered there too, whatever `forms_url` says.
    pub served_at: Option<String>,
}

impl Options {
    /// What its pages are read for.
    pub(crate) fn purpose(&self) -> Purpose {
        match self.served_at {
            Some(_) => Purpose::Writing,
            None => Purpose::Publishing,
        }
    }

    /// The settings of the site at the address that these options ask for.
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

/// A file of the theme, or one of the site's that is published without a link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asset {
    /// Its address from the site's root, such as `/styles/main.0123456789abcdef.css`.
    pub url: String,
    /// The path below the output folder at which it is published under its own name too, such as `app.js`; the one
    /// that names its digest is published where a page asks for it.
    pub plain: Option<String>,
    /// What `integrity` holds (Subresource Integrity, W3C), for styles and scripts.
    pub integrity: Option<String>,
    /// The digest of its bytes.
    pub digest: Digest,
}

impl Asset {
    /// Whether its address names its digest.
    pub fn is_fingerprinted(&self) -> bool {
        self.url.contains(&format!(".{}", self.digest.short()))
    }
}

/// A file of `content/data/`.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// What it says.
    pub value: crate::value::Value,
    /// The digest of its bytes and of its name.
    pub digest: Digest,
}
