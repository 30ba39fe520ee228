//! Turns parts of a site into the values that templates see ([`tera::Value`]).
//!
//! Nothing here makes a query. What several outputs show is created once and stored in the site.

mod form;
mod image;
mod list;
mod page;
mod text;

use std::collections::BTreeMap;

use tera::Value;

use crate::parse::Moment;

pub(crate) use form::{form, unread_form};
pub(crate) use image::{image, shared_image};
pub(crate) use list::{list_page, part, taxonomy, term};
pub(crate) use page::{language, listing, menu_line, own, synthetic};
pub(crate) use text::text;

/// Creates a map of `entries`; fastest if they are sorted by name.
pub(crate) fn map<const N: usize>(entries: [(&'static str, Value); N]) -> Value {
    Value::from(BTreeMap::from(entries))
}

/// Formats a date as `2020-05-21` and a moment as `2020-05-21T10:00:00+01:00` (RFC 3339).
pub(crate) fn iso(moment: &Moment) -> String {
    let offset = jiff::tz::Offset::from_seconds(moment.offset).unwrap_or(jiff::tz::Offset::UTC);
    let Ok(time) = jiff::Timestamp::from_second(moment.seconds) else { return String::new() };
    let local = offset.to_datetime(time);
    if moment.timed {
        time.display_with_offset(offset).to_string()
    } else {
        local.date().to_string()
    }
}
