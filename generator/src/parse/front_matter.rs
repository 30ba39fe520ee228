//! Turns the lines between the dashes into typed values, each with its place. Pure.

use std::collections::BTreeMap;

use daisychain_functions::yaml::Place;
use serde::{Deserialize, Serialize};

use super::date::Moment;
use crate::value::Value;

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands in its file.
    pub place: Place,
}

/// What stands between the dashes at the top of a page. A key that was not written is `None`,
/// empty or `false`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FrontMatter {
    /// The page's title.
    pub title: Option<Located<String>>,
    /// One or two sentences for lists, feeds and search engines.
    pub summary: Option<Located<String>>,
    /// When it was written.
    pub date: Option<Located<Moment>>,
    /// When it was last changed.
    pub updated: Option<Located<Moment>>,
    /// Who wrote it.
    pub author: Option<Located<String>>,
    /// Not to be published.
    pub draft: bool,
    /// Not to be published before.
    pub publish_on: Option<Located<Moment>>,
    /// Not to be published from here on.
    pub expires_on: Option<Located<Moment>>,
    /// The last part of its address, instead of its file's name: one part, without `/`.
    pub slug: Option<Located<String>>,
    /// Its whole address within the site, instead of its folder's.
    pub path: Option<Located<String>>,
    /// Addresses it had before.
    pub aliases: Vec<Located<String>>,
    /// The template it is shown with.
    pub template: Option<Located<String>>,
    /// Its rank where a section sorts by weight; the least comes first.
    pub weight: Option<Located<i64>>,
    /// Its picture.
    pub image: Option<Image>,
    /// The menus it is listed in, beyond those of `site.yaml`.
    pub menu: Vec<Located<String>>,
    /// Whether search finds it; `None` where nothing was said.
    pub search: Option<bool>,
    /// A translation that nobody has read yet.
    pub unreviewed: bool,
    /// The terms of each taxonomy that the site declares.
    pub taxonomies: BTreeMap<String, Vec<Located<String>>>,
    /// Whatever else a theme reads: a map, or nothing.
    pub extra: Value,
    /// What a section says about its pages; only in `_index.md`.
    pub section: SectionSettings,
}

/// A page's picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// Its file, relative to the page, as written.
    pub src: Located<String>,
    /// What it shows, in words; empty for a decoration.
    pub alt: String,
    /// Who made it.
    pub credit: Option<String>,
}

/// What a section says about its pages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SectionSettings {
    /// The order of its pages; `None` where nothing was said.
    pub sort_by: Option<SortBy>,
    /// The other way round.
    pub reverse: bool,
    /// How many pages a part of its list shows; `None` for all.
    pub paginate_by: Option<Located<u32>>,
    /// The template of its pages that name none.
    pub page_template: Option<Located<String>>,
    /// Whether it has a feed; `None` where nothing was said.
    pub feed: Option<bool>,
    /// The file that a new page of it starts from.
    pub archetype: Option<Located<String>>,
    /// Whether HTML in the markdown of its pages is HTML on the page.
    pub raw_html: bool,
}

/// An order of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SortBy {
    /// The newest first.
    Date,
    /// The last changed first.
    Updated,
    /// By the alphabet of the page's language.
    Title,
    /// The least first.
    Weight,
}
