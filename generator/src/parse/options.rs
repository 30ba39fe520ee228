//! The site's decisions about how its pages are read. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use serde::Serialize;

use super::component::ComponentShape;
use super::schema::Schema;
use crate::diagnostic::Severity;

/// Why pages are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// To publish them, or to check whether they can be published.
    #[default]
    Publishing,
    /// To preview them for their author.
    Writing,
}

impl Purpose {
    /// The severity of a missing part that visitors need: while previewing, the author can still add it.
    pub fn severity_of_missing(self) -> Severity {
        match self {
            Purpose::Publishing => Severity::Error,
            Purpose::Writing => Severity::Warning,
        }
    }
}

/// The site's decisions about how its pages are read.
#[derive(Clone, Copy)]
pub struct ParseOptions<'a> {
    /// The theme's components, by name.
    pub components: &'a BTreeMap<String, ComponentShape>,
    /// Whether HTML in Markdown is output as HTML; otherwise it is shown as text, with a warning.
    pub raw_html: bool,
    /// The time zone of dates without one.
    pub time_zone: &'a TimeZone,
    /// The names of the site's taxonomies, each a front matter key.
    pub taxonomies: &'a [String],
    /// Why the pages are read.
    pub purpose: Purpose,
    /// Whether straight quotes and double dashes become typographic ones.
    pub smart_punctuation: bool,
    /// The front matter schema of the page's section.
    pub schema: Option<&'a Schema>,
    /// The anchors reserved by the theme and forms.
    pub ids: &'a Ids,
    /// The accessible name of the list of footnotes, in the page's language.
    pub footnotes: &'a str,
    /// The accessible name of the link back from a footnote, in the page's language.
    pub footnote_return: &'a str,
}

/// The anchors (`id`) that themes and forms write, so that no page repeats one of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Ids {
    /// Anchors present on a page whatever its text.
    pub reserved: BTreeSet<String>,
    /// The endings each component appends to its argument `id`: empty, or text such as `-heading`.
    pub endings: BTreeMap<String, BTreeSet<String>>,
}
